//===- Lut.cpp - Verifiers and facts of the lut dialect -------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;

#include "dialects/lut/Dialect.cpp.inc"
#include "dialects/lut/Enums.cpp.inc"
#include "dialects/lut/Interfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/lut/Attrs.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/lut/Ops.cpp.inc"

namespace setun::lut {

namespace {
/// Tiles and the target are long and few: modules name them once, at the top.
struct Aliases : OpAsmDialectInterface {
  using OpAsmDialectInterface::OpAsmDialectInterface;
  AliasResult getAlias(Attribute attr, raw_ostream &out) const override {
    if (auto tile = dyn_cast<TileAttr>(attr)) {
      out << "tile" << tile.getRows();
      return AliasResult::OverridableAlias;
    }
    if (isa<TargetAttr>(attr)) {
      out << "machine";
      return AliasResult::OverridableAlias;
    }
    return AliasResult::NoAlias;
  }
};
} // namespace

void LutDialect::initialize() {
  addInterfaces<Aliases>();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/lut/Attrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/lut/Ops.cpp.inc"
      >();
}

/// A list of one or more of these.
template <typename T> static bool isListOf(Attribute attr) {
  auto list = dyn_cast<ArrayAttr>(attr);
  return list && !list.empty() && llvm::all_of(list, llvm::IsaPred<T>);
}

LogicalResult LutDialect::verifyOperationAttribute(Operation *op,
                                                   NamedAttribute named) {
  StringRef name = named.getName();
  Attribute attr = named.getValue();
  bool good =
      name == kTargetAttr ? isa<TargetAttr>(attr)
      : name == kPackingAttr
          ? isa<PackingInterface, RowsAttr, ScreenAttr, CodesAttr, ScalesAttr>(
                attr)
      : name == kSkipPackingAttr ? isa<LinesAttr>(attr)
      : name == kSkipAttr        ? isa<SkipAttr>(attr)
      : name == kTilesAttr       ? isListOf<TileAttr>(attr)
      : name == kLevelsAttr      ? isListOf<TargetAttr>(attr)
      : name == kOverridesAttr   ? isListOf<StringAttr>(attr)
      : name == kTuningAttr      ? isListOf<ChoiceAttr>(attr)
      : name == kOffsetAttr || name == kBytesAttr || name == kSkipOffsetAttr ||
              name == kSkipBytesAttr || name == kWeightsBytesAttr ||
              name == kTokenBytesAttr || name == kCacheBytesAttr ||
              name == kCacheChunkAttr || name == kHeadRowsAttr
          ? isa<IntegerAttr>(attr)
      : name == kPortableAttr     ? isa<UnitAttr>(attr)
      : name == kKernelAttr       ? isa<KernelAttr>(attr)
      : name == kStageAttr        ? isa<StageAttr>(attr)
      : name == kScreenAttr       ? isa<FlatSymbolRefAttr>(attr)
      : name == kScreenKernelAttr ? isa<ScreenKernelAttr>(attr)
                                  : false;
  if (good)
    return success();
  return op->emitOpError("found '")
         << name << "' = " << attr << ", which the lut dialect does not know";
}

LogicalResult TargetAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 StringRef, StringRef, StringRef, StringRef,
                                 Dot dot, unsigned permuteBytes, unsigned,
                                 unsigned, unsigned, unsigned sums, bool,
                                 bool scalable, bool, unsigned streams, bool,
                                 SkipAttr skipRows, SkipAttr skipColumns) {
  if (!llvm::is_contained({0u, 16u, 64u, 128u}, permuteBytes))
    return emitError() << "found permuteBytes = " << permuteBytes
                       << ", expected 0, 16, 64 or 128 (rule 1)";
  if (!sums)
    return emitError() << "found sums = 0, expected at least 1 (rule 2)";
  if (!streams)
    return emitError() << "found streams = 0, expected at least 1 (rule 3)";
  if ((skipRows || skipColumns) && (dot != Dot::Quads || scalable))
    return emitError() << "found skipping with dot = " << stringifyDot(dot)
                       << ", expected quads of fixed length (rule 4)";
  return success();
}

