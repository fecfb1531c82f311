//===- PromptCache.cpp - What was evaluated, kept in a file ---------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/session/PromptCache.h"
#include "runtime/abi/Checks.h"
#include "runtime/support/Hash.h"
#include "runtime/support/OutputFile.h"

#include <algorithm>
#include <errno.h>
#include <memory>
#include <string.h>
#include <sys/stat.h>

namespace setun::runtime {

static constexpr uint64_t kMagic = 0x31434b506e757465; // "etunPKC1"

struct PromptCache::Header {
  uint64_t magic, fingerprint, tokens, bytes, hash;
};

template <typename T>
static std::span<const uint8_t> bytesOf(std::span<const T> values) {
  return {reinterpret_cast<const uint8_t *>(values.data()),
          values.size_bytes()};
}

/// Of all that shapes the cache: the checksums of code, constants and weights.
static uint64_t fingerprint(const abi::Model &model) {
  uint64_t bytes =
      sizeof(uint64_t) * abi::countChecks(model.numTensors, model.weightsBytes);
  return hash({model.weights + model.checksOffset, bytes});
}

static uint64_t hashOf(std::span<const int32_t> tokens,
                       std::span<const uint8_t> cache) {
  uint64_t parts[] = {hash(bytesOf(tokens)), hash(cache)};
  return hash(bytesOf(std::span<const uint64_t>(parts)));
}

template <typename T> static bool readInto(FILE *file, std::span<T> to) {
  return fread(to.data(), sizeof(T), to.size(), file) == to.size();
}

static uint64_t sizeOf(FILE *file) {
  struct stat status;
  return fstat(fileno(file), &status) == 0 ? status.st_size : 0;
}

static size_t commonLength(std::span<const int32_t> a,
                           std::span<const int32_t> b) {
  return std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
         a.begin();
}

/// Why there is nothing to be had; "": there was.
std::string PromptCache::read(FILE *file, std::span<const int32_t> prompt,
                              Session &session) {
  Header header;
  if (!readInto(file, std::span(&header, 1)) || header.magic != kMagic)
    return "is no prompt cache";
  if (header.fingerprint != fingerprint(session.model()))
    return "was written by another executable";
  uint64_t size = sizeOf(file) - sizeof header;
  if (header.tokens > size / sizeof(int32_t) ||
      header.bytes != size - header.tokens * sizeof(int32_t))
    return "is damaged: it is shorter or longer than it says";
  std::span<uint8_t> cache = session.cachedBytes(header.tokens);
  if (header.tokens > session.capacity())
    return format("holds %llu tokens, more than the context (see -c)",
                  (unsigned long long)header.tokens);
  std::vector<int32_t> tokens(header.tokens);
  if (cache.size() != header.bytes || !readInto(file, std::span(tokens)) ||
      !readInto(file, cache) || header.hash != hashOf(tokens, cache)) {
    std::ranges::fill(cache, 0); // as it was
    return "is damaged: its contents have another hash";
  }
  session.resume(std::min(commonLength(tokens, prompt), prompt.size() - 1));
  held = std::move(tokens);
  return {};
}

Failure PromptCache::load(std::span<const int32_t> prompt, Session &session) {
  if (path.empty())
    return {};
  std::unique_ptr<FILE, int (*)(FILE *)> file(fopen(path.c_str(), "rb"),
                                              fclose);
  if (!file && errno == ENOENT)
    return {};
  if (!file)
    return format("cannot read '%s': %s", path.c_str(), strerror(errno));
  std::string problem = read(file.get(), prompt, session);
  if (!problem.empty())
    fprintf(stderr, "note: '%s' %s; the prompt is evaluated anew\n",
            path.c_str(), problem.c_str());
  return {};
}

Failure PromptCache::save(std::span<const int32_t> tokens,
                          const Session &session) {
  if (path.empty() || commonLength(tokens, held) == tokens.size())
    return {};
  std::span<const uint8_t> cache = session.cachedBytes(tokens.size());
  Header header = {kMagic, fingerprint(session.model()), tokens.size(),
                   cache.size(), hashOf(tokens, cache)};
  OutputFile file;
  Failure failure = file.open(path);
  for (std::span<const uint8_t> part :
       {bytesOf(std::span<const Header>(&header, 1)), bytesOf(tokens), cache})
    if (failure.empty())
      failure = file.write(std::string_view(
          reinterpret_cast<const char *>(part.data()), part.size()));
  if (failure.empty())
    failure = file.finish();
  if (failure.empty())
    held.assign(tokens.begin(), tokens.end());
  return failure;
}

} // namespace setun::runtime
