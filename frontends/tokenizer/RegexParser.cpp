//===- RegexParser.cpp --------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/File.h"
#include "frontends/tokenizer/Regex.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

#include <utf8proc.h>
#include <utility>

using namespace llvm;

namespace setun::frontends::tokenizer {
namespace {

constexpr unsigned kMaxNesting = 64;
constexpr unsigned kMaxRepeat = 1000;

using NodePtr = std::unique_ptr<RegexNode>;

NodePtr makeNode(RegexNode::Kind kind) {
  auto node = std::make_unique<RegexNode>();
  node->kind = kind;
  return node;
}

NodePtr makeSet(CodePointSet set) {
  NodePtr node = makeNode(RegexNode::Set);
  node->set = std::move(set);
  return node;
}

NodePtr makeLook(RegexNode::Kind kind, CodePointSet set, bool atEnd) {
  NodePtr node = makeNode(kind);
  node->set = std::move(set);
  node->atEnd = atEnd;
  return node;
}

NodePtr clone(const RegexNode &node) {
  auto copy = std::make_unique<RegexNode>();
  copy->kind = node.kind;
  copy->set = node.set;
  copy->atEnd = node.atEnd;
  copy->greedy = node.greedy;
  copy->min = node.min;
  copy->max = node.max;
  for (const NodePtr &child : node.children)
    copy->children.push_back(clone(*child));
  return copy;
}

NodePtr makePair(RegexNode::Kind kind, NodePtr first, NodePtr second) {
  NodePtr node = makeNode(kind);
  node->children.push_back(std::move(first));
  node->children.push_back(std::move(second));
  return node;
}

/// The set of a node that always matches one code point, else nothing.
std::optional<CodePointSet> singleSet(const RegexNode &node) {
  if (node.kind == RegexNode::Set)
    return node.set;
  bool wraps = node.kind == RegexNode::Sequence && node.children.size() == 1;
  if (!wraps && node.kind != RegexNode::Choice)
    return std::nullopt;
  CodePointSet result;
  for (const NodePtr &child : node.children) {
    auto set = singleSet(*child);
    if (!set)
      return std::nullopt;
    result.add(*set);
  }
  return result;
}

/// Recursive descent. The first problem is kept in `message`; the functions
/// then return whatever they have, and nothing loops without advancing.
class Parser {
public:
  explicit Parser(StringRef pattern) : pattern(pattern) {}

  Expected<NodePtr> parse() {
    ignoreCase = accept("(?i)");
    NodePtr root = choice(0);
    if (ignoreCase)
      checkFolding(pattern);
    if (message.empty() && at < pattern.size())
      fail("unmatched ')'");
    if (!message.empty())
      return userError(message);
    return root;
  }

private:
  bool done() const { return at >= pattern.size() || !message.empty(); }
  bool peek(StringRef text) const {
    return pattern.substr(at).starts_with(text);
  }
  bool accept(StringRef text) {
    bool found = message.empty() && peek(text);
    at += found ? text.size() : 0;
    return found;
  }
  void fail(const Twine &what) {
    if (message.empty())
      message = (what + " at byte " + Twine(at)).str();
  }
  void expect(StringRef text) {
    if (!accept(text))
      fail("expected '" + text + "'");
  }

  uint32_t codePoint() {
    utf8proc_int32_t c = -1;
    auto *bytes = reinterpret_cast<const utf8proc_uint8_t *>(pattern.data());
    utf8proc_ssize_t count =
        done() ? 0 : utf8proc_iterate(bytes + at, pattern.size() - at, &c);
    if (count <= 0) {
      fail(at < pattern.size() ? "not UTF-8" : "the pattern ends too early");
      return 0;
    }
    at += count;
    return c;
  }

  CodePointSet withCase(CodePointSet set) const {
    return ignoreCase ? set.caseClosure() : set;
  }

  NodePtr choice(unsigned depth) {
    if (depth > kMaxNesting)
      fail("groups are nested too deep");
    NodePtr node = makeNode(RegexNode::Choice);
    do
      node->children.push_back(sequence(depth));
    while (accept("|"));
    return node;
  }

