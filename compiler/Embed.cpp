//===- Embed.cpp - What --embed changes -----------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Embed.h"

#include "codegen/link/Codes.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>

using namespace mlir;

namespace setun::compiler {

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
