"""The arithmetic of the fast engine, compiled by numba: each module works on arrays and knows nothing of Keras.

`blas` multiplies matrices, `functions` are the activations, `lstm` walks through time, `words` gathers and scatters the
rows of an embedding, `updates` makes the optimizers' steps.

Every function takes float32, which is what trains, or float64, in which the tests check gradients numerically.
"""

from __future__ import annotations

import os

# OpenBLAS reads these when it is loaded, which importing numba does. As with Keras (repro.backend), they are what they
# are whatever the user has set, for with others a seed gives other bits: one thread, the products of this processor.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)
