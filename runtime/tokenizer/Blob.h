//===- Blob.h - The tables of a tokenizer, where they lie -------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_TOKENIZER_BLOB_H
#define SETUN_RUNTIME_TOKENIZER_BLOB_H

#include "runtime/abi/Tokenizer.h"

#include <span>
#include <string_view>

namespace setun::runtime {

/// A typed view of the blob that runtime/abi/Tokenizer.h describes.
class Blob {
public:
  explicit Blob(const uint8_t *base) : base(base) {}

  const abi::TokenizerHeader &header() const {
    return *reinterpret_cast<const abi::TokenizerHeader *>(base);
  }
  bool has(abi::TokenizerFlags flag) const { return header().flags & flag; }

  template <typename T> const T *data(abi::Table<T> table) const {
    return reinterpret_cast<const T *>(base + table.offset);
  }
  template <typename T> std::span<const T> span(abi::Table<T> table) const {
    return {data(table), size_t(table.count)};
  }
  std::string_view text(abi::TextRef ref) const {
    return {data(header().text) + ref.offset, ref.bytes};
  }

  /// What token `id` < numTokens decodes to.
  std::string_view decoded(uint32_t id) const {
    return slice(header().decoded, id);
  }
  /// What symbol `id` < numSymbols looks like in normalized text.
  std::string_view surface(uint32_t id) const {
    return slice(header().surfaces, id);
  }
  /// The symbol with this surface, or kNone.
  uint32_t findPiece(std::string_view piece) const {
    if (piece.size() > header().longestPiece)
      return abi::kNone;
    const uint32_t *slots = data(header().pieces);
    uint64_t mask = header().pieces.count - 1;
    uint64_t slot = abi::hashBytes(piece.data(), piece.size()) & mask;
    for (;; slot = (slot + 1) & mask)
      if (slots[slot] == abi::kNone || surface(slots[slot]) == piece)
        return slots[slot];
  }
  /// How two symbols merge, or null.
  const abi::PairSlot *findPair(uint32_t left, uint32_t right) const {
    const abi::PairSlot *slots = data(header().pairs);
    uint64_t mask = header().pairs.count - 1;
    uint64_t slot = abi::hashPair(left, right) & mask;
    for (;; slot = (slot + 1) & mask) {
      if (slots[slot].rank == abi::kNone)
        return nullptr;
      if (slots[slot].left == left && slots[slot].right == right)
        return &slots[slot];
    }
  }

private:
  std::string_view slice(abi::Table<uint32_t> offsets, uint32_t id) const {
    const uint32_t *at = data(offsets) + id;
    return {data(header().text) + at[0], at[1] - at[0]};
  }

  const uint8_t *base;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_TOKENIZER_BLOB_H
