//===- Samples.cpp - What a measuring executable printed ------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Samples.h"

#include "compiler/tuning/Check.h"
#include "frontends/File.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace setun::compiler {

/// An op takes less than a day.
static constexpr double kMostNanoseconds = 1e14;
static constexpr size_t kMostNameBytes = 256;

static Error unexpected(StringRef line, const Twine &expected) {
  std::string shown;
  raw_string_ostream stream(shown);
  printEscapedString(line.take_front(80), stream);
  return createStringError("the runner printed '" + shown + "', expected " +
                           expected);
}

/// {"step": "decode", "op": "trial0.w0", "ns": [1200, …]}
Error Samples::readLine(StringRef line) {
  Expected<json::Value> value = frontends::parseJson(line, "runner");
  if (!value) {
    consumeError(value.takeError());
    return unexpected(line, "what 'measure' prints, one JSON object a line");
  }
  const json::Object *object = value->getAsObject();
  if (object && cpu.empty()) {
    auto name = object->getString("cpu");
    auto count = object->getInteger("threads");
    if (!name || name->empty() || name->size() > kMostNameBytes || !count ||
        *count < 1 || *count > tuning::kMostThreads)
      return unexpected(line, "a line with \"cpu\" and \"threads\"");
    cpu = name->str();
    threads = *count;
    return Error::success();
  }
  auto step = object ? object->getString("step") : std::nullopt;
  const json::Array *list = object ? object->getArray("ns") : nullptr;
  auto op = object ? object->getString("op") : std::nullopt;
  if (!step || !op || !list || list->empty())
    return unexpected(line, "a line with \"step\", \"op\" and \"ns\"");
  std::vector<double> numbers;
  for (const json::Value &each : *list) {
    auto number = each.getAsNumber();
    if (!number || !(*number >= 0 && *number < kMostNanoseconds))
      return unexpected(line, "times in nanoseconds");
    numbers.push_back(std::max(*number, 1.0)); // as short as clocks tell
  }
  if (!times.try_emplace({step->str(), op->str()}, numbers).second)
    return unexpected(line, "each op once");
  return Error::success();
}

Expected<Samples> Samples::parse(StringRef text) {
  Samples samples;
  for (StringRef line : split(text, '\n'))
    if (!line.trim().empty())
      if (Error error = samples.readLine(line.trim()))
        return std::move(error);
  if (samples.cpu.empty())
    return createStringError("the runner printed nothing, expected what "
                             "'measure' prints");
  return samples;
}

Expected<ArrayRef<double>> Samples::find(StringRef step, StringRef op) const {
  auto found = times.find({step.str(), op.str()});
  if (found == times.end())
    return createStringError("the runner printed nothing about " + op + " in " +
                             step + ": its output is cut off");
  return ArrayRef<double>(found->second);
}

double getMedian(std::vector<double> values) {
  auto middle = values.begin() + (values.size() - 1) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double compare(ArrayRef<double> times, ArrayRef<double> reference) {
  std::vector<double> ratios;
  for (auto [time, other] : zip(times, reference)) // as many as both have
    ratios.push_back(time / other);
  return getMedian(std::move(ratios));
}

} // namespace setun::compiler
