//===- RegexTest.cpp - Automata against PCRE2 -----------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/tokenizer/Regex.h"
#include "runtime/tokenizer/Split.h"
#include "runtime/tokenizer/Utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cstring>
#include <gtest/gtest.h>
#include <random>

namespace setun {

using namespace frontends::tokenizer;

namespace {

/// An automaton as the runtime sees it: tables in a blob.
class Automaton {
public:
  explicit Automaton(const std::string &pattern,
                     RegexText kind = RegexText::CodePoints)
      : bytes(sizeof(abi::TokenizerHeader)) {
    auto tables = compileRegex(pattern, kind);
    if (!tables) {
      ADD_FAILURE() << llvm::toString(tables.takeError());
      return;
    }
    automaton.blocks = append(tables->blocks);
    automaton.classes = append(tables->classes);
    automaton.edges = append(tables->edges);
    automaton.starts = append(tables->starts);
    automaton.looksBehind = tables->looksBehind;
    automaton.byBytes = tables->byBytes;
    automaton.numClasses = tables->numClasses;
    automaton.invalidClass = tables->invalidClass;
  }

  size_t match(std::string_view text, size_t at = 0) const {
    return runtime::matchLength(runtime::Blob(bytes.data()), automaton, text,
                                at);
  }

private:
  template <typename T> abi::Table<T> append(const std::vector<T> &values) {
    abi::Table<T> table{(bytes.size() + 7) / 8 * 8, values.size()};
    bytes.resize(table.offset + values.size() * sizeof(T));
    if (!values.empty()) // memcpy takes no null
      memcpy(bytes.data() + table.offset, values.data(),
             values.size() * sizeof(T));
    return table;
  }

  std::vector<uint8_t> bytes;
  abi::Automaton automaton = {};
};

/// PCRE2's match at a place of a text.
class Oracle {
public:
  explicit Oracle(const std::string &pattern) {
    int error;
    PCRE2_SIZE at;
    code = pcre2_compile(
        reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
        PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_MULTILINE, &error, &at,
        nullptr);
    EXPECT_TRUE(code) << pattern << " at " << at;
    data = pcre2_match_data_create_from_pattern(code, nullptr);
  }
  ~Oracle() {
    pcre2_match_data_free(data);
    pcre2_code_free(code);
  }

  size_t match(std::string_view text, size_t at) const {
    int found = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()),
                            text.size(), at, 0, data, nullptr);
    return found > 0 ? pcre2_get_ovector_pointer(data)[1] - at : 0;
  }

private:
  pcre2_code *code;
  pcre2_match_data *data;
};

/// Text that is rich in what pre-tokenizers look at. Only characters that all
/// versions of Unicode since 10 agree on.
std::string randomText(std::mt19937 &random) {
  constexpr const char *kParts[] = {
      " ",  "  ", "\n",     "\r\n",   "\t",     "'s",     "'LL",  "'re", "a",
      "bc", "Zx", "é",      "ß",      "漢字",   "я",      "ё",    "1",   "42",
      "٣",  "Ⅷ",  "²",      "!",      "?!",     ".",      "/",    "_",   "-",
      "€",  "😀", "\u0301", "\u00a0", "\u3000", "\u2028", "\x85", "ǅ",   "ʰ",
      "ſ",  "K",  "\u200d", "का",     "<",      "'"};
  std::string text;
  for (unsigned i = random() % 12 + 1; i-- > 0;) {
    const char *part = kParts[random() % std::size(kParts)];
    if (std::string_view(part) == "\x85")
      part = "\u0085";
    text += part;
  }
  return text;
}

class RegexMatches : public testing::TestWithParam<const char *> {};

TEST_P(RegexMatches, AsPcre2Does) {
  Automaton automaton(GetParam());
  Oracle oracle(GetParam());
  std::mt19937 random(7);
  for (int i = 0; i < 4000; ++i) {
    std::string text = randomText(random);
    for (size_t at = 0; at < text.size();
         at += runtime::readCodePoint(text.substr(at)).bytes)
      ASSERT_EQ(automaton.match(text, at), oracle.match(text, at))
          << "in '" << text << "' at " << at;
  }
}

