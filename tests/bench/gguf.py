# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a packed checkpoint of make_checkpoint.py as GGUF, in f16, for the
quantizers of llama.cpp and its relatives. Ternary weights are multiplied by
their scale; there is no tokenizer."""
import json
import math
import struct
from pathlib import Path

import numpy as np

F32, F16 = 0, 1  # types of tensors
ALIGNMENT = 32
CHUNK = 1 << 24  # values held in memory at once
NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "self_attn.attn_sub_norm": "attn_sub_norm",
    "mlp.ffn_sub_norm": "ffn_sub_norm", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}


def text(string):
    return struct.pack("<Q", len(string)) + string.encode()


def entry(key, value):
    kinds = {str: (8, text), int: (4, lambda v: struct.pack("<I", v)),
             float: (6, lambda v: struct.pack("<f", v))}
    kind, encode = kinds[type(value)]
    return text(key) + struct.pack("<I", kind) + encode(value)


def metadata(config, architecture):
    heads = config["num_attention_heads"]
    numbers = {
        "context_length": config["max_position_embeddings"],
        "embedding_length": config["hidden_size"],
        "block_count": config["num_hidden_layers"],
        "feed_forward_length": config["intermediate_size"],
        "attention.head_count": heads,
        "attention.head_count_kv": config["num_key_value_heads"],
        "attention.layer_norm_rms_epsilon": config["rms_norm_eps"],
        "rope.dimension_count": config["hidden_size"] // heads,
        "rope.freq_base": config["rope_theta"],
        "vocab_size": config["vocab_size"],
    }
    return {"general.architecture": architecture,
            "tokenizer.ggml.model": "no_vocab",
            **{f"{architecture}.{key}": numbers[key] for key in numbers}}


def renamed(name):
    name = name.removesuffix(".weight")
    if name.startswith("model.layers."):
        layer, name = name.removeprefix("model.layers.").split(".", 1)
        return f"blk.{layer}.{NAMES[name]}.weight"
    return NAMES[name] + ".weight"


def from_bf16(bits):
    return (np.asarray(bits).astype("<u4") << 16).view("<f4")


class Checkpoint:
    def __init__(self, path):
        path = Path(path)
        self.config = json.loads((path / "config.json").read_text())
        self.data = np.memmap(path / "model.safetensors", "u1", "r")
        end = 8 + int(self.data[:8].view("<u8")[0])
        self.header = json.loads(bytes(self.data[8:end]))
        self.header.pop("__metadata__")
        self.data = self.data[end:]

    def stored(self, name):
        begin, end = self.header[name]["data_offsets"]
        values = self.data[begin:end]
        return values if self.ternary(name) else values.view("<u2")

    def ternary(self, name):
        return self.header[name]["dtype"] == "U8"

    def tensors(self):
        """-> name, shape, type of each in the file to come."""
        for name, tensor in self.header.items():
            if not name.endswith("_scale"):
                shape = tensor["shape"]
                if self.ternary(name):
                    shape = [4 * shape[0], shape[1]]
                yield name, shape, F16 if len(shape) == 2 else F32

    def chunks(self, name, kind):
        values, dtype = self.stored(name), {F32: "<f4", F16: "<f2"}[kind]
        if not self.ternary(name):
            for at in range(0, len(values), CHUNK):
                yield from_bf16(values[at:at + CHUNK]).astype(dtype)
            return
        table = from_bf16(self.stored(name + "_scale")) * np.arange(-1, 3)
        for quarter in range(4):  # rows r + quarter · (a quarter of the rows)
            for at in range(0, len(values), CHUNK):
                codes = values[at:at + CHUNK] >> 2 * quarter & 3
                yield table.astype(dtype)[codes]


def padding(size):
    return -size % ALIGNMENT


def write(checkpoint, path, architecture):
    checkpoint = Checkpoint(checkpoint)
    entries = metadata(checkpoint.config, architecture)
    tensors, at = list(checkpoint.tensors()), 0
    header = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(entries))
    header += b"".join(entry(*item) for item in entries.items())
    for name, shape, kind in tensors:
        header += text(renamed(name)) + struct.pack(
            f"<I{len(shape)}QIQ", len(shape), *reversed(shape), kind, at)
        size = math.prod(shape) * (4 if kind == F32 else 2)
        at += size + padding(size)
    with open(path, "wb") as file:
        file.write(header + bytes(padding(len(header))))
        for name, shape, kind in tensors:
            for chunk in checkpoint.chunks(name, kind):
                file.write(chunk.data)
            file.write(bytes(padding(file.tell())))
