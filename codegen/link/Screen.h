//===- Screen.h - The low-bit copy of dense rows ----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_LINK_SCREEN_H
#define SETUN_CODEGEN_LINK_SCREEN_H

#include <cstdint>
#include <functional>

namespace setun::codegen {

/// A row w in 6 bits: step · (code − 32), and what `runtime/abi/Screen.h` needs
/// to know of it.
struct ScreenRow {
  float step; ///< Δ
  float rest; ///< ρ ≥ ‖w − Δc‖; infinity for a row that must not be screened
  float norm; ///< ω ≥ ‖w‖ and ‖Δc‖
};

/// `width` is a multiple of 16.
ScreenRow quantizeScreenRow(const float *row, int64_t width, uint8_t *codes);

/// Packs a block: `read(r, out)` gives row r < `rows` ≤ 16 of `columns` floats.
void packScreenBlock(int64_t rows, int64_t columns,
                     const std::function<void(int64_t, float *)> &read,
                     uint8_t *out);

} // namespace setun::codegen

#endif // SETUN_CODEGEN_LINK_SCREEN_H
