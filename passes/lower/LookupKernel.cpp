//===- LookupKernel.cpp - Fetch rows of partial sums ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The "four Russians" product, 16 tokens in the lanes: four trits of a row name
// one of 81 sums, and a load and a 16-bit addition do 64 multiply-adds, on any
// vector unit. Where dot products keep other units busy, they take a share of
// the columns in the same loop.
//
// for pieces of the columns, as large as the cache holds their codes:
//   codes = unpack(bytes): a place in a table for four trits, or the trits
//   for 16 tokens:
//     for chunks of a piece, of a few groups:
//       build a table for every four columns that are looked up
//       for rows: sums[row] += Σ tables[..][code] + Σ codes · q
// out = (sums − Σq) · alpha / scale
//
// The codes are trit + 1, hence the Σq. i16 holds the sums of a chunk, which
// are at most 8·4·2·127, and i32 all of them.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace setun::passes {

static constexpr int64_t kTokens = lut::kLookupTokens;
static constexpr int64_t kTrits = lut::kLookupTrits;
/// Columns that make a group here, whatever 64 packed bytes hold: four trits at
/// each of four positions.
static constexpr int64_t kColumns = kTrits * lut::kPositions;
/// Groups of a chunk that are looked up: their tables fit into a first cache of
/// 32 KiB.
static constexpr int64_t kLookedUp = 2;
static constexpr int64_t kTablesBytes =
    kLookedUp * lut::kPositions / 2 * lut::kLookupTable * 2;
/// Of the codes of a piece: half of a usual second cache.
static constexpr int64_t kPieceBytes = 1 << 19;
/// Places of a group, in a block: 16 bits for every four trits.
static constexpr int64_t kPlacesBytes = 2 * lut::kGroupBytes;

namespace {
/// Groups that are worked on together.
struct Chunk {
  int64_t lookedUp, multiplied;

  int64_t groups() const { return lookedUp + multiplied; }
  /// Four neighbouring columns that are multiplied.
  int64_t quads() const { return multiplied * kTrits; }
  /// Of the codes of a block.
  int64_t bytes() const {
    return lookedUp * kPlacesBytes + quads() * lut::kGroupBytes;
  }
};

struct LookupTile : KernelBuilder {
  LookupTile(func::FuncOp function, lut::KernelAttr kernel, bool mixes);

  void build();

private:
  void addPieces(const Chunk &chunk, int64_t begin, int64_t end,
                 Value tokenBlocks);
  SmallVector<SmallVector<Value>> unpackGroup(Value panel, Value g);
  void unpackPanel(const Chunk &chunk, Value panel, Value first, Value last);
  void storeGroup(const Chunk &chunk, int64_t i, ValueRange quads, Value place);
  void storeBytes(Value codes, Value place);
  Value number(ValueRange codes);

  Value loadQuad(Value tokens, Value quad);
  Value widePair(Value quad, int64_t position);
  void buildTables(const Chunk &chunk, Value tokens, Value g);
  SmallVector<Value> loadQuads(const Chunk &chunk, Value tokens, Value g);
  void addRows(const Chunk &chunk, Value tokens, Value chunksBefore, Value g);
  Value addPlaces(Value sum, Value place, int64_t group);

  void clearSums(Value tokenBlocks);
  Value sumsPlace(Value tokens, Value row);
  void storeBlock(Value tokens, Value block);
  Value codesPlace(const Chunk &chunk, Value block, Value chunksBefore);

  Chunk usual;
  int64_t codesOffset;
  Value tables; ///< [pair of positions][81][2][16] i16
  Value sums;   ///< [tokens / 16][rows of the tile][16] i32
  Value tileRows;
  VectorType narrow, wide;
};
} // namespace

/// As many dot products as look-ups, if they go together.
static Chunk usualChunk(bool mixes) {
  return {kLookedUp, mixes ? kLookedUp : 0};
}

/// What the last groups make, `count` of them.
static Chunk lastChunk(const Chunk &usual, int64_t count) {
  int64_t lookedUp = count == 1 && usual.multiplied ? 0 : count;
  lookedUp = std::min(lookedUp, kLookedUp);
  return {lookedUp, count - lookedUp};
}

static int64_t chunksOfPiece(const Chunk &chunk, int64_t blocks) {
  return std::max<int64_t>(1, kPieceBytes / (chunk.bytes() * blocks));
}

static int64_t countGroups(const KernelShape &shape) {
  return shape.groups * shape.groupColumns / kColumns;
}

