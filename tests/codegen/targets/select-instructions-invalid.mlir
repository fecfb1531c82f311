// Words in #lut.target that LLVM does not know are errors.
// RUN: setun-opt %s -codegen-select-instructions -split-input-file -verify-diagnostics

module {
// expected-error @+1 {{has no 'lut.target' attribute, and nothing around it has one}}
func.func @f() {
  return
}
}

// -----

module attributes {lut.target = #lut.target<name = "c", triple = "ternary-setun-moscow", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// expected-error @+1 {{unknown target 'ternary-setun-moscow'}}
func.func @f() {
  return
}
}

// -----

module attributes {lut.target = #lut.target<name = "setun70", triple = "x86_64-unknown-linux-musl", cpu = "setun70", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// expected-error @+1 {{unknown CPU 'setun70' for x86-64; expected one like those of --cpu=x86-64,}}
func.func @f() {
  return
}
}

// -----

module attributes {lut.target = #lut.target<name = "x86-64-v3", triple = "x86_64-unknown-linux-musl", cpu = "x86-64-v3", features = "+trits", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// expected-error @+1 {{unknown feature '+trits' for x86-64, expected + or - and one of cmov}}
func.func @f() {
  return
}
}

// -----

// What the architecture means without a feature, LLVM aborts on.
module attributes {lut.target = #lut.target<name = "c", triple = "riscv64-unknown-linux-musl", cpu = "generic-rv64", features = "+m,+a", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
// expected-error @+1 {{'c' has no f, which riscv64 means}}
func.func @f() {
  return
}
}
