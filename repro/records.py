"""The record of a run, and the folder of results that records, weights, tables and figures are kept in."""

from __future__ import annotations

import contextlib
import hashlib
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from repro import metrics
from repro.chapter import Classifier, Metric, RowOrder
from repro.datasets.dataset import Provenance
from repro.datasets.description import Description
from repro.errors import RecordInvalid, cause
from repro.evaluation import Evaluation, Split
from repro.files import check_writable, write_atomically, write_if_new
from repro.numerics import Numerics

if TYPE_CHECKING:
    import pandas

Part = Literal["fitted", "held_out"]
"""A part of the rows to train on: those that the weights are fitted to, or those that are held out to validate."""

SCHEMA: Final = "lstm-walkthroughs/record/1"

_INNERMOST_LIST = re.compile(rb"\[[^\[\]{}]*\]")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The settings of a run: with its seed, engine, data and library versions they decide what it computes."""

    numerics: Numerics
    gates: str
    layers: tuple[str, ...]
    optimizer: str
    loss: str
    epochs: int
    batch_size: int
    validation_split: float
    metric: Metric = "accuracy"
    learning_rate: float | None = None
    row_order: RowOrder | None = None
    validates_on_test: bool = False
    evaluates_held_out: bool = False
    classifier: Classifier | None = None

    def __post_init__(self) -> None:
        """Make equal settings the same bytes: msgspec leaves a default out only if it is the very object.

        Another `"accuracy"` comes from a file that states it, or from another process. None and False are always the
        same objects.
        """
        msgspec.structs.force_setattr(self, "metric", sys.intern(self.metric))


class Divergence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where in a run the loss was no longer finite."""

    epoch: int
    """From 1."""
    batch: int
    """The batch of this epoch, from 1."""


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The outcome of one run: enough to rebuild every table and figure."""

    schema: Literal["lstm-walkthroughs/record/1"]
    chapter: str
    experiment: str
    seed: int
    engine: str
    settings: Settings
    data: Provenance
    parameters: int
    history: dict[str, tuple[float, ...]]
    """By finished epoch: `loss`, `accuracy`, `val_loss`, `val_accuracy`; or `auc` and `val_auc`."""
    evaluation: dict[Split, Evaluation]
    """By split, for each split that has labels; empty if the run diverged."""
    weights_sha256: str
    """The `fingerprint` of the trained weights, in the order of Keras' `get_weights`; empty if the run diverged."""
    seconds: tuple[float, ...]
    """Wall time of each epoch, its validation included."""
    versions: dict[str, str]
    machine: dict[str, str]
    when: str
    """When the run ended: ISO 8601, UTC."""
    diverged: Divergence | None = None
    """Set if the run was stopped because its loss was no longer finite; it then has no result."""
    incomplete: dict[Part, int] = {}
    """For each part whose rows lack some: the number of classes they have, or of labels with both answers."""
    variation: str = ""
    """What was changed in the experiment: the name of a `Variation` of the chapter; empty for nothing."""

    @property
    def stem(self) -> str:
        """The path of the record, and of its weights, in their folders, without the ending."""
        return stem(self.experiment, self.variation, self.seed, self.engine, self.settings, self.data)

    def outcome(self) -> Record:
        """The record without what may differ between two equal runs: times, versions, machine."""
        return msgspec.structs.replace(self, seconds=(), versions={}, machine={}, when="")


def stem(experiment: str, variation: str, seed: int, engine: str, settings: Settings, data: Provenance) -> str:
    """`model_one/source/seed1-fast-0123abcd`, or `model_one/source/padding_after/seed1-fast-0123abcd`.

    The first two folders are the experiment and the numerics. The digits stand for the settings and the data.
    """
    identity = msgspec.json.encode((settings, data.sha256), order="sorted")
    folder = "/".join(filter(None, (experiment, settings.numerics, variation)))
    return f"{folder}/seed{seed}-{engine}-{hashlib.sha256(identity).hexdigest()[:8]}"


