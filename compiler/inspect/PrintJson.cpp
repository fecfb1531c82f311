//===- PrintJson.cpp - `setun inspect` for programs -----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keys are those of an executable's `info --json` where that has them.
//
//===----------------------------------------------------------------------===//

#include "compiler/inspect/Description.h"

#include "llvm/Support/JSON.h"

using namespace llvm;

namespace setun::compiler {

namespace {
class JsonPrinter {
public:
  JsonPrinter(const Description &it, const InspectOptions &options,
              raw_ostream &out)
      : it(it), options(options), json(out, /*IndentSize=*/2) {}

  void print() {
    json.object([&] { printFields(); });
  }

private:
  void add(StringRef key, uint64_t value) { json.attribute(key, value); }
  void add(StringRef key, const std::string &value) {
    json.attribute(key, fixUTF8(value));
  }
  static std::string fixUTF8(StringRef text) { return json::fixUTF8(text); }

  void addTexts(StringRef key, ArrayRef<std::string> texts) {
    json.attributeArray(key, [&] {
      for (const std::string &text : texts)
        json.value(fixUTF8(text));
    });
  }
  template <typename List, typename Print>
  void addObjects(StringRef key, const List &list, Print print) {
    json.attributeArray(key, [&] {
      for (const auto &element : list)
        json.object([&] { print(element); });
    });
  }

  void printFields();
  void printShape();
  void printTokenizer();
  void printLevel(const LevelDescription &level);
  void printTensor(const TensorDescription &tensor);

  const Description &it;
  const InspectOptions &options;
  json::OStream json;
};
} // namespace

void JsonPrinter::printShape() {
  add("parameters", it.parameters);
  add("vocab_size", it.vocab);
  add("context_length", it.context);
  add("layers", it.layers);
  add("hidden_size", it.hidden);
  add("intermediate_size", it.intermediate);
  add("heads", it.heads);
  add("kv_heads", it.kvHeads);
  add("head_dim", it.headDim);
  json.attribute("bos_token", it.bos);
  json.attributeArray("stop_tokens", [&] {
    for (int32_t id : it.stops)
      json.value(id);
  });
}

void JsonPrinter::printTokenizer() {
  if (!it.tokenizer)
    return json.attribute("tokenizer", nullptr);
  json.attributeObject("tokenizer", [&] {
    add("bytes", it.tokenizer->bytes);
    add("tokens", it.tokenizer->tokens);
    json.attribute("byte_level", it.tokenizer->byteLevel);
  });
}

void JsonPrinter::printLevel(const LevelDescription &level) {
  add("name", level.name);
  addTexts("features", level.features);
  addTexts("kernels", level.kernels);
  addObjects("classes", level.steps, [&](const StepDescription &step) {
    add("name", step.name);
    add("max_rows", step.rows);
    add("arena_bytes", step.arenaBytes);
    add("worker_bytes", step.workerBytes);
  });
  if (!options.bandwidth)
    return;
  json.attributeObject("predicted", [&] {
    Prediction at = predict(it, level, options);
    json.attribute("decode_tokens_per_second", at.decode);
    json.attribute("decode_bound", at.byMemory ? "reading" : "multiplying");
    json.attribute("prefill_tokens_per_second",
                   at.prefill ? json::Value(at.prefill) : nullptr);
  });
}

void JsonPrinter::printTensor(const TensorDescription &tensor) {
  add("name", tensor.name);
  add("type", tensor.type);
  json.attributeArray("shape", [&] {
    for (int64_t size : tensor.shape)
      json.value(size);
  });
  add("stored_bytes", tensor.storedBytes);
  add("packing", tensor.packing);
  add("packed_bytes", tensor.packedBytes);
  if (tensor.zeros)
    json.attribute("zeros", *tensor.zeros);
  if (!tensor.origin.empty())
    add("origin", tensor.origin);
  if (tensor.origin == "masters")
    add("near_ties", tensor.nearTies);
  if (tensor.scale)
    json.attribute("scale", *tensor.scale);
}

void JsonPrinter::printFields() {
  add("kind", it.kind);
  add("path", it.path);
  add("name", it.name);
  if (!it.producer.empty())
    add("producer", it.producer);
  add("triple", it.triple);
  printShape();
  if (it.fileBytes) {
    add("file_bytes", it.fileBytes);
    add("code_bytes", it.codeBytes);
  }
  add("weights_bytes", it.weightsBytes);
  add("token_bytes", it.tokenBytes);
  add("kv_bytes_per_position", it.cacheBytes);
  add("kv_element", it.cacheElement);
  add("embed_error", it.embedError);
  printTokenizer();
  addObjects("sections", it.sections, [&](const codegen::SectionSize &section) {
    add("name", section.name);
    add("bytes", section.bytes);
    add("weights", section.weights);
    json.attribute(
        "bits_per_weight",
        section.weights ? 8.0 * section.bytes / double(section.weights) : 0);
  });
  addObjects("levels", it.levels,
             [&](const LevelDescription &level) { printLevel(level); });
  if (!it.tensors.empty())
    addObjects("tensors", it.tensors,
               [&](const TensorDescription &tensor) { printTensor(tensor); });
}

void printJson(const Description &description, const InspectOptions &options,
               raw_ostream &out) {
  JsonPrinter(description, options, out).print();
  out << '\n';
}

} // namespace setun::compiler
