"""Where a number of ours comes from: which records, seeds, data, versions, and the command that makes them again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from repro.chapter import Chapter
from repro.evidence.named_runs import ranges
from repro.evidence.run_groups import data_in_words
from repro.records import Record
from repro.runs.run import SCIKIT_LEARN

MOST_NAMED = 4
"""Patterns, or commands, that a note names; of more it says how many they are."""
FINGERPRINT = 12
"""Digits of a fingerprint that are shown."""
_COMMAND_OF_ENGINE = {"fast": "", "keras": " --engine keras", SCIKIT_LEARN: ""}


class RunNote(NamedTuple):
    """What is said of the runs behind some numbers; lines for readers, each behind its name."""

    place: str
    """The id of its element in the page."""
    title: str
    lines: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]


class RunNotes:
    """The notes of a page, one for each set of runs however many numbers come from it."""

    def __init__(self) -> None:
        self._notes: dict[tuple[str, ...], RunNote] = {}

    def of(self, chapter: Chapter, records: Iterable[Record]) -> str:
        """The id of the note on these runs of the chapter; empty if there are none."""
        records = list(records)
        if not records:
            return ""
        key = (chapter.name, *sorted(record.stem for record in records))
        if key not in self._notes:
            self._notes[key] = _note(f"runs-{len(self._notes) + 1}", chapter, records)
        return self._notes[key].place

    @property
    def all(self) -> list[RunNote]:
        """In the order in which they were asked for."""
        return list(self._notes.values())


def _note(place: str, chapter: Chapter, records: Sequence[Record]) -> RunNote:
    """Says of the runs what they have in common, and what not."""
    makings = _makings(records)
    experiments = dict.fromkeys(f"{chapter.name}/{record.experiment}" for record in records)
    runs = "1 run" if len(records) == 1 else f"{len(records)} runs"
    patterns = sorted({_pattern(chapter, record) for record in records})
    lines = [
        ("seeds", "; ".join(dict.fromkeys(seeds_option(seeds) for seeds in makings.values()))),
        ("records", _few(patterns)),
        ("data", "; ".join(dict.fromkeys(_data(record) for record in records))),
        ("computed", "; ".join(dict.fromkeys(_computed(record) for record in records))),
        ("versions", _versions(records)),
    ]
    commands = _commands(chapter, makings)
    more = len(commands) - MOST_NAMED
    shown = commands if more <= 0 else [*commands[:MOST_NAMED], f"# and {more} more"]
    return RunNote(place, f"{runs} of {_few(list(experiments))}", tuple(lines), tuple(shown))


Making = tuple[str, str, str, str, int]
"""Experiment, variation, numerics, engine, epochs."""


def _makings(records: Iterable[Record]) -> dict[Making, list[int]]:
    """The seeds of the runs made in each way."""
    makings: dict[Making, list[int]] = defaultdict(list)
    for record in records:
        made = record.settings
        makings[record.experiment, record.variation, made.numerics, record.engine, made.epochs].append(record.seed)
    return makings


def _commands(chapter: Chapter, makings: dict[Making, list[int]]) -> list[str]:
    """What makes the runs again; experiments that take the same options stand in one command."""
    targets: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (experiment, variation, numerics, engine, epochs), seeds in makings.items():
        own = {each.name: each.epochs for each in chapter.varied(variation).experiments}[experiment]
        options = f" --vary {variation}" if variation else ""
        options += f" --numerics {numerics}" if numerics != "source" else ""
        options += f" --epochs {epochs}" if epochs != own else ""
        backend, known = engine.removeprefix("keras-"), engine in _COMMAND_OF_ENGINE
        options += _COMMAND_OF_ENGINE.get(engine, " --engine keras")
        before = "" if known else f"KERAS_BACKEND={backend} "
        targets[f"{before}repro run", f"--seeds {seeds_option(seeds)}{options}"].append(experiment)
    every = [each.name for each in chapter.experiments]
    made = []
    for (command, options), names in targets.items():
        named = [chapter.name] if names == every else [f"{chapter.name}/{name}" for name in names]
        made.append(" ".join([command, *named, options]))
    return made


def seeds_option(seeds: Iterable[int]) -> str:
    """`1-3,5`, as `--seeds` takes it in one word."""
    return ranges(sorted(set(seeds)), between=",")


def _pattern(chapter: Chapter, record: Record) -> str:
    """The files of the runs made as this one, in the folder of results."""
    folder, _, name = record.stem.rpartition("/")
    return f"records/{chapter.name}/{folder}/{name.replace(f'seed{record.seed}-', 'seed*-', 1)}.json"


def _data(record: Record) -> str:
    data = record.data
    return f"{data_in_words(data)} ({data.label}, fingerprint {data.sha256[:FINGERPRINT]})"


def _computed(record: Record) -> str:
    return f"engine {record.engine}, numerics {record.settings.numerics}"


def versions_of(records: Iterable[Record]) -> dict[str, list[str]]:
    """Each library with the versions that the runs were made with, in order."""
    found: dict[str, set[str]] = defaultdict(set)
    for record in records:
        for name, version in record.versions.items():
            found[name].add(version)
    return {name: sorted(versions) for name, versions in sorted(found.items())}


def _versions(records: Iterable[Record]) -> str:
    """`keras 3.15.1; numpy 2.4.5 and 2.4.6`"""
    return "; ".join(f"{name} {' and '.join(versions)}" for name, versions in versions_of(records).items())


def _few(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:MOST_NAMED])} and {more} more"
