"""Trains with kernels made for these models; computes what Keras does."""
