//===- File.cpp -----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/File.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/FileSystem.h"

#include <optional>

using namespace llvm;

namespace setun::frontends {

static constexpr unsigned kMaxJsonDepth = 128;

Error userError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

/// A pipe would keep us waiting, and a dangling link is no missing file.
static Error checkRegular(StringRef path) {
  sys::fs::file_status itself, target;
  std::error_code code = sys::fs::status(path, target);
  if (code && !sys::fs::status(path, itself, /*follow=*/false) &&
      sys::fs::is_symlink_file(itself))
    return userError(path + ": a symbolic link that leads to no file (" +
                     code.message() +
                     "); copy checkpoints with what links lead to, as "
                     "`cp -rL` does");
  if (code)
    return userError(path + ": " + code.message());
  if (sys::fs::is_directory(target))
    return userError(path + ": found a directory, expected a file");
  if (!sys::fs::is_regular_file(target))
    return userError(path +
                     ": found a pipe, socket or device, expected a file");
  return Error::success();
}

/// What a clone or a download leaves in the place of a file; or "".
static StringRef describeStandIn(StringRef contents) {
  if (contents.starts_with("version https://git-lfs"))
    return "found a git-LFS pointer, expected the file itself; run "
           "`git lfs pull` in the checkpoint";
  StringRef text = contents.take_front(512).ltrim();
  for (StringRef page : {"<!doctype html", "<html", "<?xml"})
    if (text.starts_with_insensitive(page))
      return "found a web page, which a failed download leaves; expected the "
             "file itself: get it again";
  return "";
}

Expected<std::unique_ptr<MemoryBuffer>> mapFile(StringRef path) {
  if (Error error = checkRegular(path))
    return std::move(error);
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  if (!buffer)
    return userError(path + ": " + buffer.getError().message());
  StringRef standIn = describeStandIn((*buffer)->getBuffer());
  if (!standIn.empty())
    return userError(path + ": " + standIn);
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

/// What is known without parsing; or "".
static StringRef describeNoJson(StringRef text) {
  if (text.trim().empty())
    return "found an empty file, expected JSON";
  if (text.starts_with("\xef\xbb\xbf"))
    return "starts with a byte-order mark, expected UTF-8 without one";
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return "found UTF-16, expected UTF-8";
  return "";
}

/// The code point of "\ud83d\ude00" at the start of a text, if there is one.
static std::optional<uint32_t> escapedPair(StringRef text) {
  uint32_t high, low;
  if (text.size() < 12 || !text.starts_with("\\u") ||
      !text.substr(6).starts_with("\\u") ||
      text.substr(2, 4).getAsInteger(16, high) ||
      text.substr(8, 4).getAsInteger(16, low) || high >> 10 != 0xd800 >> 10 ||
      low >> 10 != 0xdc00 >> 10)
    return std::nullopt;
  return 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
}

/// The text with such pairs written out. LLVM's parser takes those of every
/// second plane for others: it joins their halves with "or".
static std::string withoutPairs(StringRef text) {
  std::string result;
  for (size_t at; (at = text.find('\\')) != StringRef::npos;) {
    result += text.take_front(at);
    text = text.drop_front(at);
    char bytes[UNI_MAX_UTF8_BYTES_PER_CODE_POINT], *end = bytes;
    size_t read = 2;
    if (auto c = escapedPair(text); c && ConvertCodePointToUTF8(*c, end)) {
      result.append(bytes, end);
      read = 12;
    } else {
      result += text.take_front(read);
    }
    text = text.drop_front(std::min(read, text.size()));
  }
  return result + text.str();
}

Expected<json::Value> parseJson(StringRef text, StringRef origin) {
  StringRef problem = describeNoJson(text);
  if (!problem.empty())
    return userError(origin + ": " + problem);
  if (unsigned depth = jsonDepth(text); depth > kMaxJsonDepth)
    return userError(origin + ": JSON is nested " + Twine(depth) +
                     " deep, expected at most " + Twine(kMaxJsonDepth));
  std::string plain;
  if (text.contains("\\ud") || text.contains("\\uD"))
    text = plain = withoutPairs(text);
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
