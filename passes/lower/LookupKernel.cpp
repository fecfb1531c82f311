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
//       for pairs of rows: sums[rows] += Σ tables[..][code] + Σ codes · q
// out = (sums − Σq) · alpha / scale
//
// Two rows share a load of codes: a dot product is of both and of 8 tokens, and
// so are the vectors of sums.
//
// The codes are trit + 1, hence the Σq. i16 holds the sums of a chunk, which
// are at most 8·4·2·127, and i32 all of them.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <array>

using namespace mlir;

namespace setun::passes {

static constexpr int64_t kTokens = lut::kLookupTokens;
static constexpr int64_t kTrits = lut::kLookupTrits;
/// Columns that make a group here, whatever 64 packed bytes hold: four trits at
/// each of four positions.
static constexpr int64_t kColumns = kTrits * lut::kPositions;
/// Rows of a dot product, in alternate lanes; and vectors of their sums.
static constexpr int64_t kPair = 2;
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
  using Halves = std::array<Value, kPair>; ///< of the tokens
  struct RowPair {
    Halves sums;
    std::array<Value, kPair> found; ///< by each row, in the tables
    std::array<SmallVector<Value>, kPair> places;
    Value fours; ///< place of the codes that are multiplied
  };
  SmallVector<Halves> loadQuads(const Chunk &chunk, Value tokens, Value g);
  void addRows(const Chunk &chunk, Value tokens, Value chunksBefore, Value g);
  void addPairs(const Chunk &chunk, ArrayRef<Halves> quads, Value codes,
                Value r, Value at);
  RowPair loadPair(const Chunk &chunk, Value codes, Value r, Value at);
  void storePair(const RowPair &pair, Value at);
  void multiply(RowPair &pair, int64_t i, const Halves &quad);
  SmallVector<Value> loadPlaces(const Chunk &chunk, Value codes, Value r);
  Value addPlace(Value sum, ArrayRef<Value> places, int64_t i);

  void clearSums(Value tokenBlocks);
  Value sumsPlace(Value tokens, Value row);
  std::array<Value, kPair> loadRows(Value tokens, Value block, int64_t r);
  void storeBlock(Value tokens, Value block);
  Value codesPlace(const Chunk &chunk, Value block, Value chunksBefore);

  Chunk usual;
  int64_t together; ///< pairs of rows
  int64_t codesOffset;
  Value tables; ///< [pair of positions][81][2][16] i16
  Value sums;   ///< [tokens / 16][rows of the tile / 2][half][8 tokens][2] i32
  Value tileRows;
  VectorType narrow, wide;
};
} // namespace

/// Of the eight of a half. To interleave two rows never leaves 128 bits.
static int64_t tokenOf(int64_t half, int64_t i) {
  return i / 4 * 8 + half * 4 + i % 4;
}

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
      together(mixes ? 2 : 1), narrow(vector(kTokens, b.getI16Type())),
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

