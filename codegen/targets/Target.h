//===- Target.h - Facts and instructions of an ISA --------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An ISA is one file here and one line in Targets.def. A level is what --cpu
// names: a CPU or an architecture, with features on top.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_CODEGEN_TARGETS_TARGET_H
#define SETUN_CODEGEN_TARGETS_TARGET_H

#include "dialects/lut/Lut.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

namespace setun::codegen {

/// Which features a CPU has, by LLVM's words.
using HasFeature = llvm::function_ref<bool(llvm::StringRef)>;

/// The numbers of `#lut.target`; see there.
struct Facts {
  lut::Dot dot = lut::Dot::Singles;
  unsigned permuteBytes = 0, dotMacs = 1, lookupMacs = 1;
  unsigned l2Bytes = 1 << 20; // no word of LLVM says it
  unsigned sums = 4;
  bool base3 = false, scalable = false, u8Codes = false, mixes = false;
  unsigned streams = 4;
  /// Of 1000 inputs; see #lut.skip. All 0: never.
  struct Skip {
    unsigned alone = 0, shared = 0;
  } skipRows, skipColumns;
};

/// A CPU and what it has on top, "+a,-b", both in LLVM's words.
struct CpuWords {
  std::string cpu, features;
};

struct Isa {
  llvm::StringRef name; ///< as the user writes it, "x86-64"
  llvm::StringRef triple;
  /// Those of an executable when none are named, as --cpu takes them; the first
  /// is what every core of the ISA has.
  llvm::StringRef levels;
  llvm::StringRef needs; ///< what its executables need, for `setun targets`
  llvm::CodeModel::Model codeModel;
  llvm::StringRef vectorWidth; ///< widest vectors to use, in bits
  /// Features without which LLVM gives up or the runtime does not run, and
  /// what a feature means nothing without: "a,b:c".
  llvm::StringRef must;
  /// What executables check for at start. What else a CPU has and the first
  /// level has not, code does not use.
  llvm::ArrayRef<llvm::StringRef> features;
  void (*initialize)(); ///< LLVM's back end
  Facts (*describe)(llvm::StringRef cpu, HasFeature has);
  /// Rewrites lut ops into instructions of a CPU with these features.
  void (*populate)(mlir::RewritePatternSet &patterns, HasFeature has);
  /// LLVM's word for a feature that users write otherwise, else the same.
  llvm::StringRef (*findFeature)(llvm::StringRef word) = nullptr;
  /// What an architecture such as "armv8.2-a" or "rv64gcv" means, or no CPU.
  CpuWords (*findArchitecture)(llvm::StringRef word) = nullptr;
  llvm::StringRef abi = ""; ///< LLVM's word for it where there are several
  llvm::StringRef tune =
      "generic"; ///< what to schedule for where none is named
};

llvm::ArrayRef<const Isa *> getIsas();

/// The ISA of a name or a Linux triple.
llvm::Expected<const Isa *> findIsa(llvm::StringRef target);

/// Resolves what the user typed, the plainest level first. `target`: a name, a
/// triple, or "" for the host. `cpus`: words between commas, each `native`, a
/// CPU of LLVM's or an architecture, with `+feature` or `+nofeature` behind; ""
/// means native on the host and the ISA's own levels elsewhere. `features`:
/// "+a,-b", for every level. Unknown words are errors.
llvm::Expected<llvm::SmallVector<lut::TargetAttr>>
resolveLevels(mlir::MLIRContext &context, llvm::StringRef target,
              llvm::StringRef cpus, llvm::StringRef features);

/// LLVM's machine for a resolved target: static code, no contraction.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(lut::TargetAttr target);

/// The features an executable must find at start, in the ISA's order.
std::vector<std::string>
getRequiredFeatures(const llvm::TargetMachine &machine);

/// `codegen-select-instructions`: lut ops → what the target of their function
/// is good at. Leaves portable twins, and what the ISA has nothing for, alone.
std::unique_ptr<mlir::Pass> createSelectInstructions();

} // namespace setun::codegen

#endif // SETUN_CODEGEN_TARGETS_TARGET_H
