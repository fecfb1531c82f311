//===- Check.h - Whether a tuning file makes sense --------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNING_CHECK_H
#define SETUN_COMPILER_TUNING_CHECK_H

#include "compiler/tuning/Tuning.pb.h"

#include "google/protobuf/text_format.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

namespace setun::tuning {

/// Workers of a pool: the runtime has no more.
inline constexpr unsigned kMostThreads = 512;

/// What is wrong with a file; of many problems the first are told.
class Problems {
public:
  explicit Problems(llvm::StringRef file) : file(file) {}
  /// Lines count from 0; −1 stands for the whole file.
  void add(int line, const llvm::Twine &message);
  llvm::Error take();

private:
  std::string file, text;
  unsigned count = 0;
};

/// Adds what no machine can have measured. `lines` says where fields stand.
void check(const Tuning &tuning,
           const google::protobuf::TextFormat::ParseInfoTree &lines,
           Problems &problems);

} // namespace setun::tuning

#endif // SETUN_COMPILER_TUNING_CHECK_H
