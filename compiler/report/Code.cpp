//===- Code.cpp - LLVM IR and assembly of kernels -------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/report/Code.h"

#include "codegen/llvm/Emit.h"
#include "compiler/report/Text.h"

#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Transforms/LocationSnapshot.h"
#include "llvm/IR/AssemblyAnnotationWriter.h"
#include "llvm/Support/FormattedStream.h"
#include "llvm/Support/Regex.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace mlir;

namespace setun::compiler::report {

void Listing::add(StringRef line, unsigned origin) {
  text += line;
  text += '\n';
  from.push_back(origin);
}

llvm::json::Object Listing::toJson() const {
  return llvm::json::Object{{"text", text}, {"from", llvm::json::Array(from)}};
}

namespace {
/// Notes on which line of the text an instruction stands.
struct Notes final : llvm::AssemblyAnnotationWriter {
  void emitInstructionAnnot(const llvm::Instruction *instruction,
                            llvm::formatted_raw_ostream &out) override {
    if (const llvm::DebugLoc &loc = instruction->getDebugLoc())
      origins[out.getLine()] = loc.getLine();
  }
  std::map<unsigned, unsigned> origins;
};
} // namespace

static Listing printFunction(const llvm::Function &function) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  Notes notes;
  function.print(stream, &notes);
  static const llvm::Regex debug(",? !dbg ![0-9]+");
  Listing listing;
  SmallVector<StringRef> lines;
  StringRef(text).split(lines, '\n');
  for (auto [i, line] : llvm::enumerate(lines)) {
    auto note = notes.origins.find(i);
    // Blank lines stand between functions and before blocks.
    if (!line.empty())
      listing.add(debug.sub("", line),
                  note == notes.origins.end() ? 0 : note->second);
  }
  return listing;
}

std::map<std::string, Listing> readAssembly(StringRef text) {
  std::map<std::string, Listing> listings;
  Listing *listing = nullptr;
  unsigned origin = 0;
  for (StringRef line : llvm::split(text, '\n')) {
    StringRef word = line.trim();
    if (word.consume_front(".loc\t")) {
      word = word.drop_front(word.find_first_of(" \t") + 1);
      word.consumeInteger(10, origin);
    } else if (line.contains(':') && !line.starts_with(".") &&
               !line.starts_with("\t")) {
      listing =
          &listings[line.take_until([](char c) { return c == ':'; }).str()];
      origin = 0;
    } else if (line.starts_with(".Lfunc_end")) {
      listing = nullptr;
    } else if (listing && !word.empty() && !word.starts_with(".Ltmp") &&
               (!word.starts_with(".") || line.starts_with(".LBB"))) {
      listing->add(line, line.starts_with(".") ? 0 : origin);
    }
  }
  return listings;
}

/// Lines that two texts share as Myers' O(ND) algorithm finds them: (line of a,
/// line of b). Texts that differ in more than `most` lines share none.
static std::vector<std::pair<int, int>>
align(ArrayRef<std::string> a, ArrayRef<std::string> b, int most = 1000) {
  int rows = a.size(), columns = b.size();
  std::vector<int> far(2 * most + 3); // on diagonal k, at most + 1 + k
  std::vector<std::vector<int>> trail;
  // Where diagonal k is entered after `edits` edits, as a diagonal.
  auto enterFrom = [&](const std::vector<int> &far, int edits, int k) {
    const int *at = &far[most + 1 + k];
    return k == -edits || (k != edits && at[-1] < at[1]) ? k + 1 : k - 1;
  };
  auto reachesEnd = [&](int edits) {
    trail.push_back(far);
    for (int k = -edits; k <= edits; k += 2) {
      int from = enterFrom(far, edits, k);
      int x = edits ? far[most + 1 + from] + (from < k) : 0;
      while (x < rows && x - k < columns && a[x] == b[x - k])
        ++x;
      far[most + 1 + k] = x;
      if (x >= rows && x - k >= columns)
        return true;
    }
    return false;
  };
  int edits = 0;
  while (edits < most && !reachesEnd(edits))
    ++edits;
  std::vector<std::pair<int, int>> shared;
  if (edits == most)
    return shared;
  for (int x = rows, y = columns; edits >= 0; --edits) {
    const std::vector<int> &before = trail[edits];
    int from = enterFrom(before, edits, x - y);
    int startX = edits ? before[most + 1 + from] : 0;
    int startY = edits ? startX - from : 0;
    while (x > startX && y > startY)
      shared.push_back({--x, --y});
    x = startX;
    y = startY;
  }
  return shared;
}

