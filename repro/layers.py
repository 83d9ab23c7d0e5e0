"""The layers of a model, with parameter counts worked out by formula, which Keras' own counts are checked against."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

LayerKind = Literal["Embedding", "LSTM", "SimpleRNN", "Dense", "Dropout", "SpatialDropout1D"]

RowShape = tuple[int, ...]
"""The shape of what one row becomes: `(200,)` numbers of words, `(200, 32)` a vector for each, `(32,)` one vector."""


@dataclass(frozen=True)
class Formula:
    """How a number of parameters is worked out."""

    symbols: str
    """`4 × ((inputs + units) × units + units)`; empty where there is nothing to learn."""
    numbers: str
    """`4 × ((32 + 32) × 32 + 32)`"""
    count: int

    def __str__(self) -> str:
        """`4 × ((inputs + units) × units + units) = 4 × ((32 + 32) × 32 + 32) = 8,320`."""
        return f"{self.symbols} = {self.numbers} = {self.count:,}" if self.symbols else "nothing to learn"


@dataclass(frozen=True)
class Layer:
    """One layer of a model, named as in Keras."""

    kind: LayerKind
    printed: int | None = None
    """The number of parameters that the source shows, None where it shows none."""
    inputs: int = 0
    """Numbers that come in at each step; words of an embedding."""
    units: int = 0
    """Numbers that go out, of each direction; the size of an embedding's vectors."""
    directions: int = 1
    """2 where the layer reads forwards and backwards in time."""
    activation: str = "linear"
    dropout: float = 0.0
    """The rate: of a dropout layer, or that at which an LSTM drops its inputs."""
    recurrent_dropout: float = 0.0
    """The rate at which an LSTM drops its state."""
    return_sequences: bool = False
    """Whether every step goes out, not the last one alone."""

    @property
    def formula(self) -> Formula:
        """How its parameters are counted: the one place where that is said, in symbols, in numbers and as a count."""
        inputs, units = self.inputs, self.units
        match self.kind:
            case "Embedding":  # a vector for each word
                symbols, count = "words × size", inputs * units
            case "LSTM":  # for each of four: weights for the inputs, weights for the units' own state, and biases
                symbols = "4 × ((inputs + units) × units + units)"
                count = 4 * ((inputs + units) * units + units)
            case "SimpleRNN":
                symbols, count = "(inputs + units) × units + units", (inputs + units) * units + units
            case "Dense":  # a weight for each pair of input and unit, and a bias for each unit
                symbols, count = "inputs × units + units", inputs * units + units
            case "Dropout" | "SpatialDropout1D":
                symbols, count = "", 0
        if self.directions == 2:
            symbols, count = f"2 × {symbols if self.kind == 'LSTM' else f'({symbols})'}", 2 * count
        incoming, outgoing = f"{inputs:,}", f"{units:,}"
        numbers = {"words": incoming, "inputs": incoming, "size": outgoing, "units": outgoing}
        worked_out = re.sub("[a-z]+", lambda symbol: numbers[symbol[0]], symbols)
        return Formula(symbols, worked_out, count)

    @property
    def parameters(self) -> int:
        """Their number, derived."""
        return self.formula.count

    def output_shape(self, shape: RowShape) -> RowShape:
        """What a row of this shape becomes; `shapes` gives it for all layers of a model."""
        if self.kind == "Embedding":
            return (*shape, self.units)
        if self.kind == "Dense":
            return (*shape[:-1], self.units)
        if self.recurrent:
            steps = shape[:1] if self.return_sequences else ()
            return (*steps, self.directions * self.units)
        return shape

    @property
    def recurrent(self) -> bool:
        """Whether the layer has a state that goes from step to step."""
        return self.kind in ("LSTM", "SimpleRNN")

    @property
    def description(self) -> str:
        """`LSTM(32)`, `Dense(1, sigmoid)`: the layer in every record. The names of the records depend on it."""
        match self.kind:
            case "Embedding":
                settings = f"{self.inputs}, {self.units}"
            case "Dropout" | "SpatialDropout1D":
                settings = str(self.dropout)
            case "Dense":
                settings = f"{self.units}, {self.activation}"
            case _:
                settings = ", ".join([str(self.units), *self._options()])
        alone = f"{self.kind}({settings})"
        return f"Bidirectional({alone})" if self.directions == 2 else alone

    def _options(self) -> list[str]:
        """What a recurrent layer has besides Keras' defaults."""
        options = {
            self.activation: self.activation != "tanh",
            f"dropout {self.dropout}": self.dropout > 0,
            f"recurrent_dropout {self.recurrent_dropout}": self.recurrent_dropout > 0,
            "return_sequences": self.return_sequences,
        }
        return [option for option, given in options.items() if given]


def shapes(layers: Iterable[Layer], words: int) -> Iterator[tuple[RowShape, RowShape]]:
    """For each layer, what comes in and what goes out of one row of so many words."""
    shape: RowShape = (words,)
    for layer in layers:
        before, shape = shape, layer.output_shape(shape)
        yield before, shape


def as_printed(layers: Iterable[Layer], counts: Sequence[int]) -> tuple[Layer, ...]:
    """The layers with the numbers of parameters that the source shows; with none if `counts` is empty."""
    layers = tuple(layers)
    return tuple(replace(each, printed=n) for each, n in zip(layers, counts, strict=True)) if counts else layers


def embedding(words: int, size: int, *, printed: int | None = None) -> Layer:
    """A vector of `size` numbers for each of `words` words."""
    return Layer("Embedding", printed, inputs=words, units=size)


def lstm(
    units: int,
    inputs: int,
    *,
    activation: str = "tanh",
    dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    return_sequences: bool = False,
    printed: int | None = None,
) -> Layer:
    """Three gates and a candidate, each with weights for the inputs, weights for the units' own state, and a bias."""
    layer = Layer("LSTM", printed, inputs, units, activation=activation, dropout=dropout)
    return replace(layer, recurrent_dropout=recurrent_dropout, return_sequences=return_sequences)


def simple_rnn(units: int, inputs: int) -> Layer:
    """Has what one gate of an LSTM has: a quarter of `lstm`."""
    return Layer("SimpleRNN", inputs=inputs, units=units, activation="tanh")


def bidirectional(layer: Layer, *, printed: int | None = None) -> Layer:
    """The layer twice: once forwards in time, once backwards."""
    return replace(layer, printed=printed, directions=2)


def dense(units: int, inputs: int, activation: str, *, printed: int | None = None) -> Layer:
    """A weight for each pair of input and unit, and a bias for each unit."""
    return Layer("Dense", printed, inputs, units, activation=activation)


def dropout(rate: float, kind: Literal["Dropout", "SpatialDropout1D"] = "Dropout") -> Layer:
    """Sets a share of its inputs to 0 while training; `SpatialDropout1D`, the same ones at all steps of a row."""
    return Layer(kind, dropout=rate)
