//===- Checkpoint.cpp -----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Checkpoint.h"

#include "frontends/File.h"
#include "frontends/safetensors/Json.h"
#include "frontends/safetensors/Pages.h"
#include "frontends/safetensors/Problems.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <set>

using namespace llvm;

namespace setun::frontends {

static constexpr StringLiteral kWeights = "model.safetensors";
static constexpr StringLiteral kIndex = "model.safetensors.index.json";

const TensorInfo *Checkpoint::find(StringRef name) const {
  auto found = lower_bound(
      all, name, [](const TensorInfo &a, StringRef b) { return a.name < b; });
  return found != all.end() && found->name == name ? &*found : nullptr;
}

StringRef Checkpoint::bytes(const TensorInfo &tensor) const {
  StringRef contents = mapped[tensor.file].buffer->getBuffer();
  return contents.substr(tensor.offset, tensor.bytes);
}

void Checkpoint::release(const TensorInfo &tensor) const {
  releasePages(*mapped[tensor.file].buffer, tensor.offset, tensor.bytes);
}

static Expected<json::Value> readObject(StringRef path) {
  auto value = readJson(path);
  if (value && !value->getAsObject())
    return userError(path + ": expected a JSON object");
  return value;
}

/// A shard lies in the directory itself: an index is no way out of it.
static bool isPlainFileName(StringRef name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(StringRef("/\\\0", 3)) == StringRef::npos;
}

/// Fills in a Checkpoint.
class CheckpointReader {
public:
  explicit CheckpointReader(StringRef directory) {
    checkpoint.root = directory.str();
  }

  Expected<Checkpoint> read();

private:
  std::string pathOf(StringRef name) const;
  bool has(StringRef name) const { return sys::fs::exists(pathOf(name)); }
  bool hasFileEndingIn(StringRef suffix) const;

  Error readConfigs();
  Error readWeights();
  Error explainMissingWeights() const;
  Error readShards();
  Error readFile(StringRef name);
  Error checkIndex(const json::Object &index) const;

  Checkpoint checkpoint;
};

Expected<Checkpoint> Checkpoint::open(StringRef directory) {
  return CheckpointReader(directory).read();
}

Expected<Checkpoint> CheckpointReader::read() {
  StringRef root = checkpoint.root;
  if (!sys::fs::exists(root))
    return userError(root + ": no such file or directory");
  if (!sys::fs::is_directory(root))
    return userError(root + ": expected a Hugging Face checkpoint, which is a "
                            "directory with a config.json");
  if (!has("config.json") && hasFileEndingIn(".gguf"))
    return userError(root + ": found a GGUF file, which is not supported yet; "
                            "compile the Hugging Face directory instead");
  Problems problems;
  problems.add(readConfigs());
  problems.add(readWeights());
  if (!problems.empty())
    return problems.take();
  sort(checkpoint.all, [](const TensorInfo &a, const TensorInfo &b) {
    return a.name < b.name;
  });
  return std::move(checkpoint);
}

std::string CheckpointReader::pathOf(StringRef name) const {
  SmallString<128> path(checkpoint.root);
  sys::path::append(path, name);
  return std::string(path);
}

bool CheckpointReader::hasFileEndingIn(StringRef suffix) const {
  std::error_code error;
  for (sys::fs::directory_iterator file(checkpoint.root, error), end;
       !error && file != end; file.increment(error))
    if (StringRef(file->path()).ends_with(suffix))
      return true;
  return false;
}

Error CheckpointReader::readConfigs() {
  Problems problems;
  auto config = readObject(pathOf("config.json"));
  if (config)
    checkpoint.configValue = std::move(*config);
  else
    problems.add(config.takeError());

  if (has("generation_config.json")) {
    auto generation = readObject(pathOf("generation_config.json"));
    if (generation)
      checkpoint.generationValue = std::move(*generation);
    else
      problems.add(generation.takeError());
  }
  return problems.take();
}

Error CheckpointReader::readWeights() {
  if (has(kWeights))
    return readFile(kWeights);
  if (has(kIndex))
    return readShards();
  return explainMissingWeights();
}

Error CheckpointReader::explainMissingWeights() const {
  StringRef root = checkpoint.root;
  if (has("pytorch_model.bin") || has("pytorch_model.bin.index.json"))
    return userError(root + ": found pytorch_model.bin, expected " + kWeights +
                     "; convert it with save_pretrained(safe_serialization="
                     "True)");
  if (hasFileEndingIn(".safetensors"))
    return userError(root + ": found .safetensors files, but neither " +
                     kWeights + " nor " + kIndex);
  return userError(root + ": found no weights, expected " + kWeights + " or " +
                   kIndex);
}

Error CheckpointReader::readFile(StringRef name) {
  std::string path = pathOf(name);
  auto buffer = mapFile(path);
  if (!buffer)
    return buffer.takeError();
  auto tensors =
      readSafetensors((*buffer)->getBuffer(), path, checkpoint.mapped.size());
  if (!tensors)
    return tensors.takeError();
  checkpoint.mapped.push_back({name.str(), std::move(*buffer)});
  append_range(checkpoint.all, std::move(*tensors));
  return Error::success();
}

Error CheckpointReader::readShards() {
  std::string path = pathOf(kIndex);
  auto value = readObject(path);
  if (!value)
    return value.takeError();
  const json::Object *index = value->getAsObject()->getObject("weight_map");
  if (!index)
    return userError(path + ": found no object 'weight_map'");

  Problems problems;
  std::set<StringRef> shards;
  for (StringRef tensor : sortedKeys(*index)) {
    std::optional<StringRef> shard = index->getString(tensor);
    if (shard && isPlainFileName(*shard))
      shards.insert(*shard);
    else
      problems.add(path + ": tensor '" + tensor + "' is in " +
                   shortText(*index->get(tensor)) +
                   ", expected the name of a file in the same directory");
  }
  if (!problems.empty())
    return problems.take();
  for (StringRef shard : shards)
    problems.add(has(shard) ? readFile(shard)
                            : userError(pathOf(shard) + ": missing; " + kIndex +
                                        " lists it"));
  if (problems.empty())
    problems.add(checkIndex(*index));
  return problems.take();
}

/// The index and the shards must tell of the same tensors.
Error CheckpointReader::checkIndex(const json::Object &index) const {
  Problems problems;
  std::set<std::pair<StringRef, StringRef>> stored; // tensor, shard
  for (const TensorInfo &tensor : checkpoint.all) {
    StringRef shard = checkpoint.mapped[tensor.file].name;
    stored.insert({tensor.name, shard});
    if (index.getString(tensor.name) != shard)
      problems.add(pathOf(shard) + ": tensor '" + tensor.name +
                   "' is not listed in " + kIndex);
  }
  for (StringRef tensor : sortedKeys(index)) {
    StringRef shard = *index.getString(tensor);
    if (!stored.count({tensor, shard}))
      problems.add(pathOf(shard) + ": tensor '" + tensor + "' is missing; " +
                   kIndex + " lists it here");
  }
  return problems.take();
}

} // namespace setun::frontends
