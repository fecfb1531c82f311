//===- File.h - Reading a checkpoint's files without trusting them -*- C++ -*-//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_FRONTENDS_FILE_H
#define SETUN_FRONTENDS_FILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace setun::frontends {

/// Maps a regular file for reading; pages come in as they are touched. Fails
/// with "<path>: <reason>"; a git-LFS pointer, a web page of a failed download,
/// a link that leads nowhere are such reasons.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
mapFile(llvm::StringRef path);

/// llvm::json::parse for text that nobody vouches for: `origin` names it in
/// errors, nesting deeper than 128 is refused before it can exhaust the stack.
llvm::Expected<llvm::json::Value> parseJson(llvm::StringRef text,
                                            llvm::StringRef origin);

/// mapFile, then parseJson.
llvm::Expected<llvm::json::Value> readJson(llvm::StringRef path);

/// An error whose text is the message, for what a user can mend.
llvm::Error userError(const llvm::Twine &message);

} // namespace setun::frontends

#endif // SETUN_FRONTENDS_FILE_H
