//===- Parser.h - Tokens to nodes -------------------------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_CHAT_PARSER_H
#define SETUN_FRONTENDS_CHAT_PARSER_H

#include "frontends/chat/Lexer.h"
#include "frontends/chat/Program.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"

namespace setun::frontends::chat {

/// Reads one template into a program by recursive descent, in the order of
/// Jinja's own grammar. After the first problem every token is End.
class Parser {
public:
  Parser(llvm::ArrayRef<Token> tokens, Program &program,
         std::optional<Problem> &problem)
      : tokens(tokens), program(program), problem(problem) {}

  /// The root node.
  uint32_t run();

private:
  using Nodes = llvm::SmallVector<uint32_t, 4>;
  using Kind = abi::NodeKind;
  using Words = llvm::ArrayRef<llvm::StringRef>;

  // Tokens.
  const Token &current() const { return tokens[problem ? lastToken() : at]; }
  const Token &next() const {
    return tokens[problem ? lastToken() : std::min(at + 1, lastToken())];
  }
  size_t lastToken() const { return tokens.size() - 1; }
  void advance() { at = std::min(at + 1, lastToken()); }
  bool isOp(llvm::StringRef op) const;
  bool isName(llvm::StringRef name) const;
  bool takeOp(llvm::StringRef op);
  bool takeName(llvm::StringRef name);
  void expectOp(llvm::StringRef op);
  std::string expectName();
  uint32_t fail(const llvm::Twine &what) { return fail(what, current().line); }
  uint32_t fail(const llvm::Twine &what, unsigned line);
  uint32_t unexpected();
  uint32_t add(Kind kind, unsigned line, llvm::ArrayRef<uint32_t> children = {},
               llvm::StringRef value = "", unsigned op = 0,
               uint64_t number = 0);

  // Statements.
  uint32_t statements(Words ends);
  uint32_t body(Words ends);
  uint32_t statement();
  uint32_t ifTag();
  uint32_t forTag();
  uint32_t setTag();
  uint32_t withTag();
  uint32_t macroTag();
  uint32_t callTag();
  uint32_t filterTag();
  uint32_t printTag();
  uint32_t scopeTag(llvm::StringRef end);
  uint32_t leaveLoop(Kind kind);
  void parameters(Nodes &children);
  uint32_t macro(llvm::StringRef name, unsigned line, Nodes parameters,
                 llvm::StringRef end);
  uint32_t target(Words ends);
  uint32_t oneTarget();

  // Expressions.
  uint32_t tuple(bool withIf, Words ends = {}, bool mayBeEmpty = false);
  uint32_t expression(bool withIf = true);
  uint32_t conditional();
  uint32_t disjunction();
  uint32_t conjunction();
  uint32_t negation();
  uint32_t comparison();
  uint32_t sum();
  uint32_t concatenation();
  uint32_t product();
  uint32_t power();
  uint32_t unary(bool withFilters = true);
  uint32_t primary();
  uint32_t constant();
  uint32_t number();
  uint32_t list();
  uint32_t dict();
  uint32_t postfix(uint32_t node);
  uint32_t filtersAndTests(uint32_t node);
  uint32_t subscript(uint32_t node);
  uint32_t index();
  uint32_t call(uint32_t callee);
  void arguments(Nodes &children);
  void argument(Nodes &children);
  uint32_t filters(uint32_t input);
  uint32_t filter(uint32_t input);
  uint32_t test(uint32_t input);
  /// Of map, select and reject, a filter or test that is named by a string.
  void checkNamed(llvm::StringRef filter, llvm::ArrayRef<uint32_t> arguments);
  void checkCallee(uint32_t callee);
  /// A filter or test that is not there.
  uint32_t unknown(llvm::StringRef what, llvm::StringRef name, unsigned line);

  /// Counts how deep the parser stands in itself.
  struct Deeper {
    explicit Deeper(Parser &parser) : parser(parser) {
      if (++parser.nesting > kMaxNesting)
        parser.fail("more than " + llvm::Twine(kMaxNesting) +
                    " constructs inside each other");
    }
    ~Deeper() { --parser.nesting; }
    Parser &parser;
  };
  static constexpr unsigned kMaxNesting = 120;

  llvm::ArrayRef<Token> tokens;
  Program &program;
  std::optional<Problem> &problem;
  size_t at = 0;
  unsigned nesting = 0, loops = 0;
  unsigned branches = 0; ///< ifs around
  /// Unknown names that no condition guards so far.
  llvm::SmallVector<Problem, 1> unguarded;
};

} // namespace setun::frontends::chat

#endif // SETUN_FRONTENDS_CHAT_PARSER_H
