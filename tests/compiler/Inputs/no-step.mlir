module attributes {
  lut.cache_bytes = 64 : i64, lut.cache_chunk = 16 : i64, lut.token_bytes = 0 : i64,
  lut.weights_bytes = 0 : i64,
  lut.target = #lut.target<name = "x86-64-v3", triple = "x86_64-unknown-linux-musl", cpu = "x86-64-v3", features = "", dot = pairs, permuteBytes = 0, dotMacs = 1, lookupMacs = 1, l2Bytes = 1>,
  tern.model = #tern.model<name = "m", vocab = 8, maxContext = 8, layers = 1, hidden = 8, intermediate = 8, heads = 1, kvHeads = 1, headDim = 2, bos = -1, stop = [], rope = [1.0]>} {
}
