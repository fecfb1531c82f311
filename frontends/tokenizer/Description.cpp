//===- Description.cpp --------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/Description.h"

#include "llvm/ADT/StringExtras.h"

#include <utf8proc.h>

using namespace llvm;

namespace setun::frontends::tokenizer {

/// More than any vocabulary, and little enough to allocate.
static constexpr int64_t kMaxTokens = 1 << 22;

bool addToken(Description &d, StringRef name, int64_t id, uint32_t vocabSize,
              const Twine &place, Problems &problems) {
  if (id < 0 || id >= std::min<int64_t>(vocabSize, kMaxTokens)) {
    problems.add(place, "found id " + Twine(id) + " for token '" + name +
                            "', expected one below the model's vocabulary of " +
                            Twine(vocabSize));
    return false;
  }
  if (auto known = d.find(name); known && *known != id) {
    problems.add(place, "token '" + name + "' has the ids " + Twine(*known) +
                            " and " + Twine(id) + ", expected one");
    return false;
  }
  if (d.tokens.size() <= size_t(id))
    d.tokens.resize(id + 1);
  auto &slot = d.tokens[id].name;
  if (slot && *slot != name) {
    problems.add(place, "id " + Twine(id) + " belongs to the tokens '" + *slot +
                            "' and '" + name + "', expected one");
    return false;
  }
  slot = name.str();
  d.ids[name] = id;
  return true;
}

std::string byteTokenName(uint8_t byte) {
  return "<0x" + utohexstr(byte, /*LowerCase=*/false, /*Width=*/2) + ">";
}

std::optional<uint8_t> byteOfName(StringRef name) {
  uint8_t byte;
  if (name.size() != 6 || !name.consume_front("<0x") ||
      !name.consume_back(">") || name.getAsInteger(16, byte))
    return std::nullopt;
  return byte;
}

bool findByteTokens(Description &d, Problems &problems) {
  unsigned found = 0;
  for (unsigned byte = 0; byte < 256; ++byte)
    if (auto id = d.find(byteTokenName(byte))) {
      d.byteSymbols[byte] = *id;
      ++found;
    }
  if (found != 0 && found != 256)
    problems.add("byte_fallback", "found " + Twine(found) +
                                      " of the tokens <0x00> to <0xFF>, "
                                      "expected all 256 or none");
  return found == 256;
}

/// The 68 bytes that are no printable Latin-1 character take, in order, the
/// code points from 256 on; all others stand for themselves.
static const std::array<uint16_t, 256> &alphabet() {
  static const auto table = [] {
    std::array<uint16_t, 256> result;
    uint16_t next = 256;
    for (unsigned byte = 0; byte < 256; ++byte) {
      bool printable =
          (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte != 0xad);
      result[byte] = printable ? byte : next++;
    }
    return result;
  }();
  return table;
}

uint32_t codePointOfByte(uint8_t byte) { return alphabet()[byte]; }

std::string alphabetOfByte(uint8_t byte) {
  utf8proc_uint8_t text[4];
  auto count = utf8proc_encode_char(alphabet()[byte], text);
  return std::string(text, text + count);
}

std::optional<std::string> bytesOfAlphabet(StringRef text) {
  static const auto byteOf = [] {
    std::array<int16_t, 512> result;
    result.fill(-1);
    for (unsigned byte = 0; byte < 256; ++byte)
      result[alphabet()[byte]] = byte;
    return result;
  }();
  std::string bytes;
  auto *at = reinterpret_cast<const utf8proc_uint8_t *>(text.begin());
  auto *end = reinterpret_cast<const utf8proc_uint8_t *>(text.end());
  while (at != end) {
    utf8proc_int32_t c;
    auto count = utf8proc_iterate(at, end - at, &c);
    if (count <= 0 || size_t(c) >= byteOf.size() || byteOf[c] < 0)
      return std::nullopt;
    bytes += char(byteOf[c]);
    at += count;
  }
  return bytes;
}

std::string replaceAll(StringRef text, StringRef pattern, StringRef content) {
  std::string result;
  for (size_t at; (at = text.find(pattern)) != StringRef::npos;) {
    result += text.take_front(at);
    result += content;
    text = text.drop_front(at + pattern.size());
  }
  return result + text.str();
}

} // namespace setun::frontends::tokenizer
