//===- Merge.cpp ----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Merge.h"

#include <algorithm>

using namespace setun::abi;

namespace setun::runtime {

/// A symbol that its left neighbour swallowed. No pair names it.
static constexpr uint32_t kSwallowed = kNone - 1;

void Merger::consider(const std::vector<uint32_t> &symbols, uint32_t position) {
  uint32_t next = links[position].next;
  if (next == symbols.size())
    return;
  uint32_t left = symbols[position], right = symbols[next];
  if (const PairSlot *pair = blob.findPair(left, right))
    heap.push_back({pair->rank, position, left, right, pair->merged});
}

void Merger::apply(std::vector<uint32_t> &symbols, const Candidate &c) {
  uint32_t gone = links[c.position].next;
  uint32_t next = links[gone].next;
  symbols[c.position] = c.merged;
  symbols[gone] = kSwallowed;
  links[c.position].next = next;
  if (next != symbols.size())
    links[next].previous = c.position;

  auto push = [&](uint32_t position) {
    size_t before = heap.size();
    consider(symbols, position);
    if (heap.size() != before)
      std::push_heap(heap.begin(), heap.end());
  };
  push(c.position);
  if (c.position != 0)
    push(links[c.position].previous);
}

void Merger::run(std::vector<uint32_t> &symbols) {
  uint32_t count = symbols.size();
  links.resize(count);
  heap.clear();
  for (uint32_t i = 0; i < count; ++i)
    links[i] = {i - 1, i + 1};
  for (uint32_t i = 0; i < count; ++i)
    consider(symbols, i);
  std::make_heap(heap.begin(), heap.end());

  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end());
    Candidate c = heap.back();
    heap.pop_back();
    uint32_t next = links[c.position].next;
    if (symbols[c.position] == c.left && next != count &&
        symbols[next] == c.right)
      apply(symbols, c);
  }
  std::erase(symbols, kSwallowed);
}

} // namespace setun::runtime
