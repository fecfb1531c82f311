//===- Zeros.cpp - How many inputs were zero, and what that saved ---------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/session/Zeros.h"

#include <span>
#include <string.h>

namespace setun::runtime {

Failure Tallies::allocate(const abi::Level &level, uint64_t count) {
  workers = count;
  for (const abi::BatchClass &batch :
       std::span(level.classes, level.numClasses))
    if (batch.numTallied)
      counting = &batch;
  if (!counting)
    return {};
  return memory.allocate(workers * counting->numTallied * sizeof(abi::Tally),
                         "tallies", Pages::Small);
}

void Tallies::forget() {
  if (counting)
    memset(memory.as<void>(), 0,
           workers * counting->numTallied * sizeof(abi::Tally));
}

static void add(abi::Tally::Part &sum, const abi::Tally::Part &part) {
  sum.inputs += part.inputs;
  sum.zeros += part.zeros;
}

/// A weight's inputs may have been counted by all workers or by one each.
std::vector<Zeros> Tallies::list() const {
  std::vector<Zeros> list;
  for (uint32_t i = 0; counting && i < counting->numTallied; ++i) {
    const abi::Tallied &weight = counting->tallied[i];
    abi::Tally sum = {};
    for (uint64_t worker = 0; worker < workers; ++worker) {
      const abi::Tally &tally =
          memory.as<abi::Tally>()[worker * counting->numTallied + i];
      add(sum.read, tally.read);
      add(sum.skipped, tally.skipped);
    }
    double inputs = sum.read.inputs + sum.skipped.inputs;
    if (inputs == 0)
      continue;
    uint64_t left = sum.skipped.inputs - sum.skipped.zeros;
    list.push_back({weight.name, (sum.read.zeros + sum.skipped.zeros) / inputs,
                    sum.skipped.zeros / inputs,
                    (sum.skipped.inputs * double(weight.bytes) -
                     left * double(weight.copyBytes)) /
                        inputs});
  }
  return list;
}

} // namespace setun::runtime
