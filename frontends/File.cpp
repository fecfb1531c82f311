//===- File.cpp -----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/File.h"

#include "llvm/ADT/Twine.h"

using namespace llvm;

namespace setun::frontends {

static constexpr unsigned kMaxJsonDepth = 128;

Error userError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

Expected<std::unique_ptr<MemoryBuffer>> mapFile(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  if (!buffer)
    return userError(path + ": " + buffer.getError().message());
  if ((*buffer)->getBuffer().starts_with("version https://git-lfs"))
    return userError(path + ": found a git-LFS pointer, expected the file "
                            "itself; run `git lfs pull` in the checkpoint");
  return std::move(*buffer);
}

/// The deepest nesting of brackets outside strings. Cheap, and wrong only for
/// text that is not JSON anyway.
static unsigned jsonDepth(StringRef text) {
  unsigned depth = 0, deepest = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        inString = false;
    } else if (c == '"') {
      inString = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth) {
      --depth;
    }
  }
  return deepest;
}

Expected<json::Value> parseJson(StringRef text, StringRef origin) {
  if (unsigned depth = jsonDepth(text); depth > kMaxJsonDepth)
    return userError(origin + ": JSON is nested " + Twine(depth) +
                     " deep, expected at most " + Twine(kMaxJsonDepth));
  auto value = json::parse(text);
  if (!value)
    return userError(origin +
                     ": not valid JSON: " + toString(value.takeError()));
  return value;
}

Expected<json::Value> readJson(StringRef path) {
  auto buffer = mapFile(path);
  if (!buffer)
    return buffer.takeError();
  return parseJson((*buffer)->getBuffer(), path);
}

} // namespace setun::frontends
