//===- Run.cpp - Continue a prompt ----------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"
#include "runtime/commands/Generation.h"
#include "runtime/commands/Prompt.h"
#include "runtime/session/PromptCache.h"

namespace setun::runtime {

namespace {
struct Settings {
  std::string prompt, file, profileFile, cacheFile;
  std::optional<std::string> ids;
  bool hidePrompt = false, verbose = false, verbosePrompt = false;
  bool cachesAll = false, keepsCache = false;
  SessionSettings session;
  GenerationSettings generation;
};
} // namespace

static std::vector<Option> describe(Settings &s) {
  std::vector<Option> options = textOptions(s.prompt, s.file);
  std::vector<Option> own = {
      {0, "ids", "1,2,3", &s.ids, "the prompt as token ids"},
      {0, "ignore-eos", nullptr, &s.generation.ignoreEos,
       "go on after a stop token"},
      {0, "no-display-prompt", nullptr, &s.hidePrompt,
       "print the new text only"},
      {0, "verbose-prompt", nullptr, &s.verbosePrompt,
       "print the prompt and its tokens on stderr"},
      {0, "output-ids", nullptr, &s.generation.outputIds,
       "print the generated token ids, not their text"},
      {0, "prompt-cache", "FILE", &s.cacheFile,
       "take what it holds of the prompt, evaluate the rest, and keep that"},
      {0, "prompt-cache-all", nullptr, &s.cachesAll,
       "keep what was generated, too"},
      {0, "prompt-cache-ro", nullptr, &s.keepsCache, "do not write that file"},
      {0, "dump-logits", "FILE", &s.generation.logitsFile,
       "write the logits behind each generated token, fp32"},
      {0, "profile", "FILE", &s.profileFile,
       "write what each worker did when, as a Chrome trace"},
      {'v', "verbose", nullptr, &s.verbose,
       "print seed, times and zeros on stderr"},
  };
  for (const std::vector<Option> &more :
       {own, generationOptions(s.generation), sessionOptions(s.session)})
    options.insert(options.end(), more.begin(), more.end());
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

static Failure generate(const Settings &settings,
                        std::span<const int32_t> prompt, Session &session,
                        Generation &generation) {
  PromptCache cache(settings.cacheFile);
  Failure failure = cache.load(prompt, session);
  if (failure.empty())
    failure = generation.start(prompt);
  if (failure.empty() && !settings.keepsCache)
    failure = cache.save(prompt, session);
  if (failure.empty())
    failure = generation.finish();
  if (failure.empty() && !settings.keepsCache && settings.cachesAll)
    failure = cache.save(generation.evaluated(), session);
  return failure;
}

int runCommand(const abi::Model &model, int argc, char **argv) {
  Settings settings;
  const abi::Level *level = chooseLevel(model);
  if (auto code = readOptions(model, describe(settings), level, argc, argv))
    return *code;
  Failure failure = settings.generation.complete(model);
  if (!failure.empty())
    return failUsage(failure, argv[0]);
  std::optional<Tokenizer> tokenizer = findTokenizer(model, failure);
  bool rawOnly = settings.ids && settings.generation.outputIds &&
                 settings.generation.stopStrings.empty();
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

  Printer printer(settings.generation.outputIds, tokenizer,
                  settings.generation.stopStrings);
  printer.skip(prompt);
  if (settings.verbosePrompt && tokenizer)
    printPrompt(*tokenizer, text, prompt);
  if (!settings.hidePrompt && !settings.generation.outputIds)
    printer.show(text);
  failure = profile.open(settings.profileFile);
  if (profile.wanted())
    session->watch(&profile);
  Generation generation(*session, settings.generation, printer);
  if (failure.empty())
    failure = generate(settings, prompt, *session, generation);
  if (failure.empty())
    failure = profile.finish();
  if (settings.verbose) {
    fprintf(stderr, "seed        %6llu\nthreads     %6u\n",
            (unsigned long long)settings.generation.seed,
            session->workers().size());
    generation.printTimes();
    fputs(profile.table().c_str(), stderr);
  }
  return failure.empty() ? 0 : fail(failure);
}

} // namespace setun::runtime
