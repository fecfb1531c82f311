//===- BenchReport.h - Results in llama-bench's formats ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_BENCHREPORT_H
#define SETUN_RUNTIME_COMMANDS_BENCHREPORT_H

#include "runtime/abi/Model.h"
#include "runtime/support/Text.h"

namespace setun::runtime {

/// One row: prompt processing (promptTokens > 0) or generation.
struct Measurement {
  uint64_t promptTokens = 0, generatedTokens = 0;
  uint64_t depth = 0; ///< tokens in the cache before
  uint64_t threads = 0, batchRows = 0;
  std::string time;                  ///< "2026-08-01T12:00:00Z"
  std::vector<uint64_t> nanoseconds; ///< of each repetition
  double computedBytes = 0;          ///< of a screened head's rows, a token
  double savedBytes = 0;             ///< by skipping zeros, a token
  double readBandwidth = 0;          ///< bytes/s, see Roofline.h; 0: not asked

  uint64_t tokens() const { return promptTokens + generatedTokens; }
};

/// Prints measurements the moment they are made, columns and keys as
/// llama-bench has them, so that tools and eyes can go on as they are.
class BenchReport {
public:
  /// `style` is md, csv, json or jsonl.
  BenchReport(const abi::Model &model, const abi::Level &level,
              const std::string &style, bool roofline)
      : model(model), level(level), style(style), roofline(roofline) {}
  void add(const Measurement &measurement);
  void finish();

private:
  void begin();
  void addMarkdown(const Measurement &m);
  void addCsv(const Measurement &m);
  void addJson(const Measurement &m);

  const abi::Model &model;
  const abi::Level &level;
  std::string style;
  bool roofline;
  bool first = true;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_BENCHREPORT_H
