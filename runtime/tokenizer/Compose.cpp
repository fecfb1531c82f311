//===- Compose.cpp - Unicode's normalization forms ------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Unicode Standard Annex 15: decompose every character fully, order the
// combining marks by class, then (forms C and KC) compose each mark with the
// starter before it unless another mark of the same or a higher class stands
// between. Hangul syllables follow from arithmetic (Unicode Standard, 3.12).
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Normalize.h"
#include "runtime/tokenizer/Utf8.h"

#include <algorithm>
#include <utility>
#include <vector>

using namespace setun::abi;

namespace setun::runtime {
namespace {

/// Below it no character combines with one before it.
constexpr uint32_t kFirstMark = 0x300;
/// Bytes that are no UTF-8 pass through as code points from here on.
constexpr uint32_t kRawByte = 0x110000;

constexpr uint32_t kSyllables = 0xac00, kLeads = 0x1100, kVowels = 0x1161,
                   kTails = 0x11a7;
constexpr uint32_t kNumLeads = 19, kNumVowels = 21, kNumTails = 28;
constexpr uint32_t kNumSyllables = kNumLeads * kNumVowels * kNumTails;

struct Mark {
  uint32_t codePoint;
  uint32_t order;    ///< canonical combining class
  uint32_t position; ///< makes the sort stable
};

class Composer {
public:
  Composer(Blob blob, const Composition &tables) : blob(blob), tables(tables) {}

  void clear() { marks.clear(); }

  void add(uint32_t codePoint) {
    if (codePoint - kSyllables < kNumSyllables)
      return addSyllable(codePoint - kSyllables);
    auto all = blob.span(tables.decompositions);
    auto found = std::lower_bound(
        all.begin(), all.end(), codePoint,
        [](const auto &entry, uint32_t c) { return entry.codePoint < c; });
    if (found == all.end() || found->codePoint != codePoint)
      return push(codePoint);
    auto parts = blob.span(tables.codePoints);
    for (uint32_t part : parts.subspan(found->first, found->count))
      push(part);
  }

  /// Brings what was added into order.
  const std::vector<Mark> &order() {
    sortMarks();
    return marks;
  }

  /// The same, composed.
  const std::vector<Mark> &compose() {
    sortMarks();
    size_t starter = 0, kept = 0;
    bool haveStarter = false;
    for (Mark mark : marks) {
      bool blocked = haveStarter && kept > starter + 1 &&
                     marks[kept - 1].order >= mark.order;
      if (uint32_t composed =
              haveStarter && !blocked
                  ? composition(marks[starter].codePoint, mark.codePoint)
                  : 0) {
        marks[starter].codePoint = composed;
        continue;
      }
      if (mark.order == 0) {
        starter = kept;
        haveStarter = true;
      }
      marks[kept++] = mark;
    }
    marks.resize(kept);
    return marks;
  }

private:
  void push(uint32_t codePoint) {
    auto all = blob.span(tables.classes);
    auto found = std::lower_bound(
        all.begin(), all.end(), codePoint,
        [](const auto &entry, uint32_t c) { return entry.codePoint < c; });
    bool known = found != all.end() && found->codePoint == codePoint;
    append(codePoint, known ? found->value : 0);
  }

  void addSyllable(uint32_t index) {
    append(kLeads + index / (kNumVowels * kNumTails), 0);
    append(kVowels + index / kNumTails % kNumVowels, 0);
    if (uint32_t tail = index % kNumTails)
      append(kTails + tail, 0);
  }

  void append(uint32_t codePoint, uint32_t order) {
    marks.push_back({codePoint, order, uint32_t(marks.size())});
  }

  void sortMarks() {
    for (auto from = marks.begin(); from != marks.end();) {
      auto marksStart =
          std::find_if(from, marks.end(), [](Mark m) { return m.order != 0; });
      from = std::find_if(marksStart, marks.end(),
                          [](Mark m) { return m.order == 0; });
      std::sort(marksStart, from, [](Mark a, Mark b) {
        return std::pair(a.order, a.position) < std::pair(b.order, b.position);
      });
    }
  }

  uint32_t composition(uint32_t first, uint32_t second) const {
    if (first - kLeads < kNumLeads && second - kVowels < kNumVowels)
      return kSyllables +
             ((first - kLeads) * kNumVowels + second - kVowels) * kNumTails;
    if (first - kSyllables < kNumSyllables &&
        (first - kSyllables) % kNumTails == 0 && second > kTails &&
        second - kTails < kNumTails)
      return first + second - kTails;
    auto all = blob.span(tables.pairs);
    auto found =
        std::lower_bound(all.begin(), all.end(), std::pair(first, second),
                         [](const auto &entry, auto key) {
                           return std::pair(entry.first, entry.second) < key;
                         });
    bool known =
        found != all.end() && found->first == first && found->second == second;
    return known ? found->composed : 0;
  }

  Blob blob;
  const Composition &tables;
  std::vector<Mark> marks;
};

} // namespace

/// Characters up to the next plain one, behind a plain one, become a form by
/// themselves; plain ones stay as they are.
static void composeRun(Composer &composer, bool decomposeOnly,
                       std::string_view run, std::string &result) {
  composer.clear();
  while (!run.empty()) {
    CodePoint c = readCodePoint(run);
    composer.add(c.valid ? c.value : kRawByte + c.value);
    run.remove_prefix(c.bytes);
  }
  for (Mark mark : decomposeOnly ? composer.order() : composer.compose())
    if (mark.codePoint < kRawByte)
      appendCodePoint(result, mark.codePoint);
    else
      result += char(mark.codePoint - kRawByte);
}

std::string compose(Blob blob, const TokenizerStep &step,
                    std::string_view text) {
  // Leading bytes below 0xcc belong to code points below U+0300, and so do
  // continuations behind them.
  static_assert(kFirstMark == (0xccu & 0x1f) << 6);
  const uint8_t limit = step.flags & kAsciiIsPlain ? 0x80 : 0xcc;
  auto isPlain = [&](char c) { return uint8_t(c) < limit; };
  auto startsPlain = [&](char c) {
    return isPlain(c) && (uint8_t(c) & 0xc0) != 0x80;
  };
  Composer composer(blob, blob.data(blob.header().compositions)[step.table]);
  std::string result;
  result.reserve(text.size());
  for (auto from = text.begin(); from != text.end();) {
    auto odd = std::find_if_not(from, text.end(), isPlain);
    if (odd == text.end())
      return result.append(from, odd);
    if (odd != from)
      odd = text.begin() + previousCodePoint(text, odd - text.begin());
    result.append(from, odd);
    from = std::find_if(odd + 1, text.end(), startsPlain);
    // The first of them is plain itself, or the text's start.
    composeRun(composer, step.flags & kDecomposeOnly,
               text.substr(odd - text.begin(), from - odd), result);
  }
  return result;
}

} // namespace setun::runtime
