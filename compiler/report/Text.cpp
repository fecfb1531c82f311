//===- Text.cpp - The text of a module, op by op --------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/report/Text.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace setun::compiler::report {

OpPrintingFlags getPrintingFlags() {
  OpPrintingFlags flags;
  flags.useLocalScope();
  return flags;
}

Text::Text(ModuleOp module) {
  AsmState state(module, getPrintingFlags(), &lines);
  llvm::raw_string_ostream stream(text);
  module->print(stream, state);
}

/// The line behind an op: the next op's, or the brace of the block's owner.
unsigned Text::getEnd(Operation *op) const {
  Operation *parent = op->getParentOp();
  if (!parent)
    return StringRef(text).rtrim().count('\n') + 2;
  Operation *next = op->getNextNode();
  return next ? getLine(next) : getEnd(parent) - 1;
}

void Text::addLines(Operation *op, Lines &to) const {
  for (unsigned line = getLine(op), end = getEnd(op); line < end; ++line)
    to.insert(line);
}

std::vector<StringRef> Text::split() const {
  SmallVector<StringRef, 0> parts;
  StringRef(text).split(parts, '\n');
  return {parts.begin(), parts.end()};
}

/// Calls `f` with the first and last of lines that follow each other.
static void forEachStretch(const Lines &lines,
                           llvm::function_ref<void(unsigned, unsigned)> f) {
  for (auto it = lines.begin(); it != lines.end();) {
    unsigned first = *it, last = first;
    while (++it != lines.end() && *it == last + 1)
      last = *it;
    f(first, last);
  }
}

llvm::json::Object Text::getStretches(const Lines &wanted) const {
  std::vector<StringRef> all = split();
  llvm::json::Object stretches;
  forEachStretch(wanted, [&](unsigned first, unsigned last) {
    ArrayRef<StringRef> part(all);
    stretches[std::to_string(first)] =
        llvm::join(part.slice(first - 1, last - first + 1), "\n");
  });
  return stretches;
}

llvm::json::Array toJson(const Lines &lines) {
  llvm::json::Array array;
  forEachStretch(lines, [&](unsigned first, unsigned last) {
    array.push_back(first);
    array.push_back(last);
  });
  return array;
}

} // namespace setun::compiler::report
