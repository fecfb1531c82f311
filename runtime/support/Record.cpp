//===- Record.cpp - Named values, as JSON or CSV --------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/support/Record.h"

namespace setun::runtime {

std::string jsonString(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      result += format("\\u%04x", c);
    else
      result += c;
  }
  return result + '"';
}

std::string jsonNumber(double number) { return format("%f", number); }

std::string jsonNumber(uint64_t number) {
  return format("%llu", (unsigned long long)number);
}

std::string jsonList(const std::vector<std::string> &jsonTexts) {
  return "[" + join(jsonTexts, ", ") + "]";
}

std::string Record::json() const {
  std::vector<std::string> parts;
  for (const Field &field : fields)
    parts.push_back(jsonString(field.name) + ": " + field.value);
  return "{" + join(parts, ", ") + "}";
}

std::string Record::json(const std::string &margin) const {
  std::vector<std::string> parts;
  for (const Field &field : fields)
    parts.push_back(margin + jsonString(field.name) + ": " + field.value);
  return "{\n" + join(parts, ",\n") + "\n" + margin.substr(2) + "}";
}

std::string Record::csvNames() const {
  std::vector<std::string> parts;
  for (const Field &field : fields)
    parts.push_back(field.name);
  return join(parts, ",");
}

/// CSV doubles a quote where JSON puts a backslash before it, and has no null.
static std::string csvValue(std::string_view json) {
  if (json == "null")
    json = "";
  if (json.starts_with('"'))
    json = json.substr(1, json.size() - 2);
  std::string text = "\"";
  for (size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '\\' && i + 1 < json.size())
      ++i;
    text += json[i] == '"' ? "\"\"" : std::string(1, json[i]);
  }
  return text + '"';
}

std::string Record::csvValues() const {
  std::vector<std::string> parts;
  for (const Field &field : fields)
    parts.push_back(csvValue(field.value));
  return join(parts, ",");
}

} // namespace setun::runtime
