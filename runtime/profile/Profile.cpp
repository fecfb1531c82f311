//===- Profile.cpp - What each worker did when ----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/profile/Profile.h"
#include "runtime/support/Record.h"

#include <algorithm>
#include <ctype.h>
#include <map>

namespace setun::runtime {

Failure Profile::open(const std::string &path) {
  if (!path.empty())
    tracks.resize(kMaxWorkers);
  return file.open(path);
}

void Profile::beginStep(const Step &step, uint32_t workers) {
  steps.push_back(step);
  for (uint32_t worker = 0; worker < workers; ++worker) {
    std::vector<Event> &events = tracks[worker].events;
    size_t needed = events.size() + step.numMarks + 2;
    if (needed > events.capacity())
      events.reserve(std::max(needed, 2 * events.capacity()));
  }
}

/// Every step as a whole, then what is between its marks.
template <typename Body> void Profile::forEachSpan(const Body &body) const {
  for (size_t worker = 0; worker < tracks.size(); ++worker) {
    const std::vector<Event> &events = tracks[worker].events;
    for (size_t i = 0; i + 1 < events.size(); ++i) {
      const Event &event = events[i];
      const Step &step = steps[event.step];
      size_t end = i + 1;
      if (event.mark == kLeave)
        continue;
      if (event.mark == kEnter)
        while (events[end].mark != kLeave)
          ++end;
      bool whole = event.mark == kEnter;
      body(Span{whole ? step.name : step.marks[event.mark],
                whole ? "step" : "op", step, worker, event.time,
                events[end].time});
    }
  }
}

Failure Profile::finish() {
  uint64_t origin = UINT64_MAX;
  for (const Track &track : tracks)
    if (!track.events.empty())
      origin = std::min(origin, track.events.front().time);
  Failure failure = file.write("{\"traceEvents\": [");
  const char *separator = "\n";
  forEachSpan([&](const Span &span) {
    Record arguments, event;
    arguments.add("rows", span.step.rows).add("position", span.step.position);
    event.add("name", span.name)
        .add("cat", span.kind)
        .add("ph", "X")
        .addReal("ts", (span.begin - origin) / 1e3)
        .addReal("dur", (span.end - span.begin) / 1e3)
        .add("pid", uint64_t(1))
        .add("tid", span.worker)
        .addJson("args", arguments.json());
    if (failure.empty())
      failure = file.write(separator + event.json());
    separator = ",\n";
  });
  if (failure.empty())
    failure = file.write("\n], \"displayTimeUnit\": \"ns\"}\n");
  return failure.empty() ? file.finish() : failure;
}

std::vector<Profile::Times> Profile::times() const {
  struct Part {
    uint64_t begin = UINT64_MAX, end = 0;
  };
  std::map<std::pair<uint32_t, uint32_t>, Part> parts; // by step and mark
  for (const Track &track : tracks)
    for (size_t i = 0; i + 1 < track.events.size(); ++i) {
      const Event &event = track.events[i];
      if (event.mark == kEnter || event.mark == kLeave)
        continue;
      Part &part = parts[{event.step, event.mark}];
      part.begin = std::min(part.begin, event.time);
      part.end = std::max(part.end, track.events[i + 1].time);
    }
  std::map<std::pair<std::string, std::string>, std::map<uint32_t, uint64_t>>
      sums; // by names, then by step
  for (const auto &[key, part] : parts)
    sums[{steps[key.first].name, steps[key.first].marks[key.second]}]
        [key.first] += part.end - part.begin;
  std::vector<Times> list;
  for (const auto &[names, times] : sums) {
    Times &added = list.emplace_back(Times{names.first, names.second, {}});
    for (const auto &[step, time] : times)
      added.nanoseconds.push_back(time);
  }
  return list;
}

/// "layers.3.mlp" → "layers.*.mlp"
static std::string withoutNumbers(std::string_view name) {
  std::string text;
  for (char c : name)
    if (!isdigit(c))
      text += c;
    else if (!text.ends_with('*'))
      text += '*';
  return text;
}

std::string Profile::table() const {
  using Key = std::pair<std::string, std::string>; // step, op
  std::map<Key, std::vector<uint64_t>> times;
  forEachSpan([&](const Span &span) {
    times[{span.step.name, withoutNumbers(span.name)}].push_back(span.end -
                                                                 span.begin);
  });
  std::string text;
  for (auto &[key, list] : times) {
    uint64_t total = 0;
    for (uint64_t time : list)
      total += time;
    std::nth_element(list.begin(), list.begin() + list.size() / 2, list.end());
    text += format("%-8s  %-56s  %7zu spans  median %10.2f µs  all %10.2f ms\n",
                   key.first.c_str(), key.second.c_str(), list.size(),
                   list[list.size() / 2] / 1e3, total / 1e6);
  }
  return text;
}

} // namespace setun::runtime

extern "C" void setun_mark(void *profile, uint64_t worker, uint64_t mark) {
  static_cast<setun::runtime::Profile *>(profile)->mark(worker, mark);
}
