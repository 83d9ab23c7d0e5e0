"""The figures, from records alone: the same records give the same picture."""

from __future__ import annotations

import itertools
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from repro.files import write_if_new
from repro.report.drawing import COLOURS, as_delivered, clear, draw, png
from repro.report.variants import Variant, seeds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEASURED = {"accuracy": "accuracy", "auc": "pooled AUC"}


@as_delivered()
def figures(variant: Variant) -> dict[str, bytes]:
    """All that a variant can be drawn as, as PNGs by name: what its records have decides."""
    made = {"curves": curves(variant)}
    if variant.chapter.labels and variant.held_out:
        made["roc"] = roc(variant)
    if len(variant.chapter.classes) > 2 and variant.held_out:
        made["confusion"] = confusion(variant)
    return made


def curves(variant: Variant) -> bytes:
    """Loss and accuracy, or AUC, by epoch: a column for each model, a line for each seed, their mean drawn bold.

    A run that diverged is a dotted line that ends in a cross, and has no part in the mean.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    names = [experiment.name for experiment in variant.chapter.experiments if variant.of(experiment.name)]
    figure = Figure(figsize=(max(6.4, 3.2 * len(names) + 0.6), 5.6), layout="constrained")
    panels = figure.subplots(2, len(names), sharex=True, sharey="row", squeeze=False)
    for column, name in enumerate(names):
        records = variant.of(name)
        finished, diverged = variant.evaluated(name), [record for record in records if record.diverged]
        for row, measure in enumerate(("loss", records[0].settings.metric)):
            panel = panels[row, column]
            for key, (kind, colour) in zip((measure, f"val_{measure}"), COLOURS.items(), strict=True):
                draw(panel, [record.history[key] for record in finished if key in record.history], colour, kind)
            limits = panel.get_ylim()
            for key, colour in zip((measure, f"val_{measure}"), COLOURS.values(), strict=True):
                for values in [record.history[key] for record in diverged if key in record.history]:
                    panel.plot(range(1, len(values) + 1), values, ":x", color=colour, markevery=[-1])
            if finished and diverged:
                panel.set_ylim(limits)  # the last losses of a run that diverges would flatten all others
            clear(panel)
        panels[0, column].set_title(
            f"{name}\n{records[0].settings.optimizer}, {seeds(finished or records)}", fontsize=10
        )
        panels[1, column].set_xlabel("epoch")
        panels[1, column].xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[0, 0].set_ylabel("loss")
    panels[1, 0].set_ylabel(MEASURED[variant.records[0].settings.metric])
    if variant.with_results:
        panels[0, -1].legend(frameon=False, fontsize=9, loc="best")
    return png(_titled(figure, variant))


def roc(variant: Variant) -> bytes:
    """The ROC curve of each label on each split but train: the mean over seeds at each false positive rate."""
    from matplotlib.figure import Figure

    records, splits = variant.with_results, variant.held_out
    figure = Figure(figsize=(4.6 * len(splits), 4.9), layout="constrained")
    panels = figure.subplots(1, len(splits), sharey=True, squeeze=False)[0]
    for panel, split in zip(panels, splits, strict=True):
        for name in variant.chapter.labels:
            found = [record.evaluation[split].labels[name] for record in records]
            areas = [label.auc for label in found if label.auc is not None]
            if len(areas) < len(found):
                continue  # without rows of both classes there is no curve
            heights = [sum(column) / len(found) for column in zip(*(label.roc for label in found), strict=True)]
            rates = [step / (len(heights) - 1) for step in range(len(heights))]
            panel.plot([0, *rates], [0, *heights], linewidth=1.5, label=f"{name}, {sum(areas) / len(areas):.3f}")
        panel.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle=":")
        panel.set_title(f"{split}, {seeds(records)}", fontsize=10)
        panel.set_xlabel("false positive rate")
        panel.legend(title="label, AUC", frameon=False, fontsize=8, title_fontsize=8, loc="lower right")
        clear(panel)
    panels[0].set_ylabel("sensitivity")
    return png(_titled(figure, variant))


def confusion(variant: Variant) -> bytes:
    """The confusion matrices on each split but train, summed over seeds: of each actual class, where it went."""
    from matplotlib.figure import Figure

    records, splits = variant.with_results, variant.held_out
    names = variant.chapter.classes
    figure = Figure(figsize=(0.8 + (1.2 + 0.66 * len(names)) * len(splits), 2.9 + 0.66 * len(names)))
    figure.set_layout_engine("constrained")
    panels = figure.subplots(1, len(splits), sharey=True, squeeze=False)[0]
    for panel, split in zip(panels, splits, strict=True):
        matrices = [record.evaluation[split].matrix for record in records]
        counts = [[sum(m[i][j] for m in matrices) for j in range(len(names))] for i in range(len(names))]
        actual = [sum(column) for column in zip(*counts, strict=True)]
        shares = [[n / total if total else 0 for n, total in zip(row, actual, strict=True)] for row in counts]
        panel.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (i, row), j in itertools.product(enumerate(shares), range(len(names))):
            colour = "white" if row[j] > 0.5 else "black"
            panel.text(j, i, f"{row[j]:.0%}", ha="center", va="center", fontsize=8, color=colour)
        panel.set_title(f"{split}, {seeds(records)}", fontsize=10)
        panel.set_xticks(range(len(names)), names, rotation=45, ha="right", fontsize=8)
        panel.set_yticks(range(len(names)), names, fontsize=8)
        panel.set_xlabel("actual")
    panels[0].set_ylabel("predicted")
    return png(_titled(figure, variant))


def _titled(figure: Figure, variant: Variant) -> Figure:
    """With the caption above, in lines that fit."""
    width = int(figure.get_figwidth() * 12)
    figure.suptitle(textwrap.fill(variant.caption, width), fontsize=10)
    return figure


def write(variant: Variant, results: Path) -> list[Path]:
    """Write the figures of a variant; returns their paths. Raises ReproError if one cannot be written.

    A file that has these bytes already is left alone.
    """
    folder = results / "figures" / variant.chapter.name / variant.name
    made = {folder / f"{name}.png": content for name, content in figures(variant).items()}
    for path, content in made.items():
        write_if_new(path, content)
    return list(made)
