"""Checks the files of a model that is taken away, before they are put in their place: do they compute what it does?"""

from __future__ import annotations

import importlib
import runpy
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from repro.backend import keras
from repro.chapter import Chapter
from repro.datasets.choice import DataChoice
from repro.errors import ReproError
from repro.export.model_files import KERAS, ONNX, SAVED_MODEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Probabilities = NDArray[np.float32]

LARGEST = 1e-5
"""How far a probability may lie from the trained model's: sums are taken in another order, which changes some 1e-7."""

TEXTS = (
    "",
    "!? ...",
    "A wonderful film, and not one dull minute; but the music was bad.",
    "<br />It's <b>NOT</b> good, I can't say it isn't&nbsp;dull.",
    "Été à Łódź,\u00a0“naïve” — let’s say ﬁne.\u2028日本 🎬\r\n\t\x85end",
    "zqxj vwkp",
)
"""No word; marks; plain words; HTML and contractions; letters, white space and signs outside ASCII; unknown words."""


def prove(folder: Path, chapter: Chapter, choice: DataChoice, trained: keras.Model) -> dict[str, float]:
    """By file, the largest difference of a probability from the trained model's, over texts of all kinds.

    folder: what was written. choice: the data that gave words their numbers. `model.onnx` is left out where
    onnxruntime is not installed.

    Raises ReproError if the loader prepares a text in another way than the chapter, or a difference is too large.
    """
    texts = [*TEXTS, *_of_known_words(chapter, choice)]
    loader = runpy.run_path(str(folder / "load.py"))
    x = chapter.encode(texts, choice).x[:]
    if not np.array_equal(loader["rows"](texts), x):
        raise ReproError(
            f"{chapter.name}: encode() does not prepare texts as the chapter's preparation and vocabulary say; nothing "
            "was exported. Mend the chapter (docs/chapters.md)."
        )
    expected = trained.predict(x, verbose=0)
    differences = {name: float(np.abs(given(x) - expected).max()) for name, given in _written(folder)}
    for name, difference in differences.items():
        if not difference <= LARGEST:
            raise ReproError(
                f"{name} does not compute what the trained model does: {difference:.1e} apart; nothing was exported"
            )
    return differences


def _of_known_words(chapter: Chapter, choice: DataChoice) -> list[str]:
    """A text of words that the model knows, and one that is too long for it."""
    known = list(chapter.vocabulary(choice)) if chapter.vocabulary else ["the", "film", "was", "good", "but"]
    return [" ".join(known[:40]), " ".join((known * chapter.preparation.maxlen)[: 3 * chapter.preparation.maxlen])]


def _written(folder: Path) -> Iterator[tuple[str, Callable[[NDArray[np.int32]], Probabilities]]]:
    """The network in each format, as a function of rows `(texts, maxlen)`."""
    loaded = keras.saving.load_model(folder / KERAS)
    yield KERAS, lambda x: loaded.predict(x, verbose=0)
    served = importlib.import_module("tensorflow").saved_model.load(str(folder / SAVED_MODEL))
    yield SAVED_MODEL, lambda x: served.serve(x).numpy()
    if find_spec("onnxruntime"):
        session: Any = importlib.import_module("onnxruntime").InferenceSession(folder / ONNX)
        yield ONNX, lambda x: session.run(None, {session.get_inputs()[0].name: x})[0]
