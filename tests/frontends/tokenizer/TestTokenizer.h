//===- TestTokenizer.h - Tokenizers for tests ----------------- -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_TESTS_FRONTENDS_TOKENIZER_TESTTOKENIZER_H
#define SETUN_TESTS_FRONTENDS_TOKENIZER_TESTTOKENIZER_H

#include "frontends/tokenizer/Tokenizer.h"
#include "runtime/tokenizer/Tokenizer.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

namespace setun::test {

/// A directory that goes away with the object.
class TempDirectory {
public:
  TempDirectory() { llvm::sys::fs::createUniqueDirectory("setun-tok", path); }
  ~TempDirectory() { llvm::sys::fs::remove_directories(path); }

  void write(llvm::StringRef name, llvm::StringRef text) const {
    std::error_code error;
    llvm::raw_fd_ostream((path + "/" + name).str(), error) << text;
  }
  llvm::StringRef name() const { return path; }

private:
  llvm::SmallString<128> path;
};

inline std::string readFile(const llvm::Twine &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  EXPECT_TRUE(buffer) << path.str();
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// A file of a checkpoint in examples/.
inline std::string example(llvm::StringRef path) {
  return readFile(SETUN_SOURCE_DIR "/examples/" + path);
}

/// Compiled tables and the tokenizer that uses them.
struct Compiled {
  std::vector<char> blob;
  runtime::Tokenizer tokenizer;
};

inline Compiled compile(llvm::StringRef directory, uint32_t vocabSize) {
  auto blob = frontends::compileTokenizer(directory, vocabSize);
  if (!blob) {
    ADD_FAILURE() << llvm::toString(blob.takeError());
    exit(1);
  }
  auto *bytes = reinterpret_cast<const uint8_t *>(blob->data());
  EXPECT_TRUE(runtime::Tokenizer::valid(bytes, blob->size()));
  return {std::move(*blob), runtime::Tokenizer(bytes)};
}

inline Compiled compileExample(llvm::StringRef name, uint32_t vocabSize) {
  return compile((SETUN_SOURCE_DIR "/examples/" + name).str(), vocabSize);
}

/// The tokenizer of a tokenizer.json's text, and of a tokenizer_config.json's.
inline Compiled compileText(llvm::StringRef json, uint32_t vocabSize,
                            llvm::StringRef config = "{}") {
  TempDirectory directory;
  directory.write("tokenizer.json", json);
  directory.write("tokenizer_config.json", config);
  return compile(directory.name(), vocabSize);
}

/// What compileTokenizer says about a directory's file, "" if it is happy.
inline std::string errorOf(llvm::StringRef file, llvm::StringRef text,
                           uint32_t vocabSize) {
  TempDirectory directory;
  directory.write(file, text);
  auto blob = frontends::compileTokenizer(directory.name(), vocabSize);
  return blob ? "" : llvm::toString(blob.takeError());
}

} // namespace setun::test

#endif // SETUN_TESTS_FRONTENDS_TOKENIZER_TESTTOKENIZER_H