def _indented(content: msgspec.Struct) -> bytes:
    indented = msgspec.json.format(msgspec.json.encode(content), indent=1)
    return _INNERMOST_LIST.sub(_on_one_line, indented) + b"\n"


def _on_one_line(numbers: re.Match[bytes]) -> bytes:
    return b" ".join(numbers[0].split()).replace(b"[ ", b"[").replace(b" ]", b"]")


class Results:
    """A folder of results: `records/`, `data/`, `weights/`, `predictions/`, `checkpoints/`, `tables/`, `figures/`."""

    def __init__(self, root: Path, shipped: Path | None = None) -> None:
        """shipped: a folder whose records and counts of data are read too, where `root` has no file of that name."""
        self.root = root
        self._read = (root, shipped) if shipped else (root,)

    @property
    def searched(self) -> str:
        """Where records are looked for, in words: `results/records`."""
        return f"{self.root / 'records'}" + ("" if len(self._read) == 1 else " and in the package")

    def check_writable(self) -> None:
        """Raises ReproError if nothing can be written here."""
        check_writable(self.root)

    def record_path(self, chapter: str, stem: str) -> Path:
        return self.root / "records" / chapter / f"{stem}.json"

    def weights_path(self, chapter: str, stem: str) -> Path:
        """The trained model in Keras' own format; not kept in the repository."""
        return self.root / "weights" / chapter / f"{stem}.keras"

    def predictions_path(self, chapter: str, stem: str) -> Path:
        """What the trained model predicts for each test row, as the source writes it; not kept in the repository."""
        return self.root / "predictions" / chapter / f"{stem}.csv"

    def checkpoint_path(self, chapter: str, stem: str) -> Path:
        """The state of an unfinished run; removed when it ends."""
        return self.root / "checkpoints" / chapter / f"{stem}.npz"

    def lock_path(self, chapter: str, stem: str) -> Path:
        """The lock of the process that makes the run; it may be there without being locked."""
        return self.root / "checkpoints" / chapter / f"{stem}.lock"

    def description_path(self, chapter: str, data: Provenance) -> Path:
        """The counts of a chapter's data."""
        return self.root / "data" / chapter / f"{data.label}-{data.sha256[:8]}.json"

    def write_description(self, chapter: str, description: Description) -> Path:
        path = self.description_path(chapter, description.data)
        write_if_new(path, _indented(description))
        return path

    def descriptions(self, chapter: str) -> tuple[list[Description], list[RecordInvalid]]:
        """All descriptions of a chapter's data, by file name, and an error for each file that is none."""
        descriptions: list[Description] = []
        invalid: list[RecordInvalid] = []
        for path in self._files(f"data/{chapter}").values():
            try:
                descriptions.append(msgspec.json.decode(path.read_bytes(), type=Description))
            except OSError as error:
                invalid.append(RecordInvalid(f"{path}: cannot be read: {cause(error)}"))
            except (UnicodeDecodeError, msgspec.DecodeError) as error:
                invalid.append(RecordInvalid(f"{path}: not a description of data: {error}"))
        return descriptions, invalid

    def write(self, record: Record) -> Path:
        """Write a record under the name that follows from it; return its path.

        A record that is there and has the same outcome, bit for bit, is left as it is. It may have been made at another
        time, on another machine or with other library versions.
        """
        path = self.record_path(record.chapter, record.stem)
        with contextlib.suppress(RecordInvalid):
            if read(path).outcome() == record.outcome():
                return path
        write_atomically(path, _indented(record))
        return path

    def finished(self, chapter: str, stem: str) -> Record | None:
        """The record of a run whose trained weights are here too; None if either is missing or cannot be read.

        A run that diverged has no weights, nor has a classifier. A record of an earlier edition that does not say how
        its texts were prepared is shown in no table: its run is to be made again.
        """
        try:
            record = read(self.record_path(chapter, stem))
        except RecordInvalid:
            return None
        here = record.diverged or record.settings.classifier or self.weights_path(chapter, stem).exists()
        return record if here and record.data.preparation else None

    def forget(self, chapter: str, stem: str) -> None:
        """Delete all that a run left here except its record, so that it is neither finished nor under way."""
        self.predictions_path(chapter, stem).unlink(missing_ok=True)
        self.weights_path(chapter, stem).unlink(missing_ok=True)
        self.checkpoint_path(chapter, stem).unlink(missing_ok=True)

    def records(self, chapter: str) -> tuple[list[Record], list[RecordInvalid]]:
        """All records of a chapter, by path, and an error for each file that is none.

        A file may lie in any folder below the chapter's. Of two files of one run, the one in its own place counts.
        """
        valid: dict[str, Record] = {}
        invalid: list[RecordInvalid] = []
        for name, path in self.record_files(chapter).items():
            try:
                record = read(path)
            except RecordInvalid as error:
                invalid.append(error)
                continue
            if record.stem not in valid or name == f"{record.stem}.json":
                valid[record.stem] = record
        return list(valid.values()), invalid

    def record_files(self, folder: str = "") -> dict[str, Path]:
        """The files of records by their paths below `records/FOLDER`, in the order of these."""
        return self._files(f"records/{folder}")

    def record_name(self, path: Path) -> str | None:
        """What a file or folder is called below `records/`: `imdb_lstm/model_one/source`; None if it is elsewhere."""
        folders = [(root / "records").resolve() for root in self._read]
        there = path.resolve()
        return next((there.relative_to(each).as_posix() for each in folders if there.is_relative_to(each)), None)

    def _files(self, folder: str) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for root in reversed(self._read):
            top = root / folder
            found |= {path.relative_to(top).as_posix(): path for path in top.rglob("*.json")}
        return {name: found[name] for name in sorted(found)}


