//===- SelectFilters.cpp - Filters that use filters and tests -------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Filters.h"

namespace setun::runtime::chat {

Value Machine::callFilter(std::string_view name, const Value &input,
                          Arguments &arguments) {
  struct Entry {
    std::string_view name;
    Value (*run)(Machine &machine, const Value &input, Arguments &arguments);
  };
  static constexpr Entry kFilters[] = {
#define SETUN_FILTER(name, function) {#name, filters::function},
#include "runtime/abi/TemplateNames.def"
  };
  if (!spend(1))
    return {};
  for (const Entry &entry : kFilters)
    if (entry.name == name) {
      Value result = entry.run(*this, input, arguments);
      return name == "tojson" ? result : keepSafe(input, arguments, result);
    }
  return fail("the filter '" + std::string(name) +
              "', which is not understood");
}

namespace filters {

Value map(Machine &machine, const Value &input, Arguments &arguments) {
  std::vector<Value> result;
  if (!isTrue(input))
    return machine.sequence(Flavor::Generator, {});
  bool byAttribute =
      arguments.positional.empty() && arguments.find("attribute");
  if (byAttribute) {
    const Value *given[2];
    if (!machine.bind("map", arguments, {"attribute", "default"}, given))
      return {};
    Key key(machine, given[0], false);
    for (const Value &item : machine.iterate(input))
      result.push_back(key.of(item, isGiven(given[1]) ? given[1] : nullptr));
    return machine.sequence(Flavor::Generator, std::move(result));
  }
  if (arguments.positional.empty() || !arguments.positional[0].is(Type::String))
    return machine.fail("map: expected a filter or attribute=");
  Value name = arguments.positional[0];
  Arguments rest = arguments;
  rest.positional.erase(rest.positional.begin());
  for (const Value &item : machine.iterate(input)) {
    Arguments some = rest;
    result.push_back(machine.callFilter(name.view(), item, some));
    if (machine.failed())
      return {};
  }
  return machine.sequence(Flavor::Generator, std::move(result));
}

/// Keeps what a test says `wanted` of.
static Value choose(Machine &machine, const Value &input, Arguments &arguments,
                    bool byAttribute, bool wanted) {
  std::vector<Value> result;
  if (!isTrue(input))
    return machine.sequence(Flavor::Generator, {});
  std::vector<Value> given = arguments.positional;
  if (byAttribute && given.empty())
    return machine.fail("selectattr: expected an attribute");
  Key key(machine, byAttribute ? &given[0] : nullptr, false);
  size_t at = byAttribute;
  bool tests = given.size() > at;
  if (tests && !given[at].is(Type::String))
    return machine.fail("select: expected the name of a test");
  Arguments rest;
  rest.named = arguments.named;
  if (tests)
    rest.positional.assign(given.begin() + at + 1, given.end());
  for (const Value &item : machine.iterate(input)) {
    Value value = key.of(item);
    Arguments some = rest;
    bool found = !tests ? isTrue(value)
                        : !machine.failed() &&
                              machine.callTest(given[at].view(), value, some)
                                  .value_or(false);
    if (machine.failed())
      return {};
    if (found == wanted)
      result.push_back(item);
  }
  return machine.sequence(Flavor::Generator, std::move(result));
}

Value select(Machine &machine, const Value &input, Arguments &arguments) {
  return choose(machine, input, arguments, false, true);
}

Value reject(Machine &machine, const Value &input, Arguments &arguments) {
  return choose(machine, input, arguments, false, false);
}

Value selectattr(Machine &machine, const Value &input, Arguments &arguments) {
  return choose(machine, input, arguments, true, true);
}

Value rejectattr(Machine &machine, const Value &input, Arguments &arguments) {
  return choose(machine, input, arguments, true, false);
}

} // namespace filters
} // namespace setun::runtime::chat
