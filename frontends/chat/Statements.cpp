//===- Statements.cpp - The tags of a template ----------------------------===//
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

bool Parser::isOp(StringRef op) const {
  return current().kind == Token::Operator && current().text == op;
}

bool Parser::isName(StringRef name) const {
  return current().kind == Token::Name && current().text == name;
}

bool Parser::takeOp(StringRef op) {
  bool found = isOp(op);
  if (found)
    advance();
  return found;
}

bool Parser::takeName(StringRef name) {
  bool found = isName(name);
  if (found)
    advance();
  return found;
}

void Parser::expectOp(StringRef op) {
  if (!takeOp(op))
    unexpected();
}

std::string Parser::expectName() {
  std::string name = current().text;
  if (current().kind != Token::Name)
    unexpected();
  advance();
  return name;
}

uint32_t Parser::fail(const Twine &what, unsigned line) {
  if (!problem)
    problem = Problem{line, what.str()};
  return program.add(Kind::None, line);
}

static std::string describe(const Token &token) {
  switch (token.kind) {
  case Token::End:
    return "the end of the template";
  case Token::Data:
    return "text";
  case Token::OutputBegin:
    return "'{{'";
  case Token::OutputEnd:
    return "'}}'";
  case Token::TagBegin:
    return "'{%'";
  case Token::TagEnd:
    return "'%}'";
  case Token::String:
    return "a string";
  default:
    return "'" + StringRef(token.text).take_front(40).str() + "'";
  }
}

uint32_t Parser::unexpected() {
  return fail("a syntax error at " + describe(current()));
}

uint32_t Parser::add(Kind kind, unsigned line, ArrayRef<uint32_t> children,
                     StringRef value, unsigned op, uint64_t number) {
  uint32_t node =
      program.add(kind, line, children, value, uint16_t(op), number);
  if (program.depth(node) > abi::kMaxNodeDepth)
    fail("more than " + Twine(abi::kMaxNodeDepth) +
             " constructs inside each other",
         line);
  return node;
}

uint32_t Parser::run() {
  uint32_t root = statements({});
  if (!problem && current().kind != Token::End)
    unexpected();
  if (!unguarded.empty())
    fail(unguarded[0].text, unguarded[0].line);
  return root;
}

/// Text and tags up to a tag that is one of `ends`, which becomes current.
uint32_t Parser::statements(Words ends) {
  Deeper deeper(*this);
  unsigned line = current().line;
  Nodes list;
  while (current().kind != Token::End) {
    unsigned here = current().line;
    Token::Kind kind = current().kind;
    if (kind == Token::Data) {
      list.push_back(add(Kind::Text, here, {}, current().text));
      advance();
      continue;
    }
    advance();
    if (kind == Token::OutputBegin) {
      uint32_t value = tuple(/*withIf=*/true);
      list.push_back(add(Kind::Output, here, value));
      if (current().kind != Token::OutputEnd)
        unexpected();
    } else {
      if (current().kind == Token::Name && is_contained(ends, current().text))
        return add(Kind::Sequence, line, list);
      list.push_back(statement());
      if (current().kind != Token::TagEnd)
        unexpected();
    }
    advance();
  }
  if (!ends.empty())
    fail("a tag without '{% " + ends.back() + " %}'", line);
  return add(Kind::Sequence, line, list);
}

/// The statements behind this tag's end.
uint32_t Parser::body(Words ends) {
  takeOp(":");
  if (current().kind != Token::TagEnd)
    unexpected();
  advance();
  return statements(ends);
}

uint32_t Parser::statement() {
  Deeper deeper(*this);
  std::string tag = current().text;
  if (current().kind != Token::Name)
    return unexpected();
  unsigned line = current().line;
  advance();
  if (tag == "if")
    return ifTag();
  if (tag == "for")
    return forTag();
  if (tag == "set")
    return setTag();
  if (tag == "with")
    return withTag();
  if (tag == "macro")
    return macroTag();
  if (tag == "call")
    return callTag();
  if (tag == "filter")
    return filterTag();
  if (tag == "print")
    return printTag();
  if (tag == "generation")
    return scopeTag("endgeneration");
  if (tag == "break")
    return leaveLoop(Kind::Break);
  if (tag == "continue")
    return leaveLoop(Kind::Continue);
  return fail("the tag '{% " + tag + " %}'", line);
}

uint32_t Parser::ifTag() {
  Deeper deeper(*this);
  unsigned line = current().line;
  uint32_t condition = tuple(/*withIf=*/false);
  SaveAndRestore branch(branches, branches + 1);
  uint32_t then = body({"elif", "else", "endif"}), otherwise = abi::kNoNode;
  if (takeName("elif"))
    otherwise = ifTag();
  else if (takeName("else"))
    otherwise = body({"endif"});
  takeName("endif");
  return add(Kind::If, line, {condition, then, otherwise});
}

uint32_t Parser::forTag() {
  unsigned line = current().line;
  uint32_t variable = target({"in"});
  if (!takeName("in"))
    unexpected();
  uint32_t iterable = tuple(/*withIf=*/false, {"recursive"});
  uint32_t condition = takeName("if") ? expression() : abi::kNoNode;
  bool recursive = takeName("recursive");
  ++loops;
  uint32_t repeated = body({"endfor", "else"}), otherwise = abi::kNoNode;
  --loops;
  if (takeName("else"))
    otherwise = body({"endfor"});
  takeName("endfor");
  return add(Kind::For, line,
             {variable, iterable, condition, repeated, otherwise}, "",
             recursive);
}

