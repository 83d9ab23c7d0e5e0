"""The figures of a chapter, from its records alone: the same records give the same picture."""

from __future__ import annotations

import io
from pathlib import Path

from repro.files import write_atomically
from repro.report.variants import Variant, seeds

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
                if not series:
                    continue
                epochs = range(1, len(series[0]) + 1)
                for values in series if len(series) > 1 else ():
                    panel.plot(epochs, values, color=colour, alpha=0.25, linewidth=0.8)
                average = [sum(values) / len(values) for values in zip(*series, strict=True)]
                panel.plot(epochs, average, color=colour, linewidth=2, marker="o", markersize=3, label=kind)
            panel.grid(alpha=0.3)
            panel.spines[["top", "right"]].set_visible(False)
        panels[0, column].set_title(f"{name}\n{records[0].settings.optimizer}, {seeds(records)}", fontsize=10)
        panels[1, column].set_xlabel("epoch")
        panels[1, column].xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[0, 0].set_ylabel("loss")
    panels[1, 0].set_ylabel("accuracy")
    panels[0, -1].legend(frameon=False, fontsize=9, loc="upper right")
    figure.suptitle(variant.caption, fontsize=10)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()


def write(variant: Variant, results: Path) -> Path:
    """Write the figure of a variant; returns its path. Raises ReproError if it cannot be written."""
    path = results / "figures" / variant.chapter.name / variant.name / "curves.png"
    write_atomically(path, curves(variant))
    return path
