//===- tokenize.cpp - How fast is a checkpoint's tokenizer? ---------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// build/release/bin/tokenize-bench DIRECTORY TEXT
// prints MB/s of encoding and decoding a text, the best of several runs.
//
// With --ids TEXT holds many texts with a NUL after each, and the ids of each
// are printed on a line: what to compare with another implementation.

#include "frontends/tokenizer/Tokenizer.h"
#include "runtime/tokenizer/Tokenizer.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <functional>

using namespace setun;

static constexpr uint32_t kAnyVocabulary = 1 << 22;

/// Seconds of the fastest of the runs that fit in some seconds.
static double fastest(const std::function<void()> &work) {
  using Clock = std::chrono::steady_clock;
  double best = 1e9, all = 0;
  for (int i = 0; i < 3 || all < 3; ++i) {
    auto start = Clock::now();
    work();
    double seconds =
        std::chrono::duration<double>(Clock::now() - start).count();
    best = std::min(best, seconds);
    all += seconds;
  }
  return best;
}

static void printIds(const runtime::Tokenizer &tokenizer, llvm::StringRef all) {
  while (!all.empty()) {
    auto [text, rest] = all.split('\0');
    for (int32_t id : tokenizer.encode(text))
      llvm::outs() << id << ' ';
    llvm::outs() << '\n';
    all = rest;
  }
}

static void measure(const runtime::Tokenizer &tokenizer, llvm::StringRef text) {
  std::vector<int32_t> ids;
  std::string back;
  double encode = fastest([&] { ids = tokenizer.encode(text); });
  double decode = fastest([&] { back = tokenizer.decode(ids); });
  llvm::outs() << text.size() << " bytes, " << ids.size() << " tokens: encode "
               << llvm::format("%.1f", text.size() / encode / 1e6)
               << " MB/s, decode "
               << llvm::format("%.1f", text.size() / decode / 1e6) << " MB/s\n";
}

int main(int argc, char **argv) {
  llvm::ExitOnError orExit("tokenize-bench: ");
  bool ids = argc == 4 && llvm::StringRef(argv[3]) == "--ids";
  if (argc != 3 && !ids) {
    llvm::errs() << "usage: tokenize-bench DIRECTORY TEXT [--ids]\n";
    return 2;
  }
  auto blob = orExit(frontends::compileTokenizer(argv[1], kAnyVocabulary));
  runtime::Tokenizer tokenizer(reinterpret_cast<const uint8_t *>(blob.data()));
  auto text = orExit(llvm::errorOrToExpected(
      llvm::MemoryBuffer::getFile(argv[2], /*IsText=*/false)));
  if (ids)
    printIds(tokenizer, text->getBuffer());
  else
    measure(tokenizer, text->getBuffer());
  return 0;
}
