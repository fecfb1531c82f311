//===- Checks.cpp ---------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/link/Checks.h"

#include "codegen/link/Weights.h"
#include "dialects/lut/Lut.h"
#include "runtime/abi/Checks.h"

#include "llvm/Support/MathExtras.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;

namespace setun::codegen {

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

template <typename T> static uint64_t hash(llvm::ArrayRef<T> values) {
  return llvm::xxHash64(
      llvm::StringRef(reinterpret_cast<const char *>(values.data()),
                      values.size() * sizeof(T)));
}

ChecksumStream::ChecksumStream(llvm::raw_ostream &out) : out(out) {
  SetBufferSize(abi::kCheckedBytes); // what is passed on is a multiple of it
}

void ChecksumStream::write_impl(const char *bytes, size_t size) {
  out.write(bytes, size);
  written += size;
  for (llvm::StringRef rest(bytes, size); !rest.empty();
       rest = rest.drop_front(std::min(rest.size(), abi::kCheckedBytes)))
    checksums.push_back(llvm::xxHash64(rest.take_front(abi::kCheckedBytes)));
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

KnownAnswer::KnownAnswer(int64_t rows, int64_t columns)
    : columns(columns), input(columns), products(rows) {
  for (int64_t k = 0; k < columns; ++k)
    input[k] = abi::answerInput(k);
}

void KnownAnswer::add(int64_t first, int64_t count, const int8_t *trits) {
  for (int64_t row = 0; row < count; ++row) {
    int32_t sum = 0;
    for (int64_t k = 0; k < columns; ++k)
      sum += trits[row * columns + k] * input[k];
    products[first + row] = static_cast<float>(sum);
  }
}

uint64_t KnownAnswer::getChecksum() const {
  return hash(llvm::ArrayRef(products));
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

std::vector<TensorPlace> listTensors(ModuleOp module) {
  std::vector<TensorPlace> tensors;
  auto getInt = [](Operation *op, StringRef name) -> uint64_t {
    return op->getAttrOfType<IntegerAttr>(name).getInt();
  };
  for (auto weight : module.getOps<tern::WeightOp>()) {
    tensors.push_back({weight, weight->getAttr(lut::kPackingAttr),
                       getInt(weight, lut::kOffsetAttr),
                       getInt(weight, lut::kBytesAttr)});
    if (Attribute copy = weight->getAttr(lut::kSkipPackingAttr))
      tensors.push_back({weight, copy, getInt(weight, lut::kSkipOffsetAttr),
                         getInt(weight, lut::kSkipBytesAttr)});
  }
  return tensors;
}

uint64_t getChecksOffset(ModuleOp module, uint64_t tokenizerBytes) {
  return llvm::alignTo(getSegmentBytes(module, tokenizerBytes),
                       sizeof(uint64_t));
}

uint64_t getChecksEnd(ModuleOp module, uint64_t tokenizerBytes) {
  uint64_t numbers = abi::countChecks(listTensors(module).size(),
                                      getSegmentBytes(module, tokenizerBytes));
  return getChecksOffset(module, tokenizerBytes) + numbers * sizeof(uint64_t);
}

} // namespace setun::codegen
