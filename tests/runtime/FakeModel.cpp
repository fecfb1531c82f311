//===- FakeModel.cpp - A model for tests of the runtime -------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Stands where generated code stands in an emitted executable. Its logits
// depend on every token before them, on their positions and on nothing else;
// it uses all that a step gets: barrier, claims, arena, scratch, cache, angles.

#include "runtime/abi/Model.h"

using namespace setun::abi;

#if defined(__x86_64__)
#define FAKE_TRIPLE "x86_64-unknown-linux-musl"
#define FAKE_PLAIN "cmov"
#define FAKE_BETTER "cmov", "avx2"
#define FAKE_BEST "cmov", "avx2", "avx512vnni"
#elif defined(__aarch64__)
#define FAKE_TRIPLE "aarch64-unknown-linux-musl"
#define FAKE_PLAIN "fp-armv8", "neon"
#define FAKE_BETTER "fp-armv8", "neon", "dotprod"
#define FAKE_BEST "fp-armv8", "neon", "dotprod", "i8mm", "sve2"
#elif defined(__riscv)
#define FAKE_TRIPLE "riscv64-unknown-linux-musl"
#define FAKE_PLAIN "m", "a", "f", "d", "c"
#define FAKE_BETTER "m", "a", "f", "d", "c", "v", "zvl128b"
#define FAKE_BEST "m", "a", "f", "d", "c", "v", "zvl256b"
#endif
#ifndef FAKE_FOREIGN // a feature that every level wants
#define FAKE_FOREIGN
#endif

