//===- PromptCache.h - What was evaluated, kept in a file ----- -*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_SESSION_PROMPTCACHE_H
#define SETUN_RUNTIME_SESSION_PROMPTCACHE_H

#include "runtime/session/Session.h"

#include <string>

namespace setun::runtime {

/// The tokens of a session and their part of the KV cache, in a file of the
/// executable that wrote it: what it reads back are the same bits.
///
///   header   magic, fingerprint of the executable, tokens, bytes of the cache,
///            hash of what follows
///   tokens   int32 each
///   cache    of whole chunks of positions, as the session holds them
class PromptCache {
public:
  explicit PromptCache(const std::string &path) : path(path) {}

  /// Puts as many of the prompt's tokens into the session, which is at its
  /// beginning, as the file begins with; the last token is left out, for its
  /// logits are wanted. A file that is missing gives none; one of another
  /// executable, or damaged, gives none with a note that says so.
  Failure load(std::span<const int32_t> prompt, Session &session);

  /// Writes what the session holds of these tokens, its first ones, unless the
  /// file has them.
  Failure save(std::span<const int32_t> tokens, const Session &session);

private:
  struct Header;
  std::string read(FILE *file, std::span<const int32_t> prompt,
                   Session &session);

  std::string path;
  std::vector<int32_t> held; ///< tokens of the file
};

} // namespace setun::runtime

#endif // SETUN_RUNTIME_SESSION_PROMPTCACHE_H
