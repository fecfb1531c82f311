//===- RegexProgram.cpp -------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/File.h"
#include "frontends/tokenizer/Regex.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace setun::frontends::tokenizer {
namespace {

constexpr unsigned kMaxInstructions = 4000;

/// Emits nodes back to front: each is told where to go on.
class Assembler {
public:
  Expected<RegexProgram> run(const RegexNode &root) {
    unsigned match = emit({RegexInstruction::Match});
    program.start = node(root, match);
    if (tooLarge())
      return userError("the pattern is too large");
    return std::move(program);
  }

private:
  unsigned emit(RegexInstruction instruction) {
    program.instructions.push_back(instruction);
    return program.instructions.size() - 1;
  }

  unsigned fork(unsigned first, unsigned second, bool greedy = true) {
    if (!greedy)
      std::swap(first, second);
    return emit({RegexInstruction::Fork, 0, false, first, second});
  }

  unsigned withSet(RegexInstruction::Kind kind, const RegexNode &n,
                   unsigned next) {
    auto known = llvm::find(program.sets, n.set);
    unsigned index = known - program.sets.begin();
    if (known == program.sets.end())
      program.sets.push_back(n.set);
    return emit({kind, index, n.atEnd, next, next});
  }

  unsigned node(const RegexNode &n, unsigned next) {
    if (tooLarge())
      return next;
    switch (n.kind) {
    case RegexNode::Set:
      return withSet(RegexInstruction::Character, n, next);
    case RegexNode::LookAhead:
      return withSet(RegexInstruction::LookAhead, n, next);
    case RegexNode::LookBehind:
      return withSet(RegexInstruction::LookBehind, n, next);
    case RegexNode::Sequence:
      for (size_t i = n.children.size(); i-- > 0;)
        next = node(*n.children[i], next);
      return next;
    case RegexNode::Choice:
      return choice(n, next);
    case RegexNode::Repeat:
      return repeat(n, next);
    }
    llvm_unreachable("all kinds are covered");
  }

  unsigned choice(const RegexNode &n, unsigned next) {
    unsigned entry = node(*n.children.back(), next);
    for (size_t i = n.children.size() - 1; i-- > 0;)
      entry = fork(node(*n.children[i], next), entry);
    return entry;
  }

  unsigned repeat(const RegexNode &n, unsigned next) {
    const RegexNode &body = *n.children[0];
    unsigned entry = next;
    if (n.max == RegexNode::kUnbounded) {
      entry = fork(0, 0);
      unsigned start = node(body, entry);
      program.instructions[entry].next = n.greedy ? start : next;
      program.instructions[entry].other = n.greedy ? next : start;
    } else {
      for (unsigned i = n.min; i < n.max && !tooLarge(); ++i)
        entry = fork(node(body, entry), next, n.greedy);
    }
    for (unsigned i = 0; i < n.min && !tooLarge(); ++i) {
      size_t before = program.instructions.size();
      entry = node(body, entry);
      idle += program.instructions.size() == before;
    }
    return entry;
  }

  bool tooLarge() const {
    return program.instructions.size() + idle > kMaxInstructions;
  }

  size_t idle = 0; ///< repetitions of what makes no instruction
  RegexProgram program;
};

} // namespace

Expected<RegexProgram> assembleRegex(const RegexNode &root) {
  return Assembler().run(root);
}

} // namespace setun::frontends::tokenizer
