//===- Weights.cpp - From stored weights to the segment -------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/Weights.h"
#include "codegen/link/Checks.h"
#include "codegen/link/Codes.h"
#include "codegen/link/Screen.h"

#include "codegen/link/Lines.h"
#include "dialects/lut/Lut.h"
#include "dialects/spmd/Spmd.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Parallel.h"

#include <array>

using namespace mlir;

namespace setun::codegen {

/// Panels packed at a time: some megabytes for the widest matrices.
static constexpr int64_t kPanelsAtOnce = 32;

static int64_t getInt(Operation *op, StringRef name) {
  return op->getAttrOfType<IntegerAttr>(name).getInt();
}

namespace {
/// Packs the panels of one weight.
class Packer {
public:
  Packer(tern::WeightOp weight, lut::PackingInterface packing,
         WeightSource &source, KnownAnswer &answer);

  void packPanel(int64_t panel, uint8_t *out) const;

private:
  void packRows(const int8_t *trits, uint8_t *out) const;

  tern::WeightOp weight;
  WeightSource &source;
  KnownAnswer &answer;
  int64_t rows, columns;
  int64_t groups, width;          // of a row: groups, and columns with padding
  int64_t panelBlocks, quads;     // of a byte: rows, and columns
  std::array<uint8_t, 243> bytes; // [Σ (trit + 1) · 3^i], five trits at most
};
} // namespace

Packer::Packer(tern::WeightOp weight, lut::PackingInterface packing,
               WeightSource &source, KnownAnswer &answer)
    : weight(weight), source(source), answer(answer),
      rows(weight.getType().getShape()[0]),
      columns(weight.getType().getShape()[1]),
      groups(lut::getGroups(packing, columns)),
      width(groups * lut::getGroupColumns(packing)),
      panelBlocks(packing.getPanelBlocks()),
      quads(packing.getTritsPerByte() / panelBlocks) {
  for (const auto &[byte, trits] : lut::enumerateBytes(packing)) {
    unsigned index = 0;
    for (int8_t trit : llvm::reverse(trits))
      index = index * 3 + static_cast<unsigned>(trit + 1);
    bytes[index] = byte;
  }
}

/// Row r of each block, from [block][width] trits; see Lut.td. Digit by digit,
/// so that neighbouring bytes are computed together.
void Packer::packRows(const int8_t *trits, uint8_t *out) const {
  std::vector<uint8_t> index(4 * groups, 0);
  for (int64_t digit = panelBlocks * quads - 1; digit >= 0; --digit) {
    const int8_t *row = trits + digit / quads * width + digit % quads * 4;
    for (int64_t g = 0; g < groups; ++g)
      for (int64_t j = 0; j < 4; ++j)
        index[4 * g + j] = static_cast<uint8_t>(index[4 * g + j] * 3 +
                                                row[4 * quads * g + j] + 1);
  }
  for (int64_t g = 0; g < groups; ++g)
    for (int64_t j = 0; j < 4; ++j)
      out[g * lut::kGroupBytes + j] = bytes[index[4 * g + j]];
}

void Packer::packPanel(int64_t panel, uint8_t *out) const {
  int64_t first = panel * panelBlocks * lut::kBlockRows;
  int64_t count = std::min(panelBlocks * lut::kBlockRows, rows - first);
  std::vector<int8_t> stored(count * columns), some(panelBlocks * width, 0);
  source.readTrits(weight, first, count, stored.data());
  answer.add(first, count, stored.data());
  for (int64_t r = 0; r < lut::kBlockRows; ++r) {
    for (int64_t b = 0; b < panelBlocks; ++b) {
      int64_t row = b * lut::kBlockRows + r;
      int8_t *to = some.data() + b * width;
      if (row < count)
        std::copy_n(stored.data() + row * columns, columns, to);
      else
        std::fill_n(to, width, 0);
    }
    packRows(some.data(), out + 4 * r);
  }
}

/// Writes the panels of a weight, `pack(panel, bytes)` fills one.
static void
writePanels(int64_t panels, int64_t panelBytes, raw_ostream &out,
            llvm::function_ref<void(int64_t panel, uint8_t *bytes)> pack) {
  std::vector<uint8_t> buffer;
  for (int64_t first = 0; first < panels; first += kPanelsAtOnce) {
    int64_t count = std::min(kPanelsAtOnce, panels - first);
    buffer.resize(count * panelBytes);
    llvm::parallelFor(0, count, [&](size_t i) {
      pack(first + i, buffer.data() + i * panelBytes);
    });
    out.write(reinterpret_cast<char *>(buffer.data()), buffer.size());
  }
}

/// Returns the checksum of the known answer.
static uint64_t writePacked(tern::WeightOp weight,
                            lut::PackingInterface packing, WeightSource &source,
                            raw_ostream &out) {
  ArrayRef<int64_t> shape = weight.getType().getShape();
  KnownAnswer answer(shape[0], shape[1]);
  Packer packer(weight, packing, source, answer);
  writePanels(
      lut::getPanels(packing, shape[0]), lut::getPanelBytes(packing, shape[1]),
      out,
      [&](int64_t panel, uint8_t *bytes) { packer.packPanel(panel, bytes); });
  return answer.getChecksum();
}

static void writeScreen(tern::WeightOp weight, WeightSource &source,
                        raw_ostream &out) {
  int64_t rows = weight.getType().getShape()[0];
  int64_t columns = weight.getType().getShape()[1];
  lut::CodesAttr codes = findCodes(weight); // bounds are of what is stored
  writePanels(lut::getBlocks(rows), lut::getScreenBlockBytes(columns), out,
              [&](int64_t block, uint8_t *bytes) {
                int64_t first = block * lut::kBlockRows;
                int64_t count = std::min(lut::kBlockRows, rows - first);
                auto read = [&](int64_t r, float *row) {
                  source.readFloats(weight, (first + r) * columns, columns,
                                    row);
                  if (!codes)
                    return;
                  std::vector<uint8_t> stored(codes.getRowBytes(columns));
                  packCodes(codes, row, columns, stored.data());
                };
                packScreenBlock(count, columns, read, bytes);
              });
}

/// Rows padded with zeros to a multiple of 16 values.
static llvm::Error writeRows(tern::WeightOp weight, lut::RowsAttr packing,
                             WeightSource &source, raw_ostream &out) {
  ArrayRef<int64_t> shape = weight.getType().getShape();
  int64_t rows = shape.size() == 2 ? shape[0] : 1, columns = shape.back();
  int64_t width = packing.getElement().getWidth() / 8;
  int64_t padding = (lut::padded(columns) - columns) * width;
  auto stored = cast<tern::DenseAttr>(weight.getType().getElement());
  tern::SourceAttr origin = weight.getSource();
  bool same = stored.getElement() == packing.getElement() &&
              !origin.getPlus() && !origin.getTimes();
  if (!same && !packing.getElement().isF32())
    return llvm::createStringError(
        "%s: cannot be packed at another precision than f32 or its own",
        weight.getSymName().str().c_str());
  std::vector<float> floats(same ? 0 : columns);
  for (int64_t r = 0; r < rows; ++r) {
    StringRef bytes;
    if (same) {
      bytes =
          source.getBytes(weight).substr(r * columns * width, columns * width);
    } else {
      source.readFloats(weight, r * columns, columns, floats.data());
      bytes = {reinterpret_cast<char *>(floats.data()),
               static_cast<size_t>(columns * width)};
    }
    out << bytes;
    out.write_zeros(padding);
  }
  return llvm::Error::success();
}

static void writeCodes(tern::WeightOp weight, lut::CodesAttr packing,
                       WeightSource &source, raw_ostream &out) {
  int64_t columns = weight.getType().getShape()[1];
  writePanels(weight.getType().getShape()[0], packing.getRowBytes(columns), out,
              [&](int64_t row, uint8_t *bytes) {
                std::vector<float> floats(columns);
                source.readFloats(weight, row * columns, columns,
                                  floats.data());
                packCodes(packing, floats.data(), columns, bytes);
              });
}

/// [group][row], padded with zeros to a multiple of 16 rows.
static void writeScales(tern::WeightOp weight, WeightSource &source,
                        raw_ostream &out) {
  ArrayRef<int64_t> shape = weight.getType().getShape();
  int64_t rows = shape[0], groups = shape.size() == 2 ? shape[1] : 1;
  std::vector<float> scales(rows * groups), line(lut::padded(rows), 0);
  source.readFloats(weight, 0, rows * groups, scales.data());
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t r = 0; r < rows; ++r)
      line[r] = scales[r * groups + g];
    out.write(reinterpret_cast<char *>(line.data()), line.size() * 4);
  }
}

