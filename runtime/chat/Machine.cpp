//===- Machine.cpp - Walks the nodes of a template ------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Machine.h"

#include "runtime/chat/Print.h"

namespace setun::runtime::chat {

const Value *Scope::find(std::string_view name) const {
  for (const Scope *scope = this; scope; scope = scope->around.get())
    for (const auto &[each, value] : scope->variables)
      if (each == name)
        return &value;
  return nullptr;
}

void Scope::set(std::string_view name, Value value) {
  for (auto &[each, old] : variables)
    if (each == name) {
      old = std::move(value);
      return;
    }
  variables.emplace_back(name, std::move(value));
}

const Value *Arguments::find(std::string_view name) const {
  for (const auto &[each, value] : named)
    if (each == name)
      return &value;
  return nullptr;
}

Machine::~Machine() {
  for (const Ref<Scope> &scope : scopes)
    scope->variables.clear();
  for (const Ref<Namespace> &each : namespaces)
    each->items.clear();
  for (const Ref<Loop> &loop : comparing)
    loop->last.reset();
}

Value Machine::fail(std::string message) {
  if (failure.empty())
    failure = "line " + std::to_string(line) + ": " + message;
  return {};
}

bool Machine::spend(uint64_t count) {
  steps += count;
  if (steps > limits.steps)
    fail("the chat template takes too long");
  return !failed();
}

bool Machine::mayHold(uint64_t bytes) {
  if (bytes > limits.bytes || Object::live + bytes > limits.bytes)
    fail("the chat template needs too much memory");
  return !failed() && spend(bytes / 16);
}

Value Machine::checked(Value value) {
  if (depthOf(value) > kMaxValueDepth)
    return fail("values that lie too deep in each other");
  if (weightOf(value) > limits.bytes)
    return fail("the chat template needs too much memory");
  mayHold(0);
  return value;
}

Value Machine::failUndefined(const Value &value) {
  return fail(value.object() ? std::string(value.view())
                             : "a value is undefined");
}

Value Machine::sequence(Flavor flavor, std::vector<Value> items) {
  spend(items.size());
  return checked(makeSequence(flavor, std::move(items)));
}

bool Machine::mayJoinSafe(const Value &other) {
  if (other.is(Type::String) && !other.isSafe() &&
      other.view().find_first_of("&<>'\"") != std::string_view::npos)
    fail("text is added to what the filter 'safe' made, which escapes it");
  return !failed();
}

Value Machine::keepSafe(const Value &input, const Arguments &arguments,
                        Value result) {
  if (!input.isSafe())
    return result;
  for (const Value &each : arguments.positional)
    mayJoinSafe(each);
  for (const auto &[name, value] : arguments.named)
    mayJoinSafe(value);
  return result.is(Type::String) && !failed() ? result.markedSafe() : result;
}

Value Machine::makeNamespace() {
  Ref<Namespace> made(new Namespace);
  namespaces.push_back(made);
  return Value(Type::Namespace, made.get());
}

Text Machine::str(const Value &value) {
  Text text;
  if (!mayHold(weightOf(value)))
    return text;
  if (!print(value, false, text))
    fail(std::string("a '") + typeName(value) + "' as text");
  mayHold(text.size());
  return text;
}

std::string Machine::run(uint32_t root, const Value &variables, Text &result) {
  Ref<Scope> globals(new Scope({})), top(new Scope(globals));
#define SETUN_GLOBAL(name)                                                     \
  globals->set(#name, Value(Type::Function, new Function(Global::name##_)));
#include "runtime/abi/TemplateNames.def"
  for (const auto &[name, value] : variables.dict().items)
    if (name.is(Type::String))
      top->set(name.view(), value);
  scopes.push_back(top);
  out = &result;
  exec(root, top);
  return failure;
}

static Value firstOf(const Value &variables, std::string_view name) {
  const Value *found = variables.dict().find(name);
  return found ? *found : Value::none();
}

std::string Templates::render(const Value &variables, Text &out,
                              const Limits &limits) const {
  Value all = makeDict();
  for (const abi::TemplateVariable &each : program.variables())
    all.dict().set(Value::string(program.text(each.name)),
                   Value::string(program.text(each.value)));
  for (const char *name : {"tools", "documents"})
    all.dict().set(Value::string(name), firstOf(variables, name));
  for (const auto &[name, value] : variables.dict().items)
    all.dict().set(name, value);

  bool wantsTools = !firstOf(variables, "tools").is(Type::None);
  const abi::TemplateEntry *chosen = nullptr;
  for (const abi::TemplateEntry &entry : program.entries()) {
    bool isTools = program.text(entry.name) == "tool_use";
    if (isTools ? wantsTools : !chosen)
      chosen = &entry;
  }
  if (!chosen)
    return "the checkpoint has a chat template for tools, but no other";
  if (chosen->problem.bytes)
    return std::string(program.text(chosen->problem));
  std::string failure = Machine(program, limits).run(chosen->root, all, out);
  if (!failure.empty())
    failure = std::string(program.text(chosen->file)) + ": " + failure;
  return failure;
}

} // namespace setun::runtime::chat