static int64_t sumsBytes(int64_t rowsPadded, int64_t blocks) {
  return rowsPadded * blocks * lut::kBlockRows * 4;
}

/// Tables, sums and codes.
int64_t getLookupBytes(const KernelShape &shape, lut::TileAttr tile) {
  int64_t codes = 0;
  for (bool mixes : {false, true}) {
    Chunk chunk = usualChunk(mixes);
    int64_t chunks =
        std::min<int64_t>(chunksOfPiece(chunk, tile.getBlocks()),
                          lut::ceilDiv(countGroups(shape), chunk.groups()));
    codes = std::max(codes, chunks * chunk.bytes() * tile.getBlocks());
  }
  return kTablesBytes + sumsBytes(shape.rowsPadded, tile.getBlocks()) + codes;
}

LookupTile::LookupTile(func::FuncOp function, lut::KernelAttr kernel,
                       bool mixes)
    : KernelBuilder(function, kernel), usual(usualChunk(mixes)),
      narrow(vector(kTokens, b.getI16Type())),
      wide(vector(kTokens, b.getI32Type())) {
  int64_t blocks = kernel.getTile().getBlocks();
  auto view = [&](int64_t offset, ArrayRef<int64_t> dims, Type element) {
    return memref::ViewOp::create(b, loc, MemRefType::get(dims, element),
                                  args.scratch, index(offset), ValueRange());
  };
  tables = view(0, kTablesBytes / 2, b.getI16Type());
  int64_t bytes = sumsBytes(shape.rowsPadded, blocks);
  sums = view(kTablesBytes, bytes / 4, b.getI32Type());
  codesOffset = kTablesBytes + bytes;
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

/// In the scratch: [chunk of the piece][block].
Value LookupTile::codesPlace(const Chunk &chunk, Value block,
                             Value chunksBefore) {
  Value before = add(mul(chunksBefore, kernel.getTile().getBlocks()), block);
  return add(mul(before, chunk.bytes()), codesOffset);
}

void LookupTile::storeBytes(Value codes, Value place) {
  auto type = cast<VectorType>(codes.getType());
  int64_t bytes = type.getNumElements() * type.getElementTypeBitWidth() / 8;
  Value flat =
      vector::BitCastOp::create(b, loc, vector(bytes, b.getI8Type()), codes);
  vector::StoreOp::create(b, loc, flat, args.scratch, place);
}

/// Four codes as one number in base 3.
Value LookupTile::number(ValueRange codes) {
  Value n = codes[kTrits - 1];
  for (int64_t i = kTrits - 2; i >= 0; --i)
    for (Value more : {n, n, codes[i]})
      n = arith::AddIOp::create(b, loc, n, more);
  return n;
}

/// The codes of 16 columns: [block of the panel][quad].
SmallVector<SmallVector<Value>> LookupTile::unpackGroup(Value panel, Value g) {
  SmallVector<SmallVector<Value>> quads(shape.panelBlocks);
  int64_t packed = kColumns / shape.groupColumns;
  for (int64_t i = 0; i < packed; ++i) {
    auto trits = unpack(panel, add(mul(g, packed), i), lut::Form::Codes);
    for (auto [block, some] : llvm::enumerate(quads))
      append_range(some,
                   ArrayRef(trits).slice(block * shape.quads, shape.quads));
  }
  return quads;
}

/// Group `i` of a chunk of one block, in [looked up][16 rows][4 positions] i16,
/// [quad][16 rows][4] i8.
void LookupTile::storeGroup(const Chunk &chunk, int64_t i, ValueRange quads,
                            Value place) {
  if (i < chunk.lookedUp) {
    auto places = vector(lut::kGroupBytes, b.getI16Type());
    Value rowElements = arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(places, int16_t(5)));
    Value n = arith::ExtUIOp::create(b, loc, places, number(quads));
    return storeBytes(arith::ShLIOp::create(b, loc, n, rowElements),
                      add(place, i * kPlacesBytes));
  }
  int64_t before = chunk.lookedUp * kPlacesBytes +
                   (i - chunk.lookedUp) * kTrits * lut::kGroupBytes;
  for (auto [t, codes] : llvm::enumerate(quads))
    storeBytes(codes, add(place, before + t * lut::kGroupBytes));
}

