//===- Schedule.td - Packings and tiles by transform ops ---*- tablegen -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A schedule is a module `transform.with_named_sequence`. Its @encode runs
// before packings are chosen, its @tile when tiles are; each gets the module.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_PASSES_SCHEDULE_SCHEDULE_TD
#define SETUN_PASSES_SCHEDULE_SCHEDULE_TD

include "mlir/Dialect/Transform/IR/TransformDialect.td"
include "mlir/Dialect/Transform/Interfaces/TransformInterfaces.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Schedule_Op<string mnemonic>
    : Op<Transform_Dialect, "setun." # mnemonic,
         [DeclareOpInterfaceMethods<TransformOpInterface>,
          DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let cppNamespace = "::setun::passes";
  let hasVerifier = 1;
}

def MatchLinearsOp : Schedule_Op<"match_linears"> {
  let summary = "the linears with a weight of such a name";
  let description = [{
    Below `root`, at every CPU level. The pattern is that of `--set`: `*`, `?`,
    `[…]`, `{…,…}`; `model.` and `.weight` may be left out. It fails, silenceably,
    where there is none.
  }];
  let arguments = (ins StrAttr:$names, TransformHandleTypeInterface:$root);
  let results = (outs TransformHandleTypeInterface:$linears);
  let assemblyFormat = [{
    $names `in` $root attr-dict `:` functional-type(operands, results)
  }];
}

def SetPackingOp : Schedule_Op<"set_packing"> {
  let summary = "how the weights of linears are packed";
  let description = "In @encode: later tiles depend on it.";
  let arguments = (ins TransformHandleTypeInterface:$linears,
                       StrAttr:$packing);
  let assemblyFormat = "$linears `to` $packing attr-dict `:` type($linears)";
}

def SetTileOp : Schedule_Op<"set_tile"> {
  let summary = "fields of the tiles of linears";
  let description = [{
    In @tile: of one batch class, or of all. It fails, silenceably, where
    `#lut.tile` or `#lut.kernel` refuses what comes of it.
  }];
  let arguments = (ins TransformHandleTypeInterface:$linears,
                       OptionalAttr<StrAttr>:$batch_class,
                       OptionalAttr<I64Attr>:$rows,
                       OptionalAttr<StrAttr>:$strategy,
                       OptionalAttr<I64Attr>:$blocks,
                       OptionalAttr<I64Attr>:$unroll,
                       OptionalAttr<I64Attr>:$tokens);
  let assemblyFormat = [{
    $linears (`of` $batch_class^)? attr-dict `:` type($linears)
  }];
}

#endif // SETUN_PASSES_SCHEDULE_SCHEDULE_TD
