//===- RegexTables.cpp - A backtracking machine made an automaton ---------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// States are ordered lists of threads, as in RE2: the order is the priority of
// a backtracking matcher, so that the automaton finds the same match. The
// threads' forks, look-aheads and matches are followed only when the next code
// point is known; hence a match is reported one code point late, on the edge.
// A state also says what look-behinds see: which of their sets the last code
// point lies in.
//
//===----------------------------------------------------------------------===//

#include "frontends/File.h"
#include "frontends/tokenizer/Description.h"
#include "runtime/abi/Tokenizer.h"

#include "llvm/ADT/Twine.h"

#include <algorithm>
#include <map>
#include <utility>

using namespace llvm;

namespace setun::frontends::tokenizer {
namespace {

constexpr size_t kMaxStates = 4000;
constexpr size_t kMaxClasses = 255;
constexpr size_t kMaxSteps = 10'000'000; // a fraction of a second

using ThreadList = std::vector<unsigned>;

/// The threads, and what their look-behinds see.
using State = std::pair<ThreadList, unsigned>;

class Tabulator {
public:
  Tabulator(const RegexProgram &program, RegexText text)
      : program(program), text(text), seenAt(program.instructions.size()) {}

  Expected<RegexTables> run() {
    classify();
    if (tables.numClasses > kMaxClasses)
      return userError("the pattern tells too many kinds of characters apart");
    findViews();
    stateOf({{}, 0}); // 0: dead
    for (unsigned c = 0; c < tables.numClasses; ++c)
      tables.starts.push_back(stateOf({{program.start}, views[c]}));
    const size_t numStarts = states.size();
    for (size_t s = 0; s < states.size(); ++s) {
      if (states.size() > kMaxStates || steps > kMaxSteps)
        return userError("the pattern needs too many states");
      for (unsigned c = 0; c < tables.numClasses; ++c)
        addEdge(State(states[s]), c);
    }
    for (size_t edge = 0; edge < numStarts * tables.numClasses; ++edge)
      if (tables.edges[edge] & 1)
        return userError("the pattern matches the empty text");
    return std::move(tables);
  }

private:
  /// Gives code points that lie in the same sets the same class.
  void classify() {
    std::vector<uint32_t> borders = {0, kBadByte};
    for (const CodePointSet &set : program.sets)
      for (CodePointSet::Range r : set.ranges())
        borders.insert(borders.end(), {r.begin, r.end});
    std::sort(borders.begin(), borders.end());
    borders.erase(std::unique(borders.begin(), borders.end()), borders.end());

    std::map<std::vector<bool>, uint32_t> known;
    std::vector<uint32_t> classOf(kBadByte + 1);
    for (size_t i = 0; i < borders.size() && borders[i] <= kBadByte; ++i) {
      std::vector<bool> inSet;
      for (const CodePointSet &set : program.sets)
        inSet.push_back(set.contains(borders[i]));
      uint32_t id = known.emplace(inSet, known.size()).first->second;
      if (id == members.size())
        members.push_back(inSet);
      uint32_t end = i + 1 < borders.size() ? borders[i + 1] : kBadByte + 1;
      std::fill(classOf.begin() + borders[i],
                classOf.begin() + std::min(end, kBadByte + 1), id);
    }
    tables.invalidClass = classOf[kBadByte];
    tables.numClasses = members.size() + 1;
    fillBlocks(classOf);
  }

  void fillBlocks(const std::vector<uint32_t> &classOf) {
    tables.byBytes = text == RegexText::ByteLevel;
    if (tables.byBytes) {
      for (unsigned byte = 0; byte < 256; ++byte)
        tables.classes.push_back(classOf[codePointOfByte(byte)]);
      return;
    }
    constexpr uint32_t kBlock = 1 << abi::kBlockBits;
    std::map<std::vector<uint8_t>, uint16_t> known;
    for (uint32_t start = 0; start < kBadByte; start += kBlock) {
      std::vector<uint8_t> block(classOf.begin() + start,
                                 classOf.begin() + start + kBlock);
      auto [entry, isNew] = known.emplace(block, known.size());
      if (isNew)
        tables.classes.insert(tables.classes.end(), block.begin(), block.end());
      tables.blocks.push_back(entry->second);
    }
  }