TargetAttr TargetAttr::withoutSkips() const {
  return get(getContext(), getName(), getTriple(), getCpu(), getFeatures(),
             getDot(), getPermuteBytes(), getDotMacs(), getLookupMacs(),
             getL2Bytes(), getSums(), getBase3(), getScalable(), getU8Codes(),
             getStreams(), getMixes(), /*skipRows=*/{}, /*skipColumns=*/{});
}

LogicalResult TileAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t rows, Strategy strategy, int64_t blocks,
                               int64_t unroll, int64_t tokens) {
  if (rows < 1 || rows > 4096 || blocks < 1 || blocks > 1 << 20 || unroll < 1 ||
      tokens < 1)
    return emitError()
           << "found rows " << rows << ", blocks " << blocks << ", unroll "
           << unroll << ", tokens " << tokens
           << "; expected 1 to 4096 rows, at most 2^20 blocks and all positive";
  if (unroll > 64 || tokens > 64 || unroll * tokens > 64)
    return emitError() << "found unroll x tokens = " << unroll * tokens
                       << ", expected at most 64 accumulators";
  if (blocks % unroll)
    return emitError() << "found " << blocks << " blocks, expected a multiple "
                       << "of unroll, which is " << unroll << " (rule 1)";
  if ((strategy == Strategy::Table || strategy == Strategy::Skip) && rows != 1)
    return emitError() << "found " << rows << " rows, expected 1 for "
                       << stringifyStrategy(strategy) << " (rule 1)";
  if (strategy == Strategy::Lookup && (unroll != 1 || tokens != kLookupTokens))
    return emitError() << "found unroll " << unroll << ", tokens " << tokens
                       << "; expected 1 and " << kLookupTokens
                       << " for lookup (rule 1)";
  if (strategy == Strategy::Pick && tokens != 1)
    return emitError() << "found " << tokens
                       << " tokens, expected 1 for pick (rule 1)";
  if (strategy == Strategy::Lookup && rows == 1)
    return emitError() << "found 1 row, expected more for lookup (rule 1)";
  return success();
}

LogicalResult ChoiceAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 StringRef level, DenseI64ArrayAttr, int64_t,
                                 StringRef, bool, PackingInterface packing,
                                 TileAttr decode, TileAttr small,
                                 TileAttr prefill) {
  if (packing.getOrder() != Order::Blocks)
    return emitError() << "found " << packing
                       << ", expected a packing of blocks (rule 1)";
  if (level.empty() && (decode || small || prefill))
    return emitError() << "found tiles without a level (rule 1)";
  return success();
}

LogicalResult SkipAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t alone, int64_t shared) {
  if (std::min(alone, shared) < 0 || std::max(alone, shared) > 1000)
    return emitError() << "found alone = " << alone << ", shared = " << shared
                       << ", expected 0 to 1000 (rule 1)";
  return success();
}

LogicalResult UnpackOp::verify() {
  size_t expected = getPacking().getTritsPerByte();
  if (!getPacking().knows(getForm()))
    return emitOpError("found form ") << stringifyForm(getForm()) << ", which "
                                      << getPacking() << " does not have";
  if (getForm() == Form::Pairs)
    expected = llvm::divideCeil(expected, 2);
  if (getCodes().size() != expected)
    return emitOpError("found ") << getCodes().size() << " results, expected "
                                 << expected << " for " << getPacking();
  for (Type type : getCodes().getTypes())
    if (type != getBytes().getType())
      return emitOpError("found codes ")
             << type << ", expected them like the bytes, "
             << getBytes().getType();
  return success();
}

