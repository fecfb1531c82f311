//===- Verify.cpp - Is this file right, and this CPU? ---------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Checksums.h"
#include "runtime/commands/Command.h"
#include "runtime/commands/Trial.h"

#include <ranges>
#include <stdio.h>

// The file must be as it was made. The generated kernels must write what their
// portable lowering writes, byte for byte, on this very CPU: random activations
// find wrong lanes, extreme ones accumulators that wrap, a guard behind each
// buffer writes that go too far. And what they make of the weights must be
// what the compiler found by a plain loop over the checkpoint's trits.

namespace setun::runtime {

/// Every rest of a pass, and the edges of what the kernel takes.
static std::vector<uint64_t> rowCounts(uint64_t maxRows) {
  std::vector<uint64_t> counts = {1, 2, 3,  4,  5,           6,
                                  7, 8, 31, 33, maxRows - 1, maxRows};
  std::erase_if(counts, [&](uint64_t n) { return n == 0 || n > maxRows; });
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
  return counts;
}

namespace {
/// What has been done for a line of the output.
struct Count {
  uint64_t trials = 0, answers = 0;
};

struct VerifySettings {
  int64_t seed = 1;
  bool all = false;
};
} // namespace

/// By all tensors that `entry` multiplies, or by the first one.
static Failure checkAnswers(const abi::Model &model,
                            const abi::KernelEntry &entry, bool all,
                            Trial &trial, Count &count) {
  if (!model.checksOffset)
    return {};
  std::span<const uint64_t> answers = getAnswers(model);
  trial.prepareAnswers();
  for (uint64_t i = 0; i < model.numTensors; ++i) {
    const abi::Tensor &tensor = model.tensors[i];
    if (tensor.kind != entry.kind || !tensor.kind)
      continue;
    if (trial.answer(model.weights + tensor.offset, tensor.rows) != answers[i])
      return format("%s: not the known answer", tensor.name);
    ++count.answers;
    if (!all)
      break;
  }
  return {};
}

static Failure verify(const abi::Model &model, const abi::KernelEntry &entry,
                      const VerifySettings &settings, bool isFirst,
                      Count &count) {
  static const char *patternNames[] = {"random", "all 127", "all -127",
                                       "alternating", "zero"};
  Trial trial(model, entry, settings.seed);
  Failure failure = trial.allocate();
  if (!failure.empty())
    return failure;
  const uint64_t fewRows = std::min<uint64_t>(entry.maxRows, 33);
  for (uint64_t rows : rowCounts(entry.maxRows))
    for (int pattern = 0; pattern < kPatterns; ++pattern) {
      if (!settings.all && pattern != Noise && rows != fewRows)
        continue;
      ++count.trials;
      Residual residual = !entry.residual    ? None
                          : count.trials % 2 ? Separate
                                             : InPlace;
      failure = trial.compare(rows, static_cast<Pattern>(pattern), residual);
      if (!failure.empty())
        return format("%s activations, %llu rows: %s", patternNames[pattern],
                      (unsigned long long)rows, failure.c_str());
    }
  return checkAnswers(model, entry, isFirst || settings.all, trial, count);
}

/// The bounds of some blocks by both screen kernels, for activations of any
/// size.
static Failure verify(const abi::Model &model, const abi::Head &head,
                      uint64_t seed, Count &count) {
  uint64_t &trials = count.trials;
  constexpr uint64_t blockRows = 16, most = 64;
  uint64_t all = (model.vocabSize + blockRows - 1) / blockRows;
  uint64_t blocks = std::min(all, most), floats = blocks * blockRows;
  Guarded high, low, fast, portable;
  for (auto [memory, bytes] : {std::pair{&high, uint64_t(head.width)},
                               {&low, uint64_t(head.width)},
                               {&fast, floats * sizeof(float)},
                               {&portable, floats * sizeof(float)}}) {
    Failure failure = memory->allocate(bytes);
    if (!failure.empty())
      return failure;
  }
  Random random(seed);
  for (; trials < 8; ++trials) {
    for (uint64_t k = 0; k < head.width; ++k) {
      bool extreme = trials % 2;
      high.as<int8_t>()[k] = extreme ? 127 : int64_t(random.below(255)) - 127;
      low.as<int8_t>()[k] = extreme ? -64 : int64_t(random.below(128)) - 64;
    }
    uint64_t first = random.below(all - blocks + 1);
    auto run = [&](abi::ScreenFunction kernel, Guarded &out) {
      kernel(model.weights + head.screenOffset + first * head.blockBytes,
             high.as<int8_t>(), low.as<int8_t>(), int32_t(trials) * 977, 0.01f,
             2.5f, 0.125f, out.as<float>(), blocks);
    };
    run(head.screen, fast);
    run(head.portable, portable);
    if (!fast.intact())
      return "writes beyond its buffer";
    if (memcmp(fast.data(), portable.data(), floats * sizeof(float)))
      return format("trial %llu: bounds differ", (unsigned long long)trials);
  }
  return {};
}

static bool report(const char *name, const Failure &failure,
                   const std::string &done) {
  if (failure.empty())
    printf("ok      %s (%s)\n", name, done.c_str());
  else
    printf("FAILED  %s: %s\n", name, failure.c_str());
  fflush(stdout);
  return failure.empty();
}

static std::string describe(const Count &count) {
  std::string text = format("%llu trials", (unsigned long long)count.trials);
  if (count.answers)
    text += format(", %llu known answers", (unsigned long long)count.answers);
  return text;
}

/// Returns how many kernels of the level failed. Known answers: each tensor by
/// the first kernel that multiplies it, and each kernel by its first tensor.
static uint32_t verifyLevel(const abi::Model &model, const abi::Level &level,
                            const VerifySettings &settings) {
  uint32_t failed = 0;
  std::span kernels(level.kernels, level.numKernels);
  for (const abi::KernelEntry &entry : kernels) {
    bool isFirst = &entry == &*std::ranges::find(kernels, entry.kind,
                                                 &abi::KernelEntry::kind);
    Count count;
    Failure failure = verify(model, entry, settings, isFirst, count);
    failed += !report(entry.name, failure, describe(count));
  }
  if (const abi::Head *head = level.head) {
    Count count;
    Failure failure = verify(model, *head, settings.seed, count);
    failed += !report(head->name, failure, describe(count));
  }
  return failed;
}

/// Returns how many parts of the file failed.
static uint32_t verifyFile(const abi::Model &model, bool all) {
  if (!model.checksOffset)
    return 0;
  uint32_t failed = !report("code and tables", checkCode(model), "checksum");
  if (all)
    failed += !report("weights and tokenizer", checkWeights(model),
                      binarySize(model.weightsBytes) + " by checksums");
  return failed;
}

int verifyCommand(const abi::Model &model, int argc, char **argv) {
  VerifySettings settings;
  std::vector<Option> options = {
      {'s', "seed", "N", Integer{&settings.seed, 0, INT64_MAX},
       "of the random activations"},
      {0, "all", nullptr, &settings.all,
       "every trial, every weight by every kernel, every byte"}};
  const abi::Level *only = nullptr; // all that this CPU runs
  if (auto code = readOptions(model, options, only, argc, argv))
    return *code;
  uint32_t kernels = 0, failed = verifyFile(model, settings.all);
  for (const abi::Level &level : levelsOf(model)) {
    std::string lacking = join(lackingFeatures(level), " ");
    if (only && only != &level)
      continue;
    if (lacking.empty()) {
      kernels += level.numKernels + (level.head ? 1 : 0);
      failed += verifyLevel(model, level, settings);
    } else {
      printf("skipped %s: this CPU lacks %s\n", level.name, lacking.c_str());
    }
  }
  printf("%u kernels, %u failed\n", kernels, failed);
  return failed || ferror(stdout) ? 1 : 0;
}

} // namespace setun::runtime
