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
#include <string.h>
#include <sys/auxv.h>

namespace setun::runtime {

/// Of the libraries linked into every executable.
static constexpr char kNotices[] =
#include "runtime/Notices.inc"
    ;

static std::span<const abi::Section> sectionsOf(const abi::Model &model) {
  return {model.sections, model.numSections};
}
static std::span<const abi::BatchClass> classesOf(const abi::Level &level) {
  return {level.classes, level.numClasses};
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

static std::vector<std::string> featuresOf(const abi::Level &level) {
  return {level.features, level.features + level.numFeatures};
}

static void printRow(const char *what, const std::string &value) {
  printf("%-12s  %s\n", what, value.c_str());
}

/// One level: with the target. Several: a line each, saying which one is used
/// and why another cannot be.
static void printLevels(const abi::Model &model, const abi::Level &used) {
  if (model.numLevels == 1)
    return printRow("target", format("%s, %s", model.triple, used.name));
  printRow("target", model.triple);
  for (const abi::Level &level : levelsOf(model)) {
    std::string lacking = join(lackingFeatures(level), " ");
    std::string note = &level == &used   ? "  (runs here)"
                       : lacking.empty() ? ""
                                         : "  (this CPU lacks " + lacking + ")";
    printRow(&level == model.levels ? "levels" : "", level.name + note);
  }
}

static void printText(const abi::Model &model, const abi::Level &used) {
  printRow("model", model.name);
  printRow("parameters", decimalCount(model.parameters));
  printRow("shape",
           format("%u layers, hidden %u, ffn %u, %u heads of %u, %u kv "
                  "heads, vocabulary %u",
                  model.layers, model.hiddenSize, model.intermediateSize,
                  model.heads, model.headDim, model.kvHeads, model.vocabSize));
  bool lossy = !strcmp(model.kvElement, "i8");
  printRow("context",
           format("up to %u tokens, %s each as %s%s", model.contextLength,
                  binarySize(model.kvBytesPerPosition).c_str(), model.kvElement,
                  lossy ? " (lossy: changes the results)" : ""));
  if (model.embedError)
    printRow("embedding", std::string(model.embedError) + " (lossy)");
  printLevels(model, used);
  printRow("features", join(featuresOf(used), " "));
  printRow("producer", model.producer);
  printRow("code", binarySize(codeBytes(model)));
  printRow("weights", binarySize(model.weightsBytes - model.tokenizerBytes));
  printRow("tokenizer",
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
  for (const abi::BatchClass &batch : classesOf(used))
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

static std::string classesJson(const abi::Level &level) {
  std::vector<std::string> list;
  for (const abi::BatchClass &batch : classesOf(level))
    list.push_back(Record()
                       .add("name", batch.name)
                       .add("max_rows", batch.maxRows)
                       .add("arena_bytes", batch.arenaBytes)
                       .add("worker_bytes", batch.workerBytes)
                       .json());
  return jsonList(list);
}

static std::string jsonStrings(std::vector<std::string> texts) {
  for (std::string &text : texts)
    text = jsonString(text);
  return jsonList(texts);
}

static std::string kernelsJson(const abi::Level &level) {
  std::vector<std::string> names;
  for (const abi::KernelEntry &entry :
       std::span(level.kernels, level.numKernels))
    names.push_back(entry.name);
  return jsonStrings(names);
}

static std::string levelsJson(const abi::Model &model, const abi::Level &used) {
  std::vector<std::string> list;
  for (const abi::Level &level : levelsOf(model))
    list.push_back(Record()
                       .add("name", level.name)
                       .addJson("chosen", &level == &used ? "true" : "false")
                       .addJson("lacking", jsonStrings(lackingFeatures(level)))
                       .addJson("features", jsonStrings(featuresOf(level)))
                       .addJson("classes", classesJson(level))
                       .addJson("kernels", kernelsJson(level))
                       .json());
  return jsonList(list);
}

static void printJson(const abi::Model &model, const abi::Level &used) {
  std::vector<std::string> stops;
  for (uint32_t i = 0; i < model.numStopTokens; ++i)
    stops.push_back(format("%d", model.stopTokens[i]));
  Record info;
  info.add("name", model.name)
      .add("producer", model.producer)
      .add("triple", model.triple)
      .add("cpu", used.name)
      .addJson("features", jsonStrings(featuresOf(used)))
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
      .add("kv_element", model.kvElement)
      .add("embed_error", model.embedError ? model.embedError : "")
      .addJson("sections", sectionsJson(model))
      .addJson("classes", classesJson(used))
      .addJson("kernels", kernelsJson(used))
      .addJson("levels", levelsJson(model, used));
  printf("%s\n", info.json("  ").c_str());
}

int infoCommand(const abi::Model &model, int argc, char **argv) {
  bool json = false, licenses = false;
  std::vector<Option> options = {{0, "json", nullptr, &json, "print JSON"},
                                 {0, "licenses", nullptr, &licenses,
                                  "print the notices of the libraries inside"}};
  const abi::Level *level = chooseLevel(model);
  if (auto code = readOptions(model, options, level, argc, argv))
    return *code;
  if (licenses)
    fputs(kNotices, stdout);
  else
    json ? printJson(model, *level) : printText(model, *level);
  return fflush(stdout) ? fail("cannot write the output") : 0;
}

} // namespace setun::runtime
