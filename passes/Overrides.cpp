//===- Overrides.cpp - The user's choices for some weights ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Overrides.h"

#include "dialects/lut/Lut.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"

#include <map>
#include <set>

using namespace mlir;

namespace setun::passes {

/// The name without what everyone would write around it.
static StringRef getCore(StringRef name) {
  name.consume_front("model.");
  name.consume_back(".weight");
  return name;
}

/// Keeps a reference to the pattern.
static llvm::Expected<llvm::GlobPattern> makeGlob(StringRef pattern) {
  return llvm::GlobPattern::create(pattern, /*MaxSubPatterns=*/64);
}

llvm::Error verifyPattern(StringRef pattern) {
  return makeGlob(pattern).takeError();
}

static bool matches(const llvm::GlobPattern &glob, StringRef weight) {
  StringRef front = weight, back = weight;
  front.consume_front("model.");
  back.consume_back(".weight");
  return glob.match(weight) || glob.match(front) || glob.match(back) ||
         glob.match(getCore(weight));
}

bool matchesLinear(StringRef pattern, tern::FusedLinearOp linear,
                   SmallVectorImpl<StringRef> *names) {
  llvm::GlobPattern glob = cantFail(makeGlob(pattern));
  bool matching = false;
  for (auto name : linear.getWeights().getAsRange<FlatSymbolRefAttr>()) {
    matching |= matches(glob, name.getValue());
    if (names)
      names->push_back(name.getValue());
  }
  return matching;
}

static llvm::Error parseChoice(StringRef key, StringRef value,
                               MLIRContext *context, Override &result) {
  if (key == "packing") {
    auto packing = findPacking(value, context);
    if (!packing)
      return packing.takeError();
    result.packing = *packing;
    return llvm::Error::success();
  }
  SmallVector<StringRef> words;
  key.split(words, '.');
  if (words.size() == 3)
    result.batchClass = symbolizeBatchClass(words[1]);
  bool isTile =
      words[0] == "tile" && words.size() == (result.batchClass ? 3 : 2) &&
      llvm::is_contained({"rows", "strategy", "blocks", "unroll", "tokens"},
                         words.back());
  if (isTile)
    return result.change.set(words.back(), value);
  return llvm::createStringError(
      "unknown key '" + key +
      "', expected packing, tile.<field> or "
      "tile.<class>.<field>; fields are rows, strategy, blocks, unroll and "
      "tokens, classes decode, small and prefill");
}

llvm::Expected<Override> Override::parse(StringRef text, MLIRContext *context) {
  auto fail = [&](const Twine &problem) {
    return llvm::createStringError("--set " + text + ": " + problem);
  };
  Override result;
  auto [choice, pattern] = text.split(' ');
  auto [key, value] = choice.split('=');
  if (value.empty() || pattern.empty())
    return fail("expected KEY=VALUE and a pattern of weights' names");
  if (llvm::Error error = parseChoice(key, value, context, result))
    return fail(toString(std::move(error)));
  if (llvm::Error error = verifyPattern(pattern))
    return fail(toString(std::move(error)));
  result.text = text;
  result.pattern = pattern;
  return result;
}

/// Adds to `taken` what is about packings, or what is about tiles.
static LogicalResult takeOverrides(ModuleOp module, bool packings,
                                   SmallVectorImpl<Override> &taken) {
  SmallVector<Attribute> left;
  bool good = true;
  auto list = module->getAttrOfType<ArrayAttr>(lut::kOverridesAttr);
  for (Attribute attr : list ? list.getValue() : ArrayRef<Attribute>()) {
    auto parsed =
        Override::parse(cast<StringAttr>(attr).getValue(), module.getContext());
    if (!parsed) {
      module.emitError(toString(parsed.takeError()));
      good = false;
    } else if (parsed->isPacking() == packings) {
      taken.push_back(std::move(*parsed));
    } else {
      left.push_back(attr);
    }
  }
  if (left.empty())
    module->removeAttr(lut::kOverridesAttr);
  else
    module->setAttr(lut::kOverridesAttr,
                    ArrayAttr::get(module.getContext(), left));
  return success(good);
}

/// The three most similar names, layers' numbers as `*`.
static std::string listNearest(StringRef pattern, ArrayRef<StringRef> names) {
  std::set<std::string> kinds;
  for (StringRef name : names) {
    SmallVector<StringRef> words;
    getCore(name).split(words, '.');
    for (StringRef &word : words)
      if (llvm::all_of(word, llvm::isDigit))
        word = "*";
    kinds.insert(llvm::join(words, "."));
  }
  std::multimap<unsigned, std::string> nearest;
  for (const std::string &kind : kinds)
    nearest.emplace(getCore(pattern).edit_distance(kind), kind);
  std::vector<std::string> list;
  for (auto &[distance, kind] : nearest)
    if (list.size() < 3)
      list.push_back("'" + kind + "'");
  return llvm::join(list, ", ");
}

std::string explainNoMatch(StringRef pattern, ArrayRef<StringRef> names) {
  std::string nearest = listNearest(pattern, names);
  return ("found no weight of a linear like '" + pattern + "'" +
          (nearest.empty() ? "" : ", expected one like " + nearest))
      .str();
}

LogicalResult applyOverrides(
    ModuleOp module, bool packings,
    llvm::function_ref<llvm::Error(ArrayRef<Override>, tern::FusedLinearOp)>
        apply) {
  SmallVector<Override> overrides;
  if (failed(takeOverrides(module, packings, overrides)))
    return failure();
  SmallVector<StringRef> names;
  std::set<std::string> problems;
  module.walk([&](tern::FusedLinearOp linear) {
    if (isPicked(linear))
      return;
    SmallVector<Override> matching;
    for (Override &each : overrides)
      if (matchesLinear(each.pattern, linear)) {
        each.used = true;
        matching.push_back(each);
      }
    for (auto name : linear.getWeights().getAsRange<FlatSymbolRefAttr>())
      names.push_back(name.getValue());
    if (llvm::Error error = apply(matching, linear))
      if (auto [text, isNew] = problems.insert(toString(std::move(error)));
          isNew)
        linear.emitError("--set") << *text;
  });
  bool good = problems.empty();
  for (const Override &each : overrides)
    if (!each.used) {
      module.emitError("--set ")
          << each.text << ": " << explainNoMatch(each.pattern, names);
      good = false;
    }
  return success(good);
}

} // namespace setun::passes
