//===- FuzzTokenizerText.cpp - Any text -----------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Through both kinds of tokenizer of the examples; both give any bytes back.

#include "frontends/tokenizer/Tokenizer.h"
#include "runtime/tokenizer/Tokenizer.h"

using namespace setun;

static std::vector<char> compile(const char *example, uint32_t vocabSize) {
  std::string path = std::string(SETUN_SOURCE_DIR "/examples/") + example;
  return llvm::cantFail(frontends::compileTokenizer(path, vocabSize));
}

/// A ▁ in the text comes back as a space: SentencePiece cannot tell.
static bool isLossless(std::string_view text) {
  return text.find("\u2581") == std::string_view::npos;
}

static void roundTrip(const std::vector<char> &blob, std::string_view text,
                      bool parseSpecial) {
  runtime::Tokenizer tokenizer(reinterpret_cast<const uint8_t *>(blob.data()));
  auto ids = tokenizer.encode(text, /*addSpecial=*/false, parseSpecial);
  std::string whole = tokenizer.decode(ids), streamed;
  runtime::StreamDecoder decoder(tokenizer);
  for (int32_t id : ids)
    streamed += decoder.add(id);
  streamed += decoder.finish();
  bool same = whole == text || parseSpecial || !isLossless(text);
  if (streamed != whole || !same)
    __builtin_trap();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const auto pieces = compile("tinystories-3m", 512);
  static const auto bytes = compile("shakespeare-relu2/packed", 1024);
  std::string_view text(reinterpret_cast<const char *>(data), size);
  for (bool parseSpecial : {false, true}) {
    roundTrip(pieces, text, parseSpecial);
    roundTrip(bytes, text, parseSpecial);
  }
  return 0;
}
