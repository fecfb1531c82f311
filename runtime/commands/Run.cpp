//===- Run.cpp - Continue a prompt ----------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"
#include "runtime/commands/Prompt.h"
#include "runtime/sampler/Sampler.h"
#include "runtime/support/Clock.h"
#include "runtime/support/OutputFile.h"

#include <algorithm>
#include <sys/random.h>

namespace setun::runtime {

namespace {
struct Settings {
  std::string prompt, file, logitsFile, profileFile;
  std::optional<std::string> ids;
  int64_t predict = -1, seed = -1;
  bool ignoreEos = false, outputIds = false, hidePrompt = false;
  bool verbose = false;
  SessionSettings session;
  SamplerSettings sampler;
};

/// What went through the model and how long it took.
struct Timing {
  uint64_t tokens = 0, nanoseconds = 0;

  void print(const char *what) const {
    fprintf(stderr, "%-10s  %6llu tokens  %10.2f ms  %10.2f tokens/s\n", what,
            (unsigned long long)tokens, nanoseconds / 1e6,
            nanoseconds ? tokens * 1e9 / nanoseconds : 0.0);
  }
};

/// Shows tokens as text or as ids the moment they exist.
class Printer {
public:
  Printer(bool asIds, std::optional<Tokenizer> tokenizer) : asIds(asIds) {
    if (!asIds)
      decoder.emplace(*tokenizer);
  }

  /// Tokens that stand before the generated ones and are not shown.
  void skip(std::span<const int32_t> tokens) {
    for (int32_t token : tokens)
      if (decoder)
        decoder->add(token);
  }

  void add(int32_t token) {
    if (asIds)
      show(format(first ? "%d" : ",%d", token));
    else
      show(decoder->add(token));
    first = false;
  }

  Failure finish() {
    show((asIds ? "" : decoder->finish()) + "\n");
    if (ferror(stdout))
      return "cannot write the output";
    return {};
  }

  void show(const std::string &text) {
    fwrite(text.data(), 1, text.size(), stdout);
    fflush(stdout);
  }

private:
  bool asIds, first = true;
  std::optional<StreamDecoder> decoder;
};
} // namespace

static std::vector<Option> describe(Settings &s) {
  constexpr double kMax = 1e9;
  std::vector<Option> options = textOptions(s.prompt, s.file);
  std::vector<Option> own = {
      {0, "ids", "1,2,3", &s.ids, "the prompt as token ids"},
      {'n', "predict", "N", Integer{&s.predict, -1, INT32_MAX},
       "tokens to generate; -1: until the model stops"},
      {0, "n-predict", "N", Integer{&s.predict, -1, INT32_MAX}, nullptr},
      {0, "temp", "X", Real{&s.sampler.temperature, 0, kMax},
       "temperature; 0: always the likeliest token"},
      {0, "temperature", "X", Real{&s.sampler.temperature, 0, kMax}, nullptr},
      {0, "top-k", "N", Integer{&s.sampler.topK, -1, INT32_MAX},
       "keep the N likeliest tokens; 0: all"},
      {0, "top-p", "X", Real{&s.sampler.topP, 0, 1},
       "keep the likeliest that make up X together; 1: all"},
      {0, "min-p", "X", Real{&s.sampler.minP, 0, 1},
       "keep those at least X times as likely as the first; 0: all"},
      {0, "repeat-penalty", "X", Real{&s.sampler.repeatPenalty, 1e-9, kMax},
       "make recent tokens less likely; 1: do not"},
      {0, "repeat-last-n", "N", Integer{&s.sampler.repeatLast, -1, INT32_MAX},
       "how many tokens are recent; -1: all"},
      {'s', "seed", "N", Integer{&s.seed, -1, UINT32_MAX},
       "of the random choice; -1: another one each time"},
      {0, "ignore-eos", nullptr, &s.ignoreEos, "go on after a stop token"},
      {0, "no-display-prompt", nullptr, &s.hidePrompt,
       "print the new text only"},
      {0, "output-ids", nullptr, &s.outputIds,
       "print the generated token ids, not their text"},
      {0, "dump-logits", "FILE", &s.logitsFile,
       "write the logits behind each generated token, fp32"},
      {0, "profile", "FILE", &s.profileFile,
       "write what each worker did when, as a Chrome trace"},
      {'v', "verbose", nullptr, &s.verbose, "print seed and times on stderr"},
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

static bool isStop(const abi::Model &model, int32_t token) {
  const int32_t *end = model.stopTokens + model.numStopTokens;
  return std::find(model.stopTokens, end, token) != end;
}

/// The loop: evaluate, choose, show.
static Failure generate(Session &session, std::span<const int32_t> prompt,
                        const Settings &settings, Printer &printer) {
  const abi::Model &model = session.model();
  uint64_t seed = chooseSeed(settings);
  Sampler sampler(settings.sampler, seed);
  for (int32_t token : prompt)
    sampler.accept(token);
  OutputFile dump;
  Failure failure = dump.open(settings.logitsFile);

  Timing prefill, decode;
  int32_t token = 0;
  std::span<const int32_t> next = prompt;
  int64_t made = 0;
  for (; failure.empty() && made != settings.predict; ++made) {
    if (session.room() < next.size()) {
      fprintf(stderr, "note: the context of %llu tokens is full\n",
              (unsigned long long)session.capacity());
      break;
    }
    uint64_t begin = nanoseconds();
    const float *logits = session.evaluate(next);
    if (!logits)
      return "no memory for the logits";
    Timing &timing = made ? decode : prefill;
    timing.tokens += next.size();
    std::span row(logits, model.vocabSize);
    failure = dump.write(row);
    token = sampler.choose(row);
    timing.nanoseconds += nanoseconds() - begin;
    sampler.accept(token);
    bool stop = isStop(model, token) && !settings.ignoreEos;
    if (!stop || settings.outputIds)
      printer.add(token);
    if (stop)
      break;
    next = std::span(&token, 1);
  }
  if (failure.empty())
    failure = printer.finish();
  if (failure.empty())
    failure = dump.finish();
  if (settings.verbose) {
    fprintf(stderr, "seed        %6llu\nthreads     %6u\n",
            (unsigned long long)seed, session.workers().size());
    prefill.print("prompt");
    decode.print("generation");
  }
  return failure;
}

int runCommand(const abi::Model &model, int argc, char **argv) {
  Settings settings;
  const abi::Level *level = chooseLevel(model);
  if (auto code = readOptions(model, describe(settings), level, argc, argv))
    return *code;
  Failure failure;
  std::optional<Tokenizer> tokenizer = findTokenizer(model, failure);
  bool rawOnly = settings.ids && settings.outputIds;
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

  Printer printer(settings.outputIds, tokenizer);
  printer.skip(prompt);
  if (!settings.hidePrompt && !settings.outputIds)
    printer.show(text);
  failure = profile.open(settings.profileFile);
  if (profile.wanted())
    session->watch(&profile);
  if (failure.empty())
    failure = generate(*session, prompt, settings, printer);
  if (failure.empty())
    failure = profile.finish();
  if (settings.verbose)
    fputs(profile.table().c_str(), stderr);
  return failure.empty() ? 0 : fail(failure);
}

} // namespace setun::runtime
