//===- Steps.cpp - What a lowered module does op by op --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/report/Steps.h"

#include "dialects/lut/Lut.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using llvm::json::Array;
using llvm::json::Object;

namespace setun::compiler::report {

/// The lines of an op of the step's body and of the constants that it reads,
/// which stand at the step's head.
void Steps::addOp(Operation *op, Part &part) {
  text.addLines(op, part.lines);
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (Operation *made = operand.getDefiningOp();
          made && made->getBlock() == op->getBlock())
        text.addLines(made, part.lines);
    if (auto call = dyn_cast<func::CallOp>(inner))
      if (!llvm::is_contained(part.kernels, call.getCallee()))
        part.kernels.push_back(call.getCallee().str());
  });
}

/// Marks say which op of the model the ops behind them belong to; the barrier
/// behind an op is its own.
Steps::Step Steps::readStep(spmd::StepOp op) {
  lut::TargetAttr target = lut::getTarget(op);
  Step step{op.getSymName().split('.').first.str(),
            target ? target.getName().str() : "",
            static_cast<int64_t>(op.getRows()),
            {}};
  Part *part = nullptr;
  for (Operation &inner : op.getBody().front()) {
    auto mark = dyn_cast<spmd::MarkOp>(inner);
    if (mark && mark.getName() != "barrier")
      part = &step.parts[mark.getName().str()];
    if (part)
      addOp(&inner, *part);
  }
  return step;
}

/// A head's screen is no part of a step: it is run when tokens are chosen.
void Steps::addScreens(ModuleOp lowered) {
  for (auto function : lowered.getOps<func::FuncOp>()) {
    if (!function->hasAttr(lut::kScreenKernelAttr))
      continue;
    lut::TargetAttr target = lut::getTarget(function);
    for (Step &step : steps)
      if (target && step.level == target.getName())
        step.parts["head"].kernels.push_back(function.getSymName().str());
  }
}

void Steps::read(ModuleOp lowered) {
  text = Text(lowered);
  for (auto step : lowered.getOps<spmd::StepOp>())
    steps.push_back(readStep(step));
  addScreens(lowered);
  std::set<std::string> called;
  for (const Step &step : steps)
    for (auto &[label, part] : step.parts)
      called.insert(part.kernels.begin(), part.kernels.end());
  for (auto function : lowered.getOps<func::FuncOp>()) {
    if (!called.count(function.getSymName().str()))
      continue;
    Kernel &kernel = kernels[function.getSymName().str()];
    text.addLines(function, kernel.lines);
    kernel.generated = !function.isDeclaration();
  }
  text.forgetOps();
}

std::vector<std::string> Steps::getKernelNames() const {
  auto names = llvm::make_first_range(kernels);
  return {names.begin(), names.end()};
}

Array Steps::getSteps() const {
  Array array;
  for (const Step &step : steps) {
    Object parts;
    for (auto &[label, part] : step.parts)
      parts[label] = Object{{"lines", toJson(part.lines)},
                            {"kernels", Array(part.kernels)}};
    array.push_back(Object{{"name", step.name},
                           {"level", step.level},
                           {"rows", step.rows},
                           {"parts", std::move(parts)}});
  }
  return array;
}

Array Steps::getKernels() const {
  Array array;
  for (auto &[name, kernel] : kernels)
    array.push_back(Object{{"name", name},
                           {"generated", kernel.generated},
                           {"lines", toJson(kernel.lines)}});
  return array;
}

Object Steps::getText() const {
  Lines all;
  for (const Step &step : steps)
    for (auto &[label, part] : step.parts)
      all.insert(part.lines.begin(), part.lines.end());
  for (auto &[name, kernel] : kernels)
    all.insert(kernel.lines.begin(), kernel.lines.end());
  return text.getStretches(all);
}

} // namespace setun::compiler::report
