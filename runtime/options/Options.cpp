//===- Options.cpp - The options of a command, as a table -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/options/Options.h"

#include <algorithm>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

namespace setun::runtime {

namespace {
/// Writes the text of an option's value to its target.
struct Assign {
  const char *text;

  Failure operator()(bool *flag) {
    *flag = true;
    return {};
  }
  Failure operator()(std::string *value) {
    *value = text;
    return {};
  }
  Failure operator()(std::optional<std::string> *value) {
    *value = text;
    return {};
  }
  Failure operator()(std::vector<std::string> *values) {
    values->push_back(text);
    return {};
  }
  Failure operator()(const Integer &target) {
    std::vector<int64_t> numbers;
    Failure failure = parseIntegers(text, target.min, target.max, numbers);
    if (failure.empty() && numbers.size() != 1)
      return format("expected one number, found '%s'", text);
    if (failure.empty())
      *target.value = numbers.front();
    return failure;
  }
  Failure operator()(const Integers &target) {
    return parseIntegers(text, target.min, target.max, *target.values);
  }
  Failure operator()(const Real &target) {
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end)
      return format("expected a number, found '%s'", text);
    if (!(number >= target.min && number <= target.max))
      return format("'%s' is not between %g and %g", text, target.min,
                    target.max);
    *target.value = number;
    return {};
  }
  Failure operator()(const Choice &target) {
    std::string wanted = "|" + std::string(text) + "|";
    std::string allowed = "|" + std::string(target.allowed) + "|";
    if (allowed.find(wanted) == allowed.npos)
      return format("expected one of %.*s, found '%s'",
                    int(target.allowed.size()), target.allowed.data(), text);
    *target.value = text;
    return {};
  }
};

/// The default, as the user would type it; empty: none worth showing.
struct Default {
  std::string operator()(bool *) { return {}; }
  std::string operator()(std::string *value) { return *value; }
  std::string operator()(std::optional<std::string> *value) {
    return value->value_or("");
  }
  std::string operator()(std::vector<std::string> *) { return {}; }
  std::string operator()(const Integer &target) {
    return format("%lld", (long long)*target.value);
  }
  std::string operator()(const Integers &target) {
    std::string list;
    for (int64_t number : *target.values)
      list += format(list.empty() ? "%lld" : ",%lld", (long long)number);
    return list;
  }
  std::string operator()(const Real &target) {
    return format("%g", *target.value);
  }
  std::string operator()(const Choice &target) { return *target.value; }
};
} // namespace

static std::string spelling(const Option &option) {
  std::string text = format("--%s", option.name);
  return option.letter ? format("-%c, %s", option.letter, text.c_str()) : text;
}

/// What getopt_long needs to know; an option's `val` is its index + 256, so
/// that it differs from every letter.
constexpr int kFirst = 256;

static std::string getoptLetters(std::span<const Option> options) {
  std::string letters = ":h"; // ':' tells a missing value from a bad option
  for (const Option &option : options)
    if (option.letter)
      letters += format(option.value ? "%c:" : "%c", option.letter);
  return letters;
}

static std::vector<option> getoptNames(std::span<const Option> options) {
  std::vector<option> names = {{"help", no_argument, nullptr, 'h'}};
  for (size_t i = 0; i < options.size(); ++i)
    names.push_back({options[i].name,
                     options[i].value ? required_argument : no_argument,
                     nullptr, kFirst + int(i)});
  names.push_back({});
  return names;
}

static Failure complain(int code, const char *argument) {
  std::string bad =
      optopt && optopt < kFirst ? format("-%c", optopt) : argument;
  if (code == ':')
    return format("option %s wants a value", bad.c_str());
  return format("unknown option '%s'", bad.c_str());
}

Failure parseOptions(std::span<const Option> options, int argc, char **argv,
                     bool &help) {
  std::string letters = getoptLetters(options);
  std::vector<option> names = getoptNames(options);
  help = false;
  opterr = 0;
  optind = 0; // start anew
  int code;
  while ((code = getopt_long(argc, argv, letters.c_str(), names.data(),
                             nullptr)) != -1) {
    if (code == 'h') {
      help = true;
      return {};
    }
    if (code == '?' || code == ':')
      return complain(code, argv[optind - 1]);
    auto found = std::find_if(options.begin(), options.end(),
                              [&](auto &o) { return o.letter == code; });
    const Option &option = code < kFirst ? *found : options[code - kFirst];
    Failure failure = std::visit(Assign{optarg}, option.target);
    if (!failure.empty())
      return format("%s: %s", spelling(option).c_str(), failure.c_str());
  }
  if (optind < argc)
    return format("unexpected argument '%s'", argv[optind]);
  return {};
}

std::string describeOptions(std::span<const Option> options) {
  std::string text;
  for (const Option &option : options) {
    if (!option.help)
      continue;
    std::string left = (option.letter ? "  " : "      ") + spelling(option);
    if (option.value)
      left += format(" %s", option.value);
    text += format("%-28s  %s", left.c_str(), option.help);
    std::string value = std::visit(Default{}, option.target);
    text += value.empty() ? "\n" : format(" (%s)\n", value.c_str());
  }
  return text;
}

} // namespace setun::runtime
