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
/// [panel][group][row][j], j the column modulo 4.
inline std::vector<uint8_t> packBlocks(const Matrix &matrix,
                                       llvm::StringRef word) {
  bool two = word == "i2";
  int64_t rows = two ? 16 : 80, columns = two ? 16 : 4;
  std::vector<uint8_t> bytes;
  for (int64_t panel = 0; panel < matrix.rows; panel += rows)
    for (int64_t first = 0; first < (matrix.columns + 15) / 16 * 16;
         first += columns)
      for (int64_t row = panel; row < panel + 16; ++row)
        for (int64_t j = first; j < first + 4; ++j) {
          auto code = [&](int64_t i) {
            return two ? matrix.code(row, j + 4 * i)
                       : matrix.code(row + 16 * i, j);
          };
          int byte = two ? code(0) + 4 * code(1) + 16 * code(2) + 64 * code(3)
                         : code(0) + 3 * code(1) + 9 * code(2) + 27 * code(3) +
                               84 * code(4);
          bytes.push_back(static_cast<uint8_t>(byte));
        }
  return bytes;
}

/// The same of rows or columns: groups of 256 trits in 64 bytes, of which byte
/// i has trit 64f + i in its field f, those of columns so that bytes 4e, 16 +
/// 4e, 32 + 4e and 48 + 4e begin runs of four of the same 16 rows.
inline std::vector<uint8_t> packLines(const Matrix &matrix, bool byRows) {
  std::vector<uint8_t> bytes;
  int64_t lines = byRows ? (matrix.rows + 15) / 16 * 16 : matrix.columns;
  int64_t length = byRows ? matrix.columns : matrix.rows;
  for (int64_t line = 0; line < lines; ++line)
    for (int64_t first = 0; first < length; first += 256)
      for (int64_t i = 0; i < 64; ++i) {
        int64_t place = byRows ? i : i / 4 % 4 * 16 + i / 16 * 4 + i % 4;
        int byte = 0;
        for (int64_t f = 3; f >= 0; --f) {
          int64_t at = first + 64 * f + place;
          byte = 4 * byte +
                 (byRows ? matrix.code(line, at) : matrix.code(at, line));
        }
        bytes.push_back(static_cast<uint8_t>(byte));
      }
  return bytes;
}

inline std::vector<uint8_t> pack(const Matrix &matrix, llvm::StringRef word) {
  if (word == "rows" || word == "columns")
    return packLines(matrix, word == "rows");
  return packBlocks(matrix, word);
}

} // namespace setun::codegen

#endif // SETUN_TESTS_CODEGEN_KERNELS_MATRIX_H
