"""The figure of parity: trainings in R and ours, from what was recorded and from records alone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from repro.parity.trainings import NUMERICS_OF, Training, beside
from repro.records import Record
from repro.report.drawing import COLOURS, as_delivered, clear, draw, png


@as_delivered()
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
        draw(panel, ours, COLOURS["training"], "ours, with mean")
        for one in in_r:
            values = one.history["val_loss"]
            label = "R" if one is in_r[0] else None
            panel.plot(range(1, len(values) + 1), values, color=COLOURS["validation"], linestyle="--", label=label)
        clear(panel)
        if row == 0:
            panel.set_title(model, fontsize=10)
        if column == 0:
            panel.set_ylabel(f"{stack}\n{NUMERICS_OF[stack]}")
    for panel in panels[-1]:
        panel.set_xlabel("epoch")
    panels[0, -1].legend(frameon=False, fontsize=9)
    figure.suptitle("Validation loss of imdb_lstm, in R and here with the numerics of that stack", fontsize=10)
    return png(figure)
