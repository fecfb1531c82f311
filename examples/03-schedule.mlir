// A schedule for `setun compile --schedule`: choices that live beside a model.
module attributes {transform.with_named_sequence} {
  // Before packings are chosen.
  transform.named_sequence @encode(%model: !transform.any_op {transform.readonly}) {
    %down = transform.setun.match_linears "layers.*.down_proj" in %model : (!transform.any_op) -> !transform.any_op
    transform.setun.set_packing %down to "b3" : !transform.any_op
    transform.yield
  }
  // When tiles are: of one batch class (decode, small, prefill), or of all.
  transform.named_sequence @tile(%model: !transform.any_op {transform.readonly}) {
    %down = transform.setun.match_linears "layers.*.down_proj" in %model : (!transform.any_op) -> !transform.any_op
    transform.setun.set_tile %down of "decode" {strategy = "mad", blocks = 20, unroll = 5, tokens = 1} : !transform.any_op
    transform.yield
  }
}
