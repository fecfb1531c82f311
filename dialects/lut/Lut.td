//===- Lut.td - How one core multiplies --------------------*- tablegen -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Packed weights lie in blocks of 16 rows; a panel is the blocks that share
// bytes: one, or several. A group is the part of a panel that 64 bytes hold:
// byte 4r+j belongs to row r of each block and to the columns that are ≡ j
// modulo 4, so that unpacking a group gives vectors which a 4-way dot product
// takes as they are. Only the packing knows the bits in a byte.
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

def Lut_Order : I32EnumAttr<"Order", "what lies side by side", [
    I32EnumAttrCase<"Blocks", 0, "blocks">,
    I32EnumAttrCase<"Rows", 1, "rows">,
    I32EnumAttrCase<"Columns", 2, "columns">]> {
  let cppNamespace = "::setun::lut";
}

def Lut_PackingInterface : AttrInterface<"PackingInterface"> {
  let cppNamespace = "::setun::lut";
  let description = "How the trits of a group lie in its 64 bytes.";
  let methods = [
    InterfaceMethod<"The packing's word: file, IR, symbols and tests use it.",
                    "::llvm::StringRef", "getWord">,
    InterfaceMethod<"Trits in a byte.", "unsigned", "getTritsPerByte">,
    InterfaceMethod<[{Blocks of a panel. Several: trit i of a byte is of block i
                      and column j. One: of column 4i+j.}],
                    "unsigned", "getPanelBlocks", (ins), "", "return 1;">,
    InterfaceMethod<"Packs one byte of trits in {-1,0,1}.",
                    "uint8_t", "packByte", (ins "::llvm::ArrayRef<int8_t>":$trits)>,
    InterfaceMethod<[{What a column makes that part of a sum larger by at most,
                      times |q|, which must not wrap before it is divided.}],
                    "int64_t", "getLargestShare", (ins), "", "return 64;">,
    InterfaceMethod<"Whether `buildUnpack` knows the form.", "bool", "knows",
                    (ins "::setun::lut::Form":$form), "",
                    "return form != ::setun::lut::Form::Mixed;">,
    InterfaceMethod<[{What the code of trit i is multiplied by when it stays
                      where it lies in the byte; 1 in other forms.}],
                    "::llvm::SmallVector<int64_t>", "getScales",
                    (ins "::setun::lut::Form":$form)>,
    InterfaceMethod<"Groups of 16 rows, or whole rows or columns.",
                    "::setun::lut::Order", "getOrder", (ins), "",
                    "return ::setun::lut::Order::Blocks;">,
    InterfaceMethod<[{What `lut.unpack` gives for a vector of packed bytes.}],
                    "::llvm::SmallVector<::mlir::Value>", "buildUnpack",
                    (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
                         "::mlir::Value":$bytes,
                         "const ::setun::lut::UnpackOptions &":$options)>,
    InterfaceMethod<[{Of `sums` of products with what `mixed` gives: the sums of
                      products with each block's codes. Exact as far as rule 1
                      of `lut.kernel` allows.}],
                    "::llvm::SmallVector<::mlir::Value>", "buildSeparate",
                    (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
                         "::mlir::ValueRange":$sums), "",
                    [{ llvm_unreachable("mixes nothing"); }]>];
}

class Lut_Attr<string name, string text, list<Trait> traits = []>
    : AttrDef<LutDialect, name, traits> {
  let mnemonic = text;
}

class Lut_Packing<string name, string text, list<string> own = []>
    : Lut_Attr<name, text,
               [DeclareAttrInterfaceMethods<Lut_PackingInterface, own>]>;

def Lut_I2Attr : Lut_Packing<"I2", "i2"> {
  let summary = "2 bits a trit: 2.0 bits per weight";
}
def Lut_B3Attr
    : Lut_Packing<"B3", "b3", ["getPanelBlocks", "getLargestShare", "knows",
                               "buildSeparate"]> {
  let summary = "base 3, 5 rows a byte: 1.6 bits per weight";
}

