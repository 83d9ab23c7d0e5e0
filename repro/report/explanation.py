"""What each layer of a model computes: its shapes, its equations, and how its parameters are counted."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from repro import numerics
from repro.chapter import Chapter, Experiment
from repro.layers import Layer, RowShape, shapes
from repro.numerics import Gates
from repro.report.describe import WIDTH

LEGEND = (
    "x is what comes into a layer and y what goes out; x[t] is what stands at word t. A vector before a matrix is "
    "multiplied by it, and * multiplies number by number. Shapes begin with the rows of a batch."
)

FUNCTIONS = {
    "sigmoid": "1 / (1 + exp(-z))",
    "keras2.hard_sigmoid": "clip(0.2 z + 0.5, 0, 1)",
    "relu": "max(0, z)",
    "softmax": "exp(z) / (the sum of exp(z) over the units)",
}
"""Activations by name, element by element, where the name alone does not say it."""

SOURCES = {
    "Embedding": "Bengio et al. 2003, section 2 (the table C); Embedding.call of Keras",
    "LSTM": "Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; LSTMCell.call of Keras",
    "SimpleRNN": "Elman 1990; SimpleRNNCell.call of Keras",
    "Dense": "Dense.call of Keras",
    "Dropout": "Srivastava et al. 2014; Dropout.call of Keras, which scales while it trains",
    "SpatialDropout1D": "Tompson et al. 2015; SpatialDropout1D.call of Keras, which scales while it trains",
}
"""Where the equations come from, by kind of layer."""


class Equation(NamedTuple):
    """One line of what a layer computes."""

    formula: str
    """`i = gate(x[t] K_i + h R_i + b_i)`"""
    meaning: str
    """`the input gate`; may be empty."""


class Explanation(NamedTuple):
    """What one layer of a model computes."""

    layer: Layer
    """`layer.formula` has its parameters: in symbols, in numbers, and the count."""
    incoming: RowShape
    outgoing: RowShape
    text: str
    """One to three sentences."""
    equations: tuple[Equation, ...]
    weights: str
    """What the parameters are, with their shapes; empty if there are none."""
    source: str
    """Where the equations come from."""


def explanations(chapter: Chapter, experiment: Experiment) -> list[Explanation]:
    """Explain the layers of a model, from the first to the last, as the source's software computed them.

    chapter: with the experiment; of a variation, `Chapter.varied`. Does not start Keras.
    """
    through = shapes(experiment.layers, chapter.preparation.maxlen)
    return [
        Explanation(
            layer,
            *shape,
            text=_text(layer),
            equations=tuple(_equations(layer, chapter)),
            weights=_weights(layer),
            source=_source(layer),
        )
        for layer, shape in zip(experiment.layers, through, strict=True)
    ]


def explained(chapter: Chapter) -> str:
    """The layers of all models of a chapter, for readers. What was explained before is named, not repeated."""
    return "\n".join(_lines(chapter)) + "\n"


def shape_text(shape: RowShape) -> str:
    """`(rows, 200, 32)`, as Keras shows it, with a word for its None."""
    return f"({', '.join(['rows', *map(str, shape)])})"


def _lines(chapter: Chapter) -> Iterator[str]:
    yield f"{chapter.name}: {chapter.title}. Its models, layer by layer"
    yield ""
    yield textwrap.fill(LEGEND, WIDTH)
    known: dict[Layer, str] = {}
    for experiment in chapter.experiments:
        yield ""
        summands = " + ".join(f"{layer.parameters:,}" for layer in experiment.layers if layer.parameters)
        yield f"{experiment.name}: {experiment.parameters:,} parameters = {summands}"
        for number, explanation in enumerate(explanations(chapter, experiment), 1):
            layer = replace(explanation.layer, printed=None)
            yield ""
            yield f"  {number}  {explanation.layer.description}"
            yield from _explanation(explanation, as_before=known.get(layer))
            known.setdefault(layer, f"layer {number} of {experiment.name}")
    if note := elsewhere(chapter):
        yield ""
        yield textwrap.fill(note, WIDTH)


def _explanation(explanation: Explanation, as_before: str | None) -> Iterator[str]:
    """as_before: the layer that computes the same and was explained, if there was one."""
    layer, printed = explanation.layer, explanation.layer.printed
    widest = max(len(equation.formula) for equation in explanation.equations)
    equations = [("", f"  {formula:<{widest}}   {meaning}".rstrip()) for formula, meaning in explanation.equations]
    about = [
        ("shape", f"{shape_text(explanation.incoming)} to {shape_text(explanation.outgoing)}"),
        *([("computes", f"the same as {as_before}")] if as_before else [("computes", explanation.text), *equations]),
        ("weights", explanation.weights),
        ("parameters", str(layer.formula)),
        ("printed", "" if printed is None else f"{printed:,}"),
        ("source", "" if as_before else explanation.source),
    ]
    for what, line in about:
        if line:
            start = f"     {what:<12}"
            yield textwrap.fill(line, WIDTH, initial_indent=start, subsequent_indent=" " * len(start))


def elsewhere(chapter: Chapter) -> str:
    """How gates and masks of the models differ in other numerics than the source's; empty if they do not."""
    own = set(_gates_and_masks(chapter.lstm))
    others: dict[str, list[str]] = {}
    for each in numerics.NUMERICS:
        for trait in _gates_and_masks(numerics.defaults(each, chapter.lstm)):
            if trait not in own:
                others.setdefault(trait, []).append(f"--numerics {each}")
    return " ".join(f"With {' or '.join(options)}, {trait}." for trait, options in others.items())


