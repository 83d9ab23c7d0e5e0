"""What training, evaluation and preparation cost, here and with Keras as it is installed: the command `repro bench`.

Contestants do the same work in turns. Each has a process of its own, which starts and warms up before.

`sections` says what is measured and how much of it; `amounts` has the rows that are trained on and predicted.
`processes` starts the contestants' processes, gives them their turns, and calls the work in each: `in_keras`,
`in_torch`, `preparation`, `several_seeds`, `full_size` or `product`. `jobs` is what they share. `start` measures the
time to the first batch. `results` is the file of what was measured; `document` shows it, with `tables` and `estimate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

Section = Literal["training", "evaluation", "data", "sweep", "start", "full size"]
SECTIONS: tuple[Section, ...] = ("training", "evaluation", "data", "sweep", "start")
"""What is measured unless something else is asked for."""

Threads = Literal["1", "cores", "default"]
"""`cores`: one for each core. `default`: as many as the software takes by itself."""


class Contestant(NamedTuple):
    """One way to train a model."""

    label: str
    """What tables call it."""
    package: str
    """What must be installed."""
    threads: Threads
    predicts: bool
    """Whether it takes part in evaluation too."""
    environment: Mapping[str, str] = {}
    """Variables that its process is given."""


CONTESTANTS: dict[str, Contestant] = {
    "fast": Contestant("fast, all cores", "numba", "cores", True),
    "fast-1": Contestant("fast, one thread", "numba", "1", True),
    "reference": Contestant("Keras, one thread", "tensorflow", "1", False),
    "stock": Contestant("stock Keras", "tensorflow", "default", True),
    "stock-xla": Contestant("stock Keras, XLA", "tensorflow", "default", True),
    "stock-jax": Contestant("stock Keras on JAX", "jax", "default", False, {"KERAS_BACKEND": "jax"}),
    "torch": Contestant("PyTorch", "torch", "default", True),
    "torch-1": Contestant("PyTorch, one thread", "torch", "1", False, {"OMP_NUM_THREADS": "1"}),
}
"""Those who train, by name. `reference` is the engine `keras` of this suite; `stock` is Keras as a user gets it.

PyTorch's threads keep the cores busy while they wait for one another. Where other work is on the cores, training takes
many times as long; so PyTorch takes part on one thread too.
"""

OTHERS = ("stock", "stock-xla", "stock-jax", "torch", "torch-1")
"""The fast engine is held against the best of these."""
