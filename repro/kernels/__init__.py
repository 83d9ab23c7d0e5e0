"""The arithmetic of the fast engine, compiled by numba: each module works on arrays and knows nothing of Keras.

`blas` multiplies matrices, `functions` has the activations, `projection` multiplies the inputs of an LSTM layer, `lstm`
runs it over its time steps, `fixed_point` shortens long padding, `embedding` gathers and scatters rows of an embedding,
`updates` makes the optimizers' steps. `compiled` compiles all of them, and `stamp` knows whether that is done.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from repro.backend import set_environment

Floats = NDArray[Any]
"""An array of float32, with which the engine trains, or of float64, in which the tests check gradients numerically."""

set_environment()  # before numba loads OpenBLAS, which reads it then
