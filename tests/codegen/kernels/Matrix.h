//===- Matrix.h - Ternary matrices, packed the slow way ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_CODEGEN_KERNELS_MATRIX_H
#define SETUN_TESTS_CODEGEN_KERNELS_MATRIX_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <random>
#include <vector>

namespace setun::codegen {

/// Trits, [rows][columns].
struct Matrix {
  int64_t rows, columns;
  std::vector<int8_t> trits;

  static Matrix random(int64_t rows, int64_t columns, unsigned seed) {
    std::minstd_rand generator(seed);
    Matrix matrix{rows, columns, {}};
    for (int64_t i = 0; i < rows * columns; ++i)
      matrix.trits.push_back(static_cast<int8_t>(generator() % 3) - 1);
    return matrix;
  }

  /// Trit + 1; outside the matrix there are zeros.
  int code(int64_t row, int64_t column) const {
    bool inside = row < rows && column < columns;
    return inside ? trits[row * columns + column] + 1 : 1;
  }
};

/// What Lut.td and the heads of packings/*.cpp say, a byte at a time:
/// [16-row block][group][row][j], j the column modulo 4.
inline std::vector<uint8_t> pack(const Matrix &matrix, llvm::StringRef word) {
  int64_t perByte = word == "i2" ? 4 : 5;
  std::vector<uint8_t> bytes;
  for (int64_t block = 0; block < matrix.rows; block += 16)
    for (int64_t first = 0; first < matrix.columns; first += 4 * perByte)
      for (int64_t row = block; row < block + 16; ++row)
        for (int64_t j = first; j < first + 4; ++j) {
          auto code = [&](int64_t i) { return matrix.code(row, j + 4 * i); };
          int byte = word == "i2"
                         ? code(0) + 4 * code(1) + 16 * code(2) + 64 * code(3)
                         : code(0) + 3 * code(1) + 9 * code(2) + 27 * code(3) +
                               84 * code(4);
          bytes.push_back(static_cast<uint8_t>(byte));
        }
  return bytes;
}

} // namespace setun::codegen

#endif // SETUN_TESTS_CODEGEN_KERNELS_MATRIX_H
