//===- Lines.cpp - Copies by rows and columns -----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/Lines.h"

#include "llvm/Support/Parallel.h"

#include <array>

using namespace mlir;

namespace setun::codegen {

/// Columns that are packed side by side, a cache line of trits.
static constexpr int64_t kColumns = 64;

namespace {
class LinePacker {
public:
  LinePacker(tern::WeightOp weight, lut::LinesAttr packing,
             WeightSource &source);

  std::vector<uint8_t> pack() const;

private:
  std::vector<int8_t> read(int64_t first, int64_t count) const;
  void packRows(int64_t block, uint8_t *out) const;
  void packColumns(int64_t group, uint8_t *out) const;
  /// Byte `byte` of `count` lines: trit `at` of line i is trits[at·stride + i].
  void packByte(const int8_t *trits, int64_t stride, int64_t byte,
                int64_t count, uint8_t *out) const;

  tern::WeightOp weight;
  WeightSource &source;
  lut::Order order;
  int64_t rows, columns, fields;
  std::array<uint8_t, 81> bytes; // [Σ (trit + 1) · 3^field]
};
} // namespace

LinePacker::LinePacker(tern::WeightOp weight, lut::LinesAttr packing,
                       WeightSource &source)
    : weight(weight), source(source), order(packing.getOrder()),
      rows(weight.getType().getShape()[0]),
      columns(weight.getType().getShape()[1]),
      fields(packing.getTritsPerByte()) {
  for (const auto &[byte, trits] : lut::enumerateBytes(packing)) {
    unsigned index = 0;
    for (int8_t trit : llvm::reverse(trits))
      index = index * 3 + static_cast<unsigned>(trit + 1);
    bytes[index] = byte;
  }
}

/// Rows [first, first + count), those beyond the matrix zeros.
std::vector<int8_t> LinePacker::read(int64_t first, int64_t count) const {
  std::vector<int8_t> trits(count * columns, 0);
  source.readTrits(weight, first, std::min(count, rows - first), trits.data());
  return trits;
}

void LinePacker::packByte(const int8_t *trits, int64_t stride, int64_t byte,
                          int64_t count, uint8_t *out) const {
  std::array<uint8_t, kColumns> index = {};
  for (int64_t field = fields - 1; field >= 0; --field) {
    const int8_t *from =
        trits + lut::getLinePosition(order, byte, field) * stride;
    for (int64_t i = 0; i < count; ++i)
      index[i] = index[i] * 3 + static_cast<uint8_t>(from[i] + 1);
  }
  for (int64_t i = 0; i < count; ++i)
    out[i] = bytes[index[i]];
}

/// A block of 16 rows, one row at a time.
void LinePacker::packRows(int64_t block, uint8_t *out) const {
  std::vector<int8_t> trits = read(block * lut::kBlockRows, lut::kBlockRows);
  std::vector<int8_t> line(lut::roundUp(columns, lut::kLineTrits), 0);
  for (int64_t row = 0; row < lut::kBlockRows; ++row) {
    std::copy_n(trits.data() + row * columns, columns, line.data());
    for (size_t first = 0; first < line.size(); first += lut::kLineTrits)
      for (int64_t byte = 0; byte < lut::kGroupBytes; ++byte)
        packByte(line.data() + first, 1, byte, 1, out++);
  }
}

/// 256 rows of all columns.
void LinePacker::packColumns(int64_t group, uint8_t *out) const {
  std::vector<int8_t> trits = read(group * lut::kLineTrits, lut::kLineTrits);
  int64_t lineBytes = lut::getLineBytes(rows);
  std::array<uint8_t, kColumns> packed;
  for (int64_t first = 0; first < columns; first += kColumns) {
    int64_t count = std::min(kColumns, columns - first);
    for (int64_t byte = 0; byte < lut::kGroupBytes; ++byte) {
      packByte(trits.data() + first, columns, byte, count, packed.data());
      for (int64_t i = 0; i < count; ++i)
        out[(first + i) * lineBytes + group * lut::kGroupBytes + byte] =
            packed[i];
    }
  }
}

std::vector<uint8_t> LinePacker::pack() const {
  bool byRows = order == lut::Order::Rows;
  std::vector<uint8_t> out(byRows ? lut::roundUp(rows, lut::kBlockRows) *
                                        lut::getLineBytes(columns)
                                  : columns * lut::getLineBytes(rows));
  int64_t parts = byRows ? lut::getBlocks(rows)
                         : lut::getLineBytes(rows) / lut::kGroupBytes;
  llvm::parallelFor(0, parts, [&](size_t i) {
    if (byRows)
      packRows(i,
               out.data() + i * lut::kBlockRows * lut::getLineBytes(columns));
    else
      packColumns(i, out.data());
  });
  return out;
}

void writeLines(tern::WeightOp weight, lut::LinesAttr packing,
                WeightSource &source, raw_ostream &out) {
  std::vector<uint8_t> bytes = LinePacker(weight, packing, source).pack();
  out.write(reinterpret_cast<char *>(bytes.data()), bytes.size());
}

} // namespace setun::codegen
