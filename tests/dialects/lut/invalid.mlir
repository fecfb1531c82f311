// Every rule of the dialect's verifiers, broken once.
// RUN: setun-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{found 'lut.speed' = 3 : i64, which the lut dialect does not know}}
func.func private @f() attributes {lut.speed = 3}

// -----

// expected-error @+1 {{found 'lut.target' = "fast", which the lut dialect does not know}}
module attributes {lut.target = "fast"} {
}

// -----

// expected-error @+1 {{found 'lut.levels' = []}}
module attributes {lut.levels = []} {
}

// -----

// expected-error @+1 {{found 'lut.levels' = [#lut.i2]}}
module attributes {lut.levels = [#lut.i2]} {
}

// -----

// expected-error @+1 {{found 'lut.packing' = "i2"}}
func.func private @f() attributes {lut.packing = "i2"}

// -----

// expected-error @+1 {{found 'lut.tiles' = []}}
func.func private @f() attributes {lut.tiles = []}

// -----

// expected-error @+1 {{found 'lut.tiles' = [1]}}
func.func private @f() attributes {lut.tiles = [1]}

// -----

// expected-error @+1 {{found 'lut.offset' = "8"}}
func.func private @f() attributes {lut.offset = "8"}

// -----

// expected-error @+1 {{found 'lut.bytes' = "8"}}
func.func private @f() attributes {lut.bytes = "8"}

// -----

// expected-error @+1 {{found 'lut.weights_bytes' = 8.000000e+00 : f64}}
func.func private @f() attributes {lut.weights_bytes = 8.0}

// -----

// expected-error @+1 {{found 'lut.token_bytes' = "8"}}
func.func private @f() attributes {lut.token_bytes = "8"}

// -----

// expected-error @+1 {{found 'lut.cache_bytes' = "8"}}
func.func private @f() attributes {lut.cache_bytes = "8"}

// -----

// expected-error @+1 {{found 'lut.portable' = true}}
func.func private @f() attributes {lut.portable = true}

// -----

// expected-error @+1 {{found 'lut.kernel' = #lut.i2}}
func.func private @f() attributes {lut.kernel = #lut.i2}

// -----

// expected-error @+1 {{found 'lut.stage' = "norm"}}
func.func private @f() attributes {lut.stage = "norm"}

// -----

// expected-error @+1 {{found rows 0, blocks 1, unroll 1, tokens 1; expected 1 to 4096 rows, at most 2^20 blocks and all positive}}
#tile = #lut.tile<rows = 0, strategy = mad, blocks = 1, unroll = 1, tokens = 1>

// -----

// expected-error @+1 {{found rows 4097, blocks 1, unroll 1, tokens 1; expected 1 to 4096 rows, at most 2^20 blocks and all positive}}
#tile = #lut.tile<rows = 4097, strategy = mad, blocks = 1, unroll = 1, tokens = 1>

// -----

// expected-error @+1 {{found rows 1, blocks 0, unroll 1, tokens 1}}
#tile = #lut.tile<rows = 1, strategy = mad, blocks = 0, unroll = 1, tokens = 1>

// -----

// expected-error @+1 {{found rows 1, blocks 1048577, unroll 1, tokens 1}}
#tile = #lut.tile<rows = 1, strategy = mad, blocks = 1048577, unroll = 1, tokens = 1>

// -----

// expected-error @+1 {{found rows 1, blocks 1, unroll 0, tokens 1}}
#tile = #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 0, tokens = 1>

// -----

// expected-error @+1 {{found rows 1, blocks 1, unroll 1, tokens -1}}
#tile = #lut.tile<rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = -1>

// -----

// expected-error @+1 {{found unroll x tokens = 72, expected at most 64 accumulators}}
#tile = #lut.tile<rows = 8, strategy = mad, blocks = 9, unroll = 9, tokens = 8>

// -----

// expected-error @+1 {{found 3 blocks, expected a multiple of unroll, which is 2 (rule 1)}}
#tile = #lut.tile<rows = 1, strategy = mad, blocks = 3, unroll = 2, tokens = 1>

// -----

// expected-error @+1 {{found unroll 2, tokens 16; expected 1 and 16 for lookup (rule 1)}}
#tile = #lut.tile<rows = 32, strategy = lookup, blocks = 2, unroll = 2, tokens = 16>

// -----

// expected-error @+1 {{found unroll 1, tokens 8; expected 1 and 16 for lookup (rule 1)}}
#tile = #lut.tile<rows = 32, strategy = lookup, blocks = 2, unroll = 1, tokens = 8>

// -----

// expected-error @+1 {{found 1 row, expected more for lookup (rule 1)}}
#tile = #lut.tile<rows = 1, strategy = lookup, blocks = 2, unroll = 1, tokens = 16>

// -----

// expected-error @+1 {{found 2 rows, expected 1 for table (rule 1)}}
#tile = #lut.tile<rows = 2, strategy = table, blocks = 2, unroll = 1, tokens = 1>

// -----

// The largest int32 over 64·127: codes in place stay below 64.
// expected-error @+1 {{found a matrix of 16x264209, expected at most 264208 columns (rule 1)}}
#kernel = #lut.kernel<packing = #lut.i2, rows = 16, columns = 264209, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 264224, out = 16, residual = false>

// -----

// expected-error @+1 {{found a matrix of 0x16}}
#kernel = #lut.kernel<packing = #lut.i2, rows = 0, columns = 16, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 16, out = 16, residual = false>

// -----

// 33 columns are three groups of 16.
// expected-error @+1 {{found strides of 32 and 16, expected at least 48, a multiple of 4, and 16 (rule 2)}}
#kernel = #lut.kernel<packing = #lut.b3, rows = 16, columns = 33, tile = <rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>, stride = 32, out = 16, residual = false>

// -----

// 84·2·127 times so many columns do not fit into int32; 64·127 times would.
// expected-error @+1 {{found a matrix of 16x100656, expected at most 100650 columns (rule 1)}}
#kernel = #lut.kernel<packing = #lut.b3, rows = 16, columns = 100656, tile = <rows = 1, strategy = mad, blocks = 5, unroll = 5, tokens = 1>, stride = 100656, out = 16, residual = false>

// -----

// expected-error @+1 {{found 4 blocks, unroll 1 and strategy mad for #lut.b3, of which 5 blocks make a panel; expected tiles of whole panels, and no table for several blocks (rule 5)}}
#kernel = #lut.kernel<packing = #lut.b3, rows = 80, columns = 16, tile = <rows = 1, strategy = mad, blocks = 4, unroll = 1, tokens = 1>, stride = 16, out = 80, residual = false>

// -----

// expected-error @+1 {{found 5 blocks, unroll 1 and strategy mad for #lut.b3}}
#kernel = #lut.kernel<packing = #lut.b3, rows = 80, columns = 16, tile = <rows = 1, strategy = mad, blocks = 5, unroll = 1, tokens = 1>, stride = 16, out = 80, residual = false>

// -----

// expected-error @+1 {{found 5 blocks, unroll 1 and strategy table for #lut.b3}}
#kernel = #lut.kernel<packing = #lut.b3, rows = 80, columns = 16, tile = <rows = 1, strategy = table, blocks = 5, unroll = 1, tokens = 1>, stride = 16, out = 80, residual = false>

// -----

// Kernels store whole blocks of 16 rows.
// expected-error @+1 {{found strides of 32 and 17, expected at least 32, a multiple of 4, and 32 (rule 2)}}
#kernel = #lut.kernel<packing = #lut.i2, rows = 17, columns = 21, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 32, out = 17, residual = false>

// -----

// expected-error @+1 {{found unroll 2, expected a divisor of the 3 blocks of the matrix (rule 3)}}
#kernel = #lut.kernel<packing = #lut.i2, rows = 33, columns = 16, tile = <rows = 1, strategy = mad, blocks = 2, unroll = 2, tokens = 1>, stride = 16, out = 48, residual = false>

// -----

func.func @f(%bytes: vector<64xi8>) {
  // expected-error @+1 {{found 1 results, expected 5 for #lut.b3}}
  %a = lut.unpack #lut.b3, %bytes : vector<64xi8> -> vector<64xi8>
  return
}

// -----

func.func @f(%bytes: vector<64xi8>) {
  // expected-error @+1 {{found 2 results, expected 4 for #lut.i2}}
  %a:2 = lut.unpack #lut.i2, %bytes as in_place : vector<64xi8> -> vector<64xi8>, vector<64xi8>
  return
}

// -----

// Its trits are of five rows.
func.func @f(%bytes: vector<16xi8>) {
  // expected-error @+1 {{found form pairs, which #lut.b3 does not have}}
  %a:2 = lut.unpack #lut.b3, %bytes as pairs : vector<16xi8> -> vector<16xi8>, vector<16xi8>
  return
}

// -----

func.func @f(%bytes: vector<16xi8>) {
  // expected-error @+1 {{found codes 'vector<64xi8>', expected them like the bytes, 'vector<16xi8>'}}
  %a:2 = lut.unpack #lut.i2, %bytes as pairs : vector<16xi8> -> vector<16xi8>, vector<64xi8>
  return
}

// -----

func.func @f(%bytes: vector<48xi8>) {
  // expected-error @+1 {{operand #0 must be fixed-length vector of 8-bit signless integer values of length 8/16/64 or scalable vector}}
  %a:2 = lut.unpack #lut.i2, %bytes as pairs : vector<48xi8> -> vector<48xi8>, vector<48xi8>
  return
}

// -----

func.func @f(%acc: vector<16xi32>, %codes: vector<[16]xi8>, %q: vector<4xi8>) {
  // expected-error @+1 {{found codes 'vector<[16]xi8>' for sums 'vector<16xi32>', expected both scalable or neither}}
  %r = lut.dot %acc, %codes, %q : vector<16xi32>, vector<[16]xi8>
  return
}

// -----

func.func @f(%acc: vector<[4]xi32>, %codes: vector<64xi8>, %q: vector<4xi8>) {
  // expected-error @+1 {{found codes 'vector<64xi8>' for sums 'vector<[4]xi32>', expected both scalable or neither}}
  %r = lut.dot %acc, %codes, %q : vector<[4]xi32>, vector<64xi8>
  return
}

// -----

func.func @f(%acc: vector<32xi16>, %codes: vector<16xi8>, %q: vector<4xi8>) {
  // expected-error @+1 {{found codes 'vector<16xi8>' for sums 'vector<32xi16>', expected 64}}
  %r = lut.dot %acc, %codes, %q : vector<32xi16>, vector<16xi8>
  return
}

// -----

func.func @f(%acc: vector<1xi64>, %codes: vector<64xi8>, %q: vector<4xi8>) {
  // expected-error @+1 {{found codes 'vector<64xi8>' for sums 'vector<1xi64>', expected 8}}
  %r = lut.dot %acc, %codes, %q : vector<1xi64>, vector<64xi8>
  return
}

// -----

func.func @f(%acc: vector<16xi16>, %codes: vector<64xi8>, %q: vector<4xi8>) {
  // expected-error @+1 {{operand #0 must be 16 x 32-bit signless integer or}}
  %r = lut.dot %acc, %codes, %q : vector<16xi16>, vector<64xi8>
  return
}

// -----

func.func @f(%acc: vector<16xi32>, %narrow: vector<16xi32>) {
  // expected-error @+1 {{operand #1 must be fixed-length vector of 64-bit signless integer values of length 1 or fixed-length vector of 16-bit signless integer values of length 32/64}}
  %r = lut.widen %acc, %narrow : vector<16xi32>, vector<16xi32>
  return
}

// -----

func.func @f(%index: vector<64xi8>, %table: vector<81xi8>) {
  // expected-error @+1 {{operand #1 must be fixed-length vector of 8-bit signless integer values of length 16/64/128}}
  %r = lut.permute %index, %table : vector<64xi8>, vector<81xi8>
  return
}

// -----

func.func @widen_word(%acc: vector<16xi32>, %narrow: vector<1xi64>) -> vector<16xi32> {
  // expected-error @below {{found sums 'vector<16xi32>' for 'vector<1xi64>', expected 2}}
  %r = lut.widen %acc, %narrow : vector<16xi32>, vector<1xi64>
  return %r : vector<16xi32>
}

// -----

// expected-error @+1 {{found permuteBytes = 100, expected 0, 16, 64 or 128 (rule 1)}}
module attributes {lut.target = #lut.target<name = "c", triple = "t", cpu = "c", features = "", dot = quads, permuteBytes = 100, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>} {}

// -----

// expected-error @+1 {{found sums = 0, expected at least 1 (rule 2)}}
module attributes {lut.target = #lut.target<name = "c", triple = "t", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, sums = 0>} {}

// -----

// expected-error @+1 {{found streams = 0, expected at least 1 (rule 3)}}
module attributes {lut.target = #lut.target<name = "c", triple = "t", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, streams = 0>} {}

// -----

func.func @f(%x: vector<32xi16>, %table: memref<2592xi16>) {
  // expected-error @+1 {{found 3 columns, expected 4}}
  lut.build_table %x, %x, %x into %table : memref<2592xi16>
  return
}

// -----

func.func @f(%x: vector<32xi16>, %table: memref<2591xi16>) {
  // expected-error @+1 {{found a table 'memref<2591xi16>', expected 2592 elements}}
  lut.build_table %x, %x, %x, %x into %table : memref<2591xi16>
  return
}

// -----

// expected-error @+1 {{found 'lut.skip' = 3 : i64}}
func.func private @f() attributes {lut.skip = 3}

// -----

// expected-error @+1 {{found 'lut.skip_packing' = #lut.i2}}
func.func private @f() attributes {lut.skip_packing = #lut.i2}

// -----

// expected-error @+1 {{found 'lut.skip_offset' = "8"}}
func.func private @f() attributes {lut.skip_offset = "8"}

// -----

// expected-error @+1 {{found 'lut.skip_bytes' = "8"}}
func.func private @f() attributes {lut.skip_bytes = "8"}

// -----

// expected-error @+1 {{found alone = 3, shared = 1001, expected 0 to 1000 (rule 1)}}
func.func private @f() attributes {lut.skip = #lut.skip<alone = 3, shared = 1001>}

// -----

// expected-error @+1 {{found order blocks, expected rows or columns (rule 1)}}
func.func private @f() attributes {lut.skip_packing = #lut.lines<blocks>}

// -----

// expected-error @+1 {{found 2 rows, expected 1 for skip (rule 1)}}
func.func private @f() attributes {lut.tiles = [#lut.tile<rows = 2, strategy = skip, blocks = 1, unroll = 1, tokens = 1>]}

// -----

// expected-error @+1 {{found skipping with dot = pairs, expected quads of fixed length (rule 4)}}
func.func private @f() attributes {lut.target = #lut.target<name = "c", triple = "t", cpu = "c", features = "", dot = pairs, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, skipRows = <alone = 500, shared = 500>>}

// -----

// expected-error @+1 {{found skipping with dot = quads, expected quads of fixed length (rule 4)}}
func.func private @f() attributes {lut.target = #lut.target<name = "c", triple = "t", cpu = "c", features = "", dot = quads, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1, scalable = true, skipColumns = <alone = 500, shared = 500>>}

// -----

// expected-error @+1 {{found #lut.lines<columns> with strategy mad and no residual, expected skip for rows with a residual and for columns, and for these only (rule 4)}}
func.func private @f() attributes {lut.kernel = #lut.kernel<packing = #lut.lines<columns>, rows = 40, columns = 50, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 64, out = 48, residual = false>}

// -----

// expected-error @+1 {{found #lut.i2 with strategy skip and a residual}}
func.func private @f() attributes {lut.kernel = #lut.kernel<packing = #lut.i2, rows = 40, columns = 50, tile = <rows = 1, strategy = skip, blocks = 1, unroll = 1, tokens = 1>, stride = 64, out = 48, residual = true>}

// -----

// expected-error @+1 {{found #lut.lines<rows> with strategy skip and no residual}}
func.func private @f() attributes {lut.kernel = #lut.kernel<packing = #lut.lines<rows>, rows = 40, columns = 50, tile = <rows = 1, strategy = skip, blocks = 1, unroll = 1, tokens = 1>, stride = 256, out = 48, residual = false>}

// -----

// expected-error @+1 {{found strides of 64 and 48, expected at least 256}}
func.func private @f() attributes {lut.kernel = #lut.kernel<packing = #lut.lines<rows>, rows = 40, columns = 50, tile = <rows = 1, strategy = skip, blocks = 1, unroll = 1, tokens = 1>, stride = 64, out = 48, residual = true>}

// -----

// expected-error @+1 {{found 2 tokens, expected 1 for pick (rule 1)}}
#tile = #lut.tile<rows = 2, strategy = pick, blocks = 1, unroll = 1, tokens = 2>

// -----

// expected-error @+1 {{found #lut.i2 with strategy mad, floats and groups of 0 of 64 columns, expected i2 for pick, floats and groups for it alone, groups of a multiple of 16, and at most 132104 columns of integers (rule 6)}}
#kernel = #lut.kernel<packing = #lut.i2, rows = 16, columns = 64, tile = <rows = 1, strategy = mad, blocks = 1, unroll = 1, tokens = 1>, stride = 64, out = 16, residual = false, floats = true>

// -----

// expected-error @+1 {{found #lut.b3 with strategy pick}}
#kernel = #lut.kernel<packing = #lut.b3, rows = 16, columns = 64, tile = <rows = 1, strategy = pick, blocks = 5, unroll = 5, tokens = 1>, stride = 64, out = 16, residual = false>

// -----

// expected-error @+1 {{strategy pick and groups of 24 of 48 columns}}
#kernel = #lut.kernel<packing = #lut.i2, rows = 16, columns = 48, tile = <rows = 1, strategy = pick, blocks = 1, unroll = 1, tokens = 1>, stride = 48, out = 16, residual = false, group = 24>

// -----

// 127·132105 is above 2^24.
// expected-error @+1 {{strategy pick and groups of 0 of 132105 columns}}
#kernel = #lut.kernel<packing = #lut.i2, rows = 16, columns = 132105, tile = <rows = 1, strategy = pick, blocks = 1, unroll = 1, tokens = 1>, stride = 132112, out = 16, residual = false>

// -----

// expected-error @+1 {{found 6 bits in groups of 32, expected 4 or 8 in groups of 32 or 64, or 6 in groups of 64 (rule 1)}}
#codes = #lut.codes<6, 32>
