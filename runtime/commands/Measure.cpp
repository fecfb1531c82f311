//===- Measure.cpp - Time every op on weights that are made up ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `setun tune` runs: an executable whose ops are candidates for the same
// linears. Steps of all batch classes alternate, so that whatever else the
// machine does meets all candidates alike; each line of the output has what one
// op took in each step, in their order.
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"
#include "runtime/support/Clock.h"
#include "runtime/support/Record.h"

#include <algorithm>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace setun::runtime {

namespace {
struct Settings {
  int64_t threads = 0, runs = 5, modelBytes = 0;
  double seconds = 2;
  std::string steps = "decode,small,prefill";
};

/// Steps of one batch class.
struct Steps {
  const abi::BatchClass *batch;
  std::vector<int32_t> tokens;
  uint64_t nanoseconds = 0;
  int64_t runs = 0;
};
} // namespace

/// Where nothing tells how large the last cache is.
constexpr uint64_t kAssumedCacheBytes = 32 << 20;
/// More samples make no median better.
constexpr int64_t kMostRuns = 200;

/// The largest cache that a file of Linux's tells of.
static uint64_t lastCacheBytes() {
  uint64_t largest = 0;
  for (int index = 0; index < 8; ++index) {
    std::string text;
    std::string path =
        format("/sys/devices/system/cpu/cpu0/cache/index%d/size", index);
    if (readFile(path, text).empty()) // "32768K"
      largest = std::max<uint64_t>(largest, strtoull(text.c_str(), nullptr, 10)
                                                << 10);
  }
  return largest ? largest : kAssumedCacheBytes;
}

static void fill(const abi::Model &model, uint8_t *weights) {
  for (const abi::Sample &sample : std::span(model.samples, model.numSamples))
    for (uint64_t at = 0; at < sample.length; at += sample.size)
      memcpy(weights + sample.offset + at, sample.bytes,
             std::min(sample.size, sample.length - at));
}

static std::vector<Steps> planSteps(const abi::Model &model,
                                    const abi::Level &level,
                                    const std::string &names) {
  std::vector<Steps> list;
  for (const abi::BatchClass &batch :
       std::span(level.classes, level.numClasses)) {
    if (("," + names + ",").find("," + std::string(batch.name) + ",") ==
        std::string::npos)
      continue;
    Steps &steps = list.emplace_back();
    steps.batch = &batch;
    for (uint32_t row = 0; row < batch.maxRows; ++row)
      steps.tokens.push_back(row % model.vocabSize);
  }
  return list;
}

namespace {
/// The weights lie in memory several times, and steps take turns: what one read
/// is no longer in a cache when it is read again, unless the whole model fits.
class Measuring {
public:
  Measuring(const abi::Model &source, const Settings &settings)
      : model(source), settings(settings),
        stride((source.weightsBytes + kPage - 1) / kPage * kPage) {}

  Failure prepare(const abi::Level &level);
  Failure run();
  void print(const abi::Level &level) const;

private:
  static constexpr uint64_t kPage = 4096;
  Failure runStep(Steps &steps);

  abi::Model model; ///< with weights
  const Settings &settings;
  uint64_t stride, copies = 1, turn = 0;
  Memory memory;
  std::unique_ptr<Session> session;
  Profile profile;
  std::vector<Steps> plan;
};
} // namespace

Failure Measuring::prepare(const abi::Level &level) {
  plan = planSteps(model, level, settings.steps);
  if (plan.empty())
    return "--steps: found none of the batch classes decode, small, prefill";
  uint64_t wanted = 2 * lastCacheBytes();
  if (settings.modelBytes)
    wanted = std::min<uint64_t>(wanted, settings.modelBytes);
  copies = std::max<uint64_t>((wanted + stride - 1) / stride, 1);
  Failure failure = memory.allocate(copies * stride, "weights", Pages::Huge);
  if (!failure.empty())
    return failure;
  for (uint64_t copy = 0; copy < copies; ++copy)
    fill(model, memory.as<uint8_t>() + copy * stride);
  model.weights = memory.as<uint8_t>();
  int64_t context = plan.back().tokens.size();
  session = Session::create(model, level, {settings.threads, context}, failure);
  profile.open();
  return failure;
}

Failure Measuring::runStep(Steps &steps) {
  model.weights = memory.as<uint8_t>() + turn++ % copies * stride;
  session->restart();
  uint64_t begin = nanoseconds();
  if (!session->evaluate(steps.tokens))
    return "no memory for the logits";
  steps.nanoseconds += nanoseconds() - begin;
  ++steps.runs;
  return {};
}

/// First each class once, unmeasured; then each in turn, until it had its share
/// of the time.
Failure Measuring::run() {
  Failure failure;
  for (Steps &steps : plan) {
    if (failure.empty())
      failure = runStep(steps);
    steps.nanoseconds = steps.runs = 0;
  }
  session->watch(&profile);
  double share = settings.seconds * 1e9 / plan.size();
  for (bool more = true; more && failure.empty();) {
    more = false;
    for (Steps &steps : plan) {
      if (steps.runs >= std::max(settings.runs, kMostRuns) ||
          (steps.runs >= settings.runs && steps.nanoseconds >= share))
        continue;
      more = true;
      if (failure.empty())
        failure = runStep(steps);
    }
  }
  return failure;
}

/// A line about the machine, and one for each op.
void Measuring::print(const abi::Level &level) const {
  Record machine;
  machine.add("cpu", cpuName())
      .add("level", level.name)
      .add("threads", session->workers().size())
      .add("weights_bytes", copies * stride);
  puts(machine.json().c_str());
  for (const Profile::Times &times : profile.times()) {
    std::vector<std::string> numbers;
    for (uint64_t each : times.nanoseconds)
      numbers.push_back(jsonNumber(each));
    Record op;
    op.add("step", times.step)
        .add("op", times.op)
        .addJson("ns", jsonList(numbers));
    puts(op.json().c_str());
  }
}

int measureCommand(const abi::Model &model, int argc, char **argv) {
  Settings settings;
  std::vector<Option> options = {
      {'t', "threads", "N", Integer{&settings.threads, 0, kMaxWorkers},
       "threads; 0: one a CPU"},
      {'r', "runs", "N", Integer{&settings.runs, 1, 1000000},
       "steps of each batch class at least"},
      {0, "seconds", "S", Real{&settings.seconds, 0, 3600},
       "how long to measure, all classes together"},
      {0, "steps", "LIST", &settings.steps, "the batch classes"},
      {0, "model-bytes", "BYTES", Integer{&settings.modelBytes, 0, INT64_MAX},
       "what a token reads of the model that is tuned: a cache that holds it "
       "may; 0: none does"},
  };
  const abi::Level *level = chooseLevel(model);
  if (auto code = readOptions(model, options, level, argc, argv))
    return *code;
  Measuring measuring(model, settings);
  Failure failure = measuring.prepare(*level);
  if (failure.empty())
    failure = measuring.run();
  if (!failure.empty())
    return fail(failure);
  measuring.print(*level);
  return fflush(stdout) || ferror(stdout) ? fail("cannot write the output") : 0;
}

} // namespace setun::runtime
