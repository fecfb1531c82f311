//===- Text.h - Messages, formatted text and files --------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SUPPORT_TEXT_H
#define SETUN_RUNTIME_SUPPORT_TEXT_H

#include <stdint.h>
#include <string>
#include <string_view>
#include <vector>

namespace setun::runtime {

/// What went wrong, in words for the user. Empty: nothing did.
using Failure = std::string;

/// printf into a string.
[[gnu::format(printf, 1, 2)]] std::string format(const char *text, ...);

/// The parts with the separator between them.
std::string join(const std::vector<std::string> &parts,
                 const std::string &separator);

/// Prints "error: …" on stderr and returns 1, the exit code of a failure.
int fail(const Failure &failure);

/// 1536 → "1.50 KiB".
std::string binarySize(uint64_t bytes);

/// 2412820480 → "2.41 B".
std::string decimalCount(uint64_t count);

/// Parses "1,2,3"; every number must lie in [min, max].
Failure parseIntegers(std::string_view text, int64_t min, int64_t max,
                      std::vector<int64_t> &numbers);

/// Reads a whole file; "-" is standard input.
Failure readFile(const std::string &path, std::string &contents);

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SUPPORT_TEXT_H
