#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes tests/runtime/tokenizer/golden: small tokenizers of every kind, and what
Hugging Face's tokenizers and SentencePiece make of some texts.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3 transformers protobuf
    tests/tools/make_tokenizers.py tests/runtime/tokenizer/golden

Run it only to change them: the suite reads what it wrote.
"""

import io
import json
import os
import sys

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, models, normalizers, trainers
from tokenizers import decoders, pre_tokenizers, processors
from tokenizers.pre_tokenizers import ByteLevel, Digits, Metaspace, Punctuation
from tokenizers.pre_tokenizers import Split

PROSE = """Once upon a time there was a little compiler. It didn't know many words,
but it liked the ones it knew: "trit", "tern" and, of course, "nine". One day
a stranger came along the road and said: I've got 1234567 tokens for you!
They'll fit in 3.25 MB, and you're going to love them. What's the price? asked
the compiler. Nothing at all, the stranger said; they are yours, and theirs.
The compiler read every line of it, and when it had read the last one it knew
more than it had known before. HTTPServer, x_y = f(a[i]) + 10**3; e-mail me.
Ein Käfer läuft über die Straße. Où est la bibliothèque? Мама мыла раму.
"""

TEXTS = [
    "", " ", "   ", "\n", "Once upon a time", " once  upon\ta \n\n time ",
    "I've, you'RE, THEY'LL, it's, don't", "1 12 123 1234 12345678 3.14", "x²+½",
    "HTTPServer x_y = f(a[i])  + 10**3;\r\n\tend", "the other theirs the",
    "naïve café cafe\u0301 Straße STRASSE", "Мама мыла раму", "漢字かなカナ한국어",
    "\u1112\u1161\u11ab ﬁ ﬂ Ⅳ ① Ａｂｃ ｶﾞ", "😀 👨‍👩‍👧‍👦 🇩🇪🇫🇷 e\u0301\u0323 \u0301x",
    "a\u00a0b\u3000c\u2028d\u200be\ufefff", "▁a ▁▁ b▁", "<s>one</s> <unk> <pad>",
    "<|x|>the <|x|> y<|x|>", "-- ...!? ~~ ``quoted'' (a)-[b]", "İstanbul ǅ ſ K",
    "end of line\nstart of line\n", "a-b b-a 7-up\n-x", "\x01\x07 tab\tbell",
    "wordthe theword the, king kings", "नमस्ते ไทย ابجد", "aaaa aaaaaaaa bbbbb",
]

O200K = ("[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
         "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
         "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")
CL100K = ("'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+|"
          " ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s")
HAN = ("[\\p{Han}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}&&[^\\p{Han}]]+|\\p{N}|"
       " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")


def split(pattern, behavior="isolated", invert=False):
    return Split(Regex(pattern), behavior, invert)


def byte_level(regex=False, space=False):
    return ByteLevel(add_prefix_space=space, use_regex=regex)


def train(tokenizer, trainer):
    tokenizer.train_from_iterator(PROSE.split("\n") * 4, trainer)
    return json.loads(tokenizer.to_str())["model"]


def byte_model():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = byte_level(regex=True)
    return train(tokenizer, trainers.BpeTrainer(
        vocab_size=360, initial_alphabet=ByteLevel.alphabet(),
        show_progress=False))


def piece_model():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = Metaspace()
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{i:02X}>" for i in range(256)]
    model = train(tokenizer, trainers.BpeTrainer(
        vocab_size=420, special_tokens=special, show_progress=False))
    return {**model, "unk_token": "<unk>", "fuse_unk": True}


def sentencepiece_model(**options):
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(PROSE.split("\n") * 4), model_writer=out,
        hard_vocab_limit=False, minloglevel=2, **options)
    return out.getvalue()


def rules(path):
    """A few of NFKC's rules: the full table is a quarter of a megabyte."""
    pairs = {"ﬁ": "fi", "ﬂ": "fl", "Ⅳ": "IV", "Ａ": "A", "e\u0301": "é",
             "\u00a0": " ", "\u3000": " ", "\t": " ", "\n": " ", "\u200b": "",
             "\x01": "", "½": "1⁄2", "①": "1", "ｶﾞ": "ガ", "ｶ": "カ",
             "\u1112\u1161\u11ab": "한"}
    hexadecimal = lambda text: " ".join(f"{ord(c):X}" for c in text)
    with open(path, "w") as file:
        for key, value in pairs.items():
            file.write(f"{hexadecimal(key)}\t{hexadecimal(value)}\n")
    return path


