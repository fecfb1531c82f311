//===- Printer.h - Shows tokens the moment they exist -----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_PRINTER_H
#define SETUN_RUNTIME_COMMANDS_PRINTER_H

#include "runtime/support/Text.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <optional>
#include <span>
#include <stdio.h>

namespace setun::runtime {

/// Tokens on standard output, as text or as ids.
class Printer {
public:
  Printer(bool asIds, std::optional<Tokenizer> tokenizer) : asIds(asIds) {
    if (!asIds)
      decoder.emplace(*tokenizer);
  }

  /// Tokens that stand before the generated ones and are not shown.
  void skip(std::span<const int32_t> tokens) {
    for (int32_t token : tokens)
      if (decoder)
        decoder->add(token);
  }

  void add(int32_t token) {
    if (asIds)
      show(format(first ? "%d" : ",%d", token));
    else
      show(decoder->add(token));
    first = false;
  }

  Failure finish() {
    show((asIds ? "" : decoder->finish()) + "\n");
    if (ferror(stdout))
      return "cannot write the output";
    return {};
  }

  void show(const std::string &text) {
    fwrite(text.data(), 1, text.size(), stdout);
    fflush(stdout);
  }

private:
  bool asIds, first = true;
  std::optional<StreamDecoder> decoder;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_PRINTER_H
