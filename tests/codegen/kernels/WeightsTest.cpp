//===- WeightsTest.cpp - The bytes of the weights segment -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/Weights.h"
#include "codegen/link/Checks.h"
#include "dialects/lut/Lut.h"
#include "dialects/spmd/Spmd.h"
#include "passes/Passes.h"
#include "tests/codegen/kernels/Matrix.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "runtime/abi/Checks.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/xxhash.h"

#include "gtest/gtest.h"

#include <cstring>
#include <map>

using namespace mlir;
using namespace setun;
using namespace setun::codegen;

namespace {

/// Two matrices a packing, a dense one, a norm stored as bf16, and copies for
/// skipping. 1030 rows are more than are packed at once.
constexpr char kModule[] = R"(
#file = #tern.source<file = 0, encoding = "test", offset = 0, bytes = 0>
tern.weight @embed : !tern.packed<5x7, #tern.dense<bf16>> in #file {lut.packing = #lut.rows<bf16>}
tern.weight @small : !tern.packed<17x33, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @norm : !tern.packed<19, #tern.dense<bf16>> in #file {lut.packing = #lut.rows<f32>}
tern.weight @one : !tern.packed<1x1, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.b3}
tern.weight @odd : !tern.packed<31x79, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.b3}
tern.weight @tall : !tern.packed<1030x16, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2}
tern.weight @rows : !tern.packed<33x300, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.b3, lut.skip_packing = #lut.lines<rows>}
tern.weight @columns : !tern.packed<300x70, #tern.trit<tensor>> alpha 1.0 in #file {lut.packing = #lut.i2, lut.skip_packing = #lut.lines<columns>}
)";

/// Weights made up on the spot; counts what is released.
struct FakeSource final : WeightSource {
  std::map<std::string, Matrix> matrices;
  std::string dense;
  int released = 0;

  Matrix &get(tern::WeightOp weight) {
    ArrayRef<int64_t> shape = weight.getType().getShape();
    auto [found, fresh] = matrices.try_emplace(weight.getSymName().str());
    if (fresh)
      found->second = Matrix::random(shape[0], shape[1], matrices.size());
    return found->second;
  }
  void readTrits(tern::WeightOp weight, int64_t first, int64_t count,
                 int8_t *out) override {
    const Matrix &matrix = get(weight);
    ASSERT_LE(first + count, matrix.rows);
    std::copy_n(matrix.trits.data() + first * matrix.columns,
                count * matrix.columns, out);
  }
  llvm::StringRef getBytes(tern::WeightOp) override { return dense; }
  void readFloats(tern::WeightOp, int64_t first, int64_t count,
                  float *out) override {
    for (int64_t i = 0; i < count; ++i)
      out[i] = static_cast<float>(first + i) + 0.5f;
  }
  void release(tern::WeightOp) override { ++released; }
};

class WeightsTest : public testing::Test {
protected:
  WeightsTest() {
    context.loadDialect<tern::TernDialect, lut::LutDialect>();
    module = parseSourceString<ModuleOp>(kModule, &context);
    PassManager pm(&context);
    pm.addPass(passes::createLayOutWeights());
    EXPECT_TRUE(succeeded(pm.run(*module)));
    for (char byte = 0; byte < 5 * 7 * 2; ++byte)
      source.dense.push_back(byte + 1);
    for (auto weight : module->getOps<tern::WeightOp>())
      if (isa<tern::TritAttr>(weight.getType().getElement()))
        source.get(weight); // packing runs on several threads
    llvm::raw_string_ostream out(segment);
    llvm::Error error =
        writeWeights(*module, source, {"token", 5}, 0x1234, out);
    EXPECT_FALSE(bool(error));
  }

