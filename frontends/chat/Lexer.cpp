//===- Lexer.cpp - Jinja text to tokens -----------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/chat/Lexer.h"

#include "runtime/abi/Template.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

using namespace llvm;

namespace setun::frontends::chat {
namespace {

/// One line feed for every kind of newline, none at the very end.
std::string unifyNewlines(StringRef source) {
  std::string result;
  for (size_t i = 0; i < source.size(); ++i) {
    bool pair =
        source[i] == '\r' && i + 1 < source.size() && source[i + 1] == '\n';
    result += source[i] == '\r' ? '\n' : source[i];
    i += pair;
  }
  if (StringRef(result).ends_with("\n"))
    result.pop_back();
  return result;
}

/// The code point that starts at text[at], and its bytes.
std::pair<uint32_t, size_t> decodeAt(StringRef text, size_t at) {
  const auto *begin = text.bytes_begin() + at, *from = begin;
  UTF32 point;
  if (convertUTF8Sequence(&from, text.bytes_end(), &point, strictConversion) !=
      conversionOK)
    return {0xfffd, 1};
  return {point, size_t(from - begin)};
}

size_t skipSpaces(StringRef text, size_t at) {
  while (at < text.size()) {
    auto [point, bytes] = decodeAt(text, at);
    if (!abi::isSpace(point))
      break;
    at += bytes;
  }
  return at;
}

StringRef trimRight(StringRef text) {
  for (size_t end = text.size(); end > 0;) {
    size_t start = end - 1;
    while (start > 0 && (text[start] & 0xc0) == 0x80)
      --start;
    if (!abi::isSpace(decodeAt(text, start).first))
      return text.take_front(end);
    end = start;
  }
  return "";
}

class Lexer {
public:
  Lexer(StringRef source, std::optional<Problem> &problem)
      : storage(unifyNewlines(source)), text(storage), problem(problem) {}

  std::vector<Token> run() {
    while (!problem && at < text.size())
      data();
    add(Token::End, "");
    return std::move(tokens);
  }

private:
  void add(Token::Kind kind, StringRef value) {
    tokens.push_back({kind, line, value.str()});
  }
  void fail(const Twine &what) {
    if (!problem)
      problem = Problem{line, what.str()};
    at = text.size();
  }
  bool sees(StringRef word) const { return text.substr(at).starts_with(word); }
  void moveTo(size_t end) {
    line += text.slice(at, end).count('\n');
    at = end;
  }

  void data();
  void addData(size_t end, char sign, bool isOutput);
  bool raw(size_t begin, char sign);
  void comment();
  void inside(bool isOutput);
  bool closes(bool isOutput);
  /// Takes "-%}", "+%}" or "%}" and the spaces that go with it.
  bool takeEnd(StringRef end, bool takesNewline, bool allowsPlus);
  void code();
  void number();
  void string();
  void op();

