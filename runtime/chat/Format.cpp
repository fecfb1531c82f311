//===- Format.cpp - Numbers from text, and text with values in it ---------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Machine.h"
#include "runtime/chat/Print.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

namespace setun::runtime::chat {

/// Without spaces around it and single underscores in it; nothing if it holds
/// others.
static std::optional<std::string> digitsOf(std::string_view text) {
  Range range = stripped(text, true, true);
  std::string_view inner = text.substr(range.begin, range.end - range.begin);
  std::string result;
  for (size_t i = 0; i < inner.size(); ++i) {
    bool between = i && i + 1 < inner.size() && isalnum(inner[i - 1]) &&
                   isalnum(inner[i + 1]);
    if (inner[i] == '_' && !between)
      return std::nullopt;
    if (inner[i] != '_')
      result += inner[i];
  }
  if (result.empty() || result.find('\0') != std::string::npos)
    return std::nullopt;
  return result;
}

std::optional<int64_t> parseInt(std::string_view text, int base) {
  auto digits = digitsOf(text);
  if (!digits || isspace(digits->front()))
    return std::nullopt;
  char *end;
  errno = 0;
  int64_t value = strtoll(digits->c_str(), &end, base);
  if (errno || *end || !isalnum(end[-1]))
    return std::nullopt;
  return value;
}

std::optional<double> parseFloat(std::string_view text) {
  auto digits = digitsOf(text);
  // strtod knows words and hexadecimals that Python does not.
  if (!digits || digits->find_first_of("xXpP(") != std::string::npos)
    return std::nullopt;
  char *end;
  double value = strtod(digits->c_str(), &end);
  return *end ? std::nullopt : std::optional(value);
}

namespace {
/// "%-5.2f" and the like.
struct Directive {
  std::string flags; ///< from the sign to the precision
  char kind = 0;
};
} // namespace

static bool readDirective(std::string_view text, size_t &at, Directive &out) {
  size_t begin = at;
  while (at < text.size() &&
         std::string_view("-+ 0#").find(text[at]) != std::string_view::npos)
    ++at;
  size_t digits = at;
  while (at < text.size() && (isdigit(text[at]) || text[at] == '.'))
    ++at;
  if (at >= text.size() || at - digits > 6)
    return false;
  out.flags = text.substr(begin, at - begin);
  out.kind = text[at++];
  return true;
}

static bool formatOne(Machine &machine, const Directive &directive,
                      const Value &value, Text &out) {
  std::string pattern = "%" + directive.flags;
  char kind = directive.kind, buffer[512];
  if (kind == 's' || kind == 'r') {
    Text text;
    if (kind == 's')
      text = machine.str(value);
    else if (machine.mayHold(weightOf(value)) && !print(value, true, text))
      machine.fail(std::string("a '") + typeName(value) + "' as text");
    if (!directive.flags.empty())
      machine.fail("'%" + directive.flags + kind + "' in a format");
    out.append(text);
    return !machine.failed();
  }
  bool whole =
      kind == 'd' || kind == 'i' || kind == 'x' || kind == 'X' || kind == 'o';
  bool real = kind == 'f' || kind == 'F' || kind == 'e' || kind == 'E' ||
              kind == 'g' || kind == 'G';
  bool fits = whole ? value.isWhole() || (kind == 'd' && value.isNumber() &&
                                          fabs(value.asReal()) < 9.2e18)
                    : value.isNumber();
  bool negative = whole && value.asReal() < 0;
  if ((!whole && !real) || !fits || (negative && kind != 'd' && kind != 'i')) {
    machine.fail(std::string("'%") + kind + "' in a format, of a '" +
                 typeName(value) + "'");
    return false;
  }
  int bytes =
      whole ? snprintf(buffer, sizeof buffer, (pattern + "ll" + kind).c_str(),
                       value.is(Type::Float) ? (long long)value.asReal()
                                             : (long long)value.asInt())
            : snprintf(buffer, sizeof buffer, (pattern + kind).c_str(),
                       value.asReal());
  if (bytes < 0 || size_t(bytes) >= sizeof buffer) {
    machine.fail("a format that is too wide");
    return false;
  }
  out.append({buffer, size_t(bytes)});
  return true;
}

/// The key in "%(key)s"; nothing where there is none.
static std::optional<std::string_view> readKey(std::string_view text,
                                               size_t &at) {
  size_t end = text.substr(at).starts_with('(') ? text.find(')', at)
                                                : std::string_view::npos;
  if (end == std::string_view::npos)
    return std::nullopt;
  std::string_view key = text.substr(at + 1, end - at - 1);
  at = end + 1;
  return key;
}

Value formatPercent(Machine &machine, const Text &pattern,
                    const Value &values) {
  bool isTuple =
      values.is(Type::Sequence) && values.sequence().flavor == Flavor::Tuple;
  std::vector<Value> items = {values};
  if (isTuple)
    items = values.sequence().items;
  size_t used = 0;
  bool byKey = false;
  std::string_view text = pattern.view();
  Text result;
  for (size_t at = 0; at < text.size();) {
    size_t percent = std::min(text.find('%', at), text.size());
    result.append(pattern, at, percent);
    if ((at = percent + 1) >= text.size() && percent < text.size())
      return machine.fail("a '%' at the end of a format");
    if (percent == text.size())
      break;
    auto key = readKey(text, at);
    Directive directive;
    if (!readDirective(text, at, directive))
      return machine.fail("a '%' that is not understood in a format");
    if (directive.kind == '%') {
      result.append("%");
      continue;
    }
    byKey |= key.has_value();
    const Value *value = nullptr;
    if (key)
      value = values.is(Type::Dict) ? values.dict().find(*key) : nullptr;
    else if (used < items.size())
      value = &items[used++];
    if (!value)
      return machine.fail("a format with too few values");
    if (!formatOne(machine, directive, *value, result) ||
        !machine.mayHold(result.size() / 64))
      return {};
  }
  if (used < items.size() && (isTuple || !values.is(Type::Dict)) && !byKey)
    return machine.fail("a format with too many values");
  return machine.mayHold(result.size()) ? Value(std::move(result)) : Value();
}

/// "{}", "{0}" and "{name}"; nothing where it is none of these.
static const Value *fieldOf(const Arguments &arguments, std::string_view field,
                            size_t &next) {
  if (field.empty())
    return next < arguments.positional.size() ? &arguments.positional[next++]
                                              : nullptr;
  if (auto index = isdigit(field[0]) ? parseInt(field, 10) : std::nullopt)
    return size_t(*index) < arguments.positional.size()
               ? &arguments.positional[*index]
               : nullptr;
  return arguments.find(field);
}

Value formatBraces(Machine &machine, const Text &pattern,
                   const Arguments &arguments) {
  std::string_view text = pattern.view();
  Text result;
  size_t next = 0;
  for (size_t at = 0; at < text.size();) {
    size_t brace = std::min(text.find_first_of("{}", at), text.size());
    result.append(pattern, at, brace);
    if (brace == text.size())
      break;
    if (brace + 1 < text.size() && text[brace + 1] == text[brace]) {
      result.append(pattern, brace, brace + 1);
      at = brace + 2;
      continue;
    }
    size_t end =
        text[brace] == '{' ? text.find('}', brace) : std::string_view::npos;
    if (end == std::string_view::npos)
      return machine.fail("str.format: a single brace");
    const Value *value =
        fieldOf(arguments, text.substr(brace + 1, end - brace - 1), next);
    if (!value)
      return machine.fail("str.format: the field '" +
                          std::string(text.substr(brace, end + 1 - brace)) +
                          "'");
    result.append(machine.str(*value));
    at = end + 1;
    if (!machine.mayHold(result.size() / 64))
      return {};
  }
  return machine.mayHold(result.size()) ? Value(std::move(result)) : Value();
}

} // namespace setun::runtime::chat
