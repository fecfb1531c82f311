//===- Summary.cpp --------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Summary.h"

#include "codegen/link/Weights.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using llvm::formatv;

namespace setun::compiler {

OperationCounts::OperationCounts(ModuleOp module) {
  module.walk([&](Operation *op) {
    tensors += isa<tern::WeightOp>(op);
    quantizers += isa<tern::QuantizeOp>(op);
    matmuls += isa<tern::MatmulOp>(op);
    fused += isa<tern::FusedLinearOp>(op);
  });
}

std::string OperationCounts::describe(const OperationCounts &before) const {
  std::string text = formatv("{0} tensors", tensors);
  if (tensors < before.tensors)
    text += formatv(" of {0}", before.tensors);
  if (quantizers && quantizers < before.quantizers)
    text += formatv(", {0} quantizers instead of {1}", quantizers,
                    before.quantizers);
  if (fused > before.fused)
    text +=
        formatv(", {0} matmuls in {1} fused linears", before.matmuls, fused);
  return text;
}

static bool isTernary(tern::WeightOp weight) {
  return isa<tern::TritAttr>(weight.getType().getElement());
}

ZeroCounts::ZeroCounts(ModuleOp module) {
  for (auto weight : module.getOps<tern::WeightOp>())
    if (isTernary(weight))
      counts[weight];
}

void ZeroCounts::add(tern::WeightOp weight, llvm::ArrayRef<int8_t> trits) {
  Count &count = counts.at(weight);
  count.zeros += llvm::count(trits, 0);
  count.trits += trits.size();
}

double ZeroCounts::getFraction() const {
  double zeros = 0, all = 0;
  for (const auto &[op, count] : counts)
    if (count.trits) {
      double trits = ShapedType::getNumElements(
          cast<tern::WeightOp>(op).getType().getShape());
      zeros += trits * double(count.zeros) / double(count.trits);
      all += trits;
    }
  return all ? zeros / all : 0;
}

StringRef getOrigin(tern::WeightOp weight) {
  FloatAttr quant = weight.getSource().getQuant();
  if (!quant)
    return "packed";
  if (quant.getValue().isInfinity())
    return "scaled";
  return quant.getValue().isExactlyValue(1) ? "trits" : "masters";
}

static void printSections(ModuleOp module, uint64_t tokenizerBytes,
                          llvm::raw_ostream &out) {
  for (const codegen::SectionSize &section :
       codegen::getSections(module, tokenizerBytes)) {
    out << formatv("  {0,-12}{1,10:f1} MiB", section.name,
                   double(section.bytes) / (1 << 20));
    if (section.weights)
      out << formatv(", {0:f2} bits a weight",
                     8.0 * section.bytes / section.weights);
    out << '\n';
  }
}

/// How masters were quantized: a near-tie might be another trit elsewhere.
static void printNearTies(ModuleOp module, frontends::WeightReader &reader,
                          llvm::raw_ostream &out) {
  uint64_t ties = 0, most = 0;
  unsigned tensors = 0;
  StringRef where;
  for (auto weight : module.getOps<tern::WeightOp>()) {
    uint64_t found = isTernary(weight) ? reader.countNearTies(weight) : 0;
    ties += found;
    tensors += found > 0;
    if (found > most)
      most = found, where = weight.getSymName();
  }
  out << formatv("  near-ties: {0} masters lie within an ulp of a half", ties);
  if (ties)
    out << formatv(", in {0} tensors, {1} of them in {2}", tensors, most,
                   where);
  out << '\n';
}

void printSummary(ModuleOp module, uint64_t tokenizerBytes,
                  const ZeroCounts &zeros, frontends::WeightReader &reader,
                  llvm::raw_ostream &out) {
  printSections(module, tokenizerBytes, out);
  llvm::MapVector<StringRef, unsigned> origins;
  for (auto weight : module.getOps<tern::WeightOp>())
    if (isTernary(weight))
      ++origins[getOrigin(weight)];
  for (auto [origin, count] : origins) {
    StringRef how = origin == "packed"  ? "unpacked from two bits a trit"
                    : origin == "trits" ? "recovered from floats of -1, 0, 1"
                    : origin == "scaled"
                        ? "recovered from floats of trits times scales"
                        : "quantized from masters";
    out << formatv("  {0} ternary tensors {1}\n", count, how);
  }
  if (!origins.empty())
    out << formatv("  {0:f1} % of the trits are zero\n",
                   100 * zeros.getFraction());
  if (origins.count("masters"))
    printNearTies(module, reader, out);
}

} // namespace setun::compiler
