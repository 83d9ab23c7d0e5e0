"""The corpora by their names: the files that they consist of, and their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from repro.datasets import ag_news, imdb, jigsaw, rotten_tomatoes
from repro.datasets.choice import DataChoice
from repro.datasets.data_file import DataFile
from repro.datasets.prepare import Source
from repro.errors import ReproError, suggestion

FILES = (*ag_news.FILES, *imdb.FILES, *jigsaw.FILES, *rotten_tomatoes.FILES)

TEXTS: dict[str, Callable[[DataChoice], Source[str]]] = {
    "ag_news": ag_news.source,
    "jigsaw": jigsaw.source,
    "rotten_tomatoes": rotten_tomatoes.source,
}
"""The corpora of texts; those of reviews are numbers from the start."""


def texts(corpus: str, choice: DataChoice) -> Source[str]:
    """The texts of a corpus, as it calls itself in a `Provenance`.

    Raises ReproError for one that `TEXTS` does not have, DataUnavailable and DataInvalid.
    """
    if corpus not in TEXTS:
        raise ReproError(f"nobody can read the texts of {corpus}; add it to TEXTS in repro/datasets/corpora.py")
    return TEXTS[corpus](choice)


def select(names: Iterable[str]) -> list[DataFile]:
    """The files of the data sets named, or of all. Raises ReproError for an unknown name."""
    known = list(dict.fromkeys(file.corpus for file in FILES))
    chosen = list(names) or known
    for name in chosen:
        if name not in known:
            raise ReproError(f"no data set {name!r}; {suggestion(name, known)}")
    return [file for name in chosen for file in FILES if file.corpus == name]
