//===- Profile.h - What each worker did when --------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_PROFILE_PROFILE_H
#define SETUN_RUNTIME_PROFILE_PROFILE_H

#include "runtime/support/Clock.h"
#include "runtime/support/OutputFile.h"
#include "runtime/threads/WorkerPool.h"

#include <vector>

namespace setun::runtime {

/// Notes when workers pass the marks of steps. A worker writes to a track of
/// its own, where `beginStep` made room: no locks, and no memory is asked for.
class Profile {
public:
  /// Begins the file; an empty path: nobody wants a profile.
  Failure open(const std::string &path);
  /// Without a file: for `times`.
  void open() { tracks.resize(kMaxWorkers); }
  bool wanted() const { return !tracks.empty(); }

  /// What workers do together.
  struct Step {
    const char *name;
    const char *const *marks; ///< names
    uint64_t numMarks;
    uint64_t rows, position;
  };
  /// Before the workers start with a step.
  void beginStep(const Step &step, uint32_t workers);
  void enter(uint64_t worker) { note(worker, kEnter); }
  void leave(uint64_t worker) { note(worker, kLeave); }
  void mark(uint64_t worker, uint64_t mark) { note(worker, mark); }

  /// Writes the file, in Chrome's trace event format.
  Failure finish();

  /// Nanoseconds of an op in each step that had it, parts between barriers
  /// together: from where the first worker begins until the last is done.
  struct Times {
    std::string step, op;
    std::vector<uint64_t> nanoseconds;
  };
  std::vector<Times> times() const;

  /// The time of each kind of op, layers taken together; empty if not wanted.
  std::string table() const;

private:
  static constexpr uint32_t kEnter = UINT32_MAX, kLeave = UINT32_MAX - 1;

  struct Event {
    uint64_t time; ///< nanoseconds
    uint32_t step; ///< index
    uint32_t mark;
  };
  /// On cache lines of its own.
  struct alignas(64) Track {
    std::vector<Event> events;
  };
  struct Span {
    const char *name, *kind;
    const Step &step;
    uint64_t worker, begin, end;
  };

  void note(uint64_t worker, uint32_t mark) {
    tracks[worker].events.push_back(
        {nanoseconds(), uint32_t(steps.size()) - 1, mark});
  }
  template <typename Body> void forEachSpan(const Body &body) const;

  OutputFile file;
  std::vector<Step> steps;
  std::vector<Track> tracks; ///< of all workers there can be
};

/// Runs `body` on all workers, noted if somebody wants a profile.
template <typename Body>
void runStep(WorkerPool &pool, Profile *profile, const Profile::Step &step,
             const Body &body) {
  if (!profile)
    return pool.run(body);
  profile->beginStep(step, pool.size());
  pool.run([&](uint64_t worker) {
    profile->enter(worker);
    body(worker);
    profile->leave(worker);
  });
}

} // namespace setun::runtime

#endif // SETUN_RUNTIME_PROFILE_PROFILE_H
