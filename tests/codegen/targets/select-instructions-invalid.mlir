// Words in #lut.target that LLVM does not know are errors.
// RUN: setun-opt %s -codegen-select-instructions -split-input-file -verify-diagnostics

// expected-error @+1 {{the module has no 'lut.target' attribute}}
module {
}

// -----

// expected-error @+1 {{unknown target 'ternary-setun-moscow'}}
module attributes {lut.target = #lut.target<triple = "ternary-setun-moscow", cpu = "c", features = "", dot = none, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
}

// -----

// expected-error @+1 {{unknown CPU 'setun70' for x86-64; `llc -march=x86_64 -mcpu=help` lists them}}
module attributes {lut.target = #lut.target<triple = "x86_64-unknown-linux-musl", cpu = "setun70", features = "", dot = none, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
}

// -----

// expected-error @+1 {{unknown feature '+trits' for x86-64, expected + or - and one of cmov}}
module attributes {lut.target = #lut.target<triple = "x86_64-unknown-linux-musl", cpu = "x86-64-v3", features = "+trits", dot = none, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
}
