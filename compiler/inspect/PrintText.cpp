//===- PrintText.cpp - `setun inspect` for people -------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/inspect/Description.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>

using namespace llvm;

namespace setun::compiler {

/// "1.50 MiB"
static std::string getSize(uint64_t bytes) {
  static constexpr StringLiteral kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024)
    return formatv("{0} B", bytes);
  double size = bytes / 1024.0;
  unsigned unit = 0;
  for (; size >= 1024 && unit < 3; ++unit)
    size /= 1024;
  return formatv("{0:f2} {1}", size, kUnits[unit]);
}

/// "2.41 G"
static std::string getCount(uint64_t count) {
  static constexpr StringLiteral kUnits[] = {"k", "M", "G"};
  if (count < 1000)
    return std::to_string(count);
  double shown = count / 1e3;
  unsigned unit = 0;
  for (; shown >= 1000 && unit < 2; ++unit)
    shown /= 1000;
  return formatv("{0:f2} {1}", shown, kUnits[unit]);
}

static std::string getBits(uint64_t bytes, uint64_t weights) {
  return weights ? formatv("{0:f2}", 8.0 * bytes / weights).str() : "";
}

namespace {
class TextPrinter {
public:
  TextPrinter(const Description &it, const InspectOptions &options,
              raw_ostream &out)
      : it(it), options(options), out(out) {}

  void print();

private:
  void row(StringRef what, const Twine &value) {
    out << left_justify(what, 14) << value << '\n';
  }
  void printHead();
  void printTokenizer();
  void printSections();
  void printTensors();
  void printLevels();
  void printPredictions();

  const Description &it;
  const InspectOptions &options;
  raw_ostream &out;
};

/// Tensors that differ in the number of their layer only.
struct Kind {
  unsigned tensors = 0;
  uint64_t weights = 0, storedBytes = 0, packedBytes = 0, nearTies = 0;
  double leastZeros = 1, mostZeros = 0, leastScale = 0, mostScale = 0;
  const TensorDescription *first = nullptr;

  void add(const TensorDescription &tensor);
};
} // namespace

void Kind::add(const TensorDescription &tensor) {
  if (!first)
    leastScale = mostScale = tensor.scale.value_or(0);
  first = first ? first : &tensor;
  ++tensors;
  weights += tensor.getWeights();
  storedBytes += tensor.storedBytes;
  packedBytes += tensor.packedBytes;
  nearTies += tensor.nearTies;
  leastZeros = std::min(leastZeros, tensor.zeros.value_or(0));
  mostZeros = std::max(mostZeros, tensor.zeros.value_or(0));
  leastScale = std::min(leastScale, tensor.scale.value_or(0));
  mostScale = std::max(mostScale, tensor.scale.value_or(0));
}

void TextPrinter::print() {
  printHead();
  printSections();
  printTensors();
  printLevels();
  printPredictions();
}

void TextPrinter::printHead() {
  row(it.kind, it.path);
  if (!it.producer.empty())
    row("producer", it.producer);
  row("model", it.name);
  row("parameters", getCount(it.parameters));
  row("shape", formatv("{0} layers, hidden {1}, ffn {2}, {3} heads of {4}, {5} "
                       "kv heads, vocabulary {6}",
                       it.layers, it.hidden, it.intermediate, it.heads,
                       it.headDim, it.kvHeads, it.vocab));
  row("context", formatv("up to {0} tokens, {1} each as {2}", it.context,
                         getSize(it.cacheBytes), it.cacheElement));
  if (!it.embedError.empty())
    row("embedding", it.embedError);
  row("target", it.triple);
  printTokenizer();
  if (it.fileBytes)
    row("file", getSize(it.fileBytes) + ", of which code and data " +
                    getSize(it.codeBytes));
  row("weights", getSize(it.weightsBytes) +
                     ", of which a decoded token reads " +
                     getSize(it.tokenBytes));
}

void TextPrinter::printTokenizer() {
  if (!it.tokenizer)
    return row("tokenizer",
               it.noTokenizer.empty() ? "none" : "none: " + it.noTokenizer);
  row("tokenizer",
      formatv("{0} BPE, {1} tokens, {2}",
              it.tokenizer->byteLevel ? "byte-level" : "code-point",
              it.tokenizer->tokens, getSize(it.tokenizer->bytes)));
}

