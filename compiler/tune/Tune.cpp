//===- Tune.cpp - The story of tuning -------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rounds: of every linear of the model the choice of the facts and some
// candidates become one executable, which measures them in turns. It goes
// through the stages as any model does, so what is measured is what is shipped.
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Tune.h"

#include "compiler/Compile.h"
#include "compiler/Output.h"
#include "compiler/tune/Log.h"
#include "compiler/tune/Pace.h"
#include "compiler/tune/Progress.h"
#include "compiler/tune/Runner.h"
#include "compiler/tune/Samples.h"
#include "compiler/tune/Summary.h"
#include "compiler/tune/Temporary.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Signals.h"

#include <atomic>

using namespace mlir;
using llvm::Error;
using llvm::Expected;
using setun::passes::BatchClass;

namespace setun::compiler {

/// What a round is to take, compiled and measured, and its weights at most.
static constexpr double kRoundSeconds = 15;
static constexpr int64_t kRoundBytes = 256 << 20;
/// Of a linear, beside the reference: in the first round, and at most.
static constexpr unsigned kFirstSlots = 2, kMostSlots = 12;
/// In the last round, with the reference.
static constexpr size_t kFinalLinears = 5;
/// Measuring in a round, at most, and in the last one as many times as long.
static constexpr double kMeasureSeconds = 4, kFinalTimes = 2;

static std::atomic<bool> interrupted = false;

static Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

/// "60", "60s", "5m", "1h" → seconds
static Expected<double> parseBudget(StringRef text) {
  StringRef number = text;
  double unit = 1, value;
  if (number.consume_back("m"))
    unit = 60;
  else if (number.consume_back("h"))
    unit = 3600;
  else
    number.consume_back("s");
  if (number.getAsDouble(value) || !(value > 0 && value * unit <= 1e7))
    return fail("--budget=" + text + ": expected a time such as 60s, 5m or 1h");
  return value * unit;
}

namespace {
/// The linears of a model, and what a decoded token reads.
struct Linears {
  std::vector<passes::LinearShape> shapes;
  lut::TargetAttr target;
  int64_t bytes = 0;
};

class Tuner {
public:
  Tuner(const TuneOptions &options, double budget, Linears linears,
        Runner runner)
      : options(options), linears(std::move(linears)),
        runner(std::move(runner)), budget(budget), progress(budget),
        search(this->linears.shapes, this->linears.target),
        log(options.output, this->linears.target, options.threads) {}

  Error run();
  /// Is the log what the file says, of some round.
  bool isSaved() const { return rounds && !unsaved; }
  const Log &getLog() const { return log; }

private:
  Error searchAll();
  Error confirm();
  Error runRound(ArrayRef<Slot> slots, double seconds);
  Expected<std::string> measure(OwningOpRef<ModuleOp> module,
                                ArrayRef<Slot> slots, double seconds);
  Error record(ArrayRef<Slot> slots, ArrayRef<std::string> labels,
               const Samples &samples);
  unsigned chooseSlots() const;
  Error dropLucky();
  double getMeasureSeconds() const {
    return std::min(kMeasureSeconds, budget / 15);
  }
  double getRest() const { return budget - progress.getSeconds(); }

