#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checkpoints of shapes nobody ships, against the reference."""
import unittest

import numpy as np

from support import (ODD, Reference, checkpoint, compiled, main, range_error)

CASES = {
    "odd": ODD,
    "odd_untied_bitlinear": ODD | dict(untied=True, linear_class="bitlinear"),
    "odd_master_f32": ODD | dict(format="master", dtype="f32", seed=2),
    "odd_silu_f16_sharded": ODD | dict(act="silu", dtype="f16", shards=3),
    "head_dim_not_hidden_over_heads": ODD | dict(head_dim=32, seed=3),
    "odd_rows_master": dict(hidden=90, heads=5, kv_heads=1, head_dim=22,
                            ffn=203, vocab=301, format="master", act="silu"),
    "no_grouping": dict(hidden=128, heads=4, kv_heads=4, ffn=1100, vocab=259,
                        rope_theta=5e5, dtype="f32", untied=True),
    "one_of_everything": dict(hidden=4, heads=1, kv_heads=1, ffn=4, vocab=5,
                              layers=1, dtype="f32"),
    "dense_trits": dict(hidden=512, heads=8, kv_heads=2, ffn=1536, vocab=1000,
                        zeros=0, linear_class="bitlinear", dtype="f32"),
    "sparse_trits": dict(hidden=200, heads=10, kv_heads=5, ffn=332, vocab=640,
                         zeros=0.95, eps=1e-6, layers=4),
    "llama_odd": ODD | dict(architecture="llama", linear_class="bitlinear",
                            act="silu", untied=True, eps=1e-6, dtype="f16"),
    "llama_rope_scaled": dict(
        architecture="llama", hidden=192, heads=6, kv_heads=2, ffn=500,
        vocab=310, act="silu", rope_theta=5e5, seed=4,
        rope_scaling='{"rope_type": "llama3", "factor": 8, "low_freq_factor": '
                     '1, "high_freq_factor": 4, '
                     '"original_max_position_embeddings": 64}'),
    "llama_rope_linear": ODD | dict(
        architecture="llama", act="silu",
        rope_scaling='{"type": "linear", "factor": 4}'),
    "bitnet_of_1bitllm": dict(architecture="bitnetllama", hidden=120, heads=4,
                              kv_heads=4, ffn=331, vocab=350, format="master",
                              act="silu", dtype="f16", eps=1e-5),
    "llama_biases": ODD | dict(
        architecture="llama", linear_class="bitlinear", act="silu",
        config='{"attention_bias": true, "mlp_bias": true}'),
    # AutoBitLinear scales its bias with the products.
    "llama_biases_scaled": ODD | dict(
        architecture="llama", act="silu", config='{"attention_bias": true}'),
    "llama_norms_inside": ODD | dict(architecture="llama", act="silu",
                                     norm_inside="rms_norm"),
    "llama_partial_rotary": ODD | dict(
        architecture="llama", act="silu",
        config='{"partial_rotary_factor": 0.5}'),
    "llama_rope_yarn": ODD | dict(
        architecture="llama", act="silu", seed=6,
        rope_scaling='{"type": "yarn", "factor": 4, '
                     '"original_max_position_embeddings": 40}'),
    "llama_rope_dynamic": ODD | dict(
        architecture="llama", act="silu", seed=7,
        config='{"rope_parameters": {"rope_type": "dynamic", "factor": 4, '
               '"rope_theta": 10000.0}}'),
    "mistral_window": ODD | dict(architecture="mistral", act="silu",
                                 config='{"sliding_window": 21}'),
    "qwen2": ODD | dict(architecture="qwen2", act="silu", format="master",
                        untied=True),
    "qwen3_f32_in_7_shards": ODD | dict(
        architecture="qwen3", act="silu", head_dim=36, dtype="f32", shards=7,
        backwards=True, format="master",
        config='{"use_sliding_window": true, "sliding_window": 50, '
               '"max_window_layers": 2, "attention_bias": true}'),
    "qwen3_embedding": ODD | dict(
        architecture="qwen3", act="silu", format="master", headless=True,
        norm_inside="norm"),
    "gemma3": ODD | dict(
        architecture="gemma3", act="gelu_pytorch_tanh", head_dim=20, layers=4,
        config='{"sliding_window": 9, "sliding_window_pattern": 2, '
               '"query_pre_attn_scalar": 24, "rope_theta": 1000000.0, '
               '"rope_local_base_freq": 10000.0}'),
    "gemma3_embedding": ODD | dict(
        architecture="gemma3", act="gelu_pytorch_tanh", head_dim=32,
        format="master", headless=True, norm_inside="norm", config=
        '{"layer_types": ["full_attention", "sliding_attention", '
        '"sliding_attention"], "sliding_window": 40, "rope_parameters": '
        '{"full_attention": {"rope_type": "linear", "factor": 2, '
        '"rope_theta": 1000000.0}, "sliding_attention": {"rope_type": '
        '"default", "rope_theta": 10000.0}}}'),
    "trilm": ODD | dict(architecture="llama", act="silu", untied=True,
                        format="ternary"),
    "trilm_rows": dict(architecture="llama", hidden=184, heads=4, kv_heads=2,
                       ffn=340, vocab=350, act="silu", dtype="f32",
                       format="ternary", scales="row"),
    "trilm_shards": dict(architecture="llama", hidden=192, heads=6, kv_heads=3,
                         ffn=352, vocab=311, act="relu2", dtype="f16",
                         format="ternary", scales="shards:4"),
    "trilm_groups": dict(architecture="llama", hidden=192, heads=6, kv_heads=3,
                         ffn=352, vocab=311, act="silu", format="ternary",
                         scales="group:32"),
    "float_down": ODD | dict(float="down_proj", act="silu"),
    "float_some": dict(architecture="llama", hidden=200, heads=10, kv_heads=5,
                       ffn=332, vocab=640, dtype="f16", zeros=0.3,
                       linear_class="bitlinear", act="silu",
                       float="q_proj,v_proj,layers.1.mlp,layers.0.mlp.up_proj"),
    "float_masters": dict(hidden=120, heads=4, kv_heads=4, ffn=331, vocab=350,
                          format="master", dtype="f32",
                          float="o_proj,gate_proj"),
    "rows_scaled": ODD | dict(scales="row"),
    "groups_scaled": dict(hidden=192, heads=6, kv_heads=3, ffn=352, vocab=311,
                          layers=3, linear_class="bitlinear", scales="group:16",
                          dtype="f32"),
    "wide": dict(hidden=1040, heads=13, kv_heads=1, ffn=2756, vocab=999,
                 layers=1, format="master", untied=True),
}


