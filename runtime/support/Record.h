//===- Record.h - Named values, as JSON or CSV ------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SUPPORT_RECORD_H
#define SETUN_RUNTIME_SUPPORT_RECORD_H

#include "runtime/support/Text.h"

namespace setun::runtime {

/// JSON texts.
std::string jsonString(std::string_view text);
std::string jsonNumber(uint64_t number);
std::string jsonNumber(double number); ///< six decimals, as in llama-bench
std::string jsonList(const std::vector<std::string> &jsonTexts);

/// Named values in the order in which they were added.
class Record {
public:
  Record &add(const char *name, std::string_view value) {
    return addJson(name, jsonString(value));
  }
  Record &add(const char *name, const char *value) {
    return addJson(name, jsonString(value));
  }
  Record &add(const char *name, uint64_t value) {
    return addJson(name, jsonNumber(value));
  }
  Record &addReal(const char *name, double value) {
    return addJson(name, jsonNumber(value));
  }
  Record &addJson(const char *name, const std::string &value) {
    fields.push_back({name, value});
    return *this;
  }

  /// A JSON object on one line, or with a line for each field that begins with
  /// `margin`.
  std::string json() const;
  std::string json(const std::string &margin) const;

  /// Every value in quotes, whatever it is.
  std::string csvNames() const;
  std::string csvValues() const;

private:
  struct Field {
    std::string name, value; ///< the value as JSON
  };
  std::vector<Field> fields;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SUPPORT_RECORD_H
