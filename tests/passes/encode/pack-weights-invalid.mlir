// A module without a machine.
// RUN: setun-opt %s -encode-pack-weights -split-input-file -verify-diagnostics

// expected-error @+1 {{has no 'lut.target' attribute, and nothing around it has one}}
module {
}
