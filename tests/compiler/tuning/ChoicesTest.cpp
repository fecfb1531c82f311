//===- ChoicesTest.cpp ----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Measurements.h"

#include "compiler/tuning/Choices.h"
#include "compiler/tuning/Convert.h"

#include "gtest/gtest.h"

using namespace setun::tuning;
using setun::passes::BatchClass;

static constexpr llvm::StringLiteral kTarget = "#lut.target<name = \"x\">";

static auto choose(const Tuning &tuning) {
  return listChoices(tuning, kTarget, "setun");
}

/// Blocks of the tile that was chosen, 0 for none.
static int64_t getBlocks(const Tuning &tuning, const char *packing,
                         BatchClass batchClass) {
  auto choices = choose(tuning);
  if (choices.empty())
    return 0;
  auto &tiles = choices.begin()->second.tiles;
  auto found = tiles.find({packing, batchClass});
  return found == tiles.end() ? 0 : found->second.tile.blocks();
}

TEST(Choices, TheFastestOfAClass) {
  Tuning tuning;
  Session &session = addSession(tuning);
  measure(session, "i2", "decode", 1, 1).set_reference(true);
  measure(session, "i2", "decode", 2, 0.8);
  measure(session, "i2", "decode", 3, 0.9);
  measure(session, "i2", "prefill", 4, 0.7);
  EXPECT_EQ(getBlocks(tuning, "i2", BatchClass::Decode), 2);
  EXPECT_EQ(getBlocks(tuning, "i2", BatchClass::Prefill), 4);
  EXPECT_EQ(getBlocks(tuning, "i2", BatchClass::Small), 0);
}

TEST(Choices, FactsStayUnlessItIsWorthwhile) {
  Tuning tuning;
  Session &session = addSession(tuning);
  measure(session, "i2", "decode", 1, 1).set_reference(true);
  measure(session, "i2", "decode", 2, 0.981);
  EXPECT_TRUE(choose(tuning).empty());
  measure(session, "i2", "decode", 3, 0.98);
  EXPECT_EQ(getBlocks(tuning, "i2", BatchClass::Decode), 3);
}

TEST(Choices, TheLastMeasurementOfACandidateCounts) {
  Tuning tuning;
  Session &first = addSession(tuning);
  measure(first, "i2", "decode", 1, 1).set_reference(true);
  measure(first, "i2", "decode", 2, 0.5);
  measure(first, "i2", "decode", 3, 0.8);
  measure(addSession(tuning), "i2", "decode", 2, 0.9);
  EXPECT_EQ(getBlocks(tuning, "i2", BatchClass::Decode), 3);
}

TEST(Choices, MostThreadsCount) {
  Tuning tuning;
  measure(addSession(tuning, 1), "i2", "decode", 1, 0.5);
  measure(addSession(tuning, 4), "i2", "decode", 2, 0.9);
  measure(addSession(tuning, 2), "i2", "decode", 3, 0.6);
  EXPECT_EQ(getBlocks(tuning, "i2", BatchClass::Decode), 2);
}

/// b3: so much faster than i2 at decoding and prefill.
static Tuning comparePackings(double decode, double prefill) {
  Tuning tuning;
  Session &session = addSession(tuning);
  measure(session, "i2", "decode", 1, 1).set_reference(true);
  measure(session, "i2", "prefill", 1, 1).set_reference(true);
  measure(session, "b3", "decode", 5, decode);
  measure(session, "b3", "prefill", 10, prefill);
  return tuning;
}

TEST(Choices, APackingByTheProduct) {
  EXPECT_EQ(choose(comparePackings(0.8, 1.1)).begin()->second.packing, "b3");
  EXPECT_EQ(choose(comparePackings(0.8, 1.3)).begin()->second.packing, "");
  EXPECT_EQ(choose(comparePackings(1, 0.99)).begin()->second.packing, "");
}

TEST(Choices, APackingIsComparedWithTheBestOfTheOther) {
  Tuning tuning = comparePackings(0.8, 1.1);
  measure(*tuning.mutable_sessions(0), "i2", "decode", 2, 0.85);
  EXPECT_EQ(choose(tuning).begin()->second.packing, "");
  EXPECT_EQ(getBlocks(tuning, "i2", BatchClass::Decode), 2);
}

TEST(Choices, AnotherPackingHasItsTilesWhateverTheyCost) {
  Tuning tuning = comparePackings(0.8, 1.1);
  EXPECT_EQ(getBlocks(tuning, "b3", BatchClass::Prefill), 10);
  EXPECT_EQ(getBlocks(tuning, "i2", BatchClass::Prefill), 0);
}

TEST(Choices, OfThisTargetAndProducer) {
  Tuning tuning = comparePackings(0.8, 1);
  EXPECT_TRUE(
      listChoices(tuning, "#lut.target<name = \"y\">", "setun").empty());
  EXPECT_TRUE(listChoices(tuning, kTarget, "setun 2").empty());
  EXPECT_FALSE(listChoices(tuning, kTarget, "setun").empty());
}

TEST(Choices, ShapesApart) {
  Tuning tuning = comparePackings(0.8, 1);
  Session &session = *tuning.mutable_sessions(0);
  measure(session, "i2", "decode", 7, 0.5).mutable_linear()->set_residual(true);
  auto choices = choose(tuning);
  ASSERT_EQ(choices.size(), 2u);
  EXPECT_FALSE(choices.begin()->first.residual);
  EXPECT_EQ(choices.begin()->second.packing, "b3");
  EXPECT_EQ(choices.rbegin()->second.packing, "");
}

TEST(Choices, AProductNeedsBothTimes) {
  EXPECT_EQ(getProduct(0.5, 0.5), 0.25);
  EXPECT_TRUE(std::isinf(getProduct(0.5, std::nullopt)));
  EXPECT_TRUE(std::isinf(getProduct(std::nullopt, 0.5)));
}

TEST(Convert, ThereAndBack) {
  mlir::MLIRContext context;
  context.loadDialect<setun::lut::LutDialect>();
  auto fail = [&] { return mlir::emitError(mlir::UnknownLoc::get(&context)); };
  auto tile = setun::lut::TileAttr::get(
      &context, 32, setun::lut::Strategy::MultiplyAdd, 10, 5, 2);
  EXPECT_EQ(toAttribute(toMessage(tile), &context, fail), tile);
  setun::passes::LinearShape shape;
  shape.rows = {640, 160, 160};
  shape.columns = 2560;
  shape.gate = "relu2";
  shape.residual = true;
  EXPECT_EQ(toShape(toMessage(shape)), shape);
  EXPECT_EQ(print(shape), "2560 > 640,160,160 relu2 +");
}

TEST(Convert, ATileThatIsNone) {
  mlir::MLIRContext context;
  context.loadDialect<setun::lut::LutDialect>();
  std::string said;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) { said = diagnostic.str(); });
  auto fail = [&] { return mlir::emitError(mlir::UnknownLoc::get(&context)); };
  Tuning tuning;
  Tile tile = measure(addSession(tuning), "i2", "decode", 5, 1).tile();
  tile.set_unroll(2);
  EXPECT_FALSE(toAttribute(tile, &context, fail));
  EXPECT_EQ(said, "found 5 blocks, expected a multiple of unroll, which is 2 "
                  "(rule 1)");
}
