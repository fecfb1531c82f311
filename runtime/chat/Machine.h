//===- Machine.h - Walks the nodes of a template ----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CHAT_MACHINE_H
#define SETUN_RUNTIME_CHAT_MACHINE_H

#include "runtime/chat/Template.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

namespace setun::runtime::chat {

/// The variables of a block; what it lacks is looked for around it.
struct Scope final : Object {
  explicit Scope(Ref<Scope> around)
      : Object(sizeof *this), around(std::move(around)) {}
  const Value *find(std::string_view name) const;
  void set(std::string_view name, Value value);

  Ref<Scope> around;
  /// Names lie in the program or in the caller's variables.
  std::vector<std::pair<std::string_view, Value>> variables;
};

struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string_view, Value>> named;
  /// What the names may lie in.
  std::vector<Value> keep;
  bool empty() const { return positional.empty() && named.empty(); }
  const Value *find(std::string_view name) const;
};

struct Macro final : Object {
  Macro(uint32_t node, Ref<Scope> scope)
      : Object(sizeof *this), node(node), scope(std::move(scope)) {}
  uint32_t node;
  Ref<Scope> scope; ///< where it was defined
};

/// The variable `loop`.
struct Loop final : Object {
  Loop(uint32_t node, std::vector<Value> values, Ref<Scope> scope,
       int64_t level)
      : Object(sizeof *this + values.size() * sizeof(Value)), node(node),
        items(std::move(values)), scope(std::move(scope)), level(level) {
    depth = depthAround(items);
  }
  uint32_t node;
  std::vector<Value> items;
  Ref<Scope> scope;
  int64_t level; ///< 1, or more in what a recursive loop calls
  size_t index = 0;
  std::optional<std::vector<Value>> last; ///< what changed() saw
};

/// A method that is not called yet, e.g. `message.items`.
struct Method final : Object {
  Method(Value self, std::string_view name)
      : Object(sizeof *this), self(std::move(self)), name(name) {
    depth = depthOf(this->self) + 1;
  }
  Value self;
  std::string_view name;
};

/// The functions that every template sees.
enum class Global : uint8_t {
#define SETUN_GLOBAL(name) name##_,
#include "runtime/abi/TemplateNames.def"
};
struct Function final : Object {
  explicit Function(Global which) : Object(sizeof *this), which(which) {}
  Global which;
};

struct Cycler final : Object {
  explicit Cycler(std::vector<Value> values)
      : Object(sizeof *this), items(std::move(values)) {
    depth = depthAround(items);
  }
  std::vector<Value> items;
  size_t at = 0;
};

struct Joiner final : Object {
  explicit Joiner(Value text)
      : Object(sizeof *this), separator(std::move(text)) {
    depth = depthOf(separator) + 1;
  }
  Value separator;
  bool used = false;
};

/// One rendering. After a failure every value is undefined and every loop ends.
class Machine {
public:
  Machine(Program program, const Limits &limits)
      : program(program), limits(limits) {}
  ~Machine();

  /// Renders the tree below `root`; the complaint, behind "line N: ".
  std::string run(uint32_t root, const Value &variables, Text &result);

  /// What methods and filters make of text that `safe` marked is marked, too.
  /// They would escape other text: then there is no result at all.
  Value keepSafe(const Value &input, const Arguments &arguments, Value result);
  bool mayJoinSafe(const Value &other);

  // For what templates call.
  Value fail(std::string message);
  bool failed() const { return !failure.empty(); }
  /// Counts work; false when it was too much.
  bool spend(uint64_t steps);
  /// … of comparing these.
  bool spendOn(const Value &a, const Value &b) {
    return spend(std::min(weightOf(a), weightOf(b)) / 16);
  }
  /// Whether so many bytes more may live; fails if not.
  bool mayHold(uint64_t bytes);
  /// Fails where a value lies too deep in itself.
  Value checked(Value value);
  Value failUndefined(const Value &value);

  Value list(std::vector<Value> items) {
    return sequence(Flavor::List, std::move(items));
  }
  Value sequence(Flavor flavor, std::vector<Value> items);
  Value makeNamespace();
  /// str(value).
  Text str(const Value &value);
  /// What a loop over it goes through.
  std::vector<Value> iterate(const Value &value);
  Value attribute(const Value &object, std::string_view name);
  Value item(const Value &object, const Value &index);
  Value slice(const Value &object, const Value *bounds);
  Value call(const Value &callee, Arguments &arguments);
  Value callMethod(const Value &self, std::string_view name,
                   Arguments &arguments);
  Value callFilter(std::string_view name, const Value &input,
                   Arguments &arguments);
  std::optional<bool> callTest(std::string_view name, const Value &input,
                               Arguments &arguments);
  std::optional<bool> test(unsigned id, const Value &input,
                           Arguments &arguments);
  Value binary(abi::NodeKind kind, const Value &a, const Value &b);
  bool compare(abi::Comparison how, const Value &a, const Value &b);
  bool contains(const Value &container, const Value &value);
  /// −1, 0 or 1; fails where Python knows no order.
  int order(const Value &a, const Value &b);
  std::optional<int64_t> toIndex(const Value &value, const char *what);

