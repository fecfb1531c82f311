#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A whole ternary model in plain numpy: the judge of end-to-end truth.

Norms, quantizers, RoPE, attention and head are fp64; the dot products of the
ternary linears are exact integers. Slow, and meant to be read:

    bitnet.py DIR --ids 1,2,3 -n 16 [--dump-logits FILE]

prints the greedy ids (end-of-text never stops it); row s of FILE holds the
fp32 logits from which id s was chosen.
"""
import argparse
import json
import mmap
import re
from pathlib import Path

import numpy as np

DTYPES = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "U8": "u1"}


class Tensors(dict):
    """name -> array for every *.safetensors file of a directory, mapped."""

    def __init__(self, directory):
        index = directory / "model.safetensors.index.json"
        if index.exists():
            shards = set(json.loads(index.read_text())["weight_map"].values())
        else:
            shards = ["model.safetensors"]
        for shard in sorted(shards):
            with open(directory / shard, "rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            start = 8 + int.from_bytes(data[:8], "little")
            for name, t in json.loads(data[8:start]).items():
                if name != "__metadata__":
                    self[name] = self.view(data, start, **t)

    @staticmethod
    def view(data, start, dtype, shape, data_offsets):
        array = np.frombuffer(data, DTYPES[dtype], int(np.prod(shape)),
                              start + data_offsets[0]).reshape(shape)
        if dtype == "BF16":  # the upper half of an f32
            array = (array.astype("<u4") << 16).view("<f4")
        return array

    def real(self, name):
        return self[name].astype(np.float64)


class FloatLinear:
    """y = W · x: what no quantization_config converts."""

    def __init__(self, tensors, name):
        self.transposed = tensors.real(name + ".weight").T

    def __call__(self, x, quantize):
        return x @ self.transposed


class Linear:
    """y = alpha · T · int8(x), T in {-1, 0, 1}; alpha may be one of a row, or of
    each of some groups of it."""

    def __init__(self, tensors, name, quantization):
        weight = tensors[name + ".weight"]
        if weight.dtype == np.uint8:  # byte (r, c): rows r, r+R, r+2R, r+3R
            trits = np.vstack([weight >> s & 3 for s in (0, 2, 4, 6)]) - 1.0
            scale = tensors.real(name + ".weight_scale")
            multiplies = quantization.get("linear_class") == "autobitlinear"
            alpha = scale if multiplies else 1 / scale
            single = alpha.size == 1
            self.alpha = float(alpha.reshape(())) if single else \
                alpha.reshape(len(trits), -1)
        else:  # a master: absmean, the quotient rounded as fp32 code does
            weight = weight.astype(np.float32)
            self.alpha = max(np.abs(weight).mean(dtype=np.float64), 1e-5)
            s = np.float32(1) / np.float32(self.alpha)
            trits = np.clip(np.rint(weight * s), -1, 1)
        # fp32 holds the integers exactly while 127 · inputs < 2^24.
        exact = 127 * trits.shape[1] < 1 << 24
        self.transposed = trits.T.astype(np.float32 if exact else np.float64)

    def __call__(self, x, quantize):
        q, scale = quantize(x)
        if np.ndim(self.alpha):
            groups = self.alpha.shape[1]
            parts = zip(np.split(q, groups, axis=-1),
                        np.split(self.transposed, groups), self.alpha.T)
            return sum((part @ trits.astype(np.float64)) * alpha
                       for part, trits, alpha in parts) / scale
        dot = q.astype(self.transposed.dtype) @ self.transposed
        return dot.astype(np.float64) * (self.alpha / scale)


def quantized(matrix, bits):
    """Rows as setun's --embed stores them: integers times a scale for each
    group of columns, the scale that leaves the least of five."""
    rows, columns = matrix.shape
    group, limit = (32 if bits == 4 else 64), np.float32(2 ** (bits - 1) - 1)
    padded = np.zeros((rows, -(-columns // group) * group), "f4")
    padded[:, :columns] = matrix
    w = padded.reshape(rows, -1, group)
    peak = np.abs(w).max(-1, keepdims=True)
    best = least = None
    with np.errstate(divide="ignore", invalid="ignore"):
        for part in map(np.float32, (1, 0.96, 0.92, 0.88, 0.84)):
            scale = peak * part / limit
            code = np.clip(np.rint(w * (np.float32(1) / scale)), -limit, limit)
            kept = np.where(peak > 0, code * scale, np.float32(0))
            rest = ((w.astype("f8") - kept) ** 2).sum(-1, keepdims=True)
            if best is None:
                best, least = kept, rest
            best = np.where(rest < least, kept, best)
            least = np.minimum(rest, least)
    return best.reshape(rows, -1)[:, :columns].astype(np.float64)


def load_linear(tensors, name, quantization):
    """`quantization` is None where config.json has none."""
    def kept(key):  # transformers, should_convert_module, and before it
        return (re.match(key, name) or name.endswith(key)
                or key in name and tensors[name + ".weight"].dtype != np.uint8)
    if quantization is None or any(
            map(kept, quantization.get("modules_to_not_convert") or ())):
        return FloatLinear(tensors, name)
    return Linear(tensors, name, quantization)


def rms_norm(x, weight, eps):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * weight


def rotate_half(x, cos, sin):
    a, b = np.split(x, 2, axis=-1)
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


def silu(x):
    return x * 0.5 * (1 + np.tanh(x / 2))


def relu2(x):
    return np.maximum(x, 0) ** 2


def frequencies(head_dim, theta, scaling):
    """Radians a position -> [head_dim / 2]; transformers, rope_utils."""
    plain = float(theta) ** (-np.arange(0, head_dim, 2) / head_dim)
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    if kind == "default":
        return plain
    slow = plain / scaling["factor"]
    if kind == "linear":
        return slow
    if kind != "llama3":
        raise ValueError(f"rope_type {kind} is not implemented")
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    old = scaling["original_max_position_embeddings"]
    length = 2 * np.pi / plain
    smooth = (old / length - low) / (high - low)
    between = (1 - smooth) * slow + smooth * plain
    return np.where(length > old / low, slow,
                    np.where(length < old / high, plain, between))


# Norms before o_proj and down_proj; LLaMA has none.
NORMS = {"bitnet": ("attn_sub_norm", "ffn_sub_norm"),
         "bitnetllama": ("inner_attn_ln", "ffn_layernorm"),
         "llama": (None, None)}


def family(c):
    """The key of NORMS; 1bitLLM's config.json is LLaMA's with weight_bits."""
    if c["model_type"] == "llama" and "weight_bits" in c:
        return "bitnetllama"
    return c["model_type"]


class Model:
    def __init__(self, directory, embed_bits=None):
        """`embed_bits`: of embedding and head; None: as in the file."""
        directory = Path(directory)
        c = json.loads((directory / "config.json").read_text())
        if c.get("attention_bias"):
            raise ValueError("biases are not implemented")
        masters = family(c) == "bitnetllama"
        quantization = c.get("quantization_config", {} if masters else None)
        if quantization and quantization.get("use_rms_norm"):
            raise ValueError("use_rms_norm is not implemented")
        t = Tensors(directory)
        self.heads = c["num_attention_heads"]
        self.kv_heads = c.get("num_key_value_heads") or self.heads
        self.head_dim = c.get("head_dim") or c["hidden_size"] // self.heads
        self.eps = c["rms_norm_eps"]
        self.activation = {"silu": silu, "relu2": relu2}[c["hidden_act"]]
        self.frequencies = frequencies(self.head_dim, c["rope_theta"],
                                       c.get("rope_scaling") or {})
        self.embedding = t.real("model.embed_tokens.weight")
        tied = c.get("tie_word_embeddings", False)
        self.head = self.embedding if tied else t.real("lm_head.weight")
        if embed_bits:
            self.embedding = quantized(self.embedding, embed_bits)
            self.head = self.embedding if tied else quantized(self.head,
                                                              embed_bits)
        self.final_norm = t.real("model.norm.weight")
        self.norms = NORMS[family(c)]
        self.layers = [self.load(t, f"model.layers.{i}.", quantization)
                       for i in range(c["num_hidden_layers"])]
        self.restart()

    def load(self, t, at, quantization):
        norms = ["input_layernorm", "post_attention_layernorm"]
        norms += [f"{part}.{norm}" for part, norm in
                  zip(("self_attn", "mlp"), self.norms) if norm]
        linears = [f"self_attn.{x}_proj" for x in "qkvo"]
        linears += [f"mlp.{x}_proj" for x in ("gate", "up", "down")]
        layer = {n.split(".")[-1]: t.real(f"{at}{n}.weight") for n in norms}
        for n in linears:
            name = n.split(".")[-1].removesuffix("_proj")
            layer[name] = load_linear(t, at + n, quantization)
        return layer

    def restart(self):
        """Forgets the context."""
        self.cache = [(np.zeros((0, self.kv_heads, self.head_dim)),) * 2
                      for _ in self.layers]
        self.margin = 0.5  # how near a rounding tie a quantizer came

    def quantize(self, x):
        """Per token: int8 values, and the scale that made them."""
        scale = 127 / np.maximum(np.abs(x).max(-1, keepdims=True), 1e-5)
        scaled = x * scale
        ties = np.abs(scaled - np.floor(scaled) - 0.5)
        self.margin = min(self.margin, ties.min())
        return np.clip(np.rint(scaled), -128, 127), scale

    def attention(self, layer, i, x):
        """x [n, hidden] -> [n, heads · head_dim]; grows the cache."""
        n, past = len(x), len(self.cache[i][0])
        qkv = [layer[p](x, self.quantize).reshape(n, -1, self.head_dim) for p in "qkv"]
        angle = np.arange(past, past + n)[:, None, None] * self.frequencies
        q, k = (rotate_half(y, np.cos(angle), np.sin(angle)) for y in qkv[:2])
        k, v = (np.concatenate(p) for p in zip(self.cache[i], (k, qkv[2])))
        self.cache[i] = k, v
        group = self.heads // self.kv_heads
        k, v = (np.repeat(y, group, axis=1) for y in (k, v))
        score = np.einsum("nhd,mhd->hnm", q, k) / np.sqrt(self.head_dim)
        future = np.arange(past + n) > np.arange(past, past + n)[:, None]
        score[:, future] = -np.inf
        p = np.exp(score - score.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        return np.einsum("hnm,mhd->nhd", p, v).reshape(n, -1)

    def step(self, ids):
        """Takes tokens into the context -> logits [len(ids), vocab]."""
        x = self.embedding[np.asarray(ids)]
        for i, layer in enumerate(self.layers):
            def normed(y, norm):
                return rms_norm(y, layer[norm], self.eps) if norm else y

            def linear(name, y):
                return layer[name](y, self.quantize)
            a = self.attention(layer, i, normed(x, "input_layernorm"))
            x = x + linear("o", normed(a, self.norms[0]))
            y = normed(x, "post_attention_layernorm")
            f = self.activation(linear("gate", y)) * linear("up", y)
            x = x + linear("down", normed(f, self.norms[1]))
        return rms_norm(x, self.final_norm, self.eps) @ self.head.T

    def logits(self, ids):
        self.restart()
        return self.step(ids)

    def generate(self, ids, n):
        """Greedy -> n ids, and the [n, vocab] logits they were chosen from."""
        rows = [self.logits(ids)[-1]]
        while len(rows) < n:
            rows.append(self.step([int(rows[-1].argmax())])[-1])
        return [int(row.argmax()) for row in rows[:n]], np.array(rows[:n])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory")
    parser.add_argument("--ids", required=True, help="the prompt: 1,2,3")
    parser.add_argument("-n", type=int, default=16, help="ids to generate")
    parser.add_argument("--dump-logits", metavar="FILE")
    args = parser.parse_args()
    prompt = [int(i) for i in args.ids.split(",")]
    ids, rows = Model(args.directory).generate(prompt, args.n)
    print(",".join(map(str, ids)))
    if args.dump_logits:
        rows.astype("<f4").tofile(args.dump_logits)


if __name__ == "__main__":
    main()
