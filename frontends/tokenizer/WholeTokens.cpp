//===- WholeTokens.cpp -------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/Description.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/ConvertUTF.h"

using namespace llvm;

namespace setun::frontends::tokenizer {
namespace {

/// Merges texts as the runtime does, the slow and simple way.
class Merges {
public:
  explicit Merges(const Description &d) : d(d) {
    // The later of two equal pairs holds, the earlier of two equal names.
    for (const Merge &merge : d.merges)
      pairs[{merge.left, merge.right}] = &merge;
    for (size_t id = d.tokens.size(); id-- > 0;)
      if (!d.tokens[id].surface.empty())
        symbols[d.tokens[id].surface] = id;
  }

  bool makes(uint32_t id) {
    if (!split(d.tokens[id].surface))
      return false;
    while (piece.size() > 1)
      if (!mergeBest())
        return false;
    return piece[0] == id;
  }

private:
  /// False if a character is no token, or there are too many.
  bool split(StringRef text) {
    constexpr size_t kMaxBytes = 128;
    piece.clear();
    if (text.empty() || text.size() > kMaxBytes)
      return false;
    for (size_t bytes; !text.empty(); text = text.drop_front(bytes)) {
      bytes = d.byteLevel ? 1 : getNumBytesForUTF8(text[0]);
      auto symbol = symbols.find(text.take_front(bytes));
      uint32_t id = d.byteLevel               ? d.byteSymbols[uint8_t(text[0])]
                    : symbol == symbols.end() ? abi::kNone
                                              : symbol->second;
      if (bytes > text.size() || id >= d.tokens.size())
        return false;
      piece.push_back(id);
    }
    return true;
  }

  bool mergeBest() {
    const Merge *best = nullptr;
    size_t where = 0;
    for (size_t i = 0; i + 1 < piece.size(); ++i)
      if (auto pair = pairs.find({piece[i], piece[i + 1]});
          pair != pairs.end() && (!best || pair->second->rank < best->rank)) {
        best = pair->second;
        where = i;
      }
    if (!best)
      return false;
    piece[where] = best->merged;
    piece.erase(piece.begin() + where + 1);
    return true;
  }

  const Description &d;
  DenseMap<std::pair<uint32_t, uint32_t>, const Merge *> pairs;
  llvm::StringMap<uint32_t> symbols;
  SmallVector<uint32_t, 32> piece;
};

} // namespace

void markWholeTokens(Description &d) {
  if (d.unigram)
    return;
  Merges merges(d);
  for (uint32_t id = 0; id < d.tokens.size(); ++id)
    if (!d.tokens[id].surface.empty() && (d.ignoreMerges || merges.makes(id)))
      d.tokens[id].flags |= abi::kTokenIsWhole;
}

} // namespace setun::frontends::tokenizer