  /// The bytes that were written for `name`.
  std::string bytesOf(StringRef name, StringRef offset = lut::kOffsetAttr,
                      StringRef bytes = lut::kBytesAttr) {
    auto weight = module->lookupSymbol<tern::WeightOp>(name);
    auto number = [&](StringRef attr) {
      return weight->getAttrOfType<IntegerAttr>(attr).getInt();
    };
    return segment.substr(number(offset), number(bytes));
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  FakeSource source;
  std::string segment;
};

TEST_F(WeightsTest, EndsInWhatVerifyComparesWith) {
  ASSERT_EQ(segment.size(), getChecksEnd(*module, 5));
  uint64_t offset = getChecksOffset(*module, 5);
  auto number = [&](size_t i) {
    return llvm::support::endian::read64le(segment.data() + offset + 8 * i);
  };
  EXPECT_EQ(number(0), 0x1234u);
  std::vector<TensorPlace> tensors = listTensors(*module);
  for (auto [i, tensor] : llvm::enumerate(tensors))
    EXPECT_EQ(number(1 + i) != 0, isa<lut::PackingInterface>(tensor.packing) &&
                                      !isa<lut::LinesAttr>(tensor.packing));
  StringRef bytes = StringRef(segment).take_front(getSegmentBytes(*module, 5));
  ASSERT_LE(bytes.size(), setun::abi::kCheckedBytes);
  EXPECT_EQ(number(1 + tensors.size()), llvm::xxHash64(bytes));
}

TEST(KnownAnswer, IsOfPlainSums) {
  constexpr int64_t rows = 3, columns = 70;
  std::vector<int8_t> trits(rows * columns);
  std::vector<float> products(rows);
  for (int64_t i = 0; i < rows * columns; ++i) {
    trits[i] = i * 7 % 3 - 1;
    products[i / columns] +=
        float(trits[i] * setun::abi::answerInput(i % columns));
  }
  KnownAnswer answer(rows, columns);
  answer.add(1, 2, trits.data() + columns); // in pieces, in any order
  answer.add(0, 1, trits.data());
  EXPECT_EQ(answer.getChecksum(),
            llvm::xxHash64(StringRef(reinterpret_cast<char *>(products.data()),
                                     rows * sizeof(float))));
}

TEST(ChecksumStream, SumsEveryMebibyte) {
  std::string all;
  for (int i = 0; i < (2 << 20) + 77; ++i)
    all.push_back(char(i * i >> 3));
  for (size_t piece : {size_t(1000), size_t(1 << 20), all.size()}) {
    std::string written;
    llvm::raw_string_ostream out(written);
    ChecksumStream stream(out);
    for (StringRef rest = all; !rest.empty();
         rest = rest.drop_front(std::min(piece, rest.size())))
      stream << rest.take_front(piece);
    stream.flush();
    EXPECT_EQ(written, all);
    ASSERT_EQ(stream.getChecksums().size(), 3u);
    for (size_t i = 0; i < 3; ++i)
      EXPECT_EQ(stream.getChecksums()[i],
                llvm::xxHash64(StringRef(all).substr(i << 20, 1 << 20)));
  }
}

TEST_F(WeightsTest, MatricesLieAsKernelsReadThem) {
  for (auto [name, word] : {std::pair{"small", "i2"},
                            {"one", "b3"},
                            {"odd", "b3"},
                            {"tall", "i2"},
                            {"rows", "b3"},
                            {"columns", "i2"}}) {
    std::vector<uint8_t> expected = pack(source.matrices.at(name), word);
    EXPECT_EQ(bytesOf(name), std::string(expected.begin(), expected.end()))
        << name;
  }
}

TEST_F(WeightsTest, CopiesLieByRowsAndByColumns) {
  for (std::string name : {"rows", "columns"}) {
    std::vector<uint8_t> expected = pack(source.matrices.at(name), name);
    EXPECT_EQ(bytesOf(name, lut::kSkipOffsetAttr, lut::kSkipBytesAttr),
              std::string(expected.begin(), expected.end()))
        << name;
  }
}

TEST_F(WeightsTest, TheLayoutIsChecked) {
  Builder b(&context);
  for (StringRef name : {lut::kCacheBytesAttr, lut::kCacheChunkAttr})
    (*module)->setAttr(name, b.getI64IntegerAttr(0));
  EXPECT_FALSE(bool(checkLayout(*module)));
  auto weight = module->lookupSymbol<tern::WeightOp>("columns");
  weight->setAttr(lut::kSkipBytesAttr, b.getI64IntegerAttr(64));
  EXPECT_NE(toString(checkLayout(*module))
                .find("columns: expected "
                      "'lut.skip_packing'"),
            std::string::npos);
}

TEST_F(WeightsTest, OnlyWhatMayBeSkippedIsTallied) {
  context.loadDialect<spmd::SpmdDialect, arith::ArithDialect>();
  OpBuilder b = OpBuilder::atBlockEnd(module->getBody());
  for (StringRef name : {lut::kCacheBytesAttr, lut::kCacheChunkAttr})
    (*module)->setAttr(name, b.getI64IntegerAttr(0));
  auto step = spmd::StepOp::create(b, b.getUnknownLoc(), "step", 1, 0, 0, 0,
                                   /*together=*/nullptr);
  b.setInsertionPointToEnd(&step.getBody().emplaceBlock());
  Value one = arith::ConstantIndexOp::create(b, b.getUnknownLoc(), 1);
  auto tally = [&](StringRef name) {
    spmd::TallyOp::create(b, b.getUnknownLoc(), name, one, one, true);
    return toString(checkLayout(*module));
  };
  EXPECT_EQ(tally("rows"), "");
  EXPECT_NE(tally("small").find("step: tallies small, expected a weight with "
                                "'lut.skip_packing'"),
            std::string::npos);
}

TEST_F(WeightsTest, PaddingIsTritZero) {
  // One trit in five blocks of 16 rows of 16: the rest is five codes of 1.
  std::string one = bytesOf("one");
  ASSERT_EQ(one.size(), 256u);
  int code = source.matrices.at("one").code(0, 0);
  EXPECT_EQ(uint8_t(one[0]), code + 3 + 9 + 27 + 84);
  EXPECT_EQ(one.substr(1), std::string(255, char(1 + 3 + 9 + 27 + 84)));
}

TEST_F(WeightsTest, DenseRowsArePaddedWithZeros) {
  std::string expected;
  for (int row = 0; row < 5; ++row)
    expected += source.dense.substr(row * 14, 14) + std::string(18, '\0');
  EXPECT_EQ(bytesOf("embed"), expected);
}

TEST_F(WeightsTest, VectorsBecomeFloats) {
  float floats[32] = {};
  for (int i = 0; i < 19; ++i)
    floats[i] = i + 0.5f;
  std::string norm = bytesOf("norm");
  ASSERT_EQ(norm.size(), sizeof(floats));
  EXPECT_EQ(memcmp(norm.data(), floats, sizeof(floats)), 0);
}

TEST_F(WeightsTest, TheTokenizerFollowsOnItsOwnPage) {
  EXPECT_EQ(getTokenizerOffset(*module) % 4096, 0u);
  EXPECT_EQ(segment.substr(getTokenizerOffset(*module), 5), "token");
  EXPECT_EQ(getSegmentBytes(*module, 5), getTokenizerOffset(*module) + 5);
  EXPECT_EQ(source.released, 8);
}

} // namespace
