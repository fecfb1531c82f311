//===- Check.cpp - Whether a tuning file makes sense ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tuning/Check.h"

#include "dialects/lut/Lut.h"
#include "dialects/tern/Tern.h"
#include "passes/BatchClass.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using google::protobuf::Message;
using llvm::StringRef;
using llvm::Twine;
using Field = google::protobuf::FieldDescriptor;
using Lines = google::protobuf::TextFormat::ParseInfoTree;

namespace setun::tuning {

static constexpr unsigned kMostProblems = 10;
/// Of a dimension, far above any matrix that lut.kernel takes.
static constexpr int64_t kLargest = 1 << 24;
/// Weights that read one activation.
static constexpr int kMostWeights = 16;
/// Of a target's text, which takes a few hundred.
static constexpr size_t kMostTargetBytes = 4096;

void Problems::add(int line, const Twine &message) {
  if (++count > kMostProblems)
    return;
  text += file + (line < 0 ? "" : ":" + std::to_string(line + 1));
  text += (": " + message + "\n").str();
}

llvm::Error Problems::take() {
  if (!count)
    return llvm::Error::success();
  if (count > kMostProblems)
    text += file + ": and " + std::to_string(count - kMostProblems) +
            " problems more\n";
  return llvm::createStringError(text);
}

namespace {
/// A message and where it stands.
class Place {
public:
  Place(const Message &message, const Lines *lines, int line)
      : message(message), lines(lines), line(line) {}

  /// That of the field, or of the message if the field is absent.
  int getLine(const char *name, int index = 0) const {
    const Field *field = getField(name);
    int found =
        lines ? lines->GetLocation(field, getIndex(field, index)).line : -1;
    return found < 0 ? line : found;
  }

  Place getNested(const char *name, const Message &nested,
                  int index = 0) const {
    const Field *field = getField(name);
    return {nested,
            lines ? lines->GetTreeForNested(field, getIndex(field, index))
                  : nullptr,
            getLine(name, index)};
  }

private:
  const Field *getField(const char *name) const {
    return message.GetDescriptor()->FindFieldByName(name);
  }
  static int getIndex(const Field *field, int index) {
    return field->is_repeated() ? index : -1;
  }

  const Message &message;
  const Lines *lines;
  int line;
};

class Checker {
public:
  explicit Checker(Problems &problems) : problems(problems) {}

  void check(const Machine &machine, Place place);
  void check(const Measurement &measurement, Place place);

private:
  void check(const Linear &linear, Place place);
  void check(const Tile &tile, Place place);

  template <typename T>
  void expect(bool good, const Place &place, const char *field, const T &found,
              const Twine &expected) {
    if (!good)
      problems.add(place.getLine(field), "found " + Twine(field) + " '" +
                                             Twine(found) + "', expected " +
                                             expected);
  }
  /// A time, or a ratio of times.
  void expectPositive(double value, const Place &place, const char *field) {
    if (!std::isfinite(value) || value <= 0)
      problems.add(place.getLine(field),
                   "found no " + Twine(field) + ", expected a positive number");
  }

  Problems &problems;
};
} // namespace

/// MLIR's parser, which reads it, descends into whatever has brackets.
static bool isFlatTarget(StringRef text) {
  return text.starts_with("#lut.target<") && text.size() <= kMostTargetBytes &&
         text.find_first_of("[{(") == StringRef::npos;
}

void Checker::check(const Machine &machine, Place place) {
  StringRef target = machine.target();
  expect(isFlatTarget(target), place, "target", target.take_front(64),
         "the facts of a target, #lut.target<…>");
  expect(machine.threads() >= 1 && machine.threads() <= kMostThreads, place,
         "threads", machine.threads(), "1 to " + Twine(kMostThreads));
}

void Checker::check(const Linear &linear, Place place) {
  bool gated = !linear.gate().empty();
  int count = linear.rows_size();
  expect(count >= 1 && count <= kMostWeights && (!gated || count == 2), place,
         "rows", Twine(count) + " numbers",
         gated ? "those of gate and up" : "one for each weight");
  for (int i = 0; i < count; ++i)
    expect(linear.rows(i) >= 1 && linear.rows(i) <= kLargest, place, "rows",
           linear.rows(i), "1 to 2^24");
  expect(linear.columns() >= 1 && linear.columns() <= kLargest, place,
         "columns", linear.columns(), "1 to 2^24");
  expect(!gated || tern::symbolizeGate(linear.gate()), place, "gate",
         linear.gate(), "silu, relu2 or none");
}

void Checker::check(const Tile &tile, Place place) {
  auto strategy = lut::symbolizeStrategy(tile.strategy());
  expect(strategy && *strategy != lut::Strategy::Skip &&
             *strategy != lut::Strategy::Pick,
         place, "strategy", tile.strategy(), "mad, table or lookup");
  std::pair<const char *, int64_t> numbers[] = {{"rows", tile.rows()},
                                                {"blocks", tile.blocks()},
                                                {"unroll", tile.unroll()},
                                                {"tokens", tile.tokens()}};
  for (auto [field, number] : numbers)
    expect(number >= 1 && number <= kLargest, place, field, number,
           "1 to 2^24");
}

void Checker::check(const Measurement &measurement, Place place) {
  StringRef packing = measurement.packing();
  check(measurement.linear(), place.getNested("linear", measurement.linear()));
  check(measurement.tile(), place.getNested("tile", measurement.tile()));
  expect(!packing.empty() && llvm::all_of(packing, llvm::isAlnum), place,
         "packing", packing, "the word of one, like i2 or b3");
  expect(passes::symbolizeBatchClass(measurement.batch_class()).has_value(),
         place, "batch_class", measurement.batch_class(),
         "decode, small or prefill");
  expectPositive(measurement.nanoseconds(), place, "nanoseconds");
  expectPositive(measurement.relative(), place, "relative");
  expect(measurement.runs() >= 1, place, "runs", measurement.runs(),
         "one or more");
  expect(!measurement.reference() || measurement.relative() == 1, place,
         "relative", std::to_string(measurement.relative()),
         "1 for the reference");
}

void check(const Tuning &tuning, const Lines &lines, Problems &problems) {
  Checker checker(problems);
  Place file(tuning, &lines, /*line=*/-1);
  bool empty = true;
  for (int i = 0; i < tuning.sessions_size(); ++i) {
    const Session &session = tuning.sessions(i);
    Place place = file.getNested("sessions", session, i);
    checker.check(session.machine(),
                  place.getNested("machine", session.machine()));
    for (int j = 0; j < session.measurements_size(); ++j)
      checker.check(
          session.measurements(j),
          place.getNested("measurements", session.measurements(j), j));
    empty &= session.measurements().empty();
  }
  if (empty)
    problems.add(-1, "found no measurement, expected what `setun tune` writes");
}

} // namespace setun::tuning
