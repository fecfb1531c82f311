//===- Executable.cpp - What is in an executable --------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// It is read as a file: it may be for another machine.
//
//===----------------------------------------------------------------------===//

#include "codegen/targets/Target.h"
#include "compiler/inspect/Description.h"
#include "compiler/inspect/Image.h"
#include "frontends/File.h"
#include "runtime/abi/Checks.h"
#include "runtime/abi/Model.h"
#include "runtime/abi/Tokenizer.h"

#include "mlir/IR/MLIRContext.h"

using namespace llvm;

namespace setun::compiler {

namespace {
/// Reads what `setun_model` points at, up to the first error.
class ModelReader {
public:
  explicit ModelReader(Image &image) : image(image) {}

  std::string text(const char *address) {
    return error ? std::string() : take(image.readText(address));
  }
  template <typename T> std::vector<T> array(const T *address, uint64_t count) {
    return error ? std::vector<T>() : take(image.readArray(address, count));
  }
  std::vector<std::string> texts(const char *const *address, uint64_t count) {
    std::vector<std::string> list;
    for (const char *each : array(address, count))
      list.push_back(text(each));
    return list;
  }
  LevelDescription level(const abi::Level &level);
  /// The segment is in the file, and the tokenizer in the segment.
  std::optional<TokenizerDescription> tokenizer(const abi::Model &model);

  Error takeError() { return std::move(error); }

private:
  template <typename T> T take(Expected<T> value) {
    if (value)
      return std::move(*value);
    fail(value.takeError());
    return T();
  }
  void fail(Error another) {
    if (error)
      consumeError(std::move(another));
    else
      error = std::move(another);
  }

  Image &image;
  Error error = Error::success();
};
} // namespace

LevelDescription ModelReader::level(const abi::Level &level) {
  LevelDescription found;
  found.name = text(level.name);
  found.features = texts(level.features, level.numFeatures);
  for (const abi::KernelEntry &kernel : array(level.kernels, level.numKernels))
    found.kernels.push_back(text(kernel.name));
  for (const abi::BatchClass &batch : array(level.classes, level.numClasses))
    found.steps.push_back(
        {text(batch.name), batch.maxRows, batch.arenaBytes, batch.workerBytes});
  return found;
}

std::optional<TokenizerDescription>
ModelReader::tokenizer(const abi::Model &model) {
  StringRef weights =
      take(image.read(Image::getAddress(model.weights), model.weightsBytes));
  if (model.checksOffset)
    take(image.read(Image::getAddress(model.weights) + model.checksOffset,
                    sizeof(uint64_t) * abi::countChecks(model.numTensors,
                                                        model.weightsBytes)));
  if (!model.tokenizerBytes)
    return std::nullopt;
  StringRef rest = weights.drop_front(
      std::min<uint64_t>(model.tokenizerOffset, weights.size()));
  auto found = model.tokenizerBytes <= rest.size()
                   ? describeTokenizer(rest.take_front(model.tokenizerBytes))
                   : std::nullopt;
  if (!found)
    fail(image.damaged("found no tokenizer where the model says one is"));
  return found;
}

/// The numbers that `model` holds itself.
static Description copyNumbers(const abi::Model &model) {
  Description found;
  found.kind = "executable";
  found.vocab = model.vocabSize;
  found.context = model.contextLength;
  found.layers = model.layers;
  found.hidden = model.hiddenSize;
  found.intermediate = model.intermediateSize;
  found.heads = model.heads;
  found.kvHeads = model.kvHeads;
  found.headDim = model.headDim;
  found.bos = model.bosToken;
  found.parameters = model.parameters;
  found.weightsBytes = model.weightsBytes - model.tokenizerBytes;
  found.tokenBytes = model.tokenBytes;
  found.cacheBytes = model.kvBytesPerPosition;
  return found;
}

std::optional<TokenizerDescription> describeTokenizer(StringRef blob) {
  abi::TokenizerHeader header;
  if (blob.size() < sizeof(header))
    return std::nullopt;
  std::memcpy(&header, blob.data(), sizeof(header));
  if (header.magic != abi::kTokenizerMagic ||
      header.version != abi::kTokenizerVersion || header.bytes != blob.size())
    return std::nullopt;
  return TokenizerDescription{blob.size(), header.numTokens,
                              bool(header.flags & abi::kByteLevel)};
}

/// Sets what is known of the CPUs by the names of their levels.
static void setMacs(Description &description) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<lut::LutDialect>();
  for (LevelDescription &level : description.levels) {
    auto targets =
        codegen::resolveLevels(context, description.triple, level.name, "");
    if (!targets) {
      consumeError(targets.takeError()); // a CPU of another version's LLVM
    } else if (targets->size() == 1) {
      level.dotMacs = targets->front().getDotMacs();
      level.lookupMacs = targets->front().getLookupMacs();
      level.mixes = targets->front().getMixes();
    }
  }
}

Expected<Description> describeExecutable(StringRef path) {
  Expected<Image> image = Image::open(path);
  if (!image)
    return image.takeError();
  auto address = image->findSection(abi::kModelSection);
  if (!address)
    return address.takeError();
  ModelReader reader(*image);
  auto version = reader.array(reinterpret_cast<const uint64_t *>(*address), 1);
  if (!version.empty() && version[0] != abi::kModelVersion)
    return frontends::userError(
        path + ": another version of setun made it: inspect it with that "
               "one, which its `info` command names");
  auto models = reader.array(reinterpret_cast<const abi::Model *>(*address), 1);
  if (models.empty())
    return reader.takeError();
  const abi::Model &model = models[0];
  Description found = copyNumbers(model);
  found.path = path;
  found.name = reader.text(model.name);
  found.producer = reader.text(model.producer);
  found.triple = reader.text(model.triple);
  found.cacheElement = reader.text(model.kvElement);
  if (model.embedError)
    found.embedError = reader.text(model.embedError);
  found.fileBytes = image->getFileBytes();
  found.codeBytes = image->getBytesBeside(Image::getAddress(model.weights));
  found.stops = reader.array(model.stopTokens, model.numStopTokens);
  found.tokenizer = reader.tokenizer(model);
  for (const abi::Section &section :
       reader.array(model.sections, model.numSections))
    found.sections.push_back(
        {reader.text(section.name), section.bytes, section.weights});
  for (const abi::Level &level : reader.array(model.levels, model.numLevels))
    found.levels.push_back(reader.level(level));
  if (Error error = reader.takeError())
    return error;
  setMacs(found);
  return found;
}

} // namespace setun::compiler
