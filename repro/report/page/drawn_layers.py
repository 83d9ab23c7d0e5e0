"""The diagram of a model: a list of its layers, with shapes between them and parameters worked out."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from repro.chapter import Chapter, Experiment
from repro.layers import Layer, RowShape
from repro.report.explanation import Explanation, explanations
from repro.report.page.drawing_set import Drawing

WHOLE = Markup('<div class="layers">{}<ol>{}</ol><p class="total">{} = <b>{}</b> parameters{}</p></div>')
FLOW = Markup('<p class="flow"><span aria-hidden="true">↓</span> {}</p>')
BOX = Markup('<li><div class="layer {}"><p><b>{}</b> {}</p>{}{}</div>{}</li>')
WAYS = Markup('<p class="ways"><span>forwards →</span> <span>← backwards</span></p>')
PARAMETERS = Markup('<p class="formula">{} =<br/>{} = <b>{}</b>{}</p>')
MORE = Markup("<details><summary>What it computes</summary><p>{}</p>{}<p>{}</p></details>")
EQUATION = Markup("<dt><code>{}</code></dt><dd>{}</dd>")


def layers(chapter: Chapter, experiment: Experiment) -> Drawing:
    """An experiment of the chapter, which has a model; what it computes is told layer by layer, folded away."""
    explained = explanations(chapter, experiment)
    boxes = Markup().join(map(_box, explained))
    first = FLOW.format(f"{_shape((chapter.preparation.maxlen,))} words as numbers")
    summands = " + ".join(f"{layer.parameters:,}" for layer in experiment.layers if layer.parameters)
    printed = _printed(experiment.printed_total, experiment.parameters)
    html = WHOLE.format(first, boxes, summands, f"{experiment.parameters:,}", printed)
    return Drawing(f"{experiment.name}: {experiment.parameters:,} parameters", html)


def _box(explanation: Explanation) -> Markup:
    layer = explanation.layer
    formula = layer.formula
    counted = (
        PARAMETERS.format(
            formula.symbols, formula.numbers, f"{formula.count:,}", _printed(layer.printed, formula.count)
        )
        if formula.symbols
        else Markup('<p class="formula">nothing to learn</p>')
    )
    return BOX.format(
        "recurrent" if layer.recurrent else "plain",
        f"Bidirectional({layer.kind})" if layer.directions == 2 else layer.kind,
        ", ".join(_settings(layer)),
        WAYS if layer.directions == 2 else "",
        counted + _more(explanation),
        FLOW.format(_shape(explanation.outgoing)),
    )


def _settings(layer: Layer) -> Iterator[str]:
    """What a layer is told, in words."""
    if layer.kind == "Embedding":
        yield f"{layer.units} numbers for each of {layer.inputs:,} words"
        return
    if not layer.units:
        yield f"{layer.dropout:.0%}" + (" of the numbers of a word" if layer.kind == "SpatialDropout1D" else "")
        return
    yield f"{layer.units} units" if layer.units > 1 else "1 unit"
    if layer.directions == 2:
        yield "in each direction"
    yield layer.activation
    if layer.dropout:
        yield f"dropout {layer.dropout:g}"
    if layer.recurrent_dropout:
        yield f"recurrent dropout {layer.recurrent_dropout:g}"
    if layer.recurrent:
        yield "every step goes out" if layer.return_sequences else "the last step goes out"


def _shape(shape: RowShape) -> str:
    """Of one row: `200 × 32`."""
    return " × ".join(f"{size:,}" for size in shape)


def _printed(printed: int | None, derived: int) -> Markup:
    """What the source shows, if it shows it."""
    if printed is None:
        return Markup()
    if printed == derived:
        return Markup(' <span class="printed">✓ as printed</span>')
    return Markup(' <span class="printed">printed {}</span>').format(f"{printed:,}")


def _more(explanation: Explanation) -> Markup:
    equations = Markup().join(EQUATION.format(*each) for each in explanation.equations)
    listed = Markup("<dl>{}</dl>").format(equations) if equations else Markup()
    weights = Markup("<p>{}</p>").format(explanation.weights) if explanation.weights else Markup()
    return MORE.format(explanation.text, listed + weights, explanation.source)