INSTANTIATE_TEST_SUITE_P(
    OfCheckpoints, RegexMatches,
    testing::Values(
        // GPT-2, Llama 3, Qwen 2, GPT-4, GPT-4o, DeepSeek
        R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
        R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
        R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
        R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s*[\r\n]|\s+(?!\S)|\s)",
        R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
        R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"));

INSTANTIATE_TEST_SUITE_P(
    OfTheSyntax, RegexMatches,
    testing::Values("a|ab|abc?", "(a|bc)*?[Z!]", "(?:ab?)+?c|.", "[^a]{2,3}?",
                    "a{0,2}b{1,}", R"(\x{e9}|\x{0301}|\xDF|\n)",
                    R"(\P{L}\p{L}(?=\p{N}))", R"(\pL+\PN)", R"(\D\d+|\S\s)",
                    R"([\p{Lu}\s-]+|[a\-z]+)", "(?i:k|S|bc|é)+", "(?i:[^k])",
                    R"((?i:[a-z]+)[^\P{L}é])", "(?:(?:a|b)c|Z(?:x)?)+",
                    R"(\p{N}?+\p{L}|\p{L}{2,4})", "(?:a*)*[b!]",
                    R"([\]-]x|é|x)"));

INSTANTIATE_TEST_SUITE_P(
    OfPlaces, RegexMatches,
    testing::Values(R"((?<=\p{L})[\s'-]|(?<!\p{N})\p{N})", R"(^\s*\p{L}+)",
                    R"(\p{L}+$|\s+$)", R"(\A\p{L}|\p{N}\z)",
                    R"((?:^|(?<= ))\p{L}+?(?=\s)|\n)", R"((?i)zx|k|é)",
                    R"((?:a|(?-i:B)|(?i:c))+)", R"((?<![a\n])^.|(?<=Z)x)"));

/// Checked with Oniguruma, which means other words than PCRE2 does.
TEST(Regex, KnowsWordsAsOnigurumaDoes) {
  Automaton words(R"(\b\w+\b)"), inside(R"(\B.)");
  EXPECT_EQ(words.match("a\u0301²Ⅷ_ b"), 9u);
  EXPECT_EQ(words.match("ab cd", 1), 0u);
  EXPECT_EQ(words.match("ab cd", 3), 2u);
  EXPECT_EQ(words.match("\u200d"), 0u);
  EXPECT_EQ(inside.match("ab", 0), 0u);
  EXPECT_EQ(inside.match("ab", 1), 1u);
  EXPECT_EQ(inside.match("  ", 0), 1u);
}

TEST(Regex, IntersectsClasses) {
  Automaton some(R"([\p{L}&&[^\p{Han}z]]+)"), none("[a-z&&0-9]|x");
  EXPECT_EQ(some.match("abz"), 2u);
  EXPECT_EQ(some.match("é漢"), 2u);
  EXPECT_EQ(none.match("a"), 0u);
  EXPECT_EQ(none.match("x"), 1u);
  EXPECT_EQ(Automaton(R"([^a-f&&e-z]+)").match("abefg"), 2u);
  EXPECT_EQ(Automaton(R"(\p{Hiragana}+|\h)").match("かな"), 6u);
}

TEST(Regex, ReadsBytesAsTheAlphabetSpellsThem) {
  // The bytes of "½": the letter Â, and ½ itself, which is a number.
  Automaton automaton(R"(\p{N}+|(?<=Ġ)Ġ)", RegexText::ByteLevel);
  EXPECT_EQ(automaton.match("½"), 0u);
  EXPECT_EQ(automaton.match("½", 1), 1u);
  EXPECT_EQ(automaton.match("  ", 0), 0u);
  EXPECT_EQ(automaton.match("  ", 1), 1u);
}

TEST(Regex, RepeatsIntervalsAsOnigurumaDoes) {
  Automaton automaton("(?:a{1,2}b?)+|x{2}+");
  EXPECT_EQ(automaton.match("aabaab"), 6u);
  EXPECT_EQ(automaton.match("xxxxx"), 4u);
}

TEST(Regex, TreatsDamagedTextAsOther) {
  Automaton automaton(R"(\p{L}+|[^\s\p{L}]+)");
  EXPECT_EQ(automaton.match("ab\xff\xfe!"), 2u);
  EXPECT_EQ(automaton.match("\xff\xfe! "), 3u);
  EXPECT_EQ(automaton.match("\xe6\xbc"), 2u);      // half of 漢
  EXPECT_EQ(automaton.match("\xed\xa0\x80x"), 3u); // a surrogate
}

TEST(Regex, RefusesByNameAndPosition) {
  const std::pair<const char *, const char *> cases[] = {
      {R"(a\Z)", "escape \\Z is not supported at byte 2"},
      {R"((a)\1)", "escape \\1 is not supported at byte 4"},
      {"(?>a)b", "this kind of group is not supported at byte 1"},
      {"a(?i)b", "this kind of group is not supported at byte 2"},
      {"(?<=ab)c", "look-behind by other than one character"},
      {"(?<=a)+b", "a repeated look-around is not supported"},
      {"^|a", "the pattern matches the empty text"},
      {"a(?!bc)", "look-ahead by other than one character"},
      {R"(\p{Thai})", "property 'Thai' is not supported at byte 2"},
      {"[[:alpha:]]", "'[:' in a class is not supported at byte 1"},
      {"(?:ab)++", "possessive group is not supported"},
      {"a{2}?", "'?' after '{n}' means different things"},
      {"(?i:pass)", "'ss' without case is not supported"},
      {"[z-a]", "a range is reversed"},
      {"a{3,2}", "bounds are reversed"},
      {"a{1001}", "expected a number up to 1000"},
      {"(a", "expected ')' at byte 2"},
      {"a)", "unmatched ')' at byte 1"},
      {"[a", "expected ']' at byte 2"},
      {"\\", "the pattern ends too early at byte 1"},
      {"\xff", "not UTF-8 at byte 0"},
      {"*a", "'*' is not supported here at byte 0"},
      {"a*|b", "the pattern matches the empty text"},
      {"((a{100}){100}){100}", "the pattern is too large"},
      {"a(?:){1000}{1000}{1000}{1000}", "the pattern is too large"},
      {"(a|b)*a(a|b){16}", "the pattern needs too many states"},
  };
  for (auto [pattern, message] : cases) {
    auto tables = compileRegex(pattern);
    ASSERT_FALSE(tables) << pattern;
    std::string error = llvm::toString(tables.takeError());
    EXPECT_NE(error.find(message), std::string::npos) << error;
  }
  auto deep = compileRegex(std::string(100000, '('));
  EXPECT_EQ(llvm::toString(deep.takeError()).substr(0, 8), "regex ((");
  std::string often = "a";
  for (int i = 0; i < 100000; ++i)
    often += "{1}";
  EXPECT_NE(llvm::toString(compileRegex(often).takeError()).find("quantifiers"),
            std::string::npos);
}

} // namespace
} // namespace setun
