"""The figures, from records and counted data alone: the same records give the same picture, byte for byte.

Matplotlib is imported in functions: it takes half a second, and not every command that could draw does.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from repro.chapter import Chapter
from repro.datasets.description import Description, Lengths
from repro.evidence.run_groups import RunGroup, seeds
from repro.files import write_if_new
from repro.parity.trainings import RecordedTraining, beside
from repro.records import Record
from repro.report.data_table import about
from repro.report.drawing import as_delivered, clear, grid, png
from repro.report.variation_figure import variations

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TRAINING, VALIDATION = COLOURS = ("#1b6ca8", "#d1495b")
METRICS = {"accuracy": "accuracy", "auc": "pooled AUC"}
MOST_MARKED = 20
"""Epochs of a curve with a point for each; of more, the points would run into each other."""
MOST_BINS = 100
FEW_BINS = 10
"""Matplotlib's default."""


@as_delivered()
def figures(group: RunGroup) -> dict[str, bytes]:
    """All that a group can be drawn as, as PNGs by name: what its records have decides."""
    drawn = {"curves": curves(group)} if group.records else {}
    if group.chapter.labels and group.held_out:
        drawn["roc"] = roc(group)
    if len(group.chapter.classes) > 2 and group.held_out:
        drawn["confusion"] = confusion(group)
    if changes := variations(group):
        drawn["variations"] = changes
    return drawn


