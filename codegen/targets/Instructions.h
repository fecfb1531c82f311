//===- Instructions.h - What instruction selection shares -------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_TARGETS_INSTRUCTIONS_H
#define SETUN_CODEGEN_TARGETS_INSTRUCTIONS_H

#include "dialects/lut/Lut.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/PatternMatch.h"

namespace setun::codegen {

inline mlir::Value callIntrinsic(mlir::PatternRewriter &rewriter,
                                 mlir::Location loc, llvm::StringRef name,
                                 mlir::Type type, mlir::ValueRange operands) {
  return mlir::LLVM::CallIntrinsicOp::create(
             rewriter, loc, type, rewriter.getStringAttr(name), operands)
      .getResult(0);
}

/// Part `index` of `parts` equal ones of a vector.
inline mlir::Value slice(mlir::PatternRewriter &rewriter, mlir::Location loc,
                         mlir::Value v, int64_t index, int64_t parts) {
  int64_t size =
      mlir::cast<mlir::VectorType>(v.getType()).getNumElements() / parts;
  return mlir::vector::ExtractStridedSliceOp::create(
      rewriter, loc, v, llvm::ArrayRef<int64_t>{index * size},
      llvm::ArrayRef<int64_t>{size}, llvm::ArrayRef<int64_t>{1});
}

/// The vectors of `parts`, whose number is a power of two, one after another.
inline mlir::Value concat(mlir::PatternRewriter &rewriter, mlir::Location loc,
                          llvm::ArrayRef<mlir::Value> parts) {
  if (parts.size() == 1)
    return parts[0];
  size_t half = parts.size() / 2;
  mlir::Value low = concat(rewriter, loc, parts.take_front(half));
  mlir::Value high = concat(rewriter, loc, parts.drop_front(half));
  int64_t size =
      2 * mlir::cast<mlir::VectorType>(low.getType()).getNumElements();
  return mlir::vector::ShuffleOp::create(
      rewriter, loc, low, high, llvm::to_vector(llvm::seq<int64_t>(0, size)));
}

/// Whether a `lut.dot` sums products of this form.
inline bool sums(lut::DotOp op, lut::Dot dot) {
  return op.getAcc().getType() == lut::getSumsType(dot, op.getContext());
}

} // namespace setun::codegen

#endif // SETUN_CODEGEN_TARGETS_INSTRUCTIONS_H
