"""What trains a model: Keras, the reference, or the fast engine, which computes the same several times as fast."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import keras

    from repro.chapter import Chapter, Experiment
    from repro.engines.base import Trainer

Engine = Literal["fast", "keras"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


def default_engine() -> Engine:
    """`fast`; `keras` if KERAS_BACKEND names the backend to compute with."""
    return "keras" if os.environ.get("KERAS_BACKEND") else "fast"


def make_trainer(
    engine: Engine, model: keras.Model, chapter: Chapter, experiment: Experiment, seed: int, *, threads: int = 1
) -> Trainer:
    """The trainer of a compiled `model`. Starts Keras.

    threads: on which the fast engine computes; their number does not change the bits. Keras' engine computes on one.

    Raises ReproError if the fast engine does not know a part of the model.
    """
    if engine == "fast":
        from repro.engines.fast.trainer import FastTrainer  # compiles the kernels

        return FastTrainer(model, chapter, experiment, seed, threads=threads)
    from repro.engines.keras import KerasTrainer

    return KerasTrainer(model, chapter, experiment, seed)
