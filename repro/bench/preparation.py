"""From texts to padded rows of numbers: by this suite, and by Keras' legacy functions. And the arrays that are kept."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from repro import registry
from repro.bench.messages import Job, Seconds, Work, timed
from repro.datasets import ag_news, embedded, imdb, jigsaw, rotten_tomatoes
from repro.datasets.choice import DataChoice, decide
from repro.datasets.dataset import fingerprint
from repro.datasets.obtain import obtain
from repro.text import FILTERS, Tokenizer, clean, hashed, pad_sequences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repro.chapter import Chapter

    Rows = tuple[NDArray[np.int32], NDArray[np.int32]]
    """Training and test, padded."""


class Prepare(NamedTuple):
    """Both do the same; what they need is in memory, but for the file of numbers that the reviews come as."""

    texts: int
    ours: Callable[[], Rows]
    keras: Callable[[], Rows]


class Preparing:
    """One of the two."""

    facts: dict[str, str | float]

    def __init__(self, texts: int, function: Callable[[], Rows]) -> None:
        self._function = function
        self.facts = {"texts": texts}

    def warm_up(self) -> None:
        self.facts["sha256"] = fingerprint(*self._function())

    def measure(self, amount: int) -> Seconds:
        """So many times."""
        return timed(lambda: [self._function() for _ in range(amount)])


class Opening:
    """A data set opened that was prepared before."""

    facts: dict[str, str | float]

    def __init__(self, chapter: Chapter, choice: DataChoice) -> None:
        self._chapter, self._choice = chapter, choice
        self.facts = {}

    def warm_up(self) -> None:
        self.measure(1)

    def measure(self, amount: int) -> Seconds:
        """So many times."""
        return timed(lambda: [self._chapter.data(self._choice) for _ in range(amount)])


def work(job: Job) -> Work:
    """`prepare` with the functions of `suite` or `keras`, or `open`."""
    chapter, _ = registry.experiment(job.experiment)
    choice = decide(job.data)
    if job.kind == "open":
        return Opening(chapter, choice)
    if job.contestant == "keras":
        from repro.bench.stock import as_installed

        as_installed()
    found = prepare(chapter, choice)
    return Preparing(found.texts, found.keras if job.contestant == "keras" else found.ours)


def prepare(chapter: Chapter, choice: DataChoice) -> Prepare:
    """With the settings that stand in the chapter's module; `keras` starts Keras. Errors as `chapter.data`."""
    return _PREPARATIONS[chapter.name](sys.modules[chapter.data.__module__], choice)


def known(chapter: Chapter, choice: DataChoice) -> bool:
    """Whether there is something to compare: embedded reviews come as numbers that only this suite has."""
    return chapter.name in _PREPARATIONS and not (choice == "embedded" and _PREPARATIONS[chapter.name] is _reviews)


def _reviews(settings: Any, choice: DataChoice) -> Prepare:
    num_words, maxlen = settings.NUM_WORDS, settings.MAXLEN
    assert choice != "embedded"
    found = obtain(imdb.REVIEWS, choice)

    def ours() -> Rows:
        train, test = imdb.sequences(found, num_words=num_words)
        return pad_sequences(train.x, maxlen), pad_sequences(test.x, maxlen)

    def keras() -> Rows:
        module: Any = importlib.import_module("keras.src.datasets.imdb")
        module.get_file = lambda **_: str(found.path)  # which has verified it, and accepts no rebuilt copy
        (train, _), (test, _) = module.load_data(num_words=num_words)
        return _padded_by_keras(train, maxlen), _padded_by_keras(test, maxlen)

    return Prepare(50_000, ours, keras)


def _comments(settings: Any, choice: DataChoice) -> Prepare:
    if choice == "embedded":
        corpus = embedded.comments()
    else:
        train, test = (obtain(file, choice) for file in (jigsaw.TRAIN, jigsaw.TEST))
        corpus = jigsaw.corpus(train, test, None)
    return _tokenized(corpus.train_texts, corpus.test_texts, settings.NUM_WORDS, FILTERS, settings.MAXLEN)


def _phrases(settings: Any, choice: DataChoice) -> Prepare:
    """Cleaned before: that is the same for both."""
    if choice == "embedded":
        corpus = embedded.phrases()
    else:
        files = rotten_tomatoes.TRAIN, rotten_tomatoes.TEST
        train, test = (obtain(file, choice) for file in files)
        corpus = rotten_tomatoes.corpus(train, test, None)
    phrases, others = (clean(each, settings.REPLACEMENTS) for each in (corpus.train_texts, corpus.test_texts))
    return _tokenized(phrases, others, settings.NUM_WORDS, settings.FILTERS, settings.MAXLEN)


def _news(settings: Any, choice: DataChoice) -> Prepare:
    n, maxlen = settings.VOC_SIZE, settings.SENT_LENGTH
    if choice == "embedded":
        corpus = embedded.news()
    else:
        corpus = ag_news.corpus(*(obtain(file, choice) for file in ag_news.FILES))

    def ours() -> Rows:
        train, test = hashed(corpus.train_texts, n), hashed(corpus.test_texts, n)
        return pad_sequences(train, maxlen), pad_sequences(test, maxlen)

    def keras() -> Rows:
        trick = _legacy().hashing_trick
        train, test = (
            [trick(text, n, hash_function="md5") for text in texts] for texts in (corpus.train_texts, corpus.test_texts)
        )
        return _padded_by_keras(train, maxlen), _padded_by_keras(test, maxlen)

    return Prepare(len(corpus.train_texts) + len(corpus.test_texts), ours, keras)


_PREPARATIONS: dict[str, Callable[[Any, DataChoice], Prepare]] = {
    "imdb_lstm": _reviews,
    "imdb_rnn": _reviews,
    "jigsaw_multilabel": _comments,
    "rotten_tomatoes": _phrases,
    "stacked_lstm": _news,
}
"""By chapter; they take its settings."""


def _tokenized(train: Sequence[str], test: Sequence[str], num_words: int, filters: str, maxlen: int) -> Prepare:
    def ours() -> Rows:
        tokenizer = Tokenizer(num_words, filters=filters)
        fitted = tokenizer.fit_encode(train)
        return pad_sequences(fitted, maxlen), pad_sequences(tokenizer.encode(test), maxlen)

    def keras() -> Rows:
        tokenizer = _legacy().Tokenizer(num_words, filters=filters)
        tokenizer.fit_on_texts(train)
        fitted, others = tokenizer.texts_to_sequences(train), tokenizer.texts_to_sequences(test)
        return _padded_by_keras(fitted, maxlen), _padded_by_keras(others, maxlen)

    return Prepare(len(train) + len(test), ours, keras)


def _legacy() -> Any:
    return importlib.import_module("keras.src.legacy.preprocessing.text")


def _padded_by_keras(rows: Sequence[Sequence[int]], maxlen: int) -> NDArray[np.int32]:
    from repro.backend import keras

    padded: NDArray[np.int32] = keras.utils.pad_sequences(rows, maxlen=maxlen)
    return padded
