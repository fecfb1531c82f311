//===- HashTest.cpp -------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/support/Hash.h"

#include "llvm/Support/xxhash.h"

#include "gtest/gtest.h"

#include <vector>

namespace setun::runtime {

// The compiler uses LLVM's, the executables their own.
TEST(Hash, IsXXH64) {
  EXPECT_EQ(hash({}), 0xef46db3751d8e999u);
  std::vector<uint8_t> bytes;
  for (unsigned size = 0; size < 300; ++size) {
    llvm::StringRef text(reinterpret_cast<char *>(bytes.data()), size);
    EXPECT_EQ(hash(bytes), llvm::xxHash64(text)) << size;
    bytes.push_back(static_cast<uint8_t>(size * 151 + 7));
  }
}

} // namespace setun::runtime
