"""The corpora by their names, and the files that they consist of."""

from __future__ import annotations

from collections.abc import Iterable

from repro.datasets import ag_news, imdb, jigsaw, rotten_tomatoes
from repro.datasets.locate import DataFile
from repro.errors import ReproError, suggestion

CORPORA: dict[str, tuple[DataFile, ...]] = {
    "ag_news": ag_news.FILES,
    "imdb": imdb.FILES,
    "jigsaw": jigsaw.FILES,
    "rotten_tomatoes": rotten_tomatoes.FILES,
}


def select(names: Iterable[str]) -> list[DataFile]:
    """The files of the data sets named, or of all. Raises ReproError for an unknown name."""
    chosen = list(names) or list(CORPORA)
    for name in chosen:
        if name not in CORPORA:
            raise ReproError(f"no data set {name!r}; {suggestion(name, CORPORA)}")
    return [file for name in chosen for file in CORPORA[name]]
