//===- Decode.cpp - Ids to text -------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Tokenizer.h"
#include "runtime/tokenizer/Utf8.h"

using namespace setun::abi;

namespace setun::runtime {

bool Tokenizer::isSpecial(int32_t id) const {
  return uint32_t(id) < numTokens() &&
         blob.data(blob.header().tokenFlags)[id] & kTokenSpecial;
}

std::string_view Tokenizer::tokenText(int32_t id) const {
  return uint32_t(id) < numTokens() ? blob.decoded(id) : std::string_view();
}

std::string Tokenizer::decode(std::span<const int32_t> ids,
                              bool showSpecial) const {
  StreamDecoder decoder(*this, /*atStart=*/true, showSpecial);
  std::string text;
  for (int32_t id : ids)
    text += decoder.add(id);
  return text + decoder.finish();
}

StreamDecoder::StreamDecoder(Tokenizer tokenizer, bool atStart,
                             bool showSpecial)
    : tokenizer(tokenizer),
      spacesToStrip(atStart ? tokenizer.blob.header().leadingSpaces : 0),
      firstToken(atStart && tokenizer.blob.has(kFirstTokenHasNoSpace)),
      showSpecial(showSpecial) {}

std::string StreamDecoder::add(int32_t id) {
  if (uint32_t(id) >= tokenizer.numTokens() ||
      (tokenizer.isSpecial(id) && !showSpecial))
    return {};
  std::string_view text = tokenizer.tokenText(id);
  while (spacesToStrip && text.starts_with(' ')) {
    text.remove_prefix(1);
    --spacesToStrip;
  }
  if (!text.empty())
    spacesToStrip = 0;
  pending += text;
  if (firstToken)
    std::erase(pending, ' ');
  firstToken = false;

  size_t ready = pending.size() - unfinishedBytes(pending);
  std::string result = pending.substr(0, ready);
  pending.erase(0, ready);
  return result;
}

std::string StreamDecoder::finish() {
  std::string rest;
  rest.swap(pending);
  return rest;
}

} // namespace setun::runtime