namespace {
/// What says where a copy of a weight lies.
struct Place {
  StringRef packing, offset, bytes;
  bool always; ///< every weight has one
};
} // namespace

static constexpr Place kPlaces[] = {
    {lut::kPackingAttr, lut::kOffsetAttr, lut::kBytesAttr, true},
    {lut::kSkipPackingAttr, lut::kSkipOffsetAttr, lut::kSkipBytesAttr, false}};

/// Where the copy ends, 0 if it is not as it should be behind `end`.
static int64_t checkPlace(tern::WeightOp weight, const Place &place,
                          int64_t end) {
  auto offset = weight->getAttrOfType<IntegerAttr>(place.offset);
  auto bytes = weight->getAttrOfType<IntegerAttr>(place.bytes);
  Attribute packing = weight->getAttr(place.packing);
  int64_t expected =
      packing ? lut::getPackedBytes(weight.getType().getShape(), packing) : 0;
  if (!offset || !bytes || !expected || bytes.getInt() != expected ||
      offset.getInt() < end || offset.getInt() % lut::kGroupBytes)
    return 0;
  return offset.getInt() + expected;
}

static llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// Whether what kernels and steps name is there.
static llvm::Error checkNames(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>()) {
    auto kernel =
        function->getAttrOfType<lut::ScreenKernelAttr>(lut::kScreenKernelAttr);
    auto missing = [&](auto name) { return !module.lookupSymbol(name); };
    if (kernel && (missing(kernel.getDense()) || missing(kernel.getScreen()) ||
                   missing(kernel.getExact())))
      return fail(function.getSymName() + ": '" + lut::kScreenKernelAttr +
                  "' names what is not there; run the lower stage again");
  }
  for (auto step : module.getOps<spmd::StepOp>())
    for (StringAttr name : step.getTallied()) {
      auto weight = module.lookupSymbol<tern::WeightOp>(name);
      if (!weight || !weight->hasAttr(lut::kSkipPackingAttr))
        return fail(step.getSymName() + ": tallies " + name.getValue() +
                    ", expected a weight with '" + lut::kSkipPackingAttr + "'");
    }
  return llvm::Error::success();
}

