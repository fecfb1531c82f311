//===- MlirFlags.cpp - MLIR's own flags in setun --------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MLIR registers its flags for tools without commands, and `setun` has some.
//
//===----------------------------------------------------------------------===//

#include "compiler/MlirFlags.h"
#include "compiler/Output.h"

#include "mlir/IR/AsmState.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/Support/Format.h"

using namespace mlir;
namespace cl = llvm::cl;

namespace setun::compiler {

//===----------------------------------------------------------------------===//
// Flags
//===----------------------------------------------------------------------===//

/// Shown by --help-hidden, below our own.
static cl::OptionCategory category("MLIR options");

void addMlirFlags(cl::SubCommand &command) {
  registerPassManagerCLOptions();
  registerDefaultTimingManagerCLOptions();
  registerAsmPrinterCLOptions();
  SmallVector<cl::Option *> options;
  for (auto &[name, option] : cl::getRegisteredOptions())
    if (name.starts_with("mlir-") && name != "mlir-pass-statistics-display")
      options.push_back(option);
  for (cl::Option *option : options) {
    option->removeArgument();
    option->addSubCommand(command);
    option->addCategory(category);
    option->setHiddenFlag(cl::Hidden);
    option->addArgument();
  }
}

bool takePassStatistics(cl::SubCommand &command) {
  auto *flag = static_cast<cl::opt<bool> *>(
      cl::getRegisteredOptions(command).lookup("mlir-pass-statistics"));
  if (!flag)
    return false;
  bool wanted = *flag;
  flag->setValue(false);
  return wanted;
}

void explainDebugFlags(cl::SubCommand &command) {
  if (cl::getRegisteredOptions().contains("debug-only"))
    return;
  auto explain = [](StringRef flag) {
    printError(llvm::createStringError(
        flag + ": this LLVM is built without debug output, as releases are; "
               "see what a pass does with --mlir-print-ir-after=<pass> or "
               "--mlir-print-ir-after-change"));
    exit(1);
  };
  static cl::opt<std::string> only(
      "debug-only", cl::Hidden, cl::desc("debug output of a pass"),
      cl::cat(category), cl::sub(command),
      cl::cb<void, const std::string &>(
          [=](auto &pass) { explain("--debug-only=" + pass); }));
  static cl::opt<bool> all(
      "debug", cl::Hidden, cl::desc("debug output of all passes"),
      cl::cat(category), cl::sub(command),
      cl::cb<void, const bool &>([=](bool) { explain("--debug"); }));
}

//===----------------------------------------------------------------------===//
// Statistics
//===----------------------------------------------------------------------===//

namespace {
/// Counts operations around every pass.
struct OpCounter : PassInstrumentation {
  explicit OpCounter(PassStatistics &statistics) : statistics(statistics) {}

  static std::map<StringRef, int64_t> count(Operation *op) {
    std::map<StringRef, int64_t> kinds;
    op->walk([&](Operation *inner) {
      ++kinds[inner->getName().getIdentifier().getValue()];
    });
    return kinds;
  }

  void runBeforePass(Pass *pass, Operation *op) override {
    if (!pass->getArgument().empty()) // else it only runs others
      earlier.push_back(count(op));
  }

  void runAfterPass(Pass *pass, Operation *op) override {
    if (pass->getArgument().empty())
      return;
    PassChanges &changes = statistics[pass->getArgument()];
    ++changes.runs;
    for (auto &[kind, number] : count(op)) {
      changes.kinds[kind] += number;
      changes.after += number;
    }
    for (auto &[kind, number] : earlier.pop_back_val()) {
      changes.kinds[kind] -= number;
      changes.before += number;
    }
  }

  void runAfterPassFailed(Pass *pass, Operation *) override {
    if (!pass->getArgument().empty())
      earlier.pop_back();
  }

  PassStatistics &statistics;
  SmallVector<std::map<StringRef, int64_t>> earlier;
};
} // namespace

static void printStatistics(const PassStatistics &statistics,
                            raw_ostream &out) {
  out << "operations that passes found and left\n"
      << "  runs   before    after  pass\n";
  for (auto &[pass, changes] : statistics) {
    out << llvm::format("%6u %8lld %8lld  ", changes.runs,
                        static_cast<long long>(changes.before),
                        static_cast<long long>(changes.after))
        << pass;
    StringRef separator = ": ";
    for (auto &[kind, more] : changes.kinds)
      if (more) {
        out << std::exchange(separator, ", ") << (more > 0 ? "+" : "") << more
            << ' ' << kind;
      }
    out << '\n';
  }
}

//===----------------------------------------------------------------------===//
// The observer
//===----------------------------------------------------------------------===//

PassObserver::PassObserver(bool countsOps) : countsOps(countsOps) {
  applyDefaultTimingManagerCLOptions(timing);
  root = timing.getRootScope();
}

PassObserver::~PassObserver() {
  if (countsOps)
    printStatistics(statistics, llvm::errs());
}

LogicalResult PassObserver::observe(PassManager &pm, TimingScope &scope) {
  if (countsOps)
    pm.addInstrumentation(std::make_unique<OpCounter>(statistics));
  if (failed(applyPassManagerCLOptions(pm)))
    return failure();
  pm.enableTiming(scope); // last, so that it does not measure the others
  return success();
}

} // namespace setun::compiler