/// Lines without the numbers that values, attributes and metadata happen to
/// have.
static std::vector<std::string> getKeys(const Listing &listing) {
  std::vector<std::string> keys;
  for (StringRef line : llvm::split(listing.text, '\n')) {
    std::string &key = keys.emplace_back();
    for (char c : line)
      if (!llvm::isDigit(c) || key.empty() ||
          !llvm::is_contained({'%', '!', '#'}, key.back()))
        key += c;
  }
  keys.pop_back(); // behind the last line
  return keys;
}

/// Line tables move an instruction here and there, so what is shown is what was
/// compiled without, and only the origins come from the twin.
static void takeOrigins(Listing &listing, const Listing &twin) {
  std::vector<std::string> own = getKeys(listing), other = getKeys(twin);
  for (auto [i, j] : align(own, other))
    listing.from[i] = twin.from[j];
}

using Listings = std::map<std::string, Listing>;

static llvm::Error print(llvm::Module &code, llvm::TargetMachine &machine,
                         ArrayRef<std::string> kernels, Listings &llvmIR,
                         Listings &assembly) {
  for (const std::string &name : kernels)
    if (const llvm::Function *function = code.getFunction(name);
        function && !function->isDeclaration())
      llvmIR[name] = printFunction(*function);
  SmallVector<char, 0> text;
  auto copy = llvm::CloneModule(code);
  if (llvm::Error error = codegen::emit(
          *copy, machine, llvm::CodeGenFileType::AssemblyFile, text))
    return error;
  for (auto &[name, listing] : readAssembly({text.data(), text.size()}))
    if (llvmIR.count(name))
      assembly[name] = std::move(listing);
  return llvm::Error::success();
}

llvm::Error Code::read(ModuleOp lowered, uint64_t tokenizerBytes,
                       llvm::Module &code, ArrayRef<std::string> kernels) {
  OwningOpRef<ModuleOp> copy = lowered.clone();
  llvm::raw_null_ostream nowhere;
  generateLocationsFromIR(nowhere, "lower", *copy, getPrintingFlags());
  auto levels = codegen::findLevels(*copy);
  if (!levels)
    return levels.takeError();
  llvm::TargetMachine &machine = *levels->front().machine;
  llvm::LLVMContext context;
  auto twin = codegen::translate(
      *copy, tokenizerBytes, /*chat=*/{}, *levels, context, [](PassManager &pm) {
        pm.addPass(LLVM::createDIScopeForLLVMFuncOpPass());
        return success();
      });
  if (!twin)
    return twin.takeError();
  codegen::optimize(**twin, machine);
  if (llvm::Error error = print(code, machine, kernels, llvmIR, assembly))
    return error;
  Listings tracedIR, traced;
  if (llvm::Error error = print(**twin, machine, kernels, tracedIR, traced))
    return error;
  for (auto &[name, listing] : llvmIR)
    takeOrigins(listing, tracedIR[name]);
  for (auto &[name, listing] : assembly)
    takeOrigins(listing, traced[name]);
  return llvm::Error::success();
}

llvm::json::Object Code::getListings() const {
  llvm::json::Object listings;
  for (auto &[name, listing] : llvmIR) {
    llvm::json::Object both{{"llvm", listing.toJson()}};
    if (auto found = assembly.find(name); found != assembly.end())
      both["asm"] = found->second.toJson();
    listings[name] = std::move(both);
  }
  return listings;
}

} // namespace setun::compiler::report
