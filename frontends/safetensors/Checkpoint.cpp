//===- Checkpoint.cpp -----------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Checkpoint.h"

#include "frontends/File.h"
#include "frontends/safetensors/Directory.h"
#include "frontends/safetensors/Json.h"
#include "frontends/safetensors/Pages.h"
#include "frontends/safetensors/Problems.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <set>

using namespace llvm;

namespace setun::frontends {

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
  /// A link that leads nowhere is there; reading it tells what is wrong.
  bool has(StringRef name) const;

  Error readConfigs();
  Error readWeights();
  Error checkAdapter() const;
  Error readIndexed();
  Error readShards(ArrayRef<std::string> shards);
  Error readFile(StringRef name);
  Error checkTwice() const;
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

bool CheckpointReader::has(StringRef name) const {
  sys::fs::file_status status;
  return !sys::fs::status(pathOf(name), status, /*follow=*/false);
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
    return joinErrors(checkAdapter(), readFile(kWeights));
  if (has(kIndex))
    return joinErrors(checkAdapter(), readIndexed());
  auto shards = listShards(listFiles(checkpoint.root), checkpoint.root);
  if (!shards)
    return shards.takeError();
  if (shards->empty())
    return explainMissingWeights(checkpoint.root);
  return joinErrors(checkAdapter(), readShards(*shards));
}

/// transformers would apply it.
Error CheckpointReader::checkAdapter() const {
  if (!has(kAdapter))
    return Error::success();
  return userError(pathOf(kAdapter) +
                   ": found a LoRA adapter beside the model, which would not "
                   "be applied; merge it (PEFT's merge_and_unload), or remove "
                   "the file if it is");
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

Error CheckpointReader::readIndexed() {
  std::string path = pathOf(kIndex);
  auto value = readObject(path);
  if (!value)
    return value.takeError();
  const json::Object *index = value->getAsObject()->getObject("weight_map");
  if (!index)
    return userError(path + ": found no object 'weight_map'");

  Problems problems;
  std::set<std::string> shards;
  for (StringRef tensor : sortedKeys(*index)) {
    std::optional<StringRef> shard = index->getString(tensor);
    if (shard && isPlainFileName(*shard))
      shards.insert(shard->str());
    else
      problems.add(path + ": tensor '" + tensor + "' is in " +
                   shortText(*index->get(tensor)) +
                   ", expected the name of a file in the same directory");
  }
  if (!problems.empty())
    return problems.take();
  problems.add(readShards(std::vector(shards.begin(), shards.end())));
  problems.add(checkIndex(*index));
  return problems.take();
}

Error CheckpointReader::readShards(ArrayRef<std::string> shards) {
  Problems problems;
  size_t missing =
      count_if(shards, [&](StringRef shard) { return !has(shard); });
  if (missing)
    problems.add(checkpoint.root + ": " + Twine(missing) + " of " +
                 Twine(shards.size()) +
                 " shards are missing; is the download complete?");
  for (StringRef shard : shards)
    problems.add(has(shard) ? readFile(shard)
                            : userError(pathOf(shard) + ": missing"));
  problems.add(checkTwice());
  return problems.take();
}

/// No tensor lies in two shards.
Error CheckpointReader::checkTwice() const {
  Problems problems;
  StringMap<unsigned> files;
  for (const TensorInfo &tensor : checkpoint.all)
    if (auto [known, isNew] = files.try_emplace(tensor.name, tensor.file);
        !isNew)
      problems.add(pathOf(checkpoint.mapped[tensor.file].name) + ": tensor '" +
                   tensor.name + "' is in " +
                   checkpoint.mapped[known->second].name + ", too");
  return problems.take();
}

/// The index and the shards that could be read must tell of the same tensors.
Error CheckpointReader::checkIndex(const json::Object &index) const {
  Problems problems;
  StringMap<StringRef> stored; // tensor -> shard
  std::set<StringRef> shards;
  for (const Checkpoint::File &file : checkpoint.mapped)
    shards.insert(file.name);
  for (const TensorInfo &tensor : checkpoint.all) {
    StringRef shard = checkpoint.mapped[tensor.file].name;
    stored.insert({tensor.name, shard});
    if (!index.get(tensor.name))
      problems.add(pathOf(shard) + ": tensor '" + tensor.name +
                   "' is not listed in " + kIndex);
  }
  for (StringRef tensor : sortedKeys(index)) {
    StringRef listed = *index.getString(tensor), found = stored.lookup(tensor);
    if (found.empty() && shards.count(listed))
      problems.add(pathOf(listed) + ": tensor '" + tensor + "' is missing; " +
                   kIndex + " lists it here");
    else if (!found.empty() && found != listed)
      problems.add(pathOf(kIndex) + ": tensor '" + tensor + "' is listed in " +
                   listed + ", but lies in " + found);
  }
  return problems.take();
}

} // namespace setun::frontends