class Shapes(unittest.TestCase):
    def check(self, shape):
        model = checkpoint(context=160, **shape)
        reference, exe = Reference(model), compiled(model)
        prompt = self.safest_token(reference, shape["vocab"])
        ids, expected = reference.generate(prompt, 2)
        errors = [self.certain(exe.generate(prompt, 2), ids, expected)]
        for length in 2, 7, 30, 150:
            prompt = np.random.RandomState(length).randint(shape["vocab"],
                                                           size=length)
            _, logits = exe.generate(prompt, 1)
            error = range_error(logits[0], reference.logits(prompt)[-1])
            errors.append(error)
            self.assertLess(error, 2e-2, f"after a prompt of {length}")
        print(f"first steps {errors[0]:.1e}, later {max(errors[1:]):.1e} "
              "of the range")

    def test_window_leaves_chunks_behind(self):
        """A window that begins in the second and third chunk of 256."""
        shape = dict(hidden=64, heads=4, kv_heads=2, head_dim=20, ffn=96,
                     vocab=200, layers=2, act="silu", architecture="mistral",
                     context=900, config='{"sliding_window": 70}')
        model = checkpoint(**shape)
        reference, exe = Reference(model), compiled(model)
        prompt = np.random.RandomState(1).randint(200, size=700)
        expected = reference.logits(prompt)
        for options in (), ("-b", 1), ("-b", 20):
            ids, logits = exe.generate(prompt, 3, *options)
            self.assertLess(range_error(logits[0], expected[-1]), 2e-2)
            first = logits if options == () else first
            self.assertTrue((logits == first).all())

    def certain(self, actual, ids, expected):
        self.assertEqual(actual[0], ids)
        error = max(map(range_error, actual[1], expected))
        self.assertLess(error, 1e-5)
        return error

    def safest_token(self, reference, vocab):
        """A prompt on which no fp32 rounding can flip an int8 or an id."""
        def safety(token):
            _, logits = reference.generate([token], 2)
            best = np.sort(logits, axis=-1)
            return min(reference.margin, (best[:, -1] - best[:, -2]).min())
        return [max(range(min(vocab, 40)), key=safety)]


for _name, _shape in CASES.items():
    setattr(Shapes, f"test_{_name}",
            lambda self, shape=_shape: self.check(shape))

if __name__ == "__main__":
    main()
