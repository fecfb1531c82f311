//===- StepLowering.h - One step of a batch class ---------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_LOWER_STEPLOWERING_H
#define SETUN_PASSES_LOWER_STEPLOWERING_H

#include "dialects/tern/Tern.h"
#include "passes/lower/StepBuilder.h"

namespace setun::passes {

/// The quantized rows that a linear reads. `q` is [rows][stride], or for
/// look-ups [rows / 16][stride / 4][16·4].
struct Activation {
  mlir::Value q, sums, scales;
};

/// Bytes of the KV cache a position: [layer][k, v][kvHead][headDim padded] f32.
int64_t getCacheBytes(tern::ModelAttr model);

/// Lowers the ops of `forward` into one step.
class StepLowering {
public:
  StepLowering(spmd::StepOp step, tern::ModelAttr model, unsigned batchClass,
               int64_t rows, int64_t rowsPadded, mlir::Location loc)
      : s(step, loc), model(model), batchClass(batchClass), maxRows(rows),
        rowsPadded(rowsPadded), f32(s.b.getF32Type()), i8(s.b.getI8Type()) {}

  mlir::LogicalResult run(mlir::func::FuncOp forward);

private:
  mlir::LogicalResult lower(mlir::Operation *op);
  void lower(tern::EmbeddingOp op);
  void lower(tern::NormOp op);
  void lower(tern::FusedLinearOp op);
  void lower(tern::AttentionOp op);
  void lower(tern::HeadOp op);

  // Linear.
  int64_t getStride(tern::FusedLinearOp op);
  int64_t getActivationBytes(int64_t stride);
  lut::TileAttr getTile(tern::FusedLinearOp op, tern::WeightOp weight);
  Activation quantize(tern::FusedLinearOp op, int64_t stride, bool lookup);
  mlir::Value quantizeForLookups(mlir::Value q, int64_t stride,
                                 llvm::function_ref<void(mlir::Value)> one);
  void quantizeRow(tern::FusedLinearOp op, mlir::Value row, mlir::Value q,
                   mlir::Value scale, mlir::Value sum, int64_t stride);
  void turn(mlir::Value q, mlir::Value turned, mlir::Value block,
            int64_t stride);
  void multiply(tern::FusedLinearOp op, const Activation &in, int64_t stride);
  void multiplyTile(tern::WeightOp weight, lut::TileAttr tile,
                    const Activation &in, int64_t stride, mlir::Value tileIndex,
                    mlir::Value residual, int64_t outOffset);
  mlir::Value countTiles(tern::WeightOp weight, lut::TileAttr tile);
  void gateTile(tern::FusedLinearOp op, lut::TileAttr tile,
                mlir::Value tileIndex, int64_t gate, int64_t up);

  // Attention.
  void appendToCache(tern::AttentionOp op, mlir::Value row, mlir::Value head);
  void attend(tern::AttentionOp op, mlir::Value row, mlir::Value head,
              int64_t rotated);
  void padAttention(tern::AttentionOp op);
  mlir::Value cacheRows(tern::AttentionOp op, int64_t which, mlir::Value head,
                        mlir::Value position, int64_t rows);
  void rotateQuery(tern::AttentionOp op, mlir::Value row, mlir::Value head,
                   int64_t rotated);

  // Buffers.
  mlir::Value vectorWeight(mlir::Operation *user, mlir::FlatSymbolRefAttr name);
  mlir::Value rowView(mlir::Value tensor, mlir::Value row, mlir::Value column,
                      int64_t width);
  void define(mlir::Value result);
  int64_t temporary(int64_t bytes);
  void release(mlir::Operation *op);

  StepBuilder s;
  tern::ModelAttr model;
  unsigned batchClass;
  int64_t maxRows, rowsPadded;
  mlir::FloatType f32;
  mlir::IntegerType i8;
  llvm::DenseMap<mlir::Value, int64_t> offsets; // of live tensors in the arena
  llvm::SmallVector<int64_t> temporaries;
};

} // namespace setun::passes

#endif // SETUN_PASSES_LOWER_STEPLOWERING_H