def Lut_LinesAttr : Lut_Packing<"Lines", "lines"> {
  let summary = "2 bits a trit, row by row or column by column, for skipping";
  let description = [{
    A line is a row or a column in groups of 256 trits; rows are padded to whole
    blocks. Byte i of a group holds in field f trit 64f + i of a row, or, so that
    four columns interleave, trit 64f + 16·(i/4 mod 4) + 4·(i/16) + i mod 4 of a
    column. Rule 1: `order` is rows or columns.
  }];
  let parameters = (ins EnumParameter<Lut_Order>:$order);
  let assemblyFormat = "`<` $order `>`";
  let genVerifyDecl = 1;
}

def Lut_RowsAttr : Lut_Attr<"Rows", "rows"> {
  let summary = "dense weights: rows of floats, zero-padded to 16";
  let parameters = (ins "::mlir::FloatType":$element);
  let assemblyFormat = "`<` $element `>`";
}

def Lut_CodesAttr : Lut_Attr<"Codes", "codes"> {
  let summary = "dense rows as integers times a scale of their group";
  let description = [{
    A row of groups of `group` columns, zero-padded: the codes of all, then their
    scales, f32. A weight is code · scale in fp32. Codes c of 8 bits are s8; of
    4 bits c + 8: byte i of 16 holds columns i and, above it, 16 + i of 32; of 6
    bits c + 32: those of 64 have their lower 4 bits as before, and then byte i
    of 16 the upper 2 of columns i, 16 + i, 32 + i and 48 + i. Rule 1: `bits`
    is 4, 6 or 8 and `group` 32 or 64, with 6 bits 64.
  }];
  let parameters = (ins "unsigned":$bits, "int64_t":$group);
  let assemblyFormat = "`<` $bits `,` $group `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Columns of a stored row; its bytes of codes, and all of them.
    int64_t getWidth(int64_t columns) const;
    int64_t getCodeBytes(int64_t columns) const;
    int64_t getRowBytes(int64_t columns) const;
  }];
}

def Lut_ScalesAttr : Lut_Attr<"Scales", "scales"> {
  let summary = "scales of rows or groups: f32 [group][row], padded to 16 rows";
}

def Lut_ScreenAttr : Lut_Attr<"Screen", "screen"> {
  let summary = "a low-bit copy of dense rows that bounds what they give";
  let description = [{
    6 bits a weight: a row w is step · (code − 32) and a rest. A block of 16
    rows has the steps, the norms of the rests and the norms of the rows, f32
    and rounded up, and then groups of 16 columns.
  }];
}

//===----------------------------------------------------------------------===//
// Machine and tiles
//===----------------------------------------------------------------------===//

def Lut_Dot : I32EnumAttr<"Dot", "the products a core is good at", [
    I32EnumAttrCase<"Words", 0, "words">,
    I32EnumAttrCase<"Singles", 1, "singles">,
    I32EnumAttrCase<"Pairs", 2, "pairs">,
    I32EnumAttrCase<"Quads", 3, "quads">,
    I32EnumAttrCase<"Tiles", 4, "tiles">]> {
  let cppNamespace = "::setun::lut";
}

