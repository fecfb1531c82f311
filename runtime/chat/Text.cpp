//===- Text.cpp - Text that knows which of it users wrote -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Text.h"

#include <algorithm>

namespace setun::runtime::chat {

void Text::mark(size_t begin, size_t end) {
  if (begin == end)
    return;
  if (!ranges.empty() && ranges.back().end == begin)
    ranges.back().end = end;
  else
    ranges.push_back({begin, end});
}

void Text::append(const Text &other, size_t from, size_t to) {
  size_t base = data.size();
  data.append(other.data, from, to - from);
  for (Range range : other.ranges) {
    size_t begin = std::max(range.begin, from), end = std::min(range.end, to);
    if (begin < end)
      mark(base + begin - from, base + end - from);
  }
}

void Text::appendLike(const Text &other, std::string_view bytes) {
  size_t base = data.size();
  data += bytes;
  if (!other.ranges.empty())
    mark(base, data.size());
}

Text Text::slice(size_t from, size_t to) const {
  Text result;
  if (from < to)
    result.append(*this, from, to);
  return result;
}

Point pointAt(std::string_view text, size_t at) {
  auto byte = [&](size_t i) -> uint32_t {
    return at + i < text.size() ? uint8_t(text[at + i]) : 0;
  };
  auto next = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  uint32_t first = byte(0);
  if (first < 0x80)
    return {first, 1};
  if (first >= 0xc2 && first < 0xe0 && next(1))
    return {(first & 31) << 6 | (byte(1) & 63), 2};
  if (first >= 0xe0 && first < 0xf0 && next(1) && next(2)) {
    uint32_t value = (first & 15) << 12 | (byte(1) & 63) << 6 | (byte(2) & 63);
    if (value >= 0x800 && (value < 0xd800 || value >= 0xe000))
      return {value, 3};
  }
  if (first >= 0xf0 && first < 0xf5 && next(1) && next(2) && next(3)) {
    uint32_t value = (first & 7) << 18 | (byte(1) & 63) << 12 |
                     (byte(2) & 63) << 6 | (byte(3) & 63);
    if (value >= 0x10000 && value <= 0x10ffff)
      return {value, 4};
  }
  return {0xfffd, 1};
}

size_t pointBefore(std::string_view text, size_t at) {
  for (size_t bytes = std::min<size_t>(at, 4); bytes > 1; --bytes)
    if (pointAt(text, at - bytes).bytes == bytes)
      return at - bytes;
  return at - 1;
}

size_t countPoints(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); ++count)
    at += pointAt(text, at).bytes;
  return count;
}

size_t offsetOf(std::string_view text, size_t point) {
  size_t at = 0;
  while (point-- > 0 && at < text.size())
    at += pointAt(text, at).bytes;
  return at;
}

bool isAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return uint8_t(c) < 0x80; });
}

void appendPoint(std::string &text, uint32_t c) {
  if (c < 0x80) {
    text += char(c);
  } else if (c < 0x800) {
    text += char(0xc0 | c >> 6);
    text += char(0x80 | (c & 63));
  } else if (c < 0x10000) {
    text += char(0xe0 | c >> 12);
    text += char(0x80 | (c >> 6 & 63));
    text += char(0x80 | (c & 63));
  } else {
    text += char(0xf0 | c >> 18);
    text += char(0x80 | (c >> 12 & 63));
    text += char(0x80 | (c >> 6 & 63));
    text += char(0x80 | (c & 63));
  }
}

std::string repairUtf8(std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    Point point = pointAt(text, at);
    appendPoint(result, point.value);
    at += point.bytes;
  }
  return result;
}

Range stripped(std::string_view text, bool left, bool right,
               const std::string_view *characters) {
  auto goes = [&](size_t at, size_t bytes) {
    if (characters)
      return characters->find(text.substr(at, bytes)) != std::string_view::npos;
    return abi::isSpace(pointAt(text, at).value);
  };
  Range range{0, text.size()};
  while (left && range.begin < range.end) {
    size_t bytes = pointAt(text, range.begin).bytes;
    if (!goes(range.begin, bytes))
      break;
    range.begin += bytes;
  }
  while (right && range.begin < range.end) {
    size_t last = pointBefore(text, range.end);
    if (!goes(last, range.end - last))
      break;
    range.end = last;
  }
  return range;
}

} // namespace setun::runtime::chat
