"""The corpora by their names, and the files that they consist of."""

from __future__ import annotations

from collections.abc import Iterable

from repro.datasets import ag_news, imdb, jigsaw, rotten_tomatoes
from repro.datasets.data_file import DataFile
from repro.errors import ReproError, suggestion

FILES = (*ag_news.FILES, *imdb.FILES, *jigsaw.FILES, *rotten_tomatoes.FILES)


def select(names: Iterable[str]) -> list[DataFile]:
    """The files of the data sets named, or of all. Raises ReproError for an unknown name."""
    known = list(dict.fromkeys(file.corpus for file in FILES))
    chosen = list(names) or known
    for name in chosen:
        if name not in known:
            raise ReproError(f"no data set {name!r}; {suggestion(name, known)}")
    return [file for name in chosen for file in FILES if file.corpus == name]