  NodePtr sequence(unsigned depth) {
    NodePtr node = makeNode(RegexNode::Sequence);
    while (!done() && !peek("|") && !peek(")"))
      node->children.push_back(repeated(atom(depth)));
    return node;
  }

  NodePtr atom(unsigned depth) {
    if (NodePtr node = anchor())
      return node;
    if (accept("("))
      return group(depth);
    if (accept("["))
      return makeSet(bracket(depth));
    if (accept("."))
      return makeSet(CodePointSet::single('\n').complement());
    if (accept("\\"))
      return makeSet(withCase(escape()));
    for (const char *special : {"*", "+", "?"})
      if (peek(special))
        fail("'" + Twine(special) + "' is not supported here");
    return makeSet(withCase(CodePointSet::single(codePoint())));
  }

  NodePtr group(unsigned depth) {
    bool outerCase = ignoreCase;
    std::optional<RegexNode::Kind> look;
    bool negated = false;
    if (accept("?!") || accept("?=")) {
      look = RegexNode::LookAhead;
      negated = pattern[at - 1] == '!';
    } else if (accept("?<!") || accept("?<=")) {
      look = RegexNode::LookBehind;
      negated = pattern[at - 1] == '!';
    } else if (accept("?i:")) {
      ignoreCase = true;
    } else if (accept("?-i:")) {
      ignoreCase = false;
    } else if (!accept("?:") && peek("?")) {
      fail("this kind of group is not supported");
    }
    size_t start = at;
    NodePtr inner = choice(depth + 1);
    if (ignoreCase)
      checkFolding(pattern.slice(start, at));
    expect(")");
    ignoreCase = outerCase;
    return look ? lookAround(*look, *inner, negated) : std::move(inner);
  }

  /// Oniguruma lets "ss" match "ß" where case does not matter, and a few more.
  void checkFolding(StringRef text) {
    std::string lower = text.lower();
    for (StringRef pair : {"ss", "ff", "fi", "fl", "st", "ß"})
      if (StringRef(lower).contains(pair))
        fail("'" + pair + "' without case is not supported");
  }

  NodePtr lookAround(RegexNode::Kind kind, const RegexNode &inner,
                     bool negated) {
    auto set = singleSet(inner);
    if (!set)
      fail(Twine(kind == RegexNode::LookAhead ? "look-ahead" : "look-behind") +
           " by other than one character is not supported");
    CodePointSet passing = set.value_or(CodePointSet());
    return makeLook(kind, negated ? passing.complement() : passing, negated);
  }

  /// ^ $ \A \z \b \B, as Oniguruma means them; nothing if it is none.
  NodePtr anchor() {
    const CodePointSet none, newline = CodePointSet::single('\n');
    constexpr auto Ahead = RegexNode::LookAhead, Behind = RegexNode::LookBehind;
    if (accept("$"))
      return makeLook(Ahead, newline, true);
    if (accept("\\z"))
      return makeLook(Ahead, none, true);
    if (accept("\\A"))
      return makeLook(Behind, none, true);
    if (accept("^")) // no line starts where the text ends
      return makePair(RegexNode::Choice, makeLook(Behind, none, true),
                      makePair(RegexNode::Sequence,
                               makeLook(Behind, newline, false),
                               makeLook(Ahead, none.complement(), false)));
    bool border = accept("\\b");
    if (!border && !accept("\\B"))
      return nullptr;
    const CodePointSet word = wordSet(), other = word.complement();
    auto sides = [&](bool wordBefore, bool wordBehind) {
      return makePair(RegexNode::Sequence,
                      makeLook(Behind, wordBefore ? word : other, !wordBefore),
                      makeLook(Ahead, wordBehind ? word : other, !wordBehind));
    };
    return makePair(RegexNode::Choice, sides(true, !border),
                    sides(false, border));
  }

