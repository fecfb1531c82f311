//===- Trace.h - Times that an executable measured --------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_REPORT_TRACE_H
#define SETUN_COMPILER_REPORT_TRACE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <map>
#include <set>
#include <vector>

namespace setun::compiler::report {

/// What --profile of an executable writes, by step and op. An op takes from
/// where the last worker ended the op before to where the last one ends it; it
/// waits while not even its busiest worker works.
class Trace {
public:
  llvm::Error read(llvm::StringRef path);

  /// Medians over the steps of a name; null if nothing was read.
  llvm::json::Value getTimes() const;
  /// The ops that it has times of.
  std::set<std::string> getOps() const;

private:
  struct Event {
    std::string name;
    double begin, length; ///< microseconds
    bool step;
    int64_t rows;
  };
  /// In one step: of the worker with the most, and of the last.
  struct Time {
    double work = 0, end = 0;
  };
  struct Step {
    std::string name;
    double begin, length;
    int64_t rows;
    double screen;
    std::vector<std::string> order;
    std::map<std::string, Time> ops;
  };
  struct Samples;

  using Tracks = std::map<int64_t, std::vector<Event>>;
  static llvm::Error readTracks(const llvm::json::Array &array, Tracks &tracks);
  void addTrack(llvm::ArrayRef<Event> events);
  static void addStep(const Step &step, Samples &samples);

  size_t workers = 0;
  std::vector<Step> steps; ///< in their order, which all workers share
};

} // namespace setun::compiler::report

#endif // SETUN_COMPILER_REPORT_TRACE_H