def unigram(model, byte_fallback=False):
    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    vocabulary = [[piece.piece, piece.score] for piece in proto.pieces]
    charsmap = proto.normalizer_spec.precompiled_charsmap
    return ({"type": "Unigram", "unk_id": 0, "vocab": vocabulary,
             "byte_fallback": byte_fallback},
            normalizers.Precompiled(charsmap))


def added(content, token, **flags):
    names = ["single_word", "lstrip", "rstrip", "normalized", "special"]
    return {"id": token, "content": content,
            **{name: flags.get(name, False) for name in names}}


class Golden:
    def __init__(self, folder):
        self.folder = folder

    def write(self, name, files, encode):
        path = os.path.join(self.folder, name)
        os.makedirs(path, exist_ok=True)
        for file, content in files.items():
            mode = "wb" if isinstance(content, bytes) else "w"
            with open(os.path.join(path, file), mode) as out:
                out.write(content)
        texts = [text for text in TEXTS if "<s>" not in text or
                 "tokenizer.model" not in files]
        with open(os.path.join(path, "golden.json"), "w") as out:
            lines = [json.dumps({"text": text, "ids": encode(text)},
                                ensure_ascii=False) for text in texts]
            out.write("[" + ",\n".join(lines) + "]\n")

    def json(self, name, model, normalizer=None, pre_tokenizer=None,
             post_processor=None, tokens=(), decoder=None):
        tokenizer = Tokenizer(models.BPE())
        if normalizer:
            tokenizer.normalizer = normalizer
        if pre_tokenizer:
            tokenizer.pre_tokenizer = pre_tokenizer
        if post_processor:
            tokenizer.post_processor = post_processor
        tokenizer.decoder = decoder or decoders.ByteLevel()
        content = json.loads(tokenizer.to_str())
        content["model"] = model
        count = len(model["vocab"])
        content["added_tokens"] = [added(text, count + i, **flags)
                                   for i, (text, flags) in enumerate(tokens)]
        text = json.dumps(content, ensure_ascii=False, indent=0)
        oracle = Tokenizer.from_str(text)
        self.write(name, {"tokenizer.json": text},
                   lambda text: oracle.encode(text).ids)

    def sentencepiece(self, name, **options):
        model = sentencepiece_model(**options)
        oracle = sentencepiece.SentencePieceProcessor(model_proto=model)
        self.write(name, {"tokenizer.model": model},
                   lambda text: [oracle.bos_id()] + oracle.encode(text))

    def vocabulary(self, name, model, config, normalizer, pre_tokenizer,
                   special):
        """The same as transformers makes of the class that config names."""
        merges = [" ".join(merge) for merge in model["merges"]]
        tokenizer = Tokenizer(models.BPE(
            {token: i for token, i in model["vocab"].items()},
            [tuple(merge) for merge in model["merges"]]))
        if normalizer:
            tokenizer.normalizer = normalizer
        tokenizer.pre_tokenizer = pre_tokenizer
        tokenizer.add_special_tokens(special)
        self.write(name, {
            "vocab.json": json.dumps(model["vocab"], ensure_ascii=True),
            "merges.txt": "#version: 0.2\n" + "\n".join(merges) + "\n",
            "tokenizer_config.json": json.dumps(config)},
            lambda text: tokenizer.encode(text).ids)


