//===- Samples.cpp - Bytes that weights may hold --------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/llvm/Samples.h"
#include "dialects/lut/Lut.h"

#include "llvm/ADT/APFloat.h"

#include <random>

using namespace mlir;

namespace setun::codegen {

static constexpr size_t kSampleBytes = 4096;

/// Values of ±[½, 1).
static void appendFloat(FloatType type, uint32_t random, std::string &bytes) {
  double value = 0.5 + (random >> 1) * 0x1p-32;
  llvm::APFloat number(random & 1 ? -value : value);
  bool inexact;
  number.convert(type.getFloatSemantics(), llvm::APFloat::rmTowardZero,
                 &inexact);
  uint64_t bits = number.bitcastToAPInt().getZExtValue();
  for (unsigned i = 0; i < type.getWidth() / 8; ++i)
    bytes += static_cast<char>(bits >> 8 * i);
}

std::string makeSample(Attribute packing) {
  std::mt19937 random; // the same numbers everywhere
  std::string bytes;
  if (auto rows = dyn_cast<lut::RowsAttr>(packing)) {
    while (bytes.size() < kSampleBytes)
      appendFloat(rows.getElement(), random(), bytes);
    return bytes;
  }
  auto known = lut::enumerateBytes(cast<lut::PackingInterface>(packing));
  while (bytes.size() < kSampleBytes)
    bytes += static_cast<char>(known[random() % known.size()].first);
  return bytes;
}

} // namespace setun::codegen
