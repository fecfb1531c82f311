#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Damaged checkpoints: one clear diagnostic, no crash, nothing left behind."""
import os
import shutil
import unittest

import numpy as np

from damage import (both, config, copy, edit_json, file, folder, header, lfs,
                    link, move_all, prefix, quantization, random_edit,
                    remove, rename, shift, tensor, values, write)
from support import checkpoint, fresh_path, main, setun

SHAPE = dict(hidden=64, heads=4, kv_heads=2, ffn=96, vocab=300, layers=1,
             tokenizer="bytes", dtype="f32")
LINEAR = "model.layers.0.mlp.down_proj.weight"
NORM = "model.norm.weight"
DEEP = "[" * 200000
TARGETS = {
    "aarch64_be": "big-endian", "powerpc64": "big-endian",
    "armv7": "32-bit", "i386": "32-bit", "i686-linux-gnu": "32-bit",
    "riscv32": "32-bit", "x86_64-pc-windows-msvc": "not linux",
    "loongarch64": "unknown target 'loongarch64'",
}


def f32(value):
    return np.float32(value).tobytes()


# name: (damage, what the diagnostic says, shards)
CASES = {
    # the container
    "empty": (write("model.safetensors", b""), "model.safetensors"),
    "seven_bytes": (file(lambda b: b[:7]), "model.safetensors"),
    "cut_in_header": (file(lambda b: b[:100]), "model.safetensors"),
    "cut_in_data": (file(lambda b: b[:-100]), "model.safetensors"),
    "one_byte_short": (file(lambda b: b[:-1]), "model.safetensors"),
    "trailing_bytes": (file(lambda b: b + b"\0"), "model.safetensors"),
    "header_longer_than_file": (prefix(1 << 30), "model.safetensors"),
    "header_size_wraps": (prefix((1 << 64) - 8), "model.safetensors"),
    "header_size_zero": (prefix(0), "model.safetensors"),
    "header_not_json": (file(lambda b: b[:8] + b"x" + b[9:]),
                        "model.safetensors"),
    "header_an_array": (write("model.safetensors",
                              (2).to_bytes(8, "little") + b"[]"),
                        "model.safetensors"),
    "header_deep": (write("model.safetensors", len(DEEP).to_bytes(8, "little")
                          + DEEP.encode()), "model.safetensors"),
    "git_lfs_pointer": (write("model.safetensors", b"version https://git-lfs."
                              b"github.com/spec/v1\noid sha256:0\nsize 1\n"),
                        "lfs"),
    "lfs_everywhere": (both(lfs("model.safetensors"), lfs("tokenizer.json")),
                       r"model\.safetensors: .*lfs(.|\n)*"
                       r"tokenizer\.json: .*lfs"),
    "pickle": (file(lambda b: b"\x80\x02\x8a\nl\xfc\x9cF" + b), "pickle"),
    "zip": (file(lambda b: b"PK\3\4" + b"\xff" * 60), "zip, as pytorch"),
    "web_page": (write("model.safetensors", b"<!DOCTYPE html><html></html>"),
                 "web page"),
    "gguf_in_disguise": (write("model.safetensors", b"GGUF" + b"\1" * 99),
                         "gguf file"),
    "a_directory": (both(remove("model.safetensors"),
                         folder("model.safetensors")),
                    "found a directory, expected a file"),
    "a_link_to_itself": (both(remove("model.safetensors"),
                              link("model.safetensors", "model.safetensors")),
                         "symbolic link"),
    "a_link_nowhere": (both(remove("config.json"),
                            link("config.json", "../blobs/0")),
                       "config.json: a symbolic link"),
    "pytorch_only": (rename("model.safetensors", "pytorch_model.bin"),
                     "safe_serialization"),
    "adapter_only": (rename("model.safetensors", "adapter_model.safetensors"),
                     "lora adapter"),
    "adapter_beside": (write("adapter_config.json", b"{}"), "lora adapter"),
    "in_a_subfolder": (move_all("checkpoint-500"),
                       "a model lies in checkpoint-500"),
    # the tensors
    "offset_past_end": (shift(LINEAR, 1 << 40), LINEAR),
    "offset_wraps": (tensor(LINEAR, data_offsets=[(1 << 64) - 1536, 0]),
                     LINEAR),
    "offset_negative": (tensor(LINEAR, data_offsets=[-1536, 0]), LINEAR),
    "offset_reversed": (header(lambda h: h[LINEAR]["data_offsets"].reverse()),
                        LINEAR),
    "offsets_overlap": (shift(LINEAR, -1536), LINEAR),
    "offsets_missing": (header(lambda h: h[LINEAR].pop("data_offsets")),
                        LINEAR),
    "shape_disagrees": (tensor(LINEAR, shape=[17, 96]), LINEAR),
    "shape_transposed": (tensor(LINEAR, shape=[96, 16]), LINEAR),
    "shape_wraps": (tensor(LINEAR, shape=[1 << 32, 1 << 32]), LINEAR),
    "shape_negative": (tensor(LINEAR, shape=[-16, -96]), LINEAR),
    "dtype_unknown": (tensor(LINEAR, dtype="Q3"), LINEAR),
    "dtype_wrong": (tensor(NORM, dtype="I32"), NORM),
    "tensor_missing": (header(lambda h: h.update(x=h.pop(NORM))), NORM),
    "scale_missing": (header(lambda h: h.update(x=h.pop(LINEAR + "_scale"))),
                      LINEAR + "_scale"),
    "scale_nan": (values(LINEAR + "_scale", f32(np.nan)), LINEAR + "_scale"),
    "scale_infinite": (values(LINEAR + "_scale", f32(np.inf)),
                       LINEAR + "_scale"),
    "scale_zero": (values(LINEAR + "_scale", f32(0)), LINEAR + "_scale"),
    "norm_nan": (values(NORM, f32(np.nan)), NORM),
    "code_three": (values(LINEAR, b"\xff"), LINEAR),
    # config.json
    "config_missing": (remove("config.json"), "config.json"),
    "config_empty": (write("config.json", b""), "config.json"),
    "config_cut": (write("config.json", b'{"hidden_size": 64,'),
                   "config.json"),
    "config_bom": (file(lambda b: b"\xef\xbb\xbf" + b, "config.json"),
                   "byte-order mark"),
    "config_nan": (write("config.json", b'{"rms_norm_eps": NaN}'),
                   "config.json: not valid json"),
    "config_deep": (write("config.json", DEEP.encode()), "config.json"),
    "hidden_missing": (edit_json("config.json",
                                 lambda c: c.pop("hidden_size")),
                       "hidden_size"),
    "hidden_a_string": (config(hidden_size="64"), "hidden_size"),
    "hidden_zero": (config(hidden_size=0), "hidden_size"),
    "hidden_negative": (config(hidden_size=-64), "hidden_size"),
    "hidden_huge": (config(hidden_size=1 << 62), "hidden_size|embed_tokens"),
    "layers_huge": (config(num_hidden_layers=10**9),
                    r"num_hidden_layers|layers\.1\."),
    "layers_too_many": (config(num_hidden_layers=2), r"layers\.1\."),
    "vocabulary_lies": (config(vocab_size=301), "embed_tokens|vocab_size"),
    "heads_not_grouped": (config(num_key_value_heads=3),
                          "num_key_value_heads"),
    "heads_do_not_divide": (config(num_attention_heads=7),
                            "num_attention_heads|num_key_value_heads"),
    "activation_unknown": (config(hidden_act="mish"), "mish"),
    "architecture_unknown": (config(architectures=["MambaForCausalLM"]),
                             "MambaForCausalLM"),
    "eps_negative": (config(rms_norm_eps=-1.0), "rms_norm_eps"),
    "theta_zero": (config(rope_theta=0.0), "rope_theta"),
    "rope_scaling": (config(rope_scaling={"type": "ntk", "factor": 2.0}),
                     "rope_scaling|ntk"),
    "biases": (config(attention_bias=True), "q_proj.bias.*missing"),
    "method_unknown": (quantization(quant_method="gptq"), "quant_method|gptq"),
    "class_unknown": (quantization(linear_class="bitblas"),
                      "linear_class|bitblas"),
    "mode_unknown": (quantization(quantization_mode="later"),
                     "quantization_mode|later"),
    # shards and tokenizer
    "shard_missing": (remove("model-00002-of-00002.safetensors"),
                      "1 of 2 shards are missing(.|\n)*"
                      "model-00002-of-00002.safetensors: missing", 2),
    "shard_missing_without_index": (
        both(remove("model.safetensors.index.json"),
             remove("model-00001-of-00002.safetensors")),
        "model-00001-of-00002.safetensors: missing", 2),
    "shard_twice": (copy("model-00001-of-00002.safetensors",
                         "model-00002-of-00002.safetensors"),
                    "is in model-00001-of-00002.safetensors, too", 2),
    "shard_outside": (edit_json("model.safetensors.index.json",
                                lambda i: i["weight_map"].update(
                                    {NORM: "../../x.safetensors"})),
                      f"{NORM}|x.safetensors", 2),
    "index_cut": (write("model.safetensors.index.json", b"{"),
                  "model.safetensors.index.json", 2),
    "index_lies": (edit_json("model.safetensors.index.json",
                             lambda i: i["weight_map"].update(
                                 {NORM: "model-00001-of-00002.safetensors"})),
                   NORM, 2),
    "tokenizer_missing": (remove("tokenizer.json"), "--no-tokenizer"),
    "tokenizer_cut": (write("tokenizer.json", b'{"model":'),
                      "tokenizer.json"),
    "tokenizer_deep": (write("tokenizer.json", DEEP.encode()),
                       "tokenizer.json"),
    "tokenizer_id_outside": (edit_json("tokenizer.json", lambda t: t["model"]
                                       ["vocab"].update(zz=300)),
                             "tokenizer.json"),
}