llvm::Error checkLayout(ModuleOp module) {
  for (StringRef name : {lut::kWeightsBytesAttr, lut::kTokenBytesAttr,
                         lut::kCacheBytesAttr, lut::kCacheChunkAttr})
    if (!module->getAttrOfType<IntegerAttr>(name))
      return fail("the module has no '" + name +
                  "' attribute; run the lower "
                  "stage first");
  int64_t end = 0;
  for (auto weight : module.getOps<tern::WeightOp>()) {
    for (const Place &place : kPlaces) {
      if (!place.always && !weight->hasAttr(place.packing))
        continue;
      int64_t after = checkPlace(weight, place, end);
      if (!after)
        return fail(weight.getSymName() + ": expected '" + place.packing +
                    "', '" + place.offset + "' of at least " +
                    llvm::Twine(end) + " and a multiple of " +
                    llvm::Twine(lut::kGroupBytes) + ", and '" + place.bytes +
                    "' as the packing says; run the lower stage again");
      end = after;
    }
  }
  if (getInt(module, lut::kWeightsBytesAttr) < end)
    return fail("'lut.weights_bytes' ends before the last weight");
  return checkNames(module);
}

uint64_t getTokenizerOffset(ModuleOp module) {
  return getInt(module, lut::kWeightsBytesAttr);
}