  /// Numbers the classes, as the last code point, by which look-behinds pass.
  void findViews() {
    std::map<std::vector<bool>, unsigned> known;
    for (unsigned c = 0; c < tables.numClasses; ++c) {
      std::vector<bool> passing;
      for (const RegexInstruction &i : program.instructions)
        if (i.kind == RegexInstruction::LookBehind)
          passing.push_back(passes(i, c));
      views.push_back(known.emplace(passing, known.size()).first->second);
      if (views.back() == classOfView.size())
        classOfView.push_back(c);
    }
    tables.looksBehind = classOfView.size() > 1;
  }

  bool passes(const RegexInstruction &instruction, unsigned c) const {
    if (c == tables.numClasses - 1)
      return instruction.atEnd;
    return members[c][instruction.set];
  }

  /// Runs all threads, best first, over a code point of class c.
  void addEdge(const State &state, unsigned c) {
    ++generation;
    const ThreadList &threads = state.first;
    ThreadList next, stack(threads.rbegin(), threads.rend());
    bool matched = false;
    while (!stack.empty() && !matched) {
      unsigned at = stack.back();
      stack.pop_back();
      ++steps;
      if (std::exchange(seenAt[at], generation) == generation)
        continue;
      const RegexInstruction &i = program.instructions[at];
      switch (i.kind) {
      case RegexInstruction::Match:
        matched = true; // and all threads behind it lose
        break;
      case RegexInstruction::Fork:
        stack.insert(stack.end(), {i.other, i.next});
        break;
      case RegexInstruction::LookAhead:
        if (passes(i, c))
          stack.push_back(i.next);
        break;
      case RegexInstruction::LookBehind:
        if (passes(i, classOfView[state.second]))
          stack.push_back(i.next);
        break;
      case RegexInstruction::Character:
        if (passes(i, c))
          next.push_back(i.next);
        break;
      }
    }
    next = withoutRepeats(next);
    unsigned view = next.empty() ? 0 : views[c];
    tables.edges.push_back(stateOf({next, view}) << 1 | matched);
  }

  /// Of equal threads the first has the priority, and the others no effect.
  ThreadList withoutRepeats(const ThreadList &threads) {
    ++generation;
    ThreadList result;
    for (unsigned at : threads)
      if (std::exchange(seenAt[at], generation) != generation)
        result.push_back(at);
    return result;
  }

  uint32_t stateOf(const State &state) {
    auto [entry, isNew] = stateIds.emplace(state, states.size());
    if (isNew)
      states.push_back(state);
    return entry->second;
  }

  const RegexProgram &program;
  RegexText text;
  std::vector<size_t> seenAt; ///< [instruction], the last generation
  size_t generation = 0;
  size_t steps = 0;
  RegexTables tables;
  std::vector<std::vector<bool>> members; ///< [class][set]
  std::vector<unsigned> views;            ///< [class]
  std::vector<unsigned> classOfView;      ///< [view], a class that has it
  std::vector<State> states;
  std::map<State, uint32_t> stateIds;
};

} // namespace

Expected<RegexTables> tabulateRegex(const RegexProgram &program,
                                    RegexText text) {
  return Tabulator(program, text).run();
}

Expected<RegexTables> compileRegex(StringRef pattern, RegexText text) {
  auto compile = [&]() -> Expected<RegexTables> {
    auto root = parseRegex(pattern);
    if (!root)
      return root.takeError();
    auto program = assembleRegex(**root);
    if (!program)
      return program.takeError();
    return tabulateRegex(*program, text);
  };
  auto tables = compile();
  if (!tables)
    return userError("regex " + pattern + ": " + toString(tables.takeError()));
  return tables;
}

} // namespace setun::frontends::tokenizer
