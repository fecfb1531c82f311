//===- KernelTest.cpp - Generated kernels against plain loops -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every kernel and its twin must write the floats that a scalar loop gives,
// bit for bit, and touch nothing but their buffers: any packing, strategy, CPU,
// tile, and number of tokens. Other ISAs than this machine's are emulated.
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/kernels/Trial.h"

#include "gtest/gtest.h"

using namespace setun;
using namespace setun::codegen;

namespace {

constexpr auto kMad = lut::Strategy::MultiplyAdd;
constexpr auto kTable = lut::Strategy::Table;
constexpr auto kLookup = lut::Strategy::Lookup;
constexpr auto kSkip = lut::Strategy::Skip;

//===----------------------------------------------------------------------===//
// Cases
//===----------------------------------------------------------------------===//

/// Rows, columns, tokens at most; blocks, unroll, tokens of the tile: all that
/// ChooseTiles may pick. Tiles of 2 in 3 blocks, of 8 in 44: the last call is
/// for fewer.
const Recipe kMadRecipes[] = {
    {kMad, 1, 1, 1, 1, 1, 1, false},    {kMad, 15, 3, 9, 1, 1, 2, true},
    {kMad, 16, 19, 33, 1, 1, 4, false}, {kMad, 48, 65, 128, 2, 1, 8, false},
    {kMad, 96, 2560, 3, 4, 2, 1, true}, {kMad, 17, 63, 8, 2, 2, 2, true},
    {kMad, 50, 129, 5, 2, 2, 4, false}, {kMad, 17, 1000, 8, 2, 2, 8, true},
    {kMad, 700, 79, 9, 8, 4, 1, true},  {kMad, 64, 80, 32, 4, 4, 4, true}};
/// For cores that nothing else is chosen for, and those that do not exist.
const Recipe kFewRecipes[] = {{kMad, 15, 3, 9, 1, 1, 2, true},
                              {kMad, 33, 129, 5, 2, 1, 1, false},
                              {kMad, 17, 63, 8, 2, 2, 4, true},
                              {kMad, 96, 1000, 3, 4, 2, 1, true}};
const Recipe kTableRecipes[] = {{kTable, 1, 1, 1, 1, 1, 1, false},
                                {kTable, 15, 19, 1, 1, 1, 1, true},
                                {kTable, 50, 129, 1, 3, 1, 1, false},
                                {kTable, 96, 1000, 1, 4, 2, 1, true}};
/// LLVM takes seconds to compile one.
const Recipe kLookupRecipes[] = {{kLookup, 17, 63, 33, 1, 1, 16, true},
                                 {kLookup, 700, 179, 128, 8, 1, 16, false}};

/// Rows are tiled in blocks, columns in groups of 16 blocks.
const Recipe kRowRecipes[] = {{kSkip, 1, 1, 1, 1, 1, 1, true},
                              {kSkip, 50, 257, 1, 3, 1, 1, true},
                              {kSkip, 700, 79, 1, 8, 1, 1, true},
                              {kSkip, 96, 2560, 1, 4, 1, 1, true}};
const Recipe kColumnRecipes[] = {{kSkip, 1, 1, 1, 16, 1, 1, false},
                                 {kSkip, 257, 50, 1, 16, 1, 1, true},
                                 {kSkip, 700, 79, 1, 32, 1, 1, true},
                                 {kSkip, 300, 1000, 1, 48, 1, 1, false}};

/// Every sum as large as it gets, over more groups than i16 holds, or in as
/// many columns as i32 does.
const Recipe kNarrowBounds[] = {{kMad, 16, 2080, 4, 1, 1, 4, false},
                                {kMad, 32, 4160, 2, 2, 2, 1, true}};
const Recipe kWideBounds[] = {{kMad, 1, 264208, 1, 1, 1, 1, false}};
const Recipe kTableBounds[] = {{kTable, 32, 8320, 1, 2, 2, 1, false}};
const Recipe kRowBounds[] = {{kSkip, 1, 264192, 1, 1, 1, 1, true}};
const Recipe kColumnBounds[] = {{kSkip, 3, 264208, 1, 16, 1, 1, true}};
const Recipe kLookupBounds[] = {{kLookup, 15, 1600, 32, 1, 1, 16, true}};

struct Case {
  const char *name;
  Cpu cpu;
  llvm::ArrayRef<Recipe> recipes, bounds;
};

void PrintTo(const Case &value, std::ostream *out) { *out << value.name; }

/// The recipe in panels of five blocks: whole ones, and as many columns as sums
/// of what they share hold.
Recipe inPanels(Recipe recipe) {
  recipe.blocks = lut::roundUp(recipe.blocks, 5);
  if (recipe.strategy == kMad)
    recipe.unroll = 5;
  recipe.columns = std::min<int64_t>(recipe.columns, 100640);
  return recipe;
}

/// A case and a packing.
class KernelTest
    : public testing::TestWithParam<std::tuple<Case, const char *>> {
protected:
  static const Case &getCase() { return std::get<0>(GetParam()); }
  static const char *getPacking() { return std::get<1>(GetParam()); }

  void SetUp() override {
    const Cpu &cpu = getCase().cpu;
    if (!canRun(cpu))
      GTEST_SKIP() << "this machine does not run " << cpu.level;
  }

  /// Kernel `i` and its twin, for several numbers of tokens.
  static void check(Machine &machine, size_t i, const Recipe &recipe,
                    const Shape &shape, Pattern pattern) {
    SCOPED_TRACE(testing::Message()
                 << "k" << i << ": " << recipe.rows << "x" << recipe.columns
                 << ", " << getName(pattern).str());
    Problem problem(recipe.rows, recipe.columns, recipe.maxTokens, pattern);
    Trial trial(recipe, shape, problem, getPacking());
    bool lookup = recipe.strategy == kLookup;
    for (int64_t rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 32, 33, 128}) {
      // Look-ups take 16 at once, and sums do not depend on other tokens'.
      bool same = (lookup && rows > 1 && rows < 9) ||
                  (pattern != Pattern::Random && rows < recipe.maxTokens);
      if (same || rows > recipe.maxTokens)
        continue;
      trial.check(machine, 2 * i, rows, lookup, false);
      if (recipe.residual)
        trial.check(machine, 2 * i, rows, lookup, true);
    }
    trial.check(machine, 2 * i + 1, recipe.maxTokens, false, recipe.residual);
  }
};

