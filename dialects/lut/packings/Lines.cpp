//===- Lines.cpp - Two bits a trit, row by row or column by column --------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes are those of I2.cpp; which trits they hold is what `getLinePosition`
// says.
//
//===----------------------------------------------------------------------===//

#include "dialects/lut/Lut.h"

using namespace mlir;

namespace setun::lut {

LogicalResult LinesAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                Order order) {
  if (order == Order::Blocks)
    return emitError()
           << "found order blocks, expected rows or columns (rule 1)";
  return success();
}

StringRef LinesAttr::getWord() const { return stringifyOrder(getOrder()); }

unsigned LinesAttr::getTritsPerByte() const {
  return I2Attr::get(getContext()).getTritsPerByte();
}

uint8_t LinesAttr::packByte(ArrayRef<int8_t> trits) const {
  return I2Attr::get(getContext()).packByte(trits);
}

SmallVector<int64_t> LinesAttr::getScales(Form form) const {
  return I2Attr::get(getContext()).getScales(form);
}

SmallVector<Value> LinesAttr::buildUnpack(OpBuilder &builder, Location loc,
                                          Value bytes,
                                          const UnpackOptions &options) const {
  return I2Attr::get(getContext()).buildUnpack(builder, loc, bytes, options);
}

} // namespace setun::lut
