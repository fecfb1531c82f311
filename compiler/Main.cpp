//===- Main.cpp - setun ---------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/targets/Target.h"
#include "compiler/Compile.h"
#include "compiler/MlirFlags.h"
#include "compiler/Output.h"
#include "compiler/inspect/Inspect.h"
#include "compiler/tune/Tune.h"
#include "compiler/tuning/Producer.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

using namespace llvm;
using namespace setun::compiler;

namespace {
// All flags of all commands.
cl::SubCommand compileCommand("compile", "make an executable of a checkpoint");
cl::SubCommand inspectCommand("inspect", "tell what is in a checkpoint or an "
                                         "executable");
cl::SubCommand tuneCommand("tune", "measure candidates for a model's kernels");
cl::SubCommand targetsCommand("targets", "list the targets");
cl::OptionCategory category("setun options");

template <typename T, cl::SubCommand &command = compileCommand>
struct Flag : cl::opt<T> {
  template <typename... Mods>
  Flag(const Mods &...mods)
      : cl::opt<T>(mods..., cl::sub(command), cl::cat(category)) {}
};

struct Flags {
  Flag<std::string> input{cl::Positional, cl::Required,
                          cl::desc("<checkpoint, or with --from a module>")};
  Flag<std::string> output{"o", cl::desc("output file; - is stdout for text"),
                           cl::value_desc("file")};
  Flag<std::string> target{
      "target",
      cl::desc("x86-64, aarch64, riscv64 or a triple (default: this machine)"),
      cl::value_desc("name")};
  Flag<std::string> cpu{
      "cpu",
      cl::desc("CPU levels, of which the best is taken at start: native, "
               "x86-64-v4+vnni, cortex-a76, rv64gcv … (default: native; with "
               "--target what `setun targets` says)"),
      cl::value_desc("a,b")};
  Flag<std::string> features{"features",
                             cl::desc("CPU features on top, for all of --cpu"),
                             cl::value_desc("+a,-b")};
  Flag<int64_t> context{"context",
                        cl::desc("longest context (default: the "
                                 "model's)"),
                        cl::value_desc("tokens"), cl::init(0)};
  Flag<std::string> cache{
      "kv",
      cl::desc("how the KV cache holds numbers: f32 (default: as computed), "
               "bf16 or f16 (rounded), i8 (lossy: changes the results)"),
      cl::value_desc("type")};
  Flag<std::string> embed{
      "embed",
      cl::desc("store embedding and head as q8, q6 or q4: smaller, lossy; what "
               "it changes is measured and told (default: as the checkpoint)"),
      cl::value_desc("type")};
  cl::list<std::string> overrides{
      "set",
      cl::desc("choose packing or tile.[decode.|small.|prefill.]rows, "
               "strategy, blocks, unroll, tokens for weights of these names: "
               "--set tile.decode.blocks=5 'layers.*.down_proj'"),
      cl::value_desc("key=value> <names"),
      cl::multi_val(2),
      cl::sub(compileCommand),
      cl::cat(category)};
  cl::list<std::string> tuning{
      "tuning",
      cl::desc("take what was measured to be fastest from a file of `setun "
               "tune`; for several, once each"),
      cl::value_desc("file"), cl::sub(compileCommand), cl::cat(category)};
  Flag<std::string> schedule{
      "schedule",
      cl::desc("run this transform-dialect module's @encode and @tile in "
               "these stages"),
      cl::value_desc("file.mlir")};
  Flag<std::string> stopAfter{"stop-after",
                              cl::desc("write what this stage leaves and stop"),
                              cl::value_desc("stage")};
  Flag<std::string> from{"from",
                         cl::desc("go on from a module that this stage left"),
                         cl::value_desc("stage")};
  Flag<std::string> dumpDirectory{
      "dump-dir", cl::desc("write what every stage leaves, 00-import.mlir …"),
      cl::value_desc("folder")};
  Flag<std::string> report{
      "report",
      cl::desc("write a page about every op: its IR stage by stage, its "
               "kernels, predicted and measured times"),
      cl::value_desc("file.html")};
  Flag<std::string> reportProfile{
      "report-profile",
      cl::desc("times for --report: a trace that --profile of the "
               "executable wrote"),
      cl::value_desc("trace")};
  Flag<Emit> emit{
      "emit", cl::desc("what to write:"), cl::init(Emit::Executable),
      cl::values(clEnumValN(Emit::Executable, "exe", "an executable"),
                 clEnumValN(Emit::Object, "obj", "the generated code"),
                 clEnumValN(Emit::Assembly, "asm", "its assembly"),
                 clEnumValN(Emit::LLVM, "llvm", "its LLVM IR"),
                 clEnumValN(Emit::Mlir, "mlir", "what lower leaves"))};
  Flag<bool> noTokenizer{"no-tokenizer",
                         cl::desc("raw ids are all that is wanted")};
  Flag<bool> noSkip{"no-skip",
                    cl::desc("read all weights, whatever is zero; without the "
                             "copies that skipping reads")};
  Flag<bool> verbose{
      "v", cl::desc("time every stage, tell what came from tuning files")};
};

template <typename T> using InspectFlag = Flag<T, inspectCommand>;

struct InspectFlags {
  InspectFlag<std::string> input{
      cl::Positional, cl::Required,
      cl::desc("<checkpoint, dumped module or executable>")};
  InspectFlag<bool> json{"json", cl::desc("print JSON")};
  InspectFlag<bool> tensors{"tensors",
                            cl::desc("a line for each, not for each kind")};
  InspectFlag<double> bandwidth{
      "bandwidth",
      cl::desc("what all cores together read; says how fast decoding and "
               "prefill are at best"),
      cl::value_desc("GB/s")};
  InspectFlag<unsigned> cores{"cores", cl::desc("that compute (default: 1)"),
                              cl::value_desc("N"), cl::init(1)};
  InspectFlag<double> clock{"clock", cl::desc("of a core (default: 3)"),
                            cl::value_desc("GHz"), cl::init(3)};
  InspectFlag<std::string> target{
      "target", cl::desc("what a checkpoint is for, as in compile"),
      cl::value_desc("name")};
  InspectFlag<std::string> cpu{"cpu", cl::desc("the same"),
                               cl::value_desc("a,b")};
  InspectFlag<std::string> features{"features", cl::desc("the same"),
                                    cl::value_desc("+a,-b")};
};

template <typename T> using TuneFlag = Flag<T, tuneCommand>;

struct TuneFlags {
  TuneFlag<std::string> input{cl::Positional, cl::Required,
                              cl::desc("<checkpoint>")};
  TuneFlag<std::string> output{
      "o", cl::desc("tuning file; what it holds is not measured again"),
      cl::value_desc("file"), cl::Required};
  TuneFlag<std::string> target{"target", cl::desc("as in compile"),
                               cl::value_desc("name")};
  TuneFlag<std::string> cpu{"cpu",
                            cl::desc("the same: one level, which the machine "
                                     "that measures can run"),
                            cl::value_desc("a")};
  TuneFlag<std::string> features{"features", cl::desc("the same"),
                                 cl::value_desc("+a,-b")};
  TuneFlag<std::string> budget{
      "budget", cl::desc("how long to take: 60s (default), 5m, 1h"),
      cl::value_desc("time"), cl::init("60s")};
  TuneFlag<std::string> runner{
      "runner",
      cl::desc("what runs the executables that measure: 'ssh board' copies "
               "them there; 'qemu-aarch64 -cpu max' or 'taskset -c 2' run them "
               "here (default: here)"),
      cl::value_desc("command")};
  TuneFlag<unsigned> timeout{
      "timeout", cl::desc("seconds that one run may take (default: 120)"),
      cl::value_desc("S"), cl::init(120)};
  TuneFlag<unsigned> threads{
      "t", cl::desc("threads that measure (default: one a CPU)"),
      cl::value_desc("N"), cl::init(0)};
};
} // namespace

