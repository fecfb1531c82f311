//===- Program.cpp - The tables of a compiled template --------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Program.h"

#include <algorithm>
#include <vector>

using namespace setun::abi;

namespace setun::runtime::chat {

class Checker {
public:
  explicit Checker(const uint8_t *blob) : program(blob) {}
  bool run(size_t bytes);

private:
  bool fits(TemplateTable table, size_t each, size_t align) const;
  bool fits(TemplateText text) const {
    return uint64_t(text.offset) + text.bytes <= program.header().text.count;
  }
  bool node(uint32_t index);
  bool children(const TemplateNode &node) const;
  bool shape(const TemplateNode &node) const;
  bool isTarget(uint32_t index) const;
  NodeKind kindOf(uint32_t index) const {
    return index == kNoNode ? NodeKind::None : program.node(index).kind;
  }

  Program program;
  std::vector<uint8_t> depths;
};

bool Checker::fits(TemplateTable table, size_t each, size_t align) const {
  uint64_t bytes = program.header().bytes;
  return table.offset % align == 0 && table.offset <= bytes &&
         table.count <= (bytes - table.offset) / each;
}

/// How many children a kind has at least and at most, and which may be absent.
struct Shape {
  uint32_t least, most;
  uint32_t optional; ///< bit i: child i
};

static Shape shapeOf(NodeKind kind) {
  constexpr uint32_t kMany = ~0u;
  switch (kind) {
  case NodeKind::Sequence:
  case NodeKind::List:
  case NodeKind::Tuple:
  case NodeKind::Dict:
    return {0, kMany, 0};
  case NodeKind::If:
  case NodeKind::If2:
    return {3, 3, 4};
  case NodeKind::For:
    return {5, 5, 4 | 16};
  case NodeKind::SetBlock:
    return {3, 3, 4};
  case NodeKind::Slice:
    return {3, 3, 7};
  case NodeKind::Set:
  case NodeKind::FilterBlock:
  case NodeKind::CallBlock:
  case NodeKind::Item:
  case NodeKind::And... NodeKind::Power:
    return {2, 2, 0};
  case NodeKind::With:
  case NodeKind::Call:
  case NodeKind::Filter:
  case NodeKind::Test:
  case NodeKind::Concat:
  case NodeKind::Compare:
  case NodeKind::Macro:
    return {1, kMany, 0};
  case NodeKind::Output:
  case NodeKind::Scope:
  case NodeKind::Attribute:
  case NodeKind::Not:
  case NodeKind::Negate:
  case NodeKind::Plus:
  case NodeKind::Operand:
  case NodeKind::Keyword:
  case NodeKind::Spread:
  case NodeKind::Spread2:
  case NodeKind::Member:
    return {1, 1, 0};
  default:
    return {0, 0, 0};
  }
}

bool Checker::isTarget(uint32_t index) const {
  const TemplateNode &node = program.node(index);
  if (node.kind == NodeKind::Member)
    return kindOf(program.children(node)[0]) == NodeKind::Name;
  if (node.kind == NodeKind::Tuple)
    return std::ranges::all_of(program.children(node),
                               [&](uint32_t child) { return isTarget(child); });
  return node.kind == NodeKind::Name;
}

/// What the machine takes for granted beyond the number of children.
bool Checker::shape(const TemplateNode &node) const {
  std::span<const uint32_t> list = program.children(node);
  switch (node.kind) {
  case NodeKind::Filter:
    return node.op < std::size(kFilterNames);
  case NodeKind::Test:
    return node.op < std::size(kTestNames);
  case NodeKind::Dict:
    return list.size() % 2 == 0;
  case NodeKind::For:
  case NodeKind::Set:
  case NodeKind::SetBlock:
    return isTarget(list[0]);
  case NodeKind::With:
    for (size_t i = 1; i < list.size(); i += 2)
      if (!isTarget(list[i]))
        return false;
    return list.size() % 2 == 1;
  case NodeKind::Macro:
    for (size_t i = 1; i < list.size(); i += 2)
      if (kindOf(list[i]) != NodeKind::Name)
        return false;
    return list.size() % 2 == 1;
  case NodeKind::CallBlock:
    return kindOf(list[0]) == NodeKind::Call &&
           kindOf(list[1]) == NodeKind::Macro;
  case NodeKind::Operand:
    return node.op <= unsigned(Comparison::NotIn);
  case NodeKind::Compare:
    return std::ranges::all_of(list.subspan(1), [&](uint32_t child) {
      return kindOf(child) == NodeKind::Operand;
    });
  default:
    return true;
  }
}

bool Checker::children(const TemplateNode &node) const {
  Shape shape = shapeOf(node.kind);
  std::span<const uint32_t> list = program.children(node);
  if (list.size() < shape.least || list.size() > shape.most)
    return false;
  uint32_t index = &node - &program.node(0);
  for (size_t i = 0; i < list.size(); ++i) {
    bool optional = i < 32 && shape.optional >> i & 1;
    if (node.kind == NodeKind::Macro) // defaults of parameters
      optional = i && i % 2 == 0;
    if (list[i] == kNoNode ? !optional : list[i] >= index)
      return false;
  }
  return true;
}

bool Checker::node(uint32_t index) {
  const TemplateNode &node = program.node(index);
  if (unsigned(node.kind) >= kNumNodeKinds || !fits(node.text) ||
      uint64_t(node.firstChild) + node.numChildren >
          program.header().children.count ||
      !children(node) || !shape(node))
    return false;
  unsigned depth = 0;
  for (uint32_t child : program.children(node))
    if (child != kNoNode)
      depth = std::max<unsigned>(depth, depths[child]);
  depths.push_back(depth + 1);
  return depth < kMaxNodeDepth;
}

bool Checker::run(size_t bytes) {
  const TemplateHeader &header = program.header();
  if (header.magic != kTemplateMagic || header.version != kTemplateVersion ||
      header.bytes > bytes || !fits(header.entries, sizeof(TemplateEntry), 8) ||
      !fits(header.variables, sizeof(TemplateVariable), 8) ||
      !fits(header.nodes, sizeof(TemplateNode), 8) ||
      !fits(header.children, sizeof(uint32_t), 8) || !fits(header.text, 1, 1) ||
      header.nodes.count >= kNoNode)
    return false;
  for (uint32_t i = 0; i < header.nodes.count; ++i)
    if (!node(i))
      return false;
  for (const TemplateEntry &entry : program.entries())
    if (!fits(entry.name) || !fits(entry.file) || !fits(entry.problem) ||
        (entry.problem.bytes == 0 && entry.root >= header.nodes.count))
      return false;
  return std::ranges::all_of(
      program.variables(), [&](const TemplateVariable &variable) {
        return fits(variable.name) && fits(variable.value);
      });
}

bool Program::valid(const uint8_t *blob, size_t bytes) {
  return reinterpret_cast<uintptr_t>(blob) % 8 == 0 &&
         bytes >= sizeof(TemplateHeader) && Checker(blob).run(bytes);
}

} // namespace setun::runtime::chat
