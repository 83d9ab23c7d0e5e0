"""What a reader's history shows by itself: how long was trained, and on how many rows it was fitted and validated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from repro.chapter import Experiment
from repro.evidence.reader.data_facts import DataFacts
from repro.evidence.reader.finding import Finding, FindingKind, Severity
from repro.evidence.reader.reader_history import ReaderHistory
from repro.evidence.reader.rounded import Rounded, tell_runs_apart, with_digits

SHARES_HELD_OUT: Final = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 1 / 3, 0.4, 0.5)
"""What people write for `validation_split`."""


def of_history(history: ReaderHistory, experiment: Experiment, facts: DataFacts) -> list[Finding]:
    """All that the history shows without other numbers."""
    return [
        Finding(kind, severity, text)
        for kind, severity, text in (*_epochs(history, experiment), *_rows(history, experiment, facts))
    ]


Said = tuple[FindingKind, Severity, str]


def _epochs(history: ReaderHistory, experiment: Experiment) -> Iterator[Said]:
    if history.diverged:
        yield (
            "diverged",
            "explanation",
            f"The loss was no longer finite in epoch {history.diverged}: the training diverged, and later numbers say "
            "nothing. Look for a learning rate that is too high, or for activations without bounds.",
        )
    elif history.epochs != experiment.epochs:
        number = "1 epoch" if history.epochs == 1 else f"{history.epochs} epochs"
        fewer = "fewer" if history.epochs < experiment.epochs else "more"
        yield (
            "number of epochs",
            "explanation",
            f"The history has {number}, {fewer} than the source's {experiment.epochs}: train for as long.",
        )


def _rows(history: ReaderHistory, experiment: Experiment, facts: DataFacts) -> Iterator[Said]:
    held_out = facts.rows_held_out
    if held_out and not any(name.startswith("val_") for name in history.curves):
        yield (
            "validation missing",
            "note",
            f"The history has no validation, where the source holds out {held_out:,} rows: was nothing held out?",
        )
    train, test = facts.rows("train"), facts.rows("test")
    if validated_on_test(history, facts):
        beside = f", not of the {held_out:,} held-out ones" if held_out else ""
        yield (
            "validated on test",
            "explanation" if held_out else "note",
            f"val_accuracy is a share of {test:,} rows, as many as test has{beside}: the test rows were the validation "
            "data.",
        )
    elif facts.whole_rows and train and facts.held_out:
        again = f": set validation_split = {experiment.validation_split:g}."
        if _no_shares_of(history, "accuracy", facts.fitted) and _shares_of(history, "accuracy", train):
            yield (
                "share of other rows",
                "explanation",
                f"accuracy is a share of all {train:,} training rows, where the source fits {facts.fitted:,}{again}",
            )
        elif _no_shares_of(history, "val_accuracy", facts.held_out):
            others = (train - int(train * (1 - share)) for share in SHARES_HELD_OUT)
            rows = next((rows for rows in others if _shares_of(history, "val_accuracy", rows)), None)
            if rows:
                yield (
                    "share of other rows",
                    "explanation",
                    f"val_accuracy is a share of {rows:,} rows, where the source holds out {facts.held_out:,}{again}",
                )


def may_show_rows(history: ReaderHistory, facts: DataFacts) -> bool:
    """Whether a curve has digits enough to be no share of the rows that the source fits, or validates on."""
    curves = (("accuracy", facts.fitted), ("val_accuracy", facts.rows_held_out))
    return facts.whole_rows and any(
        rows and (curve := with_digits(history.curves.get(name, ()))) and all(each.tells(rows) for each in curve)
        for name, rows in curves
    )


def validated_on_test(history: ReaderHistory, facts: DataFacts) -> bool:
    """Whether what was validated on has as many rows as test, and not as many as are held out."""
    held_out, test = facts.rows_held_out, facts.rows("test")
    if not facts.whole_rows or test is None:
        return False
    return (not held_out or _no_shares_of(history, "val_accuracy", held_out)) and _shares_of(
        history, "val_accuracy", test
    )


def equal_epoch(given: Mapping[str, Rounded], history: ReaderHistory, prefix: str) -> int | None:
    """The epoch, from 1, in which the history has all these numbers: the last, or the best by validation.

    given: by the name of a curve without `prefix`, which is `val_` or empty. None if there is no such epoch, or if the
    numbers have too few digits to tell.
    """
    curves = {name: history.curves.get(prefix + name, ()) for name in given}
    if not all(curves.values()):
        return None
    val_loss, val_accuracy = (history.curves.get(name, ()) for name in ("val_loss", "val_accuracy"))
    epochs = [history.epochs - 1]
    epochs += [val_loss.index(min(val_loss))] if val_loss else []
    epochs += [val_accuracy.index(max(val_accuracy))] if val_accuracy else []
    if not tell_runs_apart(given.values(), len(set(epochs))):
        return None
    equal = (all(number.allows(curves[name][epoch]) for name, number in given.items()) for epoch in epochs)
    return next((epoch + 1 for epoch, is_equal in zip(epochs, equal, strict=True) if is_equal), None)


def _shares_of(history: ReaderHistory, name: str, rows: int) -> bool:
    """Whether a curve has digits enough, and each of its numbers is a share of so many rows."""
    curve = with_digits(history.curves.get(name, ()))
    return bool(curve) and all(each.tells(rows) and each.counts(rows) for each in curve)


def _no_shares_of(history: ReaderHistory, name: str, rows: int) -> bool:
    """Whether a curve has digits enough, and not each of its numbers is a share of so many rows."""
    curve = with_digits(history.curves.get(name, ()))
    return bool(curve) and all(each.tells(rows) for each in curve) and not all(each.counts(rows) for each in curve)
