"""The tables of whole trainings: recorded ones beside ours, one by one and as samples; the fast engine beside Keras."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.chapter import Chapter
from repro.evaluation import Evaluation, Split
from repro.evidence.intervals import COVERAGE, prediction_interval
from repro.evidence.run_groups import COPIES, seeds
from repro.evidence.two_samples import (
    LEVEL,
    POWER,
    brown_forsythe,
    compare_means,
    energy_test,
    holm,
    kolmogorov_smirnov,
)
from repro.parity.trainings import CALLERS, SPLITS, RecordedTraining, beside
from repro.records import Record
from repro.report.parity_tables import WORDS
from repro.report.quantities import ACCURACY, LOSS, OF_TWO_CLASSES, rounded, signed
from repro.report.table import Entry, Table, both, programs, readers, words

FEWEST_OURS = 2
"""Runs of ours that are enough to be compared as a sample."""
FEWEST_RECORDED = 5
"""Recorded trainings that are."""
OUTSIDE = "*"


class _Compared(NamedTuple):
    """A row of two samples, and what is tested in it; for all measures together, None where there is no such thing."""

    name: str
    entries: list[Entry]
    """Without the p-values: their correction takes all rows."""
    leaves_out_zero: bool | None
    """Whether the interval of the difference does."""
    p: float
    p_spreads: float | None


def whole_trainings(chapter: Chapter, trainings: Iterable[RecordedTraining], records: Sequence[Record]) -> list[Table]:
    """Each recorded training above our runs of the same model with the same numerics; no table if there are none.

    `OUTSIDE` marks a recorded value outside the prediction interval of ours. A model with fewer than `FEWEST_OURS`
    runs of ours is left out.
    """
    rows, recorded, editions = [], [], set()
    values: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    for alike, ours in _pairs(trainings, records):
        for split in SPLITS:
            evaluations = [record.evaluation[split] for record in ours]
            intervals = [prediction_interval(measure.numbers(evaluations)) for measure in OF_TWO_CLASSES]
            theirs = [_recorded(training, split, ours, intervals) for training in alike]
            for training, row in zip(alike, theirs, strict=True):
                values[training.caller] += len(OF_TWO_CLASSES)
                outside[training.caller] += sum(cell.shown.endswith(OUTSIDE) for cell in row)
            who = readers("from", f"{alike[0].numerics}, {ours[0].engine}, {seeds(ours)}", "left")
            shown = [readers(measure.name, measure.shown(evaluations)) for measure in OF_TWO_CLASSES]
            recorded += theirs
            rows += [*theirs, [*_label(alike[0], split), who, *shown]]
        editions |= {record.data.edition for record in ours}
        epochs = len(alike[0].history["loss"])
    if not rows:
        return []
    callers = [each for each in CALLERS if values[each]]
    inside = [
        f"{values[each] - outside[each]} of {each}'s {values[each]} values ({1 - outside[each] / values[each]:.0%})"
        for each in callers
    ]
    others = [f"{outside[each]} of {each}'s (expected: {(1 - COVERAGE) * values[each]:.0f})" for each in callers]
    table = Table.of(
        "trainings",
        f"{_trained(chapter, epochs, editions)}; loss, and rates in percent; ours: numerics, engine, mean ± standard "
        f"deviation over seeds. {' and '.join(inside)} lie where one more run of ours would with a probability of "
        f"{COVERAGE:.0%}; {OUTSIDE} marks the others, {' and '.join(others)}. This is no test: the numbers of one seed "
        "depend on each other, and all of a model stand beside the same intervals.",
        rows,
        csv_rows=recorded,
        labels=3,
    )
    return [table]


def two_samples(chapter: Chapter, trainings: Iterable[RecordedTraining], records: Sequence[Record]) -> list[Table]:
    """The recorded trainings of each stack and model and ours as two samples, on test; no table if there are none.

    A model with fewer than `FEWEST_RECORDED` trainings of a stack, or `FEWEST_OURS` runs of ours, is left out.
    """
    compared: list[_Compared] = []
    editions = set()
    for alike, ours in _pairs(trainings, records):
        if len(alike) >= FEWEST_RECORDED:
            compared += _as_samples(alike, ours)
            editions |= {record.data.edition for record in ours}
            epochs = len(alike[0].history["loss"])
    if not compared:
        return []
    p_values = [p for row in compared for p in (row.p, row.p_spreads) if p is not None]
    corrected = dict(zip(p_values, holm(p_values), strict=True))  # equal ones stay equal
    rows = [
        [
            *row.entries,
            *_tested("p", "Holm", "p", row.p, corrected),
            *_tested("p of spreads", "Holm of spreads", "p_spreads", row.p_spreads, corrected),
        ]
        for row in compared
    ]
    apart = [row.name for row in compared if row.leaves_out_zero]
    intervals = sum(row.leaves_out_zero is not None for row in compared)
    table = Table.of(
        "two-samples",
        f"{_trained(chapter, epochs, editions)}, as two samples; loss, and rates in percent, on test, mean ± standard "
        f"deviation over seeds. Difference: ours less recorded, with Welch's {1 - LEVEL:.0%} interval. Detectable: the "
        f"true difference that a t test of such samples at {LEVEL:.0%} finds with a probability of {POWER:.0%}. "
        f"{len(apart)} of the {intervals} intervals leave out 0{': ' if apart else ''}{', '.join(apart)}. p: the "
        f"two-sample Kolmogorov-Smirnov test, exact; of {_together()}, a permutation test by the energy distance. p of "
        "spreads: the test of equal spreads by Brown and Forsythe. Holm: corrected for the number of tests, of both "
        f"kinds as one. The smallest of the {len(p_values)} p-values is {_p(min(p_values))}, corrected "
        f"{_p(min(corrected.values()))}.",
        rows,
        labels=3,
    )
    return [table]


def _pairs(
    trainings: Iterable[RecordedTraining], records: Sequence[Record]
) -> Iterator[tuple[list[RecordedTraining], list[Record]]]:
    """The recorded trainings of each stack and model, and our runs beside them, where there are enough of ours."""
    by_model: dict[tuple[str, str], list[RecordedTraining]] = defaultdict(list)
    for training in trainings:
        by_model[training.stack, training.experiment].append(training)
    for alike in by_model.values():
        ours = beside(alike[0], records)
        if len(ours) >= FEWEST_OURS:
            yield alike, ours


def _trained(chapter: Chapter, epochs: int, editions: Iterable[str]) -> str:
    """How a caption begins: what was trained, by whom and on what."""
    data = next(recording.rows.called for recording in chapter.recordings if recording.rows)
    data += "".join(f" ({copy})" for edition, copy in COPIES.items() if edition in editions)
    return (
        f"{chapter.name} trained for {WORDS[epochs]} epochs on the Keras of R's stack, by R or by Python that calls it "
        f"as R does, and by this suite on the same {data} with the numerics of that stack"
    )


def _label(training: RecordedTraining, split: Split) -> list[Entry]:
    return [_stack(training), *words(model=training.experiment, data=split)]


def _stack(training: RecordedTraining) -> Entry:
    return both("R's stack", training.stack, training.stack, "stack", "left")


def _recorded(
    training: RecordedTraining, split: Split, ours: Sequence[Record], intervals: Sequence[tuple[float, float]]
) -> list[Entry]:
    """The row of a recorded training; with the interval for one more run of ours, for each of the measures."""
    entries = [
        *_label(training, split),
        readers("from", f"{training.caller}, seed {training.seed}", "left"),
        *programs(caller=training.caller, seed=training.seed),
        *programs(numerics=training.numerics, engine=ours[0].engine, our_seeds=len(ours)),
    ]
    for measure, (low, high) in zip(OF_TWO_CLASSES, intervals, strict=True):
        value = measure.of(training.evaluation[split])
        mark = "" if low <= value <= high else OUTSIDE
        entries.append(readers(measure.name, measure.shown([training.evaluation[split]]) + mark))
        bounds = {"recorded": value, "low": low, "high": high}
        entries += programs(**{f"{measure.key}_{name}": rounded(number) for name, number in bounds.items()})
    return entries


def _as_samples(alike: Sequence[RecordedTraining], ours: Sequence[Record]) -> Iterator[_Compared]:
    """A row for each measure of one model, and one for all measures together."""
    theirs, mine = [each.evaluation["test"] for each in alike], [each.evaluation["test"] for each in ours]
    by = Counter(each.caller for each in alike)
    made = ", ".join([f"{by[caller]} by {caller}" for caller in CALLERS if by[caller]])
    label = [
        _stack(alike[0]),
        *words(model=alike[0].experiment),
        readers("trainings", f"{made}, {len(ours)} ours", "left"),
        *programs(**{f"by_{caller.lower()}": by[caller] for caller in CALLERS}),
        *programs(numerics=alike[0].numerics, engine=ours[0].engine, our_seeds=len(ours)),
    ]
    for measure in OF_TWO_CLASSES:
        numbers = measure.numbers(mine), measure.numbers(theirs)
        means = compare_means(*numbers)
        leaves_out_zero = not means.low <= 0 <= means.high
        bounds = f"{signed(measure, means.low)} to {signed(measure, means.high)}"
        entries = [
            *label,
            *words(measure=measure.name),
            *measure.entries(theirs, "recorded", "recorded"),
            *measure.entries(mine, "ours", "ours"),
            both("difference", rounded(means.difference), signed(measure, means.difference)),
            readers("interval", bounds),
            *programs(low=rounded(means.low), high=rounded(means.high)),
            *programs(leaves_out_zero="yes" if leaves_out_zero else "no"),
            both("detectable", rounded(means.detectable), signed(measure, means.detectable).lstrip("+")),
        ]
        name = f"{measure.name} of {alike[0].experiment}"
        yield _Compared(name, entries, leaves_out_zero, kolmogorov_smirnov(*numbers), brown_forsythe(*numbers))
    empty = [entry._replace(shown="", value=None) for entry in entries[len(label) + 1 :]]
    entries = [*label, *words(measure=_together()), *empty]
    yield _Compared(_together(), entries, None, energy_test(_numbers(mine), _numbers(theirs)), None)


def _tested(
    header: str, corrected_header: str, key: str, p: float | None, corrected: Mapping[float, float]
) -> list[Entry]:
    """p and p corrected; empty where nothing was tested."""
    if p is None:
        return [both(header, None, "", key), both(corrected_header, None, "", f"{key}_holm")]
    of_all = corrected[p]
    return [both(header, rounded(p), _p(p), key), both(corrected_header, rounded(of_all), _p(of_all), f"{key}_holm")]


def _numbers(evaluations: Sequence[Evaluation]) -> NDArray[np.float64]:
    """`(evaluations, measures)`"""
    return np.array([measure.numbers(evaluations) for measure in OF_TWO_CLASSES]).T


def _together() -> str:
    return f"all {WORDS[len(OF_TWO_CLASSES)]}"


def _p(p: float) -> str:
    return f"{p:.2f}" if p >= 0.01 else f"{p:.0e}"


def engines(records: Iterable[Record]) -> list[Table]:
    """Each model that both engines trained with the same data, settings and seeds; no table if there is none."""
    by_model: dict[tuple[str, ...], dict[str, dict[int, Evaluation]]] = defaultdict(lambda: defaultdict(dict))
    for record in records:
        if record.engine in ("fast", "keras") and "test" in record.evaluation and not record.variation:
            made, name = record.settings, f"{record.chapter}/{record.experiment}"
            key = (name, record.data.label, made.numerics, str(made.epochs), record.data.sha256)
            by_model[key][record.engine][record.seed] = record.evaluation["test"]
    rows = []
    for (model, data, numerics, epochs, _), by_engine in by_model.items():
        shared = sorted(by_engine["keras"].keys() & by_engine["fast"].keys())
        keras, fast = ([by_engine[engine][seed] for seed in shared] for engine in ("keras", "fast"))
        for measure in (LOSS, ACCURACY) if len(shared) >= FEWEST_OURS else ():
            p = kolmogorov_smirnov(measure.numbers(keras), measure.numbers(fast))
            rows.append(
                [
                    *words(model=model),
                    *programs(data=data),
                    *words(numerics=numerics),
                    *programs(epochs=epochs),
                    both("seeds", len(shared), str(len(shared))),
                    *words(measure=measure.name),
                    *measure.entries(keras, "keras", "keras"),
                    *measure.entries(fast, "fast", "fast"),
                    both("p", rounded(p), f"{p:.2f}"),
                ]
            )
    table = Table.of(
        "engines",
        "Whole trainings by Keras on TensorFlow, the reference, and by the fast engine, of the same models on "
        "the same data with the same seeds: loss and accuracy (in percent) on test, mean ± standard deviation over "
        "seeds; p: the two-sample Kolmogorov-Smirnov test, exact.",
        rows,
        labels=3,
    )
    return [table] if rows else []
