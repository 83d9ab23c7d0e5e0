"""The tables of parity: replays beside recordings, whole trainings beside R's, the fast engine beside Keras."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from scipy.stats import ks_2samp

from repro.chapter import Chapter
from repro.evaluation import Evaluation, Split
from repro.evidence.intervals import COVERAGE, prediction_interval
from repro.evidence.run_groups import COPIES, seeds
from repro.parity.compare import Difference
from repro.parity.trainings import SPLITS, RecordedTraining, beside
from repro.records import Record
from repro.report.quantities import ACCURACY, LOSS, OF_TWO_CLASSES, rounded
from repro.report.table import Entry, Table, both, programs, readers, words

COMPUTERS = {"fast": "fast engine", "tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch", "": "recorded"}
"""What tables call the computers of `parity.compare`; a recorded stack has none."""
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
"""Numbers in captions."""
FEWEST = 2
"""Runs that are enough to be compared as a sample."""
OUTSIDE = "*"


def step_tables(differences: Iterable[Difference]) -> list[Table]:
    """A table of the models that were recorded on real data, and one of those recorded on rows of their own, if any."""
    ordered = sorted(differences, key=lambda one: one.model.recording.stacks.index(one.against))
    on_data = [one for one in ordered if one.model.recording.rows]
    others = sorted((one for one in ordered if not one.model.recording.rows), key=lambda one: one.model.name)
    return [make(some) for make, some in ((on_real_data, on_data), (on_own_rows, others)) if some]


def on_real_data(differences: Sequence[Difference]) -> Table:
    """The largest difference over the models, for each two stacks and each recorded step."""
    by_stacks: dict[tuple[str, str, str], list[Difference]] = defaultdict(list)
    for one in differences:
        by_stacks[one.against.name, one.stack, one.backend].append(one)
    recording = differences[0].model.recording
    rows = []
    for (against, stack, backend), alike in by_stacks.items():
        entries = [*words(**{"from": against}, stack=stack), _backend(backend)]
        for step in recording.steps:
            at_step = [one for one in alike if one.step == step]
            entries.append(_size(f"loss {step}", f"losses_step_{step}", [one.losses for one in at_step]))
            entries.append(_size(f"weights {step}", f"weights_step_{step}", [one.weights for one in at_step]))
        equal = [one.table for one in alike if one.table is not None]
        entries += [
            _size("prob.", "probabilities", [one.probabilities for one in alike]),
            readers("tables", f"{sum(equal)} of {len(equal)}"),
            *programs(tables_equal=sum(equal), tables=len(equal)),
        ]
        rows.append(entries)
    models = {one.model.name: one.model.name.partition("/")[0] for one in differences}
    assert recording.rows
    return Table.of(
        "steps",
        f"{', '.join(dict.fromkeys(models.values()))}, the largest absolute difference of the {WORDS[len(models)]} "
        "models from what was recorded in R, from equal weights on equal batches: of the losses up to step "
        f"{', '.join(map(str, recording.steps))}, of all weights after it, of the probabilities of "
        f"{recording.rows.predicted} test {recording.rows.called} after the last; and how many of the confusion tables "
        "are equal.",
        rows,
        labels=1,
    )


def on_own_rows(differences: Iterable[Difference]) -> Table:
    """The differences of each model after its last step, with what is allowed."""
    rows = [
        [
            *words(model=one.model.name, **{"from": one.against.name}, stack=one.stack),
            _backend(one.backend),
            _size("loss", "losses", [one.losses]),
            _size("weights", "weights", [one.weights]),
            _size("prob.", "probabilities", [one.probabilities]),
            readers("allowed", f"{one.limit.losses:.1e}, {one.limit.weights:.1e}" if one.limit else ""),
            *programs(losses_allowed=one.limit and one.limit.losses, weights_allowed=one.limit and one.limit.weights),
        ]
        for one in differences
        if one.step == one.model.recording.steps[-1]
    ]
    return Table.of(
        "other-chapters",
        "The other chapters' models without dropout, 20 steps on one batch of 64 rows: the largest absolute "
        "difference of losses, weights and probabilities from what was recorded in Python (its source's: the Keras of "
        "the source's time), and what is allowed of losses and weights.",
        rows,
        labels=2,
    )


def _backend(backend: str) -> Entry:
    return both("on", backend, COMPUTERS[backend], "backend", "left")


def _size(header: str, name: str, sizes: Iterable[float | None]) -> Entry:
    """The largest of some differences: `3e-07`, and `0` only for no difference at all; empty if none was recorded."""
    largest = max((size for size in sizes if size is not None), default=None)
    return both(header, largest, "" if largest is None else f"{largest:.0e}" if largest else "0", name)


def whole_trainings(chapter: Chapter, trainings: Iterable[RecordedTraining], records: Sequence[Record]) -> list[Table]:
    """Each training recorded in R above our runs of the same model with the same numerics; no table if there are none.

    `OUTSIDE` marks a value of R's outside the prediction interval of ours. A model with fewer than two runs of ours is
    left out.
    """
    by_model: dict[tuple[str, str], list[RecordedTraining]] = defaultdict(list)
    for training in trainings:
        by_model[training.stack, training.experiment].append(training)
    rows, in_r, editions = [], [], set()
    for alike in by_model.values():
        ours = beside(alike[0], records)
        for split in SPLITS if len(ours) >= FEWEST else ():
            evaluations = [record.evaluation[split] for record in ours]
            intervals = [prediction_interval(measure.numbers(evaluations)) for measure in OF_TWO_CLASSES]
            theirs = [_in_r(training, split, ours, intervals) for training in alike]
            who = readers("from", f"{alike[0].numerics}, {ours[0].engine}, {seeds(ours)}", "left")
            shown = [readers(measure.name, measure.shown(evaluations)) for measure in OF_TWO_CLASSES]
            in_r += theirs
            rows += [*theirs, [*_label(alike[0], split), who, *shown]]
            editions.add(ours[0].data.edition)
    if not rows:
        return []
    epochs = WORDS[len(alike[0].history["loss"])]
    data = next(recording.rows.called for recording in chapter.recordings if recording.rows)
    data += "".join(f" ({copy})" for edition, copy in COPIES.items() if edition in editions)
    values, outside = len(in_r) * len(OF_TWO_CLASSES), sum(cell.shown.endswith(OUTSIDE) for row in in_r for cell in row)
    table = Table.of(
        "trainings",
        f"{chapter.name} trained for {epochs} epochs in R, and by this suite on the same {data} with the numerics of "
        "that stack; loss, and rates in percent; ours: numerics, engine, mean ± standard deviation over seeds. "
        f"{values - outside} of R's {values} values lie where one more run of ours would with a probability of "
        f"{COVERAGE:.0%}; {OUTSIDE} marks the others.",
        rows,
        csv_rows=in_r,
        labels=3,
    )
    return [table]


def _label(training: RecordedTraining, split: Split) -> list[Entry]:
    stack = both("R's stack", training.stack, training.stack, "stack", "left")
    return [stack, *words(model=training.experiment, data=split)]


def _in_r(
    training: RecordedTraining, split: Split, ours: Sequence[Record], intervals: Sequence[tuple[float, float]]
) -> list[Entry]:
    """The row of a training in R; with the interval for one more run of ours, for each of the measures."""
    entries = [
        *_label(training, split),
        readers("from", f"R, seed {training.seed}", "left"),
        *programs(seed_in_r=training.seed, numerics=training.numerics, engine=ours[0].engine, our_seeds=len(ours)),
    ]
    for measure, (low, high) in zip(OF_TWO_CLASSES, intervals, strict=True):
        value = measure.of(training.evaluation[split])
        mark = "" if low <= value <= high else OUTSIDE
        entries.append(readers(measure.name, measure.shown([training.evaluation[split]]) + mark))
        bounds = {"in_r": value, "low": low, "high": high}
        entries += programs(**{f"{measure.key}_{name}": rounded(number) for name, number in bounds.items()})
    return entries


def engines(records: Iterable[Record]) -> list[Table]:
    """Each model that both engines trained with the same data, numerics and epochs; no table if there is none.

    The test is Kolmogorov's and Smirnov's of two samples, exact: p is the probability of distribution functions of the
    samples that are as far apart, or further, where both are samples of one distribution.
    """
    by_model: dict[tuple[str, ...], dict[str, list[Evaluation]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        if record.engine in ("fast", "keras") and "test" in record.evaluation:
            made, name = record.settings, f"{record.chapter}/{record.experiment}"
            key = (name, record.data.label, made.numerics, str(made.epochs), record.data.sha256)
            by_model[key][record.engine].append(record.evaluation["test"])
    rows = []
    for (model, data, numerics, epochs, _), by_engine in by_model.items():
        keras, fast = by_engine["keras"], by_engine["fast"]
        for measure in (LOSS, ACCURACY) if min(len(keras), len(fast)) >= FEWEST else ():
            p = float(ks_2samp(measure.numbers(keras), measure.numbers(fast), method="exact").pvalue)
            rows.append(
                [
                    *words(model=model),
                    *programs(data=data),
                    *words(numerics=numerics),
                    *programs(epochs=epochs),
                    readers("runs", f"{len(keras)} and {len(fast)}", "left"),
                    *words(measure=measure.name),
                    *programs(runs_keras=len(keras), runs_fast=len(fast)),
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
