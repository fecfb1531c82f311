//===- RiscV.cpp - CPU features of RISC-V ---------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// There is no cpuid. Linux tells letters in AT_HWCAP and, since 6.4, longer
// names by riscv_hwprobe; a kernel knows the names of its time only, and
// qemu-user 7.2 has no such call. So what it does not confirm is tried: one
// instruction, with a handler for SIGILL.

#include "runtime/cpu/Cpu.h"
#include "runtime/support/Text.h"

#include <algorithm>
#include <charconv>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <unistd.h>

namespace setun::runtime {

namespace {
using Trial = void (*)();

struct FeatureRow {
  std::string_view name;
  std::string_view letters; ///< of AT_HWCAP, all needed; 'v': RVV 1.0
  uint64_t probe = 0;       ///< bits of riscv_hwprobe; 0: letters say it all
  Trial trial = nullptr;    ///< runs an instruction of it
};

constexpr uint64_t bits(auto... numbers) {
  return (uint64_t(0) | ... | (uint64_t(1) << numbers));
}
} // namespace

#define TRIAL(extension, instructions)                                         \
  [] {                                                                         \
    asm volatile(".option push\n.option arch, +" extension "\n" instructions   \
                 "\n.option pop" ::                                            \
                     : "ft0", "memory");                                       \
  }
#define VECTOR_TRIAL(extension, instruction)                                   \
  TRIAL(extension, "vsetivli x0, 1, e16, m1, ta, ma\n" instruction)

// The bits of RISCV_HWPROBE_KEY_IMA_EXT_0, as in Linux 7.2:
// arch/riscv/include/uapi/asm/hwprobe.h.
// clang-format off
static constexpr FeatureRow kFeatures[] = {
    {"i", "i"},       {"zicsr", "i"},   {"zifencei", "i"}, {"m", "m"},
    {"zmmul", "m"},   {"a", "a"},       {"zaamo", "a"},    {"zalrsc", "a"},
    {"f", "f"},       {"d", "fd"},      {"c", "c"},        {"zca", "c"},
    {"zcd", "cd"},    {"v", "v"},       {"zve32x", "v"},   {"zve32f", "v"},
    {"zve64x", "v"},  {"zve64f", "v"},  {"zve64d", "v"},

    {"zba", "", bits(3), TRIAL("zba", "sh1add x0, x0, x0")},
    {"zbb", "", bits(4), TRIAL("zbb", "max x0, x0, x0")},
    {"zbs", "", bits(5), TRIAL("zbs", "bset x0, x0, x0")},
    {"b", "", bits(3, 4, 5), TRIAL("b", "sh1add x0, x0, x0\nmax x0, x0, x0\n"
                                        "bset x0, x0, x0")},
    {"zicond", "", bits(35), TRIAL("zicond", "czero.eqz x0, x0, x0")},
    {"zfh", "f", bits(27), TRIAL("zfh", "fadd.h ft0, ft0, ft0")},
    {"zfhmin", "f", bits(28), TRIAL("zfhmin", "fcvt.s.h ft0, ft0")},
    {"zfa", "f", bits(32), TRIAL("zfa", "fminm.s ft0, ft0, ft0")},
    {"zvfh", "v", bits(30), VECTOR_TRIAL("zvfh", "vfadd.vv v1, v1, v1")},
    {"zvfhmin", "v", bits(31), VECTOR_TRIAL("zvfhmin", "vfwcvt.f.f.v v2, v1")},
    {"zvbb", "v", bits(17), VECTOR_TRIAL("zvbb", "vclz.v v1, v1")},
    {"zvkb", "v", bits(19), VECTOR_TRIAL("zvkb", "vandn.vv v1, v1, v1")},
};
// clang-format on

static sigjmp_buf afterTrial;

/// Whether the instruction is one of this CPU's.
static bool succeeds(Trial trial) {
  struct sigaction handler = {}, before;
  handler.sa_handler = [](int) { siglongjmp(afterTrial, 1); };
  sigaction(SIGILL, &handler, &before);
  sigset_t illegal, mask; // whoever started us may have blocked the signal
  sigemptyset(&illegal);
  sigaddset(&illegal, SIGILL);
  sigprocmask(SIG_UNBLOCK, &illegal, &mask);
  bool failed = sigsetjmp(afterTrial, /*savemask=*/1);
  if (!failed)
    trial();
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  sigaction(SIGILL, &before, nullptr);
  return !failed;
}

/// Bytes of a vector register; 0 without RVV 1.0. Kernels for version 0.7.1
/// show the letter, too, but there `ma` is a reserved bit: the type is illegal
/// and the length 0. They also show it where vectors are switched off for this
/// process (PR_RISCV_V_SET_CONTROL): then the instruction is illegal.
static uint64_t vectorBytes() {
  static uint64_t bytes = 0;
  if (getauxval(AT_HWCAP) & bits('v' - 'a'))
    succeeds([] {
      asm volatile(".option push\n.option arch, +v\n"
                   "vsetvli %0, x0, e8, m1, ta, ma\n.option pop"
                   : "=r"(bytes));
    });
  return bytes;
}

static bool hasLetter(char letter) {
  return letter == 'v' ? vectorBytes() >= 16
                       : getauxval(AT_HWCAP) & bits(letter - 'a');
}

/// The value that riscv_hwprobe has for a key; 0 when it has none.
static uint64_t probe(int64_t key) {
  constexpr long hwprobe = 258; // musl 1.2.5 has no name for it
  struct {
    int64_t key;
    uint64_t value;
  } pair = {key, 0};
  bool known = syscall(hwprobe, &pair, 1, 0, nullptr, 0) == 0 && pair.key >= 0;
  return known ? pair.value : 0;
}

static bool has(const FeatureRow &row) {
  constexpr int64_t extensions = 4; // RISCV_HWPROBE_KEY_IMA_EXT_0
  if (!std::all_of(row.letters.begin(), row.letters.end(), hasLetter))
    return false;
  if ((probe(extensions) & row.probe) == row.probe)
    return true;
  return succeeds(row.trial);
}

/// "zvl256b": vector registers of 256 bits at least; 0: not such a name.
static uint64_t vectorBits(std::string_view name) {
  uint64_t number = 0;
  if (!name.starts_with("zvl") || !name.ends_with("b"))
    return 0;
  const char *last = name.data() + name.size() - 1;
  auto [end, error] = std::from_chars(name.data() + 3, last, number);
  return end == last && error == std::errc() ? number : 0;
}

Feature cpuFeature(std::string_view name) {
  auto answer = [](bool present) {
    return present ? Feature::Present : Feature::Missing;
  };
  if (uint64_t wanted = vectorBits(name))
    return answer(vectorBytes() * 8 >= wanted);
  for (const FeatureRow &row : kFeatures)
    if (row.name == name)
      return answer(has(row));
  return Feature::Unknown;
}

/// What /proc/cpuinfo says of the first CPU, e.g. "sifive,u74-mc".
static std::string microarchitecture() {
  std::string text;
  if (!readFile("/proc/cpuinfo", text).empty())
    return {};
  size_t line = text.find("\nuarch"), colon = text.find(": ", line);
  if (line == text.npos || colon == text.npos)
    return {};
  return text.substr(colon + 2, text.find('\n', colon) - colon - 2);
}

namespace {
struct Maker {
  uint64_t id; ///< mvendorid: JEDEC's bank and number
  const char *name;
};
} // namespace

static constexpr Maker kMakers[] = {
    {0x31e, "Andes"},   {0x489, "SiFive"},   {0x5b7, "T-Head"},
    {0x61f, "Ventana"}, {0x710, "SpacemiT"},
};

std::string cpuName() {
  if (std::string name = microarchitecture(); !name.empty())
    return name;
  constexpr int64_t vendorKey = 0, architectureKey = 1;
  uint64_t vendor = probe(vendorKey);
  auto maker = std::find_if(std::begin(kMakers), std::end(kMakers),
                            [&](auto &m) { return m.id == vendor; });
  if (maker == std::end(kMakers))
    return "unknown";
  return format("%s, marchid 0x%llx", maker->name,
                (unsigned long long)probe(architectureKey));
}

} // namespace setun::runtime