/// On all machines of the CPU level.
TEST_P(KernelTest, WritesWhatALoopWrites) {
  const Case &value = getCase();
  std::vector<Recipe> recipes = value.recipes;
  recipes.insert(recipes.end(), value.bounds.begin(), value.bounds.end());
  if (getPacking() == std::string("b3"))
    llvm::transform(recipes, recipes.begin(), inPanels);
  Kernels kernels = compile(value.cpu, getPacking(), recipes);
  for (const char *word : value.cpu.machines) {
    SCOPED_TRACE(word);
    auto machine = Machine::start(kernels.program, word);
    if (!machine)
      FAIL() << toString(machine.takeError());
    for (size_t i = 0; i < recipes.size(); ++i) {
      bool bound = i >= value.recipes.size();
      bool skip = recipes[i].strategy == kSkip;
      for (Pattern pattern : bound  ? llvm::ArrayRef(kPatterns)
                             : skip ? llvm::ArrayRef(kSparsePatterns)
                                    : llvm::ArrayRef(kPatterns, 1))
        check(*machine, i, recipes[i], kernels.shapes[i], pattern);
    }
  }
}

/// The bound is tight: had a kernel widened one group later, these patterns
/// would show it.
TEST(KernelBounds, OneGroupMoreWouldWrap) {
  auto wraps = [](int64_t sum) { return int16_t(sum) != sum; };
  mlir::MLIRContext context;
  context.loadDialect<lut::LutDialect>();
  lut::PackingInterface packings[] = {lut::I2Attr::get(&context),
                                      lut::B3Attr::get(&context)};
  for (lut::PackingInterface packing : packings) {
    int64_t columns = lut::getGroupColumns(packing), trits = columns / 4;
    // Products that a lane of 16 bits gets from a group; two trits in nibbles
    // are 4 times as large.
    for (auto [dot, form, products] :
         {std::tuple{lut::Dot::Words, lut::Form::Codes, 4 * trits},
          {lut::Dot::Singles, lut::Form::Codes, trits},
          {lut::Dot::Pairs, lut::Form::Codes, 2 * trits},
          {lut::Dot::Pairs, lut::Form::InNibbles, int64_t(2 * 2 * 4)}}) {
      if (!packing.knows(form))
        continue;
      int64_t groups = lut::getGroupsBeforeWrap(lut::getSumsType(dot, &context),
                                                packing, form);
      EXPECT_FALSE(wraps(groups * products * 2 * 127));
      EXPECT_TRUE(wraps((groups + 1) * products * 2 * 127));
      for (const Recipe &recipe : kNarrowBounds)
        EXPECT_GT(recipe.columns / columns, 2 * groups);
    }
    int64_t tableGroups = lut::getGroupsBeforeWrap((trits + 1) / 2 * 4, 16);
    for (const Recipe &recipe : kTableBounds)
      EXPECT_GT(recipe.columns / columns, 2 * tableGroups);
  }
}

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

