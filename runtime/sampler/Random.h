//===- Random.h - Random numbers, the same on every machine -----*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SAMPLER_RANDOM_H
#define SETUN_RUNTIME_SAMPLER_RANDOM_H

#include <stdint.h>

namespace setun::runtime {

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", OOPSLA 2014).
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() { return (next() >> 11) * 0x1p-53; }

  /// Uniform in [0, bound) but for a bias of bound / 2^64.
  uint64_t below(uint64_t bound) {
    return static_cast<unsigned __int128>(next()) * bound >> 64;
  }

private:
  uint64_t state;
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SAMPLER_RANDOM_H
