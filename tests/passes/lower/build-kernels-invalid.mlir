// A module without a machine.
// RUN: setun-opt %s -lower-build-kernels -verify-diagnostics

// expected-error @+1 {{the module has no 'lut.target' attribute}}
module {
}
