"""Takes a trained model away: writes a folder that works where this package is not installed."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from repro import registry
from repro.chapter import Chapter
from repro.datasets.choice import DataChoice, Word, decide
from repro.environment import versions
from repro.errors import ReproError
from repro.export.model_card import LOADERS, model_card
from repro.export.model_files import check_tools, write_network
from repro.export.proof import prove
from repro.export.text_rules import VOCABULARY, text_rules
from repro.files import check_new_folder, new_folder
from repro.records import Record, Results
from repro.runs.checkpoints import load_model
from repro.runs.trained import newest_trained

CARD = "model_card.md"
COPIED = ("load.py", "load.R")


class Exported(NamedTuple):
    """What was written."""

    record: Record
    """Of the model."""
    names: list[str]
    """Of the files and folders."""
    differences: dict[str, float]
    """By file, how far a probability was from the trained model's, at most."""


def export_model(name: str, folder: Path, results: Results, data: DataChoice | None = None) -> Exported:
    """Write the newest trained model of the experiment `name`, `CHAPTER/EXPERIMENT`, into a new or empty folder.

    results: the folder with its weights; the records that are read there give the intervals over seeds. data: as in
    `predict`. The folder appears when everything in it is written and checked.

    Starts Keras. Raises ReproError if the folder is in use or cannot be written, nothing was trained, the data cannot
    be had, or what writes the formats is not installed.
    """
    chapter, experiment = registry.experiment(name)
    check_new_folder(folder)
    check_tools()
    record, choice = newest_trained(chapter, experiment, results, None if data is None else decide(data))
    rules, vocabulary = text_rules(chapter), _vocabulary(chapter, choice)
    trained = load_model(results, record)
    with new_folder(folder) as temporary:
        write_network(trained, temporary)
        _write_json(temporary / "preprocessing.json", msgspec.to_builtins(rules))
        if vocabulary is not None:
            _write_json(temporary / VOCABULARY, vocabulary)
        for each in COPIED:
            (temporary / each).write_bytes(LOADERS.joinpath(each).read_bytes())
        differences = prove(temporary, chapter, choice, trained)
        card = model_card(
            chapter,
            record,
            results,
            rules,
            outputs=trained.output_shape[-1],
            differences=differences,
            versions=_written_with(),
        )
        (temporary / CARD).write_text(card, encoding="utf-8")
        names = sorted(path.name for path in temporary.iterdir())
    return Exported(record, names, differences)


def _vocabulary(chapter: Chapter, choice: Word | Path) -> Mapping[str, int] | None:
    """None where words are hashed."""
    if chapter.preparation.words == "hashed":
        return None
    if chapter.vocabulary is None:
        raise ReproError(
            f"{chapter.name} does not say which words its models know; give it a vocabulary (docs/chapters.md)"
        )
    return chapter.vocabulary(choice)


def _write_json(path: Path, content: object) -> None:
    """In ASCII: a word may have any character."""
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="ascii")


def _written_with() -> dict[str, str]:
    return versions() | {name: importlib.metadata.version(name) for name in ("onnx", "tf2onnx")}
