//===- Generation.h - Evaluate, choose, show --------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_GENERATION_H
#define SETUN_RUNTIME_COMMANDS_GENERATION_H

#include "runtime/commands/Printer.h"
#include "runtime/options/Options.h"
#include "runtime/sampler/Lookup.h"
#include "runtime/sampler/Sampler.h"
#include "runtime/session/Session.h"
#include "runtime/support/OutputFile.h"

#include <signal.h>

namespace setun::runtime {

struct GenerationSettings {
  int64_t predict = -1;   ///< tokens; -1: until the model stops
  int64_t draftMost = 0;  ///< tokens a step verifies; 0: as many as are cheap
  int64_t draftLeast = 0; ///< … even if that does not pay
  int64_t seed = -1;      ///< -1: another one each time
  int64_t keep = 0;       ///< tokens that a shift keeps at the beginning
  bool shift = false;     ///< what to do when the context is full
  bool ignoreEos = false, outputIds = false, lookup = false;
  std::string logitsFile;
  std::vector<std::string> stopStrings;
  std::vector<int32_t> stopTokens; ///< beside the model's own
  const volatile sig_atomic_t *interrupted = nullptr; ///< ends it when set
  std::vector<std::string> biases;                    ///< as given: "15043-1.5"
  SamplerSettings sampler;

  /// Reads the biases and settles the seed.
  Failure complete(const abi::Model &model);
};

/// The options of commands that generate.
std::vector<Option> generationOptions(GenerationSettings &settings);

/// The tokens behind a prompt. With `lookup`, a step verifies some guesses
/// together with the token it needs anyway; the tokens are the same.
class Generation {
public:
  Generation(Session &session, const GenerationSettings &settings,
             Printer &printer);

  /// Evaluates the prompt, which begins with what the session holds, and
  /// chooses the first token.
  Failure start(std::span<const int32_t> prompt);
  /// … and the others.
  Failure finish();

  /// The tokens in the session.
  std::span<const int32_t> evaluated() const {
    return std::span(sequence).first(session.length());
  }

  /// What went through the model and how long it took, on stderr.
  void printTimes() const;

private:
  struct Timing {
    uint64_t tokens = 0, nanoseconds = 0;

    void print(const char *what) const;
  };

  Failure step(std::span<const int32_t> tokens, size_t firstRow);
  bool evaluate(std::span<const int32_t> tokens, size_t firstRow);
  int32_t chooseFrom(size_t row);
  int32_t choose(size_t row);
  void accept(int32_t token);
  void guess();
  void shift();
  bool isStop(int32_t token) const;
  bool finished() const {
    return stopped || made == settings.predict ||
           (settings.interrupted && *settings.interrupted);
  }

  Session &session;
  const GenerationSettings &settings;
  Sampler sampler;
  Printer &printer;
  OutputFile dump;
  bool screening = false;        ///< where the logits of the last step are
  const float *logits = nullptr; ///< unless screening
  Failure failure;
  Lookup lookup;
  DraftLength draftLength;
  std::vector<int32_t> next; ///< to evaluate: one token and guesses behind it
  std::vector<double> odds;  ///< of the guesses
  std::vector<int32_t> sequence; ///< what is in the session, and next.front()
  size_t kept = 0;               ///< tokens that a shift keeps
  int64_t made = 0;
  bool stopped = false;
  Timing prefill, decode, shifts;
  uint64_t guessed = 0, guessedRight = 0;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_GENERATION_H
