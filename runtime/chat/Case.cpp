//===- Case.cpp - Upper and lower case ------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Case.h"

#include <optional>

namespace setun::runtime::chat {

namespace {
/// A letter's other case, itself where it has one case only.
struct Letter {
  uint32_t upper, lower;
  bool cased() const { return upper != lower; }
};
} // namespace

/// Pairs side by side; the upper one has this parity.
static Letter pairOf(uint32_t c, uint32_t upperParity) {
  bool isUpper = c % 2 == upperParity;
  return isUpper ? Letter{c, c + 1} : Letter{c - 1, c};
}

static bool isIn(uint32_t c, uint32_t first, uint32_t last) {
  return c >= first && c <= last;
}

static std::optional<Letter> latin(uint32_t c) {
  if (isIn(c, 0x100, 0x12f) || isIn(c, 0x132, 0x137) || isIn(c, 0x14a, 0x177))
    return pairOf(c, 0);
  if (isIn(c, 0x139, 0x148) || isIn(c, 0x179, 0x17e))
    return pairOf(c, 1);
  if (c == 0x178)
    return Letter{0x178, 0xff};
  return std::nullopt;
}

static std::optional<Letter> greek(uint32_t c) {
  static constexpr uint16_t kAccents[][2] = {
      {0x386, 0x3ac}, {0x388, 0x3ad}, {0x389, 0x3ae}, {0x38a, 0x3af},
      {0x38c, 0x3cc}, {0x38e, 0x3cd}, {0x38f, 0x3ce}};
  for (auto [upper, lower] : kAccents)
    if (c == upper || c == lower)
      return Letter{upper, lower};
  // Σ has two small forms.
  if (c == 0x3a3 || c == 0x3c2 || c == 0x3a2 || c == 0x390 || c == 0x3b0)
    return std::nullopt;
  if (isIn(c, 0x391, 0x3ab))
    return Letter{c, c + 32};
  if (isIn(c, 0x3b1, 0x3cb))
    return Letter{c - 32, c};
  return std::nullopt;
}

static std::optional<Letter> cyrillic(uint32_t c) {
  if (isIn(c, 0x410, 0x42f))
    return Letter{c, c + 32};
  if (isIn(c, 0x430, 0x44f))
    return Letter{c - 32, c};
  if (isIn(c, 0x400, 0x40f))
    return Letter{c, c + 80};
  if (isIn(c, 0x450, 0x45f))
    return Letter{c - 80, c};
  if (isIn(c, 0x460, 0x481) || isIn(c, 0x48a, 0x4bf) || isIn(c, 0x4d0, 0x52f))
    return pairOf(c, 0);
  if (isIn(c, 0x4c1, 0x4ce))
    return pairOf(c, 1);
  return std::nullopt;
}

/// Blocks of which some letters have two cases.
static bool mayBeCased(uint32_t c) {
  static constexpr uint32_t kBlocks[][2] = {
      {0x100, 0x2af},     {0x345, 0x345},     {0x370, 0x481},
      {0x48a, 0x587},     {0x10a0, 0x10ff},   {0x13a0, 0x13ff},
      {0x1c80, 0x1cbf},   {0x1d00, 0x1fff},   {0x2100, 0x218f},
      {0x24b6, 0x24e9},   {0x2c00, 0x2d2f},   {0xa640, 0xa7ff},
      {0xab30, 0xabbf},   {0xfb00, 0xfb17},   {0xff21, 0xff5a},
      {0x10400, 0x105bc}, {0x10780, 0x107ba}, {0x10c80, 0x10cff},
      {0x10d50, 0x10d8f}, {0x118a0, 0x118df}, {0x16e40, 0x16e7f},
      {0x1d400, 0x1e0ff}, {0x1e900, 0x1e943}, {0x1f130, 0x1f189}};
  for (auto [first, last] : kBlocks)
    if (isIn(c, first, last))
      return true;
  return false;
}

/// Nothing where this file does not know.
static std::optional<Letter> letterOf(uint32_t c) {
  if (isIn(c, 'A', 'Z') || (isIn(c, 0xc0, 0xde) && c != 0xd7))
    return Letter{c, c + 32};
  if (isIn(c, 'a', 'z') || (isIn(c, 0xe0, 0xfe) && c != 0xf7))
    return Letter{c - 32, c};
  if (c == 0xff)
    return Letter{0x178, 0xff};
  if (c == 0xb5 || c == 0xdf || c == 0xaa || c == 0xba)
    return std::nullopt;
  if (!mayBeCased(c))
    return Letter{c, c};
  if (c < 0x180)
    return latin(c);
  return c < 0x400 ? greek(c) : cyrillic(c);
}

bool changeCase(Text &text, Case wanted) {
  bool insideWord = false;
  std::string buffer;
  for (size_t at = 0; at < text.size();) {
    Point point = pointAt(text.view(), at);
    std::optional<Letter> letter = letterOf(point.value);
    if (!letter)
      return false;
    bool upper = wanted == Case::Upper ||
                 (wanted == Case::Capitalize && at == 0) ||
                 (wanted == Case::Title && !insideWord);
    buffer.clear();
    appendPoint(buffer, upper ? letter->upper : letter->lower);
    if (letter->cased())
      buffer.copy(text.bytes() + at, point.bytes);
    insideWord = letter->cased();
    at += point.bytes;
  }
  return true;
}

bool isCase(std::string_view text, Case wanted, bool &known) {
  bool found = false, other = false;
  known = true;
  for (size_t at = 0; at < text.size();) {
    Point point = pointAt(text, at);
    std::optional<Letter> letter = letterOf(point.value);
    known &= letter.has_value();
    if (letter && letter->cased()) {
      bool isUpper = letter->upper == point.value;
      (isUpper == (wanted == Case::Upper) ? found : other) = true;
    }
    at += point.bytes;
  }
  return found && !other;
}

} // namespace setun::runtime::chat
