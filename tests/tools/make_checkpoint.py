#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a synthetic Hugging Face directory of any shape.

    make_checkpoint.py DIR --preset 2b4t
    make_checkpoint.py DIR --hidden 264 --heads 6 --kv-heads 3 --ffn 700 …

Same options, same bytes. Each tensor has a random stream of its own, made
from the seed and its name, so packed and master, tied and untied, one file or
many describe the same trits.

The scales keep a deep random model alive. A ternary linear gets
alpha = 1/√(inputs · density): unit input, unit output. So queries and keys
give scores of unit variance, and every branch adds 1 to the variance of the
residual stream, on which the norms are blind. Embedding and head have a
deviation of 3/√hidden: logits then have one of 3, and a tied embedding is too
faint in the stream for the model to repeat its input for ever.

With --gate-zeros a sixteenth of the channels is the same for all tokens: no
branch adds to it. The norm before the MLP brings it to a size at which it
shifts the gates, which see it through weights of 1, by as many deviations as
make that share of them negative.

A master is m · (trit + noise). Its absmean is the same alpha, and the noise
stays clear of the rounding threshold, so that quantizing finds the trits.

--format ternary stores trits times scales as floats, which are run as they are.
--scales says how many weights share a scale, also of packed ones: the tensor, a
row, some shards of rows (shards:4), a group along a row (group:32).
--float names projections that stay floats, as in modules_to_not_convert.
"""
import argparse
import json
import math
import zlib
from pathlib import Path
from statistics import NormalDist

import numpy as np

from byte_tokenizer import byte_tokenizer

PRESETS = {
    "2b4t": dict(hidden=2560, ffn=6912, layers=30, heads=20, kv_heads=5,
                 vocab=128256, context=4096, act="relu2", rope_theta=500000.0,
                 bos=128000),
    "0.7b": dict(hidden=1536, ffn=4096, layers=24, heads=16, kv_heads=16,
                 vocab=32002, context=2048, act="silu"),
    "3b": dict(hidden=3200, ffn=8640, layers=26, heads=32, kv_heads=32,
               vocab=32002, context=2048, act="silu"),
    "8b": dict(hidden=4096, ffn=14336, layers=32, heads=32, kv_heads=8,
               vocab=128256, context=4096, act="silu", rope_theta=500000.0,
               bos=128000),
}
# --architecture: the class, model_type, norms before o_proj and down_proj.
ARCHITECTURES = {
    "bitnet": ("BitNetForCausalLM", "bitnet",
               "self_attn.attn_sub_norm", "mlp.ffn_sub_norm"),
    "bitnetllama": ("BitnetForCausalLM", "llama",
                    "self_attn.inner_attn_ln", "mlp.ffn_layernorm"),
    "llama": ("LlamaForCausalLM", "llama", None, None),
    "mistral": ("MistralForCausalLM", "mistral", None, None),
    "qwen2": ("Qwen2ForCausalLM", "qwen2", None, None),
    "qwen3": ("Qwen3ForCausalLM", "qwen3", None, None),
    "gemma3": ("Gemma3ForCausalLM", "gemma3_text", None, None),
}
DTYPES = {"bf16": ("BF16", 2, "bfloat16"), "f16": ("F16", 2, "float16"),
          "f32": ("F32", 4, "float32"), "u8": ("U8", 1, None)}
CHUNK = 1 << 22  # values held in memory at once


def encode(values, dtype):
    """fp32 -> the dtype's bits, rounded half to even."""
    if dtype != "bf16":
        return values.astype({"f16": "<f2", "f32": "<f4"}[dtype])
    bits = values.astype("<f4").view("<u4")
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2")


