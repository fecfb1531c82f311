//===- LowerAttention.cpp - Rotate, append, attend ------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/StepLowering.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace setun::passes {

using spmd::Field;
using spmd::Region;

int64_t getCacheBytes(tern::ModelAttr model) {
  return model.getLayers() * 2 * model.getKvHeads() *
         lut::padded(model.getHeadDim()) * 4;
}

/// `rows` cache rows of KV head `head` from `position` on; `which`: 0 keys, 1
/// values.
Value StepLowering::cacheRows(tern::AttentionOp op, int64_t which, Value head,
                              Value position, int64_t rows) {
  int64_t width = lut::padded(model.getHeadDim());
  int64_t plane = (op.getLayer() * 2 + which) * model.getKvHeads();
  Value row =
      s.add(s.mul(s.add(head, plane), s.get(Field::Capacity)), position);
  return s.view(Region::Cache, s.mul(row, width * 4), {rows, width}, f32);
}

void StepLowering::appendToCache(tern::AttentionOp op, Value row, Value head) {
  int64_t dim = model.getHeadDim();
  Value position = s.add(s.get(Field::Position), row);
  Value angles = s.view(Region::Rope, s.mul(row, dim * 4), dim, f32);
  Value column = s.mul(head, dim);
  s.stage("rope", {dim, lut::padded(dim)},
          {rowView(op.getK(), row, column, dim), angles,
           cacheRows(op, 0, head, position, 1)});
  s.stage("copy_head", {dim, lut::padded(dim)},
          {rowView(op.getV(), row, column, dim),
           cacheRows(op, 1, head, position, 1)});
}

void StepLowering::rotateQuery(tern::AttentionOp op, Value row, Value head,
                               int64_t rotated) {
  int64_t dim = model.getHeadDim();
  Value angles = s.view(Region::Rope, s.mul(row, dim * 4), dim, f32);
  Value slot = s.add(s.mul(row, model.getHeads()), head);
  Value out =
      s.view(Region::Arena, s.add(s.mul(slot, lut::padded(dim) * 4), rotated),
             {1, lut::padded(dim)}, f32);
  s.stage("rope", {dim, lut::padded(dim)},
          {rowView(op.getQ(), row, s.mul(head, dim), dim), angles, out});
}

void StepLowering::attend(tern::AttentionOp op, Value row, Value head,
                          int64_t rotated) {
  int64_t dim = model.getHeadDim();
  int64_t group = model.getHeads() / model.getKvHeads();
  Value kvHead = s.div(head, group);
  Value length = s.add(s.add(s.get(Field::Position), row), 1);
  Value slot = s.add(s.mul(row, model.getHeads()), head);
  Value query =
      s.view(Region::Arena, s.add(s.mul(slot, lut::padded(dim) * 4), rotated),
             {1, lut::padded(dim)}, f32);
  auto cached = [&](int64_t which) {
    return cacheRows(op, which, kvHead, s.index(0), model.getMaxContext());
  };
  int64_t scores = lut::padded(model.getMaxContext());
  s.needScratch(scores * 4);
  s.stage("attention", {dim, lut::padded(dim)},
          {query, cached(0), cached(1), length,
           s.view(Region::Scratch, s.index(0), scores, f32),
           rowView(op.getResult(), row, s.mul(head, dim), dim)});
}

/// Zeros behind the last head: the linear behind reads whole groups of 16.
void StepLowering::padAttention(tern::AttentionOp op) {
  int64_t width = tern::getWidth(op.getResult());
  int64_t rest = lut::padded(width) - width;
  if (!rest)
    return;
  auto type = VectorType::get(rest, f32);
  s.parallelFor(s.get(Field::Rows), [&](Value row) {
    Value zeros = arith::ConstantOp::create(s.b, s.loc, s.b.getZeroAttr(type));
    vector::StoreOp::create(s.b, s.loc, zeros,
                            rowView(op.getResult(), row, s.index(width), rest),
                            s.index(0));
  });
}

void StepLowering::lower(tern::AttentionOp op) {
  int64_t heads = model.getHeads(), kvHeads = model.getKvHeads();
  int64_t group = heads / kvHeads;
  int64_t rotated =
      temporary(rowsPadded * heads * lut::padded(model.getHeadDim()) * 4);
  define(op.getResult());
  auto perQuery = [&](Value kvHead, llvm::function_ref<void(Value)> body) {
    Value first = s.mul(kvHead, group);
    s.forEach(first, s.add(first, group), body);
  };
  padAttention(op);
  if (maxRows == 1) {
    Value row = s.index(0);
    s.parallelFor(s.index(kvHeads), [&](Value kvHead) {
      appendToCache(op, row, kvHead);
      perQuery(kvHead, [&](Value head) {
        rotateQuery(op, row, head, rotated);
        attend(op, row, head, rotated);
      });
    });
  } else {
    // A row attends to the rows before it: all are appended first.
    s.parallelFor(s.mul(s.get(Field::Rows), kvHeads), [&](Value tile) {
      Value row = s.div(tile, kvHeads), kvHead = s.rem(tile, kvHeads);
      appendToCache(op, row, kvHead);
      perQuery(kvHead,
               [&](Value head) { rotateQuery(op, row, head, rotated); });
    });
    s.barrier();
    s.parallelFor(s.mul(s.get(Field::Rows), heads), [&](Value tile) {
      attend(op, s.div(tile, heads), s.rem(tile, heads), rotated);
    });
  }
  s.barrier();
}

} // namespace setun::passes
