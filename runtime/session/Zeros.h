//===- Zeros.h - How many inputs were zero, and what that saved -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SESSION_ZEROS_H
#define SETUN_RUNTIME_SESSION_ZEROS_H

#include "runtime/abi/Model.h"
#include "runtime/session/Memory.h"

#include <vector>

namespace setun::runtime {

/// Of the inputs of one weight, all steps together.
struct Zeros {
  const char *weight;
  double share;      ///< of the inputs, that were zero
  double skipped;    ///< of the weight's rows or columns, that were not read
  double savedBytes; ///< a step, against reading the weight whole
};

/// What the workers of a session count.
class Tallies {
public:
  Failure allocate(const abi::Level &level, uint64_t workers);

  /// For a step of a class; null: it counts nothing.
  abi::Tally *of(const abi::BatchClass &batch) const {
    return batch.numTallied ? memory.as<abi::Tally>() : nullptr;
  }

  /// What was counted since `forget`, weights of which nothing is known left
  /// out.
  std::vector<Zeros> list() const;
  void forget();

private:
  const abi::BatchClass *counting = nullptr; ///< the only class that does
  uint64_t workers = 0;
  Memory memory; ///< [worker][weight]
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SESSION_ZEROS_H