uint64_t getSegmentBytes(ModuleOp module, uint64_t tokenizerBytes) {
  return getTokenizerOffset(module) + tokenizerBytes;
}

std::vector<SectionSize> getSections(ModuleOp module, uint64_t tokenizerBytes) {
  std::vector<SectionSize> sections;
  auto add = [&](StringRef name, uint64_t bytes, uint64_t weights, bool copy) {
    auto found = llvm::find_if(
        sections, [&](const SectionSize &known) { return known.name == name; });
    if (found == sections.end())
      found = sections.insert(found, {name.str(), 0, 0, copy});
    found->bytes += bytes;
    found->weights += weights;
  };
  for (auto weight : module.getOps<tern::WeightOp>()) {
    Attribute packing = weight->getAttr(lut::kPackingAttr);
    auto packed = dyn_cast<lut::PackingInterface>(packing);
    bool screen = isa<lut::ScreenAttr>(packing);
    bool scales = isa<lut::ScalesAttr>(packing);
    auto codes = dyn_cast<lut::CodesAttr>(packing);
    std::string word = codes ? "q" + std::to_string(codes.getBits()) : "dense";
    uint64_t count = ShapedType::getNumElements(weight.getType().getShape());
    add(packed   ? packed.getWord()
        : screen ? "screen"
        : scales ? "scales"
                 : StringRef(word),
        getInt(weight, lut::kBytesAttr), scales ? 0 : count, screen);
    if (auto lines =
            weight->getAttrOfType<lut::LinesAttr>(lut::kSkipPackingAttr))
      add(lines.getWord(), getInt(weight, lut::kSkipBytesAttr), count, true);
  }
  if (tokenizerBytes)
    add("tokenizer", tokenizerBytes, 0, false);
  return sections;
}

/// A tensor; returns the checksum of its known answer, or 0.
static llvm::Expected<uint64_t>
writeTensor(const TensorPlace &tensor, WeightSource &source, raw_ostream &out) {
  if (auto lines = dyn_cast<lut::LinesAttr>(tensor.packing))
    writeLines(tensor.weight, lines, source, out);
  else if (auto packed = dyn_cast<lut::PackingInterface>(tensor.packing))
    return writePacked(tensor.weight, packed, source, out);
  else if (isa<lut::ScreenAttr>(tensor.packing))
    writeScreen(tensor.weight, source, out);
  else if (auto codes = dyn_cast<lut::CodesAttr>(tensor.packing))
    writeCodes(tensor.weight, codes, source, out);
  else if (isa<lut::ScalesAttr>(tensor.packing))
    writeScales(tensor.weight, source, out);
  else if (llvm::Error error = writeRows(
               tensor.weight, cast<lut::RowsAttr>(tensor.packing), source, out))
    return std::move(error);
  return 0;
}

llvm::Error writeWeights(ModuleOp module, WeightSource &source,
                         ArrayRef<char> tokenizer, uint64_t code,
                         raw_ostream &out) {
  ChecksumStream stream(out);
  std::vector<uint64_t> numbers = {code};
  std::vector<TensorPlace> tensors = listTensors(module);
  for (auto [i, tensor] : llvm::enumerate(tensors)) {
    stream.write_zeros(tensor.offset - stream.tell());
    auto answer = writeTensor(tensor, source, stream);
    if (!answer)
      return answer.takeError();
    numbers.push_back(*answer);
    if (i + 1 == tensors.size() || tensors[i + 1].weight != tensor.weight)
      source.release(tensor.weight);
  }
  stream.write_zeros(getTokenizerOffset(module) - stream.tell());
  stream.write(tokenizer.data(), tokenizer.size());
  stream.flush();
  llvm::append_range(numbers, stream.getChecksums());
  out.write_zeros(getChecksOffset(module, tokenizer.size()) - stream.tell());
  out.write(reinterpret_cast<const char *>(numbers.data()),
            numbers.size() * sizeof(uint64_t));
  return llvm::Error::success();
}

} // namespace setun::codegen
