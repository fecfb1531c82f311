//===- Calls.cpp - Macros, functions and methods --------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Machine.h"

#include <algorithm>
#include <time.h>

using namespace setun::abi;

namespace setun::runtime::chat {

bool Machine::bind(const char *who, const Arguments &arguments,
                   std::initializer_list<std::string_view> names,
                   const Value **values) {
  std::fill_n(values, names.size(), nullptr);
  if (arguments.positional.size() > names.size()) {
    fail(std::string(who) + ": found " +
         std::to_string(arguments.positional.size()) +
         " arguments, expected at most " + std::to_string(names.size()));
    return false;
  }
  for (size_t i = 0; i < arguments.positional.size(); ++i)
    values[i] = &arguments.positional[i];
  for (const auto &[name, value] : arguments.named) {
    size_t at = std::find(names.begin(), names.end(), name) - names.begin();
    if (at == names.size() || values[at]) {
      fail(std::string(who) + ": the argument '" + std::string(name) + "' is " +
           (at == names.size() ? "unknown" : "there twice"));
      return false;
    }
    values[at] = &value;
  }
  return true;
}

Value Machine::call(const Value &callee, Arguments &arguments) {
  switch (callee.type()) {
  case Type::Undefined:
    return failUndefined(callee);
  case Type::Macro:
    return callMacro(callee.as<Macro>(), arguments);
  case Type::Loop:
    return callLoop(callee.as<Loop>(), arguments);
  case Type::Function:
    return callGlobal(callee.as<Function>().which, arguments);
  case Type::Method:
    return callMethod(callee.as<Method>().self, callee.as<Method>().name,
                      arguments);
  case Type::Joiner: {
    Joiner &joiner = callee.as<Joiner>();
    bool first = !std::exchange(joiner.used, true);
    return first ? Value::string("") : joiner.separator;
  }
  default:
    return fail(std::string("a call of a '") + typeName(callee) + "'");
  }
}

/// Parameters, and the special names that the macro uses.
bool Machine::bindMacro(const Macro &macro, Arguments &arguments,
                        const Ref<Scope> &scope) {
  const Node &node = program.node(macro.node);
  std::span<const uint32_t> parameters = program.children(node).subspan(1);
  std::vector<bool> used(arguments.named.size());
  auto take = [&](std::string_view name) -> const Value * {
    for (size_t i = 0; i < used.size(); ++i)
      if (arguments.named[i].first == name && !used[i]) {
        used[i] = true;
        return &arguments.named[i].second;
      }
    return nullptr;
  };
  size_t count = parameters.size() / 2;
  bool namesCaller = false;
  for (size_t i = 0; i < count && !failed(); ++i) {
    std::string_view name = program.text(program.node(parameters[2 * i]));
    namesCaller |= name == "caller";
    const Value *given =
        i < arguments.positional.size() ? &arguments.positional[i] : take(name);
    uint32_t fallback = parameters[2 * i + 1];
    scope->set(name, given ? *given
                     : fallback == kNoNode
                         ? Value::undefined("parameter '" + std::string(name) +
                                            "' was not provided")
                         : eval(fallback, scope));
  }
  if (node.op & kUsesCaller && !namesCaller) {
    const Value *caller = take("caller");
    scope->set("caller",
               caller ? *caller : Value::undefined("no caller is defined"));
  }
  Value rest = makeDict();
  for (size_t i = 0; i < used.size(); ++i) {
    if (used[i])
      continue;
    if (!(node.op & kUsesKeywords)) {
      fail("the macro '" + std::string(program.text(node)) +
           "' takes no argument '" + std::string(arguments.named[i].first) +
           "'");
      return false;
    }
    rest.dict().set(Value::string(arguments.named[i].first),
                    arguments.named[i].second);
  }
  if (node.op & kUsesKeywords)
    scope->set("kwargs", rest);
  size_t given = std::min(count, arguments.positional.size());
  std::vector<Value> more(arguments.positional.begin() + given,
                          arguments.positional.end());
  if (node.op & kUsesArgs)
    scope->set("varargs", sequence(Flavor::Tuple, std::move(more)));
  else if (!more.empty())
    fail("the macro '" + std::string(program.text(node)) + "' takes " +
         std::to_string(count) + " arguments at most");
  return !failed();
}

Value Machine::callMacro(const Macro &macro, Arguments &arguments) {
  Ref<Scope> scope(new Scope(macro.scope));
  if (!bindMacro(macro, arguments, scope))
    return {};
  Text text = capture(program.children(program.node(macro.node))[0], scope);
  return failed() || !mayHold(text.size()) ? Value() : Value(std::move(text));
}

/// `loop(items)` in a recursive loop.
Value Machine::callLoop(Loop &current, Arguments &arguments) {
  if (!program.node(current.node).op || arguments.positional.size() != 1)
    return fail("'loop' is called, but is not recursive");
  Text text;
  Text *before = std::exchange(out, &text);
  loop(current.node, arguments.positional[0], current.scope, current.level + 1);
  out = before;
  return failed() ? Value() : Value(std::move(text));
}

Value Machine::callRange(Arguments &arguments) {
  int64_t bounds[3] = {0, 0, 1};
  const std::vector<Value> &given = arguments.positional;
  if (given.empty() || given.size() > 3 || !arguments.named.empty())
    return fail("range: expected one to three integers");
  for (size_t i = 0; i < given.size(); ++i) {
    auto value = toIndex(given[i], "range");
    if (!value)
      return {};
    bounds[given.size() == 1 ? 1 : i] = *value;
  }
  auto [from, to, step] = bounds;
  if (step == 0)
    return fail("range: the step is 0");
  std::vector<Value> items;
  while (step > 0 ? from < to : from > to) {
    if (items.size() >= 100000)
      return fail("range: more than 100000 elements");
    items.push_back(from);
    if (__builtin_add_overflow(from, step, &from))
      break;
  }
  return sequence(Flavor::Range, std::move(items));
}

/// What dict() and namespace() take: a dict, or pairs.
bool Machine::fillDict(Value &dict, const Value &from) {
  if (from.is(Type::Dict)) {
    for (const auto &[key, value] : from.dict().items)
      dict.dict().set(key, value);
    return true;
  }
  for (const Value &pair : iterate(from)) {
    std::vector<Value> both = iterate(pair);
    if (!failed() && both.size() != 2)
      fail("dict: expected pairs");
    if (failed() || !spend(dict.dict().items.size() / 4))
      return false;
    dict.dict().set(both[0], both[1]);
  }
  return !failed();
}

Value Machine::callDict(Arguments &arguments) {
  Value dict = makeDict();
  if (arguments.positional.size() > 1)
    return fail("dict: expected one argument and keywords");
  if (!arguments.positional.empty() && !fillDict(dict, arguments.positional[0]))
    return {};
  for (const auto &[name, value] : arguments.named)
    dict.dict().set(Value::string(name), value);
  return checked(dict);
}

Value Machine::callNamespace(Arguments &arguments) {
  Value dict = callDict(arguments);
  if (failed())
    return {};
  Value result = makeNamespace();
  for (const auto &[key, value] : dict.dict().items)
    if (key.is(Type::String))
      result.as<Namespace>().set(key.view(), value);
  return result;
}

static Value formatTime(Machine &machine, Arguments &arguments) {
  const Value *values[1];
  if (!machine.bind("strftime_now", arguments, {"format"}, values))
    return {};
  if (!values[0] || !values[0]->is(Type::String))
    return machine.fail("strftime_now: expected a format");
  time_t now = time(nullptr);
  tm local;
  char buffer[1024];
  std::string pattern(values[0]->view());
  // The result may be empty: a character in front tells that from a failure.
  pattern.insert(0, "-");
  size_t bytes = localtime_r(&now, &local)
                     ? strftime(buffer, sizeof buffer, pattern.c_str(), &local)
                     : 0;
  if (bytes == 0)
    return machine.fail("strftime_now: a format that is too long");
  return Value::string({buffer + 1, bytes - 1});
}

Value Machine::callGlobal(Global global, Arguments &arguments) {
  switch (global) {
  case Global::namespace_:
    return callNamespace(arguments);
  case Global::dict_:
    return callDict(arguments);
  case Global::range_:
    return callRange(arguments);
  case Global::strftime_now_:
    return formatTime(*this, arguments);
  case Global::raise_exception_: {
    const Value *values[1];
    if (!bind("raise_exception", arguments, {"message"}, values))
      return {};
    return fail(values[0] ? std::string(str(*values[0]).view())
                          : "raise_exception: expected a message");
  }
  case Global::cycler_:
    if (arguments.positional.empty())
      return fail("cycler: expected something to go through");
    return checked(Value(Type::Cycler, new Cycler(arguments.positional)));
  case Global::joiner_: {
    const Value *values[1];
    if (!bind("joiner", arguments, {"sep"}, values))
      return {};
    return checked(
        Value(Type::Joiner,
              new Joiner(values[0] ? *values[0] : Value::string(", "))));
  }
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Methods of what is no string
//===----------------------------------------------------------------------===//

Value Machine::loopMethod(Loop &loop, std::string_view name,
                          Arguments &arguments) {
  std::vector<Value> &given = arguments.positional;
  if (name == "cycle")
    return given.empty() ? fail("loop.cycle: expected values")
                         : given[loop.index % given.size()];
  for (const Value &value : given)
    spend(weightOf(value) / 16);
  bool same = !failed() && loop.last && loop.last->size() == given.size() &&
              std::equal(given.begin(), given.end(), loop.last->begin(), equal);
  if (!loop.last)
    comparing.push_back(&loop);
  loop.last = given;
  return !same;
}

static Value dictMethod(Machine &machine, const Value &self,
                        std::string_view name, Arguments &arguments) {
  const Dict &dict = self.dict();
  if (name == "get") {
    std::vector<Value> &given = arguments.positional;
    if (given.empty() || given.size() > 2 || !arguments.named.empty())
      return machine.fail("dict.get: expected a key and perhaps a default");
    const Value *found = dict.find(given[0]);
    return found ? *found : given.size() == 2 ? given[1] : Value::none();
  }
  if (!arguments.empty())
    return machine.fail("dict." + std::string(name) +
                        ": expected no arguments");
  if (name == "copy") {
    Value copy = makeDict();
    for (const auto &[key, value] : dict.items)
      copy.dict().set(key, value);
    return copy;
  }
  std::vector<Value> items;
  for (const auto &[key, value] : dict.items)
    items.push_back(name == "keys"     ? key
                    : name == "values" ? value
                                       : makePair(key, value));
  return machine.sequence(Flavor::View, std::move(items));
}

static Value listMethod(Machine &machine, const Value &self,
                        std::string_view name, Arguments &arguments) {
  const std::vector<Value> &items = self.sequence().items;
  if (name == "copy")
    return machine.list(items);
  if (arguments.positional.size() != 1 || !arguments.named.empty())
    return machine.fail("list." + std::string(name) +
                        ": expected one argument");
  int64_t count = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!machine.spendOn(items[i], arguments.positional[0]))
      return {};
    bool found = equal(items[i], arguments.positional[0]);
    if (found && name == "index")
      return int64_t(i);
    count += found;
  }
  return name == "count" ? Value(count)
                         : machine.fail("list.index: it is not in there");
}

Value Machine::callMethod(const Value &self, std::string_view name,
                          Arguments &arguments) {
  switch (self.type()) {
  case Type::String:
    return keepSafe(self, arguments,
                    stringMethod(*this, self, name, arguments));
  case Type::Dict:
    return dictMethod(*this, self, name, arguments);
  case Type::Loop:
    return loopMethod(self.as<Loop>(), name, arguments);
  case Type::Cycler: {
    Cycler &cycler = self.as<Cycler>();
    size_t at = cycler.at;
    cycler.at = name == "reset" ? 0 : (at + 1) % cycler.items.size();
    return name == "reset" ? Value::none() : cycler.items[at];
  }
  default:
    return listMethod(*this, self, name, arguments);
  }
}

} // namespace setun::runtime::chat
