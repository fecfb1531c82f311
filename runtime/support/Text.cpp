//===- Text.cpp - Messages, formatted text and files ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/support/Text.h"

#include <charconv>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

namespace setun::runtime {

std::string format(const char *text, ...) {
  va_list arguments, again;
  va_start(arguments, text);
  va_copy(again, arguments);
  std::string result(vsnprintf(nullptr, 0, text, arguments), '\0');
  vsnprintf(result.data(), result.size() + 1, text, again);
  va_end(again);
  va_end(arguments);
  return result;
}

std::string join(const std::vector<std::string> &parts,
                 const std::string &separator) {
  std::string text;
  for (const std::string &part : parts)
    text += (&part == parts.data() ? "" : separator) + part;
  return text;
}

int fail(const Failure &failure) {
  fflush(stdout);
  fprintf(stderr, "error: %s\n", failure.c_str());
  return 1;
}

std::string binarySize(uint64_t bytes) {
  const char *units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double size = bytes;
  unsigned unit = 0;
  while (size >= 1024 && unit < 4) {
    size /= 1024;
    ++unit;
  }
  return format(unit ? "%.2f %s" : "%.0f %s", size, units[unit]);
}

std::string decimalCount(uint64_t count) {
  if (count >= 1000000000)
    return format("%.2f B", count / 1e9);
  if (count >= 1000000)
    return format("%.2f M", count / 1e6);
  return format("%.2f K", count / 1e3);
}

Failure parseIntegers(std::string_view text, int64_t min, int64_t max,
                      std::vector<int64_t> &numbers) {
  numbers.clear();
  for (const char *at = text.data(), *end = at + text.size();; ++at) {
    int64_t number = 0;
    auto [rest, error] = std::from_chars(at, end, number);
    bool tooBig = error == std::errc::result_out_of_range;
    if ((error != std::errc() && !tooBig) || (rest != end && *rest != ','))
      return format("expected numbers and commas, found '%.*s'", int(end - at),
                    at);
    if (tooBig || number < min || number > max)
      return format("'%.*s' is not between %lld and %lld", int(rest - at), at,
                    (long long)min, (long long)max);
    numbers.push_back(number);
    if (rest == end)
      return {};
    at = rest;
  }
}

Failure readFile(const std::string &path, std::string &contents) {
  FILE *file = path == "-" ? stdin : fopen(path.c_str(), "rb");
  if (!file)
    return format("cannot read '%s': %s", path.c_str(), strerror(errno));
  contents.clear();
  char buffer[1 << 14];
  while (size_t count = fread(buffer, 1, sizeof buffer, file))
    contents.append(buffer, count);
  int error = ferror(file) ? errno : 0;
  if (file != stdin)
    fclose(file);
  if (error)
    return format("cannot read '%s': %s", path.c_str(), strerror(error));
  return {};
}

} // namespace setun::runtime
