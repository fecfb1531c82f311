//===- JsonTest.cpp - JSON to values --------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Print.h"
#include "tests/runtime/chat/TestTemplate.h"

namespace setun::runtime::chat {
namespace {

std::string roundTrip(const std::string &json) {
  Text text;
  std::string culprit;
  EXPECT_TRUE(printJson(test::parse(json), {}, text, culprit));
  return std::string(text.view());
}

std::string complaint(const std::string &json) {
  Value value;
  return readJson(json, value);
}

TEST(Json, ComesBack) {
  for (const char *json :
       {"null", "[]", "{}", "[1, -2, 1.5, true, false, null]",
        R"({"a": {"b": ["\"\\\n\u0001"]}, "c": ""})", "9223372036854775807"})
    EXPECT_EQ(roundTrip(json), json);
  EXPECT_EQ(roundTrip(R"( ["\u00e9\ud83d\ude00\/" , 1e2] )"),
            "[\"\u00e9\U0001f600/\", 100.0]");
  EXPECT_EQ(roundTrip(R"(["\ud800", "\udc00x"])"), "[\"\ufffd\", \"\ufffdx\"]");
  EXPECT_EQ(roundTrip(R"({"a": 1, "b": 2, "a": 3})"), R"({"a": 3, "b": 2})");
}

TEST(Json, DamageIsNamed) {
  for (const char *json :
       {"",          "[",        "{",      "[1",   "[1,]",
        "{\"a\"}",   "{\"a\":}", "{1: 2}", "\"",   "\"\\x\"",
        "\"\\u12\"", "\"\n\"",   "01",     "1.",   "-",
        "1e",        "nul",      "1 2",    "[1]]", "92233720368547758080"})
    EXPECT_NE(complaint(json), "") << json;
  EXPECT_EQ(complaint("[1,\n2,\n}"), "line 3: expected a JSON value");
  EXPECT_NE(complaint(std::string(9999, '[')), "");
}

} // namespace
} // namespace setun::runtime::chat