def random_u16(seed, name):
    """-> a function that draws n uniform 16-bit words."""
    key = np.random.SeedSequence([seed, zlib.crc32(name.encode())])
    source = np.random.PCG64(key)
    return lambda n: source.random_raw(-(-n // 4)).astype("<u8").view("<u2")[:n]


def normal_quantiles():
    inverse = NormalDist().inv_cdf
    return np.array([inverse((i + 0.5) / 65536) for i in range(65536)], "f4")


def packed_bytes(zeros):
    """65536 bytes of four trit codes (trit + 1), as often as they occur."""
    codes = np.arange(256)[:, None] >> np.array([0, 2, 4, 6]) & 3
    share = np.array([(1 - zeros) / 2, zeros, (1 - zeros) / 2, 0])
    edges = np.cumsum(share[codes].prod(1)) * 65536
    return np.searchsorted(edges, np.arange(65536) + 0.5).astype("u1")


def constant_channels(a):
    """Channels that no token changes, in rows that share packed bytes."""
    if a.gate_zeros is None:
        return np.zeros(0, int)
    quarter, count = -(-a.hidden // 4), max(1, a.hidden // 64)
    return (np.arange(4)[:, None] * quarter + np.arange(count)).ravel()


class Writer:
    """Plans all tensors (name, dtype, shape, chunks), then writes them."""

    def __init__(self, args):
        self.args, self.tensors = args, []
        self.normal = normal_quantiles()
        self.bytes = packed_bytes(args.zeros)
        self.constant = constant_channels(args)

    def add(self, name, dtype, shape, chunks):
        self.tensors.append((name, dtype, shape, chunks))

    def normals(self, name, shape, mean, deviation, constant=None):
        """`constant`: the value of constant channels, if not random as well."""
        table = encode(mean + deviation * self.normal, self.args.dtype)
        width = shape[-1]

        def chunks():
            draw, left = random_u16(self.args.seed, name), math.prod(shape)
            while left:
                some = min(left, max(1, CHUNK // width) * width)
                values = table[draw(some)].reshape(-1, width)
                if constant is not None:
                    values[:, self.constant] = encode(np.float32([constant]),
                                                      self.args.dtype)
                yield values
                left -= some
        self.add(name, self.args.dtype, shape, chunks)

    def projection(self, name, rows, columns, bias=False, **constant):
        """A linear, its bias, and the norm inside of it."""
        self.linear(name, rows, columns, **constant)
        if bias:
            self.normals(name + ".bias", [rows], 0.0, 0.5)
        if self.args.norm_inside:
            self.normals(f"{name}.{self.args.norm_inside}.weight", [columns],
                         1.0, 0.1)

    def linear(self, name, rows, columns, reads=False, writes=False):
        """`reads` constant channels through ones; `writes` nothing into them.
        """
        a, module, name = self.args, name, name + ".weight"
        if any(part in module for part in a.float):
            return self.normals(name, [rows, columns], 0.0,
                                1 / math.sqrt(columns))
        alpha = 1 / math.sqrt(columns * (1 - a.zeros))
        quarter, step = -(-rows // 4), max(1, CHUNK // columns)

        def packed():
            """[quarter, columns]: byte (r, c) holds rows r + i · quarter."""
            draw = random_u16(a.seed, name)
            for row in range(0, quarter, step):
                words = draw(min(step, quarter - row) * columns)
                block = self.bytes[words].reshape(-1, columns)
                if reads:
                    block[:, self.constant] = 0b10101010
                if writes:
                    own = self.constant - row
                    block[own[(0 <= own) & (own < len(block))]] = 0b01010101
                yield block

        def master():
            draw = random_u16(a.seed, name + ".noise")
            m = alpha / ((1 - a.zeros) * (1 + 0.15 * a.zeros))
            noise = 0.3 * (1 - a.zeros) / 32768
            codes = np.concatenate(list(packed()))
            for i in range(4):
                trits = (codes >> 2 * i & 3).astype("f4") - 1
                u = draw(trits.size).reshape(trits.shape).astype("f4")
                block = m * (trits + noise * (u - 32767.5))
                yield encode(block[:max(0, rows - i * quarter)], a.dtype)

        def ternary():
            codes = np.concatenate(list(packed()))
            factors = np.repeat(self.scales(name, rows, columns), columns
                                // self.groups(columns), axis=1)
            for i in range(4):
                trits = (codes >> 2 * i & 3).astype("f4") - 1
                part = slice(i * quarter, min(rows, (i + 1) * quarter))
                yield encode(alpha * factors[part]
                             * trits[:max(0, rows - i * quarter)], a.dtype)

        if a.format == "master":
            return self.add(name, a.dtype, [rows, columns], master)
        if a.format == "ternary":
            return self.add(name, a.dtype, [rows, columns], ternary)
        self.add(name, "u8", [quarter, columns], packed)
        scale = alpha if a.linear_class == "autobitlinear" else 1 / alpha
        factors = self.scales(name, rows, columns)
        if a.linear_class == "bitlinear":
            factors = 1 / factors
        shape = [1] if factors.shape == (1, 1) else list(factors.shape)
        self.add(name + "_scale", a.dtype, shape,
                 lambda: [encode(np.float32(scale * factors), a.dtype)])

    def groups(self, columns):
        kind, _, size = self.args.scales.partition(":")
        return columns // int(size) if kind == "group" else 1

    def scales(self, name, rows, columns):
        """Factors of 0.75 to 1.25, [1, 1], [rows, 1] or [rows, groups]."""
        kind, _, size = self.args.scales.partition(":")
        if kind == "tensor":
            return np.ones((1, 1), "f4") if self.args.format == "packed" \
                else np.ones((rows, 1), "f4")
        count = int(size) if kind == "shards" else rows
        shape = (count, self.groups(columns))
        words = random_u16(self.args.seed, name + ".scales")(math.prod(shape))
        factors = 0.75 + words.reshape(shape).astype("f4") / 131072
        return np.repeat(factors, rows // count, axis=0)

    def write(self, directory):
        shards, count = self.args.shards, len(self.tensors)
        if self.args.backwards:
            self.tensors.reverse()
        files, names = [[] for _ in range(shards)], {}
        for i, tensor in enumerate(self.tensors):
            files[i * shards // count].append(tensor)
        for i, file in enumerate(files):
            name = (f"model-{i + 1:05}-of-{shards:05}.safetensors"
                    if shards > 1 else "model.safetensors")
            self.write_file(directory / name, file)
            names |= {tensor[0]: name for tensor in file}
        if shards > 1:
            total = sum(map(size, self.tensors))
            write_json(directory / "model.safetensors.index.json",
                       {"metadata": {"total_size": total},
                        "weight_map": names})

    @staticmethod
    def write_file(path, tensors):
        header, at = {"__metadata__": {"format": "pt"}}, 0
        for tensor in tensors:
            name, dtype, shape, _ = tensor
            header[name] = {"dtype": DTYPES[dtype][0], "shape": shape,
                            "data_offsets": [at, at + size(tensor)]}
            at += size(tensor)
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(path, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for *_, chunks in tensors:
                for chunk in chunks():
                    file.write(np.ascontiguousarray(chunk).data)


def size(tensor):
    _, dtype, shape, _ = tensor
    return DTYPES[dtype][1] * math.prod(shape)


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


def config(a):
    quantization = {"quant_method": "bitnet"}
    if a.float:
        quantization["modules_to_not_convert"] = ["lm_head", *a.float]
    if a.linear_class == "autobitlinear":
        mode = "online" if a.format == "master" else "offline"
        quantization |= {"linear_class": "autobitlinear",
                         "quantization_mode": mode}
    name, model_type, *_ = ARCHITECTURES[a.architecture]
    result = {
        "architectures": [name], "model_type": model_type,
        "hidden_act": a.act, "hidden_size": a.hidden,
        "intermediate_size": a.ffn, "num_hidden_layers": a.layers,
        "num_attention_heads": a.heads, "num_key_value_heads": a.kv_heads,
        "vocab_size": a.vocab, "max_position_embeddings": a.context,
        "rms_norm_eps": a.eps, "rope_theta": a.rope_theta,
        "tie_word_embeddings": a.tied, "attention_bias": False,
        "bos_token_id": a.bos, "eos_token_id": a.bos + 1,
        "torch_dtype": DTYPES[a.dtype][2], "use_cache": True}
    if a.architecture == "bitnetllama":
        result |= {"input_bits": 8, "weight_bits": 1}
    elif a.norm_inside != "norm" and a.format != "ternary":
        # Embeddings, and TriLM, do not say that they are ternary.
        quantization |= {"use_rms_norm": True} if a.norm_inside else {}
        result["quantization_config"] = quantization
    if a.architecture == "gemma3":
        result["hidden_activation"] = result.pop("hidden_act")
    if a.headless:
        end = "TextModel" if a.architecture == "gemma3" else "Model"
        result["architectures"] = [name.replace("ForCausalLM", end)]
    if a.rope_scaling:
        result["rope_scaling"] = json.loads(a.rope_scaling)
    if a.head_dim != a.hidden // a.heads or a.architecture in ("qwen3",
                                                               "gemma3"):
        result["head_dim"] = a.head_dim
    return result | json.loads(a.config)


def faintness(a):
    """The deviation of embedding and head."""
    return 3 / math.sqrt(a.hidden)


def gate_shift(a, branches):
    """The norm's weight of constant channels behind so many branches."""
    channels, faint = len(constant_channels(a)), faintness(a)
    if not channels:
        return None
    others = 1.01 * (a.hidden - channels) * (1 - a.zeros)
    shift = -NormalDist().inv_cdf(a.gate_zeros) * math.sqrt(others) / channels
    deviation = math.sqrt(branches * (1 - channels / a.hidden) + faint ** 2)
    return shift * deviation / faint


def build(a):
    """Writes the checkpoint that the options describe into a.directory."""
    w, h = Writer(a), a.hidden
    q, kv = a.heads * a.head_dim, a.kv_heads * a.head_dim
    settings = config(a)
    gemma, root = a.architecture == "gemma3", "" if a.headless else "model."

    def norm(name, width, constant=None):
        if name:
            w.normals(name + ".weight", [width], 0.0 if gemma else 1.0, 0.1,
                      constant)

    before_o, before_down = ARCHITECTURES[a.architecture][2:]
    before_mlp = "pre_feedforward" if gemma else "post_attention"
    bias, mlp_bias = settings["attention_bias"], settings.get("mlp_bias")

    faint = faintness(a)
    w.normals(root + "embed_tokens.weight", [a.vocab, h], 0.0, faint, faint)
    for layer in range(a.layers):
        at = f"{root}layers.{layer}."
        norm(at + "input_layernorm", h)
        for name, rows in ("q", q), ("k", kv), ("v", kv):
            w.projection(f"{at}self_attn.{name}_proj", rows, h,
                         bias or a.architecture == "qwen2")
        if a.architecture in ("qwen3", "gemma3"):
            norm(at + "self_attn.q_norm", a.head_dim)
            norm(at + "self_attn.k_norm", a.head_dim)
        norm(before_o and at + before_o, q)
        w.projection(at + "self_attn.o_proj", h, q, bias, writes=True)
        if gemma:
            norm(at + "post_attention_layernorm", h)
            norm(at + "post_feedforward_layernorm", h)
        norm(f"{at}{before_mlp}_layernorm", h, gate_shift(a, 2 * layer + 1))
        w.projection(at + "mlp.gate_proj", a.ffn, h, mlp_bias, reads=True)
        w.projection(at + "mlp.up_proj", a.ffn, h, mlp_bias)
        norm(before_down and at + before_down, a.ffn)
        w.projection(at + "mlp.down_proj", h, a.ffn, mlp_bias, writes=True)
    norm(root + "norm", h)
    if not a.tied and not a.headless:
        w.normals("lm_head.weight", [a.vocab, h], 0.0, faint)

    a.directory.mkdir(parents=True, exist_ok=True)
    w.write(a.directory)
    write_json(a.directory / "config.json", settings)
    write_json(a.directory / "generation_config.json",
               {"bos_token_id": a.bos, "eos_token_id": a.bos + 1})
    if a.tokenizer == "bytes":
        tokenizer, settings = byte_tokenizer(a.bos, a.context)
        write_json(a.directory / "tokenizer.json", tokenizer)
        write_json(a.directory / "tokenizer_config.json", settings)


def parse(arguments=None):
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("directory", type=Path)
    p.add_argument("--preset", choices=PRESETS)
    for name, default in (("hidden", 256), ("ffn", 512), ("layers", 2),
                          ("heads", 4), ("kv-heads", 2), ("head-dim", None),
                          ("vocab", 512), ("context", 256), ("seed", 1),
                          ("shards", 1)):
        p.add_argument("--" + name, type=int, default=default)
    p.add_argument("--architecture", choices=ARCHITECTURES, default="bitnet")
    p.add_argument("--act", choices=("relu2", "silu", "gelu_pytorch_tanh"),
                   default="relu2")
    p.add_argument("--config", default="{}", help="more of it, as JSON")
    p.add_argument("--norm-inside", choices=("norm", "rms_norm"),
                   help="each projection has one of that name")
    p.add_argument("--headless", action="store_true",
                   help="the class without a head, of embeddings")
    p.add_argument("--backwards", action="store_true",
                   help="tensors in the reverse order")
    p.add_argument("--tied", action="store_true", default=True)
    p.add_argument("--untied", dest="tied", action="store_false")
    p.add_argument("--format", choices=("packed", "master", "ternary"),
                   default="packed")
    p.add_argument("--scales", default="tensor")
    p.add_argument("--float", type=lambda names: names.split(","), default=[])
    p.add_argument("--linear-class", choices=("bitlinear", "autobitlinear"),
                   default="autobitlinear")
    p.add_argument("--dtype", choices=("bf16", "f16", "f32"), default="bf16")
    p.add_argument("--zeros", type=float, default=0.42)
    p.add_argument("--gate-zeros", type=float)
    p.add_argument("--rope-theta", type=float, default=10000.0)
    p.add_argument("--rope-scaling", help="as JSON")
    p.add_argument("--eps", type=float, default=1e-5)
    p.add_argument("--tokenizer", choices=("none", "bytes"), default="none")
    p.set_defaults(bos=None)
    p.set_defaults(**PRESETS.get(p.parse_args(arguments).preset, {}))
    a = p.parse_args(arguments)
    a.head_dim = a.head_dim or a.hidden // a.heads
    a.bos = 256 if a.tokenizer == "bytes" else a.bos or a.vocab - 2
    rows = (a.hidden, a.ffn, a.heads * a.head_dim, a.kv_heads * a.head_dim)
    for wrong, reason in (
            (a.heads % a.kv_heads, "--heads is no multiple of --kv-heads"),
            (a.head_dim % 2, "the head dimension is odd"),
            (not 0 <= a.zeros < 1, "--zeros is not in [0, 1)"),
            (a.gate_zeros is not None and not 0 < a.gate_zeros < 1,
             "--gate-zeros is not between 0 and 1"),
            (not 1 <= a.shards <= 9 * a.layers, "too few or too many --shards"),
            (a.format == "packed" and any(r % 4 for r in rows),
             "packed rows come in fours"),
            (a.format == "master" and a.linear_class == "bitlinear",
             "a master is quantized online by autobitlinear"),
            (a.architecture == "bitnetllama" and a.format != "master",
             "bitnetllama has masters only"),
            (a.norm_inside == "norm" and a.format != "master",
             "embeddings have masters only"),
            (a.tokenizer == "bytes" and a.vocab < 258,
             "the byte tokenizer needs a vocabulary of 258")):
        if wrong:
            p.error(reason)
    return a


if __name__ == "__main__":
    build(parse())
