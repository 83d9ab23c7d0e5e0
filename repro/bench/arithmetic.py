"""How many operations on float32 numbers the LSTM layers of a model take. FLOP: one multiplication or addition."""

from __future__ import annotations

from repro.chapter import Experiment

FORWARD_AND_BACK = 3
"""A training step multiplies by each weight once, and once each for the derivatives by its input and by itself."""

PRODUCT = 2_048
"""Rows and columns of the matrices whose product shows the rate of the machine."""
PRODUCT_FLOP = 2 * PRODUCT**3


def flop_of_a_word(experiment: Experiment) -> int:
    """Forward, of all LSTM layers at one step of one row: each weight, biases left out, multiplies and adds once."""
    layers = [layer for layer in experiment.layers if layer.recurrent]
    return sum(2 * layer.directions * 4 * layer.units * (layer.units + layer.inputs) for layer in layers)
