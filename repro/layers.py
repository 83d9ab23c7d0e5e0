"""How many parameters a layer has, worked out on paper: the formulas that Keras' own counts are checked against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """One layer of a model and its number of parameters, derived from a formula.

    `settings` are those that a reader needs to know the layer by; they stand in every record.
    `printed` is the number that the source shows for it, None where the source shows none.
    """

    kind: str
    settings: str
    formula: str
    parameters: int
    printed: int | None = None

    @property
    def description(self) -> str:
        """`LSTM(32)`, `Dense(1, sigmoid)`."""
        return f"{self.kind}({self.settings})"

    @property
    def recurrent(self) -> bool:
        """Whether the layer has a state that goes from word to word."""
        return self.kind in ("SimpleRNN", "LSTM", "Bidirectional")


def embedding(words: int, size: int, *, printed: int | None = None) -> Layer:
    """A vector of `size` numbers for each of `words` words."""
    return Layer("Embedding", f"{words}, {size}", f"{words} × {size}", words * size, printed)


def lstm(units: int, inputs: int, *options: str, printed: int | None = None) -> Layer:
    """Four gates, each with weights for the inputs, weights for the units' own state, and a bias."""
    formula, count = f"4 × ({units} × ({units} + {inputs}) + {units})", 4 * (units * (units + inputs) + units)
    return Layer("LSTM", ", ".join([str(units), *options]), formula, count, printed)


def simple_rnn(units: int, inputs: int, *, printed: int | None = None) -> Layer:
    """What one gate of an LSTM has: a quarter of `lstm`."""
    formula, count = f"{units} × ({units} + {inputs}) + {units}", units * (units + inputs) + units
    return Layer("SimpleRNN", str(units), formula, count, printed)


def bidirectional(layer: Layer, *, printed: int | None = None) -> Layer:
    """The layer twice: once forwards in time, once backwards."""
    return Layer("Bidirectional", layer.description, f"2 × {layer.formula}", 2 * layer.parameters, printed)


def dense(units: int, inputs: int, activation: str, *, printed: int | None = None) -> Layer:
    """A weight for each pair of input and unit, and a bias for each unit."""
    formula, count = f"{inputs} × {units} + {units}", inputs * units + units
    return Layer("Dense", f"{units}, {activation}", formula, count, printed)


def dropout(rate: float, kind: str = "Dropout") -> Layer:
    """Learns nothing; `kind` may be `SpatialDropout1D`."""
    return Layer(kind, str(rate), "nothing to learn", 0)
