"""The fast engine: the arithmetic of `repro.kernels`, with the weights and the optimizer's state of a Keras model."""
