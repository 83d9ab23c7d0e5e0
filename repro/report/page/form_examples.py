"""Numbers to try the form with: what the sources printed, and runs of ours that play a reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from typing import Any

import numpy as np

from repro.chapter import Chapter
from repro.evaluation import Evaluation, Split
from repro.evidence.run_groups import RunGroup
from repro.evidence.variations import VariedRuns, varied_runs
from repro.metrics import Matrix
from repro.r.cross_tables import CrossTable
from repro.report.quantities import ACCURACY
from repro.report.variation_tables import on_split

SLIPS = 3
"""How many runs with a slip are offered of a chapter: those that are noticed most."""


def form_examples(chapters: Sequence[Chapter], groups: Mapping[str, RunGroup]) -> list[dict[str, Any]]:
    """Examples for the form: a label, and the contents of its fields by their names.

    groups: those that speak for the chapters, by their names.
    """
    made: list[dict[str, Any]] = []
    for chapter in chapters:
        made += _printed(chapter)
        made += _slips(groups[chapter.name]) if chapter.name in groups else []
    return made


def _printed(chapter: Chapter) -> Iterator[dict[str, Any]]:
    """What the source printed of each experiment on what it ends with; the first one turned round, too."""
    results = [chapter.result(each.name, chapter.headline) for each in chapter.experiments]
    for place, result in enumerate(result for result in results if result):
        evaluation = Evaluation(loss=result.loss, matrix=result.matrix)
        yield _example(chapter, result.experiment, "what the source printed", evaluation)
        if place == 0:
            turned = Evaluation(loss=result.loss, matrix=tuple(zip(*result.matrix, strict=True)))
            example = _example(chapter, result.experiment, "the same with its matrix turned round", turned)
            yield example | {"accuracy": f"{100 * evaluation.accuracy:.2f}%"}


def _slips(group: RunGroup) -> Iterator[dict[str, Any]]:
    """A run of each of the slips that are noticed most, of the experiment in which they are."""
    chapter, split = group.chapter, group.chapter.headline
    slips = [each for each in varied_runs(group) if each.variation.kind == "slip" and each.variation.question]
    shares = [_noticed(each, split) for each in slips]
    offered: set[str] = set()
    for share, each in sorted(zip(shares, slips, strict=True), key=lambda pair: -pair[0]):
        name, evaluations = each.variation.name, [record.evaluation for record in each.runs]
        if share > 0 and name not in offered and len(offered) < SLIPS and split in evaluations[0]:
            offered.add(name)
            label = f"a run of ours with a slip: {each.variation.change}"
            yield _example(chapter, each.experiment.name, label, evaluations[0][split])


def _noticed(each: VariedRuns, split: Split) -> float:
    """The share of a variation's runs that are noticed by their accuracy; 0 if that is not known."""
    share = each.change(on_split(ACCURACY, split)).share_noticed
    return 0.0 if isnan(share) else share


def _example(chapter: Chapter, experiment: str, label: str, evaluation: Evaluation) -> dict[str, Any]:
    two = len(evaluation.matrix) == 2
    return {
        "label": f"{experiment}: {label}",
        "experiment": f"{chapter.name}/{experiment}",
        "split": chapter.headline,
        "accuracy": f"{100 * evaluation.accuracy:.2f}%",
        "loss": f"{evaluation.loss:.4f}",
        "matrix": as_r_prints(evaluation.matrix) if two else "",
    }


def as_r_prints(matrix: Matrix) -> str:
    """The matrix as R prints `table(Predicted, Actual)`."""
    classes = tuple(map(str, range(len(matrix))))
    return repr(CrossTable(np.array(matrix), (classes, classes), ("Predicted", "Actual")))
