//===- StageBuilder.cpp ---------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/StageBuilder.h"
#include "codegen/halide/Contract.h"

#include <stdexcept>

using namespace Halide;

namespace setun::codegen {

void StageBuilder::require(bool holds, const char *expected) {
  if (!holds)
    throw std::invalid_argument(expected);
}

ImageParam StageBuilder::input(const char *name, Type type, int width) {
  ImageParam param(type, 1, name);
  param.dim(0).set_bounds(0, width).set_stride(1);
  parameters.push_back(Parameter::Input);
  arguments.push_back(param);
  return param;
}

ImageParam StageBuilder::angles(int rotary, int width) {
  require(rotary % 2 == 0 && 0 < rotary && rotary <= width,
          "an even number of rotated elements, at most the head width");
  return input("angles", Float(32), rotary);
}

ImageParam StageBuilder::inputRows(const char *name, Type type, int width) {
  ImageParam param(type, 2, name);
  param.dim(0).set_bounds(0, width).set_stride(1);
  param.dim(1).set_min(0).set_stride(width);
  parameters.push_back(Parameter::Input);
  arguments.push_back(param);
  return param;
}

Expr StageBuilder::count(const char *name) {
  Param<int64_t> param(name);
  parameters.push_back(Parameter::Count);
  arguments.push_back(param);
  return cast<int>(param);
}

ImageParam StageBuilder::inputVector(const char *name) {
  ImageParam param(Float(32), 1, name);
  param.dim(0).set_min(0).set_stride(1);
  parameters.push_back(Parameter::Input);
  arguments.push_back(param);
  return param;
}

/// How elements lie in memory.
static Type getStorage(const std::string &element) {
  if (element == "f32")
    return Float(32);
  if (element == "i8")
    return Int(8);
  StageBuilder::require(element == "bf16" || element == "f16",
                        "element f32, bf16, f16 or i8");
  return UInt(16);
}

ImageParam StageBuilder::storedBlocks(const char *name, int rows) {
  ImageParam param(getStorage(stage.element), 3, name);
  param.dim(0).set_bounds(0, kLanes).set_stride(1);
  param.dim(1).set_bounds(0, rows).set_stride(kLanes);
  param.dim(2).set_min(0).set_stride(rows * kLanes);
  parameters.push_back(Parameter::Input);
  arguments.push_back(param);
  return param;
}

OutputImageParam StageBuilder::addOutput(Func func) {
  func.compute_root();
  parameters.push_back(Parameter::Output);
  outputs.push_back(func);
  return func.output_buffer();
}

void StageBuilder::output(Func func, const Expr &width) {
  OutputImageParam buffer = addOutput(func);
  if (width.defined())
    buffer.dim(0).set_bounds(0, width).set_stride(1);
}

void StageBuilder::outputRows(Func func, int width, const Expr &rows,
                              int stride) {
  OutputImageParam buffer = addOutput(func);
  buffer.dim(0).set_bounds(0, width).set_stride(1);
  buffer.dim(1).set_bounds(0, rows).set_stride(stride);
}

void StageBuilder::outputBlocks(Func func, const Expr &blocks, const Expr &rows,
                                int stride) {
  OutputImageParam buffer = addOutput(func);
  buffer.dim(0).set_bounds(0, kLanes).set_stride(1);
  buffer.dim(1).set_bounds(0, blocks).set_stride(kLanes);
  buffer.dim(2).set_bounds(0, rows).set_stride(stride);
}

void StageBuilder::outputStrided(Func func, int width, int stride) {
  addOutput(func).dim(0).set_bounds(0, width).set_stride(stride);
}

ImageParam StageBuilder::storedRows(const char *name, int width) {
  bool known = stage.element == "f32" || stage.element == "bf16" ||
               stage.element == "f16";
  require(known, "element f32, bf16 or f16");
  return inputRows(name, stage.element == "f32" ? Float(32) : UInt(16), width);
}

/// f16 by shifts and one exact multiplication, so that no back end needs a
/// library call. Subnormals come out right, and infinities by the second line.
static Expr widenHalf(Expr half) {
  Expr wide = cast<int32_t>(reinterpret<int16_t>(half)) << 13;
  // Sign at bit 31, the rest from bit 13 on: the value times 2^-112.
  Expr bits = reinterpret<uint32_t>(wide) &
              Internal::UIntImm::make(UInt(32), 0x8fffe000);
  Expr value = reinterpret<float>(bits) * 0x1p112f;
  Expr special = reinterpret<float>(bits | 0x7f800000);
  return select(abs(value) >= 65536.0f, special, value);
}

Expr StageBuilder::loadStored(const Expr &stored) const {
  if (stage.element == "f32")
    return stored;
  if (stage.element == "bf16")
    return reinterpret<float>(cast<uint32_t>(stored) << 16);
  if (stage.element == "i8")
    return cast<float>(stored);
  return widenHalf(stored);
}

Module StageBuilder::lower(const Target &target) const {
  return Pipeline(outputs).compile_to_module(arguments, stage.symbol, target,
                                             LinkageType::External);
}

} // namespace setun::codegen
