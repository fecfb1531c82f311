//===- Tern.td - What a model computes ---------------------*- tablegen -*-===//
//
// Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Activations are tensor<?xNxf32>: one row a token. Weights are symbols that
// name bytes of a checkpoint file; the bytes never enter the IR. How a weight
// is quantized stands in its type, so that a new quantization is a new
// attribute and no new op.
//
//===----------------------------------------------------------------------===//

#ifndef SETUN_DIALECTS_TERN_TERN_TD
#define SETUN_DIALECTS_TERN_TERN_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def TernDialect : Dialect {
  let name = "tern";
  let summary = "What a ternary or sparse model computes";
  let cppNamespace = "::setun::tern";
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasOperationAttrVerify = 1;
}

//===----------------------------------------------------------------------===//
// Attributes and types
//===----------------------------------------------------------------------===//

class Tern_Attr<string name, string text, list<Trait> traits = []>
    : AttrDef<TernDialect, name, traits> {
  let mnemonic = text;
}

def Tern_ScaleOf : I32EnumAttr<"ScaleOf", "how many weights share a scale", [
    I32EnumAttrCase<"Tensor", 0, "tensor">, I32EnumAttrCase<"Row", 1, "row">,
    I32EnumAttrCase<"Group", 2, "group">]> {
  let cppNamespace = "::setun::tern";
}

def Tern_TritAttr : Tern_Attr<"Trit", "trit"> {
  let summary = "weights in {-1, 0, +1} times a scale";
  let description = [{
    `#tern.trit<tensor>`: one scale for the tensor (BitNet b1.58);
    `#tern.trit<row>`: one a row; `#tern.trit<group, 128>`: one for that many
    weights along a row. Rule 1: a group has a size, the others have none.
  }];
  let parameters = (ins EnumParameter<Tern_ScaleOf>:$scale,
                        DefaultValuedParameter<"int64_t", "0">:$group);
  let assemblyFormat = "`<` $scale (`,` $group^)? `>`";
  let genVerifyDecl = 1;
}

def Tern_DenseAttr : Tern_Attr<"Dense", "dense"> {
  let summary = "float weights: f32, f16 or bf16";
  let parameters = (ins "::mlir::FloatType":$element);
  let assemblyFormat = "`<` $element `>`";
}

def Tern_SourceAttr : Tern_Attr<"Source", "source"> {
  let summary = "the bytes of a weight in the checkpoint";
  let description = [{
    `file` indexes the module's `tern.files`. `encoding` is a word of the
    frontend that wrote the module (`hf-packed`, `bf16`, …). `quant` is s of
    trit = clamp(round(w·s), −1, 1) where the file holds floats, else 0; of an
    infinite one trit = sign(w). A vector's value is (w + `plus`) · `times`, each
    if it is given, in fp32.
  }];
  let parameters = (ins "unsigned":$file, StringRefParameter<>:$encoding,
                        "uint64_t":$offset, "uint64_t":$bytes,
                        DefaultValuedParameter<
                            "::mlir::FloatAttr", "::mlir::FloatAttr()">:$quant,
                        DefaultValuedParameter<
                            "::mlir::FloatAttr", "::mlir::FloatAttr()">:$plus,
                        DefaultValuedParameter<
                            "::mlir::FloatAttr", "::mlir::FloatAttr()">:$times);
  let assemblyFormat = [{
    `<` struct($file, $encoding, $offset, $bytes, $quant, $plus, $times) `>`
  }];
}

def Tern_ModelAttr : Tern_Attr<"Model", "model"> {
  let summary = "the numbers of a decoder that no single op holds";
  let description = [{
    `rope` holds angles a position, in radians: floats that print exactly, which
    those of a dense array do not. They are one table or several, one behind the
    other, of half of the `rotary` elements of a head that turn (0: all).
    Cosines and sines of a table are multiplied by its `ropeScales`, if there
    are any. `bos` is −1 for none.
  }];
  let parameters = (ins StringRefParameter<>:$name, "int64_t":$vocab,
      "int64_t":$maxContext, "int64_t":$layers, "int64_t":$hidden,
      "int64_t":$intermediate, "int64_t":$heads, "int64_t":$kvHeads,
      "int64_t":$headDim, "int64_t":$bos, "::mlir::DenseI32ArrayAttr":$stop,
      "::mlir::ArrayAttr":$rope, DefaultValuedParameter<"int64_t", "0">:$rotary,
      DefaultValuedParameter<"::mlir::ArrayAttr",
                             "::mlir::ArrayAttr()">:$ropeScales);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The same model with another longest context.
    ModelAttr withMaxContext(int64_t tokens) const;
    /// Elements of a head that turn.
    int64_t getRotated() const {
      return getRotary() ? getRotary() : getHeadDim();
    }
    int64_t getRopeTables() const { return getRope().size() * 2 / getRotated(); }
  }];
}

