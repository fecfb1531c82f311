// What every generated object has: a model that points at the weights.
extern const unsigned char setun_weights[];

const struct {
  const unsigned char *weights;
} setun_model = {setun_weights};
