"""R's functions for models: `summary`, `evaluate`, `predict_classes`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from repro.backend import keras
from repro.r.printing import WIDTH, number, place
from repro.text import Padded, Ragged

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def predict_classes(
    object: keras.Model,  # noqa: A002 - R's name, here and below
    x: ArrayLike | Padded,
    batch_size: int = 32,
    verbose: int = 0,
) -> NDArray[np.integer]:
    """`predict_classes()`, which Keras no longer has: classes, numbered from 0 as in R.

    With one output, `(rows, 1) int32`: 1 where the probability is above 0.5. With several, `(rows,) int64`: the most
    probable class, the first of equals.

    Raises TypeError if `x` has rows of unequal length.
    """
    probabilities: NDArray[np.float32] = object.predict(_inputs(x), batch_size=batch_size, verbose=verbose)
    if probabilities.shape[-1] == 1:
        return (probabilities > 0.5).astype(np.int32)
    classes: NDArray[np.int64] = probabilities.argmax(axis=-1)
    return classes


class Scores(dict[str, float]):
    """A named list of numbers: `scores["loss"]`, or by R's position, `scores[1]`."""

    def __getitem__(self, key: str | int) -> float:
        names = list(self)
        return super().__getitem__(names[place(key, names)])

    def __repr__(self) -> str:
        return "\n".join(f"${name}\n[1] {number(score)}\n" for name, score in self.items())


def evaluate(
    object: keras.Model,  # noqa: A002
    x: ArrayLike | Padded,
    y: ArrayLike,
    batch_size: int = 32,
    verbose: int = 0,
) -> Scores:
    """`evaluate()`: the loss, then the metrics in the order in which `compile` was given them.

    R's keras3 of today has them in alphabetical order, so that its first number may be the accuracy.

    Raises TypeError if `x` has rows of unequal length.
    """
    scores = object.evaluate(_inputs(x), y, batch_size=batch_size, verbose=verbose, return_dict=True)
    return Scores((name, scores[name]) for name in object.get_metrics_result())


def summary(model: keras.Sequential) -> str:
    """`summary()` of a model whose layers follow one another, as R keras 2.2.5 printed it.

    R keras 2.15 indents the layers, draws no lines between them and adds sizes in bytes; keras3 draws boxes.

    Raises ValueError if the model is not `keras.Sequential`, or has no shapes yet.
    """
    if not isinstance(model, keras.Sequential) or not model.built:
        raise ValueError("summary() takes a keras.Sequential that begins with keras.Input or has been built")

    def row(layer: str, shape: object, parameters: object) -> str:
        return f"{layer:<35.35} {shape!s:<31.31} {parameters!s:<12.12}"  # what is too long is cut

    layers = [
        row(f"{layer.name} ({type(layer).__name__})", layer.output.shape, layer.count_params())
        for layer in model.layers
    ]
    trainable, fixed = (
        sum(math.prod(weight.shape) for weight in weights)
        for weights in (model.trainable_weights, model.non_trainable_weights)
    )
    rule = "_" * WIDTH
    return "\n".join(
        [
            f'Model: "{model.name}"',
            rule,
            row("Layer (type)", "Output Shape", "Param #"),
            "=" * WIDTH,
            f"\n{rule}\n".join(layers),
            "=" * WIDTH,
            f"Total params: {trainable + fixed:,}",
            f"Trainable params: {trainable:,}",
            f"Non-trainable params: {fixed:,}",
            rule,
        ]
    )


def _inputs(x: ArrayLike | Padded) -> ArrayLike:
    if isinstance(x, Ragged):  # Keras' own message would mislead
        raise TypeError("the rows of x are of unequal length: make an array of them with r.pad_sequences(x, maxlen)")
    return x[:] if isinstance(x, Padded) else x