def _gates_and_masks(arguments: numerics.Defaults) -> Iterator[str]:
    """What a chapter's models have in some numerics, in words."""
    name = _gate_name(arguments["gates"])
    yield f"gate(z) is {name}: {FUNCTIONS.get(name, 'as Keras has it')}"
    if "mask_per_gate" in arguments:
        yield "each gate has masks of its own" if arguments["mask_per_gate"] else "the gates share d and r"


def _gate_name(gates: Gates) -> str:
    """The name of the gates' activation, as in the settings of a record."""
    return gates if isinstance(gates, str) else f"keras2.{gates.__name__}"


def _text(layer: Layer) -> str:
    match layer.kind:
        case "Embedding":
            return (
                f"Looks up a vector of {layer.units} numbers for each word number. The zeros of the padding have a "
                "vector too, like a word: nothing is masked."
            )
        case "LSTM":
            text = (
                f"Reads the words one after the other, with a state h and a memory c of {layer.units} numbers each, 0 "
                "before the first word. At each word, number by number, gates decide what is written to the memory, "
                "what is kept in it, and what of it goes out."
            )
        case "SimpleRNN":
            text = f"Reads the words one after the other, with a state h of {layer.units} numbers, 0 before the first."
        case "Dense":
            sums = "A weighted sum" if layer.units == 1 else f"{layer.units} weighted sums"
            bias = "a bias" if layer.units == 1 else "a bias each"
            return f"{sums} of all numbers that come in, plus {bias}, through {layer.activation}."
        case "Dropout":
            return (
                f"While it trains, sets each number to 0 with probability {layer.dropout:g}, and scales the others up "
                "by as much as is lost on average. Later, it passes on what comes in."
            )
        case "SpatialDropout1D":
            return (
                f"While it trains, sets each number of a vector to 0 with probability {layer.dropout:g}, the same "
                "ones at all words of a row, and scales the others up. Later, it passes on what comes in."
            )
    if layer.dropout or layer.recurrent_dropout:
        text += " While it trains, masks set some numbers to 0, and scale the others up; later, all of a mask is 1."
    return f"{text} {_what_goes_out(layer)}"


def _what_goes_out(layer: Layer) -> str:
    """What a recurrent layer passes on, as a sentence."""
    if layer.directions == 2:
        where = "at each word" if layer.return_sequences else "after the last word that it reads"
        return (
            "There are two such layers, each with weights of its own: one reads forwards, the other backwards. What "
            f"goes out is the state of each {where}, side by side."
        )
    if layer.return_sequences:
        return "The state after each word goes out (return_sequences)."
    return "The state after the last word goes out."


