"""The work of preparing data, by this suite and by Keras' legacy functions, and of opening data prepared before."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from repro import registry
from repro.backend import keras
from repro.bench.in_keras import as_installed
from repro.bench.jobs import Job, Work, timed
from repro.datasets import corpora, imdb
from repro.datasets.choice import DataChoice, decide
from repro.datasets.data_file import LocatedFile
from repro.datasets.dataset import fingerprint
from repro.datasets.obtain import obtain
from repro.text import Ragged, Tokenizer, clean, hashed, pad_sequences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repro.chapter import Chapter
    from repro.datasets.dataset import Preparation


def work(job: Job) -> Work:
    """Prepares data, or opens data prepared before, as often as it is asked to."""
    if job.contestant == "keras":
        as_installed()
    ((chapter, _), *_) = registry.select([job.experiment])
    choice = decide(job.data)
    if job.kind == "open":
        chapter.data(choice)
        return Work(lambda times: timed(lambda: [chapter.data(choice) for _ in range(times)]))
    prepare = ways(chapter, choice)[job.contestant]
    sha256 = fingerprint(*prepare())
    return Work(lambda times: timed(lambda: [prepare() for _ in range(times)]), {"sha256": sha256})


def comparable(chapter: Chapter, choice: DataChoice) -> bool:
    """Whether Keras can prepare these data: the embedded reviews are generated as numbers, by this suite alone."""
    return chapter.preparation.words != "ranked" or decide(choice) != "embedded"


def ways(chapter: Chapter, choice: DataChoice) -> dict[str, Callable[[], list[NDArray[np.int32]]]]:
    """Two ways to the same padded rows, for training and for test: `suite` and `keras`. Errors as `chapter.data`."""
    preparation, source = chapter.preparation, _source(chapter, choice)
    maxlen = preparation.maxlen
    return {
        "suite": lambda: [pad_sequences(rows, maxlen) for rows in by_suite(preparation, source)],
        "keras": lambda: [keras.utils.pad_sequences(rows, maxlen=maxlen) for rows in by_keras(preparation, source)],
    }


def _source(chapter: Chapter, choice: DataChoice) -> LocatedFile | list[Sequence[str]]:
    """The file of the ranked reviews; or the texts for training and for test, in memory.

    Replacements in the texts are made: they are the same for both ways.
    """
    if chapter.preparation.words == "ranked":
        return obtain(imdb.REVIEWS, choice)
    corpus = corpora.texts(chapter.data(choice).provenance.name, choice).read()
    texts, replacements = [corpus.train_texts, corpus.test_texts], chapter.preparation.replacements
    return [clean(each, replacements) for each in texts] if replacements else texts


def by_suite(preparation: Preparation, source: LocatedFile | list[Sequence[str]]) -> list[Ragged]:
    """The numbers of the words in each row, by this suite."""
    num_words, filters = preparation.num_words, preparation.filters
    if isinstance(source, LocatedFile):
        return [split.x for split in imdb.sequences(source, num_words=num_words)]
    if preparation.words == "hashed":
        return [hashed(texts, num_words, filters=filters) for texts in source]
    train, test = source
    tokenizer = Tokenizer(num_words, filters=filters)
    return [tokenizer.fit_encode(train), tokenizer.encode(test)]


def by_keras(preparation: Preparation, source: LocatedFile | list[Sequence[str]]) -> list[list[list[int]]]:
    """The same by Keras' functions. Starts Keras."""
    num_words, filters = preparation.num_words, preparation.filters
    if isinstance(source, LocatedFile):
        module: Any = importlib.import_module("keras.src.datasets.imdb")
        module.get_file = lambda **_: str(source.path)  # it would refuse a rebuilt copy; `obtain` verified this one
        return [rows for rows, _ in module.load_data(num_words=num_words)]
    legacy: Any = importlib.import_module("keras.src.legacy.preprocessing.text")
    if preparation.words == "hashed":
        return [[legacy.hashing_trick(text, num_words, "md5", filters) for text in texts] for texts in source]
    tokenizer = legacy.Tokenizer(num_words, filters=filters)
    tokenizer.fit_on_texts(source[0])
    return [tokenizer.texts_to_sequences(texts) for texts in source]
