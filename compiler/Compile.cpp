//===- Compile.cpp - The story of a compilation ---------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Compile.h"

#include "codegen/link/Checks.h"
#include "codegen/link/Link.h"
#include "codegen/link/RuntimeObjects.h"
#include "codegen/link/Weights.h"
#include "codegen/llvm/Emit.h"
#include "codegen/targets/Target.h"
#include "compiler/Choices.h"
#include "compiler/Embed.h"
#include "compiler/MlirFlags.h"
#include "compiler/Output.h"
#include "compiler/Summary.h"
#include "compiler/report/Report.h"
#include "dialects/spmd/Spmd.h"
#include "dialects/tern/Tern.h"
#include "frontends/File.h"
#include "frontends/chat/Chat.h"
#include "frontends/safetensors/Import.h"
#include "frontends/safetensors/WeightReader.h"
#include "frontends/tokenizer/Tokenizer.h"

#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace mlir;
using llvm::Error;
using llvm::Expected;

namespace setun::compiler {

namespace {
/// Frontends read, codegen packs: the bridge between the two rooms.
struct Source final : codegen::WeightSource {
  Source(frontends::WeightReader reader, ZeroCounts *zeros)
      : reader(std::move(reader)), zeros(zeros) {}
  void readTrits(tern::WeightOp weight, int64_t first, int64_t count,
                 int8_t *out) override {
    reader.readTrits(weight, first, count, out);
    if (zeros)
      zeros->add(weight, {out, size_t(count * weight.getType().getShape()[1])});
  }
  void readFloats(tern::WeightOp weight, int64_t first, int64_t count,
                  float *out) override {
    reader.readFloats(weight, first, count, out);
  }
  StringRef getBytes(tern::WeightOp weight) override {
    return reader.getBytes(weight);
  }
  void release(tern::WeightOp weight) override { reader.release(weight); }

  frontends::WeightReader reader;
  ZeroCounts *zeros; ///< null: nobody asks
};

class Compilation {
public:
  Compilation(const CompileOptions &options, MLIRContext &context)
      : options(options), context(context),
        progress(options.verbose ||
                 (!options.silent && llvm::errs().is_displayed())),
        observer(options.passStatistics), last(getLastStage(options)) {}

  Error run();
  Error lower();
  /// What to go on with instead of reading the input.
  void setModule(OwningOpRef<ModuleOp> given) { module = std::move(given); }
  OwningOpRef<ModuleOp> takeModule() { return std::move(module); }

private:
  Error load();
  Error importModel();
  Error setContext();
  Error setCache();
  Error measureEmbed();
  Error loadTokenizer();
  Error runStage(Stage stage);
  Error finishStage(Stage stage, const OperationCounts &before);
  Error generate();
  Error writeTexts(llvm::Module &code, llvm::TargetMachine &machine);
  std::string dumpPath(Stage stage, StringRef extension);
  Error link(ArrayRef<char> object, llvm::Triple triple);
  Error writeReport();
  bool stopsAfter(Stage stage) const { return last == stage; }

