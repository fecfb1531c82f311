//===- Info.cpp - What is in this executable ------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Command.h"
#include "runtime/support/Record.h"

#include <elf.h>
#include <stdio.h>
#include <sys/auxv.h>

namespace setun::runtime {

/// Of the libraries linked into every executable.
static constexpr char kNotices[] =
#include "runtime/Notices.inc"
    ;

static std::span<const abi::Section> sectionsOf(const abi::Model &model) {
  return {model.sections, model.numSections};
}
static std::span<const abi::BatchClass> classesOf(const abi::Model &model) {
  return {model.classes, model.numClasses};
}

static double bitsPerWeight(uint64_t bytes, uint64_t weights) {
  return weights ? 8.0 * bytes / weights : 0;
}

/// Bytes of code and data in memory: the segments that are not the weights.
static uint64_t codeBytes(const abi::Model &model) {
  auto *header = reinterpret_cast<const Elf64_Phdr *>(getauxval(AT_PHDR));
  uint64_t bytes = 0;
  for (size_t i = 0; header && i < getauxval(AT_PHNUM); ++i)
    if (header[i].p_type == PT_LOAD &&
        reinterpret_cast<uint64_t>(model.weights) - header[i].p_vaddr >=
            header[i].p_memsz)
      bytes += header[i].p_memsz;
  return bytes;
}

static std::string features(const abi::Model &model) {
  std::string text;
  for (uint32_t i = 0; i < model.numFeatures; ++i)
    text += format(i ? " %s" : "%s", model.features[i]);
  return text;
}

static void printText(const abi::Model &model) {
  auto row = [](const char *what, const std::string &value) {
    printf("%-12s  %s\n", what, value.c_str());
  };
  row("model", model.name);
  row("parameters", decimalCount(model.parameters));
  row("shape",
      format("%u layers, hidden %u, ffn %u, %u heads of %u, %u kv "
             "heads, vocabulary %u",
             model.layers, model.hiddenSize, model.intermediateSize,
             model.heads, model.headDim, model.kvHeads, model.vocabSize));
  row("context", format("up to %u tokens, %s each", model.contextLength,
                        binarySize(model.kvBytesPerPosition).c_str()));
  row("target", format("%s, %s", model.triple, model.cpu));
  row("features", features(model));
  row("producer", model.producer);
  row("code", binarySize(codeBytes(model)));
  row("weights", binarySize(model.weightsBytes - model.tokenizerBytes));
  row("tokenizer",
      model.tokenizerBytes ? binarySize(model.tokenizerBytes) : "none");
  printf("\n%-24s  %12s  %12s  %11s\n", "section", "weights", "size",
         "bits/weight");
  for (const abi::Section &section : sectionsOf(model)) {
    printf("%-24s  %12llu  %12s", section.name,
           (unsigned long long)section.weights,
           binarySize(section.bytes).c_str());
    if (section.weights)
      printf("  %11.2f", bitsPerWeight(section.bytes, section.weights));
    printf("\n");
  }
  printf("\n%-24s  %12s  %12s  %11s\n", "step", "rows", "activations",
         "a thread");
  for (const abi::BatchClass &batch : classesOf(model))
    printf("%-24s  %12u  %12s  %11s\n", batch.name, batch.maxRows,
           binarySize(batch.arenaBytes).c_str(),
           binarySize(batch.workerBytes).c_str());
}

static std::string sectionsJson(const abi::Model &model) {
  std::vector<std::string> list;
  for (const abi::Section &section : sectionsOf(model))
    list.push_back(Record()
                       .add("name", section.name)
                       .add("bytes", section.bytes)
                       .add("weights", section.weights)
                       .addReal("bits_per_weight",
                                bitsPerWeight(section.bytes, section.weights))
                       .json());
  return jsonList(list);
}

static std::string classesJson(const abi::Model &model) {
  std::vector<std::string> list;
  for (const abi::BatchClass &batch : classesOf(model))
    list.push_back(Record()
                       .add("name", batch.name)
                       .add("max_rows", batch.maxRows)
                       .add("arena_bytes", batch.arenaBytes)
                       .add("worker_bytes", batch.workerBytes)
                       .json());
  return jsonList(list);
}

static void printJson(const abi::Model &model) {
  std::vector<std::string> words, stops, kernels;
  for (uint32_t i = 0; i < model.numFeatures; ++i)
    words.push_back(jsonString(model.features[i]));
  for (uint32_t i = 0; i < model.numStopTokens; ++i)
    stops.push_back(format("%d", model.stopTokens[i]));
  for (uint32_t i = 0; i < model.numKernels; ++i)
    kernels.push_back(jsonString(model.kernels[i].name));
  Record info;
  info.add("name", model.name)
      .add("producer", model.producer)
      .add("triple", model.triple)
      .add("cpu", model.cpu)
      .addJson("features", jsonList(words))
      .add("parameters", model.parameters)
      .add("vocab_size", model.vocabSize)
      .add("context_length", model.contextLength)
      .add("layers", model.layers)
      .add("hidden_size", model.hiddenSize)
      .add("intermediate_size", model.intermediateSize)
      .add("heads", model.heads)
      .add("kv_heads", model.kvHeads)
      .add("head_dim", model.headDim)
      .addJson("bos_token", format("%d", model.bosToken))
      .addJson("stop_tokens", jsonList(stops))
      .add("code_bytes", codeBytes(model))
      .add("weights_bytes", model.weightsBytes - model.tokenizerBytes)
      .add("tokenizer_bytes", model.tokenizerBytes)
      .add("kv_bytes_per_position", model.kvBytesPerPosition)
      .addJson("sections", sectionsJson(model))
      .addJson("classes", classesJson(model))
      .addJson("kernels", jsonList(kernels));
  printf("%s\n", info.json("  ").c_str());
}

int infoCommand(const abi::Model &model, int argc, char **argv) {
  bool json = false, licenses = false;
  const Option options[] = {{0, "json", nullptr, &json, "print JSON"},
                            {0, "licenses", nullptr, &licenses,
                             "print the notices of the libraries inside"}};
  if (auto code = readOptions(options, argc, argv))
    return *code;
  if (licenses)
    fputs(kNotices, stdout);
  else
    json ? printJson(model) : printText(model);
  return fflush(stdout) ? fail("cannot write the output") : 0;
}

} // namespace setun::runtime
