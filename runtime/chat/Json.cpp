//===- Json.cpp - JSON to values ------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Json.h"

#include <errno.h>
#include <stdlib.h>

namespace setun::runtime::chat {
namespace {

constexpr unsigned kMaxDepth = 100;

class Reader {
public:
  explicit Reader(std::string_view text) : text(text) {}

  std::string run(Value &result) {
    result = value();
    skipSpaces();
    if (error.empty() && at < text.size())
      fail("something behind the value");
    return error;
  }

private:
  Value fail(const char *what) {
    if (error.empty()) {
      size_t line = 1;
      for (char c : text.substr(0, at))
        line += c == '\n';
      error = "line " + std::to_string(line) + ": " + what;
    }
    return {};
  }
  void skipSpaces() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n' ||
                                text[at] == '\t' || text[at] == '\r'))
      ++at;
  }
  char peek() {
    skipSpaces();
    return at < text.size() ? text[at] : 0;
  }
  bool take(char c) {
    bool found = peek() == c;
    at += found;
    return found;
  }
  bool takeWord(std::string_view word) {
    bool found = text.substr(at).starts_with(word);
    at += found ? word.size() : 0;
    return found;
  }

  Value value();
  Value object();
  Value array();
  Value number();
  Value string();
  bool escape(std::string &out);
  bool hex(uint32_t &unit);

  std::string_view text;
  size_t at = 0;
  unsigned depth = 0;
  std::string error;
};

Value Reader::value() {
  char c = peek();
  if (c == '"')
    return string();
  if (c == '-' || (c >= '0' && c <= '9'))
    return number();
  if (takeWord("true"))
    return true;
  if (takeWord("false"))
    return false;
  if (takeWord("null"))
    return Value::none();
  if (c != '{' && c != '[')
    return fail("expected a JSON value");
  if (++depth > kMaxDepth)
    return fail("JSON that is nested more than 100 deep");
  Value result = c == '{' ? object() : array();
  --depth;
  return result;
}

Value Reader::object() {
  Value result = makeDict();
  take('{');
  if (take('}'))
    return result;
  do {
    if (peek() != '"')
      return fail("expected a name in quotes");
    Value name = string();
    if (!take(':'))
      return fail("expected ':'");
    result.dict().set(name, value());
    if (!error.empty())
      return {};
  } while (take(','));
  return take('}') ? result : fail("expected ',' or '}'");
}

Value Reader::array() {
  std::vector<Value> items;
  take('[');
  if (take(']'))
    return makeList({});
  do {
    items.push_back(value());
    if (!error.empty())
      return {};
  } while (take(','));
  return take(']') ? makeList(std::move(items)) : fail("expected ',' or ']'");
}

Value Reader::number() {
  size_t begin = at;
  auto digits = [&] {
    size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9')
      ++at;
    return at > from;
  };
  auto takeHere = [&](std::string_view any) {
    bool found = at < text.size() && any.find(text[at]) != any.npos;
    at += found;
    return found;
  };
  takeHere("-");
  bool leadingZero = at < text.size() && text[at] == '0', fine = digits();
  fine &= !leadingZero || text[at - 1] == '0';
  bool isFloat = false;
  if (takeHere(".")) {
    isFloat = true;
    fine &= digits();
  }
  if (takeHere("eE")) {
    isFloat = true;
    takeHere("+-");
    fine &= digits();
  }
  if (!fine)
    return fail("a number that is none");
  std::string copy(text.substr(begin, at - begin));
  if (isFloat)
    return strtod(copy.c_str(), nullptr);
  errno = 0;
  int64_t number = strtoll(copy.c_str(), nullptr, 10);
  return errno ? fail("an integer of more than 64 bits") : Value(number);
}

bool Reader::hex(uint32_t &unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i, ++at) {
    char c = at < text.size() ? text[at] : 0;
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0)
      return false;
    unit = unit * 16 + digit;
  }
  return true;
}

/// Behind a backslash.
bool Reader::escape(std::string &out) {
  constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
  char c = at < text.size() ? text[at++] : 0;
  if (size_t i = kFrom.find(c); c && i != kFrom.npos) {
    out += kTo[i];
    return true;
  }
  uint32_t unit, low;
  if (c != 'u' || !hex(unit))
    return false;
  if (unit >= 0xd800 && unit < 0xdc00 && takeWord("\\u")) {
    if (!hex(low))
      return false;
    if (low >= 0xdc00 && low < 0xe000) {
      appendPoint(out, 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff));
      return true;
    }
    appendPoint(out, 0xfffd);
    unit = low;
  }
  appendPoint(out, unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
  return true;
}

Value Reader::string() {
  std::string result;
  for (++at; at < text.size() && text[at] != '"';) {
    if (uint8_t(text[at]) < 32)
      return fail("a control character in a string");
    if (text[at] != '\\') {
      result += text[at++];
      continue;
    }
    ++at;
    if (!escape(result))
      return fail("an escape that is none");
  }
  if (at >= text.size())
    return fail("a string without end");
  ++at;
  return Text::fromUser(repairUtf8(result));
}

} // namespace

std::string readJson(std::string_view text, Value &value) {
  return Reader(text).run(value);
}

} // namespace setun::runtime::chat