  const CompileOptions &options;
  MLIRContext &context;
  Progress progress;
  PassObserver observer;
  Stage last;
  OwningOpRef<ModuleOp> module;
  std::vector<char> tokenizer, chat;
  tuning::TuningFiles tuning;
  Report report;
};
} // namespace

static Error fail(const Twine &message) {
  return frontends::userError(message);
}

Stage getLastStage(const CompileOptions &options) {
  if (options.stopAfter)
    return *options.stopAfter;
  switch (options.emit) {
  case Emit::Mlir:
    return Stage::Lower;
  case Emit::LLVM:
    return Stage::LLVM;
  default:
    return Stage::Link;
  }
}

Error Compilation::run() {
  // Early, so that a bad trace is found before anything is packed.
  if (!options.reportProfile.empty())
    if (Error error = report.addTrace(options.reportProfile))
      return error;
  if (Error error = lower())
    return error;
  if (Error error = report.check())
    return error;
  if (Error error = last > Stage::Lower ? generate()
                                        : writeModule(*module, options.output))
    return error;
  return writeReport();
}

/// All stages on MLIR that the options ask for.
Error Compilation::lower() {
  if (!module)
    if (Error error = load())
      return error;
  Stage first = options.from.value_or(Stage::Import);
  for (Stage stage : {Stage::Simplify, Stage::Fuse, Stage::Encode, Stage::Tile,
                      Stage::Lower}) {
    if (stage <= first || stage > last)
      continue;
    if (Error error = runStage(stage))
      return error;
  }
  return Error::success();
}

Error Compilation::writeReport() {
  if (options.report.empty())
    return Error::success();
  return writeFile(options.report,
                   [&](raw_ostream &out) { report.write(out); });
}

//===----------------------------------------------------------------------===//
// import
//===----------------------------------------------------------------------===//

/// A checkpoint, or with --from the module that an earlier stage left.
Error Compilation::load() {
  TimingScope scope = observer.time(getName(Stage::Import));
  if (options.from) {
    module = parseSourceFile<ModuleOp>(options.input, &context);
    if (!module || !tern::getModel(*module))
      return fail(options.input + ": cannot be read as a module");
    if (!options.report.empty())
      report.addStage(getName(*options.from), *module);
    if (!options.tokenizer)
      (*module)->removeAttr(tern::kTokenizerAttr);
  } else if (Error error = importModel()) {
    return error;
  }
  if (Error error =
          joinErrors(setChoices(options, *module, tuning), loadTokenizer()))
    return error;
  return options.from ? Error::success()
                      : finishStage(Stage::Import, OperationCounts(*module));
}

/// What no vocabulary is needed to see: a clone without git-lfs lacks weights
/// and tokenizer alike, and one list of all that is lacking is enough.
static Error probeTokenizer(const CompileOptions &options) {
  Error problems = Error::success();
  for (StringRef name : {"tokenizer.json", "tokenizer.model"}) {
    SmallString<256> path(options.input);
    llvm::sys::path::append(path, name);
    if (!options.tokenizer || !llvm::sys::fs::exists(path))
      continue;
    auto file = frontends::mapFile(path);
    if (!file)
      problems = joinErrors(std::move(problems), file.takeError());
  }
  return problems;
}

Error Compilation::importModel() {
  if (!llvm::sys::fs::exists(options.input))
    return fail(options.input + ": no such checkpoint");
  if (!llvm::sys::fs::is_directory(options.input))
    return fail(options.input + ": expected a Hugging Face directory with "
                                "config.json and model.safetensors");
  auto levels = codegen::resolveLevels(context, options.target, options.cpu,
                                       options.features);
  if (!levels)
    return levels.takeError();
  auto imported = frontends::importCheckpoint(options.input, context);
  if (!imported)
    return joinErrors(imported.takeError(), probeTokenizer(options));
  module = std::move(*imported);
  if (!options.skips)
    for (lut::TargetAttr &level : *levels)
      level = level.withoutSkips();
  if (levels->size() == 1) {
    (*module)->setAttr(lut::kTargetAttr, levels->front());
  } else {
    SmallVector<Attribute> list(levels->begin(), levels->end());
    (*module)->setAttr(lut::kLevelsAttr, ArrayAttr::get(&context, list));
  }
  if (options.tokenizer) {
    SmallString<256> directory(options.input);
    llvm::sys::fs::make_absolute(directory);
    (*module)->setAttr(tern::kTokenizerAttr,
                       StringAttr::get(&context, directory));
  }
  if (Error error = joinErrors(setCache(), setEmbed(*module, options.embed)))
    return error;
  return setContext();
}

/// How the KV cache holds numbers.
Error Compilation::setCache() {
  Type type = llvm::StringSwitch<Type>(options.cache)
                  .Cases({"", "f32"}, Float32Type::get(&context))
                  .Case("bf16", BFloat16Type::get(&context))
                  .Case("f16", Float16Type::get(&context))
                  .Case("i8", IntegerType::get(&context, 8))
                  .Default({});
  if (!type)
    return fail("--kv=" + options.cache + ": expected f32, bf16, f16 or i8");
  if (!options.cache.empty())
    (*module)->setAttr(tern::kCacheAttr, TypeAttr::get(type));
  return Error::success();
}

/// Says what other weights than the checkpoint's change.
Error Compilation::measureEmbed() {
  if (!(*module)->hasAttr(tern::kEmbedAttr) ||
      (*module)->hasAttr(tern::kEmbedErrorAttr))
    return Error::success();
  auto reader = frontends::WeightReader::open(*module);
  if (!reader)
    return reader.takeError();
  Source source(std::move(*reader), /*zeros=*/nullptr);
  std::string text = describeEmbedError(*module, source);
  (*module)->setAttr(tern::kEmbedErrorAttr, StringAttr::get(&context, text));
  if (!options.silent)
    llvm::errs() << "embed: " << text << '\n';
  return Error::success();
}

Error Compilation::setContext() {
  tern::ModelAttr model = tern::getModel(*module);
  if (!options.context)
    return Error::success();
  if (options.context < 0 || options.context > model.getMaxContext())
    return fail("--context=" + Twine(options.context) +
                ": the model allows 1 to " + Twine(model.getMaxContext()));
  (*module)->setAttr(tern::kModelAttr, model.withMaxContext(options.context));
  return Error::success();
}

/// Early, so that a bad tokenizer is found before anything is packed. Chat
/// templates belong to it.
Error Compilation::loadTokenizer() {
  auto directory = (*module)->getAttrOfType<StringAttr>(tern::kTokenizerAttr);
  if (!directory || last < Stage::LLVM)
    return Error::success();
  auto blob = frontends::compileTokenizer(directory.getValue(),
                                          tern::getModel(*module).getVocab());
  if (!blob)
    return blob.takeError();
  tokenizer = std::move(*blob);
  auto templates = frontends::compileChat(directory.getValue());
  if (!templates)
    return templates.takeError();
  chat = std::move(templates->blob);
  for (const std::string &warning : templates->warnings)
    printWarning(warning + ": 'chat' will refuse it");
  return Error::success();
}

//===----------------------------------------------------------------------===//
// simplify … lower
//===----------------------------------------------------------------------===//

Error Compilation::runStage(Stage stage) {
  TimingScope scope = observer.time(getName(stage));
  OperationCounts before(*module);
  PassManager pm(&context);
  buildStage(stage, pm);
  if (failed(observer.observe(pm, scope)) || failed(pm.run(*module)))
    return fail("the " + getName(stage) + " stage failed");
  if (stage == Stage::Encode)
    if (Error error = measureEmbed())
      return error;
  if (stage == Stage::Tile && options.verbose)
    tuning.describe(*module, llvm::errs());
  if (stage == Stage::Tile && !options.report.empty())
    report.addTuned(tuning.getTaken(*module));
  return finishStage(stage, before);
}

/// Where a stage's dump goes, e.g. DIR/05-lower.mlir; "" without --dump-dir.
std::string Compilation::dumpPath(Stage stage, StringRef extension) {
  if (options.dumpDirectory.empty())
    return "";
  return (options.dumpDirectory + "/0" + Twine(static_cast<unsigned>(stage)) +
          "-" + getName(stage) + extension)
      .str();
}

/// Progress and dump.
Error Compilation::finishStage(Stage stage, const OperationCounts &before) {
  std::string recovered =
      stage == Stage::Import ? describeRecovered(*module) : "";
  progress.finish(getName(stage),
                  OperationCounts(*module).describe(before) + recovered);
  if (!options.report.empty())
    report.addStage(getName(stage), *module);
  if (std::string path = dumpPath(stage, ".mlir"); !path.empty())
    return writeModule(*module, path);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// llvm, link
//===----------------------------------------------------------------------===//

static std::string listNames(ArrayRef<codegen::Level> levels) {
  auto getName = [](const codegen::Level &level) {
    return level.target.getName();
  };
  return llvm::join(llvm::map_range(levels, getName), ", ");
}

Error Compilation::generate() {
  if (Error error = codegen::checkLayout(*module))
    return error;
  if (module->getOps<spmd::StepOp>().empty())
    return fail(options.input + ": has no spmd.step; the lower stage makes "
                                "them");
  auto levels = codegen::findLevels(*module);
  if (!levels)
    return levels.takeError();
  llvm::TargetMachine &machine = *levels->front().machine;
  llvm::LLVMContext llvmContext;
  TimingScope scope = observer.time(getName(Stage::LLVM));
  auto code = codegen::translate(
      *module, tokenizer.size(), chat, *levels, llvmContext,
      [&](PassManager &pm) { return observer.observe(pm, scope); });
  if (!code)
    return code.takeError();
  TimingScope optimizing = scope.nest("optimize");
  codegen::optimize(**code, machine);
  optimizing.stop();
  progress.finish(getName(Stage::LLVM), Twine((*code)->size()) +
                                            " functions for " +
                                            listNames(*levels));
  if (!options.report.empty()) {
    if (Error error = report.addCode(*module, tokenizer.size(), **code))
      return error;
    progress.finish("report", "the kernels once more, with lines");
  }
  if (Error error = writeTexts(**code, machine))
    return error;
  if (stopsAfter(Stage::LLVM) || options.emit == Emit::Assembly)
    return Error::success();

  TimingScope emitting = scope.nest("emit object");
  SmallVector<char, 0> object;
  if (Error error = codegen::emit(**code, machine,
                                  llvm::CodeGenFileType::ObjectFile, object))
    return error;
  emitting.stop();
  scope.stop();
  if (options.emit == Emit::Object)
    return writeFile(options.output, [&](raw_ostream &out) {
      out.write(object.data(), object.size());
    });
  return link(object, machine.getTargetTriple());
}

/// LLVM IR and assembly, as output or as dumps.
Error Compilation::writeTexts(llvm::Module &code,
                              llvm::TargetMachine &machine) {
  auto writeTo = [](StringRef path, bool wanted, auto write) {
    return wanted ? writeFile(path, write) : Error::success();
  };
  auto writeIR = [&](raw_ostream &out) { code.print(out, nullptr); };
  std::string dump = dumpPath(Stage::LLVM, ".ll");
  if (Error error = writeTo(dump, !dump.empty(), writeIR))
    return error;
  if (stopsAfter(Stage::LLVM))
    return writeFile(options.output, writeIR);
  bool assembly = options.emit == Emit::Assembly;
  if (!assembly && dump.empty())
    return Error::success();

  // The back end changes the module it compiles, and the object comes later.
  SmallVector<char, 0> text;
  auto copy = llvm::CloneModule(code);
  if (Error error = codegen::emit(*copy, machine,
                                  llvm::CodeGenFileType::AssemblyFile, text))
    return error;
  auto writeText = [&](raw_ostream &out) {
    out.write(text.data(), text.size());
  };
  if (Error error =
          writeTo(dumpPath(Stage::LLVM, ".s"), !dump.empty(), writeText))
    return error;
  return writeTo(options.output, assembly, writeText);
}

Error Compilation::link(ArrayRef<char> object, llvm::Triple triple) {
  TimingScope scope = observer.time(getName(Stage::Link));
  auto runtime = codegen::runtimeObject(triple);
  if (!runtime)
    return runtime.takeError();
  codegen::LinkInput input;
  input.modelObject = {object.data(), object.size()};
  input.runtimeObject = *runtime;
  input.triple = triple;
  std::optional<Source> source;
  ZeroCounts zeros(*module);
  if (!(*module)->hasAttr(tern::kSyntheticAttr)) {
    auto reader = frontends::WeightReader::open(*module);
    if (!reader)
      return reader.takeError();
    source.emplace(std::move(*reader), options.verbose ? &zeros : nullptr);
    input.weightsBytes = codegen::getChecksEnd(*module, tokenizer.size());
  }
  input.writeWeights = [&](llvm::raw_fd_ostream &out, uint64_t code) {
    return source
               ? codegen::writeWeights(*module, *source, tokenizer, code, out)
               : Error::success();
  };
  if (Error error = codegen::linkExecutable(input, options.output))
    return error;
  progress.finish(getName(Stage::Link),
                  Twine(input.weightsBytes >> 20) + " MiB of weights");
  if (source && options.verbose)
    printSummary(*module, tokenizer.size(), zeros, source->reader,
                 llvm::errs());
  return Error::success();
}

Expected<OwningOpRef<ModuleOp>> lower(const CompileOptions &options,
                                      MLIRContext &context) {
  Compilation compilation(options, context);
  if (Error error = compilation.lower())
    return error;
  return compilation.takeModule();
}

Error compile(const CompileOptions &options, OwningOpRef<ModuleOp> module) {
  Compilation compilation(options, *module->getContext());
  compilation.setModule(std::move(module));
  return compilation.run();
}

void prepare(MLIRContext &context) {
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false); // a module can be thousands of lines
  context.getDiagEngine().registerHandler(
      [](Diagnostic &diagnostic) { printDiagnostic(diagnostic); });
}

LogicalResult compile(const CompileOptions &options) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  prepare(context);
  auto makeDumpDirectory = [&]() -> Error {
    if (options.dumpDirectory.empty())
      return Error::success();
    std::error_code code = llvm::sys::fs::create_directories(
        options.dumpDirectory, /*IgnoreExisting=*/true,
        llvm::sys::fs::all_read | llvm::sys::fs::all_exe |
            llvm::sys::fs::owner_write);
    return code ? fail("'" + options.dumpDirectory + "': " + code.message())
                : Error::success();
  };
  Error error = makeDumpDirectory();
  if (!error)
    error = Compilation(options, context).run();
  if (!error)
    return success();
  printError(std::move(error));
  return failure();
}

} // namespace setun::compiler
