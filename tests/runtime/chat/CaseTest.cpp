//===- CaseTest.cpp - Case, exactly or not at all -------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Case.h"

#include <gtest/gtest.h>

namespace setun::runtime::chat {
namespace {

std::string change(std::string_view text, Case wanted) {
  Text result(text);
  return changeCase(result, wanted) ? std::string(result.view()) : "?";
}

TEST(Case, ChangesLettersOfOneLength) {
  EXPECT_EQ(change("na\u00efve \u0416 \u03b1\u03ac", Case::Upper),
            "NA\u00cfVE \u0416 \u0391\u0386");
  EXPECT_EQ(change("\u0416\u0401 \u0141\u0179 \u00d7", Case::Lower),
            "\u0436\u0451 \u0142\u017a \u00d7");
  EXPECT_EQ(change("it's o'CLOCK", Case::Title), "It'S O'Clock");
  EXPECT_EQ(change("\u4e00\U0001f600\u05d0 x", Case::Upper),
            "\u4e00\U0001f600\u05d0 X");
}

TEST(Case, RefusesWhatItDoesNotKnow) {
  for (const char *text : {"\u00df", "\u0130", "\u03a3", "\u1e9e", "\ufb01",
                           "\u01c5", "\u10d0", "\u0149"})
    EXPECT_EQ(change(text, Case::Upper), "?") << text;
}

} // namespace
} // namespace setun::runtime::chat
