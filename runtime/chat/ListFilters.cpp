//===- ListFilters.cpp - Filters of lists and dicts -----------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Filters.h"

#include "runtime/chat/Case.h"

#include <algorithm>

namespace setun::runtime::chat::filters {

Value Key::folded(Value value) const {
  if (!ignoresCase || !value.is(Type::String))
    return value;
  Text text(value.text());
  if (!changeCase(text, Case::Lower))
    return machine.fail(
        "a comparison without case, of letters whose case is not known");
  return text;
}

Value Key::of(const Value &value, const Value *fallback) const {
  if (!attribute || attribute->is(Type::None))
    return folded(value);
  if (!attribute->is(Type::String))
    return folded(machine.item(value, *attribute));
  Value result = value;
  std::string_view path = attribute->view();
  for (;;) {
    size_t dot = std::min(path.find('.'), path.size());
    std::string_view part = path.substr(0, dot);
    bool digits = !part.empty() &&
                  std::all_of(part.begin(), part.end(),
                              [](char c) { return c >= '0' && c <= '9'; });
    auto index = digits ? parseInt(part, 10) : std::nullopt;
    result = machine.item(result, index ? Value(*index) : Value::string(part));
    if (fallback && result.is(Type::Undefined))
      result = *fallback;
    if (dot == path.size() || machine.failed())
      return folded(std::move(result));
    path.remove_prefix(dot + 1);
  }
}

static bool alone(Machine &machine, const char *name,
                  const Arguments &arguments) {
  return machine.bind(name, arguments, {}, nullptr);
}

Value length(Machine &machine, const Value &input, Arguments &arguments) {
  if (!alone(machine, "length", arguments))
    return {};
  int64_t count = lengthOf(input);
  if (count < 0)
    return machine.fail(std::string("the length of a '") + typeName(input) +
                        "'");
  return count;
}

Value fallback(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[2];
  if (!machine.bind("default", arguments, {"default_value", "boolean"}, given))
    return {};
  bool replaced = input.is(Type::Undefined) ||
                  (given[1] && isTrue(*given[1]) && !isTrue(input));
  if (!replaced)
    return input;
  return given[0] ? *given[0] : Value::string("");
}

Value toList(Machine &machine, const Value &input, Arguments &arguments) {
  if (!alone(machine, "list", arguments))
    return {};
  std::vector<Value> items = machine.iterate(input);
  return machine.failed() ? Value() : machine.list(std::move(items));
}

Value items(Machine &machine, const Value &input, Arguments &arguments) {
  if (!alone(machine, "items", arguments))
    return {};
  std::vector<Value> pairs;
  if (!input.is(Type::Undefined) && !input.is(Type::Dict))
    return machine.fail("items: expected a dict");
  if (input.is(Type::Dict))
    for (const auto &[key, value] : input.dict().items)
      pairs.push_back(makePair(key, value));
  return machine.sequence(Flavor::Generator, std::move(pairs));
}

Value first(Machine &machine, const Value &input, Arguments &arguments) {
  if (!alone(machine, "first", arguments))
    return {};
  if (input.is(Type::Sequence) && input.sequence().once() &&
      !input.sequence().items.empty()) {
    // Of a generator only this one is used up.
    std::vector<Value> &rest = input.sequence().items;
    Value value = rest.front();
    rest.erase(rest.begin());
    return value;
  }
  std::vector<Value> all = machine.iterate(input);
  return all.empty() ? Value::undefined("no first item, sequence was empty")
                     : all.front();
}

Value last(Machine &machine, const Value &input, Arguments &arguments) {
  if (!alone(machine, "last", arguments))
    return {};
  if (input.is(Type::Undefined) ||
      (input.is(Type::Sequence) && input.sequence().once()))
    return machine.fail(std::string("the last of a '") + typeName(input) + "'");
  std::vector<Value> all = machine.iterate(input);
  return all.empty() ? Value::undefined("no last item, sequence was empty")
                     : all.back();
}

Value reverse(Machine &machine, const Value &input, Arguments &arguments) {
  if (!alone(machine, "reverse", arguments))
    return {};
  std::vector<Value> all = machine.iterate(input);
  std::reverse(all.begin(), all.end());
  if (!input.is(Type::String))
    return machine.sequence(Flavor::Generator, std::move(all));
  Text text;
  for (const Value &each : all)
    text.append(each.text());
  return text;
}

Value join(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[2];
  if (!machine.bind("join", arguments, {"d", "attribute"}, given))
    return {};
  Text separator = given[0] ? machine.str(*given[0]) : Text(), result;
  Key key(machine, given[1], false);
  bool leads = true;
  for (const Value &item : machine.iterate(input)) {
    if (!leads)
      result.append(separator);
    leads = false;
    Text text = machine.str(key.of(item));
    result.append(text);
    if (!machine.mayHold(result.size() / 64 + text.size()))
      return {};
  }
  return machine.failed() ? Value() : Value(std::move(result));
}

/// Stable; `keys` are sorted with what they stand for. By merging, since an
/// order that fails half-way must not lead anywhere else.
static Value sorted(Machine &machine, std::vector<Value> values,
                    const std::vector<Value> &keys, bool descending) {
  size_t size = values.size();
  std::vector<size_t> order(size), merged(size);
  for (size_t i = 0; i < size; ++i)
    order[i] = i;
  auto goesFirst = [&](size_t a, size_t b) {
    int sign = machine.spend(1) ? machine.order(keys[a], keys[b]) : 0;
    return descending ? sign > 0 : sign < 0;
  };
  for (size_t width = 1; width < size; width *= 2) {
    for (size_t i = 0; i < size; i += 2 * width) {
      auto begin = order.begin() + i;
      auto middle = order.begin() + std::min(i + width, size);
      auto end = order.begin() + std::min(i + 2 * width, size);
      std::merge(begin, middle, middle, end, merged.begin() + i, goesFirst);
    }
    order.swap(merged);
  }
  std::vector<Value> result;
  for (size_t index : order)
    result.push_back(values[index]);
  return machine.failed() ? Value() : machine.list(std::move(result));
}

static bool flag(const Value *value) { return value && isTrue(*value); }

static std::vector<Value> keysOf(const Key &key,
                                 const std::vector<Value> &values) {
  std::vector<Value> keys;
  for (const Value &value : values)
    keys.push_back(key.of(value));
  return keys;
}

Value sort(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[3];
  if (!machine.bind("sort", arguments,
                    {"reverse", "case_sensitive", "attribute"}, given))
    return {};
  // "a,b" compares by a, then by b.
  if (isGiven(given[2]) && given[2]->is(Type::String) &&
      given[2]->view().find(',') != std::string_view::npos)
    return machine.fail("sort: by several attributes");
  std::vector<Value> values = machine.iterate(input);
  std::vector<Value> keys =
      keysOf(Key(machine, given[2], !flag(given[1])), values);
  return sorted(machine, std::move(values), keys, flag(given[0]));
}

Value dictsort(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[3];
  if (!machine.bind("dictsort", arguments, {"case_sensitive", "by", "reverse"},
                    given))
    return {};
  if (!input.is(Type::Dict))
    return input.is(Type::Undefined)
               ? machine.failUndefined(input)
               : machine.fail("dictsort: expected a dict");
  std::string_view by =
      given[1] && given[1]->is(Type::String) ? given[1]->view() : "key";
  if (by != "key" && by != "value")
    return machine.fail("dictsort: expected by='key' or by='value'");
  std::vector<Value> pairs, keys;
  Key key(machine, nullptr, !flag(given[0]));
  for (const auto &[name, value] : input.dict().items) {
    pairs.push_back(makePair(name, value));
    keys.push_back(key.of(by == "key" ? name : value));
  }
  return sorted(machine, std::move(pairs), keys, flag(given[2]));
}

static Value extreme(Machine &machine, const Value &input, Arguments &arguments,
                     int wanted) {
  const Value *given[2];
  if (!machine.bind("min or max", arguments, {"case_sensitive", "attribute"},
                    given))
    return {};
  std::vector<Value> values = machine.iterate(input);
  std::vector<Value> keys =
      keysOf(Key(machine, given[1], !flag(given[0])), values);
  if (values.empty())
    return Value::undefined("no aggregated item, sequence was empty");
  size_t best = 0;
  for (size_t i = 1; i < keys.size() && !machine.failed(); ++i)
    if (machine.order(keys[i], keys[best]) == wanted)
      best = i;
  return values[best];
}

Value smallest(Machine &machine, const Value &input, Arguments &arguments) {
  return extreme(machine, input, arguments, -1);
}

Value largest(Machine &machine, const Value &input, Arguments &arguments) {
  return extreme(machine, input, arguments, 1);
}

Value sum(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[2];
  if (!machine.bind("sum", arguments, {"attribute", "start"}, given))
    return {};
  Value total = given[1] ? *given[1] : Value(int64_t(0));
  Key key(machine, given[0], false);
  for (const Value &item : machine.iterate(input))
    total = machine.binary(abi::NodeKind::Add, total, key.of(item));
  return machine.failed() ? Value() : total;
}

Value unique(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[2];
  if (!machine.bind("unique", arguments, {"case_sensitive", "attribute"},
                    given))
    return {};
  Key key(machine, given[1], !flag(given[0]));
  std::vector<Value> seen, result;
  for (const Value &item : machine.iterate(input)) {
    Value value = key.of(item);
    if (!machine.spend(seen.size() / 4))
      return {};
    bool known = std::any_of(seen.begin(), seen.end(), [&](const Value &each) {
      return machine.spendOn(each, value) && equal(each, value);
    });
    if (known)
      continue;
    seen.push_back(value);
    result.push_back(item);
  }
  return machine.sequence(Flavor::Generator, std::move(result));
}

Value groupby(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[3];
  if (!machine.bind("groupby", arguments,
                    {"attribute", "default", "case_sensitive"}, given))
    return {};
  bool exact = flag(given[2]);
  Key key(machine, given[0], !exact), plain(machine, given[0], false);
  const Value *absent = isGiven(given[1]) ? given[1] : nullptr;
  std::vector<Value> values = machine.iterate(input), keys;
  for (const Value &value : values)
    keys.push_back(key.of(value, absent));
  std::vector<Value> indices;
  for (size_t i = 0; i < values.size(); ++i)
    indices.push_back(int64_t(i));
  Value order = sorted(machine, std::move(indices), keys, false);
  if (machine.failed())
    return {};
  std::vector<Value> groups, members;
  const std::vector<Value> &list = order.sequence().items;
  for (size_t i = 0; i < list.size(); ++i) {
    size_t at = list[i].asInt();
    members.push_back(values[at]);
    if (i + 1 < list.size() && equal(keys[at], keys[list[i + 1].asInt()]))
      continue;
    Value name = plain.of(members.front(), absent);
    std::vector<Value> pair = {name, makeList(std::exchange(members, {}))};
    groups.push_back(makeSequence(Flavor::Group, std::move(pair)));
  }
  return machine.list(std::move(groups));
}

Value batch(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[2];
  if (!machine.bind("batch", arguments, {"linecount", "fill_with"}, given))
    return {};
  size_t count = std::max<int64_t>(wholeOr(machine, given[0], 0), 0);
  std::vector<Value> rows, row;
  for (Value &item : machine.iterate(input)) {
    if (row.size() == count && (count || !rows.empty() || !row.empty()))
      rows.push_back(makeList(std::exchange(row, {})));
    row.push_back(std::move(item));
  }
  if (!row.empty()) {
    if (isGiven(given[1]) && row.size() < count &&
        machine.mayHold(count * sizeof(Value)))
      row.resize(count, *given[1]);
    rows.push_back(makeList(std::move(row)));
  }
  return machine.sequence(Flavor::Generator, std::move(rows));
}

Value slice(Machine &machine, const Value &input, Arguments &arguments) {
  const Value *given[2];
  if (!machine.bind("slice", arguments, {"slices", "fill_with"}, given))
    return {};
  int64_t slices = wholeOr(machine, given[0], 0);
  std::vector<Value> all = machine.iterate(input), result;
  if (slices < 1 || !machine.mayHold(slices * sizeof(Value)))
    return machine.fail("slice: expected how many, 1 or more");
  size_t each = all.size() / slices, longer = all.size() % slices, at = 0;
  for (size_t i = 0; i < size_t(slices); ++i) {
    size_t count = each + (i < longer);
    std::vector<Value> part(all.begin() + at, all.begin() + at + count);
    at += count;
    if (isGiven(given[1]) && i >= longer)
      part.push_back(*given[1]);
    result.push_back(makeList(std::move(part)));
  }
  return machine.sequence(Flavor::Generator, std::move(result));
}

} // namespace setun::runtime::chat::filters
