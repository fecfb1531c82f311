//===- Lut.td - How one core multiplies --------------------*- tablegen -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Packed weights lie in blocks of 16 rows. A group is the part of a block
// that 64 bytes hold: byte 4r+j belongs to row r and to the columns that are
// ≡ j modulo 4, so that unpacking a group gives vectors which a 4-way dot
// product takes as they are. Only the packing knows the bits in a byte.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_DIALECTS_LUT_LUT_TD
#define SETUN_DIALECTS_LUT_LUT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def LutDialect : Dialect {
  let name = "lut";
  let summary = "Packed weights, tables and tiles";
  let cppNamespace = "::setun::lut";
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::vector::VectorDialect"];
}

//===----------------------------------------------------------------------===//
// Packings
//===----------------------------------------------------------------------===//

def Lut_PackingInterface : AttrInterface<"PackingInterface"> {
  let cppNamespace = "::setun::lut";
  let description = "How the trits of a group lie in its 64 bytes.";
  let methods = [
    InterfaceMethod<"The packing's word: file, IR, symbols and tests use it.",
                    "::llvm::StringRef", "getWord">,
    InterfaceMethod<"Trits in a byte; a group has 4·trits columns.",
                    "unsigned", "getTritsPerByte">,
    InterfaceMethod<"Packs one byte: `trits[i]` in {-1,0,1} is column 4i+j.",
                    "uint8_t", "packByte", (ins "::llvm::ArrayRef<int8_t>":$trits)>,
    InterfaceMethod<[{The codes (trit + 1) of 64 packed bytes, one vector<64xi8>
                      a trit of the byte. `permuteBytes` is the size of the byte
                      table that the target can index in one instruction.}],
                    "::llvm::SmallVector<::mlir::Value>", "buildUnpack",
                    (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
                         "::mlir::Value":$bytes, "unsigned":$permuteBytes)>];
}

class Lut_Attr<string name, string text, list<Trait> traits = []>
    : AttrDef<LutDialect, name, traits> {
  let mnemonic = text;
}

class Lut_Packing<string name, string text>
    : Lut_Attr<name, text, [DeclareAttrInterfaceMethods<Lut_PackingInterface>]>;

def Lut_I2Attr : Lut_Packing<"I2", "i2"> {
  let summary = "2 bits a trit: 2.0 bits per weight";
}
def Lut_B3Attr : Lut_Packing<"B3", "b3"> {
  let summary = "base 3, 5 trits a byte: 1.6 bits per weight";
}

def Lut_RowsAttr : Lut_Attr<"Rows", "rows"> {
  let summary = "dense weights: rows of floats, zero-padded to 16";
  let parameters = (ins "::mlir::FloatType":$element);
  let assemblyFormat = "`<` $element `>`";
}

//===----------------------------------------------------------------------===//
// Machine and tiles
//===----------------------------------------------------------------------===//

def Lut_Dot : I32EnumAttr<"Dot", "the u8·s8 product a core is good at", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"Pairs", 1, "pairs">,
    I32EnumAttrCase<"Quads", 2, "quads">]> {
  let cppNamespace = "::setun::lut";
}