def Lut_SkipAttr : Lut_Attr<"Skip", "skip"> {
  let summary = "on a fused linear: when decoding skips";
  let description = [{
    Where at least `alone` of 1000 inputs are zero if one worker decodes, or
    `shared` if several share the memory: of `up`, what the rectified gate
    multiplies its rows by; elsewhere the quantized activations, which multiply
    columns. Skipping changes no bit of what is read of the result.
    Rule 1: both are at most 1000.
  }];
  let parameters = (ins "int64_t":$alone, "int64_t":$shared);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Lut_TargetAttr : Lut_Attr<"Target", "target"> {
  let summary = "all that passes know of the machine";
  let description = [{
    `name`: the level in the user's words. `dot`: of u8 codes and s8
    activations, one product a lane into i16 (`singles`, which all vector units
    have), two (`pairs`), four into i32 (`quads`), also those of 2 rows and 2
    tokens at once (`tiles`); or, without vectors, four in one multiplication
    of 64-bit registers (`words`). `permuteBytes`: entries of a byte table that
    can be indexed (0: none).
    `u8Codes`: quads multiply codes of all 8 bits, else of 7. `streams`: blocks
    that a core reads side by side as fast as one.
    `dotMacs`, `lookupMacs`: int8 multiply-adds a cycle by dot products, and by
    fetching rows of partial sums. `l2Bytes`: of one core. `sums`: sums of 16
    rows that registers hold beside what they are made of. `base3`: unpacking
    base 3 keeps up with reading it. `scalable`: `quads` come in vectors whose
    length the machine says. `mixes`: fetching sums and `quads` keep different
    units busy. `skipRows`, `skipColumns`: how many zeros make it pay to read
    only the rows, or columns, that they leave; absent: it never does.
    Rule 1: `permuteBytes` is 0, 16, 64 or 128. Rule 2: there is room for a sum.
    Rule 3: there is a stream. Rule 4: who skips has `quads` of fixed
    length.
  }];
  let parameters = (ins StringRefParameter<>:$name,
      StringRefParameter<>:$triple, StringRefParameter<>:$cpu,
      StringRefParameter<>:$features, EnumParameter<Lut_Dot>:$dot,
      "unsigned":$permuteBytes, "unsigned":$dotMacs, "unsigned":$lookupMacs,
      "unsigned":$l2Bytes, DefaultValuedParameter<"unsigned", "4">:$sums,
      DefaultValuedParameter<"bool", "false">:$base3,
      DefaultValuedParameter<"bool", "false">:$scalable,
      DefaultValuedParameter<"bool", "false">:$u8Codes,
      DefaultValuedParameter<"unsigned", "4">:$streams,
      DefaultValuedParameter<"bool", "false">:$mixes,
      OptionalParameter<"::setun::lut::SkipAttr">:$skipRows,
      OptionalParameter<"::setun::lut::SkipAttr">:$skipColumns);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The same machine, on which skipping never pays.
    TargetAttr withoutSkips() const;
  }];
}

def Lut_Strategy : I32EnumAttr<"Strategy", "how a kernel multiplies", [
    I32EnumAttrCase<"MultiplyAdd", 0, "mad">,
    I32EnumAttrCase<"Lookup", 1, "lookup">,
    I32EnumAttrCase<"Table", 2, "table">,
    I32EnumAttrCase<"Skip", 3, "skip">,
    I32EnumAttrCase<"Pick", 4, "pick">]> {
  let cppNamespace = "::setun::lut";
}

def Lut_TileAttr : Lut_Attr<"Tile", "tile"> {
  let summary = "the kernel of one batch class";
  let description = [{
    `rows`: tokens a step takes at most. `strategy`: `mad` multiplies, `lookup`
    fetches rows of partial sums of 16 tokens, `table` indexes the sums of two
    trits in registers, for one, `skip` reads what zeros leave of a matrix, for
    one, `pick` adds floats that codes pick. `blocks`: 16-row blocks a worker claims at
    once. `mad` keeps `unroll` blocks × `tokens` sums in registers, `pick` two of
    each block.
    Rule 1: `blocks` is a multiple of `unroll`; `lookup` has unroll 1, 16
    tokens and several rows, `table` and `skip` one row, `pick` 1 token.
  }];
  let parameters = (ins "int64_t":$rows, EnumParameter<Lut_Strategy>:$strategy,
                        "int64_t":$blocks, "int64_t":$unroll,
                        "int64_t":$tokens);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Lut_ChoiceAttr : Lut_Attr<"Choice", "choice"> {
  let summary = "on the module: what was measured to be best for linears";
  let description = [{
    Of this shape: `rows` of each weight, `columns`, what is behind it. Without a
    tile: their weights are packed so. With tiles: what they have of each batch
    class at the CPU level `level`, if their weights are packed so.
    Rule 1: the packing is one of blocks; a tile has a level.
  }];
  let parameters = (ins StringRefParameter<>:$level,
      "::mlir::DenseI64ArrayAttr":$rows, "int64_t":$columns,
      StringRefParameter<>:$gate, "bool":$residual,
      "::setun::lut::PackingInterface":$packing,
      OptionalParameter<"::setun::lut::TileAttr">:$decode,
      OptionalParameter<"::setun::lut::TileAttr">:$small,
      OptionalParameter<"::setun::lut::TileAttr">:$prefill);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool hasTiles() const { return getDecode() || getSmall() || getPrefill(); }
  }];
}

