//===- KernelTest.cpp - Generated kernels against plain loops -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every kernel and its twin must write the floats that a scalar loop gives,
// bit for bit: any packing, strategy, CPU, tile, and number of tokens.
//
//===----------------------------------------------------------------------===//

#include "runtime/abi/Step.h"
#include "tests/codegen/kernels/Kernels.h"

#include "gtest/gtest.h"

#include <cstring>

using namespace setun;
using namespace setun::codegen;
using setun::abi::KernelFunction;

namespace {

//===----------------------------------------------------------------------===//
// Problems
//===----------------------------------------------------------------------===//

/// All trits and all |q| at the bound, by their signs. `Aligned`: q alternates
/// and the trit follows, so that all products are positive.
enum class Pattern { Random, PlusPlus, PlusMinus, MinusMinus, Aligned };

constexpr Pattern kBounds[] = {Pattern::PlusPlus, Pattern::PlusMinus,
                               Pattern::MinusMinus, Pattern::Aligned};

/// Weights, quantized activations and what the product is.
struct Problem {
  Matrix weights;
  int64_t tokens;
  std::vector<int8_t> q;               ///< [tokens][columns]
  std::vector<float> scales, residual; ///< [tokens]; [tokens][rows]
  float alpha = 0.0371f;

  Problem(int64_t rows, int64_t columns, int64_t tokens, Pattern pattern);
  /// [tokens][rows]
  std::vector<float> solve(bool addResidual) const;
};

Problem::Problem(int64_t rows, int64_t columns, int64_t tokens, Pattern pattern)
    : weights(Matrix::random(rows, columns, 7)), tokens(tokens) {
  std::minstd_rand generator(11);
  auto uniform = [&] { return generator() / float(generator.max()) - 0.5f; };
  for (int64_t i = 0; i < tokens * columns; ++i)
    q.push_back(static_cast<int8_t>(generator() % 255) - 127);
  for (int64_t i = 0; i < tokens; ++i)
    scales.push_back(127.0f / (uniform() + 0.6f));
  for (int64_t i = 0; i < tokens * rows; ++i)
    residual.push_back(uniform() * 3);
  if (pattern == Pattern::Random)
    return;
  bool aligned = pattern == Pattern::Aligned;
  int trit = pattern == Pattern::MinusMinus ? -1 : 1;
  int sign = pattern == Pattern::PlusPlus ? 1 : -1;
  for (size_t i = 0; i < weights.trits.size(); ++i)
    weights.trits[i] = aligned ? 1 - 2 * (i % columns % 2) : trit;
  for (size_t i = 0; i < q.size(); ++i)
    q[i] = 127 * (aligned ? 1 - 2 * (i % columns % 2) : sign);
}

/// The same operations in the same order as `KernelFunction` says.
std::vector<float> Problem::solve(bool addResidual) const {
  std::vector<float> y;
  for (int64_t m = 0; m < tokens; ++m)
    for (int64_t r = 0; r < weights.rows; ++r) {
      const int8_t *w = weights.trits.data() + r * weights.columns;
      const int8_t *x = q.data() + m * weights.columns;
      int32_t sum = 0;
      for (int64_t k = 0; k < weights.columns; ++k)
        sum += w[k] * x[k];
      float value = static_cast<float>(sum) * (alpha / scales[m]);
      y.push_back(addResidual ? value + residual[m * weights.rows + r] : value);
    }
  return y;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// The buffers of one kernel; what the contract leaves open is garbage.
class Harness {
public:
  Harness(const Recipe &recipe, const Shape &shape, const Problem &problem,
          llvm::StringRef packing);

  /// Calls `kernel` tile by tile for `rows` tokens and compares.
  void check(KernelFunction kernel, int64_t rows, bool tokenMinor,
             bool inPlace);

private:
  /// A sealed copy of `values` in front of garbage.
  template <typename T>
  static void fill(Guarded &buffer, const std::vector<T> &values) {
    std::copy(values.begin(), values.end(), buffer.get<T>());
    buffer.seal();
  }
  void fillActivations();
  void fillResidual(Guarded &buffer);
  void call(KernelFunction kernel, int64_t rows, const int8_t *q,
            const float *added, float *out);

  const Recipe &recipe;
  const Shape &shape;
  const Problem &problem;
  std::vector<float> expected;
  Guarded weights, plain, minor, sums, scales, residual, scratch;
};

Harness::Harness(const Recipe &recipe, const Shape &shape,
                 const Problem &problem, llvm::StringRef packing)
    : recipe(recipe), shape(shape), problem(problem),
      expected(problem.solve(recipe.residual)),
      weights(lut::getBlocks(recipe.rows) * shape.blockBytes),
      plain(shape.paddedTokens * shape.stride),
      minor(shape.paddedTokens * shape.stride), sums(shape.paddedTokens * 4),
      scales(shape.paddedTokens * 4),
      residual(shape.paddedTokens * shape.out * 4),
      scratch(shape.scratchBytes) {
  fill(weights, pack(problem.weights, packing));
  fill(scales, problem.scales);
  fillActivations();
  fillResidual(residual);
  residual.seal();
}

/// Both layouts, columns padded with zeros; the sums.
void Harness::fillActivations() {
  int64_t columns = recipe.columns, stride = shape.stride;
  std::vector<int32_t> totals;
  for (int64_t m = 0; m < problem.tokens; ++m) {
    const int8_t *row = problem.q.data() + m * columns;
    totals.push_back(0);
    for (int64_t k = 0; k < stride; ++k) {
      int8_t value = k < columns ? row[k] : 0;
      totals.back() += value;
      plain.get<int8_t>()[m * stride + k] = value;
      if (recipe.strategy == lut::Strategy::Lookup)
        minor.get<int8_t>()[(m / 32 * stride + k) * 32 + m % 32] = value;
    }
  }
  plain.seal();
  minor.seal();
  fill(sums, totals);
}

void Harness::fillResidual(Guarded &buffer) {
  for (int64_t m = 0; m < problem.tokens; ++m)
    std::copy_n(problem.residual.data() + m * recipe.rows, recipe.rows,
                buffer.get<float>() + m * shape.out);
}

void Harness::call(KernelFunction kernel, int64_t rows, const int8_t *q,
                   const float *added, float *out) {
  int64_t blocks = lut::getBlocks(recipe.rows);
  for (int64_t block = 0; block < blocks; block += recipe.blocks)
    kernel(weights.get<uint8_t>() + block * shape.blockBytes, q,
           sums.get<int32_t>(), scales.get<float>(), problem.alpha,
           added ? added + 16 * block : nullptr, out + 16 * block,
           scratch.get<uint8_t>(), rows,
           std::min(recipe.blocks, blocks - block));
}

void Harness::check(KernelFunction kernel, int64_t rows, bool tokenMinor,
                    bool inPlace) {
  Guarded out(shape.paddedTokens * shape.out * 4);
  if (inPlace)
    fillResidual(out);
  const float *added = inPlace           ? out.get<float>()
                       : recipe.residual ? residual.get<float>()
                                         : nullptr;
  call(kernel, rows, (tokenMinor ? minor : plain).get<int8_t>(), added,
       out.get<float>());
  EXPECT_TRUE(out.isIntact() && scratch.isIntact()) << "wrote before a buffer";
  for (int64_t m = 0; m < rows; ++m) {
    const float *found = out.get<float>() + m * shape.out;
    const float *wanted = expected.data() + m * recipe.rows;
    if (memcmp(found, wanted, recipe.rows * 4) == 0)
      continue;
    int64_t r = std::mismatch(found, found + recipe.rows, wanted).first - found;
    ADD_FAILURE() << "token " << m << " of " << rows << ", row " << r
                  << ": found " << found[r] << ", expected " << wanted[r];
    return;
  }
}

//===----------------------------------------------------------------------===//
// Cases
//===----------------------------------------------------------------------===//

constexpr auto kMad = lut::Strategy::MultiplyAdd;
constexpr auto kLookup = lut::Strategy::Lookup;

/// Rows, columns, tokens at most; blocks, unroll, tokens of the tile. Tiles of
/// 2 in 3 blocks, of 8 in 44: the last call is for fewer.
const Recipe kMadRecipes[] = {
    {kMad, 1, 1, 1, 1, 1, 1, false},     {kMad, 15, 4, 9, 1, 1, 4, true},
    {kMad, 16, 19, 33, 1, 1, 8, false},  {kMad, 17, 20, 8, 2, 2, 4, true},
    {kMad, 48, 44, 128, 2, 1, 8, false}, {kMad, 700, 79, 9, 8, 4, 1, true},
    {kMad, 64, 80, 32, 4, 4, 8, true},   {kMad, 33, 264, 5, 1, 1, 1, false},
    {kMad, 17, 1000, 8, 2, 2, 8, true},  {kMad, 48, 2560, 3, 3, 1, 1, false}};
const Recipe kMadBounds[] = {{kMad, 16, 6912, 4, 1, 1, 4, false},
                             {kMad, 32, 32768, 2, 2, 2, 1, true}};

const Recipe kLookupRecipes[] = {{kLookup, 1, 1, 1, 1, 1, 32, true},
                                 {kLookup, 17, 19, 33, 1, 1, 32, false},
                                 {kLookup, 48, 2560, 128, 2, 1, 32, true},
                                 {kLookup, 700, 79, 9, 44, 1, 32, false}};
const Recipe kLookupBounds[] = {{kLookup, 15, 32768, 32, 1, 1, 32, true}};

const Cpu kBaseline{"x86-64", ""};
/// Pairs and tables without an instruction for them.
const Cpu kPortablePairs{"x86-64", "", lut::Dot::Pairs, 128};
const Cpu kAvx2{"x86-64-v3", ""};
const Cpu kAvxVnni{"x86-64-v3", "+avxvnni"};
const Cpu kAvx512{"x86-64-v4", ""};
const Cpu kVnni{"x86-64-v4", "+avx512vnni"};
const Cpu kVbmi{"x86-64-v4", "+avx512vnni,+avx512vbmi"};

struct Case {
  const char *name;
  const char *packing;
  Cpu cpu;
  llvm::ArrayRef<Recipe> recipes, bounds;
};

void PrintTo(const Case &value, std::ostream *out) { *out << value.name; }

class KernelTest : public testing::TestWithParam<Case> {
protected:
  void SetUp() override {
    const Cpu &cpu = GetParam().cpu;
    if (!hostRuns(cpu))
      GTEST_SKIP() << "this machine does not run " << cpu.name << " "
                   << cpu.features;
  }

  /// Kernel `i` and its twin, for several numbers of tokens.
  static void check(Kernels &kernels, size_t i, const Recipe &recipe,
                    Pattern pattern) {
    SCOPED_TRACE(testing::Message()
                 << "k" << i << ": " << recipe.rows << "x" << recipe.columns
                 << ", pattern " << int(pattern));
    Problem problem(recipe.rows, recipe.columns, recipe.maxTokens, pattern);
    Harness harness(recipe, kernels.shapes[i], problem, GetParam().packing);
    std::string name = "k" + std::to_string(i);
    using Function = std::remove_pointer_t<KernelFunction>;
    KernelFunction kernel = kernels.jit.lookup<Function>(name),
                   twin = kernels.jit.lookup<Function>(name + "_portable");
    ASSERT_TRUE(kernel && twin);
    bool tokenMinor = recipe.strategy == kLookup;
    for (int64_t rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 128}) {
      if (rows > recipe.maxTokens)
        break;
      harness.check(kernel, rows, tokenMinor, false);
      if (recipe.residual)
        harness.check(kernel, rows, tokenMinor, true);
    }
    harness.check(twin, recipe.maxTokens, false, recipe.residual);
  }
};

TEST_P(KernelTest, WritesWhatALoopWrites) {
  llvm::ArrayRef<Recipe> recipes = GetParam().recipes;
  Kernels kernels = compile(GetParam().cpu, GetParam().packing, recipes);
  for (size_t i = 0; i < recipes.size(); ++i)
    check(kernels, i, recipes[i], Pattern::Random);
}

/// Every sum as large as it gets, over more groups than i16 holds.
TEST_P(KernelTest, DoesNotWrap) {
  llvm::ArrayRef<Recipe> recipes = GetParam().bounds;
  Kernels kernels = compile(GetParam().cpu, GetParam().packing, recipes);
  for (size_t i = 0; i < recipes.size(); ++i)
    for (Pattern pattern : kBounds)
      check(kernels, i, recipes[i], pattern);
}

/// The bound is tight: had a kernel widened one group later, these patterns
/// would show it.
TEST(KernelBounds, OneGroupMoreWouldWrap) {
  for (int64_t perByte : {4, 5}) {
    int64_t pairs = lut::getGroupsBeforeWrap(2 * perByte, 2 * 127);
    EXPECT_NE(int16_t((pairs + 1) * 2 * perByte * 2 * 127),
              (pairs + 1) * 2 * perByte * 2 * 127);
    int64_t sums = lut::getGroupsBeforeWrap(4 * perByte, 127);
    EXPECT_NE(int16_t((sums + 1) * 4 * perByte * 127),
              (sums + 1) * 4 * perByte * 127);
    for (const Recipe &recipe : kMadBounds)
      EXPECT_GT(recipe.columns / (4 * perByte), 2 * pairs);
    for (const Recipe &recipe : kLookupBounds)
      EXPECT_GT(recipe.columns / (4 * perByte), 2 * sums);
  }
}

#define PACKINGS(name, cpu, recipes, bounds)                                   \
  Case{name "_i2", "i2", cpu, recipes, bounds}, Case {                         \
    name "_b3", "b3", cpu, recipes, bounds                                     \
  }

INSTANTIATE_TEST_SUITE_P(
    Kernels, KernelTest,
    testing::Values(
        PACKINGS("mad", kBaseline, kMadRecipes, kMadBounds),
        PACKINGS("mad_portable_pairs", kPortablePairs, kMadRecipes, kMadBounds),
        PACKINGS("mad_avx2", kAvx2, kMadRecipes, kMadBounds),
        PACKINGS("mad_avxvnni", kAvxVnni, kMadRecipes, kMadBounds),
        PACKINGS("mad_avx512", kAvx512, kMadRecipes, kMadBounds),
        PACKINGS("mad_vnni", kVnni, kMadRecipes, kMadBounds),
        PACKINGS("mad_vbmi", kVbmi, kMadRecipes, kMadBounds),
        PACKINGS("lookup", kBaseline, kLookupRecipes, kLookupBounds),
        PACKINGS("lookup_avx2", kAvx2, kLookupRecipes, kLookupBounds),
        PACKINGS("lookup_avx512", kAvx512, kLookupRecipes, kLookupBounds)),
    [](const auto &info) { return std::string(info.param.name); });

} // namespace
