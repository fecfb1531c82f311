//===- TextFilters.cpp - Filters that make text and numbers ---------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Case.h"
#include "runtime/chat/Filters.h"
#include "runtime/chat/Print.h"
#include "runtime/chat/Strings.h"

#include <algorithm>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

namespace setun::runtime::chat::filters {

bool isGiven(const Value *value) { return value && !value->is(Type::None); }

int64_t wholeOr(Machine &machine, const Value *value, int64_t fallback) {
  if (!value)
    return fallback;
  return machine.toIndex(*value, "a filter").value_or(0);
}

/// Filters that take nothing but their input.
static bool alone(Machine &machine, const char *name,
                  const Arguments &arguments) {
  return machine.bind(name, arguments, {}, nullptr);
}

static Value cased(Machine &machine, const Value &input, Arguments &arguments,
                   const char *name, Case wanted) {
  if (!alone(machine, name, arguments))
    return {};
  Text text = machine.str(input);
  if (!changeCase(text, wanted))
    return machine.fail(
        std::string(name) +
        ": of a letter that is not ASCII, Latin-1, Greek or Cyrillic");
  return text;
}

Value upper(Machine &machine, const Value &input, Arguments &arguments) {
  return cased(machine, input, arguments, "upper", Case::Upper);
}

Value lower(Machine &machine, const Value &input, Arguments &arguments) {
  return cased(machine, input, arguments, "lower", Case::Lower);
}

Value capitalize(Machine &machine, const Value &input, Arguments &arguments) {
  return cased(machine, input, arguments, "capitalize", Case::Capitalize);
}

/// Unlike str.title, words begin behind spaces, hyphens and brackets only.
Value title(Machine &machine, const Value &input, Arguments &arguments) {
  if (!alone(machine, "title", arguments))
    return {};
  Text text = machine.str(input), result;
  std::string_view view = text.view();
  for (size_t at = 0; at < view.size();) {
    auto splits = [&](size_t i) {
      return abi::isSpace(pointAt(view, i).value) ||
             std::string_view("-({[<").find(view[i]) != std::string_view::npos;
    };
    size_t end = at;
    bool gap = splits(at);
    while (end < view.size() && splits(end) == gap)
      end += pointAt(view, end).bytes;
    Text word = text.slice(at, end);
    if (!changeCase(word, Case::Capitalize))
      return machine.fail(
          "title: of a letter that is not ASCII, Latin-1, Greek or Cyrillic");
    result.append(word);
    at = end;
  }
  return result;
}

Value toString(Machine &machine, const Value &input, Arguments &arguments) {
  return alone(machine, "string", arguments) ? Value(machine.str(input))
                                             : Value();
}

Value safe(Machine &machine, const Value &input, Arguments &arguments) {
  return alone(machine, "safe", arguments)
             ? Value(machine.str(input)).markedSafe()
             : Value();
}

Value trim(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[1];
  if (!machine.bind("trim", arguments, {"chars"}, given))
    return {};
  bool chars = isGiven(given[0]);
  if (chars && !given[0]->is(Type::String))
    return machine.fail("trim: expected characters");
  std::string_view characters = chars ? given[0]->view() : "";
  Text text = machine.str(input);
  Range range =
      stripped(text.view(), true, true, chars ? &characters : nullptr);
  return text.slice(range.begin, range.end);
}

Value replace(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[3];
  if (!machine.bind("replace", arguments, {"old", "new", "count"}, given))
    return {};
  if (!given[0] || !given[1])
    return machine.fail("replace: expected what to replace, and by what");
  int64_t most = isGiven(given[2]) ? wholeOr(machine, given[2], -1) : -1;
  Text text = machine.str(input), from = machine.str(*given[0]),
       to = machine.str(*given[1]);
  return machine.failed() ? Value() : replaced(machine, text, from, to, most);
}

Value indent(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[3];
  if (!machine.bind("indent", arguments, {"width", "first", "blank"}, given))
    return {};
  if (!input.is(Type::String))
    return input.is(Type::Undefined) ? machine.failUndefined(input)
                                     : machine.fail("indent: expected text");
  Text margin;
  if (given[0] && given[0]->is(Type::String)) {
    margin = given[0]->text();
  } else {
    int64_t width = wholeOr(machine, given[0], 4);
    if (!machine.mayHold(std::max<int64_t>(width, 0)))
      return {};
    margin.append(std::string(std::max<int64_t>(width, 0), ' '));
  }
  bool first = given[1] && isTrue(*given[1]);
  bool blank = given[2] && isTrue(*given[2]);
  Text text(input.text()), result;
  text.append("\n");
  bool leads = true;
  for (Line line : linesOf(text.view())) {
    if (!leads)
      result.append("\n");
    bool indented = leads ? first : blank || line.end > line.begin;
    if (indented && machine.mayHold(result.size() / 64 + margin.size()))
      result.append(margin);
    result.append(text, line.begin, line.end);
    leads = false;
  }
  return machine.mayHold(result.size()) ? Value(std::move(result)) : Value();
}

Value truncate(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[4];
  if (!machine.bind("truncate", arguments,
                    {"length", "killwords", "end", "leeway"}, given))
    return {};
  if (!input.is(Type::String) || (given[2] && !given[2]->is(Type::String)))
    return machine.fail("truncate: expected text");
  Text end = given[2] ? given[2]->text() : Text("...");
  int64_t length = wholeOr(machine, given[0], 255);
  int64_t leeway = isGiven(given[3]) ? wholeOr(machine, given[3], 5) : 5;
  int64_t kept = length - int64_t(countPoints(end.view()));
  if (kept < 0 || leeway < 0)
    return machine.fail("truncate: a length that is too small");
  if (lengthOf(input) - leeway <= length)
    return input;
  std::string_view view = input.view();
  size_t bytes = offsetOf(view, kept);
  bool kills = given[1] && isTrue(*given[1]);
  if (size_t space = view.substr(0, bytes).rfind(' ');
      !kills && space != std::string_view::npos)
    bytes = space;
  Text result = input.text().slice(0, bytes);
  result.append(end);
  return result;
}

Value center(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[1];
  if (!machine.bind("center", arguments, {"width"}, given))
    return {};
  int64_t width = wholeOr(machine, given[0], 80);
  return centered(machine, machine.str(input), width, " ");
}

Value formatted(Machine &machine, const Value &input, Arguments &arguments) {
  Text pattern = machine.str(input);
  if (arguments.named.empty())
    return formatPercent(machine, pattern,
                         makeSequence(Flavor::Tuple, arguments.positional));
  if (!arguments.positional.empty())
    return machine.fail("format: values with and without names");
  Value values = makeDict();
  for (const auto &[name, value] : arguments.named)
    values.dict().set(Value::string(name), value);
  return formatPercent(machine, pattern, values);
}

Value urlencode(Machine &machine, const Value &input, Arguments &arguments) {
  if (!alone(machine, "urlencode", arguments))
    return {};
  if (!input.is(Type::String) && !input.isNumber())
    return machine.fail("urlencode: expected text");
  Text text = machine.str(input), result;
  std::string encoded;
  for (char c : text.view()) {
    bool plain = (uint8_t(c) < 128 && isalnum(c)) ||
                 std::string_view("_.-~/").find(c) != std::string_view::npos;
    char buffer[4] = {c};
    if (!plain)
      snprintf(buffer, sizeof buffer, "%%%02X", uint8_t(c));
    encoded += buffer;
  }
  result.appendLike(text, encoded);
  return result;
}

Value tojson(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[4];
  if (!machine.bind("tojson", arguments,
                    {"ensure_ascii", "indent", "separators", "sort_keys"},
                    given))
    return {};
  JsonStyle style;
  style.ascii = given[0] && isTrue(*given[0]);
  style.sorted = given[3] && isTrue(*given[3]);
  style.indented = isGiven(given[1]);
  if (style.indented) {
    style.comma = ",";
    if (given[1]->is(Type::String))
      style.indent = given[1]->view();
    else
      style.indent.assign(
          std::clamp<int64_t>(wholeOr(machine, given[1], 0), 0, 100), ' ');
  }
  if (isGiven(given[2])) {
    std::vector<Value> both = machine.iterate(*given[2]);
    if (both.size() != 2 || !both[0].is(Type::String) ||
        !both[1].is(Type::String))
      return machine.fail("tojson: expected two separators");
    style.comma = both[0].view();
    style.colon = both[1].view();
  }
  Text result;
  std::string culprit;
  if (!machine.mayHold(weightOf(input)))
    return {};
  if (!printJson(input, style, result, culprit))
    return machine.fail("tojson: an object of type " + culprit +
                        " is not JSON");
  return machine.mayHold(result.size()) ? Value(std::move(result)) : Value();
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

Value absolute(Machine &machine, const Value &input, Arguments &arguments) {
  if (!alone(machine, "abs", arguments))
    return {};
  if (input.is(Type::Undefined))
    return machine.failUndefined(input);
  if (input.is(Type::Float))
    return fabs(input.asReal());
  if (!input.isWhole() || input.asInt() == INT64_MIN)
    return machine.fail("abs: expected a number");
  return input.asInt() < 0 ? -input.asInt() : input.asInt();
}

static std::optional<int64_t> truncated(double value) {
  if (!(fabs(value) < 9.2e18))
    return std::nullopt;
  return int64_t(value);
}

Value toInt(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[2];
  if (!machine.bind("int", arguments, {"default", "base"}, given))
    return {};
  if (input.is(Type::Undefined))
    return machine.failUndefined(input);
  if (input.isWhole())
    return input.asInt();
  std::optional<int64_t> value;
  int64_t base = wholeOr(machine, given[1], 10);
  if (input.is(Type::Float)) {
    value = truncated(input.asReal());
  } else if (input.is(Type::String)) {
    value = parseInt(input.view(), int(std::clamp<int64_t>(base, 0, 36)));
    if (!value)
      if (auto real = parseFloat(input.view()))
        value = truncated(*real);
  }
  if (value)
    return *value;
  return given[0] ? *given[0] : Value(int64_t(0));
}

Value toFloat(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[1];
  if (!machine.bind("float", arguments, {"default"}, given))
    return {};
  if (input.is(Type::Undefined))
    return machine.failUndefined(input);
  if (input.isNumber())
    return input.asReal();
  if (input.is(Type::String))
    if (auto value = parseFloat(input.view()))
      return *value;
  return given[0] ? *given[0] : Value(0.0);
}

Value round(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[2];
  if (!machine.bind("round", arguments, {"precision", "method"}, given))
    return {};
  if (!input.isNumber())
    return input.is(Type::Undefined) ? machine.failUndefined(input)
                                     : machine.fail("round: expected a number");
  int64_t precision = wholeOr(machine, given[0], 0);
  if (precision < 0 || precision > 300)
    return machine.fail("round: a precision below 0 or above 300");
  std::string_view method =
      given[1] && given[1]->is(Type::String) ? given[1]->view() : "common";
  double value = input.asReal(), power = pow(10.0, double(precision));
  // Python's ceil and floor give integers, and its division a float.
  if (method == "ceil")
    return ceil(value * power) / power;
  if (method == "floor")
    return floor(value * power) / power;
  if (method != "common")
    return machine.fail("round: expected common, ceil or floor");
  if (input.isWhole())
    return input.asInt();
  char buffer[700];
  snprintf(buffer, sizeof buffer, "%.*f", int(precision), value);
  return strtod(buffer, nullptr);
}

} // namespace setun::runtime::chat::filters