LogicalResult DotOp::verify() {
  auto codes = cast<VectorType>(getCodes().getType());
  auto sums = cast<VectorType>(getAcc().getType());
  if (codes.isScalable() != sums.isScalable())
    return emitOpError("found codes ") << codes << " for sums " << sums
                                       << ", expected both scalable or neither";
  int64_t expected = codes.isScalable()                    ? 16
                     : sums.getElementTypeBitWidth() == 64 ? 8
                                                           : kGroupBytes;
  if (codes.getShape()[0] != expected)
    return emitOpError("found codes ")
           << codes << " for sums " << sums << ", expected " << expected;
  return success();
}

LogicalResult BuildTableOp::verify() {
  if (getValues().size() != kLookupTrits)
    return emitOpError("found ")
           << getValues().size() << " columns, expected " << kLookupTrits;
  auto type = cast<MemRefType>(getTable().getType());
  if (type.getDimSize(0) == kLookupTable)
    return success();
  return emitOpError("found a table ")
         << type << ", expected " << kLookupTable << " elements";
}

LogicalResult WidenOp::verify() {
  auto sums = cast<VectorType>(getAcc().getType());
  auto narrow = cast<VectorType>(getNarrow().getType());
  int64_t expected = narrow.getElementTypeBitWidth() == 64 ? 2 : kBlockRows;
  if (sums.getNumElements() == expected)
    return success();
  return emitOpError("found sums ")
         << sums << " for " << narrow << ", expected " << expected;
}

LogicalResult KernelAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 PackingInterface packing, int64_t rows,
                                 int64_t columns, TileAttr tile, int64_t stride,
                                 int64_t out, bool residual, bool floats,
                                 int64_t group) {
  // Σ scale·code·q with |q| ≤ 127: tests/dialects/PackingTest.cpp.
  int64_t largest =
      std::numeric_limits<int32_t>::max() / (packing.getLargestShare() * 127);
  if (rows < 1 || columns < 1 || columns > largest)
    return emitError() << "found a matrix of " << rows << "x" << columns
                       << ", expected at most " << largest
                       << " columns (rule 1)";
  int64_t packed = getGroups(packing, columns) * getGroupColumns(packing);
  int64_t blocks = getBlocks(rows);
  if (stride < packed || stride % 4 || out < blocks * kBlockRows)
    return emitError() << "found strides of " << stride << " and " << out
                       << ", expected at least " << packed
                       << ", a multiple of 4, and " << blocks * kBlockRows
                       << " (rule 2)";
  int64_t panel = packing.getPanelBlocks();
  int64_t whole = getPanels(packing, rows) * panel;
  if (whole % tile.getUnroll())
    return emitError() << "found unroll " << tile.getUnroll()
                       << ", expected a divisor of the " << whole
                       << " blocks of the matrix (rule 3)";
  bool lines = packing.getOrder() != Order::Blocks;
  bool rectified = packing.getOrder() == Order::Rows;
  if (lines != (tile.getStrategy() == Strategy::Skip) ||
      (rectified && !residual))
    return emitError() << "found " << packing << " with strategy "
                       << stringifyStrategy(tile.getStrategy())
                       << (residual ? " and a" : " and no")
                       << " residual, expected skip for rows with a residual "
                          "and for columns, and for these only (rule 4)";
  bool multiplies = tile.getStrategy() == Strategy::MultiplyAdd;
  if (tile.getBlocks() % panel || (multiplies && tile.getUnroll() % panel) ||
      (panel > 1 && tile.getStrategy() == Strategy::Table))
    return emitError() << "found " << tile.getBlocks() << " blocks, unroll "
                       << tile.getUnroll() << " and strategy "
                       << stringifyStrategy(tile.getStrategy()) << " for "
                       << packing << ", of which " << panel
                       << " blocks make a panel; expected tiles of whole "
                          "panels, and no table for several blocks (rule 5)";
  bool picks = tile.getStrategy() == Strategy::Pick;
  bool fits = group == 0 || group == columns ||
              (group > 0 && group % kBlockRows == 0 && columns % group == 0);
  if (picks
          ? !isa<I2Attr>(packing) || !fits || (!floats && columns > kMostPicked)
          : floats || group)
    return emitError() << "found " << packing << " with strategy "
                       << stringifyStrategy(tile.getStrategy())
                       << (floats ? ", floats" : "") << " and groups of "
                       << group << " of " << columns
                       << " columns, expected i2 for pick, floats and groups "
                          "for it alone, groups of a multiple of "
                       << kBlockRows << ", and at most " << kMostPicked
                       << " columns of integers (rule 6)";
  return success();
}