/// Of the columns that are multiplied, each token twice.
SmallVector<LookupTile::Halves> LookupTile::loadQuads(const Chunk &chunk,
                                                      Value tokens, Value g) {
  SmallVector<Halves> quads;
  Value first = mul(add(g, chunk.lookedUp), kTrits);
  for (int64_t i = 0; i < chunk.quads(); ++i) {
    Value quad = loadQuad(tokens, add(first, i));
    Halves &halves = quads.emplace_back();
    for (int64_t half = 0; half < kPair; ++half) {
      SmallVector<int64_t> lanes;
      for (int64_t lane = 0; lane < kTokens * 4; ++lane)
        lanes.push_back(4 * tokenOf(half, lane / 8) + lane % 4);
      halves[half] = vector::ShuffleOp::create(b, loc, quad, quad, lanes);
    }
  }
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

/// The places of row `r` in the tables: four of 16 bits for every group.
SmallVector<Value> LookupTile::loadPlaces(const Chunk &chunk, Value codes,
                                          Value r) {
  SmallVector<Value> words;
  for (int64_t i = 0; i < chunk.lookedUp; ++i) {
    Value place = add(add(codes, i * kPlacesBytes), mul(r, 8));
    Value bytes = vector::LoadOp::create(b, loc, vector(8, b.getI8Type()),
                                         args.scratch, place);
    Value word =
        vector::BitCastOp::create(b, loc, vector(1, b.getI64Type()), bytes);
    words.push_back(vector::ExtractOp::create(b, loc, word, 0));
  }
  return words;
}

/// Adds what place `i` of a row chooses in its table.
Value LookupTile::addPlace(Value sum, ArrayRef<Value> places, int64_t i) {
  Type i64 = b.getI64Type();
  Value by =
      arith::ConstantIntOp::create(b, loc, i64, 16 * (i % lut::kPositions));
  Value mask = arith::ConstantIntOp::create(b, loc, i64, 0xffff);
  Value offset =
      arith::ShRUIOp::create(b, loc, places[i / lut::kPositions], by);
  offset = arith::AndIOp::create(b, loc, offset, mask);
  offset = arith::IndexCastOp::create(b, loc, b.getIndexType(), offset);
  Value part = vector::LoadOp::create(
      b, loc, narrow, tables,
      add(offset, i / 2 * lut::kLookupTable + i % 2 * kTokens));
  return sum ? arith::AddIOp::create(b, loc, sum, part).getResult() : part;
}

/// Rows `r` and `r + 1` of a block before a chunk.
LookupTile::RowPair LookupTile::loadPair(const Chunk &chunk, Value codes,
                                         Value r, Value at) {
  RowPair pair;
  for (int64_t i = 0; i < kPair; ++i) {
    pair.sums[i] =
        vector::LoadOp::create(b, loc, wide, sums, add(at, i * kTokens));
    pair.places[i] = loadPlaces(chunk, codes, add(r, i));
  }
  pair.fours = add(add(codes, chunk.lookedUp * kPlacesBytes), mul(r, 4));
  return pair;
}

void LookupTile::multiply(RowPair &pair, int64_t i, const Halves &quad) {
  Value codes = vector::LoadOp::create(
      b, loc, vector(kPair * 4, b.getI8Type()), args.scratch,
      ValueRange{add(pair.fours, i * lut::kGroupBytes)},
      /*nontemporal=*/false, kFourAlignment);
  for (auto [sum, values] : llvm::zip_equal(pair.sums, quad))
    sum = lut::DotTokensOp::create(b, loc, wide, sum, codes, values);
}

void LookupTile::storePair(const RowPair &pair, Value at) {
  for (int64_t half = 0; half < kPair; ++half) {
    Value sum = pair.sums[half];
    if (pair.found[0]) {
      SmallVector<int64_t> lanes;
      for (int64_t lane = 0; lane < kTokens; ++lane)
        lanes.push_back(lane % kPair * kTokens + tokenOf(half, lane / kPair));
      Value found = vector::ShuffleOp::create(b, loc, pair.found[0],
                                              pair.found[1], lanes);
      sum = arith::AddIOp::create(b, loc, sum,
                                  arith::ExtSIOp::create(b, loc, wide, found));
    }
    vector::StoreOp::create(b, loc, sum, sums, add(at, half * kTokens));
  }
}

/// A chunk of pairs of rows from `r` on. Their products and look-ups alternate:
/// of what a core looks ahead to, little may wait for the product before it.
void LookupTile::addPairs(const Chunk &chunk, ArrayRef<Halves> quads,
                          Value codes, Value r, Value at) {
  SmallVector<RowPair> pairs;
  auto place = [&](int64_t pair) { return add(at, pair * kPair * kTokens); };
  for (int64_t i = 0; i < together; ++i)
    pairs.push_back(loadPair(chunk, codes, add(r, i * kPair), place(i)));
  int64_t products = quads.size(), lookUps = chunk.lookedUp * lut::kPositions;
  for (int64_t i = 0; i < std::max(products, lookUps); ++i)
    for (RowPair &pair : pairs) {
      if (i < products)
        multiply(pair, i, quads[i]);
      if (i < lookUps)
        for (auto [found, places] : llvm::zip_equal(pair.found, pair.places))
          found = addPlace(found, places, i);
    }
  for (auto [i, pair] : llvm::enumerate(pairs))
    storePair(pair, place(i));
}

/// A chunk of all rows for 16 tokens.
void LookupTile::addRows(const Chunk &chunk, Value tokens, Value chunksBefore,
                         Value g) {
  SmallVector<Halves> quads = loadQuads(chunk, tokens, g);
  forEach(index(0), args.blocks, 1, [&](Value block) {
    Value codes = codesPlace(chunk, block, chunksBefore);
    Value first = mul(block, lut::kBlockRows);
    forEach(index(0), index(lut::kBlockRows), together * kPair, [&](Value r) {
      addPairs(chunk, quads, codes, r, sumsPlace(tokens, add(first, r)));
    });
  });
}

/// Rows `r` and `r + 1` of a block, each by itself.
std::array<Value, kPair> LookupTile::loadRows(Value tokens, Value block,
                                              int64_t r) {
  Value at = sumsPlace(tokens, add(mul(block, lut::kBlockRows), r));
  Value first = vector::LoadOp::create(b, loc, wide, sums, at);
  Value second = vector::LoadOp::create(b, loc, wide, sums, add(at, kTokens));
  std::array<Value, kPair> pair;
  for (int64_t row = 0; row < kPair; ++row) {
    SmallVector<int64_t> lanes(kTokens);
    for (int64_t half = 0; half < kPair; ++half)
      for (int64_t i = 0; i < kTokens / kPair; ++i)
        lanes[tokenOf(half, i)] = half * kTokens + i * kPair + row;
    pair[row] = vector::ShuffleOp::create(b, loc, first, second, lanes);
  }
  return pair;
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
  for (int64_t r = 0; r < lut::kBlockRows; r += kPair)
    for (auto [i, sum] : llvm::enumerate(loadRows(tokens, block, r))) {
      Value exact = arith::SubIOp::create(b, loc, sum, offset);
      Value y = arith::SIToFPOp::create(b, loc, floats, exact);
      y = arith::MulFOp::create(b, loc, y, factor);
      rows = vector::InsertOp::create(b, loc, y, rows, r + i);
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
