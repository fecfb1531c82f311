//===- Model.h - What the compiler tells the runtime about a model --------===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The generated object defines one `setun_model`; the runtime reads nothing
// else. Plain C types only: this header is compiled by both worlds. The order
// of the fields is the binary layout that `codegen/llvm/EmitModel.cpp` writes.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_RUNTIME_ABI_MODEL_H
#define SETUN_RUNTIME_ABI_MODEL_H

#include "runtime/abi/Screen.h"
#include "runtime/abi/Step.h"

#include <stddef.h>
#include <stdint.h>

namespace setun::abi {

/// A weight of which a step may read only what zeros in its inputs leave.
struct Tallied {
  const char *name;
  uint64_t bytes;     ///< read whole
  uint64_t copyBytes; ///< of the copy by rows or columns that skipping reads
};

/// A batch class: the kernels of one step, made for a range of rows.
struct BatchClass {
  const char *name;         ///< "decode", "small" or "prefill"
  StepFunction step;        ///< every worker calls it; see Step.h
  const char *const *marks; ///< names of what setun_mark numbers
  const Tallied *tallied;   ///< what Step::tallies count
  uint64_t arenaBytes;      ///< activations shared by the workers
  uint64_t workerBytes;     ///< scratch of one worker
  uint64_t headRows; ///< where in the arena the step leaves the rows that
                     ///< the head reads, f32 [maxRows][width]
  uint32_t maxRows;  ///< tokens one step takes at most
  uint32_t claims;   ///< tile counters the step uses
  uint32_t numMarks; ///< a worker passes each once at most in a step
  uint32_t numTallied;
  uint32_t together; ///< tokens computed at once: fewer cost as much
  uint32_t reserved;
};

/// One generated matmul kernel beside its portable twin, for `verify`. Both
/// have the signature in Step.h and must write the same bytes into the rows
/// they are asked for; rows up to maxRows are theirs to scribble on.
struct KernelEntry {
  const char *name; ///< with its level where there are several
  KernelFunction kernel;
  KernelFunction portable;
  uint64_t weightOffset;    ///< a real tile of this shape in the weights
  uint64_t activations;     ///< int8 values a row, padding included
  uint64_t usedActivations; ///< of them, how many are not padding
  uint64_t outputStride;    ///< f32 values a row of the output
  uint64_t scratchBytes;
  uint32_t maxRows;
  uint32_t blocks;     ///< 16-row blocks in the tile
  uint32_t tokenMinor; ///< 1: the kernel's activations lie [m / 16]
                       ///< [k / 4][m % 16][k % 4] (lookup); the twin's always
                       ///< [m][k]
  uint32_t residual;   ///< 1: adds a residual; 0: is given a null one
  uint32_t kind;       ///< of the tensors that it multiplies, see Tensor
  uint32_t panelBlocks;
  uint64_t panelBytes; ///< of so many blocks that are packed together
  uint32_t floats;     ///< 1: activations are f32
  uint32_t scales;     ///< not 0: takes so many rows of f32 scales, each of
                       ///< outputStride, for the sums
};

/// A tensor of the checkpoint, or a copy made of one, in the weights segment.
struct Tensor {
  const char *name;
  uint64_t offset, bytes;
  uint32_t rows; ///< of a ternary one: its outputs
  uint32_t kind; ///< kernels with this number multiply it; 0: none does
};

/// The code made for one CPU level. At start the last level whose features the
/// CPU has is taken.
struct Level {
  const char *name;          ///< as the user wrote it, e.g. "armv8.2-a+dotprod"
  const BatchClass *classes; ///< ascending maxRows
  const KernelEntry *kernels;
  const Head *head;            ///< null: it is not screened
  const char *const *features; ///< all it may use, in LLVM's words: "avx2"
  uint32_t numClasses;
  uint32_t numKernels;
  uint32_t numFeatures;
  uint32_t reserved;
};

/// A part of weights that are made up: the sample is repeated until it is full.
struct Sample {
  const uint8_t *bytes; ///< what the packing may hold
  uint64_t size;
  uint64_t offset, length; ///< of the part, in the weights segment
};

struct Model {
  uint64_t version; ///< kModelVersion
  uint32_t vocabSize;
  uint32_t contextLength; ///< the largest context the model allows
  uint32_t layers;
  uint32_t hiddenSize;
  uint32_t intermediateSize;
  uint32_t heads;
  uint32_t kvHeads;
  uint32_t headDim;
  int32_t bosToken; ///< -1: none
  uint32_t numStopTokens;
  uint32_t numLevels;
  uint32_t numSections;
  const int32_t *stopTokens;
  const Level *levels;            ///< one or more, the plainest first
  const struct Section *sections; ///< what `info` prints
  const char *name;               ///< of the checkpoint's folder
  const char *triple;
  const char *producer;          ///< "setun 0.1 (LLVM 22.1.8)"
  const double *ropeFrequencies; ///< [ropeTables][ropePairs] radians a position
  const uint8_t *weights; ///< base of the file-backed segment; null: made
                          ///< up of samples, only to be measured
  uint64_t weightsBytes;
  uint64_t tokenizerOffset;    ///< in the weights segment; see Tokenizer.h
  uint64_t tokenizerBytes;     ///< 0: compiled with --no-tokenizer
  uint64_t kvBytesPerPosition; ///< of all layers
  uint64_t parameters;         ///< weights of the checkpoint
  uint64_t tokenBytes;         ///< of the weights, what decoding a token reads
  uint64_t kvChunk;            ///< positions that the cache is made of
  const char *kvElement;       ///< "f32", "bf16", "f16" or "i8"
  const Sample *samples;       ///< null: the weights are in the file
  uint64_t numSamples;
  const Tensor *tensors; ///< in ascending order of their offsets
  uint64_t numTensors;
  uint64_t checksOffset; ///< in the weights segment, see Checks.h; 0: none
  const uint8_t *chat; ///< the chat templates, 8-byte aligned; see Template.h
  uint64_t chatBytes;  ///< 0: there are none
  const double *ropeScales; ///< [ropeTables], of cosines and sines
  uint32_t ropeTables;
  uint32_t ropePairs; ///< of elements of a head that turn
  const char *pooling; ///< of embeddings: "mean", "cls" or "last"
  const char *embedError; ///< how embedding and head differ from the
                          ///< checkpoint's, in words; null: they do not
};

/// A part of the weights segment as `info` shows it.
struct Section {
  const char *name; ///< "b3", "i2", "dense", "q8", "q6", "q4", "scales",
                    ///< "screen", "tokenizer", or "rows" and "columns": copies
                    ///< of weights for skipping
  uint64_t bytes;
  uint64_t weights;
};

/// Of the layout of Model and all it points at: it changes with their sizes by
/// itself, and by hand where meanings change.
inline constexpr uint64_t kModelVersion = [] {
  const uint64_t sizes[] = {
      sizeof(Model),       sizeof(Level),  sizeof(BatchClass),
      sizeof(KernelEntry), sizeof(Head),   sizeof(Tallied),
      sizeof(Section),     sizeof(Tensor), sizeof(Sample)};
  uint64_t version = 1;
  for (uint64_t size : sizes)
    version = version * 1000003 + size;
  return version;
}();

/// Where `setun_model` lies alone in an executable, for `setun inspect`.
inline constexpr const char *kModelSection = ".setun_model";

} // namespace setun::abi

extern "C" const setun::abi::Model setun_model;

#endif // SETUN_RUNTIME_ABI_MODEL_H
