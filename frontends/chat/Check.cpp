//===- Check.cpp - Constructs that Jinja has and Setun has not ------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/chat/Parser.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace setun::frontends::chat {

void Parser::checkNamed(StringRef filter, ArrayRef<uint32_t> arguments) {
  bool takesTest = is_contained({"select", "reject"}, filter);
  bool takesAttribute = is_contained({"selectattr", "rejectattr"}, filter);
  if (!takesTest && !takesAttribute && filter != "map")
    return;
  size_t position = takesAttribute ? 2 : 1;
  if (arguments.size() <= position)
    return;
  const abi::TemplateNode &node = program.node(arguments[position]);
  if (node.kind != Kind::String)
    return;
  StringRef name = program.textOf(arguments[position]);
  bool isMap = filter == "map";
  ArrayRef<const char *> names =
      isMap ? ArrayRef(abi::kFilterNames) : ArrayRef(abi::kTestNames);
  // The operators' signs are names of tests, too.
  bool sign = !isMap && is_contained({"==", "!=", "<", "<=", ">", ">="}, name);
  if (!sign && !is_contained(names, name))
    fail(Twine("the ") + (isMap ? "filter" : "test") + " '" + name + "'",
         node.line);
}

/// Names that stand for something in Jinja or Python, and for nothing here.
void Parser::checkCallee(uint32_t callee) {
  const abi::TemplateNode &node = program.node(callee);
  StringRef name = program.textOf(callee);
  if (node.kind == Kind::Name && name == "lipsum")
    fail("the function '" + name + "'", node.line);
  if (node.kind == Kind::Attribute &&
      is_contained({"casefold", "encode", "expandtabs", "format_map",
                    "isdecimal", "isidentifier", "isprintable", "istitle",
                    "ljust", "maketrans", "rjust", "translate", "zfill",
                    "bit_length", "is_integer", "fromkeys"},
                   name))
    fail("the method '" + name + "'", node.line);
}

/// Where a condition guards it, a name that Jinja does not know either only
/// fails when it is reached, as with Jinja.
uint32_t Parser::unknown(StringRef what, StringRef name, unsigned line) {
  static constexpr StringLiteral kJinja[] = {
      "attr",        "e",        "escape", "escaped",   "filesizeformat",
      "forceescape", "pprint",   "random", "striptags", "urlize",
      "wordcount",   "wordwrap", "xmlattr"};
  std::string message = (Twine(what) + " '" + name + "'").str();
  if (is_contained(kJinja, name))
    return fail(message, line);
  if (branches == 0)
    unguarded.push_back({line, message});
  return add(Kind::Fail, line, {}, message + ", which is not understood");
}

} // namespace setun::frontends::chat
