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
    """y = W · x + bias: what no quantization_config converts."""

    def __init__(self, tensors, name):
        self.transposed = tensors.real(name + ".weight").T
        self.bias = tensors.real(name + ".bias") if name + ".bias" in tensors \
            else 0

    def __call__(self, x, quantize):
        return x @ self.transposed + self.bias


class Linear:
    """y = alpha · T · int8(x) + bias, T in {-1, 0, 1}; x may be normed. alpha may
    be one of a row, or of each of some groups of it."""

    def __init__(self, tensors, name, eps, quantization):
        multiplies = quantization.get("linear_class") == "autobitlinear"
        weight = tensors[name + ".weight"]
        scales_bias = False
        if weight.dtype == np.uint8:  # byte (r, c): rows r, r+R, r+2R, r+3R
            trits = np.vstack([weight >> s & 3 for s in (0, 2, 4, 6)]) - 1.0
            scale = tensors.real(name + ".weight_scale")
            alpha = scale if multiplies else 1 / scale
            single = alpha.size == 1
            self.alpha = float(alpha.reshape(())) if single else \
                alpha.reshape(len(trits), -1)
            scales_bias = multiplies
        else:  # a master: absmean, the quotient rounded as fp32 code does
            weight = weight.astype(np.float32)
            self.alpha = max(np.abs(weight).mean(dtype=np.float64), 1e-5)
            s = np.float32(1) / np.float32(self.alpha)
            trits = np.clip(np.rint(weight * s), -1, 1)
        # fp32 holds the integers exactly while 127 · inputs < 2^24.
        exact = 127 * trits.shape[1] < 1 << 24
        self.transposed = trits.T.astype(np.float32 if exact else np.float64)
        self.bias = 0
        if name + ".bias" in tensors:
            self.bias = tensors.real(name + ".bias")
            self.bias = self.bias * (self.alpha if scales_bias else 1)
        self.norm, self.eps = None, eps
        if name + ".norm.weight" in tensors:
            self.norm = tensors.real(name + ".norm.weight")
        if quantization.get("use_rms_norm"):
            self.norm = tensors.real(name + ".rms_norm.weight")
            self.eps = quantization.get("rms_norm_eps", 1e-6)

    def __call__(self, x, quantize):
        if self.norm is not None:
            x = rms_norm(x, self.norm, self.eps)
        q, scale = quantize(x)
        if np.ndim(self.alpha):
            groups = self.alpha.shape[1]
            parts = zip(np.split(q, groups, axis=-1),
                        np.split(self.transposed, groups), self.alpha.T)
            return sum((part @ trits.astype(np.float64)) * alpha
                       for part, trits, alpha in parts) / scale + self.bias
        dot = q.astype(self.transposed.dtype) @ self.transposed
        return dot.astype(np.float64) * (self.alpha / scale) + self.bias


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


def load_linear(tensors, name, eps, quantization):
    """`quantization` is None where config.json has none."""
    def kept(key):  # transformers, should_convert_module, and before it
        return (re.match(key, name) or name.endswith(key)
                or key in name and tensors[name + ".weight"].dtype != np.uint8)
    if quantization is None and name + ".norm.weight" in tensors:
        quantization = {}  # masters of an embedding
    if quantization is None or any(
            map(kept, quantization.get("modules_to_not_convert") or ())):
        return FloatLinear(tensors, name)
    return Linear(tensors, name, eps, quantization)


def rms_norm(x, weight, eps):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * weight


def rotate_half(x, cos, sin):
    a, b = np.split(x, 2, axis=-1)
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


def silu(x):
    return x * 0.5 * (1 + np.tanh(x / 2))


def relu2(x):
    return np.maximum(x, 0) ** 2


def gelu_tanh(x):
    return x * 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


