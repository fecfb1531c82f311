//===- Staleness.cpp - Whether measurements hold --------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tuning/Staleness.h"

#include "compiler/tuning/Convert.h"
#include "compiler/tuning/Producer.h"

#include "mlir/AsmParser/AsmParser.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace setun::tuning {

/// Null if this setun knows no such target.
static lut::TargetAttr parseTarget(StringRef text, MLIRContext *context) {
  ScopedDiagnosticHandler silence(context, [](Diagnostic &) {});
  return dyn_cast_or_null<lut::TargetAttr>(parseAttribute(text, context));
}

/// "sums = 24, dotMacs = 32" of the first, what the second has otherwise.
static std::string listOtherFacts(lut::TargetAttr first,
                                  lut::TargetAttr second) {
  std::string text = print(first), other = print(second);
  auto split = [](StringRef target) {
    target = target.drop_until([](char c) { return c == '<'; });
    SmallVector<StringRef> facts;
    target.drop_front().drop_back().split(facts, ", ");
    return facts;
  };
  SmallVector<StringRef> known = split(other), list;
  for (StringRef fact : split(text))
    if (!llvm::is_contained(known, fact))
      list.push_back(fact);
  return list.empty() ? "no more facts" : llvm::join(list, ", ");
}

Verdict judge(const Machine &machine, ArrayRef<lut::TargetAttr> levels) {
  MLIRContext *context = levels.front().getContext();
  lut::TargetAttr target = parseTarget(machine.target(), context);
  if (!target)
    return {Verdict::Stale, nullptr,
            "found a target that this setun does not know, " +
                machine.target()};
  auto level = llvm::find_if(levels, [&](lut::TargetAttr each) {
    return each.getName() == target.getName() &&
           each.getTriple() == target.getTriple();
  });
  if (level == levels.end())
    return {Verdict::Other, nullptr, target.getName().str()};
  lut::TargetAttr found = target.withoutSkips();
  lut::TargetAttr expected = level->withoutSkips();
  if (found != expected)
    return {Verdict::Stale, *level,
            "found " + target.getName().str() + " with " +
                listOtherFacts(found, expected) + ", expected " +
                listOtherFacts(expected, found)};
  if (machine.producer() != getProducer())
    return {Verdict::Stale, *level,
            "found measurements of '" + machine.producer() + "', expected '" +
                getProducer().str() + "'"};
  return {Verdict::Fresh, *level, ""};
}

} // namespace setun::tuning