  const TuneOptions &options;
  Linears linears;
  Runner runner;
  double budget;
  TuneProgress progress;
  Search search;
  Log log;
  Pace pace;
  unsigned rounds = 0;
  bool unsaved = false;
};
} // namespace

//===----------------------------------------------------------------------===//
// A round
//===----------------------------------------------------------------------===//

/// Compiles the module and runs it; what it printed.
Expected<std::string> Tuner::measure(OwningOpRef<ModuleOp> module,
                                     ArrayRef<Slot> slots, double seconds) {
  Temporary executable("exe");
  if (std::error_code code = executable.getError())
    return llvm::createStringError(code, "no temporary file");
  CompileOptions compileOptions;
  compileOptions.input = "setun tune";
  compileOptions.output = executable.getPath();
  compileOptions.from = Stage::Fuse;
  compileOptions.silent = true;
  if (Error error = compile(compileOptions, std::move(module)))
    return std::move(error);
  if (interrupted)
    return "";
  progress.show("measuring " + Twine(slots.size()) + " linears");
  std::vector<std::string> steps;
  for (BatchClass each : passes::kBatchClasses)
    if (llvm::any_of(slots, [&](const Slot &slot) {
          return !slot.reference && slot.wanted[static_cast<unsigned>(each)];
        }))
      steps.push_back(stringifyBatchClass(each).str());
  return runner.run(executable.getPath(),
                    {"measure", "--threads", std::to_string(options.threads),
                     "--seconds", llvm::formatv("{0:f2}", seconds).str(),
                     "--steps", llvm::join(steps, ","), "--model-bytes",
                     std::to_string(linears.bytes)});
}

Error Tuner::record(ArrayRef<Slot> slots, ArrayRef<std::string> labels,
                    const Samples &samples) {
  ArrayRef<double> references[Slot::kClasses];
  for (auto [slot, label] : llvm::zip(slots, labels)) {
    for (BatchClass each : passes::kBatchClasses) {
      auto index = static_cast<unsigned>(each);
      // Which classes are measured, those that are wanted decide.
      if (slot.reference)
        references[index] = {};
      if (!slot.wanted[index])
        continue;
      auto times = samples.find(stringifyBatchClass(each), label);
      if (!times && slot.reference) {
        consumeError(times.takeError());
        continue;
      }
      if (!times)
        return times.takeError();
      if (slot.reference)
        references[index] = *times;
      if (references[index].empty())
        return fail("the runner printed nothing about the reference of " +
                    label);
      Result result{getMedian(*times), compare(*times, references[index]),
                    static_cast<unsigned>(times->size())};
      search.record(slot, each, result);
      log.add(search.getTrial(slot), each, result, slot.reference);
    }
  }
  return Error::success();
}

Error Tuner::runRound(ArrayRef<Slot> slots, double seconds) {
  double begin = progress.getSeconds();
  progress.show("compiling " + Twine(slots.size()) + " linears");
  SmallVector<Trial> trials;
  for (const Slot &slot : slots)
    trials.push_back(search.getTrial(slot));
  TuningModule built = buildTuningModule(linears.target, trials);
  auto text = measure(std::move(built.module), slots, seconds);
  // An interrupt reaches the runner, too.
  if (interrupted) {
    consumeError(text.takeError());
    return Error::success();
  }
  if (!text)
    return text.takeError();
  auto samples = Samples::parse(*text);
  if (!samples)
    return samples.takeError();
  log.begin(samples->cpu, samples->threads, search);
  unsaved = true;
  if (Error error = record(slots, built.labels, *samples))
    return error;
  if (Error error = log.save())
    return error;
  unsaved = false;
  pace.record(slots.size(), progress.getSeconds() - begin, seconds);
  progress.finishRound("round " + Twine(++rounds) + ": " + Twine(slots.size()) +
                       " linears, " + Twine(search.countMeasured()) + " of " +
                       Twine(search.countCandidates()) +
                       " candidates measured");
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Rounds
//===----------------------------------------------------------------------===//

/// Candidates of a linear in the next round; 0 if there is no time for any.
unsigned Tuner::chooseSlots() const {
  if (!pace.isKnown())
    return kFirstSlots;
  size_t shapes = linears.shapes.size();
  auto predict = [&](unsigned slots) { // and the reference
    return pace.predict(shapes * (slots + 1), getMeasureSeconds());
  };
  double rest = getRest() - pace.predict(shapes * kFinalLinears,
                                         kFinalTimes * getMeasureSeconds());
  unsigned slots = kMostSlots;
  while (slots && predict(slots) > std::min(kRoundSeconds, rest))
    --slots;
  return slots || predict(1) > rest ? slots : 1;
}

Error Tuner::searchAll() {
  while (!interrupted) {
    unsigned count = chooseSlots();
    std::vector<Slot> slots;
    if (count)
      slots = search.plan(count, kRoundBytes);
    // What the file knows, another machine may have measured: a round tells.
    if (slots.empty() && !rounds)
      slots =
          Search(linears.shapes, linears.target).plan(kFirstSlots, kRoundBytes);
    if (slots.empty())
      break;
    if (Error error = runRound(slots, getMeasureSeconds()))
      return error;
  }
  return Error::success();
}

/// Of many measurements the smallest is small by chance, too: what was measured
/// once is not chosen where anything was measured again.
Error Tuner::confirm() {
  double seconds = kFinalTimes * getMeasureSeconds();
  while (!interrupted && rounds) {
    std::vector<Slot> slots = search.planFinal(kRoundBytes);
    if (slots.empty() || pace.predict(slots.size(), seconds) > getRest())
      break;
    if (Error error = runRound(slots, seconds))
      return error;
  }
  return dropLucky();
}

Error Tuner::dropLucky() {
  auto dropped = search.dropLucky();
  for (auto &[trial, batchClass] : dropped)
    log.remove(trial, batchClass);
  if (dropped.empty())
    return Error::success();
  unsaved = true;
  if (Error error = log.save())
    return error;
  unsaved = false;
  return Error::success();
}

Error Tuner::run() {
  if (Error error = log.open())
    return error;
  log.recall(search);
  if (Error error = searchAll())
    return error;
  Error error = confirm();
  progress.clear();
  return error;
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

static Expected<Linears> readModel(const TuneOptions &options,
                                   MLIRContext &context) {
  CompileOptions compile;
  static_cast<Subject &>(compile) = options;
  compile.tokenizer = false;
  compile.silent = true;
  compile.stopAfter = Stage::Fuse;
  auto module = lower(compile, context);
  if (!module)
    return module.takeError();
  SmallVector<lut::TargetAttr> levels = lut::getLevels(**module);
  if (levels.size() != 1) {
    auto names = llvm::map_range(
        levels, [](lut::TargetAttr level) { return level.getName(); });
    return fail("found the CPU levels " + llvm::join(names, ", ") +
                ": a machine is tuned for one; name it with --cpu");
  }
  Linears linears;
  linears.target = levels.front();
  lut::PackingInterface packing = passes::listPackings(linears.target).front();
  std::set<passes::LinearShape> shapes;
  (*module)->walk([&](tern::FusedLinearOp linear) {
    if (passes::isPicked(linear))
      return;
    Trial trial{passes::LinearShape::get(linear), packing, {}};
    linears.bytes += trial.getBytes();
    shapes.insert(trial.shape);
  });
  if (shapes.empty())
    return fail(options.input + ": has no ternary linears to tune");
  linears.shapes.assign(shapes.begin(), shapes.end());
  return linears;
}

static int report(Error error) {
  printError(std::move(error));
  return 1;
}

/// What the shell says of a program that Ctrl-C ended.
static constexpr int kExitInterrupted = 130;

int tune(const TuneOptions &options) {
  auto budget = parseBudget(options.budget);
  if (!budget)
    return report(budget.takeError());
  auto runner = Runner::create(options.runner, options.timeout);
  if (!runner)
    return report(runner.takeError());
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  prepare(context);
  auto linears = readModel(options, context);
  if (!linears)
    return report(linears.takeError());
  Tuner tuner(options, *budget, std::move(*linears), std::move(*runner));
  // Once: a second one ends the process.
  llvm::sys::SetInterruptFunction([] { interrupted = true; });
  Error error = tuner.run();
  llvm::sys::SetInterruptFunction(nullptr);
  bool failed = bool(error);
  if (failed)
    printError(std::move(error));
  if (tuner.isSaved())
    printSummary(tuner.getLog().getSession(), llvm::outs());
  else if (!failed)
    return report(
        fail("no candidate was measured; " + options.output + " is as it was"));
  return failed ? 1 : interrupted ? kExitInterrupted : 0;
}

} // namespace setun::compiler
