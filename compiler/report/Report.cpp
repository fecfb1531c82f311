//===- Report.cpp - One page about a compilation --------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/report/Report.h"

#include "dialects/lut/Lut.h"

using namespace mlir;
using llvm::json::Object;

namespace setun::compiler {

#define PAGE_PART(name, file)                                                  \
  asm(".pushsection .rodata.setun_page, \"a\", @progbits\n"                    \
      "setun_page_" #name ": .incbin \"" SETUN_PAGE_FOLDER "/" file "\"\n"     \
      "setun_page_" #name "_end:\n"                                            \
      ".popsection\n");                                                        \
  extern "C" const char setun_page_##name[], setun_page_##name##_end[];
#include "compiler/report/Page.def"
#undef PAGE_PART

/// A file of the page, by name.
static StringRef getPart(StringRef wanted) {
#define PAGE_PART(name, file)                                                  \
  if (wanted == file)                                                          \
    return {setun_page_##name,                                                 \
            static_cast<size_t>(setun_page_##name##_end - setun_page_##name)};
#include "compiler/report/Page.def"
#undef PAGE_PART
  return "";
}

static Object describe(tern::ModelAttr model) {
  return Object{{"name", model.getName()},
                {"vocab", model.getVocab()},
                {"context", model.getMaxContext()},
                {"layers", model.getLayers()},
                {"hidden", model.getHidden()},
                {"intermediate", model.getIntermediate()},
                {"heads", model.getHeads()},
                {"kvHeads", model.getKvHeads()},
                {"headDim", model.getHeadDim()}};
}

void Report::addStage(StringRef name, ModuleOp module) {
  model = describe(tern::getModel(module));
  if (module.getOps<spmd::StepOp>().empty())
    return operations.addStage(name, module);
  steps.read(module);
  auto add = [&](StringRef key, StringRef attribute) {
    if (auto number = module->getAttrOfType<IntegerAttr>(attribute))
      model[key] = number.getInt();
  };
  add("weightsBytes", lut::kWeightsBytesAttr);
  add("tokenBytes", lut::kTokenBytesAttr);
  add("cacheBytes", lut::kCacheBytesAttr);
}

llvm::Error Report::addCode(ModuleOp lowered, uint64_t bytes,
                            llvm::Module &compiled) {
  tokenizerBytes = bytes;
  return code.read(lowered, bytes, compiled, steps.getKernelNames());
}

llvm::Error Report::addTrace(StringRef path) { return trace.read(path); }

llvm::Error Report::check() const {
  std::set<std::string> timed = trace.getOps();
  if (timed.empty() || llvm::any_of(operations.getLabels(), [&](auto &label) {
        return timed.count(label) != 0;
      }))
    return llvm::Error::success();
  return llvm::createStringError("--report-profile: the trace is of another "
                                 "model: none of its ops, like '" +
                                 *timed.begin() + "', is in this one");
}

Object Report::getData() const {
  llvm::json::Array sections = operations.getSections();
  if (tokenizerBytes)
    sections.push_back(
        Object{{"name", "tokenizer"}, {"bytes", tokenizerBytes}});
  return Object{{"version", SETUN_VERSION},
                {"model", Object(model)},
                {"levels", operations.getLevels()},
                {"sections", std::move(sections)},
                {"stages", operations.getStages()},
                {"operations", operations.getOperations()},
                {"candidates", operations.getCandidates()},
                {"tuned", Object(tuned)},
                {"steps", steps.getSteps()},
                {"lowered", steps.getText()},
                {"kernels", steps.getKernels()},
                {"code", code.getListings()},
                {"times", trace.getTimes()}};
}

void Report::write(raw_ostream &out) const {
  std::string data;
  llvm::raw_string_ostream(data) << llvm::json::Value(getData());
  StringRef rest = getPart("page.html");
  while (!rest.empty()) {
    auto [text, behind] = rest.split("{{");
    auto [name, after] = behind.split("}}");
    out << text << getPart(name);
    if (name == "data")
      // Inside a script element only "<" could end it.
      for (char c : data)
        c == '<' ? out << "\\u003c" : out << c;
    rest = after;
  }
}

} // namespace setun::compiler
