// Unpacking for no machine.
// RUN: setun-opt %s -lower-expand-unpack -verify-diagnostics

func.func @f(%bytes: vector<64xi8>) {
  // expected-error @+1 {{has no 'lut.target' attribute, and nothing around it has one}}
  %codes:4 = lut.unpack #lut.i2, %bytes : vector<64xi8> -> vector<64xi8>, vector<64xi8>, vector<64xi8>, vector<64xi8>
  return
}