  std::string storage;
  StringRef text;
  std::optional<Problem> &problem;
  std::vector<Token> tokens;
  size_t at = 0;
  unsigned line = 1;
  bool lineStarts = true; ///< what came before ended with a newline
  std::string open;       ///< brackets
};

/// Text up to the next delimiter, and what follows that.
void Lexer::data() {
  size_t begin = at;
  while ((begin = text.find('{', begin)) != StringRef::npos) {
    StringRef mark = text.substr(begin, 2);
    if (mark == "{%" || mark == "{{" || mark == "{#")
      break;
    ++begin;
  }
  if (begin == StringRef::npos) {
    add(Token::Data, text.substr(at));
    at = text.size();
    return;
  }
  char kind = text[begin + 1];
  char sign = begin + 2 < text.size() ? text[begin + 2] : 0;
  if (sign != '-' && sign != '+')
    sign = 0;
  addData(begin, sign, kind == '{');
  lineStarts = false;
  if (kind == '%' && raw(begin, sign))
    return;
  moveTo(begin + 2 + (sign != 0));
  if (kind == '#')
    return comment();
  add(kind == '{' ? Token::OutputBegin : Token::TagBegin, "");
  inside(kind == '{');
}

/// "-" takes all space before it; a tag alone at its line's start takes that.
void Lexer::addData(size_t end, char sign, bool isOutput) {
  StringRef data = text.slice(at, end);
  if (sign == '-') {
    data = trimRight(data);
  } else if (sign != '+' && !isOutput) {
    size_t start = data.rfind('\n') + 1; // npos + 1 is 0
    if ((start > 0 || lineStarts) && skipSpaces(data, start) == data.size())
      data = data.take_front(start);
  }
  if (!data.empty())
    add(Token::Data, data);
  moveTo(end);
}

bool Lexer::takeEnd(StringRef end, bool takesNewline, bool allowsPlus) {
  StringRef rest = text.substr(at);
  if (rest.consume_front("-") && rest.starts_with(end)) {
    moveTo(skipSpaces(text, at + 1 + end.size()));
  } else if (rest = text.substr(at);
             allowsPlus && rest.consume_front("+") && rest.starts_with(end)) {
    moveTo(at + 1 + end.size());
  } else if (sees(end)) {
    moveTo(at + end.size());
    if (takesNewline && sees("\n"))
      moveTo(at + 1);
  } else {
    return false;
  }
  lineStarts = text[at - 1] == '\n';
  return true;
}

/// {% raw %}…{% endraw %}; false when this tag is another one.
bool Lexer::raw(size_t begin, char sign) {
  size_t inner = skipSpaces(text, begin + 2 + (sign != 0));
  if (!text.substr(inner).starts_with("raw"))
    return false;
  inner = skipSpaces(text, inner + 3);
  if (!text.substr(inner).starts_with("%}") &&
      !text.substr(inner).starts_with("-%}"))
    return false;
  moveTo(inner);
  takeEnd("%}", /*takesNewline=*/false, /*allowsPlus=*/false);
  for (size_t end = at; (end = text.find("{%", end)) != StringRef::npos;
       ++end) {
    char endSign = end + 2 < text.size() ? text[end + 2] : 0;
    if (endSign != '-' && endSign != '+')
      endSign = 0;
    size_t word = skipSpaces(text, end + 2 + (endSign != 0));
    if (!text.substr(word).starts_with("endraw"))
      continue;
    size_t close = skipSpaces(text, word + 6);
    StringRef rest = text.substr(close);
    if (!rest.starts_with("%}") && !rest.starts_with("-%}") &&
        !rest.starts_with("+%}"))
      continue;
    addData(end, endSign, /*isOutput=*/false);
    moveTo(close);
    takeEnd("%}", /*takesNewline=*/true, /*allowsPlus=*/true);
    return true;
  }
  fail("'{% raw %}' without '{% endraw %}'");
  return true;
}

void Lexer::comment() {
  for (size_t end = at; (end = text.find("#}", end)) != StringRef::npos;) {
    bool hasSign = end > at && (text[end - 1] == '-' || text[end - 1] == '+');
    moveTo(hasSign ? end - 1 : end);
    takeEnd("#}", /*takesNewline=*/true, /*allowsPlus=*/true);
    return;
  }
  fail("'{#' without '#}'");
}

bool Lexer::closes(bool isOutput) {
  if (!open.empty())
    return false;
  return isOutput ? takeEnd("}}", false, false) : takeEnd("%}", true, true);
}

void Lexer::inside(bool isOutput) {
  unsigned begin = line;
  open.clear();
  while (at < text.size() && !problem) {
    unsigned here = line;
    if (closes(isOutput)) {
      tokens.push_back({isOutput ? Token::OutputEnd : Token::TagEnd, here, ""});
      return;
    }
    if (size_t end = skipSpaces(text, at); end > at)
      moveTo(end);
    else
      code();
  }
  line = begin;
  fail(isOutput ? "'{{' without '}}'" : "'{%' without '%}'");
}

void Lexer::code() {
  char c = text[at];
  if (isDigit(c))
    return number();
  if (c == '"' || c == '\'')
    return string();
  if (!isAlpha(c) && c != '_')
    return op();
  size_t end = at;
  while (end < text.size() && (isAlnum(text[end]) || text[end] == '_'))
    ++end;
  add(Token::Name, text.slice(at, end));
  at = end;
}

/// Digits with single underscores between them.
static size_t skipDigits(StringRef text, size_t at) {
  while (at < text.size() &&
         (isDigit(text[at]) ||
          (text[at] == '_' && at + 1 < text.size() && isDigit(text[at + 1]) &&
           at > 0 && isDigit(text[at - 1]))))
    ++at;
  return at;
}

void Lexer::number() {
  size_t end = skipDigits(text, at);
  bool isFloat = false;
  auto digitAt = [&](size_t i) { return i < text.size() && isDigit(text[i]); };
  // In "x.0.1" the numbers are two indices.
  if (at == 0 || text[at - 1] != '.') {
    size_t exponent = end;
    if (exponent < text.size() && text[exponent] == '.' &&
        digitAt(exponent + 1)) {
      exponent = end = skipDigits(text, exponent + 1);
      isFloat = true;
    }
    if (exponent < text.size() && toLower(text[exponent]) == 'e') {
      ++exponent;
      if (exponent < text.size() &&
          (text[exponent] == '+' || text[exponent] == '-'))
        ++exponent;
      if (digitAt(exponent)) {
        end = skipDigits(text, exponent);
        isFloat = true;
      }
    }
  }
  if (!isFloat && end == at + 1 && text[at] == '0' && end < text.size() &&
      StringRef("xXoObB").contains(text[end]))
    return fail("a number that is not decimal");
  std::string digits = text.slice(at, end).str();
  llvm::erase(digits, '_');
  add(isFloat ? Token::Float : Token::Integer, digits);
  at = end;
}

/// The value of up to `most` digits of a base; their number must be `least`.
static std::optional<uint32_t> readDigits(StringRef text, size_t &at,
                                          unsigned base, unsigned least,
                                          unsigned most) {
  uint32_t value = 0;
  unsigned count = 0;
  for (; count < most && at < text.size(); ++count, ++at) {
    unsigned digit = hexDigitValue(text[at]);
    if (digit >= base)
      break;
    value = value * base + digit;
  }
  if (count < least)
    return std::nullopt;
  return value;
}

static bool appendPoint(std::string &out, uint32_t point) {
  char buffer[UNI_MAX_UTF8_BYTES_PER_CODE_POINT], *end = buffer;
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ||
      !ConvertCodePointToUTF8(point, end))
    return false;
  out.append(buffer, end);
  return true;
}

/// An escape behind its backslash; false when it makes no sense.
static bool unescape(StringRef text, size_t &at, std::string &out) {
  char c = text[at++];
  static constexpr StringLiteral kFrom = "\\'\"abfnrtv";
  static constexpr StringLiteral kTo = "\\'\"\a\b\f\n\r\t\v";
  if (size_t i = kFrom.find(c); i != StringRef::npos) {
    out += kTo[i];
    return true;
  }
  std::optional<uint32_t> point;
  switch (c) {
  case '\n':
    return true;
  case 'x':
    point = readDigits(text, at, 16, 2, 2);
    break;
  case 'u':
    point = readDigits(text, at, 16, 4, 4);
    break;
  case 'U':
    point = readDigits(text, at, 16, 8, 8);
    break;
  case '0' ... '7':
    point = readDigits(text, --at, 8, 1, 3);
    break;
  case 'N':
    return false;
  default: // Python leaves what it does not know.
    out += '\\';
    out += c;
    return true;
  }
  return point && appendPoint(out, *point);
}

void Lexer::string() {
  char quote = text[at];
  std::string value;
  size_t i = at + 1;
  while (i < text.size() && text[i] != quote) {
    if (text[i] != '\\') {
      value += text[i++];
      continue;
    }
    if (++i >= text.size() || !unescape(text, i, value))
      return fail("a string with an escape that is not understood");
  }
  if (i >= text.size())
    return fail("a string without end");
  add(Token::String, value);
  moveTo(i + 1);
}

void Lexer::op() {
  for (StringRef two : {"//", "**", "==", "!=", ">=", "<="})
    if (sees(two)) {
      add(Token::Operator, two);
      at += 2;
      return;
    }
  char c = text[at];
  if (!StringRef("+-/*%~[](){}><=.:|,;").contains(c))
    return fail("the character '" + text.substr(at, decodeAt(text, at).second) +
                "'");
  if (StringRef("([{").contains(c))
    open += c == '(' ? ')' : c == '[' ? ']' : '}';
  if (StringRef(")]}").contains(c)) {
    if (open.empty() || open.back() != c)
      return fail("'" + Twine(c) + "' where nothing is open");
    open.pop_back();
  }
  add(Token::Operator, text.substr(at, 1));
  ++at;
}

} // namespace

std::vector<Token> lex(StringRef source, std::optional<Problem> &problem) {
  return Lexer(source, problem).run();
}

} // namespace setun::frontends::chat
