//===- Embed.cpp - What a user is told of weights -------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Embed.h"

#include "codegen/link/Codes.h"
#include "frontends/File.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>

using namespace mlir;

namespace setun::compiler {

llvm::Error setEmbed(ModuleOp module, StringRef word) {
  if (word.empty())
    return llvm::Error::success();
  if (word != "q8" && word != "q6" && word != "q4")
    return frontends::userError("--embed=" + word + ": expected q8, q6 or q4");
  module->setAttr(tern::kEmbedAttr, StringAttr::get(module.getContext(), word));
  return llvm::Error::success();
}

std::string describeRecovered(ModuleOp module) {
  unsigned counts[3] = {}, all = 0;
  for (auto weight : module.getOps<tern::WeightOp>())
    if (FloatAttr quant = weight.getSource().getQuant();
        quant && quant.getValue().isInfinity()) {
      ++counts[static_cast<unsigned>(*tern::getScaleOf(weight))];
      ++all;
    }
  if (!all)
    return "";
  return llvm::formatv(", {0} of them floats that are trits with a scale a "
                       "tensor ({1}), a row ({2}) or a group of a row ({3})",
                       all, counts[0], counts[1], counts[2]);
}

/// The factors of the norm in front of the head, none without one.
static std::vector<float> readNorm(tern::HeadOp head,
                                   codegen::WeightSource &source) {
  auto norm = head.getInput().getDefiningOp<tern::NormOp>();
  tern::WeightOp weight =
      norm ? tern::getWeight(norm, norm.getWeightAttr()) : tern::WeightOp();
  if (!weight)
    return {};
  std::vector<float> factors(weight.getType().getShape()[0]);
  source.readFloats(weight, 0, factors.size(), factors.data());
  return factors;
}

std::string describeEmbedError(ModuleOp module, codegen::WeightSource &source) {
  auto word = module->getAttrOfType<StringAttr>(tern::kEmbedAttr);
  codegen::CodesError head, embedding;
  auto measure = [&](Operation *op, FlatSymbolRefAttr name,
                     ArrayRef<float> norm) -> codegen::CodesError {
    tern::WeightOp weight = tern::getWeight(op, name);
    auto codes = weight
                     ? weight->getAttrOfType<lut::CodesAttr>(lut::kPackingAttr)
                     : lut::CodesAttr();
    return codes ? codegen::measureCodes(codes, weight, norm, source)
                 : codegen::CodesError();
  };
  FlatSymbolRefAttr headName;
  module.walk([&](tern::HeadOp op) {
    headName = op.getWeightAttr();
    head = measure(op, headName, readNorm(op, source));
  });
  module.walk([&](tern::EmbeddingOp op) {
    embedding = op.getWeightAttr() == headName
                    ? head
                    : measure(op, op.getWeightAttr(), {});
  });
  return llvm::formatv(
      "{0}: relative RMS error of weights {1:f4} %, largest {2:e2}; of logits "
      "RMS {3:e2}, at most {4:e2}",
      word.getValue(), 100 * std::max(head.relative, embedding.relative),
      std::max(head.largest, embedding.largest), head.logit, head.logitBound);
}

} // namespace setun::compiler