def _equations(layer: Layer, chapter: Chapter) -> Iterator[Equation]:
    match layer.kind:
        case "Embedding":
            yield Equation("y[t] = E[x[t]]", "the row of E that has the word's number")
        case "LSTM":
            yield from _lstm(layer, chapter)
        case "SimpleRNN":
            yield Equation(f"h' = {layer.activation}(x[t] K + h R + b)", "the new state")
            yield from _function(layer.activation, layer.activation)
        case "Dense":
            function = "" if layer.activation == "linear" else layer.activation
            yield Equation(f"y = {function}(x W + b)" if function else "y = x W + b", "")
            yield from _function(function, function)
        case "Dropout" | "SpatialDropout1D":
            each = "row and number of its vectors" if layer.kind == "SpatialDropout1D" else "number"
            yield Equation("y = x * m", "while it trains; y = x later")
            yield Equation(f"m = {_mask(layer.dropout)}", f"drawn per {each}")


def _lstm(layer: Layer, chapter: Chapter) -> Iterator[Equation]:
    gates = {"i": "input gate: what is written", "f": "forget gate: what is kept", "o": "output gate: what goes out"}
    for name, meaning in gates.items():
        yield Equation(f"{name} = gate({_sum(layer, f'_{name}', chapter)})", meaning)
    yield Equation(f"a = {layer.activation}({_sum(layer, '_c', chapter)})", "what may be written")
    yield Equation("c' = f * c + i * a", "the new memory")
    yield Equation(f"h' = o * {layer.activation}(c')", "the new state")
    yield from _function("gate", _gate_name(chapter.lstm["gates"]))
    yield from _function(layer.activation, layer.activation)
    yield from _masks(layer, chapter)


def _sum(layer: Layer, of: str, chapter: Chapter) -> str:
    """What goes into a gate: `x[t] K_i + h R_i + b_i`, with masks where there is dropout."""
    drawn = of if chapter.lstm.get("mask_per_gate") else ""
    x = f"(x[t] * d{drawn})" if layer.dropout else "x[t]"
    h = f"(h * r{drawn})" if layer.recurrent_dropout else "h"
    return f"{x} K{of} + {h} R{of} + b{of}"


def _masks(layer: Layer, chapter: Chapter) -> Iterator[Equation]:
    """The dropout masks of an LSTM, if it has any."""
    each = "row, number and gate" if chapter.lstm.get("mask_per_gate") else "row and number"
    for name, rate in (("d", layer.dropout), ("r", layer.recurrent_dropout)):
        if rate:
            yield Equation(f"{name} = {_mask(rate)}", f"per {each}, the same at all words")


def _mask(rate: float) -> str:
    return f"0 with probability {rate:g}, otherwise 1 / {1 - rate:g}"


def _function(symbol: str, name: str) -> Iterator[Equation]:
    """What an activation is, unless its name says it."""
    if name in FUNCTIONS:
        called = {"keras2.hard_sigmoid": "Keras 2's hard_sigmoid"}.get(name, name)
        yield Equation(f"{symbol}(z) = {FUNCTIONS[name]}", called if called != symbol else "")
    elif symbol != name:
        yield Equation(f"{symbol}(z) = {name}(z)", "as Keras has it")


def _weights(layer: Layer) -> str:
    inputs, units = f"{layer.inputs:,}", f"{layer.units:,}"
    match layer.kind:
        case "Embedding":
            return f"E ({inputs} × {units})"
        case "Dense":
            return f"W ({inputs} × {units}), b ({units})"
        case "LSTM" | "SimpleRNN":
            parts = f"K ({inputs} × {units}), R ({units} × {units}) and b ({units})"
            each = f"{parts}, each for i, f, o and c" if layer.kind == "LSTM" else parts
            return f"{each}; all that for both directions" if layer.directions == 2 else each
    return ""


def _source(layer: Layer) -> str:
    source = SOURCES[layer.kind]
    if layer.directions == 2:
        source += "; two directions: Schuster and Paliwal 1997"
    if layer.recurrent_dropout:
        source += "; masks that stay the same at all words: Gal and Ghahramani 2016"
    return source
