// A module without a machine.
// RUN: setun-opt %s -encode-pack-weights -split-input-file -verify-diagnostics

// expected-error @+1 {{has no 'lut.target' attribute, and nothing around it has one}}
module {
}

// -----

// expected-error @+1 {{found 'tern.embed' = "q5", expected "q8", "q6" or "q4"}}
module attributes {tern.embed = "q5", lut.target = #lut.target<name = "c", triple = "any", cpu = "c", features = "", dot = singles, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {
}
