//===- SearchTest.cpp - What is measured next -----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Search.h"
#include "codegen/targets/Target.h"
#include "compiler/Compile.h"
#include "compiler/tune/Pace.h"

#include "mlir/IR/Verifier.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace setun::compiler;
using setun::passes::BatchClass;
using setun::passes::LinearShape;
namespace lut = setun::lut;

namespace {
struct SearchTest : testing::Test {
  SearchTest() {
    registerDialects(registry);
    context.emplace(registry, MLIRContext::Threading::DISABLED);
    prepare(*context);
    auto levels =
        setun::codegen::resolveLevels(*context, "x86-64", "x86-64-v3", "");
    target = cantFail(std::move(levels)).front();
  }

  DialectRegistry registry;
  std::optional<MLIRContext> context;
  lut::TargetAttr target;
  std::vector<LinearShape> shapes = {{{264, 132, 132}, 264, "", false},
                                     {{264}, 700, "", true},
                                     {{700, 700}, 264, "relu2", false}};
};
} // namespace

static constexpr int64_t kPlenty = int64_t(1) << 40;

/// Measures what is planned: `time(tile)` by the reference's.
template <typename Time>
static size_t measureAll(Search &search, const Time &time, unsigned rounds) {
  std::set<std::string> seen;
  size_t count = 0;
  for (unsigned round = 0; round < rounds; ++round)
    for (const Slot &slot : search.plan(3, kPlenty))
      for (BatchClass each : setun::passes::kBatchClasses) {
        auto index = static_cast<unsigned>(each);
        if (!slot.wanted[index])
          continue;
        Trial trial = search.getTrial(slot);
        std::string key;
        llvm::raw_string_ostream(key) << slot.shape << ' ' << slot.packing
                                      << ' ' << index << trial.tiles[index];
        if (!slot.reference) {
          EXPECT_TRUE(seen.insert(key).second) << key;
          ++count;
        }
        search.record(slot, each, {1, time(trial.tiles[index]), 1});
      }
  return count;
}

TEST_F(SearchTest, BeginsWithTheReferenceOfEveryShape) {
  Search search(shapes, target);
  std::vector<Slot> slots = search.plan(2, kPlenty);
  ASSERT_EQ(slots.size(), 9u);
  for (size_t i = 0; i < slots.size(); ++i) {
    EXPECT_EQ(slots[i].shape, i / 3);
    EXPECT_EQ(slots[i].reference, i % 3 == 0);
  }
  Trial reference = search.getTrial(slots[0]);
  EXPECT_EQ(reference.packing, setun::passes::listPackings(target).front());
}

TEST_F(SearchTest, MeasuresEachCandidateOnceAndEnds) {
  Search search(shapes, target);
  auto same = [](lut::TileAttr) { return 1.0; };
  EXPECT_GT(measureAll(search, same, 1000), 0u);
  EXPECT_TRUE(search.plan(3, kPlenty).empty());
  EXPECT_EQ(search.countMeasured(), search.countCandidates());
}

/// How long the fastest decoding tile of the first shape takes.
template <typename Time>
static double findBest(const Search &search, const Time &time) {
  double best = std::numeric_limits<double>::infinity();
  for (const Slot &slot : search.planFinal(kPlenty))
    if (slot.shape == 0)
      best = std::min(best, time(search.getTrial(slot).tiles[0]));
  return best;
}

/// A valley: the further from 6 blocks, the slower.
TEST_F(SearchTest, WalksDownhill) {
  Search some(shapes, target), all(shapes, target);
  auto valley = [](lut::TileAttr tile) {
    return std::abs(std::log2(tile.getBlocks() / 6.0)) + 0.5;
  };
  measureAll(some, valley, 4);
  measureAll(all, valley, 1000);
  EXPECT_EQ(findBest(some, valley), findBest(all, valley));
  EXPECT_LT(some.countMeasured(), some.countCandidates());
}

TEST_F(SearchTest, GivesUpAPackingThatIsMuchSlower) {
  Search search(shapes, target);
  for (unsigned round = 0; round < 20; ++round)
    for (const Slot &slot : search.plan(4, kPlenty))
      for (BatchClass each : setun::passes::kBatchClasses)
        if (slot.wanted[static_cast<unsigned>(each)])
          search.record(slot, each, {1, slot.packing ? 2. : 1., 1});
  for (const Slot &slot : search.plan(4, kPlenty))
    EXPECT_EQ(slot.packing, 0u);
}

