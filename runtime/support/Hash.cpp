//===- Hash.cpp -----------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/support/Hash.h"

#include <bit>
#include <string.h>

namespace setun::runtime {

static constexpr uint64_t kPrimes[] = {0x9e3779b185ebca87, 0xc2b2ae3d27d4eb4f,
                                       0x165667b19e3779f9, 0x85ebca77c2b2ae63,
                                       0x27d4eb2f165667c5};
static constexpr size_t kLanes = 4;

template <typename T> static T read(const uint8_t *bytes) {
  T value;
  memcpy(&value, bytes, sizeof(T));
  return value;
}

static uint64_t turn(uint64_t lane, uint64_t word) {
  return std::rotl(lane + word * kPrimes[1], 31) * kPrimes[0];
}

/// All whole stripes of four words; takes them from `bytes`.
static uint64_t hashStripes(std::span<const uint8_t> &bytes) {
  uint64_t lanes[kLanes] = {kPrimes[0] + kPrimes[1], kPrimes[1], 0,
                            0 - kPrimes[0]};
  const uint8_t *at = bytes.data();
  size_t stripes = bytes.size() / (kLanes * sizeof(uint64_t));
  for (size_t i = 0; i < stripes; ++i)
    for (uint64_t &lane : lanes) {
      lane = turn(lane, read<uint64_t>(at));
      at += sizeof(uint64_t);
    }
  bytes = bytes.subspan(at - bytes.data());
  uint64_t all = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) +
                 std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
  for (uint64_t lane : lanes)
    all = (all ^ turn(0, lane)) * kPrimes[0] + kPrimes[3];
  return all;
}

uint64_t hash(std::span<const uint8_t> bytes) {
  uint64_t size = bytes.size();
  uint64_t h =
      size < kLanes * sizeof(uint64_t) ? kPrimes[4] : hashStripes(bytes);
  h += size;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8))
    h = std::rotl(h ^ turn(0, read<uint64_t>(bytes.data())), 27) * kPrimes[0] +
        kPrimes[3];
  if (bytes.size() >= 4) {
    h = std::rotl(h ^ read<uint32_t>(bytes.data()) * kPrimes[0], 23) *
            kPrimes[1] +
        kPrimes[2];
    bytes = bytes.subspan(4);
  }
  for (uint8_t byte : bytes)
    h = std::rotl(h ^ byte * kPrimes[4], 11) * kPrimes[0];
  h = (h ^ h >> 33) * kPrimes[1];
  h = (h ^ h >> 29) * kPrimes[2];
  return h ^ h >> 32;
}

} // namespace setun::runtime
