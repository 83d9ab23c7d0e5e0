"""Who is measured: this suite's engines, Keras as it is installed, PyTorch."""

from __future__ import annotations

import importlib.util
from typing import Literal, NamedTuple, get_args

Name = Literal["fast", "reference", "stock", "stock-xla", "stock-jax", "torch", "torch-1"]
NAMES: tuple[Name, ...] = get_args(Name)


class Contestant(NamedTuple):
    """One way to train a model."""

    label: str
    """In tables."""
    package: str
    """What must be installed."""
    threads: Literal["1", "default"]
    """`default`: as many as the software takes by itself."""


CONTESTANTS: dict[Name, Contestant] = {
    "fast": Contestant("fast", "numba", "1"),
    "reference": Contestant("Keras, one thread", "tensorflow", "1"),
    "stock": Contestant("stock Keras", "tensorflow", "default"),
    "stock-xla": Contestant("stock Keras, XLA", "tensorflow", "default"),
    "stock-jax": Contestant("stock Keras on JAX", "jax", "default"),
    "torch": Contestant("PyTorch", "torch", "default"),
    "torch-1": Contestant("PyTorch, one thread", "torch", "1"),
}
"""`reference` is the engine `keras` of this suite, `stock` is Keras on TensorFlow as a user gets it.

PyTorch's threads wait for one another busily, which takes many times as long where other work is on the cores; hence
it takes part on one thread too.
"""


def missing(name: Name) -> str:
    """Why a contestant cannot take part: `jax is not installed`; empty if it can."""
    package = CONTESTANTS[name].package
    return "" if importlib.util.find_spec(package) else f"{package} is not installed"
