//===- Text.h - Text that knows which of it users wrote ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CHAT_TEXT_H
#define SETUN_RUNTIME_CHAT_TEXT_H

#include "runtime/abi/Template.h"

#include <stddef.h>
#include <string>
#include <string_view>
#include <vector>

namespace setun::runtime::chat {

/// Bytes [begin, end).
struct Range {
  size_t begin, end;
};

/// UTF-8. What came from users stays marked through all that a template does
/// with it: names of control tokens in there are ordinary text.
class Text {
public:
  Text() = default;
  explicit Text(std::string_view trusted) : data(trusted) {}

  static Text fromUser(std::string_view bytes) {
    Text text(bytes);
    text.mark(0, bytes.size());
    return text;
  }

  std::string_view view() const { return data; }
  size_t size() const { return data.size(); }
  bool empty() const { return data.empty(); }
  /// What users wrote: apart, ascending.
  const std::vector<Range> &plain() const { return ranges; }

  void append(std::string_view trusted) { data += trusted; }
  void append(const Text &other) { append(other, 0, other.size()); }
  void append(const Text &other, size_t from, size_t to);
  /// Other bytes for those of `other`: all a user's if some of those are.
  void appendLike(const Text &other, std::string_view bytes);
  Text slice(size_t from, size_t to) const;
  /// For rewriting bytes in place.
  char *bytes() { return data.data(); }

private:
  void mark(size_t begin, size_t end);

  std::string data;
  std::vector<Range> ranges;
};

/// A code point and its bytes; those that are no UTF-8 come one by one.
struct Point {
  uint32_t value;
  size_t bytes;
};
Point pointAt(std::string_view text, size_t at);
/// Where the code point before `at` > 0 begins.
size_t pointBefore(std::string_view text, size_t at);
size_t countPoints(std::string_view text);
/// Where the point with this number begins, or the text's end.
size_t offsetOf(std::string_view text, size_t point);
bool isAscii(std::string_view text);
void appendPoint(std::string &text, uint32_t point);
/// What is no UTF-8 becomes U+FFFD.
std::string repairUtf8(std::string_view text);

/// Where text without white space at its ends begins and ends. With
/// `characters` it is those that go.
Range stripped(std::string_view text, bool left, bool right,
               const std::string_view *characters = nullptr);

} // namespace setun::runtime::chat

#endif // SETUN_RUNTIME_CHAT_TEXT_H
