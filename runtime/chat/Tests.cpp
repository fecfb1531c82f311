//===- Tests.cpp - What stands behind "is" --------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Case.h"
#include "runtime/chat/Machine.h"

#include <algorithm>

using namespace setun::abi;

namespace setun::runtime::chat {

namespace {
enum class Kind {
  Boolean,
  Callable,
  Defined,
  DivisibleBy,
  Equal,
  Even,
  False,
  Filter,
  Float,
  Greater,
  GreaterEqual,
  In,
  Integer,
  Iterable,
  Less,
  LessEqual,
  Lower,
  Mapping,
  None,
  NotEqual,
  Number,
  Odd,
  SameAs,
  Sequence,
  String,
  Test,
  True,
  Undefined,
  Upper,
};

constexpr Kind kKinds[] = {
#define SETUN_TEST(name, kind) Kind::kind,
#include "runtime/abi/TemplateNames.def"
};
} // namespace

static bool isWord(std::span<const char *const> names, const Value &value) {
  return value.is(Type::String) &&
         std::find(names.begin(), names.end(), value.view()) != names.end();
}

static bool isIterable(const Value &value) {
  return value.is(Type::Undefined) || value.is(Type::String) ||
         value.is(Type::Sequence) || value.is(Type::Dict) ||
         value.is(Type::Loop);
}

static bool isSequence(const Value &value) {
  if (value.is(Type::Sequence))
    return !value.sequence().once() && value.sequence().flavor != Flavor::View;
  return value.is(Type::Undefined) || value.is(Type::String) ||
         value.is(Type::Dict);
}

static bool isCallable(const Value &value) {
  switch (value.type()) {
  case Type::Macro:
  case Type::Function:
  case Type::Method:
  case Type::Loop:
  case Type::Joiner:
  case Type::Undefined:
    return true;
  default:
    return false;
  }
}

static bool isSame(const Value &a, const Value &b) {
  if (a.type() != b.type())
    return false;
  return a.object() ? a.object() == b.object() : equal(a, b);
}

/// value % number == rest.
static std::optional<bool> leaves(Machine &machine, const Value &value,
                                  const Value &number, int64_t rest) {
  Value result = machine.binary(NodeKind::Modulo, value, number);
  if (machine.failed())
    return std::nullopt;
  return equal(result, rest);
}

static std::optional<bool> hasCase(Machine &machine, const Value &value,
                                   Case wanted) {
  bool known;
  Text text = machine.str(value);
  bool result = isCase(text.view(), wanted, known);
  if (!known)
    machine.fail("a test of letters whose case is not known");
  return result;
}

/// Tests of one value.
static std::optional<bool> testOne(Machine &machine, Kind kind,
                                   const Value &value) {
  switch (kind) {
  case Kind::Boolean:
    return value.is(Type::Bool);
  case Kind::Callable:
    return isCallable(value);
  case Kind::Defined:
    return !value.is(Type::Undefined);
  case Kind::Even:
    return leaves(machine, value, int64_t(2), 0);
  case Kind::Odd:
    return leaves(machine, value, int64_t(2), 1);
  case Kind::False:
    return value.is(Type::Bool) && !value.asInt();
  case Kind::Filter:
    return isWord(kFilterNames, value);
  case Kind::Float:
    return value.is(Type::Float);
  case Kind::Integer:
    return value.is(Type::Int);
  case Kind::Iterable:
    return isIterable(value);
  case Kind::Lower:
    return hasCase(machine, value, Case::Lower);
  case Kind::Mapping:
    return value.is(Type::Dict);
  case Kind::None:
    return value.is(Type::None);
  case Kind::Number:
    return value.isNumber();
  case Kind::Sequence:
    return isSequence(value);
  case Kind::String:
    return value.is(Type::String);
  case Kind::Test:
    return isWord(kTestNames, value);
  case Kind::True:
    return value.is(Type::Bool) && value.asInt();
  case Kind::Undefined:
    return value.is(Type::Undefined);
  case Kind::Upper:
    return hasCase(machine, value, Case::Upper);
  default:
    return std::nullopt;
  }
}

static bool testTwo(Machine &machine, Kind kind, const Value &value,
                    const Value &other) {
  switch (kind) {
  case Kind::DivisibleBy:
    return leaves(machine, value, other, 0).value_or(false);
  case Kind::Equal:
    return machine.compare(Comparison::Equal, value, other);
  case Kind::NotEqual:
    return machine.compare(Comparison::NotEqual, value, other);
  case Kind::Greater:
    return machine.compare(Comparison::Greater, value, other);
  case Kind::GreaterEqual:
    return machine.compare(Comparison::GreaterEqual, value, other);
  case Kind::Less:
    return machine.compare(Comparison::Less, value, other);
  case Kind::LessEqual:
    return machine.compare(Comparison::LessEqual, value, other);
  case Kind::In:
    return machine.compare(Comparison::In, value, other);
  default:
    return isSame(value, other);
  }
}

static bool takesTwo(Kind kind) {
  switch (kind) {
  case Kind::DivisibleBy:
  case Kind::Equal:
  case Kind::NotEqual:
  case Kind::Greater:
  case Kind::GreaterEqual:
  case Kind::Less:
  case Kind::LessEqual:
  case Kind::In:
  case Kind::SameAs:
    return true;
  default:
    return false;
  }
}

std::optional<bool> Machine::test(unsigned id, const Value &value,
                                  Arguments &arguments) {
  Kind kind = kKinds[id];
  size_t given = arguments.positional.size() + arguments.named.size();
  if (given != takesTwo(kind)) {
    fail(std::string("the test '") + kTestNames[id] + "' with " +
         std::to_string(given) + " arguments");
    return std::nullopt;
  }
  if (given == 0)
    return testOne(*this, kind, value);
  return testTwo(*this, kind, value,
                 arguments.named.empty() ? arguments.positional[0]
                                         : arguments.named[0].second);
}

std::optional<bool> Machine::callTest(std::string_view name, const Value &input,
                                      Arguments &arguments) {
  static constexpr std::pair<std::string_view, TestName> kSigns[] = {
      {"==", TestName::eq_}, {"!=", TestName::ne_}, {"<", TestName::lt_},
      {"<=", TestName::le_}, {">", TestName::gt_},  {">=", TestName::ge_}};
  for (const auto &[sign, id] : kSigns)
    if (name == sign)
      return test(unsigned(id), input, arguments);
  for (unsigned id = 0; id < std::size(kTestNames); ++id)
    if (name == kTestNames[id])
      return test(id, input, arguments);
  fail("the test '" + std::string(name) + "', which is not understood");
  return std::nullopt;
}

} // namespace setun::runtime::chat
