//===- Description.h - What `setun inspect` tells ---------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_COMPILER_INSPECT_DESCRIPTION_H
#define SETUN_COMPILER_INSPECT_DESCRIPTION_H

#include "codegen/link/Weights.h"
#include "compiler/inspect/Inspect.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace setun::compiler {

/// A weight of the checkpoint.
struct TensorDescription {
  std::string name;
  std::string type; ///< "trit", "bf16", …
  std::vector<int64_t> shape;
  uint64_t storedBytes, packedBytes;
  std::string packing;                ///< a section's word
  std::optional<double> zeros, scale; ///< of trits: fraction, alpha
  std::string origin;                 ///< of trits: see getOrigin
  uint64_t nearTies = 0;              ///< of masters

  uint64_t getWeights() const;
};

/// A step: tokens it takes at most, bytes of activations, and a thread's own.
struct StepDescription {
  std::string name;
  uint64_t rows, arenaBytes, workerBytes;
};

/// A CPU level. Multiply-adds a cycle are 0 where nobody knows the CPU.
struct LevelDescription {
  std::string name;
  std::vector<std::string> features, kernels;
  std::vector<StepDescription> steps;
  unsigned dotMacs = 0, lookupMacs = 0;
  bool mixes = false; ///< looking up does both at once
};

struct TokenizerDescription {
  uint64_t bytes, tokens;
  bool byteLevel;
};

struct Description {
  std::string kind; ///< "checkpoint", "module" or "executable"
  std::string path, name, producer, triple;
  uint64_t vocab, context, layers, hidden, intermediate, heads, kvHeads,
      headDim;
  int64_t bos;
  std::vector<int32_t> stops;
  uint64_t parameters;
  uint64_t fileBytes = 0, codeBytes = 0; ///< of executables
  uint64_t weightsBytes;
  uint64_t tokenBytes; ///< of the weights, what a decoded token reads
  uint64_t cacheBytes; ///< a position
  std::string cacheElement;
  std::string embedError; ///< "": embedding and head are the checkpoint's
  std::optional<TokenizerDescription> tokenizer;
  std::string noTokenizer; ///< why there is none, ""
  std::vector<codegen::SectionSize> sections;
  std::vector<LevelDescription> levels;
  std::vector<TensorDescription> tensors; ///< not of executables

  /// Trits, which is what linear layers multiply a token by.
  uint64_t getTrits() const;
};

/// Tokens a second at best: what decoding reads comes through the memory, and
/// cores do all the multiply-adds that they can.
struct Prediction {
  double decode, prefill; ///< prefill is 0 where nobody knows the CPU
  bool byMemory;          ///< decoding waits for it
};
Prediction predict(const Description &description,
                   const LevelDescription &level,
                   const InspectOptions &options);

/// What `compile` would make of a folder, or makes of a module.
llvm::Expected<Description> describeCheckpoint(const InspectOptions &options);
/// Reads the file of an executable, whatever machine it is for.
llvm::Expected<Description> describeExecutable(llvm::StringRef path);

/// A tokenizer's blob, or nothing where it is none of this version.
std::optional<TokenizerDescription> describeTokenizer(llvm::StringRef blob);

void printText(const Description &description, const InspectOptions &options,
               llvm::raw_ostream &out);
void printJson(const Description &description, const InspectOptions &options,
               llvm::raw_ostream &out);

} // namespace setun::compiler

#endif // SETUN_COMPILER_INSPECT_DESCRIPTION_H
