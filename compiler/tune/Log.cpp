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
#include "llvm/Support/Path.h"

using namespace mlir;

namespace setun::compiler {

Log::Log(StringRef path, lut::TargetAttr target, unsigned threads)
    : path(path), target(tuning::print(target)), threads(threads),
      context(target.getContext()) {}

/// A round takes seconds: whether its file can be written is asked before.
static llvm::Error checkWritable(StringRef path) {
  if (path == "-")
    return llvm::createStringError(
        "-o -: a tuning file is read again and replaced; name a file");
  StringRef folder = llvm::sys::path::parent_path(path);
  if (std::error_code code = llvm::sys::fs::access(
          folder.empty() ? "." : folder, llvm::sys::fs::AccessMode::Write))
    return llvm::createStringError("cannot write '" + path +
                                   "': " + code.message());
  return llvm::Error::success();
}

llvm::Error Log::open() {
  if (llvm::Error error = checkWritable(path))
    return error;
  if (!llvm::sys::fs::exists(path))
    return llvm::Error::success();
  auto known = tuning::read(path);
  if (!known)
    return known.takeError();
  tuning = std::move(*known);
  current = find([&](const tuning::Machine &machine) {
    return !threads || machine.threads() == threads;
  });
  return llvm::Error::success();
}

int Log::find(
    llvm::function_ref<bool(const tuning::Machine &machine)> fits) const {
  for (int i = tuning.sessions_size(); i-- > 0;) {
    const tuning::Machine &machine = tuning.sessions(i).machine();
    if (machine.target() == target &&
        machine.producer() == tuning::getProducer() && fits(machine))
      return i;
  }
  return -1;
}

void Log::recall(Search &search) const {
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

void Log::begin(StringRef cpu, unsigned count, Search &search) {
  int known = find([&](const tuning::Machine &machine) {
    return StringRef(machine.cpu()) == cpu && machine.threads() == count;
  });
  if (known >= 0 && known == current)
    return;
  if (known < 0) {
    known = tuning.sessions_size();
    tuning::Machine &machine = *tuning.add_sessions()->mutable_machine();
    machine.set_target(target);
    machine.set_cpu(cpu.str());
    machine.set_threads(count);
    machine.set_producer(tuning::getProducer().str());
  }
  current = known;
  search.forget();
  recall(search);
}

/// What was measured, without how long it took.
static tuning::Measurement toMessage(const Trial &trial,
                                     passes::BatchClass batchClass) {
  tuning::Measurement message;
  *message.mutable_linear() = tuning::toMessage(trial.shape);
  *message.mutable_tile() =
      tuning::toMessage(trial.tiles[static_cast<unsigned>(batchClass)]);
  message.set_packing(trial.packing.getWord().str());
  message.set_batch_class(stringifyBatchClass(batchClass).str());
  return message;
}

static auto findSame(auto &list, const tuning::Measurement &wanted) {
  auto key = [](const tuning::Measurement &m) {
    return m.linear().SerializeAsString() + '\0' + m.packing() + '\0' +
           m.batch_class() + '\0' + m.tile().SerializeAsString();
  };
  return llvm::find_if(list, [&, same = key(wanted)](const auto &known) {
    return key(known) == same;
  });
}

void Log::add(const Trial &trial, passes::BatchClass batchClass,
              const Result &result, bool reference) {
  tuning::Measurement added = toMessage(trial, batchClass);
  added.set_nanoseconds(result.nanoseconds);
  added.set_relative(reference ? 1 : result.relative);
  added.set_runs(result.runs);
  added.set_reference(reference);
  auto &list = *tuning.mutable_sessions(current)->mutable_measurements();
  if (auto known = findSame(list, added); known != list.end())
    *known = added;
  else
    *list.Add() = added;
}

void Log::remove(const Trial &trial, passes::BatchClass batchClass) {
  auto &list = *tuning.mutable_sessions(current)->mutable_measurements();
  auto known = findSame(list, toMessage(trial, batchClass));
  if (known != list.end())
    list.erase(known);
}

/// A signal removes what is being written, even one that only interrupts: then
/// once more.
llvm::Error Log::save() const {
  llvm::Error error = tuning::write(tuning, path);
  if (!error)
    return error;
  consumeError(std::move(error));
  return tuning::write(tuning, path);
}

} // namespace setun::compiler
