//===- StopStringsTest.cpp - What is shown of a text that may stop --------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/sampler/StopStrings.h"

#include <gtest/gtest.h>

using setun::runtime::StopStrings;

/// What is shown of a text that comes in pieces of `size` bytes.
static std::string show(StopStrings stops, const std::string &text,
                        size_t size) {
  std::string shown;
  for (size_t i = 0; i < text.size() && !stops.found(); i += size)
    shown += stops.add(text.substr(i, size));
  return shown + stops.finish();
}

TEST(StopStrings, EndBeforeTheFirstHoweverTextIsCut) {
  StopStrings stops({"\nUser:", "END", "ENDE", ""});
  for (size_t size : {1, 2, 3, 5, 100}) {
    EXPECT_EQ(show(stops, "Hello\nUse\nUser: no", size), "Hello\nUse");
    EXPECT_EQ(show(stops, "the ENENDE", size), "the EN");
    EXPECT_EQ(show(stops, "a\nUser\nUs", size), "a\nUser\nUs");
    EXPECT_EQ(show(stops, "END", size), "");
    EXPECT_EQ(show(StopStrings({}), "END", size), "END");
  }
}

TEST(StopStrings, HoldBackNoMoreThanMayBeOne) {
  StopStrings stops({"aab"});
  EXPECT_EQ(stops.add("xa"), "x");
  EXPECT_EQ(stops.add("a"), "");
  EXPECT_EQ(stops.add("a"), "a");
  EXPECT_EQ(stops.add("c"), "aac");
  EXPECT_FALSE(stops.found());
  EXPECT_EQ(stops.add("aaab!"), "a");
  EXPECT_TRUE(stops.found());
  EXPECT_EQ(stops.add("more") + stops.finish(), "");
}