void LookupTile::unpackPanel(const Chunk &chunk, Value panel, Value first,
                             Value last) {
  forEach(first, last, chunk.groups(), [&](Value g) {
    Value before = div(sub(g, first), chunk.groups());
    for (int64_t i = 0; i < chunk.groups(); ++i)
      for (auto [n, quads] : llvm::enumerate(unpackGroup(panel, add(g, i)))) {
        Value block = add(mul(panel, shape.panelBlocks), n);
        storeGroup(chunk, i, quads, codesPlace(chunk, block, before));
      }
  });
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// Four neighbouring columns of 16 tokens.
Value LookupTile::loadQuad(Value tokens, Value quad) {
  return vector::LoadOp::create(b, loc, vector(kTokens * 4, b.getI8Type()),
                                args.q, ValueRange{tokens, quad, index(0)});
}

/// Columns `position` and `position + 1` of a quad, i16.
Value LookupTile::widePair(Value quad, int64_t position) {
  SmallVector<int64_t> lanes;
  for (int64_t i = 0; i < 2 * kTokens; ++i)
    lanes.push_back(i % kTokens * 4 + position + i / kTokens);
  Value pair = vector::ShuffleOp::create(b, loc, quad, quad, lanes);
  return arith::ExtSIOp::create(b, loc, vector(2 * kTokens, b.getI16Type()),
                                pair);
}

void LookupTile::buildTables(const Chunk &chunk, Value tokens, Value g) {
  int64_t table = 0;
  for (int64_t i = 0; i < chunk.lookedUp; ++i) {
    SmallVector<Value> quads;
    for (int64_t t = 0; t < kTrits; ++t)
      quads.push_back(loadQuad(tokens, add(mul(add(g, i), kTrits), t)));
    for (int64_t position = 0; position < lut::kPositions; position += 2) {
      SmallVector<Value> columns;
      for (Value quad : quads)
        columns.push_back(widePair(quad, position));
      Value place = memref::ViewOp::create(
          b, loc, MemRefType::get(lut::kLookupTable, b.getI16Type()),
          args.scratch, index(table++ * lut::kLookupTable * 2), ValueRange());
      lut::BuildTableOp::create(b, loc, columns, place);
    }
  }
}

/// Of the columns that are multiplied.
SmallVector<Value> LookupTile::loadQuads(const Chunk &chunk, Value tokens,
                                         Value g) {
  SmallVector<Value> quads;
  Value first = mul(add(g, chunk.lookedUp), kTrits);
  for (int64_t i = 0; i < chunk.quads(); ++i)
    quads.push_back(loadQuad(tokens, add(first, i)));
  return quads;
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

Value LookupTile::sumsPlace(Value tokens, Value row) {
  int64_t rows = kernel.getTile().getBlocks() * lut::kBlockRows;
  return mul(add(mul(tokens, rows), row), kTokens);
}

void LookupTile::clearSums(Value tokenBlocks) {
  forEach(index(0), tokenBlocks, 1, [&](Value tokens) {
    forEach(index(0), tileRows, 1, [&](Value row) {
      vector::StoreOp::create(b, loc, zeros(wide), sums,
                              sumsPlace(tokens, row));
    });
  });
}

/// Adds what the four places of a row choose in the tables of a group.
Value LookupTile::addPlaces(Value sum, Value place, int64_t group) {
  Type i64 = b.getI64Type();
  Value bytes = vector::LoadOp::create(b, loc, vector(8, b.getI8Type()),
                                       args.scratch, place);
  Value word = vector::BitCastOp::create(b, loc, vector(1, i64), bytes);
  word = vector::ExtractOp::create(b, loc, word, 0);
  Value mask = arith::ConstantIntOp::create(b, loc, i64, 0xffff);
  for (int64_t j = 0; j < lut::kPositions; ++j) {
    Value by = arith::ConstantIntOp::create(b, loc, i64, 16 * j);
    Value offset = arith::ShRUIOp::create(b, loc, word, by);
    offset = arith::AndIOp::create(b, loc, offset, mask);
    offset = arith::IndexCastOp::create(b, loc, b.getIndexType(), offset);
    int64_t table = (group * lut::kPositions + j) / 2;
    Value part = vector::LoadOp::create(
        b, loc, narrow, tables,
        add(offset, table * lut::kLookupTable + j % 2 * kTokens));
    sum = sum ? arith::AddIOp::create(b, loc, sum, part).getResult() : part;
  }
  return sum;
}

/// A chunk of all rows for 16 tokens.
void LookupTile::addRows(const Chunk &chunk, Value tokens, Value chunksBefore,
                         Value g) {
  SmallVector<Value> quads = loadQuads(chunk, tokens, g);
  forEach(index(0), args.blocks, 1, [&](Value block) {
    Value codes = codesPlace(chunk, block, chunksBefore);
    Value first = mul(block, lut::kBlockRows);
    forEach(index(0), index(lut::kBlockRows), 1, [&](Value r) {
      Value at = sumsPlace(tokens, add(first, r));
      Value sum = vector::LoadOp::create(b, loc, wide, sums, at);
      Value rest = add(codes, chunk.lookedUp * kPlacesBytes);
      for (auto [i, quad] : llvm::enumerate(quads)) {
        Value four = vector::LoadOp::create(
            b, loc, vector(4, b.getI8Type()), args.scratch,
            ValueRange{add(add(rest, i * lut::kGroupBytes), mul(r, 4))},
            /*nontemporal=*/false, kFourAlignment);
        sum = lut::DotTokensOp::create(b, loc, wide, sum, four, quad);
      }
      Value found;
      for (int64_t i = 0; i < chunk.lookedUp; ++i)
        found =
            addPlaces(found, add(add(codes, i * kPlacesBytes), mul(r, 8)), i);
      if (found) // at last: the chain of dot products need not wait for it
        sum = arith::AddIOp::create(
            b, loc, sum, arith::ExtSIOp::create(b, loc, wide, found));
      vector::StoreOp::create(b, loc, sum, sums, at);
    });
  });
}

/// Turns [16 rows][16 tokens] around and stores it.
void LookupTile::storeBlock(Value tokens, Value block) {
  auto floats = vector(kTokens, b.getF32Type());
  Value token = mul(tokens, kTokens);
  Value offset = vector::LoadOp::create(b, loc, wide, args.sums, token);
  Value scale = vector::LoadOp::create(b, loc, floats, args.scales, token);
  Value alpha = vector::BroadcastOp::create(b, loc, floats, args.alpha);
  Value factor = arith::DivFOp::create(b, loc, alpha, scale);
  Value rows =
      zeros(VectorType::get({lut::kBlockRows, kTokens}, b.getF32Type()));
  for (int64_t r = 0; r < lut::kBlockRows; ++r) {
    Value sum = vector::LoadOp::create(
        b, loc, wide, sums,
        sumsPlace(tokens, add(mul(block, lut::kBlockRows), r)));
    sum = arith::SubIOp::create(b, loc, sum, offset);
    Value y = arith::SIToFPOp::create(b, loc, floats, sum);
    y = arith::MulFOp::create(b, loc, y, factor);
    rows = vector::InsertOp::create(b, loc, y, rows, r);
  }
  Value turned =
      vector::TransposeOp::create(b, loc, rows, ArrayRef<int64_t>{1, 0});
  for (int64_t t = 0; t < kTokens; ++t)
    storeFloats(vector::ExtractOp::create(b, loc, turned, t), add(token, t),
                block);
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

/// Groups from `begin` to `end`, whole chunks.
void LookupTile::addPieces(const Chunk &chunk, int64_t begin, int64_t end,
                           Value tokenBlocks) {
  int64_t piece = chunksOfPiece(chunk, kernel.getTile().getBlocks());
  Value panels = ceilDiv(args.blocks, index(shape.panelBlocks));
  forEach(index(begin), index(end), piece * chunk.groups(), [&](Value first) {
    Value last = min(add(first, piece * chunk.groups()), index(end));
    forEach(index(0), panels, 1,
            [&](Value panel) { unpackPanel(chunk, panel, first, last); });
    forEach(index(0), tokenBlocks, 1, [&](Value tokens) {
      forEach(first, last, chunk.groups(), [&](Value g) {
        buildTables(chunk, tokens, g);
        addRows(chunk, tokens, div(sub(g, first), chunk.groups()), g);
      });
    });
  });
}

void LookupTile::build() {
  tileRows = mul(args.blocks, lut::kBlockRows);
  Value tokenBlocks = ceilDiv(args.rows, index(kTokens));
  clearSums(tokenBlocks);
  int64_t groups = countGroups(shape), last = groups % usual.groups();
  addPieces(usual, 0, groups - last, tokenBlocks);
  if (last)
    addPieces(lastChunk(usual, last), groups - last, groups, tokenBlocks);
  forEach(index(0), tokenBlocks, 1, [&](Value tokens) {
    forEach(index(0), args.blocks, 1,
            [&](Value block) { storeBlock(tokens, block); });
  });
}

void buildLookupKernel(func::FuncOp function, lut::KernelAttr kernel,
                       bool mixes) {
  LookupTile(function, kernel, mixes).build();
}

} // namespace setun::passes
