//===- Expressions.cpp - What stands inside the tags ----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/chat/Parser.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace llvm;

namespace setun::frontends::chat {

/// One expression, or with commas a tuple of several.
uint32_t Parser::tuple(bool withIf, Words ends, bool mayBeEmpty) {
  unsigned line = current().line;
  Nodes parts;
  bool isTuple = false;
  auto atEnd = [&] {
    return current().kind == Token::OutputEnd ||
           current().kind == Token::TagEnd || isOp(")") ||
           (current().kind == Token::Name &&
            is_contained(ends, current().text));
  };
  while (!atEnd() && current().kind != Token::End) {
    parts.push_back(expression(withIf));
    if (!takeOp(","))
      break;
    isTuple = true;
  }
  if (parts.size() == 1 && !isTuple)
    return parts[0];
  if (parts.empty() && !mayBeEmpty)
    return unexpected();
  return add(Kind::Tuple, line, parts);
}

uint32_t Parser::expression(bool withIf) {
  Deeper deeper(*this);
  return withIf ? conditional() : disjunction();
}

uint32_t Parser::conditional() {
  unsigned line = current().line;
  size_t before = unguarded.size();
  uint32_t value = disjunction();
  while (takeName("if")) {
    unguarded.truncate(std::min(before, unguarded.size()));
    SaveAndRestore branch(branches, branches + 1);
    uint32_t condition = disjunction(), otherwise = abi::kNoNode;
    if (takeName("else"))
      otherwise = expression();
    value = add(Kind::If2, line, {value, condition, otherwise});
  }
  return value;
}

uint32_t Parser::disjunction() {
  unsigned line = current().line;
  uint32_t left = conjunction();
  while (takeName("or"))
    left = add(Kind::Or, line, {left, conjunction()});
  return left;
}

uint32_t Parser::conjunction() {
  unsigned line = current().line;
  uint32_t left = negation();
  while (takeName("and"))
    left = add(Kind::And, line, {left, negation()});
  return left;
}

uint32_t Parser::negation() {
  Deeper deeper(*this);
  unsigned line = current().line;
  if (isName("not") && !(next().kind == Token::Name && next().text == "in")) {
    advance();
    return add(Kind::Not, line, negation());
  }
  return comparison();
}

uint32_t Parser::comparison() {
  using abi::Comparison;
  static constexpr std::pair<StringLiteral, Comparison> kOperators[] = {
      {"==", Comparison::Equal},  {"!=", Comparison::NotEqual},
      {"<", Comparison::Less},    {"<=", Comparison::LessEqual},
      {">", Comparison::Greater}, {">=", Comparison::GreaterEqual}};
  unsigned line = current().line;
  Nodes parts = {sum()};
  for (;;) {
    unsigned here = current().line;
    std::optional<Comparison> found;
    for (const auto &[text, comparison] : kOperators)
      if (isOp(text))
        found = comparison;
    if (isName("in"))
      found = Comparison::In;
    if (isName("not") && next().kind == Token::Name && next().text == "in") {
      found = Comparison::NotIn;
      advance();
    }
    if (!found)
      break;
    advance();
    parts.push_back(add(Kind::Operand, here, sum(), "", unsigned(*found)));
  }
  return parts.size() == 1 ? parts[0] : add(Kind::Compare, line, parts);
}

uint32_t Parser::sum() {
  unsigned line = current().line;
  uint32_t left = concatenation();
  while (isOp("+") || isOp("-")) {
    Kind kind = isOp("+") ? Kind::Add : Kind::Subtract;
    advance();
    left = add(kind, line, {left, concatenation()});
  }
  return left;
}

uint32_t Parser::concatenation() {
  unsigned line = current().line;
  Nodes parts = {product()};
  while (takeOp("~"))
    parts.push_back(product());
  return parts.size() == 1 ? parts[0] : add(Kind::Concat, line, parts);
}

uint32_t Parser::product() {
  static constexpr std::pair<StringLiteral, Kind> kOperators[] = {
      {"*", Kind::Multiply},
      {"/", Kind::Divide},
      {"//", Kind::FloorDivide},
      {"%", Kind::Modulo}};
  unsigned line = current().line;
  uint32_t left = power();
  for (;;) {
    const auto *found =
        find_if(kOperators, [&](const auto &op) { return isOp(op.first); });
    if (found == std::end(kOperators))
      return left;
    advance();
    left = add(found->second, line, {left, power()});
  }
}

uint32_t Parser::power() {
  unsigned line = current().line;
  uint32_t left = unary();
  while (takeOp("**"))
    left = add(Kind::Power, line, {left, unary()});
  return left;
}

uint32_t Parser::unary(bool withFilters) {
  Deeper deeper(*this);
  unsigned line = current().line;
  uint32_t node;
  if (takeOp("-"))
    node = add(Kind::Negate, line, unary(false));
  else if (takeOp("+"))
    node = add(Kind::Plus, line, unary(false));
  else
    node = primary();
  node = postfix(node);
  return withFilters ? filtersAndTests(node) : node;
}

uint32_t Parser::primary() {
  const Token &token = current();
  if (token.kind == Token::Name || token.kind == Token::String)
    return constant();
  if (token.kind == Token::Integer || token.kind == Token::Float)
    return number();
  if (isOp("[")) {
    return list();
  }
  if (isOp("{"))
    return dict();
  if (!takeOp("("))
    return unexpected();
  uint32_t inner = tuple(/*withIf=*/true, {}, /*mayBeEmpty=*/true);
  expectOp(")");
  return inner;
}

/// A name that may be a constant, or strings side by side.
uint32_t Parser::constant() {
  Token token = current();
  advance();
  if (token.kind == Token::Name) {
    StringRef name = token.text;
    Kind kind = name == "true" || name == "True"     ? Kind::True
                : name == "false" || name == "False" ? Kind::False
                : name == "none" || name == "None"   ? Kind::None
                                                     : Kind::Name;
    return add(kind, token.line, {}, kind == Kind::Name ? name : "");
  }
  while (current().kind == Token::String) {
    token.text += current().text;
    advance();
  }
  return add(Kind::String, token.line, {}, token.text);
}

uint32_t Parser::number() {
  Token token = current();
  advance();
  if (token.kind == Token::Float) {
    double value;
    if (StringRef(token.text).getAsDouble(value))
      return fail("the number " + token.text, token.line);
    return add(Kind::Float, token.line, {}, "", 0,
               llvm::bit_cast<uint64_t>(value));
  }
  int64_t value;
  if (StringRef(token.text).getAsInteger(10, value))
    return fail("the integer " + StringRef(token.text).take_front(40) +
                    ", which has more than 64 bits",
                token.line);
  return add(Kind::Int, token.line, {}, "", 0, uint64_t(value));
}

uint32_t Parser::list() {
  unsigned line = current().line;
  Nodes items;
  expectOp("[");
  while (!isOp("]") && current().kind != Token::End) {
    items.push_back(expression());
    if (!takeOp(","))
      break;
  }
  expectOp("]");
  return add(Kind::List, line, items);
}

uint32_t Parser::dict() {
  unsigned line = current().line;
  Nodes items;
  expectOp("{");
  while (!isOp("}") && current().kind != Token::End) {
    items.push_back(expression());
    expectOp(":");
    items.push_back(expression());
    if (!takeOp(","))
      break;
  }
  expectOp("}");
  return add(Kind::Dict, line, items);
}

uint32_t Parser::postfix(uint32_t node) {
  for (;;) {
    if (isOp(".") || isOp("["))
      node = subscript(node);
    else if (isOp("("))
      node = call(node);
    else
      return node;
  }
}

uint32_t Parser::filtersAndTests(uint32_t node) {
  for (;;) {
    if (isOp("|"))
      node = filters(node);
    else if (takeName("is"))
      node = test(node);
    else if (isOp("("))
      node = call(node);
    else
      return node;
  }
}

uint32_t Parser::subscript(uint32_t node) {
  unsigned line = current().line;
  if (takeOp(".")) {
    if (current().kind == Token::Name)
      return add(Kind::Attribute, line, node, expectName());
    if (current().kind != Token::Integer)
      return unexpected();
    return add(Kind::Item, line, {node, number()});
  }
  expectOp("[");
  Nodes indices;
  while (!isOp("]") && current().kind != Token::End) {
    indices.push_back(index());
    if (!takeOp(","))
      break;
  }
  expectOp("]");
  if (indices.size() == 1)
    return add(Kind::Item, line, {node, indices[0]});
  for (uint32_t each : indices)
    if (program.node(each).kind == Kind::Slice)
      return fail("slices in a tuple of indices", line);
  return add(Kind::Item, line, {node, add(Kind::Tuple, line, indices)});
}

/// "a", "a:b" or "a:b:c", of which all may be missing.
uint32_t Parser::index() {
  unsigned line = current().line;
  auto bound = [&] {
    bool absent = isOp(":") || isOp("]") || isOp(",");
    return absent ? abi::kNoNode : expression();
  };
  uint32_t from = abi::kNoNode;
  if (!isOp(":"))
    from = expression();
  if (!takeOp(":"))
    return from;
  uint32_t to = bound(), step = takeOp(":") ? bound() : abi::kNoNode;
  return add(Kind::Slice, line, {from, to, step});
}

uint32_t Parser::call(uint32_t callee) {
  unsigned line = current().line;
  checkCallee(callee);
  Nodes children = {callee};
  arguments(children);
  return add(Kind::Call, line, children);
}

void Parser::arguments(Nodes &children) {
  expectOp("(");
  while (!isOp(")") && current().kind != Token::End) {
    argument(children);
    if (!takeOp(","))
      break;
  }
  expectOp(")");
}

void Parser::argument(Nodes &children) {
  unsigned line = current().line;
  Kind last =
      children.empty() ? Kind::None : program.node(children.back()).kind;
  bool keywords = last == Kind::Keyword || last == Kind::Spread2;
  if (takeOp("*")) {
    if (keywords || last == Kind::Spread)
      return void(fail("a '*' behind such an argument", line));
    children.push_back(add(Kind::Spread, line, expression()));
  } else if (takeOp("**")) {
    children.push_back(add(Kind::Spread2, line, expression()));
  } else if (current().kind == Token::Name && next().kind == Token::Operator &&
             next().text == "=") {
    std::string name = expectName();
    expectOp("=");
    children.push_back(add(Kind::Keyword, line, expression(), name));
  } else {
    if (keywords || last == Kind::Spread)
      return void(
          fail("an argument without name behind one with a name", line));
    children.push_back(expression());
  }
}

static std::optional<unsigned> findName(ArrayRef<const char *> names,
                                        StringRef name) {
  const auto *found = find(names, name);
  if (found == names.end())
    return std::nullopt;
  return found - names.begin();
}

/// "| name(…)", once and again.
uint32_t Parser::filters(uint32_t input) {
  while (takeOp("|"))
    input = filter(input);
  return input;
}

uint32_t Parser::filter(uint32_t input) {
  unsigned line = current().line;
  std::string name = expectName();
  auto id = findName(abi::kFilterNames, name);
  Nodes children = {input};
  if (isOp("("))
    arguments(children);
  if (!id)
    return unknown("the filter", name, line);
  if (!problem)
    checkNamed(name, children);
  return add(Kind::Filter, line, children, name, *id);
}

uint32_t Parser::test(uint32_t input) {
  unsigned line = current().line;
  bool negated = takeName("not");
  std::string name = expectName();
  auto id = findName(abi::kTestNames, name);
  Nodes children = {input};
  const Token &token = current();
  bool word = token.kind == Token::Name &&
              !is_contained({"else", "or", "and", "is"}, token.text);
  if (isOp("("))
    arguments(children);
  else if (word || isOp("[") || isOp("{") || token.kind == Token::String ||
           token.kind == Token::Integer || token.kind == Token::Float)
    children.push_back(postfix(primary()));
  else if (isName("is"))
    return unexpected();
  if (!id)
    return unknown("the test", name, line);
  uint32_t node = add(Kind::Test, line, children, name, *id);
  return negated ? add(Kind::Not, line, node) : node;
}

} // namespace setun::frontends::chat
