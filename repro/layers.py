"""The layers of a model, with parameter counts worked out by formula, which Keras' own counts are checked against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

LayerKind = Literal["Embedding", "LSTM", "SimpleRNN", "Dense", "Dropout", "SpatialDropout1D"]


@dataclass(frozen=True)
class Layer:
    """One layer of a model, named as in Keras, and its number of parameters, derived from a formula."""

    kind: LayerKind
    formula: str
    """How the number of parameters is worked out, for readers."""
    parameters: int
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


def as_printed(layers: Iterable[Layer], counts: Sequence[int]) -> tuple[Layer, ...]:
    """The layers with the numbers of parameters that the source shows; with none if `counts` is empty."""
    layers = tuple(layers)
    return tuple(replace(each, printed=n) for each, n in zip(layers, counts, strict=True)) if counts else layers


def embedding(words: int, size: int, *, printed: int | None = None) -> Layer:
    """A vector of `size` numbers for each of `words` words."""
    return Layer("Embedding", f"{words} × {size}", words * size, printed, inputs=words, units=size)


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
    """Four gates, each with weights for the inputs, weights for the units' own state, and a bias."""
    formula, count = f"4 × ({units} × ({units} + {inputs}) + {units})", 4 * (units * (units + inputs) + units)
    layer = Layer("LSTM", formula, count, printed, inputs, units, activation=activation, dropout=dropout)
    return replace(layer, recurrent_dropout=recurrent_dropout, return_sequences=return_sequences)


def simple_rnn(units: int, inputs: int) -> Layer:
    """What one gate of an LSTM has: a quarter of `lstm`."""
    formula, count = f"{units} × ({units} + {inputs}) + {units}", units * (units + inputs) + units
    return Layer("SimpleRNN", formula, count, inputs=inputs, units=units, activation="tanh")


def bidirectional(layer: Layer, *, printed: int | None = None) -> Layer:
    """The layer twice: once forwards in time, once backwards."""
    formula, count = f"2 × {layer.formula}", 2 * layer.parameters
    return replace(layer, formula=formula, parameters=count, printed=printed, directions=2)


def dense(units: int, inputs: int, activation: str, *, printed: int | None = None) -> Layer:
    """A weight for each pair of input and unit, and a bias for each unit."""
    formula, count = f"{inputs} × {units} + {units}", inputs * units + units
    return Layer("Dense", formula, count, printed, inputs, units, activation=activation)


def dropout(rate: float, kind: Literal["Dropout", "SpatialDropout1D"] = "Dropout") -> Layer:
    """Sets a share of its inputs to 0 while training; `SpatialDropout1D`, the same ones at all steps of a row."""
    return Layer(kind, "nothing to learn", 0, dropout=rate)
