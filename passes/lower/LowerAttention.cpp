//===- LowerAttention.cpp - Rotate, append, attend ------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The queries of a KV head attend together to a chunk of positions; what the
// chunks gave is merged in their order. Few rows: every chunk is a tile, and
// the last that finishes merges. Many rows: a tile takes some of them through
// all chunks.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/StepLowering.h"

using namespace mlir;

namespace setun::passes {

using spmd::Field;
using spmd::Region;

/// Rows that attend together: their queries share a chunk in L2.
static constexpr int64_t kTileRows = 16;
/// Up to so many rows, chunks are more to share out than rows.
static constexpr int64_t kMostRowsByChunks = 32;

/// Queries that share a register of keys or values, where there is room for
/// `most`: more would not fit 16 registers of 256 bits.
static int64_t queriesAtOnce(int64_t most) {
  for (int64_t count : {4, 5, 3, 2})
    if (most % count == 0)
      return count;
  return 1;
}

/// What some queries have of one chunk or of several: sums, then peaks and
/// denominators.
struct StepLowering::Attended {
  Value sums, peaks, denominators;
};

/// Where these lie, one after the other.
struct StepLowering::Slots {
  Region region;
  Value offset;
  int64_t queries, bytes;
};

int64_t StepLowering::getSlotBytes(int64_t queries) {
  return lut::roundUp(queries * 4, 64) * 2 +
         queries * lut::padded(model.getHeadDim()) * 4;
}

StepLowering::Attended StepLowering::getSlot(const Slots &slots, Value index) {
  Value first = s.add(s.mul(index, slots.bytes), slots.offset);
  int64_t width = lut::padded(model.getHeadDim());
  int64_t numbers = lut::roundUp(slots.queries * 4, 64);
  auto at = [&](int64_t offset, ArrayRef<int64_t> shape) {
    return s.view(slots.region, s.add(first, offset), shape, f32);
  };
  return {at(2 * numbers, {slots.queries, width}), at(0, slots.queries),
          at(numbers, slots.queries)};
}

//===----------------------------------------------------------------------===//
// The cache
//===----------------------------------------------------------------------===//

/// One layer's and head's part of the chunk that holds `position`.
StepLowering::CacheChunk StepLowering::cacheChunk(tern::AttentionOp op,
                                                  Value head, Value chunk) {
  int64_t width = lut::padded(model.getHeadDim());
  int64_t plane = width * cache.positions * cache.elementBytes;
  Value layer = s.add(s.mul(chunk, model.getLayers()), op.getLayer());
  Value first = s.mul(s.add(s.mul(layer, model.getKvHeads()), head),
                      cache.getHeadBytes(width));
  CacheChunk result;
  result.first = first;
  auto at = [&](int64_t offset, ArrayRef<int64_t> shape, Type element) {
    return s.view(Region::Cache, s.add(first, offset), shape, element);
  };
  result.planes = {at(0, {cache.positions / 16, width, 16}, cache.element),
                   at(plane, {width / 16, cache.positions, 16}, cache.element)};
  if (cache.isScaled())
    for (int64_t which : {0, 1})
      result.planes.push_back(
          at(2 * plane + which * cache.positions * 4, cache.positions, f32));
  return result;
}

/// Cosines and sines of `row` in the op's table.
Value StepLowering::angles(tern::AttentionOp op, Value row) {
  int64_t rotated = model.getRotated();
  Value table = s.add(s.mul(row, model.getRopeTables()),
                      s.index(op.getRope().value_or(0)));
  return s.view(Region::Rope, s.mul(table, rotated * 4), rotated, f32);
}

/// `kind` of a head, its first argument, or `norm_` of that.
void StepLowering::stageOfHead(tern::AttentionOp op, StringRef kind, bool isKey,
                               ArrayRef<int64_t> sizes,
                               ArrayRef<Value> arguments, Type element) {
  if (!op.getNorms())
    return s.stage(kind, sizes, arguments, element);
  SmallVector<Value> all(arguments);
  auto norm = cast<FlatSymbolRefAttr>((*op.getNorms())[isKey]);
  all.insert(all.begin() + 1, vectorWeight(op, norm));
  s.stage(("norm_" + kind).str(), sizes, all, element,
          op.getEps()->convertToDouble());
}

/// Key and value of `row` go where the chunks have them.
void StepLowering::appendToCache(tern::AttentionOp op, Value row, Value head) {
  int64_t dim = model.getHeadDim(), width = lut::padded(dim);
  int64_t bytes = cache.elementBytes;
  Value position = s.add(s.get(Field::Position), row);
  Value first = cacheChunk(op, head, s.div(position, cache.positions)).first;
  Value inside = s.rem(position, cache.positions);
  Value column = s.mul(head, dim);
  // Keys: [position / 16][width][16]; values: [width / 16][position][16].
  Value key = s.add(s.mul(s.div(inside, 16), width * 16), s.rem(inside, 16));
  int64_t plane = width * cache.positions * bytes;
  SmallVector<Value> keyArguments{
      rowView(op.getK(), row, column, dim), angles(op, row),
      s.view(Region::Cache, s.add(s.mul(key, bytes), first), (dim - 1) * 16 + 1,
             cache.element)};
  SmallVector<Value> valueArguments{
      rowView(op.getV(), row, column, dim),
      s.view(Region::Cache,
             s.add(s.add(s.mul(inside, 16 * bytes), first), plane),
             {width / 16, cache.positions, 16}, cache.element)};
  auto scale = [&](int64_t which) {
    int64_t offset = 2 * plane + which * cache.positions * 4;
    return s.view(Region::Cache, s.add(s.add(s.mul(inside, 4), first), offset),
                  1, f32);
  };
  if (cache.isScaled()) {
    keyArguments.push_back(scale(0));
    valueArguments.push_back(scale(1));
  }
  stageOfHead(op, "store_key", /*isKey=*/true, {dim, model.getRotated()},
              keyArguments, cache.element);
  s.stage("store_value", {dim, cache.positions}, valueArguments, cache.element);
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

/// The queries of `row` and `kvHead`, rotated, into `out` of `region`.
void StepLowering::rotateQueries(tern::AttentionOp op, Value row, Value kvHead,
                                 Region region, Value out) {
  int64_t dim = model.getHeadDim(), width = lut::padded(dim);
  int64_t group = model.getHeads() / model.getKvHeads();
  Value angles = this->angles(op, row);
  s.forEach(s.index(0), s.index(group), [&](Value query) {
    Value head = s.add(s.mul(kvHead, group), query);
    Value to =
        s.view(region, s.add(s.mul(query, width * 4), out), {1, width}, f32);
    stageOfHead(op, "rope", /*isKey=*/false, {dim, width, model.getRotated()},
                {rowView(op.getQ(), row, s.mul(head, dim), dim), angles, to},
                f32);
  });
}

/// The first position that `row` sees, or 0: of an op with a window.
Value StepLowering::firstSeen(tern::AttentionOp op, Value row) {
  Value end = s.add(s.add(s.get(Field::Position), row), 1);
  Value window = s.index(*op.getWindow());
  return s.sub(end, s.min(end, window));
}

/// The chunk with that position; what lies before it is not seen from `row`
/// on.
Value StepLowering::firstChunk(tern::AttentionOp op, Value row) {
  if (!op.getWindow())
    return s.index(0);
  return s.div(firstSeen(op, row), cache.positions);
}

/// Queries of `rows` rows from `first` on against a chunk.
void StepLowering::attend(tern::AttentionOp op, Value queries, Value kvHead,
                          Value chunk, Value first, Value rows, int64_t scratch,
                          int64_t maxQueries, const Attended &out) {
  int64_t dim = model.getHeadDim(), width = lut::padded(dim);
  int64_t group = model.getHeads() / model.getKvHeads();
  int64_t cells = maxQueries * cache.positions;
  s.needScratch(scratch + 2 * cells * 4);
  auto scores = [&](int64_t which) {
    return s.view(Region::Scratch, s.index(scratch + which * cells * 4),
                  {maxQueries, cache.positions}, f32);
  };
  Value length = s.sub(s.add(s.add(s.get(Field::Position), first), 1),
                       s.mul(chunk, cache.positions));
  SmallVector<Value> arguments{queries};
  llvm::append_range(arguments, cacheChunk(op, kvHead, chunk).planes);
  if (op.getWindow())
    arguments.push_back(s.sub(length, s.index(*op.getWindow())));
  arguments.append({length, rows, scores(0), scores(1), out.peaks,
                    out.denominators, out.sums});
  s.stage(op.getWindow() ? "attend_window" : "attend",
          {dim, width, cache.positions, group, queriesAtOnce(maxQueries)},
          arguments, cache.element,
          op.getScale() ? op.getScale()->convertToDouble() : 0);
}

void StepLowering::merge(const Attended &before, const Attended &next,
                         Value queries, const Attended &out) {
  s.stage("merge", lut::padded(model.getHeadDim()),
          {before.peaks, before.denominators, before.sums, next.peaks,
           next.denominators, next.sums, queries, out.peaks, out.denominators,
           out.sums});
}

/// The quotients of `slots`' slot `index`, into the rows from `first` on.
void StepLowering::writeAttended(tern::AttentionOp op, const Slots &slots,
                                 Value index, Value kvHead, Value first,
                                 Value rows) {
  int64_t dim = model.getHeadDim(), width = lut::padded(dim);
  int64_t group = model.getHeads() / model.getKvHeads();
  int64_t numbers = lut::roundUp(slots.queries * 4, 64);
  Value slot = s.add(s.mul(index, slots.bytes), slots.offset);
  s.forEach(s.index(0), s.mul(rows, group), [&](Value query) {
    Value row = s.add(s.div(query, group), first);
    Value head = s.add(s.mul(kvHead, group), s.rem(query, group));
    s.stage("attended", dim,
            {s.view(slots.region, s.add(s.add(s.mul(query, 4), slot), numbers),
                    1, f32),
             s.view(slots.region,
                    s.add(s.add(s.mul(query, width * 4), slot), 2 * numbers),
                    dim, f32),
             rowView(op.getResult(), row, s.mul(head, dim), dim)});
  });
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

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

/// A row attends to the rows before it: all are appended first, some rows a
/// worker, since positions share cache lines. Queries go to
/// [kvHead][row][query][width] at `rotated`.
void StepLowering::appendAll(tern::AttentionOp op, int64_t rotated) {
  int64_t kvHeads = model.getKvHeads();
  int64_t rowBytes =
      model.getHeads() / kvHeads * lut::padded(model.getHeadDim()) * 4;
  Value rows = s.get(Field::Rows);
  Value blocks = s.div(s.add(rows, kTileRows - 1), kTileRows);
  s.parallelFor(s.mul(blocks, kvHeads), [&](Value tile) {
    Value kvHead = s.rem(tile, kvHeads);
    Value first = s.mul(s.div(tile, kvHeads), kTileRows);
    s.forEach(first, s.min(s.add(first, kTileRows), rows), [&](Value row) {
      appendToCache(op, row, kvHead);
      Value slot = s.add(s.mul(kvHead, rowsPadded), row);
      rotateQueries(op, row, kvHead, Region::Arena,
                    s.add(s.mul(slot, rowBytes), rotated));
    });
  });
  s.barrier();
}

/// Slot 0 and then 1, 0, … hold what is merged; chunk c > 0 is in slot c + 1.
void StepLowering::mergeChunks(const Slots &slots, Value chunks,
                               Value queries) {
  s.forEach(s.index(1), chunks, [&](Value chunk) {
    merge(getSlot(slots, s.rem(s.add(chunk, 1), 2)),
          getSlot(slots, s.add(chunk, 1)), queries,
          getSlot(slots, s.rem(chunk, 2)));
  });
}

/// A tile is a chunk of a KV head.
void StepLowering::attendByChunks(tern::AttentionOp op, int64_t rotated) {
  int64_t kvHeads = model.getKvHeads(), group = model.getHeads() / kvHeads;
  int64_t queries = maxRows * group, width = lut::padded(model.getHeadDim());
  int64_t slotCount = lut::ceilDiv(model.getMaxContext(), cache.positions) + 1;
  int64_t slotBytes = getSlotBytes(queries);
  int64_t base = temporary(kvHeads * slotCount * slotBytes);
  bool alone = maxRows == 1;
  Value rows = s.get(Field::Rows), zero = s.index(0), one = s.index(1);
  Value last = s.sub(s.add(s.get(Field::Position), rows), one);
  Value begin = firstChunk(op, zero);
  Value chunks = s.sub(s.add(s.div(last, cache.positions), 1), begin);
  auto finished = s.counters(kvHeads);
  int64_t ownBytes = alone ? queries * width * 4 : 0;
  s.parallelFor(s.mul(chunks, kvHeads), [&](Value tile) {
    Value kvHead = s.rem(tile, kvHeads), chunk = s.div(tile, kvHeads);
    Value isLast = s.isEqual(chunk, s.sub(chunks, one));
    if (handed)
      s.await(handed->counters, zero, s.index(handed->tiles));
    Value query = s.index(0);
    if (alone) {
      rotateQueries(op, zero, kvHead, Region::Scratch, zero);
      s.ifThen(isLast, [&] { appendToCache(op, zero, kvHead); });
    } else {
      query = s.add(s.mul(kvHead, rowsPadded * group * width * 4), rotated);
    }
    Slots slots{Region::Arena,
                s.add(s.mul(kvHead, slotCount * slotBytes), base), queries,
                slotBytes};
    Value slot = s.add(chunk, s.min(chunk, one));
    attend(op,
           s.view(alone ? Region::Scratch : Region::Arena, query,
                  {queries, width}, f32),
           kvHead, s.add(chunk, begin), zero, rows, ownBytes, queries,
           getSlot(slots, slot));
    Value before = s.finish(finished, kvHead);
    s.ifThen(s.isEqual(before, s.sub(chunks, one)), [&] {
      mergeChunks(slots, chunks, s.mul(rows, group));
      writeAttended(op, slots, s.rem(s.sub(chunks, one), s.index(2)), kvHead,
                    zero, rows);
    });
  });
}

/// A tile is some rows of a KV head; the last, which see most, come first.
void StepLowering::attendByRows(tern::AttentionOp op, int64_t rotated) {
  int64_t kvHeads = model.getKvHeads(), group = model.getHeads() / kvHeads;
  int64_t queries = kTileRows * group, width = lut::padded(model.getHeadDim());
  int64_t rowBytes = group * width * 4;
  int64_t slotBytes = getSlotBytes(queries);
  Value rows = s.get(Field::Rows), one = s.index(1);
  Value blocks = s.div(s.add(rows, kTileRows - 1), kTileRows);
  s.parallelFor(s.mul(blocks, kvHeads), [&](Value tile) {
    Value kvHead = s.rem(tile, kvHeads);
    Value block = s.sub(s.sub(blocks, one), s.div(tile, kvHeads));
    Value first = s.mul(block, kTileRows);
    Value count = s.min(s.index(kTileRows), s.sub(rows, first));
    Value last = s.sub(s.add(s.add(s.get(Field::Position), first), count), one);
    Value begin = firstChunk(op, first);
    Value chunks = s.sub(s.add(s.div(last, cache.positions), 1), begin);
    Slots slots{Region::Scratch, s.index(0), queries, slotBytes};
    Value slot = s.add(s.mul(kvHead, rowsPadded), first);
    Value query = s.view(Region::Arena, s.add(s.mul(slot, rowBytes), rotated),
                         {queries, width}, f32);
    auto attendTo = [&](Value chunk, Value to) {
      attend(op, query, kvHead, s.add(chunk, begin), first, count,
             3 * slotBytes, queries, getSlot(slots, to));
    };
    attendTo(s.index(0), s.index(0));
    s.forEach(one, chunks, [&](Value chunk) {
      attendTo(chunk, s.index(2));
      merge(getSlot(slots, s.rem(s.add(chunk, 1), 2)),
            getSlot(slots, s.index(2)), s.mul(count, group),
            getSlot(slots, s.rem(chunk, 2)));
    });
    writeAttended(op, slots, s.rem(s.sub(chunks, one), 2), kvHead, first,
                  count);
  });
}

void StepLowering::lower(tern::AttentionOp op) {
  int64_t rotated = 0;
  if (maxRows > 1)
    rotated = temporary(lut::roundUp(rowsPadded, kTileRows) * model.getHeads() *
                        lut::padded(model.getHeadDim()) * 4);
  define(op.getResult());
  padAttention(op);
  if (maxRows > 1)
    appendAll(op, rotated);
  if (maxRows <= kMostRowsByChunks)
    attendByChunks(op, rotated);
  else
    attendByRows(op, rotated);
  handed.reset();
  s.barrier();
}

} // namespace setun::passes
