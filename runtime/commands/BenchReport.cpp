//===- BenchReport.cpp - Results in llama-bench's formats -----------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/BenchReport.h"
#include "runtime/cpu/Cpu.h"
#include "runtime/support/Record.h"

#include <math.h>
#include <stdio.h>

namespace setun::runtime {

namespace {
struct Statistics {
  double mean = 0, deviation = 0; ///< of the sample, n - 1

  explicit Statistics(const std::vector<double> &values) {
    for (double value : values)
      mean += value / values.size();
    for (double value : values)
      deviation += (value - mean) * (value - mean);
    size_t degrees = values.size() > 1 ? values.size() - 1 : 1;
    deviation = sqrt(deviation / degrees);
  }
};

std::vector<double> nanosecondsOf(const Measurement &m) {
  return {m.nanoseconds.begin(), m.nanoseconds.end()};
}

std::vector<double> tokensPerSecond(const Measurement &m) {
  std::vector<double> rates;
  for (uint64_t time : m.nanoseconds)
    rates.push_back(m.tokens() * 1e9 / time);
  return rates;
}

/// The bytes of the weights in the file.
uint64_t modelBytes(const abi::Model &model) {
  return model.weightsBytes - model.tokenizerBytes;
}

/// What generating a token reads of the weights without what zeros made
/// needless, of the head's rows that had to be computed and, on average, of the
/// cache; nothing is said of prompts, where many tokens share one reading.
uint64_t bytesPerToken(const abi::Model &model, const Measurement &m) {
  uint64_t positions = m.depth + (m.generatedTokens + 1) / 2;
  return model.tokenBytes +
         static_cast<int64_t>(m.computedBytes - m.savedBytes) +
         positions * model.kvBytesPerPosition;
}

/// Bytes a second that generation reads.
double achievedBandwidth(const abi::Model &model, const Measurement &m) {
  return Statistics(tokensPerSecond(m)).mean * bytesPerToken(model, m);
}

/// Columns that llama-bench does not have.
void addOwnFields(Record &fields, const abi::Model &model,
                  const Measurement &m) {
  constexpr const char *kNone = "null";
  double achieved = achievedBandwidth(model, m);
  bool limited = m.readBandwidth > 0;
  auto real = [&](const char *name, double value) {
    fields.addJson(name, m.generatedTokens ? jsonNumber(value) : kNone);
  };
  fields.addJson("token_bytes", m.generatedTokens
                                    ? jsonNumber(bytesPerToken(model, m))
                                    : kNone);
  real("gb_s", achieved / 1e9);
  if (limited) {
    fields.addReal("read_gb_s", m.readBandwidth / 1e9);
    real("read_share", achieved / m.readBandwidth);
  }
}

Record fieldsOf(const abi::Model &model, const Measurement &m) {
  Statistics time(nanosecondsOf(m)), rate(tokensPerSecond(m));
  Record fields;
  fields.add("build_commit", model.producer)
      .add("build_number", uint64_t(0))
      .add("cpu_info", cpuName())
      .add("backends", "Setun")
      .add("model_filename", model.name)
      .add("model_type", model.name)
      .add("model_size", modelBytes(model))
      .add("model_n_params", model.parameters)
      .add("n_batch", m.batchRows)
      .add("n_ubatch", m.batchRows)
      .add("n_threads", m.threads)
      .add("n_prompt", m.promptTokens)
      .add("n_gen", m.generatedTokens)
      .add("n_depth", m.depth)
      .add("test_time", m.time)
      .add("avg_ns", uint64_t(time.mean))
      .add("stddev_ns", uint64_t(time.deviation))
      .addReal("avg_ts", rate.mean)
      .addReal("stddev_ts", rate.deviation);
  addOwnFields(fields, model, m);
  return fields;
}
} // namespace

void BenchReport::begin() {
  if (style == "json")
    printf("[\n");
  if (style != "md")
    return;
  printf("| %-30s | %10s | %10s | %-10s | %7s | %15s | %20s | %11s | %6s |%s\n",
         "model", "size", "params", "backend", "threads", "test", "t/s",
         "bytes/token", "GB/s", roofline ? " read GB/s | of read |" : "");
  printf("| ------------------------------ | ---------: | ---------: | "
         "---------- | ------: | --------------: | -------------------: | "
         "----------: | -----: |%s\n",
         roofline ? " --------: | ------: |" : "");
}

void BenchReport::add(const Measurement &m) {
  if (first)
    begin();
  if (style == "md")
    addMarkdown(m);
  else if (style == "csv")
    addCsv(m);
  else
    addJson(m);
  first = false;
  fflush(stdout);
}

void BenchReport::finish() {
  if (first)
    begin();
  if (style == "json")
    printf("\n]\n");
  if (style == "md")
    printf("\nbuild: %s, %s\n", model.producer, level.name);
}

void BenchReport::addMarkdown(const Measurement &m) {
  Statistics rate(tokensPerSecond(m));
  std::string test = format(m.promptTokens ? "pp%llu" : "tg%llu",
                            (unsigned long long)m.tokens());
  if (m.depth)
    test += format(" @ d%llu", (unsigned long long)m.depth);
  std::string speed = format("%.2f ± %.2f", rate.mean, rate.deviation);
  // "±" is two bytes and one column.
  std::string bytes, achieved, share;
  if (m.generatedTokens) {
    double rate = achievedBandwidth(model, m);
    bytes = binarySize(bytesPerToken(model, m));
    achieved = format("%.2f", rate / 1e9);
    share = format("%.1f %%", 100 * rate / m.readBandwidth);
  }
  printf("| %-30s | %10s | %10s | %-10s | %7llu | %15s | %21s | %11s | %6s |",
         model.name, binarySize(modelBytes(model)).c_str(),
         decimalCount(model.parameters).c_str(), "Setun",
         (unsigned long long)m.threads, test.c_str(), speed.c_str(),
         bytes.c_str(), achieved.c_str());
  if (roofline)
    printf(" %9.2f | %7s |", m.readBandwidth / 1e9, share.c_str());
  printf("\n");
}

void BenchReport::addCsv(const Measurement &m) {
  Record fields = fieldsOf(model, m);
  if (first)
    printf("%s\n", fields.csvNames().c_str());
  printf("%s\n", fields.csvValues().c_str());
}

void BenchReport::addJson(const Measurement &m) {
  std::vector<std::string> times, rates;
  for (uint64_t time : m.nanoseconds)
    times.push_back(jsonNumber(time));
  for (double rate : tokensPerSecond(m))
    rates.push_back(jsonNumber(rate));
  Record fields = fieldsOf(model, m);
  fields.addJson("samples_ns", jsonList(times));
  fields.addJson("samples_ts", jsonList(rates));
  if (style == "jsonl")
    printf("%s\n", fields.json().c_str());
  else
    printf("%s  %s", first ? "" : ",\n", fields.json("    ").c_str());
}

} // namespace setun::runtime
