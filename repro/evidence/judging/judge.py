"""Judges a reader's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

from repro.evidence.intervals import FEWEST
from repro.evidence.judging.candidates import Candidate
from repro.evidence.judging.coordinates import Coordinate, coordinates
from repro.evidence.judging.judgement import Judgement
from repro.evidence.judging.panel import Panel
from repro.evidence.reader.reader_numbers import ReaderNumbers
from repro.numerics import Numerics
from repro.records import Record


def judge(numbers: ReaderNumbers, known: Sequence[Candidate], numerics: Numerics | None = None) -> Judgement:
    """Compare a reader's numbers with the runs of all candidates.

    numerics: what the reader's software computes; None if it is not known.

    Without a history, the reader is taken to have trained for as long as the source. With one, the candidates are those
    with as many epochs; if there are none, the epochs that both have are compared.
    """
    epochs = numbers.history.epochs if numbers.history else None
    same = [each for each in known if epochs in (None, each.epochs)]
    compared = None
    if epochs and not any(len(each.runs) >= FEWEST for each in same):
        compared = min(epochs, known[0].epochs)
        same = [each for each in known if each.epochs >= compared]
    other_epochs = epochs is not None and epochs != numbers.experiment.epochs
    asked, lacking = _that_runs_have(coordinates(numbers, compared), same)
    judgement = Panel(asked, same).judge([each.given.value for each in asked], numerics)
    return replace(
        judgement,
        is_of_other_epochs=other_epochs,
        compared_epochs=compared,
        not_compared=tuple(each.name for each in lacking),
    )


def _that_runs_have(
    asked: Sequence[Coordinate], known: Sequence[Candidate]
) -> tuple[list[Coordinate], list[Coordinate]]:
    """The coordinates that runs of the experiment have, and the others: a source may hold out nothing, for instance."""
    runs = [each.runs[0] for each in known if not each.is_changed and each.runs]
    having = [each for each in asked if any(_has(run, each) for run in runs)] if runs else list(asked)
    return having, [each for each in asked if each not in having]


def _has(run: Record, coordinate: Coordinate) -> bool:
    try:
        return isfinite(coordinate.of(run))
    except (KeyError, IndexError):
        return False
