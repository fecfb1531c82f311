//===- Options.h - The options of a command, as a table ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_OPTIONS_OPTIONS_H
#define SETUN_RUNTIME_OPTIONS_OPTIONS_H

#include "runtime/support/Text.h"

#include <optional>
#include <span>
#include <variant>

namespace setun::runtime {

/// What an option writes to. Whatever stands there before is the default. A
/// list of texts grows each time the option is given.
struct Integer {
  int64_t *value;
  int64_t min, max;
};
struct Integers {
  std::vector<int64_t> *values;
  int64_t min, max;
};
struct Real {
  double *value;
  double min, max;
};
struct Choice {
  std::string *value;
  std::string_view allowed; ///< "md|csv|json"
};
using Target =
    std::variant<bool *, std::string *, std::optional<std::string> *,
                 std::vector<std::string> *, Integer, Integers, Real, Choice>;

struct Option {
  char letter;       ///< -t; 0: has only a name
  const char *name;  ///< --threads
  const char *value; ///< "N" in the help; null: a flag that sets its bool
  Target target;
  const char *help; ///< null: another name of the option before
};

/// Parses argv[1 …]; "--help" sets `help` and ends the parsing.
Failure parseOptions(std::span<const Option> options, int argc, char **argv,
                     bool &help);

/// One line an option, with its default.
std::string describeOptions(std::span<const Option> options);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_OPTIONS_OPTIONS_H
