// A kernel for no machine.
// RUN: setun-opt %s -lower-build-kernels -verify-diagnostics

// expected-error @+1 {{has no 'lut.target' attribute, and nothing around it has one}}
func.func private @kernel() attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 16, columns = 16, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 16, out = 16, residual = false>}