class Rope:
    """Angles of one kind of layers; transformers, modeling_rope_utils.py."""

    def __init__(self, c, head_dim, theta, own):
        partial = own.get("partial_rotary_factor",
                          c.get("partial_rotary_factor") or 1)
        self.width = int(head_dim * partial)
        self.theta = float(own.get("rope_theta") or theta)
        self.angles = self.theta ** (-np.arange(0, self.width, 2) / self.width)
        self.scale, self.own = 1.0, own
        self.longest = c["max_position_embeddings"]
        self.old = own.get("original_max_position_embeddings", self.longest)
        kind = own.get("rope_type", own.get("type", "default"))
        getattr(self, "scale_" + kind)()

    def scale_default(self):
        pass

    scale_dynamic = scale_default  # up to the longest context

    def scale_linear(self):
        self.angles = self.angles / self.own["factor"]

    def scale_longrope(self):  # as long as `original` is not exceeded
        self.angles = self.angles / np.array(self.own["short_factor"])
        factor = self.own.get("factor", self.longest / self.old)
        if factor > 1:
            self.scale = np.sqrt(1 + np.log(factor) / np.log(self.old))

    def scale_llama3(self):
        low, high = self.own["low_freq_factor"], self.own["high_freq_factor"]
        plain, length = self.angles, 2 * np.pi / self.angles
        slow = plain / self.own["factor"]
        smooth = (self.old / length - low) / (high - low)
        between = (1 - smooth) * slow + smooth * plain
        self.angles = np.where(length > self.old / low, slow,
                               np.where(length < self.old / high, plain,
                                        between))

    def scale_yarn(self):
        def mscale(weight):
            return 0.1 * weight * np.log(factor) + 1 if factor > 1 else 1.0

        def dimension(turns):
            return (self.width * np.log(self.old / (turns * 2 * np.pi))
                    / (2 * np.log(self.theta)))
        own = self.own
        factor = own.get("factor") or self.longest / self.old
        self.scale = mscale(1)
        if own.get("mscale") and own.get("mscale_all_dim"):
            self.scale = mscale(own["mscale"]) / mscale(own["mscale_all_dim"])
        self.scale = own.get("attention_factor") or self.scale
        low = dimension(own.get("beta_fast") or 32)
        high = dimension(own.get("beta_slow") or 1)
        if own.get("truncate", True):
            low, high = np.floor(low), np.ceil(high)
        low, high = max(low, 0), min(high, self.width - 1)
        span = high - low or 0.001
        ramp = np.clip((np.arange(self.width // 2) - low) / span, 0, 1)
        self.angles = self.angles * (ramp / factor + 1 - ramp)

    def __call__(self, x, positions):
        """x [n, heads, head_dim]; what lies behind the width stays."""
        angle = positions[:, None, None] * self.angles
        cos, sin = np.cos(angle) * self.scale, np.sin(angle) * self.scale
        return np.concatenate([rotate_half(x[..., :self.width], cos, sin),
                               x[..., self.width:]], -1)


# Norms before o_proj and down_proj; LLaMA has none.
NORMS = {"bitnet": ("attn_sub_norm", "ffn_sub_norm"),
         "bitnetllama": ("inner_attn_ln", "ffn_layernorm")}
GEMMA = "gemma3_text"


def family(c):
    """1bitLLM's config.json is LLaMA's with weight_bits."""
    if c["model_type"] == "llama" and "weight_bits" in c:
        return "bitnetllama"
    return c["model_type"]


def windows(c):
    """The positions that each layer sees, 0 for all."""
    count, size = c["num_hidden_layers"], c.get("sliding_window") or 0
    if c["model_type"] == GEMMA:
        pattern = c.get("sliding_window_pattern", 6)
        sliding = [(i + 1) % pattern > 0 for i in range(count)]
    elif c["model_type"] == "mistral":
        sliding = [True] * count
    else:
        sliding = [c.get("use_sliding_window", False) and
                   i >= c.get("max_window_layers", 28) for i in range(count)]
    if "layer_types" in c:
        sliding = [kind == "sliding_attention" for kind in c["layer_types"]]
    return sliding, [size * each for each in sliding]


class Model:
    def __init__(self, directory, embed_bits=None):
        """`embed_bits`: of embedding and head; None: as in the file."""
        directory = Path(directory)
        c = json.loads((directory / "config.json").read_text())
        quantization = c.get("quantization_config")
        if family(c) == "bitnetllama":
            quantization = {}
        t = Tensors(directory)
        self.root = "" if "embed_tokens.weight" in t else "model."
        self.family, self.config = family(c), c
        self.gemma = self.family == GEMMA
        self.heads = c["num_attention_heads"]
        self.kv_heads = c.get("num_key_value_heads") or self.heads
        self.head_dim = c.get("head_dim") or c["hidden_size"] // self.heads
        self.eps = c["rms_norm_eps"]
        self.activation = {
            "silu": silu, "relu2": relu2, "gelu_pytorch_tanh": gelu_tanh,
        }[c.get("hidden_act") or c["hidden_activation"]]
        scalar = c.get("query_pre_attn_scalar", 256) if self.gemma else None
        self.score_scale = (scalar or self.head_dim) ** -0.5
        self.sliding, self.windows = windows(c)
        self.ropes = self.make_ropes(c)
        self.embedding = t.real(self.root + "embed_tokens.weight")
        self.head = t.real("lm_head.weight") if "lm_head.weight" in t else None
        if embed_bits:
            self.embedding = quantized(self.embedding, embed_bits)
        if embed_bits and self.head is not None:
            self.head = quantized(self.head, embed_bits)
        if self.head is None:
            self.head = self.embedding
        self.final_norm = self.norm(t, "norm")
        self.norms = NORMS.get(self.family, (None, None))
        self.layers = [self.load(t, f"layers.{i}.", quantization)
                       for i in range(c["num_hidden_layers"])]
        self.restart()

    def make_ropes(self, c):
        """Of layers that see all, and of those with a window."""
        theta = c.get("rope_theta", 1e6 if self.gemma else 1e4)
        local = c.get("rope_local_base_freq", 1e4) if self.gemma else theta
        own = c.get("rope_parameters") or c.get("rope_scaling") or {}
        full = own.get("full_attention", own)
        sliding = own.get("sliding_attention", {} if self.gemma else full)
        return [Rope(c, self.head_dim, theta, full),
                Rope(c, self.head_dim, local, sliding)]

    def norm(self, t, name):
        return t.real(f"{self.root}{name}.weight") + self.gemma

    def load(self, t, at, quantization):
        norms = ["input_layernorm", "post_attention_layernorm"]
        norms += [f"{part}.{norm}" for part, norm in
                  zip(("self_attn", "mlp"), self.norms) if norm]
        norms += [n for n in ("self_attn.q_norm", "self_attn.k_norm",
                              "pre_feedforward_layernorm",
                              "post_feedforward_layernorm")
                  if f"{self.root}{at}{n}.weight" in t]
        linears = [f"self_attn.{x}_proj" for x in "qkvo"]
        linears += [f"mlp.{x}_proj" for x in ("gate", "up", "down")]
        layer = {n.split(".")[-1]: self.norm(t, at + n) for n in norms}
        for n in linears:
            name = n.split(".")[-1].removesuffix("_proj")
            layer[name] = load_linear(t, self.root + at + n, self.eps,
                                      quantization)
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
        q, k, v = (layer[p](x, self.quantize).reshape(n, -1, self.head_dim)
                   for p in "qkv")
        if "q_norm" in layer:
            q = rms_norm(q, layer["q_norm"], self.eps)
            k = rms_norm(k, layer["k_norm"], self.eps)
        rope, positions = self.ropes[self.sliding[i]], np.arange(past, past + n)
        q, k = rope(q, positions), rope(k, positions)
        k, v = (np.concatenate(p) for p in zip(self.cache[i], (k, v)))
        self.cache[i] = k, v
        group = self.heads // self.kv_heads
        k, v = (np.repeat(y, group, axis=1) for y in (k, v))
        score = np.einsum("nhd,mhd->hnm", q, k) * self.score_scale
        distance = positions[:, None] - np.arange(past + n)
        hidden = distance < 0
        if self.windows[i]:
            hidden |= distance >= self.windows[i]
        score[:, hidden] = -np.inf
        p = np.exp(score - score.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        return np.einsum("hnm,mhd->nhd", p, v).reshape(n, -1)

    def hidden(self, ids):
        """Takes tokens into the context -> the head's input, a row each."""
        x = self.embedding[np.asarray(ids)]
        if self.gemma:
            x = x * np.sqrt(x.shape[-1])
        for i, layer in enumerate(self.layers):
            def normed(y, norm):
                return rms_norm(y, layer[norm], self.eps) if norm else y

            def linear(name, y):
                return layer[name](y, self.quantize)
            a = self.attention(layer, i, normed(x, "input_layernorm"))
            a = linear("o", normed(a, self.norms[0]))
            x = x + normed(a, self.gemma and "post_attention_layernorm")
            y = normed(x, "pre_feedforward_layernorm" if self.gemma
                       else "post_attention_layernorm")
            f = self.activation(linear("gate", y)) * linear("up", y)
            f = linear("down", normed(f, self.norms[1]))
            x = x + normed(f, self.gemma and "post_feedforward_layernorm")
        return rms_norm(x, self.final_norm, self.eps)

    def step(self, ids):
        """Takes tokens into the context -> logits [len(ids), vocab]."""
        return self.hidden(ids) @ self.head.T

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
