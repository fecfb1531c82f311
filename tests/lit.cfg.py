# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# How lit finds and runs the .mlir and .test files below this folder:
#   ctest --preset release -R lit
# or one file: lit -v build/release/tests --filter=fuse-gate

import os

import lit.formats

config.name = "setun"
config.test_format = lit.formats.ShTest(execute_external=False)
config.test_source_root = os.path.dirname(__file__)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs"]

config.environment["PATH"] = os.pathsep.join(
    [config.setun_tools, config.llvm_tools, os.environ["PATH"]]
)
config.substitutions.append(("%{source}", config.setun_source))
