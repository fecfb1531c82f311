//===- Problems.h - All that is wrong with a tokenizer, at once -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_TOKENIZER_PROBLEMS_H
#define SETUN_FRONTENDS_TOKENIZER_PROBLEMS_H

#include "frontends/File.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

#include <string>
#include <vector>

namespace setun::frontends::tokenizer {

/// Collects what a reader finds, each with its place in the file, so that the
/// user hears of everything in one go.
class Problems {
public:
  explicit Problems(llvm::StringRef file) : file(file) {}

  void add(const llvm::Twine &place, const llvm::Twine &what) {
    if (list.size() < kMaxShown)
      list.push_back((file + ": " + place + ": " + what).str());
    ++count;
  }

  bool empty() const { return count == 0; }

  llvm::Error take() const {
    if (empty())
      return llvm::Error::success();
    std::string text = llvm::join(list, "\n");
    if (count > list.size())
      text += "\n… and " + std::to_string(count - list.size()) + " more";
    return userError(text);
  }

private:
  static constexpr size_t kMaxShown = 10;

  std::string file;
  std::vector<std::string> list;
  size_t count = 0;
};

} // namespace setun::frontends::tokenizer

#endif // SETUN_FRONTENDS_TOKENIZER_PROBLEMS_H
