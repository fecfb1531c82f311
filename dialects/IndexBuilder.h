//===- IndexBuilder.h - Arithmetic on indices -------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_DIALECTS_INDEXBUILDER_H
#define SETUN_DIALECTS_INDEXBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

namespace setun {

/// What steps and kernels are written with: a place, and arithmetic of indices.
/// Constants fold.
struct IndexBuilder {
  using Value = mlir::Value;

  mlir::OpBuilder b;
  mlir::Location loc;

  Value index(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(b, loc, value);
  }
  Value add(Value x, Value y) { return make<mlir::arith::AddIOp>(x, y); }
  Value sub(Value x, Value y) { return make<mlir::arith::SubIOp>(x, y); }
  Value mul(Value x, Value y) { return make<mlir::arith::MulIOp>(x, y); }
  Value min(Value x, Value y) { return make<mlir::arith::MinUIOp>(x, y); }
  Value div(Value x, Value y) { return make<mlir::arith::DivUIOp>(x, y); }
  Value rem(Value x, Value y) { return make<mlir::arith::RemUIOp>(x, y); }
  Value ceilDiv(Value x, Value y) {
    return make<mlir::arith::CeilDivUIOp>(x, y);
  }

  Value add(Value x, int64_t y) { return add(x, index(y)); }
  Value mul(Value x, int64_t y) { return mul(x, index(y)); }
  Value div(Value x, int64_t y) { return div(x, index(y)); }
  Value rem(Value x, int64_t y) { return rem(x, index(y)); }

private:
  template <typename Op> Value make(Value x, Value y) {
    return b.createOrFold<Op>(loc, x, y);
  }
};

} // namespace setun

#endif // SETUN_DIALECTS_INDEXBUILDER_H
