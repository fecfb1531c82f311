#!/usr/bin/env python3
# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The peers beside us in one run.

    peers.py build DIR                    fetches and builds them natively
    peers.py convert DIR CHECKPOINT OUT   OUT/TYPE.gguf, for each TYPE of theirs
    peers.py run DIR OUT EXE RECORD       one turn of each; lines of JSON are
                                          appended to RECORD
    peers.py table RECORD…                medians of all turns, in Markdown

A turn is one process: llama-bench, or EXE's bench with the same arguments. One
during which other processes, or other machines of the host, took a tenth of a
core does not count.
Checkpoints are those of make_checkpoint.py. The head is Q6_K, Q6_0 where its
rows are no multiple of 256.
"""
import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tarfile
import time
import urllib.request
from pathlib import Path

import gguf

PYPI = "https://files.pythonhosted.org/packages/"
SOURCES = {  # sdists that carry the whole source: folder, address, sha256
    "ik_llama.cpp": (
        "ik_llama_cpp_python-0.1.5",
        "3b/c1/e61bc5eb659e893bfd29305483f13c92452bc4101fc2e45e495fd71a7334/",
        "33c67eb99e4dcab5e611050433243815709b8b3067753f9ce18375013cf002ad"),
    "llama.cpp": (
        "llama_cpp_python-0.3.36",
        "ec/e9/e7de2b0463ea3ffbf0ede6cb21b58c1258a8f6521aae45ca773a59fe7cf3/",
        "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"),
}
TYPES = {"IQ2_BN_R4": "ik_llama.cpp", "IQ2_BN": "ik_llama.cpp",
         "IQ1_BN": "ik_llama.cpp", "TQ2_0": "llama.cpp"}
BLOCK = {"ik_llama.cpp": 64, "llama.cpp": 256}  # weights, rows are whole ones
OPTIONS = ("CMAKE_BUILD_TYPE=Release", "BUILD_SHARED_LIBS=OFF",
           "GGML_NATIVE=ON", "GGML_IQK_FA_ALL_QUANTS=OFF", "LLAMA_CURL=OFF", "LLAMA_OPENSSL=OFF",
           "LLAMA_BUILD_TESTS=OFF", "LLAMA_BUILD_SERVER=OFF",
           "LLAMA_BUILD_APP=OFF")
BUILD_INFO = """set(BUILD_NUMBER 0)
configure_file(common/build-info.cpp.in common/build-info.cpp)
"""  # what the sdist of ik_llama.cpp lacks
OURS = "Setun"
KEPT = ("n_threads", "n_prompt", "n_gen", "avg_ts", "token_bytes", "read_gb_s",
        "read_share", "others")
QUIET = 0.1  # cores that others may use during a turn that counts


def call(*command):
    subprocess.run([str(word) for word in command], check=True)


def build(args):
    for peer, (name, address, digest) in SOURCES.items():
        url = f"{PYPI}{address}{name}.tar.gz"
        archive = args.dir / f"{name}.tar.gz"
        archive.parent.mkdir(parents=True, exist_ok=True)
        if not archive.exists():
            urllib.request.urlretrieve(url, archive)
        if hashlib.sha256(archive.read_bytes()).hexdigest() != digest:
            sys.exit(f"{archive}: not the file that was expected; remove it")
        with tarfile.open(archive) as tar:
            tar.extractall(args.dir)
        source = args.dir / name / "vendor" / peer
        missing = source / "common/cmake/build-info-gen-cpp.cmake"
        missing.parent.mkdir(exist_ok=True)
        missing.write_text(BUILD_INFO)
        call("cmake", "-G", "Ninja", "-S", source, "-B", args.dir / peer,
             *("-D" + option for option in OPTIONS))
        call("ninja", "-C", args.dir / peer, "llama-bench", "llama-quantize")


def tool(args, peer, name):
    return args.dir / peer / "bin" / name


def architecture(config, peer):
    """ReLU² is known to ik_llama.cpp alone; llama.cpp computes SiLU instead."""
    relu2 = config["hidden_act"] == "relu2" and peer == "ik_llama.cpp"
    return "bitnet-b1.58" if relu2 else "bitnet"


def convert(args):
    config = json.loads((args.checkpoint / "config.json").read_text())
    hidden, ffn = config["hidden_size"], config["intermediate_size"]
    args.out.mkdir(parents=True, exist_ok=True)
    for peer in SOURCES:
        types = [kind for kind in TYPES if TYPES[kind] == peer]
        if hidden % BLOCK[peer] or ffn % BLOCK[peer]:
            print(f"{', '.join(types)}: rows are no multiple of {BLOCK[peer]}")
            continue
        half = args.out / "f16.gguf"
        gguf.write(args.checkpoint, half, architecture(config, peer))
        for kind in types:
            call(tool(args, peer, "llama-quantize"),
                 "--output-tensor-type", "q6_0" if hidden % 256 else "q6_K",
                 half, args.out / f"{kind}.gguf", kind)
        half.unlink()


def busy():
    """-> CPU seconds of the whole machine, stolen ones too; of our children."""
    with open("/proc/stat") as file:
        user, nice, system, idle, wait, *rest = map(
            int, file.readline().split()[1:9])
    ours = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = user + nice + system + sum(rest)
    return ticks / os.sysconf("SC_CLK_TCK"), ours.ru_utime + ours.ru_stime


def bench(command, args):
    begin, (before, ours_before) = time.monotonic(), busy()
    result = subprocess.run(
        [str(word) for word in (
            *command, "-p", args.p, "-n", args.n, "-r", args.r, "-t", args.t,
            "-o", "json")],
        check=True, stdout=subprocess.PIPE, text=True)
    (after, ours), seconds = busy(), time.monotonic() - begin
    others = (after - before - ours + ours_before) / seconds
    return [{"others": round(others, 3), **row}
            for row in json.loads(result.stdout)]


def run(args):
    commands = {OURS: (args.exe.resolve(), "bench", "--roofline")}
    for kind in args.types.split(","):
        model = args.out / f"{kind}.gguf"
        if model.exists():
            commands[kind] = (tool(args, TYPES[kind], "llama-bench"), "-m",
                              model)
    for engine, command in commands.items():
        for row in bench(command, args):
            line = {"shape": args.out.name, "engine": engine,
                    "time": time.strftime("%F %T"),
                    **{key: row[key] for key in KEPT if key in row}}
            with open(args.record, "a") as file:
                file.write(json.dumps(line) + "\n")


def median(rows, key="avg_ts"):
    values = [row[key] for row in rows if row.get(key)]
    return statistics.median(values) if values else None


def shown(value, digits):
    return "" if value is None else f"{value:.{digits}f}"


def table(args):
    tests = {}
    for path in args.records:
        for row in map(json.loads, path.read_text().splitlines()):
            if row["others"] > QUIET:
                continue
            key = [row[k] for k in ("shape", "n_prompt", "n_gen", "n_threads")]
            engines = tests.setdefault(tuple(key), {})
            engines.setdefault(row["engine"], []).append(row)
    print(f"| shape, test | threads | {OURS} | {' | '.join(TYPES)} | ÷ the best "
          "| turns | read GB/s | share |\n" + "|---" * (len(TYPES) + 7) + "|")
    for (shape, prompt, generated, threads), engines in tests.items():
        if OURS not in engines or len(engines) < 2:
            continue  # all its turns were disturbed
        ours, best = engines[OURS], max(
            median(rows) for name, rows in engines.items() if name != OURS)
        cells = [f"{shape} " + (f"pp{prompt}" if prompt else f"tg{generated}"),
                 threads,
                 *(shown(median(engines.get(name, [])), 1)
                   for name in (OURS, *TYPES)),
                 shown(median(ours) / best, 2), len(ours),
                 shown(median(ours, "read_gb_s"), 1),
                 shown(median(ours, "read_share"), 2)]
        print("|", " | ".join(map(str, cells)), "|")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for function, *paths in ((build, "dir"),
                             (convert, "dir", "checkpoint", "out"),
                             (run, "dir", "out", "exe", "record"),
                             (table, "records")):
        command = commands.add_parser(function.__name__)
        command.set_defaults(function=function)
        for path in paths:
            command.add_argument(path, type=Path,
                                 nargs="+" if path == "records" else None)
        if function == run:
            for flag, default in (("-p", "128,512"), ("-n", "128"),
                                  ("-r", "1"), ("-t", "1"),
                                  ("--types", ",".join(TYPES))):
                command.add_argument(flag, default=default)
    args = parser.parse_args()
    args.function(args)


if __name__ == "__main__":
    main()