def Lut_KernelAttr : Lut_Attr<"Kernel", "kernel"> {
  let summary = "on a declaration: the matmul kernel to write for it";
  let description = [{
    Weights [`rows`, `columns`] in `packing`, made for one batch class as `tile`
    says. Of the last panel only blocks of the matrix are written. `stride`: int8
    activations a row, padding included; `out`: floats a row of the output;
    `residual`: is one added. The signature is `KernelFunction` of
    `runtime/abi/Step.h`. |q| ≤ 127. `skip` by rows takes the gate for the
    residual: where it is not positive, the output is 0.
    `pick` takes f32 activations for `q` if there are `floats`, and if `group`
    columns share a scale, these for `sums` (see #lut.scales).
    Rule 1: int32 holds 127·`columns` times the packing's largest share. Rule 2:
    `stride` covers the packed
    columns and is a multiple of 4, `out` covers the rows of whole blocks.
    Rule 3: `unroll` divides the blocks of the matrix, in whole panels.
    Rule 4: `skip` goes with packings by rows or columns, nothing else does; by
    rows there is a residual. Rule 5: a tile is whole panels, `unroll` blocks
    too where they are multiplied; `table` has panels of one block. Rule 6: `pick`
    goes with i2 alone; only it has `floats` or a `group`, which is a multiple of
    16 that divides the columns, or all of them; fp32 holds the sums of integers.
  }];
  let parameters = (ins "::setun::lut::PackingInterface":$packing,
                        "int64_t":$rows, "int64_t":$columns,
                        "::setun::lut::TileAttr":$tile, "int64_t":$stride,
                        "int64_t":$out, "bool":$residual,
                        DefaultValuedParameter<"bool", "false">:$floats,
                        DefaultValuedParameter<"int64_t", "0">:$group);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Lut_ScreenKernelAttr : Lut_Attr<"ScreenKernel", "screen_kernel"> {
  let summary = "on a declaration: the screen kernel to write for it";
  let description = [{
    `dense`: the head's rows; `screen`: their low-bit copy; `exact`: the stage
    that computes logits from `dense`. The signature is `ScreenFunction` of
    `runtime/abi/Screen.h`.
  }];
  let parameters = (ins "::mlir::FlatSymbolRefAttr":$dense,
                        "::mlir::FlatSymbolRefAttr":$screen,
                        "::mlir::FlatSymbolRefAttr":$exact);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Lut_StageAttr : Lut_Attr<"Stage", "stage"> {
  let summary = "on a declaration: the dense float stage Halide writes for it";
  let description = [{
    `kind`, `sizes` and the signature are those of `codegen/halide/README.md`.
  }];
  let parameters = (ins StringRefParameter<>:$kind, ArrayRefParameter<"int64_t">:$sizes,
                        "::mlir::Type":$element, "::mlir::FloatAttr":$eps);
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
def Lut_Four : Lut_Vector<4, I8>;

def Lut_FixedBytes : FixedVectorOfLengthAndType<[16, 64, 128], [I8]>;

/// Bytes of a group: all 64, those of one j, those of two rows, or as many as a
/// scalable vector holds.
def Lut_Bytes
    : AnyTypeOf<[FixedVectorOfLengthAndType<[8, 16, 64], [I8]>,
                 ScalableVectorOfLengthAndType<[16], [I8]>]>;

/// Of 16 rows, or of the two of a word.
def Lut_Sums : FixedVectorOfLengthAndType<[2, 16], [I32]>;
def Lut_Narrow
    : AnyTypeOf<[FixedVectorOfLengthAndType<[1], [I64]>,
                 FixedVectorOfLengthAndType<[32, 64], [I16]>]>;

def Lut_Form : I32EnumAttr<"Form", "what becomes of the trits of a byte", [
    I32EnumAttrCase<"Codes", 0, "codes">,
    I32EnumAttrCase<"InPlace", 1, "in_place">,
    I32EnumAttrCase<"Pairs", 2, "pairs">,
    I32EnumAttrCase<"InPlaceU8", 3, "in_place_u8">,
    I32EnumAttrCase<"InNibbles", 4, "in_nibbles">,
    I32EnumAttrCase<"Mixed", 5, "mixed">]> {
  let cppNamespace = "::setun::lut";
}

def Lut_UnpackOp : Lut_Op<"unpack", [Pure]> {
  let summary = "packed bytes taken apart, u8 vectors";
  let description = [{
    `codes`: trit + 1, one vector a trit of the byte. `in_place`: the same, that
    of trit i times the packing's scale of it, below 128; `in_place_u8`: below
    256; `in_nibbles`: below 16. `pairs`: code + 4·next code, one
    vector for every two trits; the next of the last of an odd number is 0.
    `mixed`: as many sums of multiples of the codes, below 256, cheaper to make;
    the packing separates what is summed of them.
  }];
  let arguments = (ins Lut_Bytes:$bytes, Lut_PackingInterface:$packing,
                       DefaultValuedAttr<Lut_Form, "::setun::lut::Form::Codes">:$form);
  let results = (outs Variadic<Lut_Bytes>:$codes);
  let assemblyFormat = [{
    $packing `,` $bytes (`as` $form^)? attr-dict `:` type($bytes) `->`
    type($codes)
  }];
  let hasVerifier = 1;
}

def Lut_PermuteOp : Lut_Op<"permute", [Pure, AllTypesMatch<["index", "result"]>]> {
  let summary = "result[i] = table[index[i]], bytes; indices stay inside";
  let arguments = (ins Lut_FixedBytes:$index, Lut_FixedBytes:$table);
  let results = (outs Lut_FixedBytes:$result);
  let assemblyFormat = [{
    $index `,` $table attr-dict `:` type($index) `,` type($table)
  }];
}

def Lut_DotOp : Lut_Op<"dot", [Pure, AllTypesMatch<["acc", "result"]>]> {
  let summary = "adds the products of codes and four activations";
  let description = [{
    c = u8(codes), where byte 4r+j is of row r; q = s8(values). `acc` says how:

      vector<16xi32>, [4]   acc[r] += Σ_j c[4r+j]·q[j]
      vector<32xi16>        acc[i] += Σ_{j<2} c[2i+j]·q[(2i+j) mod 4]
      vector<64xi16>        acc[i] += c[i]·q[i mod 4]
      vector<1xi64>         acc += (c[0] + c[2]·2¹⁶ + c[4]·2³² + c[6]·2⁴⁸)
                            · (q[2] + q[0]·2¹⁶), and the same of the odd ones:
                            the upper 16 bits of each half of acc are a row's

    The last three wrap soon: see `getGroupsBeforeWrap` and `lut.widen`.
  }];
  let arguments = (ins AnyTypeOf<[Lut_Vector<16, I32>, Lut_Narrow,
                           ScalableVectorOfLengthAndType<[4], [I32]>]>:$acc,
                       Lut_Bytes:$codes, Lut_Four:$values);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $acc `,` $codes `,` $values attr-dict `:` type($acc) `,` type($codes)
  }];
  let hasVerifier = 1;
}

def Lut_PickOp : Lut_Op<"pick", [Pure, AllTypesMatch<["acc", "result"]>]> {
  let summary = "adds the floats that two codes choose";
  let description = [{
    acc[r] += t·x + t'·x', rounded twice, t and t' the trits whose codes are bits
    0-1 and 2-3 of codes[r]. table[c + 4c'] is the sum of such a pair, so x is
    table[6] and x' table[9]. Of finite floats: one that is not may make others.
  }];
  let arguments = (ins Lut_Vector<16, F32>:$acc, Lut_Vector<16, I32>:$codes,
                       Lut_Vector<16, F32>:$table);
  let results = (outs Lut_Vector<16, F32>:$result);
  let assemblyFormat = "$acc `,` $codes `,` $table attr-dict";
}

def Lut_DotLanesOp : Lut_Op<"dot_lanes", [Pure]> {
  let summary = "adds the products of 64 codes and 64 activations";
  let description = "acc[i] += Σ_{j<4} u8(codes[4i+j])·s8(values[4i+j]).";
  let arguments = (ins Lut_Vector<16, I32>:$acc, Lut_Group:$codes,
                       Lut_Group:$values);
  let results = (outs Lut_Vector<16, I32>:$result);
  let assemblyFormat = "$acc `,` $codes `,` $values attr-dict";
}

def Lut_DotTileOp : Lut_Op<"dot_tile", [Pure]> {
  let summary = "adds the products of 16 rows and 8 activations of 2 tokens";
  let description = [{
    acc[4p+2a+t], row 2p+a and token t, += Σ_{j<4} (low[8p+4a+j]·q[8t+j] +
    high[8p+4a+j]·q[8t+4+j]) with u8 codes and s8 q.
  }];
  let arguments = (ins Lut_Vector<32, I32>:$acc, Lut_Group:$low,
                       Lut_Group:$high, Lut_Vector<16, I8>:$values);
  let results = (outs Lut_Vector<32, I32>:$result);
  let assemblyFormat = "$acc `,` $low `,` $high `,` $values attr-dict";
}

def Lut_WidenOp : Lut_Op<"widen", [Pure, AllTypesMatch<["acc", "result"]>]> {
  let summary = "acc[r] += what a narrow sum of `lut.dot` holds for row r";
  let arguments = (ins Lut_Sums:$acc, Lut_Narrow:$narrow);
  let results = (outs Lut_Sums:$result);
  let assemblyFormat = [{
    $acc `,` $narrow attr-dict `:` type($acc) `,` type($narrow)
  }];
  let hasVerifier = 1;
}

def Lut_AppendOp : Lut_Op<"append", [MemoryEffects<[MemWrite]>]> {
  let summary = "writes the chosen values behind each other";
  let description = [{
    list[at], list[at + 1] … = the values whose bit in `mask` is set, in order;
    `next` is where the list then ends. The 16 from `at` on may be overwritten.
  }];
  let arguments = (ins Lut_Vector<16, I32>:$values, Lut_Vector<16, I1>:$mask,
                       Arg<MemRefRankOf<[I32], [1]>, "", [MemWrite]>:$list,
                       Index:$at);
  let results = (outs Index:$next);
  let assemblyFormat = [{
    $values `where` $mask `,` $list `[` $at `]` attr-dict `:` type($list)
  }];
}

def Lut_DotTokensOp : Lut_Op<"dot_tokens", [Pure]> {
  let summary = "adds the products of four codes of two rows and the activations of 8 tokens";
  let description = [{
    acc[2t+r] += Σ_j u8(codes[4r+j])·s8(values[8t+4r+j]). A token's four columns
    are there twice, once for each row.
  }];
  let arguments = (ins Lut_Vector<16, I32>:$acc, Lut_Vector<8, I8>:$codes,
                       Lut_Group:$values);
  let results = (outs Lut_Vector<16, I32>:$result);
  let assemblyFormat = "$acc `,` $codes `,` $values attr-dict";
}

def Lut_BuildTableOp : Lut_Op<"build_table", [MemoryEffects<[MemWrite]>]> {
  let summary = "the sums that four codes can choose";
  let description = [{
    table[32n + i] = Σ_d digit_d(n)·values_d[i] for all n < 81, whose digits in
    base 3 are the codes. A value has 16 tokens of one column and 16 of another.
  }];
  let arguments = (ins Variadic<Lut_Vector<32, I16>>:$values,
                       Arg<MemRefRankOf<[I16], [1]>, "", [MemWrite]>:$table);
  let assemblyFormat = "$values `into` $table attr-dict `:` type($table)";
  let hasVerifier = 1;
}

#endif // SETUN_DIALECTS_LUT_LUT_TD