const Cpu kBaseline{"x86-64", "x86-64"};
const Cpu kAvx2{"x86-64", "x86-64-v3"};
const Cpu kAvxVnni{"x86-64", "x86-64-v3+avxvnni"};
const Cpu kAvx512{"x86-64", "x86-64-v4"};
const Cpu kVnni{"x86-64", "x86-64-v4+avx512vnni"};
const Cpu kVbmi{"x86-64", "x86-64-v4+avx512vnni+avx512vbmi"};
/// Products and tables that x86-64 has no instructions for.
const Cpu kPortableWords{"x86-64", "x86-64", kHere,
                         "dot = words, permuteBytes = 0"};
const Cpu kPortablePairs{"x86-64", "x86-64", kHere,
                         "dot = pairs, permuteBytes = 128"};
const Cpu kPortableTiles{"x86-64", "x86-64", kHere,
                         "dot = tiles, permuteBytes = 0"};

const char *const kFirstArm[] = {"cortex-a53", "max,sve=off"};
const char *const kDotArm[] = {"cortex-a76", "neoverse-n1"};
const char *const kMatrixArm[] = {"max,sve=off"};
const char *const kVectorArm[] = {"max,sve-max-vq=1", "max,sve-max-vq=2",
                                  "max,sve-max-vq=3", "max,sve-max-vq=4"};
const Cpu kNeon{"aarch64", "armv8-a", kFirstArm};
const Cpu kDotprod{"aarch64", "armv8.2-a+dotprod", kDotArm};
const Cpu kI8mm{"aarch64", "armv8.2-a+dotprod+i8mm", kMatrixArm};
const Cpu kSve2{"aarch64", "armv8.2-a+dotprod+i8mm+sve2", kVectorArm};

const char *const kScalarRiscV[] = {"rv64"};
const char *const kVectorRiscV[] = {
    "rv64,v=true,vlen=128,elen=64,vext_spec=v1.0",
    "rv64,v=true,vlen=256,elen=64,vext_spec=v1.0",
    "rv64,v=true,vlen=512,elen=64,vext_spec=v1.0"};
const Cpu kRv64gc{"riscv64", "rv64gc", kScalarRiscV};
const Cpu kRv64gcv{"riscv64", "rv64gcv", kVectorRiscV};

const Case kX86_64[] = {
    {"mad", kBaseline, kMadRecipes, kNarrowBounds},
    {"mad_avx2", kAvx2, kMadRecipes, kNarrowBounds},
    {"mad_avxvnni", kAvxVnni, kMadRecipes, kWideBounds},
    {"mad_avx512", kAvx512, kMadRecipes, kNarrowBounds},
    {"mad_vnni", kVnni, kMadRecipes, kWideBounds},
    {"mad_vbmi", kVbmi, kMadRecipes, kWideBounds},
    {"mad_words", kPortableWords, kFewRecipes, kNarrowBounds},
    {"mad_pairs", kPortablePairs, kFewRecipes, kNarrowBounds},
    {"mad_tiles", kPortableTiles, kFewRecipes, kWideBounds},
    {"lookup", kBaseline, kLookupRecipes, kLookupBounds},
    {"lookup_avx2", kAvx2, kLookupRecipes, kLookupBounds},
    {"lookup_avx512", kAvx512, kLookupRecipes, kLookupBounds},
    {"lookup_vnni", kVnni, kLookupRecipes, kLookupBounds},
    {"lookup_vbmi", kVbmi, kLookupRecipes, kLookupBounds}};
