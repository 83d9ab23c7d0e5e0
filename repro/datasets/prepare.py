"""From the texts of a corpus to a data set: what the corpora that come as texts share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repro.datasets.dataset import Corpus, Dataset, Edition, Kind, Preparation, Provenance, settings_of
from repro.datasets.description import Description, Half, Texts, counted, replacements_found
from repro.datasets.embedded import fingerprint_of
from repro.datasets.files import DataFile, Found
from repro.datasets.prepared import prepared
from repro.errors import DataInvalid
from repro.text import Padded, Ragged, clean

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
    preparation: Preparation, classes: NDArray[np.int32], file: DataFile
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row numbers to fit to and those to hold out, as `train_test_split` draws them; DataInvalid for too few rows.

    classes: of the rows, `(rows, ...)`. file: where the rows come from.
    """
    from sklearn.model_selection import train_test_split

    rows = len(classes)
    try:
        fitted, others = train_test_split(
            np.arange(rows),
            test_size=preparation.held_out,
            random_state=preparation.random_state,
            stratify=classes if preparation.stratified else None,
        )
    except ValueError as error:
        if type(error) is not ValueError:  # scikit-learn's own kind is for arguments that cannot be
            raise
        each = " of each class" if preparation.stratified else ""
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
    words: Sequence[str] = ()
    """The words that have numbers, from 1; none if they are hashed."""


@dataclass(frozen=True)
class Prepared:
    """A data set, the words that have numbers in it, and how it is counted."""

    dataset: Dataset
    text: NDArray[np.uint8]
    """The words, as they are kept."""
    describe: Callable[[], Description]
    """Reads the texts again and counts them."""

    @property
    def words(self) -> Sequence[str]:
        """From number 1; none if they are hashed. Split when asked for: a training needs none of them."""
        text = self.text.tobytes().decode("utf-8", "surrogatepass")
        return text.split(" ") if text else ()


def prepare(
    name: str,
    source: Source,
    preparation: Preparation,
    code: int,
    *,
    rows: tuple[int, int],
    encode: Callable[[Corpus], Encoded],
) -> Prepared:
    """The data set that `encode` makes, padded and cut as `preparation` says; kept, as `prepared.prepared` says.

    code: the version of `encode`.
    rows: how many training and test rows the complete set has.
    """
    arrays, sha256 = prepared(
        name,
        settings_of(source.sha256, preparation, code),
        lambda: _arrays(encode(source.read()), preparation),
    )
    x_train, x_validation, x_test = (_rows(arrays, split, preparation) for split in ("train", "validation", "test"))
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
        preparation=preparation,
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

    def describe() -> Description:
        corpus = source.read()
        return Description(data=provenance, halves=_halves(corpus, encode(corpus), preparation))

    return Prepared(dataset, arrays["words"], describe)


def _halves(corpus: Corpus, encoded: Encoded, preparation: Preparation) -> dict[Half, Texts]:
    replacements = preparation.replacements
    labels = corpus.train_labels
    classes = labels.shape[1] if labels.ndim == 2 else int(labels.max()) + 1

    def half(
        texts: Sequence[str], numbers: Sequence[Ragged | None], labels: NDArray[np.int32] | None, seen: set[str] | None
    ) -> tuple[Sequence[str], Texts]:
        lengths = np.concatenate([np.diff(rows.offsets) for rows in numbers if rows is not None])
        if not replacements:
            return texts, counted(texts, lengths, labels, classes, training=seen)
        cleaned, replaced = clean(texts, replacements), replacements_found(texts, replacements)
        return cleaned, counted(texts, lengths, labels, classes, cleaned=cleaned, replaced=replaced, training=seen)

    said, train = half(corpus.train_texts, (encoded.train, encoded.validation), labels, None)
    _, test = half(corpus.test_texts, (encoded.test,), corpus.test_labels, set(said))
    return {"train": train, "test": test}


def _padded(words: Ragged, preparation: Preparation) -> Padded:
    return Padded(words, preparation.maxlen, padding=preparation.padding, truncating=preparation.truncating)


def _arrays(encoded: Encoded, preparation: Preparation) -> dict[str, NDArray[np.generic]]:
    """What is kept: rows end to end, cut but not padded, since padding would take many times the room."""
    arrays: dict[str, NDArray[np.generic]] = {"maxlen": np.array([preparation.maxlen])}
    for split in ("train", "validation", "test"):
        words: Ragged | None = getattr(encoded, split)
        if words is not None:
            cut = _padded(words, preparation).words
            arrays[f"{split}_values"], arrays[f"{split}_offsets"] = cut.values, cut.offsets
    for name in ("train_labels", "validation_labels", "test_labels", "unseen"):
        if (array := getattr(encoded, name)) is not None:
            arrays[name] = array
    if encoded.test_ids is not None:
        arrays["test_ids"] = np.array(encoded.test_ids, np.str_)
    # Empty now; without it the fingerprint, and with that the names of the records, would be others than they were.
    arrays["lengths"] = np.zeros(0, np.int64)
    # No word has a space in it, whatever else it may have.
    arrays["words"] = np.frombuffer(" ".join(encoded.words).encode("utf-8", "surrogatepass"), np.uint8)
    return arrays


def _rows(arrays: Mapping[str, NDArray[np.generic]], split: str, preparation: Preparation) -> Padded | None:
    if f"{split}_values" not in arrays:
        return None
    words = Ragged(arrays[f"{split}_values"], arrays[f"{split}_offsets"])  # type: ignore[arg-type]
    return _padded(words, preparation)
