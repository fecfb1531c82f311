//===- MachineTest.cpp - Kernels that misbehave are found out -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tests/codegen/kernels/Kernels.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/SourceMgr.h"
#include "gtest/gtest.h"

#include <cstdlib>

using namespace setun;
using namespace setun::codegen;

namespace {

/// Buffers have 64 bytes. The last kernel does as it should: it copies a float.
constexpr char kKernels[] = R"(
define void @reads_behind(ptr, ptr %q) {
  %at = getelementptr i8, ptr %q, i64 64
  %byte = load volatile i8, ptr %at
  ret void
}
define void @reads_before(ptr %weights) {
  %at = getelementptr i8, ptr %weights, i64 -1
  %byte = load volatile i8, ptr %at
  ret void
}
define void @writes_before(ptr, ptr, ptr, ptr, float, ptr, ptr %out) {
  %at = getelementptr i8, ptr %out, i64 -3
  store volatile i8 0, ptr %at
  ret void
}
define void @writes_input(ptr, ptr, ptr %sums) {
  %at = getelementptr i8, ptr %sums, i64 8
  store volatile i32 0, ptr %at
  ret void
}
define void @traps() {
  call void @llvm.trap()
  unreachable
}
define void @copies(ptr, ptr, ptr, ptr, float %alpha, ptr, ptr %out) {
  store float %alpha, ptr %out
  ret void
}
@setun_kernels = constant [6 x ptr] [ptr @reads_behind, ptr @reads_before,
  ptr @writes_before, ptr @writes_input, ptr @traps, ptr @copies]
)";

class MachineTest : public testing::TestWithParam<Cpu> {
protected:
  static Program make() {
    mlir::MLIRContext words;
    words.loadDialect<lut::LutDialect>();
    llvm::LLVMContext context;
    llvm::SMDiagnostic problem;
    auto module = llvm::parseAssemblyString(kKernels, problem, context);
    return link(*module, getTarget(words, GetParam()));
  }
  static llvm::StringRef getMachine() { return GetParam().machines.front(); }

  /// Calls a kernel once; what is said of it.
  static std::string call(Machine &machine, uint64_t kernel, bool guardFirst) {
    Job job = {};
    job.kernel = kernel;
    job.rows = job.blocks = job.tileBlocks = job.panelBlocks = 1;
    job.alpha = 1.5f;
    job.guardFirst = guardFirst;
    std::fill_n(job.bytes, kBuffers, 64);
    auto out = machine.run(job, {});
    if (!out)
      return toString(out.takeError());
    return (*out)[0] == job.alpha ? "copied" : "left alone";
  }
};

TEST_P(MachineTest, SaysWhatAKernelTouches) {
  Program program = make();
  auto started = Machine::start(program, getMachine());
  if (!started)
    FAIL() << toString(started.takeError());
  Machine &machine = *started;
  const std::string stopped = "the kernel was stopped: Segmentation fault, ";
  EXPECT_EQ(call(machine, 0, false), stopped + "at byte 64 of q, of 64");
  EXPECT_EQ(call(machine, 0, true), "left alone");
  EXPECT_EQ(call(machine, 1, true), stopped + "at byte -1 of weights, of 64");
  EXPECT_EQ(call(machine, 2, false),
            "the kernel wrote outside a buffer, at byte -3 of out, of 64");
  EXPECT_EQ(call(machine, 2, true), stopped + "at byte -3 of out, of 64");
  EXPECT_EQ(call(machine, 3, false), stopped + "at byte 8 of sums, of 64");
  EXPECT_NE(call(machine, 4, false).find("stopped"), std::string::npos);
  EXPECT_EQ(call(machine, 5, false), "copied");
}

using EmulatorTest = MachineTest;

TEST_P(EmulatorTest, IsNamedWhereItIsMissing) {
  Program program = make();
  std::string path = getenv("PATH");
  setenv("PATH", "", 1);
  auto machine = Machine::start(program, getMachine());
  setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(bool(machine));
  EXPECT_EQ(toString(machine.takeError()).find("found neither qemu-"), 0u);
}

constexpr const char *kArm[] = {"cortex-a53"}, *kRiscV[] = {"rv64"};
INSTANTIATE_TEST_SUITE_P(X86_64, MachineTest,
                         testing::Values(Cpu{"x86-64", "x86-64"}));
const Cpu kArmCpu{"aarch64", "armv8-a", kArm};
const Cpu kRiscVCpu{"riscv64", "rv64gc", kRiscV};
INSTANTIATE_TEST_SUITE_P(AArch64, MachineTest, testing::Values(kArmCpu));
INSTANTIATE_TEST_SUITE_P(RiscV64, MachineTest, testing::Values(kRiscVCpu));
INSTANTIATE_TEST_SUITE_P(AArch64, EmulatorTest, testing::Values(kArmCpu));
INSTANTIATE_TEST_SUITE_P(RiscV64, EmulatorTest, testing::Values(kRiscVCpu));

} // namespace