const Case kAArch64[] = {{"mad", kNeon, kMadRecipes, kNarrowBounds},
                         {"mad_dotprod", kDotprod, kMadRecipes, kWideBounds},
                         {"mad_i8mm", kI8mm, kMadRecipes, kWideBounds},
                         {"mad_sve2", kSve2, kMadRecipes, kWideBounds},
                         {"lookup", kNeon, kLookupRecipes, kLookupBounds}};
const Case kRiscV64[] = {
    {"mad", kRv64gc, kFewRecipes, kNarrowBounds},
    {"mad_rvv", kRv64gcv, kMadRecipes, kNarrowBounds},
    {"lookup_rvv", kRv64gcv, kLookupRecipes, kLookupBounds}};
/// Tables are of trits in a row.
const Case kX86_64Tables[] = {
    {"table", kBaseline, kTableRecipes, kTableBounds}};
const Case kAArch64Tables[] = {{"table", kNeon, kTableRecipes, kTableBounds}};
const Case kRiscV64Tables[] = {
    {"table_rvv", kRv64gcv, kTableRecipes, kTableBounds}};
/// Seldom chosen, slow to compile: one kernel will do.
const Case kAArch64Slow[] = {{"lookup_sve2", kSve2, {}, kLookupBounds}};
const Case kRiscV64Slow[] = {{"lookup", kRv64gc, {}, kLookupBounds}};

/// Skipping; elsewhere than on x86-64 nothing chooses it yet.
const Case kX86_64Rows[] = {{"skip", kBaseline, kRowRecipes, kRowBounds},
                            {"skip_avxvnni", kAvxVnni, kRowRecipes, kRowBounds},
                            {"skip_vnni", kVnni, kRowRecipes, kRowBounds}};
const Case kX86_64Columns[] = {
    {"skip", kBaseline, kColumnRecipes, {}},
    {"skip_avxvnni", kAvxVnni, kColumnRecipes, {}},
    {"skip_vnni", kVnni, kColumnRecipes, kColumnBounds}};
const Case kAArch64Rows[] = {{"skip", kDotprod, kRowRecipes, {}}};
const Case kAArch64Columns[] = {{"skip", kDotprod, kColumnRecipes, {}}};
const Case kRiscV64Rows[] = {{"skip", kRv64gcv, kRowRecipes, {}}};
const Case kRiscV64Columns[] = {{"skip", kRv64gcv, kColumnRecipes, {}}};

/// "mad_avx2_b3"
std::string nameOf(const testing::TestParamInfo<KernelTest::ParamType> &info) {
  auto [value, packing] = info.param;
  return std::string(value.name) + "_" + packing;
}

auto both(llvm::ArrayRef<Case> cases) {
  return testing::Combine(testing::ValuesIn(cases),
                          testing::Values("i2", "b3"));
}
auto inLines(llvm::ArrayRef<Case> cases, const char *packing) {
  return testing::Combine(testing::ValuesIn(cases), testing::Values(packing));
}
auto onlyI2(llvm::ArrayRef<Case> cases) {
  return testing::Combine(testing::ValuesIn(cases), testing::Values("i2"));
}

INSTANTIATE_TEST_SUITE_P(X86_64, KernelTest, both(kX86_64), nameOf);
INSTANTIATE_TEST_SUITE_P(X86_64Tables, KernelTest, onlyI2(kX86_64Tables),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(AArch64Tables, KernelTest, onlyI2(kAArch64Tables),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(RiscV64Tables, KernelTest, onlyI2(kRiscV64Tables),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(AArch64, KernelTest, both(kAArch64), nameOf);
INSTANTIATE_TEST_SUITE_P(AArch64Slow, KernelTest, onlyI2(kAArch64Slow), nameOf);
INSTANTIATE_TEST_SUITE_P(RiscV64, KernelTest, both(kRiscV64), nameOf);
INSTANTIATE_TEST_SUITE_P(RiscV64Slow, KernelTest, onlyI2(kRiscV64Slow), nameOf);
#define SKIP_SUITES(Isa)                                                       \
  INSTANTIATE_TEST_SUITE_P(Isa##Rows, KernelTest,                              \
                           inLines(k##Isa##Rows, "rows"), nameOf);             \
  INSTANTIATE_TEST_SUITE_P(Isa##Columns, KernelTest,                           \
                           inLines(k##Isa##Columns, "columns"), nameOf)
SKIP_SUITES(X86_64);
SKIP_SUITES(AArch64);
SKIP_SUITES(RiscV64);

} // namespace