_DECODER: Final = msgspec.json.Decoder(Record)


def read(path: Path) -> Record:
    """The record in a file. Raises RecordInvalid, naming the file and what is wrong with it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordInvalid(f"{path}: cannot be read: {cause(error)}") from error
    try:
        return _DECODER.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordInvalid(f"{path}: {_fault(content, error)}") from error


def _fault(content: bytes, error: Exception) -> str:
    """What is wrong with a file that is no record: that it is no JSON, or another schema, if that is so."""
    try:
        declared = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as not_json:
        return f"not valid JSON: {not_json}"
    schema = declared.get("schema") if isinstance(declared, dict) else None
    if schema != SCHEMA:
        return f"schema {schema!r} where {SCHEMA!r} is needed"
    return f"not a record of this schema: {error}"


def frame(records: Iterable[Record]) -> pandas.DataFrame:
    """A row for each record and split: what was trained and how, loss, rates and AUCs.

    A rate that a split does not have is missing: specificity and sensitivity are of two classes, AUCs of labels.
    """
    import pandas

    return pandas.DataFrame(
        [
            {
                "chapter": record.chapter,
                "experiment": record.experiment,
                "variation": record.variation,
                "seed": record.seed,
                "engine": record.engine,
                "data": record.data.label,
                "numerics": record.settings.numerics,
                "epochs": record.settings.epochs,
                "split": split,
                "loss": evaluation.loss,
                "accuracy": evaluation.accuracy,
                "specificity": evaluation.specificity if len(evaluation.matrix) == 2 else None,
                "sensitivity": evaluation.sensitivity if len(evaluation.matrix) == 2 else None,
                "macro_f1": None if evaluation.labels else metrics.macro(metrics.f1, evaluation.matrix),
                "pooled_auc": evaluation.pooled_auc,
                "mean_auc": evaluation.mean_auc,
                "seconds": sum(record.seconds),
            }
            for record in records
            for split, evaluation in record.evaluation.items()
        ]
    )
