//===- Target.h - Facts and instructions of an ISA --------------*- C++ -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An ISA is one file here and one line in Targets.def.
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
  lut::Dot dot = lut::Dot::None;
  unsigned permuteBytes = 0, dotMacs = 1, lookupMacs = 1;
  unsigned l2Bytes = 1 << 20; // no word of LLVM says it
};

struct Isa {
  llvm::StringRef name; ///< as the user writes it, "x86-64"
  llvm::StringRef triple;
  llvm::StringRef baseline; ///< the CPU meant when none is named
  llvm::StringRef needs;    ///< what its executables need, for `setun targets`
  llvm::CodeModel::Model codeModel;
  llvm::StringRef vectorWidth; ///< widest vectors to use, in bits
  llvm::StringRef must;        ///< a feature without which LLVM gives up
  llvm::StringRef never;       ///< features to switch off: "-a,-b"
  llvm::ArrayRef<llvm::StringRef> features; ///< that generated code may use
  void (*initialize)();                     ///< LLVM's back end
  Facts (*describe)(llvm::StringRef cpu, HasFeature has);
  /// Rewrites lut ops into instructions of a CPU with these features.
  void (*populate)(mlir::RewritePatternSet &patterns, HasFeature has);
};

llvm::ArrayRef<const Isa *> getIsas();

/// The ISA of a name or a Linux triple, or null.
const Isa *findIsa(llvm::StringRef target);

/// Resolves what the user typed. `target`: a name, a triple, or "" for the
/// host; `cpu`: LLVM's word, "native", or "" for native on the host and the
/// baseline elsewhere; `features`: "+a,-b". Unknown words are errors.
llvm::Expected<lut::TargetAttr> resolveTarget(mlir::MLIRContext &context,
                                              llvm::StringRef target,
                                              llvm::StringRef cpu,
                                              llvm::StringRef features);

/// LLVM's machine for a resolved target: static code, no contraction.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(lut::TargetAttr target);

/// The features an executable must find at start, in the ISA's order.
std::vector<std::string>
getRequiredFeatures(const llvm::TargetMachine &machine);

/// `codegen-select-instructions`: lut ops → what the module's target is good
/// at. Leaves portable twins, and what the ISA has nothing for, alone.
std::unique_ptr<mlir::Pass> createSelectInstructions();

} // namespace setun::codegen

#endif // SETUN_CODEGEN_TARGETS_TARGET_H
