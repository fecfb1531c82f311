//===- TuningFile.h - Reading and writing measurements ----------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_TUNING_TUNINGFILE_H
#define SETUN_COMPILER_TUNING_TUNINGFILE_H

#include "compiler/tuning/Tuning.pb.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace setun::tuning {

/// A tuning file that nobody vouches for. All of its problems are told with
/// their lines; a file without a measurement is one.
llvm::Expected<Tuning> read(llvm::StringRef path);

/// The same of its text; `name` stands for the path.
llvm::Expected<Tuning> parse(llvm::StringRef text, llvm::StringRef name);

/// The text of the file, a line a measurement.
std::string print(const Tuning &tuning);

/// Beside the file, then renamed: whoever reads it finds a whole one.
llvm::Error write(const Tuning &tuning, llvm::StringRef path);

} // namespace setun::tuning

#endif // SETUN_COMPILER_TUNING_TUNINGFILE_H
