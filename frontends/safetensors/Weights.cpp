//===- Weights.cpp --------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `weight_scale` means depends on the class that transformers puts in the
// place of nn.Linear (integrations/bitnet.py):
//
//   bitlinear               T packed, y = T x / weight_scale
//   autobitlinear, offline  T packed or as floats, y = T x · weight_scale
//   autobitlinear, online   master weights W, s = 1 / max(mean |W|, 1e-5),
//                           T = clamp(round(W · s), -1, 1), y = T x / s
//
// A scale may be one of each row, [rows] or [rows, 1], or of each of G groups
// of a row, [rows, G]. Without a quantization_config x is not quantized, and W
// must be trits times scales.
//
//===----------------------------------------------------------------------===//

#include "frontends/safetensors/Weights.h"

#include "frontends/File.h"
#include "frontends/safetensors/Problems.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;

namespace setun::frontends {

/// Columns of a group with a scale are a multiple of these.
static constexpr int64_t kGroupColumns = 16;

namespace {

class Resolver {
public:
  Resolver(const Checkpoint &checkpoint, const ModelConfig &config)
      : checkpoint(checkpoint), config(config) {}

  Expected<ModelWeights> resolve();

private:
  LayerWeights layer(const std::string &prefix);

  LinearWeight linear(const std::string &prefix, int64_t rows, int64_t cols,
                      bool hasBias);
  void attachments(const std::string &prefix, bool hasBias,
                   LinearWeight &weight);
  std::optional<Encoding> encodingOf(const LinearWeight &weight);
  void readScale(LinearWeight &weight, const std::string &scaleName);
  ArrayRef<int64_t> scaleShape(const LinearWeight &weight,
                               const std::string &scaleName);
  bool isFloat(const std::string &prefix, const LinearWeight &weight);
  void checkFloats(LinearWeight &weight);
  void recover(LinearWeight &weight);
  void checkTrits(const LinearWeight &weight);
  void quantizeMaster(LinearWeight &weight);
  void quantize(LinearWeight &weight);

  const TensorInfo *floats(const std::string &name, ArrayRef<int64_t> shape,
                           StringRef hint = "");
  const TensorInfo *norm(const std::string &prefix, StringRef name,
                         int64_t width);
  const TensorInfo *require(const std::string &name, StringRef hint = "");
  void checkOthers();
  void checkSpareHead(const TensorInfo &head);

  std::string nameOf(const TensorInfo &tensor) const;
  void problem(const TensorInfo &tensor, const Twine &text) {
    problems.add(nameOf(tensor) + ": " + text);
  }

