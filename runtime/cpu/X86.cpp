//===- X86.cpp - CPU features of x86-64 -----------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Cpu.h"

#include <cpuid.h>
#include <string.h>

namespace setun::runtime {

namespace {
enum Register { Eax, Ebx, Ecx, Edx };

/// Registers the kernel must save for us: bits of XCR0.
enum State : uint64_t {
  None = 0,
  Ymm = 0x6,  // xmm, ymm
  Zmm = 0xe6, // and mask registers, zmm
};

/// Where cpuid tells: Intel's manual vol. 2 (CPUID), AMD's vol. 3 (appendix E).
struct FeatureBit {
  std::string_view name;
  uint32_t leaf, subleaf;
  Register reg;
  int bit;
  State state;
};
} // namespace

// clang-format off
static constexpr FeatureBit kFeatures[] = {
    {"cx8", 1, 0, Edx, 8, None},          {"cmov", 1, 0, Edx, 15, None},
    {"sse3", 1, 0, Ecx, 0, None},         {"pclmul", 1, 0, Ecx, 1, None},
    {"ssse3", 1, 0, Ecx, 9, None},        {"fma", 1, 0, Ecx, 12, Ymm},
    {"cx16", 1, 0, Ecx, 13, None},        {"sse4.1", 1, 0, Ecx, 19, None},
    {"sse4.2", 1, 0, Ecx, 20, None},      {"crc32", 1, 0, Ecx, 20, None},
    {"movbe", 1, 0, Ecx, 22, None},       {"popcnt", 1, 0, Ecx, 23, None},
    {"aes", 1, 0, Ecx, 25, None},         {"avx", 1, 0, Ecx, 28, Ymm},
    {"f16c", 1, 0, Ecx, 29, Ymm},

    {"bmi", 7, 0, Ebx, 3, None},          {"avx2", 7, 0, Ebx, 5, Ymm},
    {"bmi2", 7, 0, Ebx, 8, None},         {"avx512f", 7, 0, Ebx, 16, Zmm},
    {"avx512dq", 7, 0, Ebx, 17, Zmm},     {"adx", 7, 0, Ebx, 19, None},
    {"avx512ifma", 7, 0, Ebx, 21, Zmm},   {"avx512cd", 7, 0, Ebx, 28, Zmm},
    {"sha", 7, 0, Ebx, 29, None},         {"avx512bw", 7, 0, Ebx, 30, Zmm},
    {"avx512vl", 7, 0, Ebx, 31, Zmm},     {"avx512vbmi", 7, 0, Ecx, 1, Zmm},
    {"avx512vbmi2", 7, 0, Ecx, 6, Zmm},   {"gfni", 7, 0, Ecx, 8, None},
    {"vaes", 7, 0, Ecx, 9, Ymm},          {"vpclmulqdq", 7, 0, Ecx, 10, Ymm},
    {"avx512vnni", 7, 0, Ecx, 11, Zmm},   {"avx512bitalg", 7, 0, Ecx, 12, Zmm},
    {"avx512vpopcntdq", 7, 0, Ecx, 14, Zmm},
    {"avx512fp16", 7, 0, Edx, 23, Zmm},

    {"avxvnni", 7, 1, Eax, 4, Ymm},       {"avx512bf16", 7, 1, Eax, 5, Zmm},

    {"sahf", 0x80000001, 0, Ecx, 0, None},
    {"lzcnt", 0x80000001, 0, Ecx, 5, None},
    {"sse4a", 0x80000001, 0, Ecx, 6, None},
    {"xop", 0x80000001, 0, Ecx, 11, Ymm},
    {"fma4", 0x80000001, 0, Ecx, 16, Ymm},
    {"tbm", 0x80000001, 0, Ecx, 21, None},
};
// clang-format on

/// XCR0: the registers the kernel saves on a context switch.
static uint64_t savedState() {
  uint32_t r[4];
  __cpuid(1, r[Eax], r[Ebx], r[Ecx], r[Edx]);
  if (!(r[Ecx] & bit_OSXSAVE))
    return 0;
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low | uint64_t(high) << 32;
}

Feature cpuFeature(std::string_view name) {
  for (const FeatureBit &f : kFeatures) {
    if (f.name != name)
      continue;
    uint32_t r[4] = {};
    // Fails when the CPU has no such leaf. A missing subleaf reads as zeros.
    if (!__get_cpuid_count(f.leaf, f.subleaf, &r[Eax], &r[Ebx], &r[Ecx],
                           &r[Edx]))
      return Feature::Missing;
    bool present = r[f.reg] >> f.bit & 1 && (savedState() & f.state) == f.state;
    return present ? Feature::Present : Feature::Missing;
  }
  return Feature::Unknown;
}

std::string cpuName() {
  uint32_t words[12];
  for (uint32_t i = 0; i < 3; ++i) {
    uint32_t *r = words + 4 * i;
    if (!__get_cpuid(0x80000002 + i, &r[Eax], &r[Ebx], &r[Ecx], &r[Edx]))
      return "unknown";
  }
  std::string_view name(reinterpret_cast<const char *>(words), sizeof words);
  name = name.substr(0, name.find('\0'));
  size_t first = name.find_first_not_of(' ');
  if (first == name.npos)
    return "unknown";
  return std::string(
      name.substr(first, name.find_last_not_of(' ') - first + 1));
}

} // namespace setun::runtime
