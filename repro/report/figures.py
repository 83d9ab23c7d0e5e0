"""The figures, from records alone: the same records give the same picture."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from repro.files import write_atomically
from repro.parity.trainings import NUMERICS_OF, Training, beside
from repro.records import Record
from repro.report.variants import Variant, seeds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"training": "#1b6ca8", "validation": "#d1495b"}


def curves(variant: Variant) -> bytes:
    """Loss and accuracy by epoch, as a PNG: a column for each model, a line for each seed, their mean drawn bold."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    names = [experiment.name for experiment in variant.chapter.experiments if variant.of(experiment.name)]
    figure = Figure(figsize=(3.2 * len(names) + 0.6, 5.6), layout="constrained")
    panels = figure.subplots(2, len(names), sharex=True, sharey="row", squeeze=False)
    for column, name in enumerate(names):
        records = variant.of(name)
        for row, measure in enumerate(("loss", "accuracy")):
            panel = panels[row, column]
            for key, (kind, colour) in zip((measure, f"val_{measure}"), COLOURS.items(), strict=True):
                series = [record.history[key] for record in records if key in record.history]
                _draw(panel, series, colour, kind)
            _clear(panel)
        panels[0, column].set_title(f"{name}\n{records[0].settings.optimizer}, {seeds(records)}", fontsize=10)
        panels[1, column].set_xlabel("epoch")
        panels[1, column].xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[0, 0].set_ylabel("loss")
    panels[1, 0].set_ylabel("accuracy")
    panels[0, -1].legend(frameon=False, fontsize=9, loc="upper right")
    figure.suptitle(variant.caption, fontsize=10)
    return _png(figure)


def beside_r(trainings: Sequence[Training], records: Sequence[Record]) -> bytes:
    """Validation loss by epoch, as a PNG: R's trainings dashed, ours of the same numerics as thin lines and their mean.

    A row for each of R's stacks, a column for each model; R's alone where there are no runs of ours.
    """
    from matplotlib.figure import Figure

    stacks = list(dict.fromkeys(one.stack for one in trainings))
    models = list(dict.fromkeys(one.experiment for one in trainings))
    figure = Figure(figsize=(3.2 * len(models) + 0.6, 2.4 * len(stacks) + 0.8), layout="constrained")
    panels = figure.subplots(len(stacks), len(models), sharex=True, sharey=True, squeeze=False)
    for (row, stack), (column, model) in itertools.product(enumerate(stacks), enumerate(models)):
        panel = panels[row, column]
        in_r = [one for one in trainings if (one.stack, one.experiment) == (stack, model)]
        ours = [record.history["val_loss"] for record in beside(in_r[0], records)]
        _draw(panel, ours, COLOURS["training"], "ours, with mean")
        for one in in_r:
            values = one.history["val_loss"]
            label = "R" if one is in_r[0] else None
            panel.plot(range(1, len(values) + 1), values, color=COLOURS["validation"], linestyle="--", label=label)
        _clear(panel)
        if row == 0:
            panel.set_title(model, fontsize=10)
        if column == 0:
            panel.set_ylabel(f"{stack}\n{NUMERICS_OF[stack]}")
    for panel in panels[-1]:
        panel.set_xlabel("epoch")
    panels[0, -1].legend(frameon=False, fontsize=9)
    figure.suptitle("Validation loss of imdb_lstm, in R and here with the numerics of that stack", fontsize=10)
    return _png(figure)


def _draw(panel: Axes, series: Sequence[Sequence[float]], colour: str, label: str) -> None:
    """A thin line for each of several series by epoch, and their mean in bold; nothing if there are none."""
    if not series:
        return
    epochs = range(1, len(series[0]) + 1)
    for values in series if len(series) > 1 else ():
        panel.plot(epochs, values, color=colour, alpha=0.25, linewidth=0.8)
    average = [sum(values) / len(values) for values in zip(*series, strict=True)]
    panel.plot(epochs, average, color=colour, linewidth=2, marker="o", markersize=3, label=label)


def _clear(panel: Axes) -> None:
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()


def write(variant: Variant, results: Path) -> Path:
    """Write the figure of a variant; returns its path. Raises ReproError if it cannot be written."""
    path = results / "figures" / variant.chapter.name / variant.name / "curves.png"
    write_atomically(path, curves(variant))
    return path
