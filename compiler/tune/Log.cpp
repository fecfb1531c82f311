//===- Log.cpp - The tuning file while it grows ---------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tune/Log.h"
#include "compiler/tuning/Convert.h"
#include "compiler/tuning/Producer.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;

namespace setun::compiler {

Log::Log(StringRef path, lut::TargetAttr target, unsigned threads)
    : path(path), target(tuning::print(target)), threads(threads),
      context(target.getContext()) {}

llvm::Error Log::open() {
  if (!llvm::sys::fs::exists(path))
    return llvm::Error::success();
  auto known = tuning::read(path);
  if (!known)
    return known.takeError();
  tuning = std::move(*known);
  for (auto [i, session] : llvm::enumerate(tuning.sessions())) {
    const tuning::Machine &machine = session.machine();
    if (machine.target() == target &&
        machine.producer() == tuning::getProducer() &&
        (!threads || machine.threads() == threads))
      current = i;
  }
  return llvm::Error::success();
}

void Log::recall(Search &search) {
  if (current < 0)
    return;
  auto ignore = [&] {
    return InFlightDiagnostic(); // tiles of other targets' sessions
  };
  for (const tuning::Measurement &each : getSession().measurements()) {
    lut::TileAttr tile = tuning::toAttribute(each.tile(), context, ignore);
    auto batchClass = passes::symbolizeBatchClass(each.batch_class());
    if (tile && batchClass)
      search.record(tuning::toShape(each.linear()), each.packing(), *batchClass,
                    tile, {each.nanoseconds(), each.relative(), each.runs()});
  }
}

bool Log::begin(StringRef cpu, unsigned count) {
  if (current >= 0 && StringRef(getSession().machine().cpu()) == cpu &&
      getSession().machine().threads() == count)
    return true;
  bool first = current < 0;
  current = tuning.sessions_size();
  tuning::Machine &machine = *tuning.add_sessions()->mutable_machine();
  machine.set_target(target);
  machine.set_cpu(cpu.str());
  machine.set_threads(count);
  machine.set_producer(tuning::getProducer().str());
  return first;
}

void Log::add(const Trial &trial, passes::BatchClass batchClass,
              const Result &result, bool reference) {
  tuning::Measurement added;
  *added.mutable_linear() = tuning::toMessage(trial.shape);
  *added.mutable_tile() =
      tuning::toMessage(trial.tiles[static_cast<unsigned>(batchClass)]);
  added.set_packing(trial.packing.getWord().str());
  added.set_batch_class(stringifyBatchClass(batchClass).str());
  auto key = [](const tuning::Measurement &m) {
    return m.linear().SerializeAsString() + '\0' + m.packing() + '\0' +
           m.batch_class() + '\0' + m.tile().SerializeAsString();
  };
  std::string wanted = key(added);
  added.set_nanoseconds(result.nanoseconds);
  added.set_relative(reference ? 1 : result.relative);
  added.set_runs(result.runs);
  added.set_reference(reference);
  tuning::Session &session = *tuning.mutable_sessions(current);
  for (tuning::Measurement &known : *session.mutable_measurements())
    if (key(known) == wanted) {
      known = added;
      return;
    }
  *session.add_measurements() = added;
}

} // namespace setun::compiler
