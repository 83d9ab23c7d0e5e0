"""Makes a data set of a corpus: holds rows out, pads and cuts them, keeps the arrays, and counts the texts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple

import msgspec
import numpy as np

from repro.datasets.array_cache import Arrays, cached
from repro.datasets.dataset import Corpus, Dataset, LabelledTexts, Provenance, Text, fingerprint_of_texts
from repro.datasets.description import Description, count_texts
from repro.errors import DataInvalid
from repro.text import Padded, Ragged, take

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.datasets.data_file import LocatedFile
    from repro.datasets.dataset import Edition, Inputs, Kind, Preparation

CODE = 1
"""Raise it when the same source and preparation come to give other arrays; then those that are kept are made anew."""


@dataclass(frozen=True)
class Source(Generic[Text]):
    """A corpus that can be read, and what is known of it before."""

    corpus: str
    """Its name: `jigsaw`."""
    kind: Kind | None
    """None if the checksums of the files do not tell: then their numbers of rows do."""
    edition: Edition
    sha256: str
    """As `Provenance.source_sha256`."""
    train_file: str
    """What messages call the file with the training texts."""
    read: Callable[[], LabelledTexts[Text]]


def from_files(
    corpus: str, files: Sequence[LocatedFile | None], read: Callable[[], LabelledTexts[Text]]
) -> Source[Text]:
    """The corpus that `read` takes from these files, the training texts first, without those that are None.

    What is known of the corpus is what is known of the least known file.
    """
    there = [file for file in files if file is not None]
    least = max(there, key=lambda file: ("original", "rebuilt", "excerpt", "unverified").index(file.edition))
    sha256 = there[0].sha256
    if len(there) > 1:
        sha256 = hashlib.sha256("".join(file.sha256 for file in there).encode()).hexdigest()
    return Source(corpus, least.kind, least.edition, sha256, there[0].name, read)


def from_generator(corpus: str, read: Callable[[], Corpus]) -> Source[str]:
    """An embedded corpus."""
    return Source(corpus, "embedded", "generated", fingerprint_of_texts(read()), f"the embedded {corpus}", read)


class Encoded(NamedTuple):
    """The texts of a corpus as numbers."""

    train: Ragged
    """All training texts, those that will be held out included."""
    test: Ragged
    words: Sequence[str] = ()
    """The words that have numbers, from 1; none if they are hashed or the corpus has an index of its own."""
    unseen: NDArray[np.bool_] | None = None
    """As in `Dataset`."""


@dataclass(frozen=True)
class Prepared:
    """A data set, the words that have numbers in it, and how it is counted."""

    dataset: Dataset
    text: bytes | NDArray[np.uint8]
    """The words, with spaces between, in UTF-8."""
    describe: Callable[[], Description]
    """Reads the texts again and counts them."""

    @property
    def words(self) -> Sequence[str]:
        """`Encoded.words`. They are split when they are asked for: a training needs none of them."""
        text = bytes(self.text).decode("utf-8", "surrogatepass")
        return text.split(" ") if text else ()


def prepare(
    source: Source[Text],
    preparation: Preparation,
    encode: Callable[[LabelledTexts[Text]], Encoded],
    *,
    complete: tuple[int, int],
    keep_padded: bool = False,
) -> Prepared:
    """The data set that `preparation` makes of a corpus, from the cache folder if it was made before.

    complete: how many training and test rows the complete set has.
    keep_padded: keep the rows padded, not end to end. The fingerprint in the records is that of the arrays as they are
        kept, so a corpus must stay with one or the other.

    Raises DataInvalid for what is wrong in the files.
    """
    key: dict[str, str | int] = {
        "source_sha256": source.sha256,
        "preparation": msgspec.json.encode(preparation).decode(),
        "code": CODE,
    }

    def build() -> Arrays:
        corpus = source.read()
        encoded = encode(corpus)
        splits = _splits(corpus, encoded, preparation, source.train_file)
        return _padded_arrays(splits) if keep_padded else _ragged_arrays(splits, corpus, encoded, preparation)

    arrays, sha256 = cached(source.corpus, key, build)

    y = "y_{}" if keep_padded else "{}_labels"

    def x(split: str) -> Inputs:
        if keep_padded:
            return arrays[f"x_{split}"]
        return _padded(Ragged(arrays[f"{split}_values"], arrays[f"{split}_offsets"]), preparation)

    x_train, x_test, x_validation = x("train"), x("test"), x("validation") if preparation.held_out else None
    held_out = 0 if x_validation is None else len(x_validation)
    is_complete = (len(x_train) + held_out, len(x_test)) == complete
    provenance = Provenance(
        name=source.corpus,
        kind=source.kind or ("real" if is_complete else "sample"),
        edition=source.edition,
        source_sha256=source.sha256,
        sha256=sha256,
        train_rows=len(x_train),
        test_rows=len(x_test),
        validation_rows=held_out,
        preparation=preparation,
    )
    dataset = Dataset(
        x_train=x_train,
        y_train=arrays[y.format("train")],
        x_test=x_test,
        y_test=arrays.get(y.format("test")),
        provenance=provenance,
        x_validation=x_validation,
        y_validation=arrays.get(y.format("validation")),
        test_ids=arrays.get("test_ids"),
        unseen=arrays.get("unseen"),
    )

    def describe() -> Description:
        corpus = source.read()
        encoded = encode(corpus)
        return count_texts(provenance, corpus, np.diff(encoded.train.offsets), np.diff(encoded.test.offsets))

    return Prepared(dataset, arrays.get("words", b""), describe)


Splits = dict[str, tuple[Padded, "NDArray[np.int32] | None"]]
"""The rows and the labels of `train`, `validation` if rows are held out, and `test`."""


def _splits(corpus: LabelledTexts[Text], encoded: Encoded, preparation: Preparation, train_file: str) -> Splits:
    train, labels = encoded.train, corpus.train_labels
    rows: dict[str, tuple[Ragged, NDArray[np.int32] | None]] = {"train": (train, labels)}
    if preparation.held_out:
        fitted, others = _drawn(labels, preparation, train_file)
        rows = {"train": (take(train, fitted), labels[fitted]), "validation": (take(train, others), labels[others])}
    rows["test"] = (encoded.test, corpus.test_labels)
    return {split: (_padded(words, preparation), labels) for split, (words, labels) in rows.items()}


def _drawn(
    labels: NDArray[np.int32], preparation: Preparation, train_file: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row numbers to fit to and those to hold out, as scikit-learn draws them; DataInvalid for too few rows."""
    from sklearn.model_selection import train_test_split

    try:
        fitted, others = train_test_split(
            np.arange(len(labels)),
            test_size=preparation.held_out,
            random_state=preparation.random_state,
            stratify=labels if preparation.stratified else None,
        )
    except ValueError as error:
        if type(error) is not ValueError:  # scikit-learn's own kind is for arguments that cannot be
            raise
        rows = f"{len(labels):,} row{'s' * (len(labels) > 1)}"
        each = " of each class" * preparation.stratified
        raise DataInvalid(f"{train_file} has {rows}: too few to hold some out{each}.") from error
    return fitted, others