  /// Arguments by their names in `names`, which are those of Python; nulls
  /// where there are none. Fails where there are too many or unknown ones.
  bool bind(const char *who, const Arguments &arguments,
            std::initializer_list<std::string_view> names,
            const Value **values);

private:
  enum class Flow { Next, Break, Continue };
  using Node = abi::TemplateNode;

  // Statements.
  void emit(const Text &text);
  Flow exec(uint32_t index, const Ref<Scope> &scope);
  Flow execFor(const Node &node, const Ref<Scope> &scope);
  Flow execWith(const Node &node, const Ref<Scope> &scope);
  void execCall(const Node &node, const Ref<Scope> &scope);
  void execSet(const Node &node, const Ref<Scope> &scope);
  Text capture(uint32_t body, const Ref<Scope> &scope);
  Value filtered(uint32_t filters, Text text, const Ref<Scope> &scope);
  Flow loop(uint32_t forNode, const Value &over, const Ref<Scope> &scope,
            int64_t depth);
  Flow iterateBody(uint32_t forNode, std::vector<Value> items,
                   const Ref<Scope> &scope, int64_t depth);
  void assign(uint32_t target, const Value &value, const Ref<Scope> &scope);
  void unpack(const Node &target, const Value &value, const Ref<Scope> &scope);
  Value define(uint32_t macro, const Ref<Scope> &scope);

  // Expressions.
  Value eval(uint32_t index, const Ref<Scope> &scope);
  Value evalLeaf(const Node &node, const Ref<Scope> &scope);
  Value evalName(const Node &node, const Ref<Scope> &scope);
  Value evalItems(const Node &node, const Ref<Scope> &scope);
  Value evalSign(const Node &node, const Ref<Scope> &scope);
  Value evalItem(const Node &node, const Ref<Scope> &scope);
  Value evalCall(const Node &node, const Ref<Scope> &scope,
                 const Value *caller);
  Value evalInput(const Node &node, const Ref<Scope> &scope,
                  Arguments &arguments);
  Value evalFilter(const Node &node, const Ref<Scope> &scope);
  Value evalTest(const Node &node, const Ref<Scope> &scope);
  Value evalCompare(const Node &node, const Ref<Scope> &scope);
  Value evalConcat(const Node &node, const Ref<Scope> &scope);
  Value evalIf(const Node &node, const Ref<Scope> &scope);
  void evalArguments(std::span<const uint32_t> nodes, const Ref<Scope> &scope,
                     Arguments &arguments);

  // Calls.
  Value callMacro(const Macro &macro, Arguments &arguments);
  bool bindMacro(const Macro &macro, Arguments &arguments,
                 const Ref<Scope> &scope);
  Value callLoop(Loop &loop, Arguments &arguments);
  Value callGlobal(Global global, Arguments &arguments);
  Value callNamespace(Arguments &arguments);
  Value callRange(Arguments &arguments);
  Value callDict(Arguments &arguments);
  Value loopMethod(Loop &loop, std::string_view name, Arguments &arguments);
  Value loopAttribute(const Loop &loop, std::string_view name);
  bool fillDict(Value &dict, const Value &from);

  struct Deeper;

  Program program;
  Limits limits;
  std::string failure;
  uint64_t steps = 0;
  uint32_t depth = 0, line = 0;
  Text *out = nullptr;
  const Value *input = nullptr; ///< of a block's filters
  /// What may be part of a cycle of references, to be cleared at the end.
  std::vector<Ref<Scope>> scopes;
  std::vector<Ref<Namespace>> namespaces;
  std::vector<Ref<Loop>> comparing; ///< those with `last`
};

/// str.x, list.x and dict.x; whether there is such a method.
bool isMethod(const Value &self, std::string_view name);
/// Methods that change their object; no template may call them.
bool isMutating(const Value &self, std::string_view name);
Value stringMethod(Machine &machine, const Value &self, std::string_view name,
                   Arguments &arguments);
/// "…" % value, and "…".format(…).
Value formatPercent(Machine &machine, const Text &pattern, const Value &values);
Value formatBraces(Machine &machine, const Text &pattern,
                   const Arguments &arguments);
/// int(text), or nothing.
std::optional<int64_t> parseInt(std::string_view text, int base);
std::optional<double> parseFloat(std::string_view text);

} // namespace setun::runtime::chat

#endif // SETUN_RUNTIME_CHAT_MACHINE_H
