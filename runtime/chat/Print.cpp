//===- Print.cpp - Values as text -----------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Print.h"

#include <algorithm>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

namespace setun::runtime::chat {

std::string printFloat(double value) {
  if (isnan(value))
    return "nan";
  if (isinf(value))
    return value < 0 ? "-inf" : "inf";
  char buffer[40];
  for (int digits = 0; digits < 17; ++digits) {
    snprintf(buffer, sizeof buffer, "%.*e", digits, value);
    if (strtod(buffer, nullptr) == value)
      break;
  }
  std::string text(buffer);
  size_t e = text.find('e');
  int exponent = atoi(text.c_str() + e + 1);
  std::string sign = text[0] == '-' ? "-" : "", digits;
  for (char c : text.substr(0, e))
    if (c >= '0' && c <= '9')
      digits += c;
  if (exponent < -4 || exponent >= 16) {
    std::string rest = digits.substr(1);
    snprintf(buffer, sizeof buffer, "e%c%02d", exponent < 0 ? '-' : '+',
             abs(exponent));
    return sign + digits[0] + (rest.empty() ? "" : "." + rest) + buffer;
  }
  if (exponent < 0)
    return sign + "0." + std::string(-exponent - 1, '0') + digits;
  if (digits.size() <= size_t(exponent) + 1)
    return sign + digits + std::string(exponent + 1 - digits.size(), '0') +
           ".0";
  return sign + digits.substr(0, exponent + 1) + "." +
         digits.substr(exponent + 1);
}

/// Control characters of Latin-1, which repr escapes. Of the rest beyond ASCII
/// all counts as printable.
static bool isHidden(uint32_t c) {
  return c < 32 || (c >= 127 && c <= 160) || c == 173;
}

static void quote(const Text &text, Text &out) {
  std::string_view view = text.view();
  bool doubles = view.find('\'') != view.npos && view.find('"') == view.npos;
  char mark = doubles ? '"' : '\'';
  std::string result(1, mark);
  for (size_t at = 0; at < view.size();) {
    Point point = pointAt(view, at);
    const char *escapes = "\nn\rr\tt\\\\", *found = nullptr;
    for (const char *each = escapes; *each; each += 2)
      if (uint32_t(*each) == point.value)
        found = each + 1;
    char buffer[8];
    if (found) {
      result += {'\\', *found};
    } else if (point.value == uint32_t(mark)) {
      result += {'\\', mark};
    } else if (isHidden(point.value)) {
      snprintf(buffer, sizeof buffer, "\\x%02x", point.value);
      result += buffer;
    } else {
      result += view.substr(at, point.bytes);
    }
    at += point.bytes;
  }
  out.appendLike(text, result + mark);
}

static bool printItems(const std::vector<Value> &items, Text &out) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (i)
      out.append(", ");
    if (!print(items[i], true, out))
      return false;
  }
  return true;
}

static bool printSequence(const Sequence &sequence, Text &out) {
  bool isTuple =
      sequence.flavor == Flavor::Tuple || sequence.flavor == Flavor::Group;
  if (!isTuple && sequence.flavor != Flavor::List)
    return false;
  out.append(isTuple ? "(" : "[");
  if (!printItems(sequence.items, out))
    return false;
  out.append(!isTuple ? "]" : sequence.items.size() == 1 ? ",)" : ")");
  return true;
}

static bool printDict(const Dict &dict, Text &out) {
  out.append("{");
  for (size_t i = 0; i < dict.items.size(); ++i) {
    out.append(i ? ", " : "");
    if (!print(dict.items[i].first, true, out))
      return false;
    out.append(": ");
    if (!print(dict.items[i].second, true, out))
      return false;
  }
  out.append("}");
  return true;
}

bool print(const Value &value, bool quoted, Text &out) {
  switch (value.type()) {
  case Type::Undefined:
    out.append(quoted ? "Undefined" : "");
    return true;
  case Type::None:
    out.append("None");
    return true;
  case Type::Bool:
    out.append(value.asInt() ? "True" : "False");
    return true;
  case Type::Int:
    out.append(std::to_string(value.asInt()));
    return true;
  case Type::Float:
    out.append(printFloat(value.asReal()));
    return true;
  case Type::String:
    if (!quoted) {
      out.append(value.text());
      return true;
    }
    out.append(value.isSafe() ? "Markup(" : "");
    quote(value.text(), out);
    out.append(value.isSafe() ? ")" : "");
    return true;
  case Type::Sequence:
    return printSequence(value.sequence(), out);
  case Type::Dict:
    return printDict(value.dict(), out);
  default:
    return false;
  }
}

