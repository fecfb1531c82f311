//===- Strings.cpp - The methods of strings -------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Strings.h"
#include "runtime/chat/Case.h"
#include "runtime/chat/Machine.h"

#include <algorithm>

namespace setun::runtime::chat {

namespace {
constexpr size_t kNowhere = std::string_view::npos;

/// A method of `self`, with its arguments.
struct Call {
  Machine &machine;
  const Text &self;
  std::string_view name;
  Arguments &arguments;

  Value fail(const char *expected) const {
    return machine.fail("str." + std::string(name) + ": expected " + expected);
  }
  size_t count() const { return arguments.positional.size(); }
  const Value &at(size_t i) const { return arguments.positional[i]; }
};
} // namespace

/// Where each line begins and ends, and where the next one begins.
std::vector<Line> linesOf(std::string_view text) {
  std::vector<Line> lines;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    Point point = pointAt(text, at);
    uint32_t c = point.value;
    bool ends = (c >= 10 && c <= 13) || (c >= 28 && c <= 30) || c == 0x85 ||
                c == 0x2028 || c == 0x2029;
    size_t next = at + point.bytes;
    if (c == 13 && next < text.size() && text[next] == '\n')
      ++next;
    if (ends) {
      lines.push_back({begin, at, next});
      begin = next;
    }
    at = next;
  }
  if (begin < text.size())
    lines.push_back({begin, text.size(), text.size()});
  return lines;
}

static Value cased(const Call &call, Case wanted) {
  Text text(call.self);
  if (!changeCase(text, wanted))
    return call.machine.fail(
        "str." + std::string(call.name) +
        ": of a letter that is not ASCII, Latin-1, Greek or Cyrillic");
  return text;
}

