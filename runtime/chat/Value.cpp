//===- Value.cpp - What a template computes with --------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Value.h"

#include <algorithm>

namespace setun::runtime::chat {

Value::Value(Text text)
    : type_(Type::String), integer(0),
      object_(new StringObject(std::move(text))) {}

Value Value::undefined(std::string message) {
  return Value(Type::Undefined, new StringObject(Text(message)));
}

const Text &Value::text() const { return as<StringObject>().text; }
bool Value::isSafe() const {
  return is(Type::String) && as<StringObject>().safe;
}

Value Value::markedSafe() const {
  Value copy{Text(text())};
  copy.as<StringObject>().safe = true;
  return copy;
}

Sequence &Value::sequence() const { return as<Sequence>(); }
Dict &Value::dict() const { return as<Dict>(); }

/// Lists that hold each other twice and again get very heavy.
static uint64_t addWeights(uint64_t a, uint64_t b) {
  return std::min<uint64_t>(a + b, UINT64_MAX / 4);
}

uint32_t depthAround(const std::vector<Value> &values) {
  uint32_t depth = 1;
  for (const Value &value : values)
    depth = std::max(depth, depthOf(value) + 1);
  return depth;
}

Sequence::Sequence(Flavor flavor, std::vector<Value> values)
    : Object(sizeof *this + values.size() * sizeof(Value)), flavor(flavor),
      items(std::move(values)) {
  depth = depthAround(items);
  for (const Value &item : items)
    weight = addWeights(weight, weightOf(item));
}

std::vector<Value> Sequence::take() {
  return once() ? std::exchange(items, {}) : items;
}

const Value *Dict::find(const Value &key) const {
  for (const auto &[name, value] : items)
    if (equal(name, key))
      return &value;
  return nullptr;
}

const Value *Dict::find(std::string_view key) const {
  for (const auto &[name, value] : items)
    if (name.is(Type::String) && name.view() == key)
      return &value;
  return nullptr;
}

void Dict::set(Value key, Value value) {
  depth = std::max({depth, depthOf(key) + 1, depthOf(value) + 1});
  weight = addWeights(weight, weightOf(key) + weightOf(value));
  // Keys are looked for one by one.
  weight = addWeights(weight, items.size() / 4);
  if (const Value *old = find(key)) {
    *const_cast<Value *>(old) = std::move(value);
    return;
  }
  charge(2 * sizeof(Value));
  items.emplace_back(std::move(key), std::move(value));
}

const Value *Namespace::find(std::string_view name) const {
  for (const auto &[each, value] : items)
    if (each == name)
      return &value;
  return nullptr;
}

void Namespace::set(std::string_view name, Value value) {
  if (const Value *old = find(name)) {
    *const_cast<Value *>(old) = std::move(value);
    return;
  }
  charge(2 * sizeof(Value) + name.size());
  items.emplace_back(name, std::move(value));
}

Value makeSequence(Flavor flavor, std::vector<Value> items) {
  return Value(Type::Sequence, new Sequence(flavor, std::move(items)));
}

Value makePair(Value first, Value second) {
  std::vector<Value> items;
  items.push_back(std::move(first));
  items.push_back(std::move(second));
  return makeSequence(Flavor::Tuple, std::move(items));
}

Value makeDict() { return Value(Type::Dict, new Dict); }

bool isTrue(const Value &value) {
  switch (value.type()) {
  case Type::Undefined:
  case Type::None:
    return false;
  case Type::Bool:
  case Type::Int:
    return value.asInt() != 0;
  case Type::Float:
    return value.asReal() != 0;
  case Type::String:
    return !value.text().empty();
  case Type::Sequence:
    return value.sequence().once() || !value.sequence().items.empty();
  case Type::Dict:
    return !value.dict().items.empty();
  default:
    return true;
  }
}

int64_t lengthOf(const Value &value) {
  switch (value.type()) {
  case Type::Undefined:
    return 0;
  case Type::String:
    return countPoints(value.view());
  case Type::Sequence:
    return value.sequence().once() ? -1 : value.sequence().items.size();
  case Type::Dict:
    return value.dict().items.size();
  default:
    return -1;
  }
}

static bool equalSequences(const Sequence &a, const Sequence &b) {
  auto kind = [](const Sequence &s) {
    return s.flavor == Flavor::Group ? Flavor::Tuple : s.flavor;
  };
  if (&a == &b)
    return true;
  if (kind(a) != kind(b) || a.once() || a.items.size() != b.items.size())
    return false;
  return std::equal(a.items.begin(), a.items.end(), b.items.begin(), equal);
}

static bool equalDicts(const Dict &a, const Dict &b) {
  return a.items.size() == b.items.size() &&
         std::all_of(a.items.begin(), a.items.end(), [&](const auto &item) {
           const Value *other = b.find(item.first);
           return other && equal(item.second, *other);
         });
}

bool equal(const Value &a, const Value &b) {
  if (a.isNumber() && b.isNumber())
    return a.isWhole() && b.isWhole() ? a.asInt() == b.asInt()
                                      : a.asReal() == b.asReal();
  if (a.type() != b.type())
    return false;
  switch (a.type()) {
  case Type::Undefined:
  case Type::None:
    return true;
  case Type::String:
    return a.view() == b.view();
  case Type::Sequence:
    return equalSequences(a.sequence(), b.sequence());
  case Type::Dict:
    return equalDicts(a.dict(), b.dict());
  default:
    return a.object() == b.object();
  }
}

static const char *sequenceName(const Sequence &sequence) {
  switch (sequence.flavor) {
  case Flavor::List:
    return "list";
  case Flavor::View:
    return "dict_items";
  case Flavor::Range:
    return "range";
  case Flavor::Generator:
    return "generator";
  default:
    return "tuple";
  }
}

const char *typeName(const Value &value) {
  static constexpr const char *kNames[] = {
      "Undefined",   "NoneType", "bool",   "int",       "float",
      "str",         "",         "dict",   "Namespace", "Macro",
      "LoopContext", "function", "method", "Cycler",    "Joiner"};
  return value.is(Type::Sequence) ? sequenceName(value.sequence())
                                  : kNames[unsigned(value.type())];
}

} // namespace setun::runtime::chat
