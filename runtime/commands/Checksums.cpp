//===- Checksums.cpp ------------------------------------------------------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/commands/Checksums.h"

#include "runtime/abi/Checks.h"
#include "runtime/support/Hash.h"

#include <algorithm>
#include <elf.h>
#include <sys/auxv.h>
#include <vector>

namespace setun::runtime {

static const uint64_t *getChecks(const abi::Model &model) {
  return reinterpret_cast<const uint64_t *>(model.weights + model.checksOffset);
}

std::span<const uint64_t> getAnswers(const abi::Model &model) {
  return {getChecks(model) + 1, model.numTensors};
}

Failure checkCode(const abi::Model &model) {
  std::span segments(reinterpret_cast<const Elf64_Phdr *>(getauxval(AT_PHDR)),
                     getauxval(AT_PHNUM));
  std::vector<uint64_t> found;
  for (const Elf64_Phdr &segment : segments) {
    auto *start = reinterpret_cast<const uint8_t *>(segment.p_vaddr);
    if (segment.p_type == PT_LOAD && !(segment.p_flags & PF_W) &&
        start != model.weights)
      found.push_back(hash({start, segment.p_filesz}));
  }
  auto *bytes = reinterpret_cast<const uint8_t *>(found.data());
  if (hash({bytes, found.size() * sizeof(uint64_t)}) != *getChecks(model))
    return "the checksum differs: the file is damaged";
  return {};
}

/// The tensor that a byte of the segment belongs to.
static const char *nameAt(const abi::Model &model, uint64_t offset) {
  if (offset >= model.tokenizerOffset)
    return "the tokenizer";
  std::span tensors(model.tensors, model.numTensors);
  auto next = std::upper_bound(
      tensors.begin(), tensors.end(), offset,
      [](uint64_t at, const abi::Tensor &each) { return at < each.offset; });
  return next == tensors.begin() ? "padding" : (next - 1)->name;
}

Failure checkWeights(const abi::Model &model) {
  const uint64_t *chunks = getAnswers(model).data() + model.numTensors;
  for (uint64_t i = 0; i < abi::countChunks(model.weightsBytes); ++i) {
    uint64_t start = i * abi::kCheckedBytes;
    uint64_t end = std::min(start + abi::kCheckedBytes, model.weightsBytes);
    if (hash({model.weights + start, end - start}) != chunks[i])
      return format("the checksum of bytes %llu to %llu, from %s to %s, "
                    "differs: the file is damaged",
                    (unsigned long long)start, (unsigned long long)end,
                    nameAt(model, start), nameAt(model, end - 1));
  }
  return {};
}

} // namespace setun::runtime
