//===- Session.cpp - A conversation with the model ------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/session/Session.h"
#include "runtime/session/Rope.h"
#include "runtime/threads/Cpus.h"

#include <algorithm>
#include <string.h>
#include <unistd.h>

namespace setun::runtime {

const abi::BatchClass &classFor(const abi::Level &level, uint64_t rows) {
  const abi::BatchClass *last = level.classes + level.numClasses - 1;
  const abi::BatchClass *batch = level.classes;
  while (batch < last && batch->maxRows < rows)
    ++batch;
  return *batch;
}

uint64_t cutStep(const abi::Level &level, uint64_t wanted) {
  const abi::BatchClass &batch = classFor(level, wanted);
  uint64_t rows = std::min<uint64_t>(wanted, batch.maxRows);
  uint64_t rest = rows % batch.together;
  bool apart = rest < rows && classFor(level, rest).together == 1;
  return apart ? rows - rest : rows;
}

/// What the model allows, but no more cache than half of the memory.
static uint64_t defaultContext(const abi::Model &model) {
  uint64_t memory = uint64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  uint64_t fitting =
      memory / 2 / std::max<uint64_t>(model.kvBytesPerPosition, 1);
  return std::clamp<uint64_t>(fitting, 1, model.contextLength);
}

static Failure check(const abi::Model &model, const SessionSettings &settings) {
  if (settings.context > model.contextLength)
    return format("a context of %lld tokens was asked for, but %s allows %u at "
                  "most (compile with --context for another limit)",
                  (long long)settings.context, model.name, model.contextLength);
  if (settings.threads > kMaxWorkers)
    return format("%lld threads were asked for, %u are possible",
                  (long long)settings.threads, kMaxWorkers);
  return {};
}

std::unique_ptr<Session> Session::create(const abi::Model &model,
                                         const abi::Level &level,
                                         const SessionSettings &settings,
                                         Failure &failure) {
  failure = check(model, settings);
  if (!failure.empty())
    return nullptr;
  std::unique_ptr<Session> session(new Session(model, level));
  uint64_t threads = settings.threads ? settings.threads : cpuCount();
  session->pool =
      WorkerPool::create(std::min<uint64_t>(threads, kMaxWorkers), failure);
  if (!session->pool)
    return nullptr;
  session->positions =
      settings.context ? settings.context : defaultContext(model);
  uint64_t classRows = level.classes[level.numClasses - 1].maxRows;
  session->maxRows = settings.batchRows
                         ? std::min<uint64_t>(settings.batchRows, classRows)
                         : classRows;
  session->skips = !settings.readsAll;
  wishForHugePages(model.weights, model.weightsBytes);
  failure = session->allocate();
  return failure.empty() ? std::move(session) : nullptr;
}

uint64_t Session::smallRows() const {
  return std::min<uint64_t>(classFor(level, 2).maxRows, maxRows);
}

uint64_t Session::chunkedBytes(uint64_t tokens) const {
  uint64_t chunks = (tokens + target.kvChunk - 1) / target.kvChunk, bytes;
  bool wraps = __builtin_mul_overflow(chunks * target.kvChunk,
                                      target.kvBytesPerPosition, &bytes);
  return wraps ? UINT64_MAX : bytes;
}

std::span<uint8_t> Session::cachedBytes(uint64_t tokens) const {
  return {cache.as<uint8_t>(), chunkedBytes(std::min(tokens, positions))};
}

Failure Session::allocate() {
  uint64_t arenaBytes = 0, workerBytes = 0, claimCount = 0;
  for (const abi::BatchClass &batch :
       std::span(level.classes, level.numClasses)) {
    arenaBytes = std::max(arenaBytes, batch.arenaBytes);
    workerBytes = std::max(workerBytes, batch.workerBytes);
    claimCount = std::max<uint64_t>(claimCount, batch.claims);
  }
  uint64_t cacheBytes = chunkedBytes(positions);
  if (cacheBytes == UINT64_MAX)
    return "the context is too large for this machine; give a smaller -c";
  // The heads of all layers lie together, chunk by chunk of positions: what is
  // not reached yet is not touched.
  Failure failure =
      cache.allocate(cacheBytes, "the context, see -c", Pages::Huge);
  if (failure.empty())
    failure = arena.allocate(arenaBytes, "activations", Pages::Huge);
  if (failure.empty())
    failure =
        scratch.allocate(workerBytes * pool->size(), "scratch", Pages::Huge);
  if (failure.empty())
    failure = claims.allocate(claimCount * sizeof(abi::Claim), "counters",
                              Pages::Small);
  if (failure.empty())
    failure = tallies.allocate(level, pool->size());
  if (failure.empty())
    failure = rope.allocate(maxRows * target.ropeTables * 2 *
                                target.ropePairs * sizeof(float),
                            "angles", Pages::Small);
  return failure;
}

/// Cuts the tokens into steps: take(class, tokens, index of the first of them
/// whose logits are wanted).
template <typename Taker>
void Session::runSteps(std::span<const int32_t> tokens, size_t firstLogit,
                       const Taker &take) {
  for (size_t done = 0, rows; done < tokens.size(); done += rows) {
    rows = cutStep(level, std::min<uint64_t>(tokens.size() - done, maxRows));
    const abi::BatchClass &batch = classFor(level, rows);
    size_t first = firstLogit > done ? std::min(firstLogit - done, rows) : 0;
    take(batch, tokens.subspan(done, rows), first);
  }
}

const float *Session::evaluate(std::span<const int32_t> tokens,
                               size_t firstLogit) {
  uint64_t vocabulary = target.vocabSize;
  if (uint64_t needed = tokens.size() - firstLogit; needed > logitRows) {
    uint64_t bytes = needed * vocabulary * sizeof(float);
    if (!logits.allocate(bytes, "logits", Pages::Huge).empty())
      return nullptr;
    logitRows = needed;
  }
  float *out = logits.as<float>();
  runSteps(tokens, firstLogit,
           [&](const abi::BatchClass &batch, std::span<const int32_t> some,
               size_t first) {
             runStep(batch, some, first, out);
             out += (some.size() - first) * vocabulary;
           });
  return logits.as<float>();
}

bool Session::screen(std::span<const int32_t> tokens, size_t firstLogit) {
  if (!screener)
    screener = std::make_unique<Screen>(target, *level.head, *pool);
  uint64_t needed = tokens.size() - firstLogit, row = 0;
  if (!screener->allocate(needed).empty())
    return false;
  runSteps(tokens, firstLogit,
           [&](const abi::BatchClass &batch, std::span<const int32_t> some,
               size_t first) {
             runStep(batch, some, some.size(), nullptr);
             const float *rows = reinterpret_cast<const float *>(
                 arena.as<uint8_t>() + batch.headRows);
             uint64_t width = screener->width();
             for (size_t r = first; r < some.size(); ++r)
               std::copy_n(rows + r * width, width,
                           (*screener)[row++].activations());
           });
  screener->run(needed, position, profile);
  return true;
}

void Session::readRows(std::span<const int32_t> tokens, float *rows) {
  constexpr uint64_t kLanes = 16; // that rows in the arena are padded to
  uint64_t width = target.hiddenSize;
  uint64_t stride = (width + kLanes - 1) / kLanes * kLanes;
  runSteps(tokens, tokens.size(),
           [&](const abi::BatchClass &batch, std::span<const int32_t> some,
               size_t) {
             runStep(batch, some, some.size(), nullptr);
             const float *from = reinterpret_cast<const float *>(
                 arena.as<uint8_t>() + batch.headRows);
             for (size_t r = 0; r < some.size(); ++r, rows += width)
               std::copy_n(from + r * stride, width, rows);
           });
}

void Session::runStep(const abi::BatchClass &batch,
                      std::span<const int32_t> tokens, uint64_t firstLogit,
                      float *out) {
  fillRope({target.ropeFrequencies, target.ropeScales, target.ropeTables,
            target.ropePairs},
           position, tokens.size(), rope.as<float>());
  memset(claims.as<void>(), 0, batch.claims * sizeof(abi::Claim));
  abi::Step step = {
      .weights = target.weights,
      .arena = arena.as<uint8_t>(),
      .scratch = scratch.as<uint8_t>(),
      .cache = cache.as<uint8_t>(),
      .tokens = tokens.data(),
      .rope = rope.as<float>(),
      .logits = out,
      .claims = claims.as<abi::Claim>(),
      .barrier = &pool->barrier(),
      .rows = tokens.size(),
      .position = position,
      .firstLogit = firstLogit,
      .profile = profile,
      .workers = pool->size(),
      .tallies = tallies.of(batch),
      .skips = skips,
  };
  runtime::runStep(
      *pool, profile,
      {batch.name, batch.marks, batch.numMarks, step.rows, position},
      [&](uint64_t worker) { batch.step(&step, worker); });
  position += tokens.size();
}

} // namespace setun::runtime
