// Levels of nothing, and two of one name.
// RUN: setun-opt %s -tile-split-levels -split-input-file -verify-diagnostics

#level = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>
// expected-error @+1 {{expected a function @forward}}
module attributes {lut.levels = [#level]} {
}

// -----

#level = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>
module attributes {lut.levels = [#level, #level]} {
// expected-error @+2 {{redefinition of symbol named 'forward.c'}}
// expected-note @+1 {{see existing symbol definition here}}
func.func @forward() {
  return
}
}
