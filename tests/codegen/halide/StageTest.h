//===- StageTest.h - Generated stages on every CPU level --------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_CODEGEN_HALIDE_STAGETEST_H
#define SETUN_TESTS_CODEGEN_HALIDE_STAGETEST_H

#include "codegen/halide/FloatStage.h"
#include "tests/codegen/Jit.h"
#include "tests/codegen/halide/Reference.h"

#include "gtest/gtest.h"

#include <cstring>
#include <optional>
#include <random>
#include <sys/mman.h>

namespace setun::codegen {

/// `size` elements that end at a page nobody may touch, on no alignment but
/// their own, and full of garbage.
template <typename T> class Guarded {
public:
  explicit Guarded(size_t size) : size(size) {
    mapped = (size * sizeof(T) + 2 * kPage - 1) / kPage * kPage;
    base = static_cast<char *>(mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    memset(base, 0xAB, mapped - kPage);
    mprotect(base + mapped - kPage, kPage, PROT_NONE);
  }
  Guarded(const std::vector<T> &values, size_t padded, T padding = T())
      : Guarded(padded) {
    std::fill(begin(), begin() + padded, padding);
    std::copy(values.begin(), values.end(), begin());
  }
  Guarded(const Guarded &) = delete;
  ~Guarded() { munmap(base, mapped); }

  T *begin() const {
    return reinterpret_cast<T *>(base + mapped - kPage) - size;
  }
  operator T *() const { return begin(); }
  std::vector<T> values() const { return {begin(), begin() + size}; }

private:
  static constexpr size_t kPage = 4096;
  size_t size, mapped;
  char *base;
};

/// EXPECT_EQ for floats that tells -0 from 0.
template <typename T>
void expectSameBits(const std::vector<T> &found,
                    const std::vector<T> &expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i)
    ASSERT_EQ(memcmp(&found[i], &expected[i], sizeof(T)), 0)
        << "element " << i << ": found " << +found[i] << ", expected "
        << +expected[i];
}

/// Rows that go wrong where ordinary ones don't.
std::vector<reference::Row> interestingRows(int n);
reference::Row randomRow(int n, unsigned seed, float deviation = 1);
reference::Row padded(reference::Row row, size_t size);

/// The parameter is the CPU level. Stages are generated once for a level.
class StageTest : public testing::TestWithParam<const char *> {
protected:
  /// Generates `stage` alone, compiles it and returns the function.
  template <typename Function> Function *compile(FloatStage stage) {
    stage.symbol = "stage";
    build(stage);
    return jit ? jit->lookup<Function>(stage.symbol) : nullptr;
  }
  void SetUp() override {
    if (!Jit::hostRuns(GetParam()))
      GTEST_SKIP() << "this machine cannot run " << GetParam();
  }

private:
  void build(const FloatStage &stage);
  std::optional<Jit> jit;
};

#define SETUN_EVERY_CPU_LEVEL(suite)                                           \
  INSTANTIATE_TEST_SUITE_P(                                                    \
      Cpu, suite, testing::Values("x86-64", "x86-64-v3", "x86-64-v4"),         \
      [](const auto &info) {                                                   \
        std::string name = info.param;                                         \
        std::replace(name.begin(), name.end(), '-', '_');                      \
        return name;                                                           \
      })

} // namespace setun::codegen

#endif // SETUN_TESTS_CODEGEN_HALIDE_STAGETEST_H