def Tern_PackedType : TypeDef<TernDialect, "Packed"> {
  let mnemonic = "packed";
  let summary = "a stored weight: its logical shape and its quantization";
  let description = [{
    `!tern.packed<6912x2560, #tern.trit<tensor>>` is [out, in];
    `!tern.packed<2560, #tern.dense<bf16>>` is a vector.
    Rule 2: one or two dimensions, all positive; trits have two.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape,
                        "::mlir::Attribute":$element);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Tern_Quantizer : I32EnumAttr<"Quantizer", "activation quantizer", [
    I32EnumAttrCase<"AbsMax8", 0, "absmax8">]> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::setun::tern";
}
def Tern_QuantizerAttr : EnumAttr<TernDialect, Tern_Quantizer, "quantizer">;

def Tern_QuantizedType : TypeDef<TernDialect, "Quantized"> {
  let mnemonic = "quantized";
  let summary = "rows of quantized activations with their scales";
  let parameters = (ins "int64_t":$width, EnumParameter<Tern_Quantizer>:$kind);
  let assemblyFormat = "`<` $width `,` $kind `>`";
}

def Tern_Gate : I32EnumAttr<"Gate", "what a gated FFN does to its gate", [
    I32EnumAttrCase<"ReLU2", 0, "relu2">, I32EnumAttrCase<"SiLU", 1, "silu">,
    I32EnumAttrCase<"GELUTanh", 2, "gelu_tanh">]> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::setun::tern";
}
def Tern_GateAttr : EnumAttr<TernDialect, Tern_Gate, "gate">;

def Tern_Rows : 2DTensorOf<[F32]>;
def Tern_Ids : 1DTensorOf<[I32]>;

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

class Tern_Op<string mnemonic, list<Trait> traits = []>
    : Op<TernDialect, mnemonic, traits>;

