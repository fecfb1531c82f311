#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""seeds.py FOLDER: writes small inputs to begin with for each fuzzer."""
import json
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PACKED = EXAMPLES / "shakespeare-relu2/packed"
STORIES = EXAMPLES / "tinystories-3m"


def container(header, payload=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + payload


def entry(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def safetensors():
    yield container({})
    yield container({"__metadata__": {"format": "pt"}})
    yield container({"a": entry("F32", [2, 1], 0, 8),
                     "b": entry("U8", [3], 8, 11)}, bytes(11))
    yield container({"a": entry("BF16", [], 0, 2),
                     "b": entry("I64", [0], 2, 2)}, bytes(2))
    yield container({"a": entry("F16", [1 << 32, 1 << 32], 0, 0)})
    yield container(b" {}  ")


def config():
    for folder in EXAMPLES / "shakespeare-relu2/master", PACKED, STORIES:
        text = (folder / "config.json").read_bytes()
        yield text
    base = json.loads(text)
    for extra in ({"rope_scaling": {"rope_type": "llama3", "factor": 8.0,
                                    "low_freq_factor": 1.0,
                                    "high_freq_factor": 4.0,
                                    "original_max_position_embeddings": 64}},
                  {"rope_scaling": {"type": "linear", "factor": 2.0}},
                  {"rope_parameters": {"rope_type": "yarn", "factor": 4.0,
                                       "rope_theta": 1e4}},
                  {"architectures": ["LlamaForCausalLM"],
                   "model_type": "llama"},
                  {"architectures": ["BitnetForCausalLM"],
                   "model_type": "llama", "input_bits": 8, "weight_bits": 1},
                  {"eos_token_id": [1, 2], "bos_token_id": None},
                  {"architectures": ["Qwen3ForCausalLM"]},
                  {"head_dim": 64, "attention_bias": True}):
        yield json.dumps(base | extra).encode()


def small_tokenizer(**parts):
    vocabulary = {"<unk>": 0, "a": 1, "b": 2, "ab": 3, "\u0120a": 4, "\u2581": 5}
    return {"version": "1.0", "added_tokens": [
                {"id": 6, "content": "<s>", "special": True, "lstrip": False,
                 "rstrip": False, "normalized": False, "single_word": False}],
            "normalizer": None, "pre_tokenizer": None, "post_processor": None,
            "decoder": {"type": "ByteLevel"},
            "model": {"type": "BPE", "vocab": vocabulary,
                      "merges": ["a b"]}} | parts


def tokenizer():
    split = {"type": "Split", "behavior": "Isolated", "invert": False,
             "pattern": {"Regex": r"\s+(?!\S)|\p{L}+"}}
    metaspace = {"type": "Metaspace", "replacement": "\u2581",
                 "prepend_scheme": "first", "split": False}
    for parts in ({}, {"pre_tokenizer": {"type": "ByteLevel", "use_regex": True,
                                         "add_prefix_space": False}},
                  {"pre_tokenizer": {"type": "Sequence",
                                     "pretokenizers": [split]}},
                  {"pre_tokenizer": metaspace, "decoder": metaspace},
                  {"normalizer": {"type": "Sequence", "normalizers": [
                      {"type": "NFC"}, {"type": "Prepend", "prepend": "\u2581"},
                      {"type": "Replace", "content": "\u2581",
                       "pattern": {"String": " "}}]},
                   "decoder": {"type": "Sequence", "decoders": [
                       {"type": "ByteFallback"}, {"type": "Fuse"},
                       {"type": "Strip", "content": " ", "start": 1,
                        "stop": 0}]}},
                  {"post_processor": {
                      "type": "TemplateProcessing",
                      "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                                 {"Sequence": {"id": "A", "type_id": 0}}],
                      "pair": [], "special_tokens": {
                          "<s>": {"id": "<s>", "ids": [6],
                                  "tokens": ["<s>"]}}}}):
        yield b"\0" + json.dumps(small_tokenizer(**parts)).encode()
    yield b"\1" + (STORIES / "tokenizer.model").read_bytes()


def regex():
    for pattern in (r"'s|'t| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
                    r"(?i:'s|'t|'re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}",
                    r"[^\s]*?[\p{Lu}\p{Lt}]{2,}+(?=\s|$)", r"a{3,5}|[\x{4e00}-",
                    r"(?:(?:a|b)*c)+?\d\w\S[^a-z\]]", "\u2581*[^\u2581]+"):
        yield pattern.encode()


def tokenizer_text():
    for text in ("Hello,  world's 1234\n\n", "<s>\u2581e\u0301 \U0001f600</s>",
                 "\0\xff", "   \t a"):
        yield text.encode("latin-1", "replace")
        yield text.encode()


def chat():
    for text in ("{% for m in messages %}<|{{ m['role'] }}|>{{ m.content | trim "
                 "}}{% endfor %}{% if add_generation_prompt %}<|a|>{% endif %}",
                 "{%- set ns = namespace(n=0) -%}{% macro f(x, y='z') %}"
                 "{{ x ~ y }}{% endmacro %}{{ f(1) }}{{ messages[::-1] }}",
                 "{{ raise_exception('no') if messages[0]['role'] not in "
                 "['user'] else tools | tojson(indent=4) }}"):
        yield text.encode()


def tuning():
    yield b"""sessions {
  machine { target: "#lut.target<name = \\"x\\">" cpu: "A" threads: 2
            producer: "setun" }
  measurements {
    linear { rows: 64 columns: 128 } packing: "b3" batch_class: "decode"
    tile { strategy: "mad" rows: 1 blocks: 4 unroll: 1 tokens: 1 }
    nanoseconds: 1000 relative: 1 runs: 5
  }
}
"""
    yield b""


def executable():
    yield b""
    for offset in range(0, 1400, 40):
        yield offset.to_bytes(2, "little") + b"\xff\xff\xff\x7f"


def main():
    for name, seeds in (("safetensors", safetensors), ("config", config),
                        ("tokenizer", tokenizer), ("regex", regex),
                        ("tokenizer-text", tokenizer_text),
                        ("chat", chat),
                        ("tuning", tuning), ("executable", executable)):
        folder = Path(sys.argv[1]) / f"fuzz-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(seeds()):
            (folder / str(number)).write_bytes(content)


if __name__ == "__main__":
    main()