namespace {
constexpr uint32_t kVocabulary = 101, kHeadDim = 4;

uint32_t claim(Claim &counter) {
  return __atomic_fetch_add(&counter.next[0], 1, __ATOMIC_RELAXED);
}

float noise(uint32_t seed, uint32_t index) {
  uint32_t x = seed ^ index * 2654435761u;
  for (int i = 0; i < 3; ++i)
    x = (x ^ x >> 15) * 0x2c1b3c6du;
  return static_cast<float>(x >> 8) * 0x1p-24f * 8 - 4;
}

/// First half of a step: what token `row` leaves in the cache.
void embed(const Step *s, uint64_t row) {
  float *entry = reinterpret_cast<float *>(s->cache) + (s->position + row) * 2;
  const float *rope = s->rope + row * kHeadDim;
  entry[0] = static_cast<float>(s->weights[s->tokens[row] % 64]) + rope[0];
  entry[1] = rope[kHeadDim - 1] * static_cast<float>(s->tokens[row]);
  reinterpret_cast<int32_t *>(s->arena)[row] = s->tokens[row];
}

/// Second half: logits from all tokens up to `row`.
void predict(const Step *s, uint64_t row) {
  float state = static_cast<float>(reinterpret_cast<int32_t *>(s->arena)[row]);
  const float *cache = reinterpret_cast<const float *>(s->cache);
  for (uint64_t i = 0; i <= s->position + row; ++i)
    state = state * 0.75f + cache[2 * i] - cache[2 * i + 1];
  uint32_t seed = static_cast<uint32_t>(static_cast<int32_t>(state * 1024));
  float *logits = s->logits + (row - s->firstLogit) * kVocabulary;
  for (uint32_t v = 0; v < kVocabulary; ++v)
    logits[v] = noise(seed, v);
}

const char *const marks[] = {"layers.0.embed", "barrier", "predict"};

void mark(const Step *s, uint64_t worker, uint64_t number) {
  if (s->profile)
    setun_mark(s->profile, worker, number);
}

const Tallied tallied[] = {{"up", 1600, 2000}, {"down", 800, 1000}};

void add(Tally::Part &part, uint64_t inputs, uint64_t zeros) {
  part.inputs += inputs;
  part.zeros += zeros;
}

/// One worker finds 16 of up's 32 inputs zero, and skips 12 of these; all find
/// 6 of down's 8.
void tally(const Step *s, uint64_t worker, bool first) {
  if (!s->tallies)
    return;
  Tally *own = s->tallies + worker * 2;
  if (first) {
    add(own[0].read, 16, 4);
    add(own[0].skipped, 16, 12);
  }
  add(own[1].skipped, 8, 6);
}

void step(const Step *s, uint64_t worker) {
  s->scratch[worker * 64] = 1;
  mark(s, worker, 0);
  bool first = false;
  for (uint64_t row; (row = claim(s->claims[0])) < s->rows; first = true)
    embed(s, row);
  tally(s, worker, first);
  mark(s, worker, 1);
  setun_barrier(s->barrier);
  mark(s, worker, 2);
  for (uint64_t row; (row = s->firstLogit + claim(s->claims[1])) < s->rows;)
    predict(s, row);
}

/// 16-row blocks of int8 weights [block][k][16], 8 activations.
void kernel(const uint8_t *weights, const int8_t *q, const int32_t *,
            const float *scales, float alpha, const float *residual, float *out,
            uint8_t *scratch, uint64_t rows, uint64_t blocks) {
  for (uint64_t m = 0; m < rows; ++m)
    for (uint64_t r = 0; r < blocks * 16; ++r) {
      int32_t sum = 0;
      for (uint64_t k = 0; k < 8; ++k)
        sum += static_cast<int8_t>(weights[(r / 16 * 8 + k) * 16 + r % 16]) *
               q[m * 8 + k];
      scratch[0] = static_cast<uint8_t>(r);
      float value = static_cast<float>(sum) * (alpha / scales[m]);
      uint64_t at = m * blocks * 16 + r;
      out[at] = residual ? residual[at] + value : value;
    }
}

const BatchClass classes[] = {
    {"decode", step, marks, tallied, 4, 64, 0, 1, 2, 3, 2, 1, 0},
    {"small", step, marks, nullptr, 16, 64, 0, 4, 2, 3, 0, 1, 0},
    {"prefill", step, marks, nullptr, 64, 64, 0, 16, 2, 3, 0, 8, 0},
};
constexpr KernelEntry named(const char *name) {
  return {name, kernel, kernel, 0, 8, 8, 32, 64, 4, 2, 0, 1, 1, 1, 128, 0, 0};
}
constexpr KernelEntry kernels[] = {named("gemv_i8_32x8.plain"),
                                   named("gemv_i8_32x8.better"),
                                   named("gemv_i8_32x8.best")};

constexpr Level level(const char *name, const KernelEntry &kernel,
                      const char *const *features, uint32_t count) {
  return {name, classes, &kernel, nullptr, features, 3, 1, count, 0};
}

#ifdef FAKE_WORDS // a file with features: a level for each
constexpr const char *words[] = {
    "nothing",
#include FAKE_WORDS
};
constexpr uint32_t numLevels = sizeof words / sizeof *words;
constexpr struct Levels {
  Level list[numLevels];

  constexpr Levels() : list() {
    for (uint32_t i = 0; i < numLevels; ++i)
      list[i] = level(words[i], kernels[0], words + i, i ? 1 : 0);
  }
} byWord;
constexpr const Level *levels = byWord.list;
#else
template <uint32_t count>
constexpr Level level(const char *name, const KernelEntry &kernel,
                      const char *const (&features)[count]) {
  return level(name, kernel, features, count);
}
const char *const plain[] = {FAKE_PLAIN FAKE_FOREIGN};
const char *const better[] = {FAKE_BETTER FAKE_FOREIGN};
const char *const best[] = {FAKE_BEST FAKE_FOREIGN};
constexpr Level levels[] = {level("plain", kernels[0], plain),
                            level("better", kernels[1], better),
                            level("best", kernels[2], best)};
constexpr uint32_t numLevels = 3;
#endif
const int32_t stops[] = {7};
const double frequencies[kHeadDim / 2] = {1.0, 0.01};
const double ropeScales[] = {1.0};
const Section sections[] = {{"dense", 256, 256}};
alignas(64) const uint8_t weights[256] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9,
                                          7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3};
} // namespace

extern "C" const Model setun_model = {
    .version = kModelVersion,
    .vocabSize = kVocabulary,
    .contextLength = 64,
    .layers = 1,
    .hiddenSize = 8,
    .intermediateSize = 32,
    .heads = 1,
    .kvHeads = 1,
    .headDim = kHeadDim,
    .bosToken = 1,
    .numStopTokens = 1,
    .numLevels = numLevels,
    .numSections = 1,
    .stopTokens = stops,
    .levels = levels,
    .sections = sections,
    .name = "fake",
    .triple = FAKE_TRIPLE,
    .producer = "a test",
    .ropeFrequencies = frequencies,
    .weights = weights,
    .weightsBytes = sizeof weights,
    .tokenizerOffset = 0,
    .tokenizerBytes = 0,
    .kvBytesPerPosition = 2 * sizeof(float),
    .parameters = 256,
    .tokenBytes = 4096,
    .kvChunk = 16,
    .kvElement = "f32",
    .samples = nullptr,
    .numSamples = 0,
    .tensors = nullptr,
    .numTensors = 0,
    .checksOffset = 0,
    .chat = nullptr,
    .chatBytes = 0,
    .ropeScales = ropeScales,
    .ropeTables = 1,
    .ropePairs = kHeadDim / 2,
    .pooling = "last",
    .embedError = nullptr,
};
