"""The corpora: what files they consist of, and where those are found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from repro.errors import ReproError, suggestion

if TYPE_CHECKING:
    from repro.datasets.files import DataFile


def corpora() -> dict[str, tuple[DataFile, ...]]:
    """The files of each data set, by its name."""
    from repro.datasets import ag_news, imdb, jigsaw, rotten_tomatoes

    return {
        "ag_news": ag_news.FILES,
        "imdb": imdb.FILES,
        "jigsaw": jigsaw.FILES,
        "rotten_tomatoes": rotten_tomatoes.FILES,
    }


def select(names: Iterable[str]) -> list[DataFile]:
    """The files of the data sets named, or of all. Raises ReproError for an unknown name."""
    known = corpora()
    chosen = list(names) or list(known)
    for name in chosen:
        if name not in known:
            raise ReproError(f"no data set {name!r}; {suggestion(name, known)}")
    return [file for name in chosen for file in known[name]]
