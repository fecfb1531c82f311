//===- Reference.h - The float contract in scalar C++ -----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// codegen/halide/README.md, word for word: each function is the definition of
// one stage, and generated code must equal it bit for bit.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_CODEGEN_HALIDE_REFERENCE_H
#define SETUN_TESTS_CODEGEN_HALIDE_REFERENCE_H

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace setun::codegen::reference {

using Row = std::vector<float>;

inline int roundUp(int n) { return (n + 15) / 16 * 16; }

/// 16 partial sums and the fixed tree.
float sum(int n, const std::function<float(int)> &term);
float exponential(float x);

/// Rows come and go without padding.
Row norm(const Row &x, const Row &weight, double epsilon);

struct Quantized {
  std::vector<int8_t> q;
  float scale;
  int32_t sum;
};
Quantized quantize(const Row &x);

/// As many elements turn as there are angles; others stay.
Row rope(const Row &x, const Row &angles);

/// A head as the cache holds it: as fp32, i8 with its scale beside.
struct Stored {
  Row values;
  float scale = 1;
};
Stored store(const Row &head, const std::string &element);

/// One query against the positions `first` to `length` of a chunk, or several
/// chunks merged.
struct Attended {
  float peak, denominator;
  Row sums;
};
Attended attend(const Row &q, const std::vector<Stored> &keys,
                const std::vector<Stored> &values, int length, int first = 0,
                double factor = 0);
Attended merge(const Attended &before, const Attended &next);

float relu2(float gate, float up);
float silu(float gate, float up);
float geluTanh(float gate, float up);

} // namespace setun::codegen::reference

#endif // SETUN_TESTS_CODEGEN_HALIDE_REFERENCE_H