/// As in Choices.h: what was measured in one class only wins nothing.
TEST_F(SearchTest, GivesUpNoPackingForOneThatIsHalfMeasured) {
  Search search(shapes, target);
  auto count = [&](const std::vector<Slot> &slots) {
    return llvm::count_if(slots, [](const Slot &slot) { return slot.packing; });
  };
  for (unsigned round = 0; round < 3; ++round)
    for (const Slot &slot : search.plan(4, kPlenty))
      for (BatchClass each : setun::passes::kBatchClasses)
        if (slot.wanted[static_cast<unsigned>(each)] &&
            (slot.packing || each == BatchClass::Decode))
          search.record(slot, each, {1, slot.packing ? 2. : 1., 1});
  EXPECT_GT(count(search.plan(4, kPlenty)), 0);
}

TEST_F(SearchTest, RemembersWhatAFileKnows) {
  Search search(shapes, target);
  std::vector<Slot> slots = search.plan(2, kPlenty);
  Trial trial = search.getTrial(slots[1]);
  for (StringRef packing : {trial.packing.getWord(), StringRef("b7")})
    search.record(trial.shape, packing, BatchClass::Decode, trial.tiles[0],
                  {9, 0.9, 3});
  EXPECT_EQ(search.countMeasured(), 1u);
  search.forget();
  EXPECT_EQ(search.countMeasured(), 0u);
}

TEST_F(SearchTest, StaysBelowTheBytes) {
  Search search(shapes, target);
  EXPECT_EQ(search.plan(2, 1).size(), 3u); // one shape, whatever it takes
  measureAll(search, [](lut::TileAttr) { return 0.9; }, 3);
  for (const Slot &slot : search.planFinal(1))
    EXPECT_EQ(slot.shape, 0u);
}

/// All of a round took as long: `relative`, but for the reference.
static void measure(Search &search, ArrayRef<Slot> slots, double relative) {
  for (const Slot &slot : slots)
    for (BatchClass each : setun::passes::kBatchClasses)
      if (slot.wanted[static_cast<unsigned>(each)])
        search.record(slot, each, {1, slot.reference ? 1 : relative, 1});
}

/// All were measured at 0.5 by luck and take as long as the reference.
TEST_F(SearchTest, ConfirmsUntilTheBestIsConfirmed) {
  Search search(shapes, target);
  for (unsigned round = 0; round < 3; ++round)
    measure(search, search.plan(3, kPlenty), 0.5);
  unsigned rounds = 0;
  std::vector<Slot> slots;
  while (!(slots = search.planFinal(kPlenty)).empty() && ++rounds < 100)
    measure(search, slots, 1.01);
  EXPECT_GT(rounds, 1u);
  EXPECT_LT(rounds, 100u);
  EXPECT_TRUE(search.dropLucky().empty());
}

/// As above, but there is time for one round only.
TEST_F(SearchTest, DropsWhatWasLuckyOnce) {
  Search search(shapes, target);
  for (unsigned round = 0; round < 3; ++round)
    measure(search, search.plan(3, kPlenty), 0.5);
  EXPECT_TRUE(search.dropLucky().empty()); // nothing is known better
  measure(search, search.planFinal(kPlenty), 1.01);
  size_t measured = search.countMeasured();
  auto dropped = search.dropLucky();
  EXPECT_FALSE(dropped.empty());
  EXPECT_EQ(search.countMeasured() + dropped.size(), measured);
  EXPECT_TRUE(search.planFinal(kPlenty).empty());
}

/// Measuring takes what it was told to, whatever the size.
TEST(Pace, KnowsThatTheLastRoundMeasuresLonger) {
  Pace pace;
  EXPECT_FALSE(pace.isKnown());
  pace.record(10, /*taken=*/14, /*measuring=*/4);
  EXPECT_DOUBLE_EQ(pace.predict(10, 4), 14);
  EXPECT_DOUBLE_EQ(pace.predict(10, 8), 18);
  EXPECT_DOUBLE_EQ(pace.predict(20, 8), 25);
  pace.record(10, /*taken=*/3, /*measuring=*/4);
  EXPECT_DOUBLE_EQ(pace.predict(20, 8), 8);
}

/// It verifies, and profiles tell its linears apart.
TEST_F(SearchTest, ModulesAreWhatFuseLeaves) {
  Search search(shapes, target);
  SmallVector<Trial> trials;
  for (const Slot &slot : search.plan(2, kPlenty))
    trials.push_back(search.getTrial(slot));
  TuningModule built = buildTuningModule(target, trials);
  EXPECT_TRUE(succeeded(verify(*built.module)));
  EXPECT_EQ(built.labels.size(), trials.size());
  EXPECT_EQ(built.labels[0], "trial1.w0+w1+w2");
  std::set<std::string> labels(built.labels.begin(), built.labels.end());
  EXPECT_EQ(labels.size(), trials.size());
}