static Error readStage(StringRef flag, StringRef text,
                       std::optional<Stage> &stage) {
  if (text.empty())
    return Error::success();
  stage = parseStage(text);
  if (stage)
    return Error::success();
  return createStringError("--" + flag + "=" + text +
                           ": expected import, simplify, fuse, encode, tile, "
                           "lower, llvm or link");
}

/// Flags that contradict each other.
static Error checkFlags(const CompileOptions &options) {
  bool writesText = options.stopAfter || options.emit == Emit::Assembly ||
                    options.emit == Emit::LLVM || options.emit == Emit::Mlir;
  if (!writesText && (options.output.empty() || options.output == "-"))
    return createStringError("-o: expected a file to write");
  if (options.stopAfter && options.emit != Emit::Executable)
    return createStringError("--stop-after: goes without --emit");
  if (options.report.empty() && !options.reportProfile.empty())
    return createStringError("--report-profile: goes with --report");
  if (!options.report.empty() &&
      (getLastStage(options) < Stage::Tile || options.from > Stage::Tile))
    return createStringError("--report: is about what the tile stage leaves; "
                             "start there or before, and stop there or later");
  if (!options.from)
    return Error::success();
  if (options.from >= Stage::LLVM)
    return createStringError("--from: goes on from import to lower; what the "
                             "llvm stage leaves is for llc");
  if (getLastStage(options) <= *options.from)
    return createStringError("--from: nothing is left to do after that stage");
  if (!(options.target + options.cpu + options.features).empty() ||
      options.context || !options.cache.empty() || !options.embed.empty() ||
      !options.skips)
    return createStringError("--from: the module says target, context, kv, "
                             "embed and what is skipped; edit them there");
  return Error::success();
}

