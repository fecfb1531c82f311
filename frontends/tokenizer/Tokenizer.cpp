//===- Tokenizer.cpp ----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/Tokenizer.h"

#include "frontends/tokenizer/Description.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace setun::frontends {

using namespace tokenizer;

namespace {

/// One checkpoint's tokenizer files, in the order in which they speak.
class Compiler {
public:
  Compiler(StringRef directory, uint32_t vocabSize)
      : directory(directory), vocabSize(vocabSize) {}

  Expected<std::vector<char>> run() {
    if (Error error = exists("tokenizer.json")    ? readJsonFile()
                      : exists("tokenizer.model") ? readModelFile()
                      : exists("vocab.json")      ? readVocabularyFiles()
                                                  : nothingFound())
      return error;
    for (StringRef name : {"special_tokens_map.json", "tokenizer_config.json"})
      if (Error error = readOptional(name, [&](auto &json, Problems &problems) {
            readConfig(json, problems);
          }))
        return error;
    settleAddedTokens();
    markWholeTokens(description);
    if (Error error = cutAtSpaces())
      return error;
    return writeTables(description);
  }

private:
  std::string path(StringRef name) const {
    SmallString<256> result(directory);
    sys::path::append(result, name);
    return result.str().str();
  }

  bool exists(StringRef name) const { return sys::fs::exists(path(name)); }

  Error nothingFound() const {
    return userError(directory +
                     ": found no tokenizer, looked for tokenizer.json, "
                     "tokenizer.model, and vocab.json with merges.txt; "
                     "--no-tokenizer compiles without one");
  }

  template <typename Read> Error readOptional(StringRef name, Read read) {
    if (!exists(name))
      return Error::success();
    auto json = readJson(path(name));
    if (!json)
      return json.takeError();
    Problems problems(path(name));
    read(*json, problems);
    return problems.take();
  }

  Error readJsonFile() {
    return readOptional("tokenizer.json", [&](auto &json, Problems &problems) {
      readTokenizerJson(json, vocabSize, description, problems);
    });
  }

  Error readModelFile() {
    fromModel = true;
    auto file = mapFile(path("tokenizer.model"));
    if (!file)
      return file.takeError();
    Problems problems(path("tokenizer.model"));
    readSentencePiece((*file)->getBuffer(), vocabSize, description, problems);
    if (Error error = problems.take())
      return error;
    return readAddedFile();
  }

  Error readAddedFile() {
    return readOptional(
        "added_tokens.json", [&](auto &json, Problems &problems) {
          readAddedTokens(json, vocabSize, description, problems);
        });
  }

  /// Two files with the tokens, and the name of the class that uses them.
  Error readVocabularyFiles() {
    fromVocabulary = true;
    for (StringRef name : {"merges.txt", "tokenizer_config.json"})
      if (!exists(name))
        return userError(path(name) + ": not found, but a vocab.json without "
                                      "tokenizer.json needs it");
    if (Error error =
            readOptional("vocab.json", [&](auto &json, Problems &problems) {
              readVocabularyFile(json, vocabSize, description, problems);
            }))
      return error;
    auto merges = mapFile(path("merges.txt"));
    if (!merges)
      return merges.takeError();
    Problems problems(path("merges.txt"));
    readMergesFile((*merges)->getBuffer(), description, problems);
    if (Error error = problems.take())
      return error;
    if (Error error = readOptional(
            "tokenizer_config.json", [&](auto &json, Problems &problems) {
              readTokenizerClass(json, description, problems);
            }))
      return error;
    return readAddedFile();
  }

  void readConfig(const json::Value &json, Problems &problems) {
    readTokenizerConfig(json, vocabSize, description, problems);
    if (fromVocabulary)
      readNamedSpecials(json, description);
    // Before "legacy" was false, HF put a space after every special token
    // too. A tokenizer.json says such things itself.
    const json::Object *object = json.getAsObject();
    if (!fromModel || !object || object->getBoolean("legacy").value_or(true))
      return;
    for (Step &step : description.normalizers)
      if (step.kind == abi::StepKind::Prepend)
        step.flags |= abi::kFirstOnly;
  }

  /// Special tokens never come from merges or look-ups, whatever their names,
  /// unless there are places where their names are text.
  void settleAddedTokens() {
    for (const AddedToken &added : description.added) {
      Token &token = description.tokens[added.id];
      token.flags |= added.flags;
      if (token.decoded.empty())
        token.decoded = added.content;
      if (token.flags & abi::kTokenSpecial &&
          !(token.flags & abi::kTokenIsWord))
        token.surface.clear();
    }
  }

  /// Without a pre-tokenizer a whole text is one piece, and its merges wander
  /// through memory. If no merge joins other characters with a ▁ behind them,
  /// text may be cut before such a ▁ and every id stays the same.
  Error cutAtSpaces() {
    constexpr StringRef kSpace = "\u2581";
    auto crosses = [&](const Merge &merge) {
      StringRef name = description.tokens[merge.merged].surface;
      while (name.consume_front(kSpace))
        ;
      return name.contains(kSpace);
    };
    if (description.byteLevel || description.ignoreMerges ||
        description.unigram || !description.pieceSteps.empty() ||
        !description.find(kSpace) || any_of(description.merges, crosses))
      return Error::success();
    auto tables = compileRegex("\u2581*[^\u2581]+|\u2581+");
    if (!tables)
      return tables.takeError();
    description.pieceSteps.push_back(
        {abi::StepKind::Split, 0, "", "", std::move(*tables)});
    return Error::success();
  }

  StringRef directory;
  uint32_t vocabSize;
  Description description;
  bool fromModel = false;
  bool fromVocabulary = false;
};

} // namespace

Expected<std::vector<char>> compileTokenizer(StringRef directory,
                                             uint32_t vocabSize) {
  return Compiler(directory, vocabSize).run();
}

} // namespace setun::frontends
