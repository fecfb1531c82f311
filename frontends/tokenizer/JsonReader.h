//===- JsonReader.h - JSON objects with checked keys ------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_TOKENIZER_JSONREADER_H
#define SETUN_FRONTENDS_TOKENIZER_JSONREADER_H

#include "frontends/tokenizer/Problems.h"

#include "llvm/Support/JSON.h"

#include <initializer_list>
#include <optional>

namespace setun::frontends::tokenizer {

/// An object at a place in the file ("pre_tokenizer.pretokenizers[0]"). Reading
/// a value of the wrong type is a problem and gives the default.
class JsonReader {
public:
  JsonReader(const llvm::json::Value *value, const llvm::Twine &place,
             Problems &problems);

  const std::string &place() const { return where; }
  void problem(const llvm::Twine &what) const { problems.add(where, what); }
  /// "found …, expected …" for one key.
  void unsupported(llvm::StringRef key, llvm::StringRef expected) const;

  bool has(llvm::StringRef key) const; ///< and is not null
  const llvm::json::Value *get(llvm::StringRef key) const;
  bool flag(llvm::StringRef key, bool fallback) const;
  std::string text(llvm::StringRef key) const; ///< required
  std::string text(llvm::StringRef key, llvm::StringRef fallback) const;
  /// A required text that does not blow up what it is inserted into.
  std::string shortText(llvm::StringRef key) const;
  int64_t integer(llvm::StringRef key, int64_t fallback) const;
  JsonReader object(llvm::StringRef key) const;
  /// The elements of a required array, as objects.
  std::vector<JsonReader> objects(llvm::StringRef key) const;
  const llvm::json::Object &members() const { return *json; }

  /// Reports keys that are none of these: they might change the result.
  void allowKeys(std::initializer_list<llvm::StringRef> known) const;

private:
  void wrongType(llvm::StringRef key, llvm::StringRef expected) const;

  const llvm::json::Object *json; ///< never null
  bool broken = false;            ///< no object was found
  std::string where;
  Problems &problems;
};

/// A value as one line of at most some 60 characters.
std::string shortJson(const llvm::json::Value *value);

} // namespace setun::frontends::tokenizer

#endif // SETUN_FRONTENDS_TOKENIZER_JSONREADER_H