template <typename T> static Subject readSubject(const T &flags) {
  return {flags.input, flags.target, flags.cpu, flags.features};
}

/// Copies the flags: lld resets them when it links.
static Expected<CompileOptions> readFlags(const Flags &flags) {
  CompileOptions options;
  static_cast<Subject &>(options) = readSubject(flags);
  options.output = flags.output;
  options.context = flags.context;
  options.cache = flags.cache;
  options.embed = flags.embed;
  options.dumpDirectory = flags.dumpDirectory;
  options.report = flags.report;
  options.reportProfile = flags.reportProfile;
  for (size_t i = 0; i + 1 < flags.overrides.size(); i += 2)
    options.overrides.push_back(flags.overrides[i] + " " +
                                flags.overrides[i + 1]);
  options.tuning.assign(flags.tuning.begin(), flags.tuning.end());
  options.schedule = flags.schedule;
  options.emit = flags.emit;
  options.tokenizer = !flags.noTokenizer;
  options.skips = !flags.noSkip;
  options.verbose = flags.verbose;
  options.passStatistics = takePassStatistics(compileCommand);
  if (Error error = readStage("stop-after", flags.stopAfter, options.stopAfter))
    return error;
  if (Error error = readStage("from", flags.from, options.from))
    return error;
  if (options.stopAfter == Stage::Link)
    options.stopAfter.reset();
  if (Error error = checkFlags(options))
    return error;
  if (options.output.empty())
    options.output = "-";
  return options;
}

static int runCompile(const Flags &flags) {
  Expected<CompileOptions> options = readFlags(flags);
  if (!options) {
    printError(options.takeError());
    return 1;
  }
  return succeeded(compile(*options)) ? 0 : 1;
}

static int runInspect(const InspectFlags &flags) {
  InspectOptions options;
  static_cast<Subject &>(options) = readSubject(flags);
  options.json = flags.json;
  options.tensors = flags.tensors;
  options.bandwidth = flags.bandwidth;
  options.clock = flags.clock;
  options.cores = flags.cores;
  return succeeded(inspect(options)) ? 0 : 1;
}

static int runTune(const TuneFlags &flags) {
  TuneOptions options;
  static_cast<Subject &>(options) = readSubject(flags);
  options.output = flags.output;
  options.budget = flags.budget;
  options.runner = flags.runner;
  options.timeout = flags.timeout;
  options.threads = flags.threads;
  return tune(options);
}

static int runTargets() {
  for (const setun::codegen::Isa *isa : setun::codegen::getIsas())
    outs() << left_justify(isa->name, 10) << left_justify(isa->triple, 28)
           << isa->needs << '\n'
           << left_justify("  levels", 10) << isa->levels << '\n';
  return 0;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  Flags flags;
  InspectFlags inspectFlags;
  TuneFlags tuneFlags;
  cl::extrahelp more("\nMLIR's --mlir-print-ir-*, --mlir-timing and others: "
                     "`setun compile --help-hidden`.\n");
  cl::HideUnrelatedOptions(category, compileCommand);
  cl::HideUnrelatedOptions(category, inspectCommand);
  cl::HideUnrelatedOptions(category, tuneCommand);
  cl::HideUnrelatedOptions(category, targetsCommand);
  cl::HideUnrelatedOptions(category);
  registerPasses(); // --mlir-print-ir-after=<pass> names them
  addMlirFlags(compileCommand);
  explainDebugFlags(compileCommand);
  cl::SetVersionPrinter(
      [](raw_ostream &out) { out << setun::tuning::getProducer() << '\n'; });
  cl::ParseCommandLineOptions(
      argc, argv, "setun: a compiler for ternary and sparse models\n");
  if (compileCommand)
    return runCompile(flags);
  if (inspectCommand)
    return runInspect(inspectFlags);
  if (tuneCommand)
    return runTune(tuneFlags);
  if (targetsCommand)
    return runTargets();
  cl::PrintHelpMessage();
  return 1;
}
