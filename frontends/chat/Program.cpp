//===- Program.cpp - Templates as flat tables, in the making --------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/chat/Program.h"

using namespace llvm;
using namespace setun::abi;

namespace setun::frontends::chat {

TemplateText Program::text(StringRef value) {
  auto [place, isNew] = places.try_emplace(value);
  if (isNew) {
    place->second = {uint32_t(allText.size()), uint32_t(value.size())};
    allText += value;
  }
  return place->second;
}

uint32_t Program::add(NodeKind kind, unsigned line, ArrayRef<uint32_t> children,
                      StringRef value, uint16_t op, uint64_t number) {
  uint32_t depth = 0;
  for (uint32_t child : children)
    if (child != kNoNode)
      depth = std::max(depth, depths[child]);
  nodes.push_back({kind, op, line, text(value), uint32_t(childList.size()),
                   uint32_t(children.size()), number});
  depths.push_back(depth + 1);
  childList.insert(childList.end(), children.begin(), children.end());
  return nodes.size() - 1;
}

void Program::dropFrom(uint32_t index) {
  if (index < nodes.size())
    childList.resize(nodes[index].firstChild);
  nodes.resize(index);
  depths.resize(index);
}

ArrayRef<uint32_t> Program::children(uint32_t index) const {
  return ArrayRef(childList).slice(nodes[index].firstChild,
                                   nodes[index].numChildren);
}

StringRef Program::textOf(uint32_t index) const {
  return StringRef(allText).substr(nodes[index].text.offset,
                                   nodes[index].text.bytes);
}

void Program::addEntry(StringRef name, StringRef file, StringRef problem,
                       uint32_t root) {
  entries.push_back({text(name), text(file), text(problem), root, 0});
}

void Program::addVariable(StringRef name, StringRef value) {
  variables.push_back({text(name), text(value)});
}

std::vector<char> Program::write() const {
  TemplateHeader header = {};
  header.magic = kTemplateMagic;
  header.version = kTemplateVersion;
  std::vector<char> blob(sizeof header);
  auto append = [&](const auto &list) {
    blob.resize((blob.size() + 7) / 8 * 8);
    TemplateTable table{blob.size(), list.size()};
    const char *bytes = reinterpret_cast<const char *>(list.data());
    blob.insert(blob.end(), bytes, bytes + list.size() * sizeof(list[0]));
    return table;
  };
  header.entries = append(entries);
  header.variables = append(variables);
  header.nodes = append(nodes);
  header.children = append(childList);
  header.text = append(allText);
  blob.resize((blob.size() + 7) / 8 * 8);
  header.bytes = blob.size();
  memcpy(blob.data(), &header, sizeof header);
  return blob;
}

} // namespace setun::frontends::chat
