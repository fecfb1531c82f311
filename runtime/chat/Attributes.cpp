//===- Attributes.cpp - What values have: attributes, items, slices -------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Machine.h"

#include <algorithm>

namespace setun::runtime::chat {

static bool isOneOf(std::string_view name,
                    std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

static bool isStringMethod(std::string_view name) {
  return isOneOf(
      name,
      {"capitalize",   "center",   "count",     "endswith",   "find",
       "format",       "index",    "isalnum",   "isalpha",    "isascii",
       "isdigit",      "islower",  "isnumeric", "isspace",    "isupper",
       "join",         "lower",    "lstrip",    "partition",  "removeprefix",
       "removesuffix", "replace",  "rfind",     "rindex",     "rpartition",
       "rsplit",       "rstrip",   "split",     "splitlines", "startswith",
       "strip",        "swapcase", "title",     "upper"});
}

static bool isList(const Value &value) {
  return value.is(Type::Sequence) && value.sequence().flavor == Flavor::List;
}

bool isMethod(const Value &self, std::string_view name) {
  switch (self.type()) {
  case Type::String:
    return isStringMethod(name);
  case Type::Dict:
    return isOneOf(name, {"copy", "get", "items", "keys", "values"});
  case Type::Sequence:
    if (self.sequence().flavor >= Flavor::View)
      return false;
    return isOneOf(name, {"count", "index"}) ||
           (isList(self) && name == "copy");
  case Type::Loop:
    return isOneOf(name, {"changed", "cycle"});
  case Type::Cycler:
    return isOneOf(name, {"next", "reset"});
  default:
    return false;
  }
}

bool isMutating(const Value &self, std::string_view name) {
  if (isList(self))
    return isOneOf(name, {"append", "clear", "extend", "insert", "pop",
                          "remove", "reverse", "sort"});
  return self.is(Type::Dict) &&
         isOneOf(name, {"clear", "pop", "popitem", "setdefault", "update"});
}

static Value lacks(const Value &object, std::string_view name) {
  return Value::undefined(std::string("'") + typeName(object) +
                          " object' has no attribute '" + std::string(name) +
                          "'");
}

Value Machine::loopAttribute(const Loop &loop, std::string_view name) {
  int64_t index = loop.index, length = loop.items.size();
  if (name == "index")
    return index + 1;
  if (name == "index0")
    return index;
  if (name == "revindex")
    return length - index;
  if (name == "revindex0")
    return length - index - 1;
  if (name == "first")
    return index == 0;
  if (name == "last")
    return index + 1 == length;
  if (name == "length")
    return length;
  if (name == "depth")
    return loop.level;
  if (name == "depth0")
    return loop.level - 1;
  if (name == "previtem")
    return index ? loop.items[index - 1]
                 : Value::undefined("there is no previous item");
  if (name == "nextitem")
    return index + 1 < length ? loop.items[index + 1]
                              : Value::undefined("there is no next item");
  return Value::undefined("'loop' has no attribute '" + std::string(name) +
                          "'");
}

Value Machine::attribute(const Value &object, std::string_view name) {
  if (object.is(Type::Undefined))
    return failUndefined(object);
  if (isMethod(object, name))
    return checked(Value(Type::Method, new Method(object, name)));
  if (isMutating(object, name) ||
      (name.starts_with("__") && name.ends_with("__")))
    return Value::undefined("the attribute '" + std::string(name) + "' of '" +
                            typeName(object) + "' is not safe to use");
  const Value *found = nullptr;
  switch (object.type()) {
  case Type::Dict:
    found = object.dict().find(name);
    break;
  case Type::Namespace:
    found = object.as<Namespace>().find(name);
    break;
  case Type::Loop:
    return loopAttribute(object.as<Loop>(), name);
  case Type::Cycler:
    if (name == "current")
      return object.as<Cycler>().items[object.as<Cycler>().at];
    break;
  case Type::Macro:
    if (name == "name")
      return Value::string(program.text(program.node(object.as<Macro>().node)));
    break;
  case Type::Sequence:
    if (object.sequence().flavor == Flavor::Group &&
        isOneOf(name, {"grouper", "list"}))
      return object.sequence().items[name == "list"];
    break;
  default:
    break;
  }
  return found ? *found : lacks(object, name);
}

/// An index from the end becomes one from the start; nothing out of range.
static std::optional<size_t> place(int64_t index, size_t size) {
  if (index < 0)
    index += size;
  if (index < 0 || size_t(index) >= size)
    return std::nullopt;
  return index;
}

Value Machine::item(const Value &object, const Value &index) {
  if (object.is(Type::Undefined))
    return failUndefined(object);
  if (object.is(Type::Dict) && spend(object.dict().items.size() / 16))
    if (const Value *found = object.dict().find(index))
      return *found;
  if (index.isWhole() && object.is(Type::String)) {
    std::string_view view = object.view();
    spend(view.size() / 64);
    if (auto point = place(index.asInt(), countPoints(view))) {
      size_t at = offsetOf(view, *point);
      return object.text().slice(at, at + pointAt(view, at).bytes);
    }
  }
  if (index.isWhole() && object.is(Type::Sequence) &&
      object.sequence().flavor != Flavor::View && !object.sequence().once())
    if (auto at = place(index.asInt(), object.sequence().items.size()))
      return object.sequence().items[*at];
  if (index.is(Type::String))
    return attribute(object, index.view());
  return Value::undefined(std::string("'") + typeName(object) +
                          " object' has no such element");
}

std::optional<int64_t> Machine::toIndex(const Value &value, const char *what) {
  if (value.isWhole())
    return value.asInt();
  if (value.is(Type::Undefined))
    failUndefined(value);
  else
    fail(std::string(what) + ": found a '" + typeName(value) +
         "', expected an integer");
  return std::nullopt;
}

/// The indices that bounds leave of `size` elements.
static std::vector<size_t> chosen(std::optional<int64_t> from,
                                  std::optional<int64_t> to, int64_t step,
                                  int64_t size) {
  int64_t low = step < 0 ? -1 : 0, high = step < 0 ? size - 1 : size;
  auto settle = [&](std::optional<int64_t> bound, int64_t absent) {
    if (!bound)
      return absent;
    int64_t at = *bound < 0 ? std::max(*bound, -size - 1) + size : *bound;
    return std::clamp(at, low, high);
  };
  int64_t begin = settle(from, step < 0 ? high : low);
  int64_t end = settle(to, step < 0 ? low : high);
  std::vector<size_t> indices;
  while (step < 0 ? begin > end : begin < end) {
    indices.push_back(begin);
    if (__builtin_add_overflow(begin, step, &begin))
      break;
  }
  return indices;
}

static Value sliceText(const Text &text, const std::vector<size_t> &points,
                       int64_t step) {
  std::vector<size_t> offsets;
  std::string_view view = text.view();
  for (size_t at = 0; at < view.size(); at += pointAt(view, at).bytes)
    offsets.push_back(at);
  offsets.push_back(view.size());
  if (points.empty())
    return Text();
  if (step == 1)
    return text.slice(offsets[points.front()], offsets[points.back() + 1]);
  Text result;
  for (size_t point : points)
    result.append(text, offsets[point], offsets[point + 1]);
  return result;
}

Value Machine::slice(const Value &object, const Value *bounds) {
  if (object.is(Type::Undefined))
    return failUndefined(object);
  bool sliceable = object.is(Type::String) ||
                   (object.is(Type::Sequence) && !object.sequence().once() &&
                    object.sequence().flavor != Flavor::View);
  if (!sliceable)
    return fail(std::string("a slice of a '") + typeName(object) + "'");
  std::optional<int64_t> values[3];
  for (size_t i = 0; i < 3; ++i)
    if (!bounds[i].is(Type::None) &&
        !(values[i] = toIndex(bounds[i], "a slice")))
      return {};
  int64_t step = values[2].value_or(1);
  if (step == 0)
    return fail("a slice whose step is 0");
  int64_t size = lengthOf(object);
  if (!mayHold(size * sizeof(size_t)))
    return {};
  std::vector<size_t> indices = chosen(values[0], values[1], step, size);
  if (object.is(Type::String))
    return sliceText(object.text(), indices, step);
  std::vector<Value> items;
  for (size_t index : indices)
    items.push_back(object.sequence().items[index]);
  return sequence(object.sequence().flavor, std::move(items));
}

std::vector<Value> Machine::iterate(const Value &value) {
  std::vector<Value> items;
  switch (value.type()) {
  case Type::Undefined:
    return items;
  case Type::Sequence:
    spend(value.sequence().items.size());
    return value.sequence().take();
  case Type::Dict:
    for (const auto &[key, each] : value.dict().items)
      items.push_back(key);
    spend(items.size());
    return items;
  case Type::String: {
    std::string_view view = value.view();
    if (!mayHold(view.size() * (sizeof(StringObject) + sizeof(Value))))
      return items;
    for (size_t at = 0, bytes; at < view.size(); at += bytes) {
      bytes = pointAt(view, at).bytes;
      items.push_back(value.text().slice(at, at + bytes));
    }
    return items;
  }
  default:
    fail(std::string("a loop over a '") + typeName(value) + "'");
    return items;
  }
}

} // namespace setun::runtime::chat