def _padded(words: Ragged, preparation: Preparation) -> Padded:
    return Padded(words, preparation.maxlen, padding=preparation.padding, truncating=preparation.truncating)


def _padded_arrays(splits: Splits) -> Arrays:
    arrays: Arrays = {}
    for split, (x, y) in splits.items():
        assert y is not None
        arrays |= {f"x_{split}": x[:], f"y_{split}": y}
    return arrays


def _ragged_arrays(splits: Splits, corpus: LabelledTexts[Text], encoded: Encoded, preparation: Preparation) -> Arrays:
    """Rows end to end, cut but not padded, since padding would take many times the room.

    Nothing here may be renamed, reordered or left out: the fingerprints in the records follow from all of it.
    """
    arrays: Arrays = {"maxlen": np.array([preparation.maxlen])}
    for split, (x, _) in splits.items():
        arrays |= {f"{split}_values": x.words.values, f"{split}_offsets": x.words.offsets}
    optional = {f"{split}_labels": y for split, (_, y) in splits.items()} | {"unseen": encoded.unseen}
    arrays |= {name: array for name, array in optional.items() if array is not None}
    if corpus.test_ids is not None:
        arrays["test_ids"] = np.array(corpus.test_ids, np.str_)
    arrays["lengths"] = np.zeros(0, np.int64)  # empty now, but part of the fingerprint
    # No word has a space in it, whatever else it may have.
    arrays["words"] = np.frombuffer(" ".join(encoded.words).encode("utf-8", "surrogatepass"), np.uint8)
    return arrays