uint32_t Parser::setTag() {
  unsigned line = current().line;
  uint32_t variable = target({});
  if (takeOp("="))
    return add(Kind::Set, line, {variable, tuple(/*withIf=*/true)});
  uint32_t filtered = abi::kNoNode;
  if (isOp("|"))
    filtered = filters(add(Kind::Input, line));
  uint32_t block = body({"endset"});
  takeName("endset");
  return add(Kind::SetBlock, line, {variable, block, filtered});
}

uint32_t Parser::withTag() {
  unsigned line = current().line;
  Nodes pairs;
  while (current().kind != Token::TagEnd && current().kind != Token::End &&
         !isOp(":")) {
    if (!pairs.empty())
      expectOp(",");
    pairs.push_back(target({}));
    expectOp("=");
    pairs.push_back(expression());
  }
  Nodes children = {body({"endwith"})};
  takeName("endwith");
  children.append(pairs);
  return add(Kind::With, line, children);
}

/// "(a, b=1)": Name and default by turns.
void Parser::parameters(Nodes &children) {
  expectOp("(");
  bool first = true, defaults = false;
  while (!isOp(")") && current().kind != Token::End) {
    if (!first)
      expectOp(",");
    first = false;
    unsigned line = current().line;
    std::string name = expectName();
    children.push_back(add(Kind::Name, line, {}, name));
    if (takeOp("=")) {
      defaults = true;
      children.push_back(expression());
    } else {
      if (defaults)
        fail("a parameter without default behind one with a default");
      children.push_back(abi::kNoNode);
    }
  }
  expectOp(")");
}

/// A body with its parameters; what it uses is found in its nodes.
uint32_t Parser::macro(StringRef name, unsigned line, Nodes parameters,
                       StringRef end) {
  SaveAndRestore noLoop(loops, 0u);
  uint32_t first = program.size();
  Nodes children = {body({end})};
  takeName(end);
  unsigned uses = 0;
  for (uint32_t node = first; node < program.size(); ++node) {
    if (program.node(node).kind != Kind::Name)
      continue;
    StringRef used = program.textOf(node);
    uses |= used == "caller"    ? abi::kUsesCaller
            : used == "varargs" ? abi::kUsesArgs
            : used == "kwargs"  ? abi::kUsesKeywords
                                : 0;
  }
  children.append(parameters);
  return add(Kind::Macro, line, children, name, uses);
}

uint32_t Parser::macroTag() {
  unsigned line = current().line;
  std::string name = expectName();
  Nodes children;
  parameters(children);
  return macro(name, line, children, "endmacro");
}

uint32_t Parser::callTag() {
  unsigned line = current().line;
  Nodes children;
  if (isOp("("))
    parameters(children);
  uint32_t called = unary(/*withFilters=*/false);
  if (!problem && program.node(called).kind != Kind::Call)
    return fail("a '{% call %}' of something that is no call", line);
  return add(Kind::CallBlock, line,
             {called, macro("caller", line, children, "endcall")});
}

uint32_t Parser::filterTag() {
  unsigned line = current().line;
  uint32_t filtered = filters(filter(add(Kind::Input, line)));
  uint32_t block = body({"endfilter"});
  takeName("endfilter");
  return add(Kind::FilterBlock, line, {block, filtered});
}

uint32_t Parser::printTag() {
  Nodes outputs;
  unsigned line = current().line;
  while (current().kind != Token::TagEnd && current().kind != Token::End) {
    if (!outputs.empty())
      expectOp(",");
    outputs.push_back(add(Kind::Output, line, expression()));
  }
  return add(Kind::Sequence, line, outputs);
}

uint32_t Parser::scopeTag(StringRef end) {
  unsigned line = current().line;
  SaveAndRestore noLoop(loops, 0u);
  uint32_t block = body({end});
  takeName(end);
  return add(Kind::Scope, line, block);
}

uint32_t Parser::leaveLoop(Kind kind) {
  unsigned line = current().line;
  if (loops == 0)
    return fail(Twine("'{% ") + (kind == Kind::Break ? "break" : "continue") +
                    " %}' outside of a loop",
                line);
  return add(kind, line);
}

/// What a for, set or with writes to: names, and tuples of them.
uint32_t Parser::target(Words ends) {
  unsigned line = current().line;
  Nodes parts;
  bool isTuple = false;
  do {
    bool atEnd =
        isOp("=") || isOp(")") || current().kind == Token::TagEnd ||
        (current().kind == Token::Name && is_contained(ends, current().text));
    if (atEnd && isTuple)
      break;
    parts.push_back(oneTarget());
    isTuple |= isOp(",");
  } while (takeOp(","));
  return isTuple ? add(Kind::Tuple, line, parts) : parts.front();
}

uint32_t Parser::oneTarget() {
  Deeper deeper(*this);
  unsigned line = current().line;
  if (takeOp("(")) {
    uint32_t inner = target({});
    expectOp(")");
    return inner;
  }
  std::string name = expectName();
  if (is_contained({"true", "false", "none", "True", "False", "None"}, name))
    return fail("an assignment to '" + name + "'", line);
  uint32_t variable = add(Kind::Name, line, {}, name);
  if (!takeOp("."))
    return variable;
  return add(Kind::Member, line, variable, expectName());
}

} // namespace setun::frontends::chat
