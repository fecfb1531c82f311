//===- Program.h - The tables of a compiled template ------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_CHAT_PROGRAM_H
#define SETUN_RUNTIME_CHAT_PROGRAM_H

#include "runtime/abi/Template.h"

#include <span>
#include <string_view>

namespace setun::runtime::chat {

/// A typed view of the blob that runtime/abi/Template.h describes.
class Program {
public:
  /// Whether the bytes are templates of this version, whose tables lie within
  /// them and whose nodes have the children they need.
  static bool valid(const uint8_t *blob, size_t bytes);

  explicit Program(const uint8_t *blob) : blob(blob) {}

  std::span<const abi::TemplateEntry> entries() const {
    return span<abi::TemplateEntry>(header().entries);
  }
  std::span<const abi::TemplateVariable> variables() const {
    return span<abi::TemplateVariable>(header().variables);
  }
  const abi::TemplateNode &node(uint32_t index) const {
    return span<abi::TemplateNode>(header().nodes)[index];
  }
  std::span<const uint32_t> children(const abi::TemplateNode &node) const {
    return span<uint32_t>(header().children)
        .subspan(node.firstChild, node.numChildren);
  }
  std::string_view text(abi::TemplateText place) const {
    return {span<char>(header().text).data() + place.offset, place.bytes};
  }
  std::string_view text(const abi::TemplateNode &node) const {
    return text(node.text);
  }

private:
  friend class Checker;
  const abi::TemplateHeader &header() const {
    return *reinterpret_cast<const abi::TemplateHeader *>(blob);
  }
  template <typename T>
  std::span<const T> span(abi::TemplateTable table) const {
    return {reinterpret_cast<const T *>(blob + table.offset),
            size_t(table.count)};
  }

  const uint8_t *blob;
};

} // namespace setun::runtime::chat

#endif // SETUN_RUNTIME_CHAT_PROGRAM_H
