//===- Normalize.cpp ------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Normalize.h"

using namespace setun::abi;

namespace setun::runtime {

static std::string replaceAll(std::string_view text, std::string_view pattern,
                              std::string_view content) {
  std::string result;
  result.reserve(text.size() + text.size() / 2);
  while (true) {
    size_t at = text.find(pattern);
    result += text.substr(0, at);
    if (at == std::string_view::npos)
      return result;
    result += content;
    text.remove_prefix(at + pattern.size());
  }
}

static std::string collapseSpaces(std::string_view text) {
  std::string result;
  for (char c : text)
    if (c != ' ' || (!result.empty() && result.back() != ' '))
      result += c;
  if (result.ends_with(' '))
    result.pop_back();
  return result;
}

static std::string prepend(std::string_view text, std::string_view content,
                           uint32_t flags, bool first) {
  bool skip = text.empty() || ((flags & kFirstOnly) && !first) ||
              ((flags & kUnlessPresent) && text.starts_with(content));
  return skip ? std::string(text) : std::string(content).append(text);
}

std::string rewrite(Blob blob, const TokenizerStep &step, std::string_view text,
                    bool first) {
  switch (step.kind) {
  case StepKind::Replace:
    return replaceAll(text, blob.text(step.pattern), blob.text(step.content));
  case StepKind::Prepend:
    return prepend(text, blob.text(step.content), step.flags, first);
  case StepKind::Collapse:
    return collapseSpaces(text);
  case StepKind::Compose:
    return compose(blob, text);
  case StepKind::Split:
    break;
  }
  return std::string(text);
}

} // namespace setun::runtime