def Lut_TargetAttr : Lut_Attr<"Target", "target"> {
  let summary = "all that passes know of the machine";
  let description = [{
    `dot`: 4-way into i32 (`quads`), 2-way into i16 (`pairs`), or neither.
    `permuteBytes`: entries of a byte table one instruction indexes (0: none).
    `dotMacs`, `lookupMacs`: int8 multiply-adds a cycle by dot products, and by
    fetching rows of 32 partial sums. `l2Bytes`: of one core.
  }];
  let parameters = (ins StringRefParameter<>:$triple, StringRefParameter<>:$cpu,
      StringRefParameter<>:$features, EnumParameter<Lut_Dot>:$dot,
      "unsigned":$permuteBytes, "unsigned":$dotMacs, "unsigned":$lookupMacs,
      "unsigned":$l2Bytes);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Lut_Strategy : I32EnumAttr<"Strategy", "how a kernel multiplies", [
    I32EnumAttrCase<"MultiplyAdd", 0, "mad">,
    I32EnumAttrCase<"Lookup", 1, "lookup">]> {
  let cppNamespace = "::setun::lut";
}

def Lut_TileAttr : Lut_Attr<"Tile", "tile"> {
  let summary = "the kernel of one batch class";
  let description = [{
    `rows`: tokens a step takes at most. `strategy`: `mad` multiplies, `lookup`
    fetches rows of partial sums of 32 tokens. `blocks`: 16-row blocks a worker
    claims at once. `mad` keeps `unroll` blocks × `tokens` sums in registers.
    Rule 1: `blocks` is a multiple of `unroll`; `lookup` has unroll 1 and 32
    tokens.
  }];
  let parameters = (ins "int64_t":$rows, EnumParameter<Lut_Strategy>:$strategy,
                        "int64_t":$blocks, "int64_t":$unroll,
                        "int64_t":$tokens);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Lut_KernelAttr : Lut_Attr<"Kernel", "kernel"> {
  let summary = "on a declaration: the matmul kernel to write for it";
  let description = [{
    Weights [`rows`, `columns`] in `packing`, made for one batch class as `tile`
    says. `stride`: int8 activations a row, padding included; `out`: floats a
    row of the output; `residual`: is one added. The signature is
    `KernelFunction` of `runtime/abi/Step.h`. Rule 1: int32 holds
    3·127·`columns`. Rule 2: `stride` covers the packed columns, `out` the
    rows of whole blocks. Rule 3: `unroll` divides the blocks of the matrix.
  }];
  let parameters = (ins "::setun::lut::PackingInterface":$packing,
                        "int64_t":$rows, "int64_t":$columns,
                        "::setun::lut::TileAttr":$tile, "int64_t":$stride,
                        "int64_t":$out, "bool":$residual);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Lut_StageAttr : Lut_Attr<"Stage", "stage"> {
  let summary = "on a declaration: the dense float stage Halide writes for it";
  let description = [{
    `kind`, `sizes` and the signature are those of `codegen/halide/README.md`.
  }];
  let parameters = (ins StringRefParameter<>:$kind, ArrayRefParameter<"int64_t">:$sizes,
                        "::mlir::FloatType":$element, "::mlir::FloatAttr":$eps);
  let assemblyFormat = "`<` $kind `[` $sizes `]` `of` $element `eps` $eps `>`";
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

class Lut_Op<string mnemonic, list<Trait> traits = []>
    : Op<LutDialect, mnemonic, traits>;

class Lut_Vector<int size, Type element>
    : Type<VectorOfLengthAndType<[size], [element]>.predicate,
           size # " x " # element.summary, "::mlir::VectorType">,
      BuildableType<"::mlir::VectorType::get({" # size # "}, " #
                    element.builderCall # ")">;

def Lut_Group : Lut_Vector<64, I8>;

def Lut_UnpackOp : Lut_Op<"unpack", [Pure]> {
  let summary = "the codes of a group, one vector a trit of its bytes";
  let arguments = (ins Lut_Group:$bytes, Lut_PackingInterface:$packing);
  let results = (outs Variadic<Lut_Group>:$codes);
  let assemblyFormat = "$packing `,` $bytes attr-dict `:` type($codes)";
  let hasVerifier = 1;
}

def Lut_PermuteOp : Lut_Op<"permute", [Pure]> {
  let summary = "result[i] = table[index[i]], bytes; indices stay inside";
  let arguments = (ins Lut_Group:$index, DenseI8ArrayAttr:$table);
  let results = (outs Lut_Group:$result);
  let assemblyFormat = "$index `,` $table attr-dict";
}

def Lut_DotOp : Lut_Op<"dot", [Pure]> {
  let summary = "acc[r] += Σ_j u8(codes[4r+j]) · s8(values[4r+j])";
  let arguments = (ins Lut_Vector<16, I32>:$acc, Lut_Group:$codes,
                       Lut_Group:$values);
  let results = (outs Lut_Vector<16, I32>:$result);
  let assemblyFormat = "$acc `,` $codes `,` $values attr-dict";
}

def Lut_DotPairsOp : Lut_Op<"dot_pairs", [Pure]> {
  let summary = "acc[i] += u8(codes[2i])·s8(values[2i]) + the same of 2i+1";
  let description = [{
    Into i16: the kernel widens before the bound of `getGroupsBeforeWrap`.
  }];
  let arguments = (ins Lut_Vector<32, I16>:$acc, Lut_Group:$codes,
                       Lut_Group:$values);
  let results = (outs Lut_Vector<32, I16>:$result);
  let assemblyFormat = "$acc `,` $codes `,` $values attr-dict";
}

def Lut_WidenOp : Lut_Op<"widen", [Pure]> {
  let summary = "acc[r] += pairs[2r] + pairs[2r+1]";
  let arguments = (ins Lut_Vector<16, I32>:$acc, Lut_Vector<32, I16>:$pairs);
  let results = (outs Lut_Vector<16, I32>:$result);
  let assemblyFormat = "$acc `,` $pairs attr-dict";
}

def Lut_BuildTableOp : Lut_Op<"build_table", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "the partial sums of every byte of a packing, for 32 tokens";
  let description = [{
    table[byte][t] = Σ_i trit_i(byte) · values[base + 4i][t] for every byte that
    the packing can produce; other rows of the table are left alone.
    `values` is [column][32 tokens].
  }];
  let arguments = (ins Arg<MemRefRankOf<[I8], [2]>, "", [MemRead]>:$values,
                       Index:$base,
                       Arg<MemRefRankOf<[I16], [2]>, "", [MemWrite]>:$table,
                       Lut_PackingInterface:$packing);
  let assemblyFormat = [{
    $packing `,` $values `[` $base `]` `,` $table attr-dict `:`
    type($values) `,` type($table)
  }];
}

def Lut_LookupOp : Lut_Op<"lookup", [MemoryEffects<[MemRead]>]> {
  let summary = "the row of partial sums that a packed byte names";
  let arguments = (ins Arg<MemRefRankOf<[I16], [2]>, "", [MemRead]>:$table, I8:$byte);
  let results = (outs Lut_Vector<32, I16>:$result);
  let assemblyFormat = "$table `[` $byte `]` attr-dict `:` type($table)";
}

#endif // SETUN_DIALECTS_LUT_LUT_TD