  const Checkpoint &checkpoint;
  const ModelConfig &config;
  Problems problems;
  StringSet<> used;
  std::string root = "model."; ///< of all names but the head's
};

} // namespace

std::string Resolver::nameOf(const TensorInfo &tensor) const {
  return (checkpoint.directory() + "/" + checkpoint.files()[tensor.file].name +
          ": tensor '" + tensor.name + "'")
      .str();
}

const TensorInfo *Resolver::require(const std::string &name, StringRef hint) {
  used.insert(name);
  const TensorInfo *tensor = checkpoint.find(name);
  if (!tensor)
    problems.add(checkpoint.directory() + ": tensor '" + name + "' is missing" +
                 hint);
  return tensor;
}

/// A norm, an embedding or a head. Never null when there was no problem.
const TensorInfo *Resolver::floats(const std::string &name,
                                   ArrayRef<int64_t> shape, StringRef hint) {
  const TensorInfo *tensor = require(name, hint);
  if (!tensor)
    return nullptr;
  std::optional<Encoding> encoding = floatEncoding(tensor->dtype);
  if (!encoding || ArrayRef<int64_t>(tensor->shape) != shape) {
    problem(*tensor, "found " + describe(*tensor) +
                         ", expected F32, F16 or BF16 " + describe(shape));
    return nullptr;
  }
  problems.add(
      checkFinite(*encoding, checkpoint.bytes(*tensor), nameOf(*tensor)));
  checkpoint.release(*tensor);
  return tensor;
}

/// How the weight is stored, if its class of transformers could load it so.
std::optional<Encoding> Resolver::encodingOf(const LinearWeight &weight) {
  const TensorInfo &tensor = *weight.tensor;
  bool mayBePacked = config.mode == ModelConfig::Offline;
  bool mayBeFloats = config.linearClass == ModelConfig::AutoBitLinear;
  int64_t packed[] = {weight.rows / 4, weight.cols};
  int64_t plain[] = {weight.rows, weight.cols};
  ArrayRef<int64_t> shape = tensor.shape;

  if (mayBePacked && tensor.dtype == DType::U8 && weight.rows % 4 != 0) {
    problem(tensor, "found packed trits of " + Twine(weight.rows) +
                        " outputs, expected a multiple of 4");
    return std::nullopt;
  }
  if (mayBePacked && tensor.dtype == DType::U8 && shape == ArrayRef(packed))
    return Encoding::HfPacked;
  std::optional<Encoding> encoding = floatEncoding(tensor.dtype);
  if (mayBeFloats && encoding && shape == ArrayRef(plain))
    return encoding;

  std::string expected;
  if (mayBePacked)
    expected = "packed trits, U8 " + describe(packed);
  if (mayBeFloats)
    expected += (mayBePacked ? ", or F32, F16 or BF16 " : "F32, F16 or BF16 ") +
                describe(plain);
  problem(tensor, "found " + describe(tensor) + ", expected " + expected +
                      ", as quantization_config has linear_class '" +
                      (mayBeFloats ? "autobitlinear" : "bitlinear") +
                      "' and quantization_mode '" +
                      (mayBePacked ? "offline" : "online") + "'");
  return std::nullopt;
}

/// The shape that a scale's tensor has, if it may; else that of one number.
ArrayRef<int64_t> Resolver::scaleShape(const LinearWeight &weight,
                                       const std::string &scaleName) {
  static constexpr int64_t kOne[] = {1};
  const TensorInfo *tensor = checkpoint.find(scaleName);
  if (!tensor)
    return kOne;
  ArrayRef<int64_t> shape = tensor->shape;
  bool single = all_of(shape, [](int64_t size) { return size == 1; });
  int64_t groups = shape.size() == 2 ? shape[1] : 1;
  bool divides = groups == 1 ||
                 (groups > 0 && weight.cols % (groups * kGroupColumns) == 0);
  bool ofRows =
      !shape.empty() && shape.size() <= 2 && shape[0] == weight.rows && divides;
  return shape.size() <= 2 && (single || ofRows) ? shape
                                                 : ArrayRef<int64_t>(kOne);
}

/// Fills in what a unit trit stands for: alpha or scales.
void Resolver::readScale(LinearWeight &weight, const std::string &scaleName) {
  const TensorInfo *tensor =
      floats(scaleName, scaleShape(weight, scaleName),
             "; master weights without scales need linear_class "
             "'autobitlinear' and quantization_mode 'online'");
  if (!tensor)
    return;
  Encoding encoding = *floatEncoding(tensor->dtype);
  std::vector<float> scales(tensor->bytes / encodedBytes(encoding, 1, 1));
  readFloats(encoding, checkpoint.bytes(*tensor), 0, scales.size(),
             scales.data());
  for (float &scale : scales) {
    if (std::isnan(scale) || std::isinf(scale))
      return; // floats() told
    float alpha = config.linearClass == ModelConfig::BitLinear
                      ? float(1.0 / double(scale))
                      : scale;
    if (!(alpha > 0) || !std::isfinite(alpha))
      return problem(*tensor, formatv("found {0}, expected a positive scale",
                                      json::Value(scale))
                                  .str());
    weight.alpha = alpha;
  }
  if (scales.size() == 1)
    return;
  weight.scales = tensor;
  weight.scaleCols = weight.cols / (int64_t(scales.size()) / weight.rows);
}

/// Whether the configuration keeps the projection as it is. Versions of
/// transformers differ in what a name stands for: a packed tensor was
/// converted.
bool Resolver::isFloat(const std::string &prefix, const LinearWeight &weight) {
  if (config.kept.matches(prefix))
    return true;
  return config.kept.isMentioned(prefix) && weight.tensor &&
         weight.tensor->dtype != DType::U8;
}

void Resolver::checkFloats(LinearWeight &weight) {
  const TensorInfo &tensor = *weight.tensor;
  int64_t shape[] = {weight.rows, weight.cols};
  std::optional<Encoding> encoding = floatEncoding(tensor.dtype);
  if (!encoding || ArrayRef<int64_t>(tensor.shape) != ArrayRef(shape))
    return problem(tensor, "found " + describe(tensor) +
                               ", expected F32, F16 or BF16 " +
                               describe(shape) +
                               (config.mode == ModelConfig::Recovered
                                    ? ", as there is no quantization_config"
                                    : ", as modules_to_not_convert names it"));
  weight.encoding = *encoding;
  problems.add(
      checkFinite(*encoding, checkpoint.bytes(tensor), nameOf(tensor)));
}

/// Trits and scales of floats that transformers runs as they are.
void Resolver::recover(LinearWeight &weight) {
  weight.quantScale = std::numeric_limits<float>::infinity();
  auto found =
      findTernaryScales(weight.encoding, checkpoint.bytes(*weight.tensor),
                        weight.rows, weight.cols);
  if (!found)
    return problem(
        *weight.tensor,
        "found values that are not -1, 0 and 1 times a scale of the tensor, of "
        "each row or of groups of a row, and config.json has no "
        "quantization_config. If these are master weights of a ternary model, "
        R"(add "quantization_config": {"quant_method": "bitnet", )"
        R"("linear_class": "autobitlinear", "quantization_mode": "online"}; )"
        "plain float models are not supported");
  weight.alpha = found->scale;
  weight.scaleCols = found->columns;
}

/// transformers loads floats for an offline weight as they are: they must be
/// trits already, as when it saved a packed model that it had unpacked.
void Resolver::checkTrits(const LinearWeight &weight) {
  StringRef bytes = checkpoint.bytes(*weight.tensor);
  if (weight.encoding == Encoding::HfPacked)
    return problems.add(
        checkPacked(bytes, weight.rows, weight.cols, nameOf(*weight.tensor)));
  if (std::optional<uint64_t> index = findNonTrit(weight.encoding, bytes))
    problem(*weight.tensor,
            "found a value other than -1, 0 and 1 at row " +
                Twine(*index / weight.cols) + ", column " +
                Twine(*index % weight.cols) +
                "; master weights need quantization_mode 'online'");
}

void Resolver::quantizeMaster(LinearWeight &weight) {
  StringRef bytes = checkpoint.bytes(*weight.tensor);
  double mean = absMean(weight.encoding, bytes);
  if (!std::isfinite(mean))
    return problems.add(
        checkFinite(weight.encoding, bytes, nameOf(*weight.tensor)));
  weight.alpha = std::max(float(mean), 1e-5f);
  weight.quantScale = 1.0f / weight.alpha;
}

/// AutoBitLinear multiplies by an offline scale after it added the bias.
void Resolver::attachments(const std::string &prefix, bool hasBias,
                           LinearWeight &weight) {
  if (!config.projectionNorm.empty() && !weight.isFloat)
    weight.norm = norm(prefix + ".", config.projectionNorm, weight.cols);
  if (!hasBias)
    return;
  weight.bias = floats(prefix + ".bias", {weight.rows});
  bool isScaled = config.linearClass == ModelConfig::AutoBitLinear &&
                  config.mode == ModelConfig::Offline && !weight.isFloat;
  weight.biasFactor = isScaled ? weight.alpha : 1;
  if (isScaled && weight.scaleCols)
    problems.add(checkpoint.directory() + ": '" + prefix +
                 "' has a bias and a scale a row or group, by which its class "
                 "multiplies the bias, too; expected one scale or no bias");
}

/// Trits as a class of transformers finds or makes them.
void Resolver::quantize(LinearWeight &weight) {
  std::optional<Encoding> encoding = encodingOf(weight);
  if (!encoding)
    return;
  weight.encoding = *encoding;
  if (config.mode == ModelConfig::Online)
    return quantizeMaster(weight);
  weight.quantScale = *encoding == Encoding::HfPacked ? 0 : 1;
  checkTrits(weight);
}

LinearWeight Resolver::linear(const std::string &prefix, int64_t rows,
                              int64_t cols, bool hasBias) {
  LinearWeight weight = {};
  weight.tensor = require(prefix + ".weight");
  weight.rows = rows;
  weight.cols = cols;
  weight.isFloat = isFloat(prefix, weight);
  weight.takesFloats = weight.isFloat || config.mode == ModelConfig::Recovered;
  if (config.mode == ModelConfig::Offline && !weight.isFloat)
    readScale(weight, prefix + ".weight_scale");
  attachments(prefix, hasBias, weight);
  if (!weight.tensor)
    return weight;
  if (weight.takesFloats) {
    checkFloats(weight);
    if (!weight.isFloat && floatEncoding(weight.tensor->dtype))
      recover(weight);
  } else {
    quantize(weight);
  }
  checkpoint.release(*weight.tensor);
  return weight;
}

/// Null where the architecture has none.
const TensorInfo *Resolver::norm(const std::string &prefix, StringRef name,
                                 int64_t width) {
  if (name.empty())
    return nullptr;
  return floats(prefix + name.str() + ".weight", {width});
}

LayerWeights Resolver::layer(const std::string &prefix) {
  int64_t hidden = config.hiddenSize, inner = config.intermediateSize;
  int64_t queries = config.heads * config.headDim;
  int64_t keys = config.kvHeads * config.headDim;
  std::string attention = prefix + ".self_attn.", mlp = prefix + ".mlp.";
  LayerWeights out;
  auto [qkvBias, oBias, mlpBias] = config.biases;
  out.q = linear(attention + "q_proj", queries, hidden, qkvBias);
  out.k = linear(attention + "k_proj", keys, hidden, qkvBias);
  out.v = linear(attention + "v_proj", keys, hidden, qkvBias);
  out.o = linear(attention + "o_proj", hidden, queries, oBias);
  out.gate = linear(mlp + "gate_proj", inner, hidden, mlpBias);
  out.up = linear(mlp + "up_proj", inner, hidden, mlpBias);
  out.down = linear(mlp + "down_proj", hidden, inner, mlpBias);
  const Architecture &family = *config.architecture;
  out.beforeAttention = norm(prefix + ".", family.beforeAttention, hidden);
  out.afterAttention = norm(prefix + ".", family.afterAttention, hidden);
  out.beforeMlp = norm(prefix + ".", family.beforeMlp, hidden);
  out.afterMlp = norm(prefix + ".", family.afterMlp, hidden);
  out.queryNorm = norm(attention, family.queryNorm, config.headDim);
  out.keyNorm = norm(attention, family.keyNorm, config.headDim);
  out.attentionNorm = norm(attention, family.attentionNorm, queries);
  out.gatedNorm = norm(mlp, family.gatedNorm, inner);
  return out;
}

/// A head beside a tied embedding must be a copy of it, since versions of
/// transformers differ in which of the two they take.
void Resolver::checkSpareHead(const TensorInfo &head) {
  const TensorInfo *embedding = checkpoint.find(root + "embed_tokens.weight");
  if (!embedding)
    return;
  if (head.dtype != embedding->dtype || head.shape != embedding->shape ||
      checkpoint.bytes(head) != checkpoint.bytes(*embedding))
    problem(head,
            "differs from " + root +
                "embed_tokens.weight, but "
                "tie_word_embeddings is true; set it to false or remove the "
                "tensor");
  checkpoint.release(head);
  checkpoint.release(*embedding);
}

/// What is in the files but not in the graph: a bias, a norm of the keys, a
/// layer too many.
void Resolver::checkOthers() {
  for (const TensorInfo &tensor : checkpoint.tensors()) {
    StringRef name = tensor.name;
    if (used.contains(name) || name.ends_with("rotary_emb.inv_freq"))
      continue;
    if (name == "lm_head.weight" && !config.headless)
      checkSpareHead(tensor);
    else
      problem(tensor, "found " + describe(tensor) + ", but " +
                          config.architecture->name +
                          " has no such tensor; it would change the result");
  }
}

Expected<ModelWeights> Resolver::resolve() {
  int64_t table[] = {config.vocabSize, config.hiddenSize};
  ModelWeights out = {};
  // Classes without a head write their own names, without that of the model.
  if (checkpoint.find("embed_tokens.weight"))
    root = "";
  out.embedding = floats(root + "embed_tokens.weight", table);
  for (int64_t i = 0; i < config.layers; ++i)
    out.layers.push_back(layer(root + "layers." + std::to_string(i)));
  out.finalNorm = floats(root + "norm.weight", {config.hiddenSize});
  if (!config.tied)
    out.head = floats("lm_head.weight", table,
                      "; tie_word_embeddings is false or absent");
  checkOthers();
  if (!problems.empty())
    return problems.take();
  return out;
}

Expected<ModelWeights> resolveWeights(const Checkpoint &checkpoint,
                                      const ModelConfig &config) {
  return Resolver(checkpoint, config).resolve();
}

} // namespace setun::frontends
