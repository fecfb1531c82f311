//===- Template.h - A chat template as a program ----------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler parses a checkpoint's Jinja and writes its syntax tree as flat
// tables; the runtime walks them. Little endian, 8-byte aligned, no pointers.
// A node stands behind its children, so that no damage makes a cycle.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_ABI_TEMPLATE_H
#define SETUN_RUNTIME_ABI_TEMPLATE_H

#include <stdint.h>

namespace setun::abi {

inline constexpr uint32_t kTemplateMagic = 0x54434e53; // "SNCT"
inline constexpr uint32_t kTemplateVersion = 1;
/// In the place of a child that is left out.
inline constexpr uint32_t kNoNode = ~0u;
/// The deepest that nodes may be nested.
inline constexpr uint32_t kMaxNodeDepth = 250;

/// What a node does, and its children. `?` may be kNoNode; targets are Name,
/// Tuple of targets, or Member.
enum class NodeKind : uint16_t {
  // Statements.
  Sequence,    ///< statements
  Text,        ///< prints `text`
  Output,      ///< expression
  If,          ///< condition, body, otherwise?
  For,         ///< target, iterable, condition?, body, otherwise?; op 1:
               ///< recursive
  Set,         ///< target, expression
  SetBlock,    ///< target, body, filters?
  FilterBlock, ///< body, filters
  With,        ///< body, then target and expression by turns
  Scope,       ///< body
  Macro,       ///< `text`: name; body, then Name and default? by turns; op:
               ///< MacroUses
  CallBlock,   ///< Call, Macro
  Break,
  Continue,
  // Expressions.
  None,
  True,
  False,
  Int,       ///< number
  Float,     ///< number, as the bits of a double
  String,    ///< `text`
  Name,      ///< `text`
  List,      ///< expressions
  Tuple,     ///< expressions
  Dict,      ///< key and value by turns
  Attribute, ///< object; `text`: name
  Item,      ///< object, index
  Slice,     ///< from?, to?, step?; only as an index
  Call,      ///< callee, arguments
  Filter,    ///< input, arguments; op: FilterName
  Test,      ///< input, arguments; op: TestName
  Not,
  Negate,
  Plus,
  And, ///< two, as all that follow
  Or,
  Add,
  Subtract,
  Multiply,
  Divide,
  FloorDivide,
  Modulo,
  Power,
  Concat,  ///< two or more
  Compare, ///< expression, then Operands
  Operand, ///< expression; op: Comparison
  If2,     ///< value, condition, otherwise?
  Keyword, ///< expression; `text`: name; only as an argument
  Spread,  ///< expression; "*" of an argument
  Spread2, ///< expression; "**" of an argument
  Member,  ///< Name; `text`: attribute; only as a target
  Input,   ///< what the filters of a block are applied to
  Fail,    ///< ends with `text`
};
inline constexpr unsigned kNumNodeKinds = unsigned(NodeKind::Fail) + 1;

enum class Comparison : uint16_t {
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  In,
  NotIn,
};

enum MacroUses : uint16_t { kUsesCaller = 1, kUsesArgs = 2, kUsesKeywords = 4 };

enum class FilterName : uint16_t {
#define SETUN_FILTER(name, function) name##_,
#include "runtime/abi/TemplateNames.def"
};
inline constexpr const char *kFilterNames[] = {
#define SETUN_FILTER(name, function) #name,
#include "runtime/abi/TemplateNames.def"
};
enum class TestName : uint16_t {
#define SETUN_TEST(name, kind) name##_,
#include "runtime/abi/TemplateNames.def"
};
inline constexpr const char *kTestNames[] = {
#define SETUN_TEST(name, kind) #name,
#include "runtime/abi/TemplateNames.def"
};

struct TemplateText {
  uint32_t offset, bytes; ///< in the header's text
};

struct TemplateNode {
  NodeKind kind;
  uint16_t op;
  uint32_t line; ///< in the file
  TemplateText text;
  uint32_t firstChild, numChildren; ///< in the header's children
  uint64_t number;
};

/// One of the checkpoint's templates.
struct TemplateEntry {
  TemplateText name;    ///< "default" or "tool_use"
  TemplateText file;    ///< where it came from, for messages
  TemplateText problem; ///< why it cannot be used; empty: it can
  uint32_t root;        ///< unless there is a problem
  uint32_t reserved;
};

/// What templates see beside the messages: "bos_token" and its kin.
struct TemplateVariable {
  TemplateText name, value;
};

struct TemplateTable {
  uint64_t offset, count; ///< bytes from the header; elements
};

struct TemplateHeader {
  uint32_t magic;
  uint32_t version;
  uint64_t bytes; ///< of all
  TemplateTable entries;
  TemplateTable variables;
  TemplateTable nodes;
  TemplateTable children; ///< uint32_t, each below its parent's index
  TemplateTable text;     ///< char, UTF-8
};

/// What Python's str.isspace says of a code point.
constexpr bool isSpace(uint32_t c) {
  return (c >= 9 && c <= 13) || (c >= 28 && c <= 32) || c == 0x85 ||
         c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

} // namespace setun::abi

#endif // SETUN_RUNTIME_ABI_TEMPLATE_H
