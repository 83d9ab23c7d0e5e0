"""From the texts of a corpus to a data set: what the corpora that come as texts share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repro.datasets.dataset import Corpus, Dataset, Edition, Kind, Provenance
from repro.datasets.embedded import fingerprint_of
from repro.datasets.files import DataFile, Found
from repro.datasets.prepared import prepared
from repro.errors import DataInvalid
from repro.text import Padded, Ragged

if TYPE_CHECKING:
    from numpy.typing import NDArray


LONGEST_ID = 100
"""Characters; a longer one is a text that slipped into the column, and an array of ids has room for the longest."""


@dataclass(frozen=True)
class Source:
    """What a corpus is made from: files, or a generator."""

    kind: Kind | None
    """None if the checksums of the files do not tell: then their numbers of rows do."""
    edition: Edition
    sha256: str
    """Of the checksums of the files, in turn; of the texts of an embedded corpus."""
    read: Callable[[], Corpus]


def from_files(files: Sequence[Found], read: Callable[[], Corpus]) -> Source:
    """A corpus that `read` takes from these files. What is known of it is what is known of the least known file."""
    least = max(files, key=lambda found: ("original", "rebuilt", "excerpt", "unverified").index(found.edition))
    sha256 = hashlib.sha256("".join(found.sha256 for found in files).encode()).hexdigest()
    return Source(least.kind, least.edition, sha256, read)


def from_generator(read: Callable[[], Corpus]) -> Source:
    """An embedded corpus."""
    return Source("embedded", "generated", fingerprint_of(read()), read)


def hold_out(
    rows: int,
    file: DataFile,
    *,
    random_state: int,
    test_size: float | None = None,
    stratify: NDArray[np.int32] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row numbers to fit to and those to hold out, as `train_test_split` draws them; DataInvalid for too few rows.

    file: where the rows come from.
    """
    from sklearn.model_selection import train_test_split

    try:
        fitted, others = train_test_split(
            np.arange(rows), test_size=test_size, random_state=random_state, stratify=stratify
        )
    except ValueError as error:
        each = "" if stratify is None else " of each class"
        counted = f"{rows:,} row{'s' * (rows > 1)}"
        raise DataInvalid(f"{file.path} has {counted}: too few to hold some out{each}.") from error
    return fitted, others


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """A corpus as numbers, and what else of it is needed."""

    train: Ragged
    train_labels: NDArray[np.int32]
    test: Ragged
    test_labels: NDArray[np.int32] | None
    test_ids: Sequence[str] | None = None
    validation: Ragged | None = None
    validation_labels: NDArray[np.int32] | None = None
    unseen: NDArray[np.bool_] | None = None
    """As in `Dataset`."""
    lengths: tuple[int, ...] = ()
    """As in `Provenance`."""
    words: Sequence[str] = ()
    """The words that have numbers, from 1; none if they are hashed."""


@dataclass(frozen=True)
class Prepared:
    """A data set, and the words that have numbers in it."""

    dataset: Dataset
    text: NDArray[np.uint8]
    """The words, as they are kept."""

    @property
    def words(self) -> Sequence[str]:
        """From number 1; none if they are hashed. Split when asked for: a training needs none of them."""
        text = self.text.tobytes().decode("utf-8", "surrogatepass")
        return text.split(" ") if text else ()


def prepare(
    name: str,
    source: Source,
    settings: Mapping[str, str | int],
    *,
    maxlen: int,
    rows: tuple[int, int],
    encode: Callable[[Corpus], Encoded],
) -> Prepared:
    """The data set that `encode` makes, padded and cut at the front to `maxlen`; kept, as `prepared.prepared` says.

    settings: all that the numbers follow from, besides the source and `maxlen`.
    rows: how many training and test rows the complete set has.
    """
    arrays, sha256 = prepared(
        name,
        {"source_sha256": source.sha256, "maxlen": maxlen, **settings},
        lambda: _arrays(encode(source.read()), maxlen),
    )
    x_train, x_validation, x_test = (_rows(arrays, split, maxlen) for split in ("train", "validation", "test"))
    assert x_train is not None
    assert x_test is not None
    held_out = 0 if x_validation is None else len(x_validation)
    complete = (len(x_train) + held_out, len(x_test)) == rows
    provenance = Provenance(
        name=name,
        kind=source.kind or ("real" if complete else "sample"),
        edition=source.edition,
        source_sha256=source.sha256,
        sha256=sha256,
        train_rows=len(x_train),
        test_rows=len(x_test),
        validation_rows=held_out,
        lengths=tuple(arrays["lengths"].tolist()),
    )
    dataset = Dataset(
        x_train=x_train,
        y_train=arrays["train_labels"],
        x_test=x_test,
        y_test=arrays.get("test_labels"),
        provenance=provenance,
        x_validation=x_validation,
        y_validation=arrays.get("validation_labels"),
        test_ids=arrays.get("test_ids"),
        unseen=arrays.get("unseen"),
    )
    return Prepared(dataset, arrays["words"])


def _arrays(encoded: Encoded, maxlen: int) -> dict[str, NDArray[np.generic]]:
    """What is kept: rows end to end, cut but not padded, since padding would take many times the room."""
    arrays: dict[str, NDArray[np.generic]] = {"maxlen": np.array([maxlen])}
    for split in ("train", "validation", "test"):
        words: Ragged | None = getattr(encoded, split)
        if words is not None:
            arrays[f"{split}_values"], arrays[f"{split}_offsets"] = Padded(words, maxlen).words
    for name in ("train_labels", "validation_labels", "test_labels", "unseen"):
        if (array := getattr(encoded, name)) is not None:
            arrays[name] = array
    if encoded.test_ids is not None:
        arrays["test_ids"] = np.array(encoded.test_ids, np.str_)
    arrays["lengths"] = np.array(encoded.lengths, np.int64)
    # No word has a space in it, whatever else it may have.
    arrays["words"] = np.frombuffer(" ".join(encoded.words).encode("utf-8", "surrogatepass"), np.uint8)
    return arrays


def _rows(arrays: Mapping[str, NDArray[np.generic]], split: str, maxlen: int) -> Padded | None:
    if f"{split}_values" not in arrays:
        return None
    return Padded(Ragged(arrays[f"{split}_values"], arrays[f"{split}_offsets"]), maxlen)  # type: ignore[arg-type]
