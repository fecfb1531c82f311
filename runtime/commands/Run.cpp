//===- Run.cpp - Continue a prompt ----------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"
#include "runtime/commands/Generation.h"
#include "runtime/commands/Prompt.h"
#include "runtime/support/Clock.h"

#include <sys/random.h>

namespace setun::runtime {

namespace {
struct Settings {
  std::string prompt, file, profileFile;
  std::optional<std::string> ids;
  int64_t seed = -1;
  bool hidePrompt = false, verbose = false;
  SessionSettings session;
  GenerationSettings generation;
};
} // namespace

static std::vector<Option> describe(Settings &s) {
  constexpr double kMax = 1e9;
  std::vector<Option> options = textOptions(s.prompt, s.file);
  std::vector<Option> own = {
      {0, "ids", "1,2,3", &s.ids, "the prompt as token ids"},
      {'n', "predict", "N", Integer{&s.generation.predict, -1, INT32_MAX},
       "tokens to generate; -1: until the model stops"},
      {0, "n-predict", "N", Integer{&s.generation.predict, -1, INT32_MAX},
       nullptr},
      {0, "temp", "X", Real{&s.generation.sampler.temperature, 0, kMax},
       "temperature; 0: always the likeliest token"},
      {0, "temperature", "X", Real{&s.generation.sampler.temperature, 0, kMax},
       nullptr},
      {0, "top-k", "N", Integer{&s.generation.sampler.topK, -1, INT32_MAX},
       "keep the N likeliest tokens; 0: all"},
      {0, "top-p", "X", Real{&s.generation.sampler.topP, 0, 1},
       "keep the likeliest that make up X together; 1: all"},
      {0, "min-p", "X", Real{&s.generation.sampler.minP, 0, 1},
       "keep those at least X times as likely as the first; 0: all"},
      {0, "repeat-penalty", "X",
       Real{&s.generation.sampler.repeatPenalty, 1e-9, kMax},
       "make recent tokens less likely; 1: do not"},
      {0, "repeat-last-n", "N",
       Integer{&s.generation.sampler.repeatLast, -1, INT32_MAX},
       "how many tokens are recent; -1: all"},
      {'s', "seed", "N", Integer{&s.seed, -1, UINT32_MAX},
       "of the random choice; -1: another one each time"},
      {0, "lookup", nullptr, &s.generation.lookup,
       "guess tokens from what was said before and verify several a step"},
      {0, "draft-max", "N", Integer{&s.generation.draftMost, 0, UINT32_MAX},
       "guesses a step at most; 0: as many as are cheap"},
      {0, "draft-min", "N", Integer{&s.generation.draftLeast, 0, UINT32_MAX},
       "guesses a step verifies at least, whether it pays or not"},
      {0, "ignore-eos", nullptr, &s.generation.ignoreEos,
       "go on after a stop token"},
      {0, "no-display-prompt", nullptr, &s.hidePrompt,
       "print the new text only"},
      {0, "output-ids", nullptr, &s.generation.outputIds,
       "print the generated token ids, not their text"},
      {0, "dump-logits", "FILE", &s.generation.logitsFile,
       "write the logits behind each generated token, fp32"},
      {0, "profile", "FILE", &s.profileFile,
       "write what each worker did when, as a Chrome trace"},
      {'v', "verbose", nullptr, &s.verbose,
       "print seed, times and zeros on stderr"},
  };
  options.insert(options.end(), own.begin(), own.end());
  std::vector<Option> shared = sessionOptions(s.session);
  options.insert(options.end(), shared.begin(), shared.end());
  return options;
}

/// The tokens to start from, and the text of them that is worth echoing.
static Failure readPrompt(const abi::Model &model, const Settings &settings,
                          const std::optional<Tokenizer> &tokenizer,
                          std::vector<int32_t> &tokens, std::string &text) {
  Failure failure = readText(settings.prompt, settings.file, text);
  if (!failure.empty())
    return failure;
  if (settings.ids && !text.empty())
    return "give the prompt as text or with --ids, not both";
  if (settings.ids)
    return parseIds(model, *settings.ids, tokens);
  if (!tokenizer)
    return {};
  // Editors end a file with a newline that belongs to no prompt.
  if (!settings.file.empty() && text.ends_with('\n'))
    text.pop_back();
  tokens = tokenizer->encode(text);
  return {};
}

static Failure checkPrompt(std::span<const int32_t> tokens,
                           const Session &session) {
  if (tokens.empty())
    return "the prompt is empty, and this model has no token to begin with; "
           "give one with -p, -f or --ids";
  if (tokens.size() > session.capacity())
    return format("the prompt has %zu tokens, but the context holds %llu; "
                  "shorten it or give a larger -c (%s allows %u)",
                  tokens.size(), (unsigned long long)session.capacity(),
                  session.model().name, session.model().contextLength);
  return {};
}

static uint64_t chooseSeed(const Settings &settings) {
  uint32_t seed = static_cast<uint32_t>(settings.seed);
  if (settings.seed < 0 && getrandom(&seed, sizeof seed, 0) != sizeof seed)
    seed = static_cast<uint32_t>(nanoseconds());
  return seed;
}

int runCommand(const abi::Model &model, int argc, char **argv) {
  Settings settings;
  const abi::Level *level = chooseLevel(model);
  if (auto code = readOptions(model, describe(settings), level, argc, argv))
    return *code;
  Failure failure;
  std::optional<Tokenizer> tokenizer = findTokenizer(model, failure);
  bool rawOnly = settings.ids && settings.generation.outputIds;
  if (!tokenizer && !rawOnly)
    return fail(failure);
  std::vector<int32_t> prompt;
  std::string text;
  failure = readPrompt(model, settings, tokenizer, prompt, text);
  if (!failure.empty())
    return fail(failure);
  Profile profile;
  auto session = Session::create(model, *level, settings.session, failure);
  if (session)
    failure = checkPrompt(prompt, *session);
  if (!failure.empty())
    return fail(failure);

  Printer printer(settings.generation.outputIds, tokenizer);
  printer.skip(prompt);
  if (!settings.hidePrompt && !settings.generation.outputIds)
    printer.show(text);
  failure = profile.open(settings.profileFile);
  if (profile.wanted())
    session->watch(&profile);
  uint64_t seed = chooseSeed(settings);
  Generation generation(*session, settings.generation, seed, printer);
  if (failure.empty())
    failure = generation.run(prompt);
  if (failure.empty())
    failure = profile.finish();
  if (settings.verbose) {
    fprintf(stderr, "seed        %6llu\nthreads     %6u\n",
            (unsigned long long)seed, session->workers().size());
    generation.printTimes();
    fputs(profile.table().c_str(), stderr);
  }
  return failure.empty() ? 0 : fail(failure);
}

} // namespace setun::runtime