LogicalResult CodesAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                unsigned bits, int64_t group) {
  if (llvm::is_contained({4u, 6u, 8u}, bits) &&
      (group == 64 || (group == 32 && bits != 6)))
    return success();
  return emitError() << "found " << bits << " bits in groups of " << group
                     << ", expected 4 or 8 in groups of 32 or 64, or 6 in "
                        "groups of 64 (rule 1)";
}

int64_t CodesAttr::getWidth(int64_t columns) const {
  return roundUp(columns, getGroup());
}

int64_t CodesAttr::getCodeBytes(int64_t columns) const {
  return getWidth(columns) * getBits() / 8;
}

int64_t CodesAttr::getRowBytes(int64_t columns) const {
  return getCodeBytes(columns) + getWidth(columns) / getGroup() * 4;
}

LogicalResult verifyTile(function_ref<InFlightDiagnostic()> emitError,
                         PackingInterface packing, ArrayRef<int64_t> shape,
                         TileAttr tile, bool floats) {
  int64_t stride = getGroups(packing, shape[1]) * getGroupColumns(packing);
  return KernelAttr::verify(emitError, packing, shape[0], shape[1], tile,
                            stride, padded(shape[0]), /*residual=*/false,
                            floats,
                            /*group=*/0);
}

int64_t getGroupColumns(PackingInterface packing) {
  switch (packing.getOrder()) {
  case Order::Blocks:
    return 4 * packing.getTritsPerByte() / packing.getPanelBlocks();
  case Order::Rows:
    return kLineTrits;
  case Order::Columns:
    return kBlockRows; // zeros are sought in so many at once
  }
  llvm_unreachable("no such order");
}

/// Those of 16 columns at least: look-ups take so many at once.
int64_t getGroups(PackingInterface packing, int64_t columns) {
  return ceilDiv(padded(columns), getGroupColumns(packing));
}

int64_t getBlocks(int64_t rows) { return ceilDiv(rows, kBlockRows); }

int64_t getPanels(PackingInterface packing, int64_t rows) {
  return ceilDiv(getBlocks(rows), packing.getPanelBlocks());
}

int64_t getPackedBytes(ArrayRef<int64_t> shape, Attribute packing) {
  int64_t rows = shape.size() == 2 ? shape[0] : 1, columns = shape.back();
  if (auto dense = dyn_cast<RowsAttr>(packing))
    return rows * padded(columns) * dense.getElement().getWidth() / 8;
  if (isa<ScalesAttr>(packing)) // a vector is of rows
    return padded(shape[0]) * (shape.size() == 2 ? columns : 1) * 4;
  if (shape.size() != 2)
    return 0;
  if (isa<ScreenAttr>(packing))
    return getBlocks(rows) * getScreenBlockBytes(columns);
  if (auto codes = dyn_cast<CodesAttr>(packing))
    return rows * codes.getRowBytes(columns);
  auto packed = dyn_cast<PackingInterface>(packing);
  if (!packed)
    return 0;
  if (packed.getOrder() == Order::Columns)
    return columns * getLineBytes(rows);
  return getPanels(packed, rows) * getPanelBytes(packed, columns);
}

int64_t getLineBytes(int64_t trits) {
  return roundUp(trits, kLineTrits) / kLineTrits * kGroupBytes;
}

int64_t getLinePosition(Order order, int64_t byte, int64_t field) {
  assert(order != Order::Blocks && "has no lines");
  if (order == Order::Columns)
    byte = byte / 4 % 4 * kBlockRows + byte / 16 * 4 + byte % 4;
  return field * kGroupBytes + byte;
}