namespace {
class JsonPrinter {
public:
  JsonPrinter(const JsonStyle &style, Text &out, std::string &culprit)
      : style(style), out(out), culprit(culprit) {}

  bool value(const Value &value);

private:
  void string(const Text &text);
  bool list(const std::vector<Value> &items);
  bool dict(const Dict &dict);
  bool key(const Value &key);
  /// In front of the item with this number.
  void separate(bool first);
  void close(bool empty);

  const JsonStyle &style;
  Text &out;
  std::string &culprit;
  unsigned level = 0;
};
} // namespace

static void appendEscape(std::string &result, uint32_t c) {
  char buffer[16];
  if (c >= 0x10000)
    snprintf(buffer, sizeof buffer, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
             0xdc00 + (c & 0x3ff));
  else
    snprintf(buffer, sizeof buffer, "\\u%04x", c);
  result += buffer;
}

void JsonPrinter::string(const Text &text) {
  std::string result = "\"";
  std::string_view view = text.view();
  for (size_t at = 0; at < view.size();) {
    Point point = pointAt(view, at);
    const char *escapes = "\"\"\\\\\nn\rr\tt\ff\bb", *found = nullptr;
    for (const char *each = escapes; *each; each += 2)
      if (uint32_t(*each) == point.value)
        found = each + 1;
    if (found)
      result += {'\\', *found};
    else if (point.value < 32 || (style.ascii && point.value > 126))
      appendEscape(result, point.value);
    else
      result += view.substr(at, point.bytes);
    at += point.bytes;
  }
  out.appendLike(text, result + '"');
}

void JsonPrinter::separate(bool first) {
  if (!first)
    out.append(style.comma);
  if (!style.indented)
    return;
  out.append("\n");
  for (unsigned i = 0; i < level; ++i)
    out.append(style.indent);
}

void JsonPrinter::close(bool empty) {
  --level;
  if (!empty && style.indented)
    separate(true);
}

bool JsonPrinter::list(const std::vector<Value> &items) {
  out.append("[");
  ++level;
  for (size_t i = 0; i < items.size(); ++i) {
    separate(i == 0);
    if (!value(items[i]))
      return false;
  }
  close(items.empty());
  out.append("]");
  return true;
}

bool JsonPrinter::key(const Value &key) {
  if (key.is(Type::String)) {
    string(key.text());
    return true;
  }
  if (!key.isNumber() && !key.is(Type::None)) {
    culprit = typeName(key);
    return false;
  }
  out.append("\"");
  bool fine = value(key);
  out.append("\"");
  return fine;
}

bool JsonPrinter::dict(const Dict &dict) {
  std::vector<const std::pair<Value, Value> *> items;
  for (const auto &item : dict.items)
    items.push_back(&item);
  if (style.sorted) {
    for (const auto *item : items)
      if (!item->first.is(Type::String)) {
        culprit = typeName(item->first);
        return false;
      }
    std::sort(items.begin(), items.end(), [](auto *a, auto *b) {
      return a->first.view() < b->first.view();
    });
  }
  out.append("{");
  ++level;
  for (size_t i = 0; i < items.size(); ++i) {
    separate(i == 0);
    if (!key(items[i]->first))
      return false;
    out.append(style.colon);
    if (!value(items[i]->second))
      return false;
  }
  close(items.empty());
  out.append("}");
  return true;
}

bool JsonPrinter::value(const Value &value) {
  switch (value.type()) {
  case Type::None:
    out.append("null");
    return true;
  case Type::Bool:
    out.append(value.asInt() ? "true" : "false");
    return true;
  case Type::Float:
    out.append(isnan(value.asReal()) ? "NaN"
               : isinf(value.asReal())
                   ? value.asReal() < 0 ? "-Infinity" : "Infinity"
                   : printFloat(value.asReal()));
    return true;
  case Type::Int:
    return print(value, true, out);
  case Type::String:
    string(value.text());
    return true;
  case Type::Dict:
    return dict(value.dict());
  case Type::Sequence:
    if (Flavor flavor = value.sequence().flavor; flavor == Flavor::List ||
                                                 flavor == Flavor::Tuple ||
                                                 flavor == Flavor::Group)
      return list(value.sequence().items);
    [[fallthrough]];
  default:
    culprit = typeName(value);
    return false;
  }
}

bool printJson(const Value &value, const JsonStyle &style, Text &out,
               std::string &culprit) {
  return JsonPrinter(style, out, culprit).value(value);
}

} // namespace setun::runtime::chat
