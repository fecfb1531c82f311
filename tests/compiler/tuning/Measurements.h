//===- Measurements.h - What the tests measured ---------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_COMPILER_TUNING_MEASUREMENTS_H
#define SETUN_TESTS_COMPILER_TUNING_MEASUREMENTS_H

#include "compiler/tuning/TuningFile.h"

namespace setun::tuning {

inline Session &addSession(Tuning &tuning, unsigned threads = 2) {
  Session &session = *tuning.add_sessions();
  session.mutable_machine()->set_target("#lut.target<name = \"x\">");
  session.mutable_machine()->set_cpu("A CPU, of a kind");
  session.mutable_machine()->set_threads(threads);
  session.mutable_machine()->set_producer("setun");
  return session;
}

/// Of a linear of 64 rows; candidates differ in their blocks.
inline Measurement &measure(Session &session, const char *packing,
                            const char *batchClass, int64_t blocks,
                            double relative) {
  Measurement &result = *session.add_measurements();
  result.mutable_linear()->add_rows(64);
  result.mutable_linear()->set_columns(128);
  result.set_packing(packing);
  result.set_batch_class(batchClass);
  result.mutable_tile()->set_strategy("mad");
  result.mutable_tile()->set_rows(llvm::StringRef(batchClass) == "decode" ? 1
                                                                          : 32);
  result.mutable_tile()->set_blocks(blocks);
  result.mutable_tile()->set_unroll(1);
  result.mutable_tile()->set_tokens(1);
  result.set_nanoseconds(1000 * relative);
  result.set_relative(relative);
  result.set_runs(5);
  return result;
}

} // namespace setun::tuning

#endif // SETUN_TESTS_COMPILER_TUNING_MEASUREMENTS_H
