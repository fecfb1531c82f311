//===- Statements.cpp - What tags do --------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Machine.h"

using namespace setun::abi;

namespace setun::runtime::chat {

struct Machine::Deeper {
  explicit Deeper(Machine &machine) : machine(machine) {
    if (++machine.depth > machine.limits.depth)
      machine.fail("the chat template calls itself too deep");
    machine.spend(1);
  }
  ~Deeper() { --machine.depth; }
  Machine &machine;
};

void Machine::emit(const Text &text) {
  if (out->size() + text.size() > limits.bytes)
    fail("the chat template needs too much memory");
  else if (!failed() && spend(text.size() / 16))
    out->append(text);
}

Machine::Flow Machine::exec(uint32_t index, const Ref<Scope> &scope) {
  Deeper deeper(*this);
  if (failed())
    return Flow::Next;
  const Node &node = program.node(index);
  std::span<const uint32_t> children = program.children(node);
  line = node.line;
  switch (node.kind) {
  case NodeKind::Sequence:
    for (uint32_t child : children)
      if (Flow flow = exec(child, scope); flow != Flow::Next || failed())
        return flow;
    return Flow::Next;
  case NodeKind::Text:
    emit(Text(program.text(node)));
    return Flow::Next;
  case NodeKind::Output:
    emit(str(eval(children[0], scope)));
    return Flow::Next;
  case NodeKind::If: {
    bool condition = isTrue(eval(children[0], scope));
    uint32_t body = children[condition ? 1 : 2];
    return failed() || body == kNoNode ? Flow::Next : exec(body, scope);
  }
  case NodeKind::For:
    return execFor(node, scope);
  case NodeKind::Set:
    assign(children[0], eval(children[1], scope), scope);
    return Flow::Next;
  case NodeKind::SetBlock:
  case NodeKind::FilterBlock:
    execSet(node, scope);
    return Flow::Next;
  case NodeKind::With:
    return execWith(node, scope);
  case NodeKind::Scope:
    return exec(children[0], Ref<Scope>(new Scope(scope)));
  case NodeKind::Macro:
    scope->set(program.text(node), define(index, scope));
    return Flow::Next;
  case NodeKind::CallBlock:
    execCall(node, scope);
    return Flow::Next;
  case NodeKind::Break:
    return Flow::Break;
  case NodeKind::Continue:
    return Flow::Continue;
  default:
    fail("the chat template is damaged");
    return Flow::Next;
  }
}

Machine::Flow Machine::execFor(const Node &node, const Ref<Scope> &scope) {
  std::span<const uint32_t> children = program.children(node);
  Value over = eval(children[1], scope);
  if (failed())
    return Flow::Next;
  uint32_t index = &node - &program.node(0);
  return loop(index, over, scope, 1);
}

/// Goes through what its condition leaves.
Machine::Flow Machine::loop(uint32_t forNode, const Value &over,
                            const Ref<Scope> &scope, int64_t level) {
  const Node &node = program.node(forNode);
  std::span<const uint32_t> children = program.children(node);
  std::vector<Value> items = iterate(over);
  if (children[2] != kNoNode) {
    std::vector<Value> kept;
    for (Value &item : items) {
      Ref<Scope> inner(new Scope(scope));
      assign(children[0], item, inner);
      bool keep = !failed() && isTrue(eval(children[2], inner));
      if (failed())
        return Flow::Next;
      if (keep)
        kept.push_back(std::move(item));
    }
    items = std::move(kept);
  }
  if (failed())
    return Flow::Next;
  if (!items.empty())
    return iterateBody(forNode, std::move(items), scope, level);
  if (children[4] == kNoNode)
    return Flow::Next;
  return exec(children[4], Ref<Scope>(new Scope(scope)));
}

Machine::Flow Machine::iterateBody(uint32_t forNode, std::vector<Value> items,
                                   const Ref<Scope> &scope, int64_t level) {
  std::span<const uint32_t> children = program.children(program.node(forNode));
  Ref<Loop> loop(new Loop(forNode, std::move(items), scope, level));
  for (; loop->index < loop->items.size() && !failed(); ++loop->index) {
    Ref<Scope> inner(new Scope(scope));
    inner->set("loop", Value(Type::Loop, loop.get()));
    assign(children[0], loop->items[loop->index], inner);
    if (failed() || exec(children[3], inner) == Flow::Break)
      break;
  }
  // Whoever kept the loop keeps this scope, in which may be an older loop.
  if (loop->references > 1)
    scopes.push_back(scope);
  return Flow::Next;
}

Machine::Flow Machine::execWith(const Node &node, const Ref<Scope> &scope) {
  std::span<const uint32_t> children = program.children(node);
  Ref<Scope> inner(new Scope(scope));
  for (size_t i = 1; i + 1 < children.size() && !failed(); i += 2)
    assign(children[i], eval(children[i + 1], scope), inner);
  return failed() ? Flow::Next : exec(children[0], inner);
}

/// What a body prints, in a scope of its own.
Text Machine::capture(uint32_t body, const Ref<Scope> &scope) {
  Text text;
  Text *before = std::exchange(out, &text);
  exec(body, scope);
  out = before;
  return text;
}

/// A block's text as its filters leave it.
Value Machine::filtered(uint32_t filters, Text text, const Ref<Scope> &scope) {
  Value value(std::move(text));
  if (filters == kNoNode)
    return value;
  const Value *before = std::exchange(input, &value);
  Value result = eval(filters, scope);
  input = before;
  return result;
}

/// A {% set %} with a body, and {% filter %}.
void Machine::execSet(const Node &node, const Ref<Scope> &scope) {
  std::span<const uint32_t> children = program.children(node);
  bool isFilter = node.kind == NodeKind::FilterBlock;
  Ref<Scope> inner(new Scope(scope));
  Text text = capture(children[isFilter ? 0 : 1], inner);
  if (failed() || !mayHold(text.size()))
    return;
  Value value = filtered(children[isFilter ? 1 : 2], std::move(text), inner);
  if (failed())
    return;
  if (isFilter)
    emit(str(value));
  else
    assign(children[0], value, scope);
}

Value Machine::define(uint32_t macro, const Ref<Scope> &scope) {
  if (scopes.empty() || scopes.back().get() != scope.get())
    scopes.push_back(scope);
  return Value(Type::Macro, new Macro(macro, scope));
}

void Machine::execCall(const Node &node, const Ref<Scope> &scope) {
  std::span<const uint32_t> children = program.children(node);
  Value caller = define(children[1], Ref<Scope>(new Scope(scope)));
  emit(str(evalCall(program.node(children[0]), scope, &caller)));
}

void Machine::assign(uint32_t target, const Value &value,
                     const Ref<Scope> &scope) {
  if (failed())
    return;
  const Node &node = program.node(target);
  if (node.kind == NodeKind::Name)
    return scope->set(program.text(node), value);
  if (node.kind == NodeKind::Tuple)
    return unpack(node, value, scope);
  const Node &owner = program.node(program.children(node)[0]);
  const Value *found = scope->find(program.text(owner));
  if (!found || !found->is(Type::Namespace))
    return void(fail("an attribute can be set of a namespace only"));
  found->as<Namespace>().set(program.text(node), value);
}

void Machine::unpack(const Node &target, const Value &value,
                     const Ref<Scope> &scope) {
  std::vector<Value> items = iterate(value);
  std::span<const uint32_t> parts = program.children(target);
  if (failed())
    return;
  if (items.size() != parts.size())
    return void(fail("found " + std::to_string(items.size()) +
                     " values to unpack, expected " +
                     std::to_string(parts.size())));
  for (size_t i = 0; i < parts.size(); ++i)
    assign(parts[i], items[i], scope);
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

Value Machine::eval(uint32_t index, const Ref<Scope> &scope) {
  Deeper deeper(*this);
  if (failed())
    return {};
  const Node &node = program.node(index);
  std::span<const uint32_t> children = program.children(node);
  switch (node.kind) {
  case NodeKind::None... NodeKind::String:
    return evalLeaf(node, scope);
  case NodeKind::Name:
    return evalName(node, scope);
  case NodeKind::List:
  case NodeKind::Tuple:
  case NodeKind::Dict:
    return evalItems(node, scope);
  case NodeKind::Attribute: {
    Value object = eval(children[0], scope);
    line = node.line;
    return failed() ? Value() : attribute(object, program.text(node));
  }
  case NodeKind::Item:
    return evalItem(node, scope);
  case NodeKind::Call:
    return evalCall(node, scope, nullptr);
  case NodeKind::Filter:
    return evalFilter(node, scope);
  case NodeKind::Test:
    return evalTest(node, scope);
  case NodeKind::Not:
    return !isTrue(eval(children[0], scope));
  case NodeKind::Negate:
  case NodeKind::Plus:
    return evalSign(node, scope);
  case NodeKind::And:
  case NodeKind::Or: {
    Value left = eval(children[0], scope);
    bool decided = isTrue(left) == (node.kind == NodeKind::Or);
    return decided || failed() ? left : eval(children[1], scope);
  }
  case NodeKind::Add... NodeKind::Power: {
    Value left = eval(children[0], scope), right = eval(children[1], scope);
    line = node.line;
    return failed() ? Value() : binary(node.kind, left, right);
  }
  case NodeKind::Concat:
    return evalConcat(node, scope);
  case NodeKind::Compare:
    return evalCompare(node, scope);
  case NodeKind::If2:
    return evalIf(node, scope);
  case NodeKind::Fail:
    line = node.line;
    return fail(std::string(program.text(node)));
  case NodeKind::Input:
    if (input)
      return *input;
    [[fallthrough]];
  default:
    return fail("the chat template is damaged");
  }
}

} // namespace setun::runtime::chat