def write(drawn: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Write PNGs into a folder under their names; returns their paths. Raises ReproError if one cannot be written.

    A file that has these bytes already is left alone.
    """
    paths = []
    for name, content in drawn.items():
        paths.append(folder / f"{name}.png")
        write_if_new(paths[-1], content)
    return paths


def curves(group: RunGroup) -> bytes:
    """Loss and accuracy, or AUC, by epoch: a column for each model, a line for each seed, their mean drawn bold.

    A run that diverged is a dotted line that ends in a cross. It has no part in the mean.
    """
    from matplotlib.ticker import MaxNLocator

    names = [experiment.name for experiment in group.chapter.experiments if group.of(experiment.name)]
    figure, panels = grid(2, len(names), max(6.4, 3.2 * len(names) + 0.6), 5.6, sharex=True, sharey="row")
    for column, name in enumerate(names):
        records = group.of(name)
        finished, diverged = group.evaluated(name), [record for record in records if record.diverged]
        for row, measure in enumerate(("loss", records[0].settings.metric)):
            panel = panels[row, column]
            drawn = list(zip((measure, f"val_{measure}"), ("training", "validation"), COLOURS, strict=True))
            for key, label, colour in drawn:
                _draw(panel, [record.history[key] for record in finished if key in record.history], colour, label)
            limits = panel.get_ylim()
            for key, _, colour in drawn:
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
    panels[1, 0].set_ylabel(METRICS[group.records[0].settings.metric])
    if group.with_results:
        panels[0, -1].legend(frameon=False, fontsize=9, loc="best")
    return png(figure, group.caption)


def roc(group: RunGroup) -> bytes:
    """The ROC curve of each label on each split but train: the mean over seeds at each false positive rate."""
    records, splits = group.with_results, group.held_out
    figure, panels = grid(1, len(splits), 4.6 * len(splits), 4.9, sharey=True)
    for panel, split in zip(panels[0], splits, strict=True):
        for name in group.chapter.labels:
            evaluations = [record.evaluation[split].labels[name] for record in records]
            areas = [label.auc for label in evaluations if label.auc is not None]
            if len(areas) < len(evaluations):
                continue  # without rows of both classes there is no curve
            heights = [sum(column) / len(records) for column in zip(*(label.roc for label in evaluations), strict=True)]
            rates = [step / (len(heights) - 1) for step in range(len(heights))]
            panel.plot([0, *rates], [0, *heights], linewidth=1.5, label=f"{name}, {sum(areas) / len(areas):.3f}")
        panel.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle=":")
        panel.set_title(f"{split}, {seeds(records)}", fontsize=10)
        panel.set_xlabel("false positive rate")
        panel.legend(title="label, AUC", frameon=False, fontsize=8, title_fontsize=8, loc="lower right")
        clear(panel)
    panels[0, 0].set_ylabel("sensitivity")
    return png(figure, group.caption)


def confusion(group: RunGroup) -> bytes:
    """The confusion matrices on each split but train, summed over seeds: shares of each actual class."""
    records, splits = group.with_results, group.held_out
    names = group.chapter.classes
    places = range(len(names))
    side = 0.66 * len(names)
    figure, panels = grid(1, len(splits), 0.8 + (1.2 + side) * len(splits), 2.9 + side, sharey=True)
    for panel, split in zip(panels[0], splits, strict=True):
        matrices = [record.evaluation[split].matrix for record in records]
        counts = [[sum(matrix[i][j] for matrix in matrices) for j in places] for i in places]
        actual = [sum(column) for column in zip(*counts, strict=True)]
        shares = [[n / total if total else 0 for n, total in zip(row, actual, strict=True)] for row in counts]
        panel.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for i, j in itertools.product(places, places):
            colour = "white" if shares[i][j] > 0.5 else "black"
            panel.text(j, i, f"{shares[i][j]:.0%}", ha="center", va="center", fontsize=8, color=colour)
        panel.set_title(f"{split}, {seeds(records)}", fontsize=10)
        panel.set_xticks(places, names, rotation=45, ha="right", fontsize=8)
        panel.set_yticks(places, names, fontsize=8)
        panel.set_xlabel("actual")
    panels[0, 0].set_ylabel("predicted")
    return png(figure, group.caption)


@as_delivered()
def lengths(chapter: Chapter, description: Description) -> bytes:
    """The lengths of the training texts, with their median and what `maxlen` leaves, as a PNG.

    Where texts are cleaned, their lengths in words between spaces stand beside it, as a density in ten bins.
    """
    texts = description.halves["train"]
    figure, ((panel, *others),) = grid(1, 2 if texts.words else 1, 10 if texts.words else 7, 3.8)
    panel.hist(range(len(texts.lengths)), _edges(texts.lengths), weights=texts.lengths, color=TRAINING)
    clear(panel)
    median = Lengths(texts.lengths).median
    panel.axvline(median, color=VALIDATION, linestyle="--", label=f"median, {median:g}")
    panel.axvline(description.maxlen, color="black", linewidth=1, label=f"maxlen, {description.maxlen:,}")
    panel.set_xlabel("numbers in a training text, before it is cut")
    panel.set_ylabel("texts")
    panel.legend(frameon=False, fontsize=9)
    for panel in others:
        known = {length: count for length, count in enumerate(texts.words) if count}
        panel.hist(list(known), FEW_BINS, weights=list(known.values()), density=True, color=TRAINING)
        clear(panel)
        panel.set_xlabel("words between spaces, after cleaning")
        panel.set_ylabel("density, in ten bins")
    return png(figure, about(chapter, description), 90)


def _edges(counts: Sequence[int]) -> list[float]:
    """The edges of at most `MOST_BINS` bins, each for the same number of whole lengths."""
    shortest, longest = Lengths(counts).shortest, Lengths(counts).longest
    width = -(-(longest - shortest + 1) // MOST_BINS)
    return [edge - 0.5 for edge in range(shortest, longest + width + 1, width)]


@as_delivered()
def trainings(chapter: Chapter, recorded: Sequence[RecordedTraining], records: Sequence[Record]) -> bytes:
    """Validation loss by epoch, as a PNG: R's trainings dashed, those by Python on the same Keras thin and dotted.

    Ours of the same numerics are thin lines and their mean. A row for each of R's stacks, a column for each model; the
    recorded trainings alone where there are no runs of ours.
    """
    stacks = {training.stack: training.numerics for training in recorded}
    models = list(dict.fromkeys(training.experiment for training in recorded))
    width, height = 3.2 * len(models) + 0.6, 2.4 * len(stacks) + 0.8
    figure, panels = grid(len(stacks), len(models), width, height, sharex=True, sharey=True)
    for (row, stack), (column, model) in itertools.product(enumerate(stacks), enumerate(models)):
        panel = panels[row, column]
        theirs = [training for training in recorded if (training.stack, training.experiment) == (stack, model)]
        _draw(panel, [run.history["val_loss"] for run in beside(theirs[0], records)], TRAINING, "ours, with mean")
        labels = {"R": "R", "Python": "Python, as R calls Keras"}
        for training in theirs:
            values = training.history["val_loss"]
            line, width = ("--", 1.5) if training.caller == "R" else (":", 0.8)
            label = labels.pop(training.caller, None)
            panel.plot(
                range(1, len(values) + 1), values, color=VALIDATION, linestyle=line, linewidth=width, label=label
            )
        clear(panel)
        if row == 0:
            panel.set_title(model, fontsize=10)
        if column == 0:
            panel.set_ylabel(f"{stack}\n{stacks[stack]}")
    for panel in panels[-1]:
        panel.set_xlabel("epoch")
    panels[0, -1].legend(frameon=False, fontsize=9)
    return png(figure, f"Validation loss of {chapter.name}, on R's stacks and here with the numerics of each")


def _draw(panel: Axes, series: Sequence[Sequence[float]], colour: str, label: str) -> None:
    """A thin line for each of several series by epoch, and their mean in bold; nothing if there are none."""
    if not series:
        return
    epochs = range(1, len(series[0]) + 1)
    for values in series if len(series) > 1 else ():
        panel.plot(epochs, values, color=colour, alpha=0.25, linewidth=0.8)
    marker = "o" if len(series[0]) <= MOST_MARKED else None
    average = [sum(values) / len(values) for values in zip(*series, strict=True)]
    panel.plot(epochs, average, color=colour, linewidth=2, marker=marker, markersize=3, label=label)
