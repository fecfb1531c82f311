//===- Operators.cpp - Arithmetic, order, containment, as Python has them -===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Machine.h"

#include <algorithm>
#include <math.h>

using namespace setun::abi;

namespace setun::runtime::chat {

static Value failTypes(Machine &machine, const char *operation, const Value &a,
                       const Value &b) {
  for (const Value *value : {&a, &b})
    if (value->is(Type::Undefined))
      return machine.failUndefined(*value);
  return machine.fail(std::string(operation) + " of '" + typeName(a) +
                      "' and '" + typeName(b) + "'");
}

static const char *nameOf(NodeKind kind) {
  static constexpr const char *kNames[] = {"'+'",  "'-'", "'*'", "'/'",
                                           "'//'", "'%'", "'**'"};
  return kNames[unsigned(kind) - unsigned(NodeKind::Add)];
}

static Value wholePower(Machine &machine, int64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 0)
      return machine.fail("a division by zero");
    return pow(double(base), double(exponent));
  }
  int64_t result = 1;
  bool overflow = false;
  // Squares are only needed while bits of the exponent are left.
  for (; exponent && !overflow; exponent >>= 1) {
    if (exponent & 1)
      overflow |= __builtin_mul_overflow(result, base, &result);
    if (exponent > 1)
      overflow |= __builtin_mul_overflow(base, base, &base);
  }
  if (overflow)
    return machine.fail("an integer of more than 64 bits");
  return result;
}

static Value wholes(Machine &machine, NodeKind kind, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflow = false;
  switch (kind) {
  case NodeKind::Add:
    overflow = __builtin_add_overflow(a, b, &result);
    break;
  case NodeKind::Subtract:
    overflow = __builtin_sub_overflow(a, b, &result);
    break;
  case NodeKind::Multiply:
    overflow = __builtin_mul_overflow(a, b, &result);
    break;
  case NodeKind::Power:
    return wholePower(machine, a, b);
  default:
    if (b == 0)
      return machine.fail("a division by zero");
    if (kind == NodeKind::Divide)
      return double(a) / double(b);
    overflow = a == INT64_MIN && b == -1;
    if (overflow)
      break;
    bool isModulo = kind == NodeKind::Modulo;
    bool lower = a % b != 0 && (a % b < 0) != (b < 0);
    result = isModulo ? a % b + (lower ? b : 0) : a / b - lower;
  }
  if (overflow)
    return machine.fail("an integer of more than 64 bits");
  return result;
}

static Value reals(Machine &machine, NodeKind kind, double a, double b) {
  bool divides = kind == NodeKind::Divide || kind == NodeKind::FloorDivide ||
                 kind == NodeKind::Modulo;
  if (divides && b == 0)
    return machine.fail("a division by zero");
  double rest = 0;
  switch (kind) {
  case NodeKind::Add:
    return a + b;
  case NodeKind::Subtract:
    return a - b;
  case NodeKind::Multiply:
    return a * b;
  case NodeKind::Divide:
    return a / b;
  case NodeKind::Power:
    if (a < 0 && b != floor(b))
      return machine.fail("a root of a negative number");
    return pow(a, b);
  default:
    rest = fmod(a, b);
    if (rest && (rest < 0) != (b < 0))
      rest += b;
    return kind == NodeKind::Modulo ? Value(rest)
                                    : Value(floor((a - rest) / b + 0.5));
  }
}

/// A string or a list, `times` times.
static Value repeat(Machine &machine, const Value &value, int64_t times) {
  bool isString = value.is(Type::String);
  uint64_t size = isString ? value.text().size()
                           : value.sequence().items.size() * sizeof(Value);
  uint64_t count = times < 0 ? 0 : times, bytes;
  if (__builtin_mul_overflow(count, size, &bytes))
    bytes = UINT64_MAX;
  if (!machine.mayHold(bytes))
    return {};
  if (!size)
    count = 0;
  Text text;
  std::vector<Value> items;
  for (uint64_t i = 0; i < count; ++i)
    if (isString)
      text.append(value.text());
    else
      items.insert(items.end(), value.sequence().items.begin(),
                   value.sequence().items.end());
  if (value.isSafe())
    return Value(std::move(text)).markedSafe();
  return isString ? Value(std::move(text))
                  : machine.sequence(value.sequence().flavor, std::move(items));
}

static bool isRepeatable(const Value &value) {
  if (value.is(Type::String))
    return true;
  return value.is(Type::Sequence) && (value.sequence().flavor == Flavor::List ||
                                      value.sequence().flavor == Flavor::Tuple);
}

