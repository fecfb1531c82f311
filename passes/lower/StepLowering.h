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

/// The rows that a linear reads. `q` is [rows][stride], quantized or floats, or
/// for look-ups [rows / 16][stride / 4][16·4]. Of floats the others are nothing
/// that is read.
struct Activation {
  mlir::Value q, sums, scales;
  bool floats = false;
  int64_t scratch = 0; ///< bytes of the worker's own that it takes
  spmd::Region region = spmd::Region::Arena; ///< where floats lie
  int64_t base = 0;
};

/// The KV cache: [chunk of positions][layer][kvHead], there keys
/// [position / 16][headDim padded][16], values [headDim padded / 16][position]
/// [16], and for i8 a scale of each. A chunk is part of the arithmetic: sums
/// begin anew in it.
struct CacheLayout {
  mlir::Type element;
  int64_t positions, elementBytes; ///< of a chunk; of an element

  bool isScaled() const { return element.isInteger(8); }
  /// Bytes of a chunk of one head of `width`.
  int64_t getHeadBytes(int64_t width) const {
    return 2 * positions * (width * elementBytes + (isScaled() ? 4 : 0));
  }
};
CacheLayout getCacheLayout(mlir::ModuleOp module, tern::ModelAttr model);

/// The float stage of a gate.
std::string getGateStage(tern::Gate gate);

/// 16-row blocks of a weight.
struct Blocks {
  mlir::Value first, count;
};

/// Lowers the ops of `forward` into one step.
class StepLowering {
public:
  StepLowering(spmd::StepOp step, tern::ModelAttr model, unsigned batchClass,
               CacheLayout cache, int64_t rows, int64_t rowsPadded,
               mlir::Location loc)
      : s(step, loc), model(model), cache(cache), batchClass(batchClass),
        maxRows(rows), rowsPadded(rowsPadded), f32(s.b.getF32Type()),
        i8(s.b.getI8Type()) {}

