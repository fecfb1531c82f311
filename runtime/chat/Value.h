//===- Value.h - What a template computes with ------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CHAT_VALUE_H
#define SETUN_RUNTIME_CHAT_VALUE_H

#include "runtime/chat/Text.h"

#include <stdint.h>
#include <utility>

namespace setun::runtime::chat {

enum class Type : uint8_t {
  Undefined,
  None,
  Bool,
  Int,
  Float,
  String,
  Sequence,
  Dict,
  Namespace,
  Macro,
  Loop,
  Function,
  Method,
  Cycler,
  Joiner,
};

/// What lies on the heap is counted, in references and in bytes. One template
/// is rendered at a time, by one thread.
struct Object {
  explicit Object(size_t size) : charged(size) { live += size; }
  Object(const Object &) = delete;
  virtual ~Object() { live -= charged; }
  /// More bytes belong to it.
  void charge(size_t size) {
    charged += size;
    live += size;
  }

  static inline size_t live = 0; ///< bytes of all objects
  size_t references = 0;
  size_t charged;
  uint32_t depth = 0;  ///< of values inside each other
  uint64_t weight = 1; ///< of all values inside, as often as they are there:
                       ///< what comparing or printing them costs
};

/// A counted reference; may be null.
template <typename T> class Ref {
public:
  Ref() = default;
  Ref(T *object) : object(object) { retain(); }
  Ref(const Ref &other) : object(other.object) { retain(); }
  Ref(Ref &&other) : object(std::exchange(other.object, nullptr)) {}
  Ref &operator=(Ref other) {
    std::swap(object, other.object);
    return *this;
  }
  ~Ref() {
    if (object && --object->references == 0)
      delete object;
  }
  T *operator->() const { return object; }
  T &operator*() const { return *object; }
  T *get() const { return object; }
  explicit operator bool() const { return object; }

private:
  void retain() {
    if (object)
      ++object->references;
  }
  T *object = nullptr;
};

struct Sequence;
struct Dict;

class Value {
public:
  Value() : type_(Type::Undefined), integer(0) {}
  Value(bool value) : type_(Type::Bool), integer(value) {}
  Value(int64_t value) : type_(Type::Int), integer(value) {}
  Value(double value) : type_(Type::Float), real(value) {}
  Value(const void *) = delete;
  Value(Text text);
  Value(Type type, Object *object) : type_(type), integer(0), object_(object) {}
  static Value none() {
    Value value;
    value.type_ = Type::None;
    return value;
  }
  static Value string(std::string_view trusted) { return Text(trusted); }
  /// Undefined; using it in earnest fails with this message.
  static Value undefined(std::string message);

  Type type() const { return type_; }
  bool is(Type type) const { return type_ == type; }
  bool isNumber() const {
    return is(Type::Bool) || is(Type::Int) || is(Type::Float);
  }
  bool isWhole() const { return is(Type::Bool) || is(Type::Int); }
  int64_t asInt() const { return integer; }
  double asReal() const { return is(Type::Float) ? real : double(integer); }
  const Text &text() const;
  bool isSafe() const;
  /// The same text, marked as `safe` does.
  Value markedSafe() const;
  std::string_view view() const { return text().view(); }
  Sequence &sequence() const;
  Dict &dict() const;
  template <typename T> T &as() const {
    return static_cast<T &>(*object_.get());
  }
  Object *object() const { return object_.get(); }

private:
  Type type_;
  union {
    int64_t integer;
    double real;
  };
  Ref<Object> object_;
};

/// Jinja's Markup is marked: it escapes what is added to it.
struct StringObject final : Object {
  explicit StringObject(Text value)
      : Object(sizeof *this + value.size() +
               value.plain().size() * sizeof(Range)),
        text(std::move(value)) {
    weight = text.size() + 1;
  }
  Text text;
  bool safe = false;
};

/// Python's kinds of things with a length, or without.
enum class Flavor : uint8_t {
  List,
  Tuple,
  Group, ///< a tuple (grouper, list)
  View,  ///< of a dict's keys, values or items
  Range,
  Generator, ///< can be gone through once, has no length and is never false
};

struct Sequence final : Object {
  Sequence(Flavor flavor, std::vector<Value> values);
  bool once() const { return flavor == Flavor::Generator; }
  /// What is left; of a generator nothing after that.
  std::vector<Value> take();

  Flavor flavor;
  std::vector<Value> items;
};

struct Dict final : Object {
  Dict() : Object(sizeof *this) { depth = 1; }
  const Value *find(const Value &key) const;
  const Value *find(std::string_view key) const;
  void set(Value key, Value value);

  std::vector<std::pair<Value, Value>> items;
};

/// Its values may refer to it: whoever makes one has to clear it.
struct Namespace final : Object {
  Namespace() : Object(sizeof *this) {}
  void set(std::string_view name, Value value);
  const Value *find(std::string_view name) const;
  std::vector<std::pair<std::string, Value>> items;
};

/// The deepest that values may lie inside each other.
inline constexpr uint32_t kMaxValueDepth = 200;
inline uint32_t depthOf(const Value &value) {
  return value.object() ? value.object()->depth : 0;
}
inline uint64_t weightOf(const Value &value) {
  return value.object() ? value.object()->weight : 1;
}
/// The depth of what holds these.
uint32_t depthAround(const std::vector<Value> &values);

Value makeSequence(Flavor flavor, std::vector<Value> items);
inline Value makeList(std::vector<Value> items) {
  return makeSequence(Flavor::List, std::move(items));
}
Value makePair(Value first, Value second);
Value makeDict();

/// bool(value).
bool isTrue(const Value &value);
/// len(value), or -1 when it has none.
int64_t lengthOf(const Value &value);
bool equal(const Value &a, const Value &b);
/// The name of its type in Python.
const char *typeName(const Value &value);

} // namespace setun::runtime::chat

#endif // SETUN_RUNTIME_CHAT_VALUE_H
