"""What a reader's training showed by epoch: a file as Keras in Python or R leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from repro.chapter import Experiment


@dataclass(frozen=True)
class ReaderHistory:
    """Numbers by epoch."""

    curves: Mapping[str, tuple[float, ...]]
    """As `Record.history`: `loss`, `accuracy`, `val_loss`, `val_accuracy`, or `auc` and `val_auc`; those that were
    given, all of the same length. If the loss was no longer finite, the epochs before."""
    diverged: int | None = None
    """The epoch, from 1, in which the loss was no longer finite."""
    ignored: tuple[str, ...] = ()
    """Other columns of the file."""

    @property
    def epochs(self) -> int:
        """How many epochs `curves` have."""
        return len(next(iter(self.curves.values())))


def read_history(path: Path, experiment: Experiment) -> ReaderHistory:
    """The history in a csv or json file. Raises ReproError if it is none."""
    raise NotImplementedError
