//===- Spmd.td - How the cores share a step ----------------*- tablegen -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A step is one function that every worker runs. Tiles are claimed from
// counters, stages are separated by barriers or wait for counts, buffers are views of a few
// regions; the contract with the runtime is `runtime/abi/Step.h`.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_DIALECTS_SPMD_SPMD_TD
#define SETUN_DIALECTS_SPMD_SPMD_TD

include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def SpmdDialect : Dialect {
  let name = "spmd";
  let summary = "How the cores share a step";
  let cppNamespace = "::setun::spmd";
}

def Spmd_Region : I32EnumAttr<"Region", "memory that a step sees", [
    I32EnumAttrCase<"Weights", 0, "weights">,
    I32EnumAttrCase<"Arena", 1, "arena">,
    I32EnumAttrCase<"Scratch", 2, "scratch">,
    I32EnumAttrCase<"Cache", 3, "cache">,
    I32EnumAttrCase<"Tokens", 4, "tokens">,
    I32EnumAttrCase<"Rope", 5, "rope">,
    I32EnumAttrCase<"Logits", 6, "logits">]> {
  let cppNamespace = "::setun::spmd";
}

def Spmd_Field : I32EnumAttr<"Field", "a number of the step", [
    I32EnumAttrCase<"Rows", 0, "rows">,
    I32EnumAttrCase<"Position", 1, "position">,
    I32EnumAttrCase<"FirstLogit", 2, "first_logit">,
    I32EnumAttrCase<"Workers", 3, "workers">,
    I32EnumAttrCase<"Skips", 4, "skips">]> {
  let cppNamespace = "::setun::spmd";
}

class Spmd_Op<string mnemonic, list<Trait> traits = []>
    : Op<SpmdDialect, mnemonic, traits>;

def Spmd_StepOp : Spmd_Op<"step", [Symbol, IsolatedFromAbove, SingleBlock,
                                   NoTerminator, NoRegionArguments]> {
  let summary = "one step of a batch class";
  let description = [{
    `rows`: tokens at most; `arena`: bytes the workers share; `scratch`: bytes
    of one worker; `claims`: counters, all zero at the start; `together`: tokens
    that its kernels compute at once, fewer cost as much; 1 if not given.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ConfinedAttr<I64Attr, [IntPositive]>:$rows,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$arena,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$scratch,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$claims,
                       OptionalAttr<ConfinedAttr<I64Attr, [IntPositive]>>:$together);
  let regions = (region SizedRegion<1>:$body);
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The weights that `tally` names, in the order of their counters.
    ::llvm::SetVector<::mlir::StringAttr> getTallied();
  }];
  let assemblyFormat = [{
    $sym_name `rows` $rows `arena` $arena `scratch` $scratch `claims` $claims
    attr-dict-with-keyword $body
  }];
}

def Spmd_ParallelForOp : Spmd_Op<"parallel_for",
    [SingleBlock, NoTerminator, RecursiveMemoryEffects]> {
  let summary = "workers claim the tiles 0 … count−1, each runs once";
  let description = [{
    In as many parts of neighbours as there are workers, 16 at most: each worker
    begins with a part of its own, so that it reads weights in one go, and then
    helps with the others. No barrier at the end. Rule 1: every loop of a step
    has counters of its own.
  }];
  let arguments = (ins Index:$count, I64Attr:$claim);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::mlir::Value":$count, "int64_t":$claim)>];
  let extraClassDeclaration = [{
    ::mlir::Value getTile() { return getBody().getArgument(0); }
  }];
}

def Spmd_MarkOp : Spmd_Op<"mark", [HasParent<"StepOp">]> {
  let summary = "what the worker does from here on, for profiles";
  let description = [{
    Costs a test unless somebody is watching. It stands in the step itself, so
    that every worker passes it once.
  }];
  let arguments = (ins StrAttr:$name);
  let assemblyFormat = "$name attr-dict";
}

def Spmd_TallyOp : Spmd_Op<"tally"> {
  let summary = "notes how many of the inputs of a weight are zero";
  let description = [{
    Adds to counters of this worker: `zeros` of `inputs`, found where the weight
    was read whole or, `skipped`, where only what the zeros left. One line of
    the weight belongs to each input. Rule 5: only steps of one row count.
  }];
  let arguments = (ins FlatSymbolRefAttr:$weight, Index:$zeros, Index:$inputs,
                       UnitAttr:$skipped);
  let assemblyFormat =
      "$weight $zeros `of` $inputs (`skipped` $skipped^)? attr-dict";
}

def Spmd_BarrierOp : Spmd_Op<"barrier"> {
  let summary = "waits until every worker is here";
  let assemblyFormat = "attr-dict";
}

class Spmd_CounterOp<string mnemonic> : Spmd_Op<mnemonic> {
  let extraClassDeclaration = [{
    /// Whether these are its counters, of which `index` takes one.
    bool isSameCounters(uint64_t claim, uint64_t size) {
      return getClaim() == claim && getSize() == size;
    }
  }];
}

def Spmd_FinishOp : Spmd_CounterOp<"finish"> {
  let summary = "counts what is done; gives how many were done before";
  let description = [{
    Adds one to counter `index` of the `size` counters from `claim` on. What
    this worker wrote before is visible to whoever sees the number: an `await`,
    or the `finish` that finds all others done. Rule 2: counters lie below the
    step's claims, and no loop and no other range of counters has them. Rule 3:
    it stands in a loop, so that it happens once a tile.
  }];
  let arguments = (ins Index:$index, I64Attr:$claim,
                       ConfinedAttr<I64Attr, [IntPositive]>:$size);
  let results = (outs Index:$before);
  let assemblyFormat = "`claim` $claim `[` $index `of` $size `]` attr-dict";
}

def Spmd_AwaitOp : Spmd_CounterOp<"await"> {
  let summary = "waits until a counter has reached `count`";
  let description = [{
    Rule 4: every `finish` of these counters stands in an earlier op of the
    step's body, and there is one. Tiles are claimed in that order, so the
    waiting tile only waits for tiles that others have claimed and that do not
    wait for it: no deadlock, with any number of workers.
  }];
  let arguments = (ins Index:$count, Index:$index, I64Attr:$claim,
                       ConfinedAttr<I64Attr, [IntPositive]>:$size);
  let assemblyFormat =
      "$count `claim` $claim `[` $index `of` $size `]` attr-dict";
}

def Spmd_ViewOp : Spmd_Op<"view", [Pure]> {
  let summary = "a buffer `offset` bytes into a region";
  let description = "In `scratch` the offset counts from the worker's own slice.";
  let arguments = (ins Spmd_Region:$region, Index:$offset);
  let results = (outs AnyStaticShapeMemRef:$result);
  let assemblyFormat = "$region `[` $offset `]` attr-dict `:` type($result)";
}

def Spmd_GetOp : Spmd_Op<"get", [Pure]> {
  let summary = "a number of the step";
  let arguments = (ins Spmd_Field:$field);
  let results = (outs Index:$result);
  let assemblyFormat = "$field attr-dict";
}

#endif // SETUN_DIALECTS_SPMD_SPMD_TD