def byte_level_kinds(golden):
    model = byte_model()
    sequence = pre_tokenizers.Sequence
    golden.json("o200k", {**model, "ignore_merges": True},
                pre_tokenizer=sequence([split(O200K), byte_level()]),
                tokens=[("<|x|>", {"special": True})])
    golden.json("cl100k", model,
                pre_tokenizer=sequence([split(CL100K), byte_level()]))
    golden.json("falcon", model, pre_tokenizer=sequence(
        [Punctuation("contiguous"), byte_level(regex=True), Digits(True),
         split("[0-9][0-9][0-9]")]))
    golden.json("deepseek", model, pre_tokenizer=sequence(
        [split("[\r\n]"), split("\\s?\\p{L}+"), split("\\s?\\p{P}+"),
         split("\\s+$"), split("[一-龥ࠀ-一가-퟿]+"), Digits(True), byte_level()]))
    golden.json("han", model, normalizers.NFC(),
                sequence([split(HAN), byte_level()]))
    golden.json("anchors", model, pre_tokenizer=sequence(
        [split("^\\p{L}+", "merged_with_next"),
         split("(?<=\\p{L})-|(?<!\\d)\\d", "merged_with_previous"),
         split("\\b\\w", "contiguous", True), split("[^\\S\\n]+\\z", "removed"),
         byte_level(space=True)]))
    golden.json("roberta", model, pre_tokenizer=byte_level(True, True),
                post_processor=processors.RobertaProcessing(
                    ("</s>", 361), ("<s>", 360)),
                tokens=[("<s>", {"special": True}), ("</s>", {"special": True}),
                        ("<pad>", {"special": True, "lstrip": True})])
    golden.vocabulary(
        "gpt2", {**model, "vocab": {**model["vocab"], "<|endoftext|>": 360}},
        {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True},
        None, byte_level(True, True), ["<|endoftext|>"])
    golden.vocabulary(
        "qwen2", model,
        {"tokenizer_class": "Qwen2TokenizerFast", "added_tokens_decoder": {
            "360": added("<|x|>", 360, special=True)}},
        normalizers.NFC(), sequence([split(
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
            " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
            byte_level()]), ["<|x|>"])


def piece_kinds(golden):
    model = piece_model()
    sequence = normalizers.Sequence
    golden.json("gemma", {**model, "byte_fallback": True},
                normalizers.Replace(" ", "▁"),
                Split(" ", "merged_with_previous"),
                tokens=[("the", {"single_word": True}),
                        ("king", {"lstrip": True, "rstrip": True}),
                        ("<|x|>", {"special": True, "rstrip": True})],
                decoder=decoders.Sequence([
                    decoders.Replace("▁", " "), decoders.ByteFallback(),
                    decoders.Fuse()]))
    golden.json("words", model,
                sequence([normalizers.Nmt(), normalizers.NFKD(),
                          normalizers.StripAccents(), normalizers.Lowercase()]),
                pre_tokenizers.Sequence([pre_tokenizers.Whitespace(),
                                         Metaspace(prepend_scheme="first")]),
                tokens=[("King", {"normalized": True}),
                        ("É", {"normalized": True, "single_word": True})],
                decoder=decoders.Metaspace())
    golden.json("cased", {**model, "fuse_unk": False},
                sequence([normalizers.Strip(), normalizers.NFKC(),
                          normalizers.Replace(Regex("\\s+"), " ")]),
                pre_tokenizers.Sequence([
                    pre_tokenizers.BertPreTokenizer(),
                    Metaspace(prepend_scheme="always", split=False)]),
                post_processor=processors.BertProcessing(("</s>", 2), ("<s>", 1)),
                decoder=decoders.Metaspace())


def unigram_kinds(golden):
    path = rules("/tmp/rules.tsv")
    options = dict(model_type="unigram", vocab_size=220,
                   normalization_rule_tsv=path)
    golden.sentencepiece("unigram", user_defined_symbols=["ﬁ", "king", "<|x|>"],
                         **options)
    golden.sentencepiece("unigram-bytes", byte_fallback=True,
                         **{**options, "vocab_size": 460})
    golden.sentencepiece("unigram-plain", model_type="unigram", vocab_size=220,
                         normalization_rule_name="identity",
                         add_dummy_prefix=False, remove_extra_whitespaces=False)
    golden.sentencepiece("bpe-rules", model_type="bpe", vocab_size=200,
                         normalization_rule_tsv=path)
    model, precompiled = unigram(sentencepiece_model(**options))
    collapse = normalizers.Replace(Regex(" {2,}"), " ")
    golden.json("t5", model, normalizers.Sequence([precompiled, collapse]),
                Metaspace(), processors.TemplateProcessing(
                    "$A </s>", special_tokens=[("</s>", 2)]),
                tokens=[("<pad>", {"special": True})],
                decoder=decoders.Metaspace())
    model, _ = unigram(sentencepiece_model(
        byte_fallback=True, **{**options, "vocab_size": 460}), True)
    golden.json("unigram-first", model, None,
                Metaspace(prepend_scheme="first", split=False),
                tokens=[("<|x|>", {"special": True})],
                decoder=decoders.Metaspace())


def main():
    golden = Golden(sys.argv[1])
    byte_level_kinds(golden)
    piece_kinds(golden)
    unigram_kinds(golden)


if __name__ == "__main__":
    main()
