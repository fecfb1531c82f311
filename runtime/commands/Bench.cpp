//===- Bench.cpp - Measure tokens per second ------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/BenchReport.h"
#include "runtime/commands/Command.h"
#include "runtime/commands/Roofline.h"
#include "runtime/sampler/Random.h"
#include "runtime/sampler/Sampler.h"
#include "runtime/support/Clock.h"
#include "runtime/threads/Cpus.h"

#include <algorithm>

namespace setun::runtime {

namespace {
struct Settings {
  std::vector<int64_t> prompts = {512}, generations = {128}, threads,
                       depths = {0};
  int64_t repetitions = 5, batchRows = 0;
  std::string style = "md", profileFile;
  bool noWarmup = false, roofline = false, readsAll = false;
};
} // namespace

static std::string timeNow() {
  time_t now = time(nullptr);
  tm parts;
  gmtime_r(&now, &parts);
  char text[32];
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

/// Evaluates tokens as generation does: of a screened head the likeliest next
/// one is chosen, since bounds alone are no result; else all logits are one.
static bool step(Session &session, std::span<const int32_t> tokens) {
  if (!session.screens())
    return session.evaluate(tokens);
  if (!session.screen(tokens, tokens.size() - 1))
    return false;
  Sampler greedy({.temperature = 0}, 0);
  greedy.choose(session.screened(0));
  return true;
}

static std::vector<int32_t> makeTokens(const Session &session, uint64_t count,
                                       Random &random) {
  std::vector<int32_t> tokens(count);
  for (int32_t &token : tokens)
    token = static_cast<int32_t>(random.below(session.model().vocabSize));
  return tokens;
}

/// Random tokens into the cache, up to the measurement's depth.
static bool fill(Session &session, const Measurement &m, Random &random) {
  session.restart();
  return !m.depth || session.evaluate(makeTokens(session, m.depth, random));
}

/// One repetition behind what was filled in, with random tokens as in
/// llama-bench: the prompt in batches, or the generated tokens one by one.
static bool runOnce(Session &session, const Measurement &m, Random &random) {
  std::vector<int32_t> tokens = makeTokens(session, m.tokens(), random);
  session.rewind(m.depth);
  if (m.promptTokens)
    return step(session, tokens);
  for (int32_t &token : tokens)
    if (!step(session, std::span(&token, 1)))
      return false;
  return true;
}

static Failure measure(Session &session, const Settings &settings,
                       Measurement &m) {
  Random random(1);
  m.threads = session.workers().size();
  m.batchRows = session.batchRows();
  m.time = timeNow();
  bool ok = fill(session, m, random);
  if (ok && !settings.noWarmup) {
    Measurement warmup = m;
    warmup.generatedTokens = std::min<uint64_t>(m.generatedTokens, 1);
    ok = runOnce(session, warmup, random);
  }
  uint64_t computed = session.computedBytes();
  session.forgetZeros();
  for (int64_t i = 0; ok && i < settings.repetitions; ++i) {
    uint64_t begin = nanoseconds();
    ok = runOnce(session, m, random);
    m.nanoseconds.push_back(nanoseconds() - begin);
  }
  computed = session.computedBytes() - computed;
  m.computedBytes = double(computed) / (m.tokens() * settings.repetitions);
  for (const Zeros &zeros : session.zeros())
    m.savedBytes += zeros.savedBytes;
  return ok ? "" : "no memory for the logits";
}

/// The rows of the report, for each depth: every prompt length, then every
/// generation length.
static std::vector<Measurement> plan(const Settings &settings) {
  std::vector<Measurement> rows;
  auto add = [&](int64_t depth, int64_t prompt, int64_t generated) {
    if (prompt + generated == 0)
      return;
    Measurement &row = rows.emplace_back();
    row.depth = depth;
    row.promptTokens = prompt;
    row.generatedTokens = generated;
  };
  for (int64_t depth : settings.depths) {
    for (int64_t tokens : settings.prompts)
      add(depth, tokens, 0);
    for (int64_t tokens : settings.generations)
      add(depth, 0, tokens);
  }
  return rows;
}

static Failure measureAll(const abi::Model &model, const abi::Level &level,
                          const Settings &settings, int64_t threads,
                          Profile &profile, BenchReport &report) {
  std::vector<Measurement> rows = plan(settings);
  int64_t context = 1;
  for (const Measurement &row : rows)
    context = std::max<int64_t>(context, row.depth + row.tokens());
  Failure failure;
  auto session = Session::create(
      model, level, {threads, context, settings.batchRows, settings.readsAll},
      failure);
  if (!session)
    return failure;
  if (profile.wanted())
    session->watch(&profile);
  auto limit = [&] {
    return settings.roofline ? readBandwidth(session->workers(), model) : 0;
  };
  // Before and after: others share the machine, and a test and its limit
  // should be of the same minutes.
  double before = limit();
  for (Measurement &row : rows) {
    failure = measure(*session, settings, row);
    if (!failure.empty())
      return failure;
    double after = limit();
    row.readBandwidth = std::max(before, after);
    before = after;
    report.add(row);
  }
  return {};
}

int benchCommand(const abi::Model &model, int argc, char **argv) {
  Settings settings;
  settings.prompts = {std::min<int64_t>(512, model.contextLength)};
  settings.generations = {std::min<int64_t>(128, model.contextLength)};
  settings.threads = {int64_t(cpuCount())};
  std::vector<Option> options = {
      {'p', "n-prompt", "N,…", Integers{&settings.prompts, 0, UINT32_MAX},
       "prompt lengths; 0: none"},
      {'n', "n-gen", "N,…", Integers{&settings.generations, 0, UINT32_MAX},
       "generated tokens; 0: none"},
      {'d', "n-depth", "N,…", Integers{&settings.depths, 0, UINT32_MAX},
       "tokens in the cache before each test"},
      {'t', "threads", "N,…", Integers{&settings.threads, 1, kMaxWorkers},
       "threads"},
      {'r', "repetitions", "N", Integer{&settings.repetitions, 1, 1000000},
       "runs of each test"},
      {'b', "batch-size", "N", Integer{&settings.batchRows, 0, UINT32_MAX},
       "prompt tokens a step at most; 0: as the kernels allow"},
      {'o', "output", "FORMAT", Choice{&settings.style, "md|csv|json|jsonl"},
       "md, csv, json or jsonl"},
      {0, "no-warmup", nullptr, &settings.noWarmup,
       "measure the first run too"},
      {0, "no-skip", nullptr, &settings.readsAll,
       "read all weights, whatever is zero"},
      {0, "roofline", nullptr, &settings.roofline,
       "measure the read bandwidth of the same threads, too"},
      {0, "profile", "FILE", &settings.profileFile,
       "write what each worker did when, as a Chrome trace"},
  };
  const abi::Level *level = chooseLevel(model);
  if (auto code = readOptions(model, options, level, argc, argv))
    return *code;
  BenchReport report(model, *level, settings.style, settings.roofline);
  Profile profile;
  Failure failure = profile.open(settings.profileFile);
  for (int64_t threads : settings.threads)
    if (failure.empty())
      failure = measureAll(model, *level, settings, threads, profile, report);
  if (failure.empty())
    failure = profile.finish();
  if (!failure.empty())
    return fail(failure);
  report.finish();
  return ferror(stdout) ? fail("cannot write the output") : 0;
}

} // namespace setun::runtime
