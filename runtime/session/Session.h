//===- Session.h - A conversation with the model ----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SESSION_SESSION_H
#define SETUN_RUNTIME_SESSION_SESSION_H

#include "runtime/abi/Model.h"
#include "runtime/profile/Profile.h"
#include "runtime/session/Memory.h"
#include "runtime/session/Screen.h"
#include "runtime/session/Zeros.h"
#include "runtime/threads/WorkerPool.h"

#include <span>

namespace setun::runtime {

/// The command-line options that every command with a session has; 0 means
/// "choose for me".
struct SessionSettings {
  int64_t threads = 0;   ///< the CPUs of the affinity mask
  int64_t context = 0;   ///< what the model allows and memory can hold
  int64_t batchRows = 0; ///< as many tokens a step as the kernels take
  bool readsAll = false; ///< weights, whatever is zero
};

/// The cache of one token sequence and all that a step needs.
class Session {
public:
  /// Null, with the reason, when a setting is out of range or memory is short.
  static std::unique_ptr<Session> create(const abi::Model &model,
                                         const abi::Level &level,
                                         const SessionSettings &settings,
                                         Failure &failure);

  /// Appends tokens (each in [0, vocabSize), at most `room()`) to the sequence
  /// and returns logits[tokens.size() - firstLogit][vocabSize] of those from
  /// index firstLogit on, valid until the next call. How the tokens are cut
  /// into calls and steps does not change a bit of them. Null when memory for
  /// the logits is short.
  const float *evaluate(std::span<const int32_t> tokens, size_t firstLogit);

  /// Logits of the last token only.
  const float *evaluate(std::span<const int32_t> tokens) {
    return evaluate(tokens, tokens.size() - 1);
  }

  /// Whether few logits are cheaper than all.
  bool screens() const { return level.head; }

  /// As `evaluate`, but bounds logits instead of computing all; only where
  /// `screens()`. False when memory is short.
  bool screen(std::span<const int32_t> tokens, size_t firstLogit);
  /// Row i of those from firstLogit on, valid until the next call.
  Logits &screened(size_t i) { return (*screener)[i]; }

  /// As `evaluate`, but gives the rows that the head would read,
  /// rows[tokens.size()][hiddenSize].
  void readRows(std::span<const int32_t> tokens, float *rows);

  /// Rows of the head that `screened` has computed, and their bytes.
  uint64_t computedBytes() const {
    return screener ? screener->computedRows() * level.head->rowBytes : 0;
  }

  /// What steps found of the inputs of weights that they may read in part,
  /// since the session began or `forgetZeros`.
  std::vector<Zeros> zeros() const { return tallies.list(); }
  void forgetZeros() { tallies.forget(); }

  /// Forgets the sequence from a position on.
  void rewind(uint64_t newLength) { position = newLength; }
  void restart() { rewind(0); }

  /// What the cache holds of the first `tokens` positions, in whole chunks;
  /// valid as long as the session. For PromptCache, which writes to it and then
  /// resumes.
  std::span<uint8_t> cachedBytes(uint64_t tokens) const;
  /// The cache holds so many positions.
  void resume(uint64_t length) { position = length; }

  /// From now on the profile, which outlives the session, notes what workers
  /// do; null: nobody does.
  void watch(Profile *watcher) { profile = watcher; }

  uint64_t length() const { return position; }
  uint64_t capacity() const { return positions; }
  uint64_t room() const { return positions - position; }
  uint64_t batchRows() const { return maxRows; }
  /// Tokens of the smallest step that takes several; 1 if there is none.
  uint64_t smallRows() const;
  WorkerPool &workers() { return *pool; }
  const abi::Model &model() const { return target; }

private:
  Session(const abi::Model &model, const abi::Level &level)
      : target(model), level(level) {}
  Failure allocate();
  /// UINT64_MAX: too many.
  uint64_t chunkedBytes(uint64_t tokens) const;
  template <typename Taker>
  void runSteps(std::span<const int32_t> tokens, size_t firstLogit,
                const Taker &take);
  void runStep(const abi::BatchClass &batch, std::span<const int32_t> tokens,
               uint64_t firstLogit, float *logits);

  const abi::Model &target;
  const abi::Level &level;
  std::unique_ptr<WorkerPool> pool;
  Profile *profile = nullptr;
  Memory cache, arena, scratch, claims, rope, logits;
  Tallies tallies;
  std::unique_ptr<Screen> screener;
  uint64_t logitRows = 0;
  uint64_t positions = 0; ///< that the cache holds
  uint64_t position = 0;  ///< of the next token
  uint64_t maxRows = 0;   ///< of a step
  bool skips = true;      ///< what zeros make needless
};

/// The level's class for a step of up to `rows` tokens: the smallest that takes
/// them all, else the largest.
const abi::BatchClass &classFor(const abi::Level &level, uint64_t rows);
/// How many of `wanted` tokens the next step takes: what would not fill those
/// computed together is left to a class that computes no more than it is given.
uint64_t cutStep(const abi::Level &level, uint64_t wanted);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SESSION_SESSION_H
