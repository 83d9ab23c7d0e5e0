"""Replays recorded steps, with today's Keras or with the fast engine."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro import metrics, registry
from repro.backend import keras, make_deterministic
from repro.engines import Engine, make_trainer
from repro.numerics import Numerics
from repro.parity.recorded import RecordedModel, Start, Trajectory, Weights
from repro.runs.train import compiled


def replay(recorded: RecordedModel, start: Start, numerics: Numerics, engine: Engine = "keras") -> Trajectory:
    """Train a chapter's model from the recorded weights on the recorded batches. Starts Keras."""
    chapter, experiment = registry.experiment(recorded.name)
    if not recorded.recording.dropout:
        build, length = experiment.model, start.predicted.x.shape[1]
        experiment = dataclasses.replace(
            experiment, model=lambda **defaults: without_dropout(build(**defaults), length)
        )
    make_deterministic(1)
    model = compiled(chapter, experiment, numerics)
    model.set_weights(_filled(start, model.get_weights()))
    trainer = make_trainer(engine, model, chapter, experiment, seed=1)

    losses, weights = [], {}
    for step, (x, y) in enumerate(start.batches, 1):
        classes = y.argmax(axis=1) if chapter.one_hot(experiment) else y
        losses.append(trainer.step(x, classes.astype(np.int32)))
        if step in recorded.recording.steps:
            words, *others = trainer.weights()
            weights[step] = [words if start.words is None else words[start.words], *others]
    probabilities = trainer.predict(start.predicted.x).probabilities
    return Trajectory(np.array(losses), weights, probabilities, _table(probabilities, start.predicted.y))


def _table(probabilities: NDArray[np.float32], y: NDArray[Any]) -> metrics.Matrix | None:
    """The confusion table `[predicted][actual]`; None unless each row has one of two classes."""
    two_classes = probabilities.shape[1] == 1 and y.ndim == 1
    return metrics.confusion((probabilities[:, 0] > 0.5).astype(int), y, 2) if two_classes else None


def without_dropout(model: keras.Model, length: int) -> keras.Model:
    """A copy of a sequential model, with new weights, that takes rows of this length and has no dropout."""
    layers = [
        type(layer).from_config(layer.get_config() | _no_dropout(layer))
        for layer in model.layers
        if not isinstance(layer, keras.layers.Dropout)  # which SpatialDropout1D is too
    ]
    return keras.Sequential([keras.Input((length,)), *layers])


def _no_dropout(layer: keras.layers.Layer) -> dict[str, Any]:
    rates = {"dropout": 0.0, "recurrent_dropout": 0.0}
    return {name: rate for name, rate in rates.items() if name in layer.get_config()}


def _filled(start: Start, initial: Weights) -> Weights:
    """The weights to start from; the rows of the embedding that were not recorded are 0."""
    if start.words is None:
        return start.weights
    words = np.zeros_like(initial[0])
    words[start.words] = start.weights[0]
    return [words, *start.weights[1:]]
