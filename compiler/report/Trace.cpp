//===- Trace.cpp - Times that an executable measured ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/report/Trace.h"

#include "frontends/File.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace setun::compiler::report {

/// Runs beside steps, when a token is chosen: the work of the head.
static constexpr StringLiteral kScreen = "head.screen", kHead = "head";
static constexpr StringLiteral kBarrier = "barrier";

/// A worker's events come in their order.
Error Trace::readTracks(const json::Array &array, Tracks &tracks) {
  for (const auto &[i, value] : enumerate(array)) {
    const json::Object *object = value.getAsObject();
    if (!object || object->getString("ph") != "X")
      continue;
    auto name = object->getString("name"), kind = object->getString("cat");
    auto begin = object->getNumber("ts"), length = object->getNumber("dur");
    auto worker = object->getInteger("tid");
    if (!name || !kind || !begin || !length || !worker)
      return createStringError("event " + Twine(i) +
                               " has no name, cat, ts, dur or tid; expected "
                               "those that --profile of an executable writes");
    const json::Object *arguments = object->getObject("args");
    auto rows = arguments ? arguments->getInteger("rows") : std::nullopt;
    tracks[*worker].push_back(
        {name->str(), *begin, *length, kind == "step", rows.value_or(0)});
  }
  return Error::success();
}

void Trace::addTrack(ArrayRef<Event> events) {
  size_t count = 0;
  std::map<std::string, double> work;
  auto finish = [&] {
    for (auto &[name, length] : work)
      steps[count - 1].ops[name].work =
          std::max(steps[count - 1].ops[name].work, length);
    work.clear();
  };
  for (const Event &event : events) {
    if (event.step && event.name != kScreen) {
      finish();
      if (count++ == steps.size())
        steps.push_back(
            {event.name, event.begin, event.length, event.rows, 0, {}, {}});
      continue;
    }
    if (!count || event.name == kBarrier)
      continue;
    Step &step = steps[count - 1];
    if (event.name == kScreen) {
      step.screen = std::max(step.screen, event.length);
      continue;
    }
    auto [time, fresh] = step.ops.try_emplace(event.name);
    if (fresh)
      step.order.push_back(event.name);
    time->second.end = std::max(time->second.end, event.begin + event.length);
    work[event.name] += event.length;
  }
  finish();
}

Error Trace::read(StringRef path) {
  auto fail = [&](const Twine &what) {
    return createStringError(path + ": " + what);
  };
  auto parsed = frontends::readJson(path);
  if (!parsed)
    return parsed.takeError();
  const json::Object *object = parsed->getAsObject();
  const json::Array *array = object ? object->getArray("traceEvents") : nullptr;
  if (!array)
    return fail("expected a trace that --profile of an executable writes");
  Tracks tracks;
  if (Error error = readTracks(*array, tracks))
    return fail(toString(std::move(error)));
  workers = tracks.size();
  for (auto &[worker, events] : tracks)
    addTrack(events);
  if (steps.empty())
    return fail("has no steps; expected those that --profile of an executable "
                "writes");
  return Error::success();
}

std::set<std::string> Trace::getOps() const {
  std::set<std::string> names;
  for (const Step &step : steps)
    for (auto &[name, time] : step.ops)
      names.insert(name);
  return names;
}

static double median(std::vector<double> values) {
  auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Trace::Samples {
  std::vector<double> lengths, rows;
  std::map<std::string, std::vector<double>> times, waits;
};

void Trace::addStep(const Step &step, Samples &samples) {
  samples.lengths.push_back(step.length);
  samples.rows.push_back(step.rows);
  double at = step.begin;
  for (const std::string &name : step.order) {
    const Time &op = step.ops.at(name);
    double screen = name == kHead ? step.screen : 0;
    double time = std::max(op.end - at, 0.0) + screen;
    samples.times[name].push_back(time);
    samples.waits[name].push_back(std::max(time - op.work - screen, 0.0));
    at = std::max(at, op.end);
  }
}

json::Value Trace::getTimes() const {
  if (steps.empty())
    return nullptr;
  std::map<std::string, Samples> kinds;
  for (const Step &step : steps)
    addStep(step, kinds[step.name]);
  json::Object all;
  for (auto &[name, samples] : kinds) {
    json::Object ops;
    for (auto &[op, times] : samples.times)
      ops[op] = json::Object{{"us", median(times)},
                             {"waitUs", median(samples.waits[op])}};
    all[name] = json::Object{{"count", samples.lengths.size()},
                             {"rows", median(samples.rows)},
                             {"us", median(samples.lengths)},
                             {"ops", std::move(ops)}};
  }
  return json::Object{{"workers", workers}, {"steps", std::move(all)}};
}

} // namespace setun::compiler::report
