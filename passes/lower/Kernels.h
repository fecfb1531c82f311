//===- Kernels.h - From a recipe to a loop nest -----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_LOWER_KERNELS_H
#define SETUN_PASSES_LOWER_KERNELS_H

#include "dialects/IndexBuilder.h"
#include "dialects/lut/Lut.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <string>

namespace setun::passes {

/// What follows from a recipe.
struct KernelShape {
  explicit KernelShape(lut::KernelAttr kernel);

  std::string name;     ///< e.g. mad_i2_6912x2560_1; _r: adds a residual
  int64_t groups;       ///< groups of 64 bytes a panel
  int64_t groupColumns; ///< columns of a group
  int64_t trits;        ///< trits of a byte
  int64_t panelBlocks;  ///< blocks of a panel
  int64_t quads;        ///< columns of a byte: four neighbours in four bytes
  int64_t panelBytes;   ///< packed bytes of a panel
  int64_t tileBytes;    ///< packed bytes of a tile
  int64_t scratchBytes; ///< at least 1: there is no empty buffer
  int64_t rowsPadded;   ///< rows of the activation and output buffers
};

/// The buffers of a kernel's function, in the order of `KernelFunction`.
struct KernelArguments {
  explicit KernelArguments(mlir::func::FuncOp function);
  mlir::Value weights; ///< [tileBytes] i8
  mlir::Value q;       ///< [rowsPadded][stride] or [rows/16][stride/4][16·4] i8
  mlir::Value sums;    ///< [rowsPadded] i32
  mlir::Value scales;  ///< [rowsPadded] f32
  mlir::Value alpha;   ///< f32
  mlir::Value residual; ///< [rowsPadded][out] f32
  mlir::Value out;      ///< [rowsPadded][out] f32
  mlir::Value scratch;  ///< [scratchBytes] i8
  mlir::Value rows;     ///< index
  mlir::Value blocks;   ///< index
};

/// Small verbs for loop nests in one function.
struct KernelBuilder : IndexBuilder {
  KernelBuilder(mlir::func::FuncOp function, lut::KernelAttr kernel);

  lut::KernelAttr kernel;
  KernelShape shape;
  KernelArguments args;

  mlir::Value zeros(mlir::VectorType type);
  mlir::VectorType vector(int64_t size, mlir::Type element);

  /// for (i = begin; i < end; i += step) carried = body(i, carried)
  using Body = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::Value, mlir::ValueRange)>;
  llvm::SmallVector<mlir::Value> loop(mlir::Value begin, mlir::Value end,
                                      int64_t step, mlir::ValueRange carried,
                                      Body body);
  /// The same without carried values.
  void forEach(mlir::Value begin, mlir::Value end, int64_t step,
               llvm::function_ref<void(mlir::Value)> body);

  /// Bytes [first, first + count) of a group, taken apart: [block of the
  /// panel][quad], or what else `form` gives.
  llvm::SmallVector<mlir::Value> unpack(mlir::Value panel, mlir::Value group,
                                        lut::Form form, int64_t first = 0,
                                        int64_t count = lut::kGroupBytes);
  /// Where a group lies in the weights.
  mlir::Value groupPlace(mlir::Value panel, mlir::Value group);
  /// `body`, if the tile has the block: the last panel may have more.
  void ifBlock(mlir::Value block, llvm::function_ref<void()> body);
  /// q[row][column .. column + 3]
  mlir::Value loadFour(mlir::Value row, mlir::Value column);
  /// alpha / scales[row]
  mlir::Value loadFactor(mlir::Value row);
  /// out[row][16·block ..] = float(acc) · (alpha / scales[row]) [+ residual],
  /// acc: vector<16xi32> without the offset of the codes.
  void store(mlir::Value acc, mlir::Value row, mlir::Value block);
  /// out[row][16·block ..] = y [+ residual]
  void storeFloats(mlir::Value y, mlir::Value row, mlir::Value block);
};

/// Scratch of a table kernel, and of a look-up kernel.
int64_t getTableBytes(const KernelShape &shape);
int64_t getLookupBytes(const KernelShape &shape, lut::TileAttr tile);
/// … and of one that picks floats.
int64_t getPickBytes(const KernelShape &shape);
/// … and of one that skips.
int64_t getSkipBytes(lut::KernelAttr kernel);

/// Codes that stay where they lie in their bytes are multiplied by scales, and
/// each scale has a sum of its own.
struct CodeScales {
  CodeScales(lut::PackingInterface packing, lut::Form form);

  llvm::SmallVector<int64_t> values; ///< the scales, ascending from 1
  llvm::SmallVector<int64_t> sumOf;  ///< of a quad of the byte: its sum

  /// Σ sums[i] / values[i], exact.
  mlir::Value combine(IndexBuilder &b, llvm::ArrayRef<mlir::Value> sums) const;
};

/// The screen kernel of a head (ScreenKernel.cpp): the types of its arguments
/// in the order of `ScreenFunction` in runtime/abi/Screen.h, and its loops.
llvm::SmallVector<mlir::Type> getScreenTypes(mlir::OpBuilder &builder,
                                             int64_t columns, int64_t rows);
void buildScreenKernel(mlir::func::FuncOp function, lut::Dot dot);

/// Activations of a row begin at a multiple of 16, groups of weights of 64.
inline const llvm::Align kFourAlignment(4), kGroupAlignment(16);

/// What a kernel that multiplies knows of #lut.target; the plainest of them.
struct MadMachine {
  lut::Dot dot = lut::Dot::Singles;
  bool u8Codes = false;
  int64_t sums = 1, streams = 4;
};

/// sums += codes · q, `unroll` blocks × `tokens` in registers (MadKernel.cpp).
void buildMadKernel(mlir::func::FuncOp function, lut::KernelAttr kernel,
                    const MadMachine &machine);
/// The same with vectors as long as the machine has them (ScalableKernel.cpp).
void buildScalableKernel(mlir::func::FuncOp function, lut::KernelAttr kernel);
/// sums += table[two trits], one token (TableKernel.cpp).
void buildTableKernel(mlir::func::FuncOp function, lut::KernelAttr kernel);
/// sums += table[four trits], 16 tokens at once; `mixes`: and codes · q
/// (LookupKernel.cpp).
void buildLookupKernel(mlir::func::FuncOp function, lut::KernelAttr kernel,
                       bool mixes);
/// sums += the floats that two codes choose (PickKernel.cpp).
void buildPickKernel(mlir::func::FuncOp function, lut::KernelAttr kernel);
/// sums += codes · q of rows or columns that count (SkipKernel.cpp).
void buildSkipKernel(mlir::func::FuncOp function, lut::KernelAttr kernel);

} // namespace setun::passes

#endif // SETUN_PASSES_LOWER_KERNELS_H
