//===- Rows.h - Stored weights become trits and floats ----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bytes of a tensor in its file, which may lie at any alignment, are
// decoded a few rows at a time while the executable is written.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_SAFETENSORS_ROWS_H
#define SETUN_FRONTENDS_SAFETENSORS_ROWS_H

#include "frontends/safetensors/Safetensors.h"

namespace setun::frontends {

enum class Encoding {
  HfPacked, ///< uint8 [rows/4][cols], see readTrits
  F32,
  F16,
  BF16,
};

/// What floats stand for: themselves, 1 / w, or the largest |w| of runs of
/// equal length.
enum class Derived { Nothing, Inverse, Peaks };

/// "hf-packed", "f32", "f16", "bf16"; "f32-inverse", "f32-peaks" and so on.
std::string encodingName(Encoding encoding, Derived derived = Derived::Nothing);
std::optional<std::pair<Encoding, Derived>> parseEncoding(llvm::StringRef name);

/// How floats of this type are stored; nothing for other types.
std::optional<Encoding> floatEncoding(DType dtype);

/// Bytes of a whole tensor. Packed tensors have a multiple of four rows.
uint64_t encodedBytes(Encoding encoding, int64_t rows, int64_t cols);

/// Writes rows [firstRow, firstRow + numRows) as −1, 0, 1 to
/// `out` [numRows][cols]. `bytes` is the whole tensor.
///
/// HfPacked: byte (r, c) holds rows r, r+R, r+2R, r+3R with R = rows/4 in its
/// bits 0-1, 2-3, 4-5, 6-7, each as trit + 1 (transformers,
/// integrations/bitnet.py). No code may be 3: see checkPacked.
///
/// Floats: clamp(round(w · scaleInv), −1, 1) in fp32, halves to even, where
/// scaleInv is 1 / max(mean |w|, 1e-5) for master weights; infinite, it makes
/// signs of them.
void readTrits(Encoding encoding, llvm::StringRef bytes, int64_t rows,
               int64_t cols, int64_t firstRow, int64_t numRows, float scaleInv,
               int8_t *out);

/// Values [first, first + count) of a float tensor.
void readFloats(Encoding encoding, llvm::StringRef bytes, int64_t first,
                int64_t count, float *out);

/// What floats that are trits times scales have in common.
struct TernaryScales {
  /// Columns that share a scale; 0: the whole tensor does.
  int64_t columns;
  /// That of the whole tensor, 1 if all of it is 0.
  float scale;
};

/// The fewest scales with which every value is −1, 0 or 1 times one, bit for
/// bit: of the tensor, of rows, or of groups of a multiple of 16 columns that
/// divides them. Nothing if there are none.
std::optional<TernaryScales> findTernaryScales(Encoding encoding,
                                               llvm::StringRef bytes,
                                               int64_t rows, int64_t cols);

/// Largest |w| of runs [first, first + count), of `run` values each.
void readPeaks(Encoding encoding, llvm::StringRef bytes, int64_t run,
               int64_t first, int64_t count, float *out);

/// Mean of |w| over a float tensor, 0 if it is empty. Summed in fp64 in a fixed
/// order: the same on every machine.
double absMean(Encoding encoding, llvm::StringRef bytes);

/// How many master weights lie within one ulp of the ±0.5 where a trit changes:
/// another order of summation in absMean could flip those.
uint64_t countNearTies(Encoding encoding, llvm::StringRef bytes,
                       float scaleInv);

/// Position of the first value that is not finite / is none of −1, 0, 1.
std::optional<uint64_t> findNonFinite(Encoding encoding, llvm::StringRef bytes);
std::optional<uint64_t> findNonTrit(Encoding encoding, llvm::StringRef bytes);

/// Fails at the first code 3 of a packed tensor, naming its row and column.
llvm::Error checkPacked(llvm::StringRef bytes, int64_t rows, int64_t cols,
                        const llvm::Twine &name);

/// Fails at the first NaN or infinity of a float tensor, naming its index.
llvm::Error checkFinite(Encoding encoding, llvm::StringRef bytes,
                        const llvm::Twine &name);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_SAFETENSORS_ROWS_H