class BadInput(unittest.TestCase):
    def check(self, damage, word, shards=1):
        model = fresh_path("model")
        shutil.copytree(checkpoint(shards=shards, **SHAPE), model)
        damage(model)
        self.refused(model, word)

    def refused(self, model, word, *options):
        folder = fresh_path("temporary")
        folder.mkdir()
        result = setun("compile", model, "-o", folder / "exe", *options,
                       cwd=folder, env=os.environ | {"TMPDIR": str(folder)})
        self.assertIn(result.returncode, range(1, 128), result.stderr[-2000:])
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr.lower(), word.lower())
        self.assertIn("error: ", result.stderr)
        self.assertLess(len(result.stderr.splitlines()), 40)
        self.assertNotRegex(result.stderr, "Assertion|Stack dump|LLVM ERROR"
                                           "|Sanitizer|runtime error")
        self.assertEqual(list(folder.iterdir()), [])

    def test_no_such_model(self):
        self.refused(fresh_path("nothing-here"), "nothing-here")

    def test_empty_directory(self):
        model = fresh_path("empty-directory")
        model.mkdir()
        self.refused(model, "config.json")

    def test_no_such_target(self):
        for target, reason in TARGETS.items():
            with self.subTest(target):
                self.refused(checkpoint(shards=1, **SHAPE), reason,
                             f"--target={target}")

    def test_random_edits(self):
        """Anything in any file: an executable or a diagnostic, no third."""
        random = np.random.default_rng(6)
        original = checkpoint(shards=2, **SHAPE)
        codes = []
        for number in range(30):
            model = fresh_path("model")
            shutil.copytree(original, model)
            path = sorted(model.iterdir())[number % len(list(
                model.iterdir()))]
            path.write_bytes(random_edit(path.read_bytes(), random))
            exe = fresh_path("exe")
            result = setun("compile", model, "-o", exe)
            codes.append(result.returncode)
            self.assertEqual(exe.exists(), result.returncode == 0)
            self.assertEqual("error: " in result.stderr,
                             result.returncode == 1, result.stderr)
        self.assertEqual(set(codes), {0, 1})

    def compiled(self, model):
        exe = fresh_path("exe")
        result = setun("compile", model, "-o", exe)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertTrue(os.access(exe, os.X_OK))
        return exe.read_bytes()

    def test_fine_tune_directory(self):
        """What trainers leave beside changes no byte; nor do lost indices."""
        original = checkpoint(shards=2, **SHAPE)
        model = fresh_path("parent") / original.name
        shutil.copytree(original, model)
        for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth",
                     "trainer_state.json", "training_args.bin", "README.md",
                     "checkpoint-500/model.safetensors",
                     "original/consolidated.00.pth", "pytorch_model.bin"):
            (model / name).parent.mkdir(parents=True, exist_ok=True)
            (model / name).write_bytes(b"\0damaged")
        (model / "model.safetensors.index.json").unlink()
        self.assertEqual(self.compiled(original), self.compiled(model))


for _name, _case in CASES.items():
    setattr(BadInput, f"test_{_name}",
            lambda self, case=_case: self.check(*case))

if __name__ == "__main__":
    main()
