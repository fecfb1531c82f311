//===- Printer.h - Shows tokens the moment they exist -----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_COMMANDS_PRINTER_H
#define SETUN_RUNTIME_COMMANDS_PRINTER_H

#include "runtime/sampler/StopStrings.h"
#include "runtime/support/Text.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <optional>
#include <span>
#include <stdio.h>

namespace setun::runtime {

/// Tokens on standard output, as text or as ids.
class Printer {
public:
  /// Without tokenizer: only ids, and no stop strings.
  Printer(bool asIds, std::optional<Tokenizer> tokenizer,
          std::vector<std::string> stops = {})
      : asIds(asIds), stops(std::move(stops)) {
    if (tokenizer)
      decoder.emplace(*tokenizer);
  }

  /// Tokens that stand before the generated ones and are not shown.
  void skip(std::span<const int32_t> tokens) {
    for (int32_t token : tokens)
      if (decoder)
        decoder->add(token);
  }

  /// False from a stop string on.
  bool add(int32_t token) {
    std::string text = decoder ? stops.add(decoder->add(token)) : "";
    said += text;
    show(asIds ? format(first ? "%d" : ",%d", token) : text);
    first = false;
    return !stops.found();
  }

  Failure finish() {
    std::string rest = decoder ? stops.add(decoder->finish()) : "";
    rest += stops.finish();
    said += rest;
    show((asIds ? "" : rest) + "\n");
    if (ferror(stdout))
      return "cannot write the output";
    return {};
  }

  /// The text of all tokens that were added.
  const std::string &reply() const { return said; }

  void show(const std::string &text) {
    fwrite(text.data(), 1, text.size(), stdout);
    fflush(stdout);
  }

private:
  bool asIds, first = true;
  std::optional<StreamDecoder> decoder;
  StopStrings stops;
  std::string said;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_COMMANDS_PRINTER_H
