# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The smallest valid Hugging Face tokenizer: byte-level BPE, no merges."""

BEGIN, END = "<|begin_of_text|>", "<|end_of_text|>"


def byte_characters():
    """The character by which a byte-level vocabulary writes each byte."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in visible]
    return ({b: chr(b) for b in visible} |
            {b: chr(256 + i) for i, b in enumerate(hidden)})


def byte_tokenizer(bos, context):
    """-> tokenizer.json, tokenizer_config.json. A byte is its own id."""
    character = byte_characters()
    byte_level = {"type": "ByteLevel", "add_prefix_space": False,
                  "trim_offsets": True, "use_regex": True}
    special = {"single_word": False, "lstrip": False, "rstrip": False,
               "normalized": False, "special": True}
    begin = {"SpecialToken": {"id": BEGIN, "type_id": 0}}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    pair = {"Sequence": {"id": "B", "type_id": 1}}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": bos, "content": BEGIN, **special},
                         {"id": bos + 1, "content": END, **special}],
        "normalizer": None, "pre_tokenizer": byte_level,
        "post_processor": {
            "type": "TemplateProcessing", "single": [begin, text],
            "pair": [begin, text, pair],
            "special_tokens": {BEGIN: {"id": BEGIN, "ids": [bos],
                                       "tokens": [BEGIN]}}},
        "decoder": byte_level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None,
                  "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False,
                  "byte_fallback": False, "ignore_merges": False,
                  "vocab": {character[b]: b for b in range(256)},
                  "merges": []}}
    settings = {"bos_token": BEGIN, "eos_token": END,
                "model_max_length": context,
                "tokenizer_class": "PreTrainedTokenizerFast",
                "clean_up_tokenization_spaces": False}
    return tokenizer, settings
