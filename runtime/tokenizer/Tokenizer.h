//===- Tokenizer.h - Text to ids and back -----------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_TOKENIZER_TOKENIZER_H
#define SETUN_RUNTIME_TOKENIZER_TOKENIZER_H

#include "runtime/tokenizer/Blob.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace setun::runtime {

/// Bytes [begin, end) of a text.
struct TextSpan {
  size_t begin, end;
};

/// The tokenizer whose tables lie at `blob`, which must outlive it and be
/// 8-byte aligned. Cheap to make and to copy.
class Tokenizer {
public:
  /// Whether the bytes are a tokenizer of this version whose tables lie within
  /// them. What the tables say is the compiler's word.
  static bool valid(const uint8_t *blob, size_t bytes);

  explicit Tokenizer(const uint8_t *blob) : blob(blob) {}

  /// Any bytes become ids. `addSpecial` puts what the checkpoint puts around a
  /// text (mostly: BOS first). `parseSpecial` false makes "<s>" in the text
  /// four ordinary characters.
  std::vector<int32_t> encode(std::string_view text, bool addSpecial = true,
                              bool parseSpecial = true) const;

  /// The same for text of which some bytes are only text: special tokens are
  /// not looked for there. Ascending, apart; the rest is trusted.
  std::vector<int32_t> encode(std::string_view text,
                              std::span<const TextSpan> plain) const;

  /// The bytes that the ids stand for; they are UTF-8 if the ids are sensible.
  /// Special tokens are silent unless `showSpecial`; unknown ids always are.
  std::string decode(std::span<const int32_t> ids,
                     bool showSpecial = false) const;

  /// -1: there is none.
  int32_t bosToken() const { return blob.header().bosToken; }
  int32_t eosToken() const { return blob.header().eosToken; }
  /// Whether encode puts BOS first.
  bool addsBos() const;
  /// EOS and the tokens that by their name end a turn.
  std::span<const int32_t> stopTokens() const {
    return blob.span(blob.header().stopTokens);
  }
  uint32_t numTokens() const { return blob.header().numTokens; }
  bool isSpecial(int32_t id) const;
  /// The bytes of one token, a special one's name included.
  std::string_view tokenText(int32_t id) const;

private:
  friend class StreamDecoder;
  Blob blob;
};

/// Decodes ids one by one as they are generated. The parts put together are
/// what decode gives for all ids; none ends inside a UTF-8 character.
class StreamDecoder {
public:
  /// `atStart` false: the ids go on after others, so that nothing is stripped
  /// from their front.
  explicit StreamDecoder(Tokenizer tokenizer, bool atStart = true,
                         bool showSpecial = false);

  /// The text that `id` makes ready, possibly none.
  std::string add(int32_t id);
  /// What was held back: a character's bytes that never became complete.
  std::string finish();

private:
  Tokenizer tokenizer;
  std::string pending;
  uint32_t spacesToStrip;
  bool firstToken;
  bool showSpecial;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_TOKENIZER_TOKENIZER_H
