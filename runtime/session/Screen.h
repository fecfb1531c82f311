//===- Screen.h - A head of which few rows are computed ---------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SESSION_SCREEN_H
#define SETUN_RUNTIME_SESSION_SCREEN_H

#include "runtime/abi/Model.h"
#include "runtime/profile/Profile.h"
#include "runtime/sampler/Logits.h"
#include "runtime/session/Memory.h"

#include <memory>
#include <vector>

namespace setun::runtime {

/// What several rows of logits share.
struct ScreenedHead {
  const abi::Head &head;
  const uint8_t *weights;
  uint64_t rows; ///< the vocabulary
  WorkerPool &workers;

  uint64_t computed = 0; ///< rows
  uint64_t position = 0; ///< of the first token behind
  Profile *profile = nullptr;

  uint64_t paddedRows() const { return (rows + 15) / 16 * 16; }
};

/// Makes `row` of x: high and low are [width]. False where x has no bound.
bool quantizeScreened(const float *x, uint32_t width, int8_t *high, int8_t *low,
                      abi::ScreenedRow &row);

/// The logits of one row: upper bounds by the screen kernel, exact ones by the
/// head's stage.
class ScreenedLogits final : public Logits {
public:
  Failure allocate(ScreenedHead &head);

  /// Where the activations go before `begin`, zero-padded.
  float *activations() const { return x.as<float>(); }
  /// Forgets what is known and takes in the activations.
  void begin();
  /// Bounds the rows of tile `tile`; all tiles once after `begin`.
  void screenTile(uint64_t tile);
  uint64_t tiles() const;

  uint64_t size() const override { return shared->rows; }
  std::span<const Candidate> known() const override { return exact; }
  float bound() const override;
  double mass(double top) const override;
  void know(std::span<const int32_t> tokens) override;
  void knowMore(uint64_t count, float least) override;

private:
  struct Bounded {
    float upper;
    int32_t row;
  };

  float *groupOf(uint64_t group) const;
  void updateGroup(uint64_t group);
  float findCut(uint64_t count) const;
  void collect(float least, uint64_t count);
  void compute();
  void computeRun(uint64_t first, uint64_t end);

  ScreenedHead *shared = nullptr;
  Memory x, high, low, upper; ///< upper: −∞ once a row is known
  abi::ScreenedRow row = {};
  bool bounded = false;
  std::vector<float> maxima; ///< of the bounds of a group of rows
  std::vector<Bounded> chosen;
  std::vector<Candidate> exact;
};

/// The screened logits of a few rows.
class Screen {
public:
  Screen(const abi::Model &model, const abi::Head &head, WorkerPool &workers)
      : shared{head, model.weights, model.vocabSize, workers} {}

  /// Room for so many rows.
  Failure allocate(uint64_t rows);
  ScreenedLogits &operator[](uint64_t row) { return *logits[row]; }
  /// Bounds the first `rows` rows, whose activations are in place, for the
  /// tokens before `position`.
  void run(uint64_t rows, uint64_t position, Profile *profile);

  uint64_t width() const { return shared.head.width; }
  uint64_t computedRows() const { return shared.computed; }

private:
  ScreenedHead shared;
  std::vector<std::unique_ptr<ScreenedLogits>> logits;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SESSION_SCREEN_H
