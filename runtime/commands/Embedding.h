//===- Embedding.h - One vector of the tokens of a text ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_EMBEDDING_H
#define SETUN_RUNTIME_COMMANDS_EMBEDDING_H

#include <span>
#include <stdint.h>
#include <string>
#include <string_view>
#include <vector>

namespace setun::runtime {

/// What becomes of rows[tokens][width], a token each: their mean, the first or
/// the last of them ("mean", "cls", "last"), or all ("none"). Sums are fp64, in
/// the tokens' order.
std::vector<float> pool(std::span<const float> rows, size_t width,
                        std::string_view kind);

/// In place, as llama-embedding's --embd-normalize: −1 leaves x alone; 0 makes
/// the largest 32760, 1 the sum of magnitudes 1, 2 the sum of squares.
void normalize(std::span<float> x, int64_t kind);

/// Vectors of `width` values, with the texts that they are of where each text
/// has one.
struct Embeddings {
  std::vector<float> values;
  size_t width;
  std::vector<std::string> texts;
  bool whole; ///< values are whole numbers: normalize(…, 0)

  size_t count() const { return values.size() / width; }
  std::span<const float> operator[](size_t i) const {
    return {values.data() + i * width, width};
  }
};

/// Prints them as llama-embedding does: "text", "array", "json", or "json+"
/// with the cosine of every two texts.
void printEmbeddings(const Embeddings &embeddings, std::string_view format);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_EMBEDDING_H
