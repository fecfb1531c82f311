//===- OptionsTest.cpp - Command lines, good and bad ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/options/Options.h"

#include <gtest/gtest.h>

using namespace setun::runtime;

namespace {
struct Values {
  bool flag = false, help = false;
  std::string text, style = "md";
  int64_t count = 5;
  double ratio = 0.5;
  std::vector<int64_t> list = {1};

  std::vector<Option> options() {
    return {
        {'v', "verbose", nullptr, &flag, "talk"},
        {'p', "prompt", "TEXT", &text, "the text"},
        {'n', "predict", "N", Integer{&count, -1, 100}, "how many"},
        {0, "n-predict", "N", Integer{&count, -1, 100}, nullptr},
        {0, "ratio", "X", Real{&ratio, 0, 1}, "a share"},
        {'t', "threads", "N,…", Integers{&list, 1, 9}, "threads"},
        {'o', "output", "FORMAT", Choice{&style, "md|csv"}, "md or csv"},
    };
  }

  Failure parse(std::vector<std::string> words) {
    std::vector<char *> argv = {const_cast<char *>("run")};
    for (std::string &word : words)
      argv.push_back(word.data());
    argv.push_back(nullptr);
    return parseOptions(options(), int(argv.size()) - 1, argv.data(), help);
  }
};
} // namespace

TEST(Options, AreReadInEverySpelling) {
  Values v;
  EXPECT_EQ(v.parse({"-v", "-p", "-a b", "-n-1", "--ratio=0.25", "-t", "1,2,3",
                     "--output", "csv"}),
            "");
  EXPECT_TRUE(v.flag);
  EXPECT_EQ(v.text, "-a b");
  EXPECT_EQ(v.count, -1);
  EXPECT_EQ(v.ratio, 0.25);
  EXPECT_EQ(v.list, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(v.style, "csv");
  EXPECT_EQ(v.parse({"--n-predict", "7"}), "");
  EXPECT_EQ(v.count, 7);
}

TEST(Options, ComplainAboutNonsense) {
  struct Case {
    std::vector<std::string> words;
    const char *message;
  };
  for (const Case &c : std::vector<Case>{
           {{"--wrong"}, "unknown option '--wrong'"},
           {{"-x"}, "unknown option '-x'"},
           {{"-n"}, "option -n wants a value"},
           {{"--ratio"}, "option --ratio wants a value"},
           {{"-n", "3x"}, "-n, --predict: expected numbers"},
           {{"-n", ""}, "-n, --predict: expected numbers"},
           {{"-n", "1,2"}, "expected one number"},
           {{"-n", "101"}, "'101' is not between -1 and 100"},
           {{"-n", "99999999999999999999"}, "is not between"},
           {{"--ratio", "much"}, "--ratio: expected a number, found 'much'"},
           {{"--ratio", "nan"}, "is not between 0 and 1"},
           {{"--ratio", "1.5"}, "is not between 0 and 1"},
           {{"-t", "1,,2"}, "expected numbers"},
           {{"-t", "1,2,"}, "expected numbers"},
           {{"-o", "xml"}, "expected one of md|csv, found 'xml'"},
           {{"-o", "m"}, "expected one of"},
           {{"stray"}, "unexpected argument 'stray'"},
       }) {
    Failure failure = Values().parse(c.words);
    EXPECT_NE(failure.find(c.message), failure.npos)
        << c.words.front() << ": " << failure;
  }
}

TEST(Options, DescribeThemselves) {
  Values v;
  EXPECT_EQ(v.parse({"--help"}), "");
  EXPECT_TRUE(v.help);
  std::string text = describeOptions(v.options());
  EXPECT_NE(text.find("  -n, --predict N             how many (5)\n"),
            text.npos)
      << text;
  EXPECT_NE(text.find("      --ratio X               a share (0.5)\n"),
            text.npos);
  EXPECT_EQ(text.find("n-predict"), text.npos);
}