  /// Reads the quantifiers that follow a node.
  NodePtr repeated(NodePtr node) {
    unsigned min, max;
    for (unsigned depth = 0; !done() && !peek("|") && !peek(")"); ++depth) {
      // Oniguruma reads a{1,2}+ as (?:a{1,2})+, unlike PCRE.
      bool mayBePossessive = !peek("{");
      if (!quantifier(min, max))
        break;
      if (depth == kMaxNesting)
        fail("more than " + Twine(kMaxNesting) + " quantifiers of one part");
      if (node->kind == RegexNode::LookAhead ||
          node->kind == RegexNode::LookBehind)
        fail("a repeated look-around is not supported");
      if (mayBePossessive && accept("+")) {
        node = possessive(std::move(node), min, max);
        continue;
      }
      NodePtr repeat = makeNode(RegexNode::Repeat);
      repeat->min = min;
      repeat->max = max;
      repeat->greedy = !accept("?");
      repeat->children.push_back(std::move(node));
      node = std::move(repeat);
    }
    return node;
  }

  bool quantifier(unsigned &min, unsigned &max) {
    constexpr unsigned kUnbounded = RegexNode::kUnbounded;
    if (accept("*"))
      return min = 0, max = kUnbounded, true;
    if (accept("+"))
      return min = 1, max = kUnbounded, true;
    if (accept("?"))
      return min = 0, max = 1, true;
    if (!accept("{"))
      return false;
    min = max = number();
    if (accept(","))
      max = peek("}") ? kUnbounded : number();
    expect("}");
    if (max < min)
      fail("a repetition's bounds are reversed");
    if (peek("?") && min == max)
      fail("'?' after '{n}' means different things and is not supported");
    return true;
  }

  unsigned number() {
    unsigned value = 0;
    StringRef digits = pattern.substr(at).take_while(isDigit);
    if (digits.getAsInteger(10, value) || value > kMaxRepeat)
      fail("expected a number up to " + Twine(kMaxRepeat));
    at += digits.size();
    return value;
  }

  /// X++ gives nothing back. If X is one character that says: as many as
  /// there are, which look-ahead can express.
  NodePtr possessive(NodePtr node, unsigned min, unsigned max) {
    auto set = singleSet(*node);
    if (!set) {
      fail("a possessive group is not supported");
      return node;
    }
    auto stop = [&] {
      return makeLook(RegexNode::LookAhead, set->complement(), true);
    };
    auto repeat = [&](unsigned least, unsigned most) {
      NodePtr result = makeNode(RegexNode::Repeat);
      result->min = least;
      result->max = most;
      result->children.push_back(clone(*node));
      return result;
    };
    if (max == RegexNode::kUnbounded)
      return makePair(RegexNode::Sequence, repeat(min, max), stop());
    NodePtr result = makeNode(RegexNode::Choice);
    result->children.push_back(repeat(max, max));
    for (unsigned count = max; count-- > min;)
      result->children.push_back(
          makePair(RegexNode::Sequence, repeat(count, count), stop()));
    return result;
  }

  /// The inside of […], after '['.
  CodePointSet bracket(unsigned depth) {
    if (depth > kMaxNesting)
      fail("classes are nested too deep");
    bool negated = accept("^");
    CodePointSet set;
    if (peek("]"))
      fail("an empty class is not supported");
    std::optional<CodePointSet> others;
    while (!done() && !peek("]")) {
      if (peek("[:"))
        fail("'[:' in a class is not supported");
      else if (accept("&&"))
        others = std::exchange(set, {}).intersect(
            others.value_or(CodePointSet().complement()));
      else if (accept("["))
        set.add(bracket(depth + 1));
      else
        set.add(bracketRange());
    }
    expect("]");
    if (others)
      set = set.intersect(*others);
    set = withCase(set);
    return negated ? set.complement() : set;
  }

  CodePointSet bracketRange() {
    uint32_t first = 0, last = 0;
    if (auto set = bracketItem(first))
      return *set;
    bool isRange = peek("-") && !pattern.substr(at).starts_with("-]");
    if (!isRange)
      return CodePointSet::single(first);
    accept("-");
    if (bracketItem(last))
      fail("a range ends in a class");
    else if (last < first)
      fail("a range is reversed");
    return CodePointSet::range(first, std::max(first, last));
  }