int64_t getPanelBytes(PackingInterface packing, int64_t columns) {
  switch (packing.getOrder()) {
  case Order::Blocks:
    return getGroups(packing, columns) * kGroupBytes;
  case Order::Rows:
    return kBlockRows * getLineBytes(columns);
  case Order::Columns: // 16 blocks make a group
    return kGroupBytes / kBlockRows;
  }
  llvm_unreachable("no such order");
}

VectorType getSumsType(Dot dot, MLIRContext *context) {
  auto integers = [&](int64_t lanes, unsigned width) {
    return VectorType::get(lanes, IntegerType::get(context, width));
  };
  switch (dot) {
  case Dot::Words:
    return integers(1, 64);
  case Dot::Singles:
    return integers(64, 16);
  case Dot::Pairs:
    return integers(32, 16);
  case Dot::Quads:
  case Dot::Tiles:
    return integers(16, 32);
  }
  llvm_unreachable("no such dot");
}

int64_t getGroupsBeforeWrap(int64_t products, int64_t largest) {
  return std::numeric_limits<int16_t>::max() / (products * largest);
}

int64_t getGroupsBeforeWrap(VectorType sums, PackingInterface packing,
                            Form form) {
  // Eight words, the codes of two rows each. Codes ≤ 2 and |q| ≤ 127.
  int64_t lanes =
      sums.getElementTypeBitWidth() == 64 ? kBlockRows : sums.getNumElements();
  SmallVector<int64_t> scales = packing.getScales(form);
  int64_t largest = 0; // of all products that a byte gives one sum
  for (int64_t scale : scales)
    largest =
        std::max<int64_t>(largest, llvm::count(scales, scale) * scale * 2 *
                                       127 / packing.getPanelBlocks());
  return getGroupsBeforeWrap(kGroupBytes / lanes, largest);
}

Value buildSpread(OpBuilder &builder, Location loc, Value bytes,
                  VectorType type) {
  int64_t size = cast<VectorType>(bytes.getType()).getNumElements();
  Type integer = builder.getIntegerType(8 * size);
  Value word = vector::BitCastOp::create(builder, loc,
                                         VectorType::get(1, integer), bytes);
  word = vector::ExtractOp::create(builder, loc, word, ArrayRef<int64_t>{0});
  auto words = VectorType::get(type.getShape()[0] / size, integer,
                               type.getScalableDims());
  Value spread = vector::BroadcastOp::create(builder, loc, words, word);
  return vector::BitCastOp::create(builder, loc, type, spread);
}

TargetAttr getTarget(Operation *op) {
  for (Operation *at = op; at; at = at->getParentOp())
    if (auto target = at->getAttrOfType<TargetAttr>(kTargetAttr))
      return target;
  op->emitError("has no '")
      << kTargetAttr << "' attribute, and nothing around it has one";
  return {};
}

SmallVector<TargetAttr> getLevels(ModuleOp module) {
  if (auto levels = module->getAttrOfType<ArrayAttr>(kLevelsAttr))
    return llvm::to_vector(levels.getAsRange<TargetAttr>());
  if (TargetAttr target = getTarget(module))
    return {target};
  return {};
}

SmallVector<std::pair<uint8_t, SmallVector<int8_t>>>
enumerateBytes(PackingInterface packing) {
  unsigned count = packing.getTritsPerByte(), total = 1;
  for (unsigned i = 0; i < count; ++i)
    total *= 3;
  SmallVector<std::pair<uint8_t, SmallVector<int8_t>>> bytes;
  for (unsigned n = 0; n < total; ++n) {
    SmallVector<int8_t> trits;
    for (unsigned i = 0, rest = n; i < count; ++i, rest /= 3)
      trits.push_back(static_cast<int8_t>(rest % 3) - 1);
    bytes.push_back({packing.packByte(trits), trits});
  }
  return bytes;
}

} // namespace setun::lut
