//===- gemv.c - What Setun's kernels are measured against -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A ternary matrix times a vector, as one writes it in C for weights in the
// manner of I2_S: 32 bytes hold 128 codes (trit + 1), the highest bits of byte
// j that of column j, the next ones of column 32 + j, and so on. Compilers
// vectorize it; which `Code` they like better depends on the CPU.
//
//===----------------------------------------------------------------------===//

#include <stdint.h>

// isa.py compiles it as gemv8 with Code = uint8_t, and as gemv32 with int32_t.

/// out[r] = float(Σ_k trit[r][k] · q[k]) · scale; `sum` is Σ_k q[k].
void GEMV(const uint8_t *weights, const int8_t *q, int32_t sum, float scale,
          float *out, long rows, long columns) {
  for (long r = 0; r < rows; ++r) {
    int32_t acc = 0;
    for (long k = 0; k < columns; k += 128, weights += 32)
      for (int j = 0; j < 32; ++j) {
        const uint8_t byte = weights[j];
        acc += (Code)(byte >> 6) * q[k + j];
        acc += (Code)(byte >> 4 & 3) * q[k + 32 + j];
        acc += (Code)(byte >> 2 & 3) * q[k + 64 + j];
        acc += (Code)(byte & 3) * q[k + 96 + j];
      }
    out[r] = (float)(acc - sum) * scale;
  }
}
