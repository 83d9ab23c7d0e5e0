"""How many parameters a layer has, worked out on paper: the formulas that Keras' own counts are checked against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """One layer of a model and its number of parameters, derived from a formula.

    `printed` is the number that the source shows for it, None where the source shows none.
    """

    description: str
    formula: str
    parameters: int
    printed: int | None = None


def embedding(words: int, size: int, *, printed: int | None = None) -> Layer:
    """A vector of `size` numbers for each of `words` words."""
    return Layer(f"Embedding({words}, {size})", f"{words} × {size}", words * size, printed)


def lstm(units: int, inputs: int, *, printed: int | None = None) -> Layer:
    """Four gates, each with weights for the inputs, weights for the units' own state, and a bias."""
    count = 4 * (units * (units + inputs) + units)
    return Layer(f"LSTM({units})", f"4 × ({units} × ({units} + {inputs}) + {units})", count, printed)


def simple_rnn(units: int, inputs: int, *, printed: int | None = None) -> Layer:
    """What one gate of an LSTM has: a quarter of `lstm`."""
    count = units * (units + inputs) + units
    return Layer(f"SimpleRNN({units})", f"{units} × ({units} + {inputs}) + {units}", count, printed)


def bidirectional(layer: Layer, *, printed: int | None = None) -> Layer:
    """The layer twice: once forwards in time, once backwards."""
    return Layer(f"Bidirectional({layer.description})", f"2 × {layer.formula}", 2 * layer.parameters, printed)


def dense(units: int, inputs: int, *, printed: int | None = None) -> Layer:
    """A weight for each pair of input and unit, and a bias for each unit."""
    return Layer(f"Dense({units})", f"{inputs} × {units} + {units}", inputs * units + units, printed)


def without(description: str) -> Layer:
    """A layer that learns nothing, such as dropout."""
    return Layer(description, "nothing to learn", 0)