static Value swapped(const Call &call) {
  Text text(call.self);
  if (!isAscii(text.view()))
    return call.fail("ASCII");
  for (size_t i = 0; i < text.size(); ++i) {
    char &c = text.bytes()[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    c = letter ? c ^ 32 : c;
  }
  return text;
}

static Value strip(const Call &call) {
  std::string_view characters;
  bool given = call.count() == 1 && !call.at(0).is(Type::None);
  if (call.count() > 1 || (given && !call.at(0).is(Type::String)))
    return call.fail("characters");
  if (given)
    characters = call.at(0).view();
  Range range = stripped(call.self.view(), call.name != "rstrip",
                         call.name != "lstrip", given ? &characters : nullptr);
  return call.self.slice(range.begin, range.end);
}

/// The words between white space, at most `most` cuts, from the right or left.
static std::vector<Range> words(std::string_view text, int64_t most,
                                bool fromRight) {
  std::vector<Range> found;
  Range rest = stripped(text, true, true);
  auto spaceAt = [&](size_t at) {
    return abi::isSpace(pointAt(text, at).value);
  };
  while (rest.begin < rest.end) {
    if (most >= 0 && int64_t(found.size()) == most) {
      Range last =
          fromRight ? Range{0, rest.end} : Range{rest.begin, text.size()};
      Range inner = stripped(text.substr(last.begin, last.end - last.begin),
                             !fromRight, fromRight);
      found.push_back({last.begin + inner.begin, last.begin + inner.end});
      break;
    }
    size_t at = fromRight ? rest.end : rest.begin;
    if (fromRight) {
      while (at > rest.begin && !spaceAt(pointBefore(text, at)))
        at = pointBefore(text, at);
      found.push_back({at, rest.end});
      rest.end = at;
    } else {
      while (at < rest.end && !spaceAt(at))
        at += pointAt(text, at).bytes;
      found.push_back({rest.begin, at});
      rest.begin = at;
    }
    Range inner =
        stripped(text.substr(rest.begin, rest.end - rest.begin), true, true);
    rest = {rest.begin + inner.begin, rest.begin + inner.end};
  }
  if (fromRight)
    std::reverse(found.begin(), found.end());
  return found;
}

/// The parts between separators.
static std::vector<Range> parts(std::string_view text,
                                std::string_view separator, int64_t most,
                                bool fromRight) {
  std::vector<Range> found;
  size_t begin = 0, end = text.size();
  while (most < 0 || int64_t(found.size()) < most) {
    size_t at = fromRight ? text.substr(0, end).rfind(separator)
                          : text.find(separator, begin);
    if (at == kNowhere)
      break;
    found.push_back(fromRight ? Range{at + separator.size(), end}
                              : Range{begin, at});
    (fromRight ? end : begin) = fromRight ? at : at + separator.size();
  }
  found.push_back({begin, end});
  if (fromRight)
    std::reverse(found.begin(), found.end());
  return found;
}

static Value split(const Call &call) {
  const Value *given[2];
  if (!call.machine.bind("str.split", call.arguments, {"sep", "maxsplit"},
                         given))
    return {};
  bool fromRight = call.name == "rsplit";
  bool bySpace = !given[0] || given[0]->is(Type::None);
  if (!bySpace && (!given[0]->is(Type::String) || given[0]->text().empty()))
    return call.fail("a separator that is not empty");
  int64_t most = -1;
  if (given[1]) {
    auto value = call.machine.toIndex(*given[1], "str.split");
    if (!value)
      return {};
    most = *value;
  }
  std::string_view text = call.self.view();
  // A part needs some hundred bytes.
  if (!call.machine.mayHold(text.size()))
    return {};
  std::vector<Range> ranges =
      bySpace ? words(text, most, fromRight)
              : parts(text, given[0]->view(), most, fromRight);
  if (!call.machine.mayHold(ranges.size() *
                            (sizeof(StringObject) + sizeof(Value))))
    return {};
  std::vector<Value> items;
  for (Range range : ranges)
    items.push_back(call.self.slice(range.begin, range.end));
  return call.machine.list(std::move(items));
}

static Value splitLines(const Call &call) {
  const Value *given[1];
  if (!call.machine.bind("str.splitlines", call.arguments, {"keepends"}, given))
    return {};
  bool keep = given[0] && isTrue(*given[0]);
  std::vector<Value> items;
  std::vector<Line> lines = linesOf(call.self.view());
  if (!call.machine.mayHold(lines.size() *
                            (sizeof(StringObject) + sizeof(Value))))
    return {};
  for (Line line : lines)
    items.push_back(call.self.slice(line.begin, keep ? line.next : line.end));
  return call.machine.list(std::move(items));
}

static Value partition(const Call &call) {
  if (call.count() != 1 || !call.at(0).is(Type::String) ||
      call.at(0).text().empty())
    return call.fail("a separator that is not empty");
  std::string_view text = call.self.view(), separator = call.at(0).view();
  bool fromRight = call.name == "rpartition";
  size_t at = fromRight ? text.rfind(separator) : text.find(separator);
  size_t end = at + separator.size();
  if (at == kNowhere)
    at = end = fromRight ? 0 : text.size();
  std::vector<Value> items = {call.self.slice(0, at), call.self.slice(at, end),
                              call.self.slice(end, text.size())};
  return call.machine.sequence(Flavor::Tuple, std::move(items));
}

/// The part that optional arguments `first` and `first` + 1 leave.
static bool bounds(const Call &call, size_t first, Range &range) {
  std::string_view text = call.self.view();
  int64_t size = countPoints(text), values[2] = {0, size};
  for (size_t i = 0; i < 2 && first + i < call.count(); ++i) {
    if (call.at(first + i).is(Type::None))
      continue;
    auto value = call.machine.toIndex(call.at(first + i), "a position");
    if (!value)
      return false;
    values[i] = std::clamp(*value < 0 ? *value + size : *value, int64_t(0),
                           i ? size : size + 1);
  }
  range = {offsetOf(text, values[0]), offsetOf(text, values[1])};
  return values[0] <= values[1];
}

static Value startsOrEnds(const Call &call) {
  Range range;
  if (call.count() < 1 || call.count() > 3)
    return call.fail("a string");
  bool inside = bounds(call, 1, range);
  if (call.machine.failed())
    return {};
  std::vector<Value> wanted = {call.at(0)};
  if (call.at(0).is(Type::Sequence) &&
      call.at(0).sequence().flavor == Flavor::Tuple)
    wanted = call.at(0).sequence().items;
  for (const Value &each : wanted) {
    if (!each.is(Type::String))
      return call.fail("a string or a tuple of strings");
    std::string_view part =
        inside ? call.self.view().substr(range.begin, range.end - range.begin)
               : "";
    if (inside && (call.name == "startswith" ? part.starts_with(each.view())
                                             : part.ends_with(each.view())))
      return true;
  }
  return false;
}

/// find, index and count, from both sides.
static Value find(const Call &call) {
  Range range;
  if (call.count() < 1 || call.count() > 3 || !call.at(0).is(Type::String))
    return call.fail("a string");
  bool inside = bounds(call, 1, range);
  if (call.machine.failed() || !call.machine.mayHold(call.self.size()))
    return {};
  std::string_view text = call.self.view(), wanted = call.at(0).view();
  std::string_view part =
      inside ? text.substr(range.begin, range.end - range.begin) : "";
  if (call.name == "count") {
    if (wanted.empty())
      return int64_t(inside ? countPoints(part) + 1 : 0);
    return int64_t(inside ? parts(part, wanted, -1, false).size() - 1 : 0);
  }
  bool fromRight = call.name.starts_with('r');
  size_t at = !inside     ? kNowhere
              : fromRight ? part.rfind(wanted)
                          : part.find(wanted);
  if (at != kNowhere)
    return int64_t(countPoints(text.substr(0, range.begin + at)));
  if (call.name.ends_with("index"))
    return call.machine.fail("str.index: it is not in there");
  return int64_t(-1);
}

Value replaced(Machine &machine, const Text &text, const Text &from,
               const Text &to, int64_t most) {
  if (!machine.mayHold(text.size()))
    return {};
  Text result;
  size_t at = 0;
  std::string_view view = text.view();
  for (int64_t done = 0; most < 0 || done < most; ++done) {
    size_t found = from.empty() ? at : view.find(from.view(), at);
    if (found == kNowhere || found > view.size())
      break;
    result.append(text, at, found);
    result.append(to);
    at = found + from.size();
    if (result.size() > text.size() &&
        !machine.mayHold(std::max<size_t>(to.size(), 16)))
      return {};
    if (!from.empty())
      continue;
    if (at == view.size())
      return result;
    size_t bytes = pointAt(view, at).bytes;
    result.append(text, at, at + bytes);
    at += bytes;
  }
  result.append(text, at, view.size());
  return machine.mayHold(result.size()) ? Value(std::move(result)) : Value();
}

static Value replace(const Call &call) {
  const Value *given[3];
  if (!call.machine.bind("str.replace", call.arguments, {"old", "new", "count"},
                         given))
    return {};
  if (!given[0] || !given[1] || !given[0]->is(Type::String) ||
      !given[1]->is(Type::String))
    return call.fail("two strings");
  int64_t most = -1;
  if (given[2]) {
    auto value = call.machine.toIndex(*given[2], "str.replace");
    if (!value)
      return {};
    most = *value;
  }
  return replaced(call.machine, call.self, given[0]->text(), given[1]->text(),
                  most);
}

static Value removeEnd(const Call &call) {
  if (call.count() != 1 || !call.at(0).is(Type::String))
    return call.fail("a string");
  std::string_view text = call.self.view(), end = call.at(0).view();
  size_t size = text.size();
  if (call.name == "removeprefix")
    return call.self.slice(text.starts_with(end) ? end.size() : 0, size);
  return call.self.slice(0, text.ends_with(end) ? size - end.size() : size);
}

static Value join(const Call &call) {
  if (call.count() != 1)
    return call.fail("one argument");
  Text result;
  bool first = true;
  for (const Value &item : call.machine.iterate(call.at(0))) {
    if (!item.is(Type::String))
      return call.fail("strings to join");
    if (!first)
      result.append(call.self);
    first = false;
    result.append(item.text());
    if (!call.machine.mayHold(result.size() / 64 + item.text().size()))
      return {};
  }
  return call.machine.failed() ? Value() : Value(std::move(result));
}

/// isdigit and its kin, of ASCII.
static Value isAll(const Call &call) {
  std::string_view text = call.self.view();
  if (call.name == "isascii")
    return isAscii(text);
  if (call.name == "isupper" || call.name == "islower") {
    bool known,
        result = isCase(
            text, call.name == "isupper" ? Case::Upper : Case::Lower, known);
    return known ? Value(result) : call.fail("letters of a known case");
  }
  bool result = !text.empty();
  for (size_t at = 0; at < text.size();) {
    auto [c, bytes] = pointAt(text, at);
    at += bytes;
    if (call.name == "isspace") {
      result &= abi::isSpace(c);
      continue;
    }
    if (c > 127)
      return call.fail("ASCII");
    bool digit = c >= '0' && c <= '9';
    bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
    result &= call.name == "isalpha"   ? letter
              : call.name == "isalnum" ? letter || digit
                                       : digit;
  }
  return result;
}

Value centered(Machine &machine, const Text &text, int64_t width,
               std::string_view fill) {
  int64_t size = countPoints(text.view());
  if (width <= size)
    return text;
  if (!machine.mayHold(width))
    return {};
  // Python puts the odd one to the left where the width is odd.
  int64_t more = width - size, left = more / 2 + (more & width & 1);
  Text result;
  for (int64_t i = 0; i < left; ++i)
    result.append(fill);
  result.append(text);
  for (int64_t i = left; i < more; ++i)
    result.append(fill);
  return result;
}

static Value center(const Call &call) {
  if (call.count() < 1 || call.count() > 2)
    return call.fail("a width");
  auto width = call.machine.toIndex(call.at(0), "str.center");
  bool fills = call.count() == 2;
  if (fills && (!call.at(1).is(Type::String) || lengthOf(call.at(1)) != 1))
    return call.fail("one character to fill with");
  return width ? centered(call.machine, call.self, *width,
                          fills ? call.at(1).view() : " ")
               : Value();
}

Value stringMethod(Machine &machine, const Value &self, std::string_view name,
                   Arguments &arguments) {
  struct Entry {
    std::string_view name;
    Value (*run)(const Call &call);
  };
  static constexpr Entry kMethods[] = {{"split", split},
                                       {"rsplit", split},
                                       {"splitlines", splitLines},
                                       {"partition", partition},
                                       {"rpartition", partition},
                                       {"strip", strip},
                                       {"lstrip", strip},
                                       {"rstrip", strip},
                                       {"startswith", startsOrEnds},
                                       {"endswith", startsOrEnds},
                                       {"find", find},
                                       {"rfind", find},
                                       {"index", find},
                                       {"rindex", find},
                                       {"count", find},
                                       {"replace", replace},
                                       {"removeprefix", removeEnd},
                                       {"removesuffix", removeEnd},
                                       {"join", join},
                                       {"swapcase", swapped},
                                       {"center", center}};
  static constexpr std::pair<std::string_view, Case> kCases[] = {
      {"upper", Case::Upper},
      {"lower", Case::Lower},
      {"title", Case::Title},
      {"capitalize", Case::Capitalize}};
  // The value may be dropped while its method runs.
  Value kept = self;
  Call call{machine, kept.text(), name, arguments};
  if (!machine.spend(call.self.size() / 16))
    return {};
  if (name == "format")
    return formatBraces(machine, call.self, arguments);
  for (const Entry &entry : kMethods)
    if (entry.name == name)
      return entry.run(call);
  if (!arguments.empty())
    return call.fail("no arguments");
  for (const auto &[each, wanted] : kCases)
    if (each == name)
      return cased(call, wanted);
  return isAll(call);
}

} // namespace setun::runtime::chat
