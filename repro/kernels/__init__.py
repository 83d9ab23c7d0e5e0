"""The arithmetic of the fast engine, compiled by numba: each module works on arrays and knows nothing of Keras.

`blas` multiplies matrices, `functions` are the activations, `lstm` walks through time, `words` gathers and scatters the
rows of an embedding, `updates` makes the optimizers' steps.

Every function takes float32, which is what trains, or float64, in which the tests check gradients numerically.
"""

from __future__ import annotations

from repro.backend import set_environment

set_environment()  # before numba loads OpenBLAS, which reads it then