def Tern_WeightOp : Tern_Op<"weight", [Symbol]> {
  let summary = "a weight of the checkpoint, by name";
  let description = [{
    Effective weight = trit · `alpha`, or times that of its row or group in the
    dense weight `scales`, [rows] or [rows, groups of a row]. Rule 3: trits
    with a scale a tensor have an alpha that is positive and finite, other
    trits have scales of that shape, dense weights have neither. Groups are of a
    multiple of 16 columns, and whole. Rule 9: only a vector has a `plus` or
    `times`, finite f32.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       TypeAttrOf<Tern_PackedType>:$type,
                       Tern_SourceAttr:$source, OptionalAttr<F32Attr>:$alpha,
                       OptionalAttr<FlatSymbolRefAttr>:$scales);
  let assemblyFormat = [{
    $sym_name `:` $type (`alpha` $alpha^)? (`scales` $scales^)? `in` $source
    attr-dict
  }];
  let hasVerifier = 1;
}

def Tern_EmbeddingOp : Tern_Op<"embedding", [Pure]> {
  let summary = "row `ids[m]` of a dense weight, as f32, times a factor if any";
  let arguments = (ins Tern_Ids:$ids, FlatSymbolRefAttr:$weight,
                       OptionalAttr<F64Attr>:$scale);
  let results = (outs Tern_Rows:$result);
  let assemblyFormat = [{
    $ids `,` $weight (`scale` $scale^)? attr-dict `:` type($ids) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tern_NormOp : Tern_Op<"norm", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "RMSNorm of each row: x / sqrt(mean(x²) + eps) · weight";
  let arguments = (ins Tern_Rows:$input, FlatSymbolRefAttr:$weight,
                       F64Attr:$eps);
  let results = (outs Tern_Rows:$result);
  let assemblyFormat = "$input `,` $weight `eps` $eps attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tern_QuantizeOp : Tern_Op<"quantize", [Pure]> {
  let summary = "quantize each row with a scale of its own";
  let description = [{
    absmax8: s = 127 / max(max|x|, 1e-5), q = clamp(roundeven(x·s), −128, 127)
    in fp32 (BitNet b1.58, arXiv 2402.17764; QA8).
  }];
  let arguments = (ins Tern_Rows:$input);
  let results = (outs Tern_QuantizedType:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Tern_MatmulOp : Tern_Op<"matmul", [Pure]> {
  let summary = "y = x · Wᵀ, plus a bias if any";
  let description = [{
    Of a quantized input q with scale s and trits t: d = Σ t·q, an exact integer
    converted to fp32, and y = d · (alpha / s); or, summed over the groups of a
    row in ascending order, y = Σ (d_g · (1 / s)) · scale_g.

    Of floats everything is fp32, and contraction is off. Dense weights: the
    order of `head`. Trits: a group of columns (all, or those of a scale) has two
    sums d⁰ and d¹ from +0. Of 16 columns from a multiple of 16 on, for n = 0 … 7
    in turn, a = 8·(n mod 2) + ⌊n / 2⌋ and b = a + 4, sum n mod 2 grows by
    (t_a·x_a + t_b·x_b), rounded twice; d = d⁰ + d¹, and y = d · alpha, or
    Σ d_g · scale_g from +0 in ascending order.
  }];
  let arguments = (ins AnyTypeOf<[Tern_QuantizedType, Tern_Rows]>:$input,
                       FlatSymbolRefAttr:$weight,
                       OptionalAttr<FlatSymbolRefAttr>:$bias);
  let results = (outs Tern_Rows:$result);
  let assemblyFormat = [{
    $input `,` $weight (`bias` $bias^)? attr-dict `:` type($input) `->`
    type($result)
  }];
  let hasVerifier = 1;
}

def Tern_GateOp : Tern_Op<"gate",
    [Pure, AllTypesMatch<["gate", "up", "result"]>]> {
  let summary = "act(gate) · up, element by element";
  let arguments = (ins Tern_Rows:$gate, Tern_Rows:$up, Tern_GateAttr:$kind);
  let results = (outs Tern_Rows:$result);
  let assemblyFormat = "`` $kind $gate `,` $up attr-dict `:` type($gate)";
}

def Tern_AddOp : Tern_Op<"add", [Pure, Commutative,
    AllTypesMatch<["lhs", "rhs", "result"]>]> {
  let summary = "the residual";
  let arguments = (ins Tern_Rows:$lhs, Tern_Rows:$rhs);
  let results = (outs Tern_Rows:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs)";
}

def Tern_AttentionOp : Tern_Op<"attention"> {
  let summary = "rotate, append to the cache, attend";
  let description = [{
    Normalizes every head of `q` and `k` (RMSNorm, with `norms`), rotates them
    (rotate-half, by table `rope` of the module's angles), appends `k` and `v` to
    the cache of `layer`, and attends causally with grouped queries: head h reads
    KV head h / (heads / kvHeads). With a `window` a token sees itself and so
    many before it that there are `window` in all. Scores are multiplied by
    `scale`, or by headDim^−½; softmax in fp32. Rule 6: layer, table and shapes
    are those of the module's `#tern.model`. Rule 8: there are two norms, each of
    headDim dense weights, with an `eps`, or none; a window and a scale are
    positive.
  }];
  let arguments = (ins Tern_Rows:$q, Tern_Rows:$k, Tern_Rows:$v,
                       I64Attr:$layer, OptionalAttr<I64Attr>:$rope,
                       OptionalAttr<TypedArrayAttrBase<FlatSymbolRefAttr,
                                                       "norms">>:$norms,
                       OptionalAttr<F64Attr>:$eps, OptionalAttr<I64Attr>:$window,
                       OptionalAttr<F64Attr>:$scale);
  let results = (outs Tern_Rows:$result);
  let assemblyFormat = [{
    $q `,` $k `,` $v `layer` $layer (`rope` $rope^)? (`norms` $norms^ `eps` $eps)?
    (`window` $window^)? (`scale` $scale^)? attr-dict `:` type(operands) `->`
    type($result)
  }];
  let hasVerifier = 1;
}

def Tern_HeadOp : Tern_Op<"head", [Pure]> {
  let summary = "logits of each row: x · Wᵀ in fp32, W dense";
  let description = [{
    16 sums from +0, product i added to sum i mod 16, i ascending; then sums l and
    l+8 are added, l and l+4, l and l+2, 0 and 1.
  }];
  let arguments = (ins Tern_Rows:$input, FlatSymbolRefAttr:$weight);
  let results = (outs Tern_Rows:$result);
  let assemblyFormat = [{
    $input `,` $weight attr-dict `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tern_FusedLinearOp : Tern_Op<"fused_linear", [Pure]> {
  let summary = "[norm →] [quantize →] matmul(s) [+ bias(es)] [→ gate | + residual]";
  let description = [{
    The unit of work of a ternary model. All weights read one activation,
    quantized or not. With `gate` there are two weights, gate and up, and one
    result; else one result a weight. Rule 4, of every op that names a weight:
    its rows and columns fit the results and the input; a matmul of quantized
    activations has trits, one of floats any weights, the others are dense.
    Rule 5: a residual goes with one weight and no gate. It is added before the
    bias. All weights have a bias or none has.
  }];
  let arguments = (ins Tern_Rows:$input, Optional<Tern_Rows>:$residual,
                       OptionalAttr<FlatSymbolRefAttr>:$norm,
                       OptionalAttr<F64Attr>:$eps,
                       OptionalAttr<Tern_QuantizerAttr>:$quantizer,
                       TypedArrayAttrBase<FlatSymbolRefAttr, "weights">:$weights,
                       OptionalAttr<TypedArrayAttrBase<FlatSymbolRefAttr,
                                                       "biases">>:$biases,
                       OptionalAttr<Tern_GateAttr>:$gate);
  let results = (outs Variadic<Tern_Rows>:$outputs);
  let assemblyFormat = [{
    $input (`norm` $norm^ `eps` $eps)? (`quantize` `` $quantizer^)?
    `weights` $weights (`biases` $biases^)?
    (`gate` `` $gate^)? (`residual` $residual^ `:` type($residual))? attr-dict `:`
    type($input) `->` type($outputs)
  }];
  let hasVerifier = 1;
}

#endif // SETUN_DIALECTS_TERN_TERN_TD
