//===- Directory.cpp ------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Directory.h"

#include "frontends/File.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/Path.h"

#include <set>

using namespace llvm;

namespace setun::frontends {

static constexpr unsigned kMaxShards = 10000;

std::vector<std::string> listFiles(StringRef directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (sys::fs::directory_iterator file(directory, error, false), end;
       !error && file != end; file.increment(error))
    names.push_back(sys::path::filename(file->path()).str());
  sort(names);
  return names;
}

/// The number behind "-of-" in model-00001-of-00007.safetensors.
static std::optional<unsigned> parseShardCount(StringRef name) {
  unsigned shard = 0, count = 0;
  if (name.consume_front("model-") && name.consume_back(".safetensors") &&
      name.size() == 14 && name.substr(5, 4) == "-of-" &&
      !name.take_front(5).getAsInteger(10, shard) &&
      !name.take_back(5).getAsInteger(10, count) && 1 <= shard &&
      shard <= count && count <= kMaxShards)
    return count;
  return std::nullopt;
}

Expected<std::vector<std::string>> listShards(ArrayRef<std::string> files,
                                              StringRef directory) {
  std::set<unsigned> counts;
  for (StringRef file : files)
    if (std::optional<unsigned> count = parseShardCount(file))
      counts.insert(*count);
  std::vector<std::string> shards;
  if (counts.size() > 1)
    return userError(directory + ": found shards of several sets, of " +
                     Twine(*counts.begin()) + " and of " +
                     Twine(*counts.rbegin()) + ", and no " + kIndex +
                     " that says which to read; remove the other ones");
  for (unsigned count : counts)
    for (unsigned i = 1; i <= count; ++i)
      shards.push_back(
          formatv("model-{0,0+5}-of-{1,0+5}.safetensors", i, count));
  return shards;
}

//===----------------------------------------------------------------------===//
// No weights
//===----------------------------------------------------------------------===//

static constexpr struct {
  StringLiteral pattern, advice;
} kInstead[] = {
    {"adapter_*", "which belongs to a LoRA adapter, expected a whole model; "
                  "merge it into its base model (PEFT's merge_and_unload) and "
                  "compile what that saves"},
    {"pytorch_model*.bin*", "expected model.safetensors; convert it with "
                            "save_pretrained(safe_serialization=True)"},
    {"consolidated.*", "whose names are not those of transformers; get the "
                       "files of the Hugging Face format"},
    {"*.gguf", "a GGUF file, which is not supported yet; compile the Hugging "
               "Face directory that it was made of"},
    {"tf_model.h5", "of TensorFlow, expected model.safetensors; load it with "
                    "from_tf=True and save it"},
    {"flax_model*.msgpack", "of Flax, expected model.safetensors; load it with "
                            "from_flax=True and save it"},
    {"*.onnx", "of ONNX, expected model.safetensors"},
};

static std::string join(StringRef directory, StringRef name) {
  SmallString<128> path(directory);
  sys::path::append(path, name);
  return std::string(path);
}

static bool isModel(StringRef directory) {
  auto has = [&](StringRef name) {
    return sys::fs::exists(join(directory, name));
  };
  return has("config.json") && (has(kWeights) || has(kIndex));
}

/// "; <subfolder> holds one", as of trainers that save a folder every so often.
static std::string describeSubfolders(StringRef directory,
                                      ArrayRef<std::string> files) {
  constexpr size_t kShown = 5;
  SmallVector<StringRef> found;
  for (StringRef file : files)
    if (isModel(join(directory, file)))
      found.push_back(file);
  if (found.empty())
    return "";
  bool more = found.size() > kShown;
  return "; a model lies in " +
         llvm::join(ArrayRef(found).take_front(kShown), ", ") +
         (more ? " and others" : "") + ": compile " +
         (found.size() > 1 ? "one of these" : "that");
}

/// What the directory holds instead; or "".
static std::string describeInstead(ArrayRef<std::string> files) {
  for (const auto &[pattern, advice] : kInstead) {
    GlobPattern glob = cantFail(GlobPattern::create(pattern));
    for (StringRef file : files)
      if (glob.match(file))
        return ("found " + file + ", " + advice).str();
  }
  for (StringRef file : files)
    if (file.ends_with(".safetensors"))
      return ("found .safetensors files like " + file + ", but neither " +
              kWeights + " nor " + kIndex)
          .str();
  return "";
}

Error explainMissingWeights(StringRef directory) {
  std::vector<std::string> files = listFiles(directory);
  std::string instead = describeInstead(files);
  if (instead.empty())
    instead =
        ("found no weights, expected " + kWeights + " or " + kIndex).str();
  return userError(directory + ": " + instead +
                   describeSubfolders(directory, files));
}

} // namespace setun::frontends