void TextPrinter::printSections() {
  out << formatv("\n{0,-24}  {1,12}  {2,12}  {3,11}\n", "section", "weights",
                 "size", "bits/weight");
  for (const codegen::SectionSize &section : it.sections)
    out << formatv("{0,-24}  {1,12}  {2,12}  {3,11}\n", section.name,
                   section.weights, getSize(section.bytes),
                   getBits(section.bytes, section.weights));
}

/// "model.layers.*.mlp.up_proj.weight", or each by its name.
static std::string getKind(const TensorDescription &tensor, bool each) {
  SmallVector<StringRef> words;
  StringRef(tensor.name).split(words, '.');
  for (StringRef &word : words)
    if (!each && all_of(word, isDigit))
      word = "*";
  return join(words, ".");
}

static std::string getRange(const char *format, double least, double most,
                            StringRef unit) {
  std::string from = formatv(format, least), to = formatv(format, most);
  return (from == to ? to : from + "-" + to) + unit.str();
}

void TextPrinter::printTensors() {
  if (it.tensors.empty())
    return;
  MapVector<std::string, Kind, std::map<std::string, unsigned>> kinds;
  for (const TensorDescription &tensor : it.tensors)
    kinds[getKind(tensor, options.tensors)].add(tensor);
  const char *format =
      "{0,-46} {1,5} {2,5} {3,12} {4,12} {5,12} {6,6} {7,6} {8,11} {9,15}\n";
  out << '\n'
      << formatv(format, "tensor", "count", "type", "shape", "stored", "packed",
                 "in", "bits", "zeros", "scale");
  uint64_t nearTies = 0;
  bool masters = false;
  for (auto &[name, kind] : kinds) {
    const TensorDescription &first = *kind.first;
    std::string shape = join(
        map_range(first.shape, [](int64_t n) { return std::to_string(n); }),
        "x");
    nearTies += kind.nearTies;
    masters |= first.origin == "masters";
    out << formatv(format, name, kind.tensors, first.type, shape,
                   getSize(kind.storedBytes), getSize(kind.packedBytes),
                   first.packing, getBits(kind.packedBytes, kind.weights),
                   first.zeros ? getRange("{0:f1}", 100 * kind.leastZeros,
                                          100 * kind.mostZeros, " %")
                               : "",
                   first.scale
                       ? getRange("{0:f4}", kind.leastScale, kind.mostScale, "")
                       : "");
  }
  if (masters)
    row("near-ties",
        Twine(nearTies) + " masters lie within an ulp of a half of the scale");
}

void TextPrinter::printLevels() {
  for (const LevelDescription &level : it.levels) {
    out << '\n' << left_justify("level", 14) << level.name << '\n';
    if (!level.features.empty())
      row("features", join(level.features, " "));
    row("kernels", Twine(level.kernels.size()));
    for (const StepDescription &step : level.steps)
      row(step.name, formatv("up to {0} tokens, {1} of activations, {2} a "
                             "thread",
                             step.rows, getSize(step.arenaBytes),
                             getSize(step.workerBytes)));
  }
}

void TextPrinter::printPredictions() {
  if (!options.bandwidth)
    return;
  out << formatv("\nat best with {0} core{3} of {1:f1} GHz and {2:f1} GB/s:\n",
                 options.cores, options.clock, options.bandwidth,
                 options.cores == 1 ? "" : "s");
  for (const LevelDescription &level : it.levels) {
    Prediction at = predict(it, level, options);
    std::string prefill =
        at.prefill ? formatv("{0:f1} tokens/s", at.prefill).str() : "unknown";
    out << formatv("{0,-24}  decode {1:f1} tokens/s ({2}), prefill {3}\n",
                   level.name, at.decode,
                   at.byMemory ? "reading" : "multiplying", prefill);
  }
}

void printText(const Description &description, const InspectOptions &options,
               raw_ostream &out) {
  TextPrinter(description, options, out).print();
}

} // namespace setun::compiler
