//===- Program.h - Templates as flat tables, in the making ------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_CHAT_PROGRAM_H
#define SETUN_FRONTENDS_CHAT_PROGRAM_H

#include "runtime/abi/Template.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"

#include <vector>

namespace setun::frontends::chat {

/// Collects what runtime/abi/Template.h describes.
class Program {
public:
  /// The same text gets the same place.
  abi::TemplateText text(llvm::StringRef value);

  uint32_t add(abi::NodeKind kind, unsigned line,
               llvm::ArrayRef<uint32_t> children = {},
               llvm::StringRef value = "", uint16_t op = 0,
               uint64_t number = 0);

  abi::TemplateNode &node(uint32_t index) { return nodes[index]; }
  uint32_t size() const { return nodes.size(); }
  /// Forgets the nodes from this one on.
  void dropFrom(uint32_t index);
  llvm::ArrayRef<uint32_t> children(uint32_t index) const;
  /// How many levels of nodes stand below and at this one.
  uint32_t depth(uint32_t index) const { return depths[index]; }
  llvm::StringRef textOf(uint32_t index) const;

  void addEntry(llvm::StringRef name, llvm::StringRef file,
                llvm::StringRef problem, uint32_t root);
  void addVariable(llvm::StringRef name, llvm::StringRef value);

  std::vector<char> write() const;

private:
  std::vector<abi::TemplateEntry> entries;
  std::vector<abi::TemplateVariable> variables;
  std::vector<abi::TemplateNode> nodes;
  std::vector<uint32_t> childList, depths;
  std::string allText;
  llvm::StringMap<abi::TemplateText> places;
};

} // namespace setun::frontends::chat

#endif // SETUN_FRONTENDS_CHAT_PROGRAM_H
