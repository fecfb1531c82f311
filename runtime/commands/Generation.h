//===- Generation.h - Evaluate, choose, show --------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_GENERATION_H
#define SETUN_RUNTIME_COMMANDS_GENERATION_H

#include "runtime/commands/Printer.h"
#include "runtime/sampler/Lookup.h"
#include "runtime/sampler/Sampler.h"
#include "runtime/session/Session.h"
#include "runtime/support/OutputFile.h"

namespace setun::runtime {

struct GenerationSettings {
  int64_t predict = -1;   ///< tokens; -1: until the model stops
  int64_t draftMost = 0;  ///< tokens a step verifies; 0: as many as are cheap
  int64_t draftLeast = 0; ///< … even if that does not pay
  bool ignoreEos = false, outputIds = false, lookup = false;
  std::string logitsFile;
  SamplerSettings sampler;
};

/// The tokens behind a prompt. With `lookup`, a step verifies some guesses
/// together with the token it needs anyway; the tokens are the same.
class Generation {
public:
  Generation(Session &session, const GenerationSettings &settings,
             uint64_t seed, Printer &printer);

  Failure run(std::span<const int32_t> prompt);

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
  bool finished() const { return stopped || made == settings.predict; }

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
  int64_t made = 0;
  bool stopped = false;
  Timing prefill, decode;
  uint64_t guessed = 0, guessedRight = 0;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_GENERATION_H
