//===- ApplySchedule.cpp - What a schedule does at a stage ----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/schedule/Schedule.h"

#include "mlir/Dialect/Transform/Transforms/TransformInterpreterUtils.h"

using namespace mlir;

namespace setun::passes {
#define GEN_PASS_DEF_APPLYSCHEDULE
#include "passes/Passes.h.inc"

namespace {
struct ApplySchedule : impl::ApplyScheduleBase<ApplySchedule> {
  using ApplyScheduleBase::ApplyScheduleBase;

  void runOnOperation() override {
    ModuleOp schedule = getSchedule(getOperation());
    if (!schedule)
      return;
    auto sequence = getSequence(schedule, stage);
    if (sequence && failed(transform::applyTransformNamedSequence(
                        getOperation(), sequence, /*transformModule=*/{},
                        transform::TransformOptions())))
      return signalPassFailure();
    if (last)
      schedule.erase();
  }
};
} // namespace
} // namespace setun::passes