  mlir::LogicalResult run(mlir::func::FuncOp forward);

private:
  mlir::LogicalResult lower(mlir::Operation *op);
  struct DenseRows;
  void lower(tern::EmbeddingOp op);
  void lower(tern::NormOp op);
  void lower(tern::FusedLinearOp op);
  void lower(tern::AddOp op);
  void lower(tern::GateOp op);
  void lower(tern::AttentionOp op);
  void lower(tern::HeadOp op);
  void declareScreen(tern::HeadOp op, llvm::StringRef exact);

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
                    std::optional<int64_t> residual, int64_t out);
  void multiplyBlocks(tern::WeightOp weight, lut::TileAttr tile,
                      const Activation &in, int64_t stride, Blocks blocks,
                      std::optional<int64_t> residual, int64_t out);
  void addBias(tern::WeightOp weight, mlir::FlatSymbolRefAttr bias,
               Blocks blocks, int64_t out);
  void multiplyTrits(tern::WeightOp weight, lut::TileAttr tile,
                     const Activation &in, int64_t stride, Blocks blocks,
                     std::optional<int64_t> residual, int64_t out);
  void multiplyDense(tern::WeightOp weight, lut::TileAttr tile,
                     const Activation &in, int64_t stride, Blocks blocks,
                     std::optional<int64_t> residual, int64_t out);
  Activation readFloats(tern::FusedLinearOp op, int64_t stride);
  void forEachSixteen(
      Blocks blocks, int64_t width, int64_t offset,
      llvm::function_ref<mlir::Value(mlir::Value, mlir::Value, mlir::Value)>
          change);
  mlir::Value viewBlocks(Blocks blocks, int64_t width, int64_t offset);
  void addRows(Blocks blocks, int64_t width, int64_t residual, int64_t out);
  void scaleRows(tern::WeightOp weight, Blocks blocks,
                 std::optional<int64_t> residual, int64_t out);
  mlir::Value scalesView(tern::WeightOp weight, mlir::Value block);
  void multiplyAll(tern::FusedLinearOp op, const Activation &in,
                   int64_t stride);
  Blocks getBlocks(tern::WeightOp weight, lut::TileAttr tile,
                   mlir::Value tileIndex);
  int64_t countTiles(tern::WeightOp weight, lut::TileAttr tile);
  void gateTile(tern::FusedLinearOp op, lut::TileAttr tile,
                mlir::Value tileIndex, int64_t gate, int64_t up);

  // Skipping.
  lut::SkipAttr getSkip(tern::FusedLinearOp op);
  mlir::Value countTrue(mlir::Value count,
                        llvm::function_ref<mlir::Value(mlir::Value)> test);
  void chooseSkip(tern::FusedLinearOp op, mlir::Value active,
                  mlir::Value inputs, StepBuilder::Branch sparse,
                  StepBuilder::Branch dense);
  mlir::Value countActive(tern::FusedLinearOp op, const Activation &in);
  void multiplyUp(tern::FusedLinearOp op, tern::WeightOp weight,
                  lut::TileAttr tile, const Activation &in, int64_t stride,
                  mlir::Value tileIndex, int64_t gate, int64_t up);
  void multiplyColumns(tern::WeightOp weight, const Activation &in,
                       int64_t stride, std::optional<int64_t> residual,
                       int64_t out);

  // Attention.
  struct Attended;
  struct Slots;
  /// Keys and values, and their scales if there are any.
  struct CacheChunk {
    mlir::Value first;
    llvm::SmallVector<mlir::Value> planes;
  };
  int64_t getSlotBytes(int64_t queries);
  Attended getSlot(const Slots &slots, mlir::Value index);
  CacheChunk cacheChunk(tern::AttentionOp op, mlir::Value head,
                        mlir::Value chunk);
  mlir::Value angles(tern::AttentionOp op, mlir::Value row);
  mlir::Value firstSeen(tern::AttentionOp op, mlir::Value row);
  mlir::Value firstChunk(tern::AttentionOp op, mlir::Value row);
  void stageOfHead(tern::AttentionOp op, llvm::StringRef kind, bool isKey,
                   llvm::ArrayRef<int64_t> sizes,
                   llvm::ArrayRef<mlir::Value> arguments, mlir::Type element);
  void appendToCache(tern::AttentionOp op, mlir::Value row, mlir::Value head);
  void rotateQueries(tern::AttentionOp op, mlir::Value row, mlir::Value kvHead,
                     spmd::Region region, mlir::Value out);
  void attend(tern::AttentionOp op, mlir::Value queries, mlir::Value kvHead,
              mlir::Value chunk, mlir::Value first, mlir::Value rows,
              int64_t scratch, int64_t maxQueries, const Attended &out);
  void merge(const Attended &before, const Attended &next, mlir::Value queries,
             const Attended &out);
  void mergeChunks(const Slots &slots, mlir::Value chunks, mlir::Value queries);
  void writeAttended(tern::AttentionOp op, const Slots &slots,
                     mlir::Value index, mlir::Value kvHead, mlir::Value first,
                     mlir::Value rows);
  void padAttention(tern::AttentionOp op);
  void appendAll(tern::AttentionOp op, int64_t rotated);
  void attendByChunks(tern::AttentionOp op, int64_t rotated);
  void attendByRows(tern::AttentionOp op, int64_t rotated);

  // Buffers.
  mlir::Value vectorWeight(mlir::Operation *user, mlir::FlatSymbolRefAttr name);
  mlir::Value rowView(mlir::Value tensor, mlir::Value row, mlir::Value column,
                      int64_t width);
  void define(mlir::Value result);
  int64_t temporary(int64_t bytes);
  void release(mlir::Operation *op);

  StepBuilder s;
  /// Tiles of q, k and v that attention waits for, instead of a barrier.
  struct Handed {
    StepBuilder::Counters counters;
    int64_t tiles;
  };
  bool isHanded(tern::FusedLinearOp op);

  tern::ModelAttr model;
  CacheLayout cache;
  std::optional<Handed> handed;
  unsigned batchClass;
  int64_t maxRows, rowsPadded;
  mlir::FloatType f32;
  mlir::IntegerType i8;
  llvm::DenseMap<mlir::Value, int64_t> offsets; // of live tensors in the arena
  llvm::SmallVector<int64_t> temporaries;
  llvm::DenseMap<mlir::Operation *, mlir::FlatSymbolRefAttr>
      biases; // by weight
};

} // namespace setun::passes

#endif // SETUN_PASSES_LOWER_STEPLOWERING_H