static Value join(Machine &machine, const Value &a, const Value &b) {
  if (a.is(Type::String)) {
    if (!machine.mayHold(a.text().size() + b.text().size()))
      return {};
    bool safe = a.isSafe() || b.isSafe();
    if (safe && (!machine.mayJoinSafe(a) || !machine.mayJoinSafe(b)))
      return {};
    Text text(a.text());
    text.append(b.text());
    return safe ? Value(std::move(text)).markedSafe() : Value(std::move(text));
  }
  std::vector<Value> items = a.sequence().items;
  const std::vector<Value> &more = b.sequence().items;
  items.insert(items.end(), more.begin(), more.end());
  return machine.sequence(a.sequence().flavor, std::move(items));
}

Value Machine::binary(NodeKind kind, const Value &a, const Value &b) {
  if (a.isWhole() && b.isWhole())
    return wholes(*this, kind, a.asInt(), b.asInt());
  if (a.isNumber() && b.isNumber())
    return reals(*this, kind, a.asReal(), b.asReal());
  if (kind == NodeKind::Modulo && a.isSafe())
    return fail("a format that the filter 'safe' made");
  if (kind == NodeKind::Modulo && a.is(Type::String))
    return formatPercent(*this, a.text(), b);
  bool both = isRepeatable(a) && a.type() == b.type() && isRepeatable(b);
  if (kind == NodeKind::Add && both &&
      (a.is(Type::String) || a.sequence().flavor == b.sequence().flavor))
    return join(*this, a, b);
  if (kind == NodeKind::Multiply && isRepeatable(a) && b.isWhole())
    return repeat(*this, a, b.asInt());
  if (kind == NodeKind::Multiply && isRepeatable(b) && a.isWhole())
    return repeat(*this, b, a.asInt());
  return failTypes(*this, nameOf(kind), a, b);
}

int Machine::order(const Value &a, const Value &b) {
  if (a.isWhole() && b.isWhole())
    return (a.asInt() > b.asInt()) - (a.asInt() < b.asInt());
  if (a.isNumber() && b.isNumber())
    return (a.asReal() > b.asReal()) - (a.asReal() < b.asReal());
  if (a.is(Type::String) && b.is(Type::String)) {
    int result = a.view().compare(b.view());
    return (result > 0) - (result < 0);
  }
  if (a.is(Type::Sequence) && b.is(Type::Sequence) && isRepeatable(a) &&
      isRepeatable(b)) {
    const auto &left = a.sequence().items, &right = b.sequence().items;
    for (size_t i = 0; i < std::min(left.size(), right.size()); ++i)
      if (spendOn(left[i], right[i]) && !equal(left[i], right[i]))
        return order(left[i], right[i]);
    return (left.size() > right.size()) - (left.size() < right.size());
  }
  failTypes(*this, "the order", a, b);
  return 0;
}

bool Machine::contains(const Value &container, const Value &value) {
  switch (container.type()) {
  case Type::Undefined:
    return false;
  case Type::String:
    if (!value.is(Type::String)) {
      failTypes(*this, "'in'", value, container);
      return false;
    }
    spend(container.text().size() / 16);
    return container.view().find(value.view()) != std::string_view::npos;
  case Type::Dict:
    spend(container.dict().items.size() / 16);
    return container.dict().find(value);
  case Type::Sequence: {
    std::vector<Value> items = container.sequence().take();
    return std::any_of(items.begin(), items.end(), [&](const Value &item) {
      return spend(1) && spendOn(item, value) && equal(item, value);
    });
  }
  default:
    failTypes(*this, "'in'", value, container);
    return false;
  }
}

bool Machine::compare(Comparison how, const Value &a, const Value &b) {
  auto isNan = [](const Value &v) {
    return v.is(Type::Float) && isnan(v.asReal());
  };
  if (!spendOn(a, b))
    return false;
  switch (how) {
  case Comparison::Equal:
    return equal(a, b);
  case Comparison::NotEqual:
    return !equal(a, b);
  case Comparison::In:
    return contains(b, a);
  case Comparison::NotIn:
    return !contains(b, a);
  default:
    break;
  }
  int sign = order(a, b);
  if (failed() || isNan(a) || isNan(b))
    return false;
  switch (how) {
  case Comparison::Less:
    return sign < 0;
  case Comparison::LessEqual:
    return sign <= 0;
  case Comparison::Greater:
    return sign > 0;
  default:
    return sign >= 0;
  }
}

} // namespace setun::runtime::chat
