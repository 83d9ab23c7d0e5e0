"""How many operations on float32 numbers the LSTM layers of a model take. FLOP: one multiplication or addition."""

from __future__ import annotations

import re

from repro.chapter import Experiment
from repro.layers import Layer

FORWARD_AND_BACK = 3
"""A training step multiplies by each weight once, and once each for the derivatives by its input and by itself."""

PRODUCT = 2_048
"""Rows and columns of the matrices whose product shows the rate of the machine."""
PRODUCT_FLOP = 2 * PRODUCT**3


def numbers(layer: Layer) -> list[int]:
    """The whole numbers among a layer's settings: units; or words and size of an embedding."""
    return [int(number) for number in re.findall(r"(?<![\d.])\d+(?![\d.])", layer.settings)]


def inputs(layer: Layer) -> int:
    """The size of a recurrent layer's input, from its parameters: 4 (units (units + inputs) + units)."""
    (units,) = numbers(layer)
    directions = 2 if layer.kind == "Bidirectional" else 1
    return layer.parameters // (4 * units * directions) - units - 1


def flop_of_a_word(experiment: Experiment) -> int:
    """Forward, of all LSTM layers at one step of one row: each weight, biases left out, multiplies and adds once."""
    recurrent = [layer for layer in experiment.layers if layer.recurrent]
    directions = [2 if layer.kind == "Bidirectional" else 1 for layer in recurrent]
    return sum(
        2 * (layer.parameters - 4 * numbers(layer)[0] * ways) for layer, ways in zip(recurrent, directions, strict=True)
    )
