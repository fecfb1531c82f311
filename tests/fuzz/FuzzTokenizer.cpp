//===- FuzzTokenizer.cpp - Any tokenizer file -----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The first byte chooses between tokenizer.json, tokenizer.model, and
// vocab.json with merges.txt, which a zero byte separates; the rest is the
// file. What compiles must tokenize within its vocabulary.

#include "frontends/tokenizer/Tokenizer.h"
#include "runtime/tokenizer/Tokenizer.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace setun;

static constexpr uint32_t kVocabSize = 2048;

static const std::string &directory() {
  static const std::string path = [] {
    llvm::SmallString<128> name;
    llvm::sys::fs::createUniqueDirectory("setun-fuzz", name);
    return name.str().str();
  }();
  return path;
}

static void write(const char *name, llvm::StringRef text) {
  std::error_code error;
  llvm::raw_fd_ostream(directory() + "/" + name, error) << text;
}

static void writeFiles(unsigned kind, llvm::StringRef text) {
  for (const char *name : {"tokenizer.json", "tokenizer.model", "vocab.json",
                           "merges.txt", "tokenizer_config.json"})
    llvm::sys::fs::remove(directory() + "/" + name);
  if (kind < 2)
    return write(kind ? "tokenizer.model" : "tokenizer.json", text);
  auto [vocabulary, merges] = text.split('\0');
  write("vocab.json", vocabulary);
  write("merges.txt", merges);
  write("tokenizer_config.json", R"({"tokenizer_class": "Qwen2Tokenizer"})");
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  writeFiles(data[0] % 3, {reinterpret_cast<const char *>(data) + 1, size - 1});

  auto blob = frontends::compileTokenizer(directory(), kVocabSize);
  if (!blob) {
    llvm::consumeError(blob.takeError());
    return 0;
  }
  auto *bytes = reinterpret_cast<const uint8_t *>(blob->data());
  if (!runtime::Tokenizer::valid(bytes, blob->size()))
    __builtin_trap();
  runtime::Tokenizer tokenizer(bytes);
  auto ids = tokenizer.encode("Hello,  wörld's\n\n<s>\xff 1234\u2581 e\u0301");
  for (int32_t id : ids)
    if (uint32_t(id) >= kVocabSize)
      __builtin_trap();
  tokenizer.decode(ids);
  return 0;
}
