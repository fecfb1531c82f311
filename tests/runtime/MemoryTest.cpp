//===- MemoryTest.cpp - What memory costs when ----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/session/Memory.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace setun::runtime;

TEST(Memory, SmallPagesCostOnlyWhatIsTouched) {
  constexpr size_t kHuge = 2 << 20, kCount = 16;
  Memory memory;
  ASSERT_EQ(memory.allocate(kCount * kHuge, "a test", Pages::Small), "");
  uint8_t *bytes = memory.as<uint8_t>();
  for (size_t i = 0; i < kCount; ++i) {
    EXPECT_EQ(bytes[i * kHuge], 0);
    bytes[i * kHuge] = 1;
  }
  std::vector<unsigned char> resident(kCount * kHuge / getpagesize());
  ASSERT_EQ(mincore(bytes, kCount * kHuge, resident.data()), 0);
  EXPECT_EQ(std::count(resident.begin(), resident.end(), 1), kCount);
}

TEST(Memory, AllocatesAnew) {
  Memory memory;
  ASSERT_EQ(memory.allocate(5, "a test", Pages::Huge), "");
  memory.as<char>()[0] = 1;
  ASSERT_EQ(memory.allocate(0, "a test", Pages::Small), "");
  EXPECT_EQ(memory.as<char>()[0], 0);
  EXPECT_NE(memory.allocate(uint64_t(1) << 60, "a test", Pages::Huge)
                .find("no memory for a test"),
            std::string::npos);
  EXPECT_EQ(memory.as<void>(), nullptr);
}
