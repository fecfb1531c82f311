//===- Summary.cpp - What tuning found ------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Summary.h"
#include "compiler/tuning/Choices.h"
#include "compiler/tuning/Convert.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

#include <cmath>

using namespace llvm;
using setun::passes::BatchClass;
using setun::passes::LinearShape;

namespace setun::compiler {

/// "b3 mad 40 5x1": packing, strategy, blocks, unroll x tokens
static std::string describe(StringRef packing, const tuning::Tile &tile) {
  return (packing + " " + tile.strategy() + " " + Twine(tile.blocks()) + " " +
          Twine(tile.unroll()) + "x" + Twine(tile.tokens()))
      .str();
}

namespace {
struct Row {
  std::string facts, best;
  double relative = 1;
};
} // namespace

static void printRow(StringRef shape, StringRef batchClass, StringRef facts,
                     StringRef best, const std::string &faster,
                     raw_ostream &out) {
  out << left_justify(shape, 26) << left_justify(batchClass, 9)
      << left_justify(facts, 24) << left_justify(best, 24) << faster << '\n';
}

/// What compile takes, in the words of Choices.h.
static Row findChosen(const tuning::Measurement &facts,
                      const tuning::Choice *choice) {
  Row row{describe(facts.packing(), facts.tile()), "the same"};
  if (!choice)
    return row;
  std::string packing =
      choice->packing.empty() ? facts.packing() : choice->packing;
  auto found = choice->tiles.find(
      {packing, *passes::symbolizeBatchClass(facts.batch_class())});
  if (found == choice->tiles.end())
    return row;
  row.best = describe(packing, found->second.tile);
  row.relative = found->second.relative;
  return row;
}

void printSummary(const tuning::Session &session, raw_ostream &out) {
  tuning::Tuning tuning;
  *tuning.add_sessions() = session;
  auto choices = tuning::listChoices(tuning, session.machine().target(),
                                     session.machine().producer());
  printRow("linear", "class", "facts choose", "fastest", "faster", out);
  double logs = 0;
  unsigned count = 0, faster = 0;
  for (const tuning::Measurement &each : session.measurements()) {
    if (!each.reference())
      continue;
    LinearShape shape = tuning::toShape(each.linear());
    auto choice = choices.find(shape);
    Row row =
        findChosen(each, choice == choices.end() ? nullptr : &choice->second);
    std::string factor;
    raw_string_ostream(factor) << format("%.2fx", 1 / row.relative);
    printRow(tuning::print(shape), each.batch_class(), row.facts, row.best,
             factor, out);
    logs -= std::log(row.relative);
    faster += row.relative < 1;
    ++count;
  }
  if (!faster)
    out << "nothing faster found: the facts of the target choose well here\n";
  else
    out << faster << " of " << count << " faster, geometric mean of all "
        << format("%.3fx\n", std::exp(logs / count));
}

} // namespace setun::compiler
