// RUN: setun-opt %s -lower-lut-to-vector -verify-diagnostics

// Nobody can number the lanes of a scalable vector: selection has to take it.
func.func @scalable(%acc: vector<[4]xi32>, %codes: vector<[16]xi8>, %q: vector<4xi8>) -> vector<[4]xi32> {
  // expected-error @+1 {{found scalable codes, which the target has no instruction for; expected scalable = false}}
  %r = lut.dot %acc, %codes, %q : vector<[4]xi32>, vector<[16]xi8>
  return %r : vector<[4]xi32>
}
