//===- AArch64.cpp - CPU features of AArch64 ------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Cpu.h"
#include "runtime/support/Text.h"

#include <stdint.h>
#include <sys/auxv.h>

namespace setun::runtime {

namespace {
/// The bits that must all be set in AT_HWCAP and AT_HWCAP2.
struct FeatureBits {
  std::string_view name;
  uint64_t hwcap, hwcap2;
};

/// bits(3, 4): bit 3 and bit 4.
constexpr uint64_t bits(auto... numbers) {
  return (uint64_t(0) | ... | (uint64_t(1) << numbers));
}
} // namespace

// The numbers are those of arch/arm64/include/uapi/asm/hwcap.h in Linux 7.2.
// clang-format off
static constexpr FeatureBits kFeatures[] = {
    {"fp-armv8", bits(0), 0},      {"neon", bits(1), 0},
    {"aes", bits(3, 4), 0},        {"sha2", bits(5, 6), 0},
    {"crc", bits(7), 0},           {"lse", bits(8), 0},
    {"fullfp16", bits(9, 10), 0},  {"rdm", bits(12), 0},
    {"jsconv", bits(13), 0},       {"complxnum", bits(14), 0},
    {"rcpc", bits(15), 0},         {"sha3", bits(17, 21), 0},
    {"sm4", bits(18, 19), 0},      {"dotprod", bits(20), 0},
    {"sve", bits(22), 0},          {"fp16fml", bits(23), 0},
    {"rcpc-immo", bits(26), 0},    {"flagm", bits(27), 0},

    {"sve2", 0, bits(1)},          {"altnzcv", 0, bits(7)},
    {"fptoint", 0, bits(8)},       {"i8mm", 0, bits(13)},
    {"bf16", 0, bits(14)},
};
// clang-format on

Feature cpuFeature(std::string_view name) {
  for (const FeatureBits &f : kFeatures)
    if (f.name == name)
      return (getauxval(AT_HWCAP) & f.hwcap) == f.hwcap &&
                     (getauxval(AT_HWCAP2) & f.hwcap2) == f.hwcap2
                 ? Feature::Present
                 : Feature::Missing;
  return Feature::Unknown;
}

namespace {
/// Bits 31:24 and 15:4 of MIDR_EL1, as the makers' manuals list them.
struct Core {
  uint32_t implementer, part;
  const char *name;
};
} // namespace

static constexpr Core kCores[] = {
    {0x41, 0xd03, "Cortex-A53"},  {0x41, 0xd04, "Cortex-A35"},
    {0x41, 0xd05, "Cortex-A55"},  {0x41, 0xd07, "Cortex-A57"},
    {0x41, 0xd08, "Cortex-A72"},  {0x41, 0xd09, "Cortex-A73"},
    {0x41, 0xd0a, "Cortex-A75"},  {0x41, 0xd0b, "Cortex-A76"},
    {0x41, 0xd0c, "Neoverse N1"}, {0x41, 0xd0d, "Cortex-A77"},
    {0x41, 0xd40, "Neoverse V1"}, {0x41, 0xd41, "Cortex-A78"},
    {0x41, 0xd44, "Cortex-X1"},   {0x41, 0xd46, "Cortex-A510"},
    {0x41, 0xd47, "Cortex-A710"}, {0x41, 0xd48, "Cortex-X2"},
    {0x41, 0xd49, "Neoverse N2"}, {0x41, 0xd4d, "Cortex-A715"},
    {0x41, 0xd4e, "Cortex-X3"},   {0x41, 0xd4f, "Neoverse V2"},
    {0x41, 0xd80, "Cortex-A520"}, {0x41, 0xd81, "Cortex-A720"},
    {0x41, 0xd82, "Cortex-X4"},   {0x41, 0xd84, "Neoverse V3"},
    {0x41, 0xd8e, "Neoverse N3"}, {0x46, 0x001, "Fujitsu A64FX"},
    {0x48, 0xd01, "Kunpeng 920"}, {0x61, 0x022, "Apple M1"},
    {0x61, 0x023, "Apple M1"},    {0x61, 0x032, "Apple M2"},
    {0x61, 0x033, "Apple M2"},    {0xc0, 0xac3, "Ampere-1"},
    {0xc0, 0xac4, "Ampere-1A"},
};

std::string cpuName() {
  constexpr uint64_t cpuid = bits(11); // Linux lets us read the register
  if (!(getauxval(AT_HWCAP) & cpuid))
    return "unknown";
  uint64_t midr;
  asm("mrs %0, midr_el1" : "=r"(midr));
  uint32_t implementer = midr >> 24 & 0xff, part = midr >> 4 & 0xfff;
  for (const Core &core : kCores)
    if (core.implementer == implementer && core.part == part)
      return core.name;
  return format("implementer 0x%02x, part 0x%03x", implementer, part);
}

} // namespace setun::runtime