  /// One character into `c`, or the set that an escape stands for.
  std::optional<CodePointSet> bracketItem(uint32_t &c) {
    if (!accept("\\")) {
      c = codePoint();
      return std::nullopt;
    }
    CodePointSet set = escape();
    if (!escapedCharacter)
      return set;
    c = *escapedCharacter;
    return std::nullopt;
  }

  /// What follows a backslash. `escapedCharacter` says whether it stood for
  /// one character rather than a class.
  CodePointSet escape() {
    escapedCharacter.reset();
    uint32_t c = codePoint();
    switch (c) {
    case 's':
      return spaceSet();
    case 'S':
      return spaceSet().complement();
    case 'd':
      return digitSet();
    case 'D':
      return digitSet().complement();
    case 'h':
    case 'H':
      return c == 'h' ? hexadecimalSet() : hexadecimalSet().complement();
    case 'w':
      return wordSet();
    case 'W':
      return wordSet().complement();
    case 'p':
    case 'P':
      return property(c == 'P');
    }
    escapedCharacter = escapedValue(c);
    return CodePointSet::single(*escapedCharacter);
  }

  static CodePointSet hexadecimalSet() {
    return CodePointSet::range('0', '9')
        .add(CodePointSet::range('A', 'F'))
        .add(CodePointSet::range('a', 'f'));
  }

  uint32_t escapedValue(uint32_t c) {
    constexpr StringRef kNames = "trnfvae";
    constexpr char kValues[] = {9, 13, 10, 12, 11, 7, 27};
    if (c < 128 && kNames.contains(char(c)))
      return kValues[kNames.find(char(c))];
    if (c == 'u')
      return hexadecimal(4, 4);
    if (c == 'x' && accept("{")) {
      uint32_t value = hexadecimal(1, 6);
      expect("}");
      return value;
    }
    if (c == 'x')
      return hexadecimal(2, 2);
    if (c < 128 && isAlnum(char(c))) {
      --at;
      fail("the escape \\" + Twine(char(c)) + " is not supported");
    }
    return c;
  }

  uint32_t hexadecimal(unsigned least, unsigned most) {
    StringRef digits = pattern.substr(at, most).take_while(isHexDigit);
    uint32_t value = 0;
    if (digits.size() < least || digits.getAsInteger(16, value) ||
        value >= kBadByte)
      fail("expected the hexadecimal number of a code point");
    at += digits.size();
    return std::min(value, kBadByte - 1);
  }

  CodePointSet property(bool negated) {
    StringRef name = pattern.substr(at, 1);
    size_t start = at;
    if (accept("{")) {
      negated ^= accept("^");
      name = pattern.substr(at).take_until([](char c) { return c == '}'; });
      at += name.size();
      expect("}");
    } else {
      at += name.size();
    }
    auto set = categorySet(name);
    if (!set) {
      at = start;
      fail("the character property '" + name + "' is not supported");
      return {};
    }
    return negated ? set->complement() : *set;
  }

  StringRef pattern;
  size_t at = 0;
  bool ignoreCase = false;
  std::optional<uint32_t> escapedCharacter;
  std::string message;
};

} // namespace

Expected<NodePtr> parseRegex(StringRef pattern) {
  return Parser(pattern).parse();
}

std::string quoteRegex(StringRef text) {
  std::string result;
  for (char c : text) {
    if (isASCII(c) && isPunct(c))
      result += '\\';
    result += c;
  }
  return result;
}

std::string setRegex(const CodePointSet &set) {
  auto character = [](uint32_t c) { return "\\x{" + utohexstr(c) + "}"; };
  std::string result = "[";
  for (CodePointSet::Range r : set.ranges())
    result += character(r.begin) + "-" + character(r.end - 1);
  return result + "]";
}

} // namespace setun::frontends::tokenizer
