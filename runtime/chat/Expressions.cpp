//===- Expressions.cpp - What expressions are worth -----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Machine.h"

#include <bit>

using namespace setun::abi;

namespace setun::runtime::chat {

Value Machine::evalLeaf(const Node &node, const Ref<Scope> &scope) {
  switch (node.kind) {
  case NodeKind::True:
    return true;
  case NodeKind::False:
    return false;
  case NodeKind::Int:
    return int64_t(node.number);
  case NodeKind::Float:
    return std::bit_cast<double>(node.number);
  case NodeKind::String:
    return mayHold(node.text.bytes) ? Value::string(program.text(node))
                                    : Value();
  default:
    return Value::none();
  }
}

Value Machine::evalName(const Node &node, const Ref<Scope> &scope) {
  std::string_view name = program.text(node);
  if (const Value *found = scope->find(name))
    return *found;
  return Value::undefined("'" + std::string(name) + "' is undefined");
}

/// Whether a value can be a key.
static bool isHashable(const Value &value) {
  if (value.is(Type::Dict) || value.is(Type::Namespace))
    return false;
  if (!value.is(Type::Sequence))
    return true;
  const Sequence &sequence = value.sequence();
  if (sequence.flavor == Flavor::List)
    return false;
  for (const Value &item : sequence.items)
    if (!isHashable(item))
      return false;
  return true;
}

Value Machine::evalItems(const Node &node, const Ref<Scope> &scope) {
  std::vector<Value> items;
  for (uint32_t child : program.children(node))
    if (!failed())
      items.push_back(eval(child, scope));
  if (failed())
    return {};
  if (node.kind == NodeKind::List)
    return list(std::move(items));
  if (node.kind == NodeKind::Tuple)
    return sequence(Flavor::Tuple, std::move(items));
  Value dict = makeDict();
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (!isHashable(items[i]))
      return fail(std::string("a '") + typeName(items[i]) + "' as a key");
    dict.dict().set(items[i], items[i + 1]);
    spend(i / 8);
  }
  return checked(dict);
}

Value Machine::evalSign(const Node &node, const Ref<Scope> &scope) {
  Value value = eval(program.children(node)[0], scope);
  bool negative = node.kind == NodeKind::Negate;
  if (failed())
    return {};
  if (value.is(Type::Undefined))
    return failUndefined(value);
  if (value.is(Type::Float))
    return negative ? -value.asReal() : value.asReal();
  if (!value.isWhole())
    return fail(std::string("the sign of a '") + typeName(value) + "'");
  if (negative && value.asInt() == INT64_MIN)
    return fail("an integer of more than 64 bits");
  return negative ? -value.asInt() : value.asInt();
}

Value Machine::evalItem(const Node &node, const Ref<Scope> &scope) {
  std::span<const uint32_t> children = program.children(node);
  Value object = eval(children[0], scope);
  const Node &index = program.node(children[1]);
  if (index.kind != NodeKind::Slice) {
    Value key = eval(children[1], scope);
    line = node.line;
    return failed() ? Value() : keepSafe(object, {}, item(object, key));
  }
  Value bounds[3];
  for (size_t i = 0; i < 3; ++i) {
    uint32_t bound = program.children(index)[i];
    bounds[i] = bound == kNoNode ? Value::none() : eval(bound, scope);
  }
  line = node.line;
  return failed() ? Value() : keepSafe(object, {}, slice(object, bounds));
}

void Machine::evalArguments(std::span<const uint32_t> nodes,
                            const Ref<Scope> &scope, Arguments &arguments) {
  for (uint32_t index : nodes) {
    const Node &node = program.node(index);
    bool wrapped = node.kind == NodeKind::Keyword ||
                   node.kind == NodeKind::Spread ||
                   node.kind == NodeKind::Spread2;
    Value value = eval(wrapped ? program.children(node)[0] : index, scope);
    if (failed())
      return;
    if (node.kind == NodeKind::Keyword) {
      arguments.named.emplace_back(program.text(node), value);
    } else if (node.kind == NodeKind::Spread) {
      for (Value &each : iterate(value))
        arguments.positional.push_back(std::move(each));
    } else if (node.kind == NodeKind::Spread2) {
      if (!value.is(Type::Dict))
        return void(fail("'**' of what is no dict"));
      for (const auto &[name, each] : value.dict().items) {
        if (!name.is(Type::String))
          return void(fail("'**' of a dict whose keys are no strings"));
        arguments.named.emplace_back(name.view(), each);
      }
      arguments.keep.push_back(value);
    } else {
      arguments.positional.push_back(std::move(value));
    }
  }
}

Value Machine::evalCall(const Node &node, const Ref<Scope> &scope,
                        const Value *caller) {
  std::span<const uint32_t> children = program.children(node);
  const Node &callee = program.node(children[0]);
  Arguments arguments;
  Value self, function;
  bool isAttribute = callee.kind == NodeKind::Attribute;
  if (isAttribute)
    self = eval(program.children(callee)[0], scope);
  bool method =
      isAttribute && !failed() && isMethod(self, program.text(callee));
  if (!method && !failed())
    function = isAttribute ? attribute(self, program.text(callee))
                           : eval(children[0], scope);
  evalArguments(children.subspan(1), scope, arguments);
  if (caller)
    arguments.named.emplace_back("caller", *caller);
  line = node.line;
  if (failed())
    return {};
  return method ? callMethod(self, program.text(callee), arguments)
                : call(function, arguments);
}

/// What a filter or a test is of, and its arguments.
Value Machine::evalInput(const Node &node, const Ref<Scope> &scope,
                         Arguments &arguments) {
  std::span<const uint32_t> children = program.children(node);
  Value input = eval(children[0], scope);
  evalArguments(children.subspan(1), scope, arguments);
  line = node.line;
  return input;
}

Value Machine::evalFilter(const Node &node, const Ref<Scope> &scope) {
  Arguments arguments;
  Value input = evalInput(node, scope, arguments);
  if (failed())
    return {};
  return callFilter(kFilterNames[node.op], input, arguments);
}

Value Machine::evalTest(const Node &node, const Ref<Scope> &scope) {
  Arguments arguments;
  Value input = evalInput(node, scope, arguments);
  if (failed())
    return {};
  return test(node.op, input, arguments).value_or(false);
}

Value Machine::evalCompare(const Node &node, const Ref<Scope> &scope) {
  std::span<const uint32_t> children = program.children(node);
  Value left = eval(children[0], scope);
  for (uint32_t child : children.subspan(1)) {
    const Node &operand = program.node(child);
    Value right = eval(program.children(operand)[0], scope);
    line = node.line;
    if (failed() || !compare(Comparison(operand.op), left, right))
      return false;
    left = std::move(right);
  }
  return true;
}

Value Machine::evalConcat(const Node &node, const Ref<Scope> &scope) {
  Text text;
  for (uint32_t child : program.children(node)) {
    Text part = str(eval(child, scope));
    if (failed() || !mayHold(text.size() + part.size()))
      return {};
    text.append(part);
  }
  return text;
}

Value Machine::evalIf(const Node &node, const Ref<Scope> &scope) {
  std::span<const uint32_t> children = program.children(node);
  bool condition = isTrue(eval(children[1], scope));
  if (failed())
    return {};
  if (condition)
    return eval(children[0], scope);
  if (children[2] != kNoNode)
    return eval(children[2], scope);
  return Value::undefined("the inline if-expression on line " +
                          std::to_string(node.line) +
                          " has no else and its condition is false");
}

} // namespace setun::runtime::chat
