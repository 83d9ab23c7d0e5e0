"""Finds the runs that a user names: one record, or the runs of one model that were made in one way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, get_args

from repro import registry
from repro.chapter import Chapter
from repro.datasets.dataset import Kind
from repro.errors import RecordInvalid, ReproError, suggestion
from repro.evidence.intervals import FEWEST
from repro.evidence.run_groups import GroupedRecords, RunGroup, read_groups
from repro.numerics import NUMERICS
from repro.records import Record, Results, read

RECORD_FILE: Final = re.compile(r"seed\d+-.+-[0-9a-f]{8}")
"""How `records.stem` names a file."""
SEED: Final = re.compile(r"seed(\d+)")
"""The choice of a seed."""
KERAS_3: Final = re.compile(r"keras[-_ .]?3.*", re.IGNORECASE)
"""What users of Keras 3, or of R's package keras3, may call their numerics."""
READERS_NUMBERS: Final = re.compile(rb"\b(val_)?(loss|acc|accuracy)\b")
"""What a history has, and an evaluation."""


@dataclass(frozen=True)
class NamedRuns:
    """One record, or several that were made in one way with different seeds."""

    name: str
    """What names them again: in the folder of results, or the file."""
    chapter: Chapter
    records: tuple[Record, ...]
    """By seed; at least one."""
    alike: tuple[Record, ...]
    """All runs that were made in the same way, by seed: these, and those of other seeds that the folder has."""
    group: str = ""
    """What names all of them that the folder has; empty if it has fewer than two."""
    engines: Mapping[str, int] = field(default_factory=dict)
    """How many runs with results the folder has by each engine, on the same data; empty if the name chooses one."""
    not_used: tuple[str, ...] = ()
    """What else the name could have meant: `imdb_lstm/model_one/source@keras, 10 seeds (1-10)`."""
    left_out: tuple[ReproError, ...] = ()
    """An error for each file of the chapter that is no record, and for each record that is outdated."""

    @property
    def single(self) -> bool:
        """Whether it is one run."""
        return len(self.records) == 1


def named_pair(first: str, second: str, results: Results) -> tuple[NamedRuns, NamedRuns]:
    """The runs that two names stand for, to be compared.

    Where neither name chooses an engine, both are by one engine, if there is one with `FEWEST` runs or more on either
    side: otherwise engines would differ together with what the names say. Of several, it is the one with the most runs
    on the side that has fewer. Raises ReproError as `named_runs`, and for names of the same runs.
    """
    a, b = (named_runs(name, results) for name in (first, second))
    engine = _engine_of_both(a, b)
    if engine and any(runs.records[0].engine != engine for runs in (a, b)):
        a, b = (named_runs(name, results, prefer=engine) for name in (first, second))
    if a.records == b.records:
        raise ReproError(f"A and B are the same: {a.name if a.name == b.name else f'{a.name} and {b.name}'}")
    return a, b


def _engine_of_both(a: NamedRuns, b: NamedRuns) -> str:
    """The engine by which both are to be compared; empty if none has enough runs of both."""
    fewer = {engine: min(runs, b.engines[engine]) for engine, runs in a.engines.items() if engine in b.engines}
    enough = [engine for engine, runs in fewer.items() if runs >= FEWEST]
    return max(enough, key=lambda engine: (fewer[engine], engine == "fast", engine), default="")


def named_runs(name: str, results: Results, *, prefer: str = "") -> NamedRuns:
    """The runs that a name stands for.

    name: the file of a record, or its place below `records/`: `imdb_lstm/model_one/source/seed1-fast-0123abcd`; or a
    group, `CHAPTER/EXPERIMENT[/NUMERICS[/VARIATION]]`, perhaps with choices behind `@`: an engine, a seed (`@seed3`),
    data (`@embedded`), epochs (`@2-epochs`). Of several groups, that on the real data, trained for as long as in the
    source, with the most seeds is taken; of two, that by the fast engine. prefer: an engine whose runs on the same data
    are taken instead.

    Raises ReproError if there are no such runs, and RecordInvalid for a file that is no record.
    """
    for path in (Path(name), Path(f"{name}.json")):
        if _exists(path) and not path.is_dir():
            return _in_file(path, results)
    below = results.record_name(Path(name)) if _exists(Path(name)) else None
    base, *choices = (below or name).rstrip("/").split("@")
    if base.endswith(".json") or Path(base).is_absolute():
        raise ReproError(f"there is no file {name}")
    parts = base.split("/")
    return _of_stem(parts, results) if RECORD_FILE.fullmatch(parts[-1]) else _group(parts, choices, results, prefer)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long for a name, or with characters that none has
        return False


def how_made(record: Record) -> tuple[object, ...]:
    """All that decides what a run computes, but for the seed; equal for runs of one group."""
    return record.chapter, record.experiment, record.variation, record.settings, record.data.sha256, record.engine


def _in_file(path: Path, results: Results) -> NamedRuns:
    record = _record(path)
    try:
        chapter = registry.chapter(record.chapter)
    except ReproError as error:
        raise ReproError(f"{path}: {error}") from error
    known = read_groups(chapter, results)
    name = f"{chapter.name}/{record.stem}"
    name = name if results.record_name(path) == f"{name}.json" else str(path)
    alike, group = _alike(record, known)
    return NamedRuns(name, chapter, (record,), alike, group, left_out=_left_out(known))


def _record(path: Path) -> Record:
    """The record in a file. Raises RecordInvalid, which says what takes the file if it has a reader's own numbers."""
    try:
        return read(path)
    except RecordInvalid as error:
        content = path.read_bytes() if path.is_file() else b""
        if b'"schema"' in content or not READERS_NUMBERS.search(content):
            raise
        raise RecordInvalid(
            f"{path} is no record of a run; if it is a history of your own, compare it with our runs by\n"
            f"repro judge CHAPTER/EXPERIMENT --history {path}"
        ) from error


def _of_stem(parts: Sequence[str], results: Results) -> NamedRuns:
    """The record in its place below the folder of records."""
    *folders, stem = parts
    there = results.record_files("/".join(folders))
    if f"{stem}.json" not in there:
        _made(folders)
        stems = [Path(file).stem for file in there if "/" not in file]
        near = f"; {suggestion(stem, stems)}" if stems else ""
        raise ReproError(f"there is no record {'/'.join(parts)} in {results.searched}{near}")
    return _in_file(there[f"{stem}.json"], results)


def _alike(record: Record, known: GroupedRecords) -> tuple[tuple[Record, ...], str]:
    """The record with those that were made as it was but for the seed; and what names the group of these."""
    made = how_made(record)
    groups = _groups(known, record.experiment, record.settings.numerics, record.variation)
    same = [group for group in groups if how_made(group.records[0]) == made]
    by_seed = {each.seed: each for group in same for each in group.records}
    by_seed[record.seed] = record
    alike = tuple(by_seed[seed] for seed in sorted(by_seed))
    return alike, _name(same[0], groups[0]) if same and len(same[0].records) > 1 else ""


def _groups(known: GroupedRecords, experiment: str, numerics: str, variation: str) -> list[RunGroup]:
    """The groups of one model in one way, with its records alone; first what is taken without a choice."""
    groups = [
        replace(group, records=tuple(group.of(experiment)))
        for group in known.groups
        if (group.numerics, group.variation) == (numerics, variation) and group.of(experiment)
    ]
    return sorted(groups, key=_preference)


def _name(group: RunGroup, default: RunGroup) -> str:
    """What leads to a group of one model, and says by what engine.

    default: what is taken without a choice.
    """
    base = "/".join(filter(None, (group.chapter.name, group.records[0].experiment, group.numerics, group.variation)))
    data = f"@{group.data}" if group.data != default.data else ""
    return f"{base}@{group.engine}{data}" + (f"@{group.epochs}-epochs" if group.epochs else "")


def _left_out(known: GroupedRecords) -> tuple[ReproError, ...]:
    return *known.outdated, *known.unreadable


def _group(parts: Sequence[str], choices: Sequence[str], results: Results, prefer: str) -> NamedRuns:
    """The group, or with a seed among the choices one run of it."""
    chapter, experiment, numerics, variation = _made(parts)
    base = "/".join(filter(None, (chapter.name, experiment, numerics, variation)))
    known = read_groups(chapter, results)
    groups = _groups(known, experiment, numerics, variation)
    if not groups:
        asked = "".join((f" --numerics {numerics}" * (numerics != "source"), f" --vary {variation}" * bool(variation)))
        make = f"repro run {chapter.name}/{experiment}{asked}"
        raise ReproError(f"no records of {base} in {results.searched}; make some: {make}")
    default = groups[0]
    engine_chosen = any(group.engine in choices for group in groups)
    for choice in choices:
        fit = [group for group in groups if choice in _choices(group)]
        if not fit:
            raise ReproError(f"no run of {base} is @{choice}; there are: {_listed(groups, choice)}")
        groups = fit
    data = groups[0].data, groups[0].epochs
    on_same = {each.engine: each for each in groups if (each.data, each.epochs) == data}
    group = on_same.get(prefer, groups[0])
    others = [each for each in groups if each is not group]
    seeds = [choice for choice in choices if SEED.fullmatch(choice)]
    records = tuple(each for each in group.records if all(f"seed{each.seed}" == seed for seed in seeds))
    if not records:
        raise ReproError(f"one run has one seed, not {' and '.join(seeds)}")
    return NamedRuns(
        name=_name(group, default) if len(records) > 1 else f"{chapter.name}/{records[0].stem}",
        chapter=chapter,
        records=records,
        alike=group.records,
        group=_name(group, default) if len(group.records) > 1 else "",
        engines={} if engine_chosen else {engine: len(each.with_results) for engine, each in on_same.items()},
        not_used=tuple(f"{_name(each, default)}, {_seeds(each.records)}" for each in others if not seeds),
        left_out=_left_out(known),
    )


def _preference(group: RunGroup) -> tuple[object, ...]:
    """Puts what is taken without a choice first."""
    kind = get_args(Kind).index(group.provenance.kind)
    return kind, group.epochs is not None, -len(group.records), group.engine != "fast"


def _choices(group: RunGroup) -> list[str]:
    """What may stand behind `@` to choose this group: engine, data, epochs, seeds."""
    data = group.provenance
    epochs = [f"{group.epochs}-epochs"] if group.epochs else []
    return [group.engine, data.kind, data.edition, group.data, *epochs, *(f"seed{each.seed}" for each in group.records)]


def _listed(groups: Sequence[RunGroup], choice: str) -> str:
    """The choices that there are, of seeds the first alone; or for the choice of a seed, all seeds."""
    most = max((group.records for group in groups), key=len)
    if SEED.fullmatch(choice):
        return _seeds(most)
    known = dict.fromkeys(each for group in groups for each in _choices(group) if not SEED.fullmatch(each))
    return ", ".join(f"@{each}" for each in (*known, f"seed{most[0].seed}")) + ", ..."


def _made(parts: Sequence[str]) -> tuple[Chapter, str, str, str]:
    """Chapter, experiment, numerics and variation. Raises ReproError for an unknown name of one, with the nearest."""
    first, second, numerics, variation, *more = *parts, *[""] * (4 - len(parts))
    chapter, experiment = registry.experiment(f"{first}/{second}" if second else first)
    name = f"{chapter.name}/{experiment.name}"
    if numerics and numerics not in NUMERICS:
        if KERAS_3.fullmatch(numerics):
            raise ReproError(f"no numerics {numerics!r}; what Keras 3 computes, also from R, is {name}/stock")
        known = [*NUMERICS, *(each.name for each in chapter.variations)]
        if numerics in known:
            raise ReproError(f"a variation comes after the numerics: {name}/source/{numerics}")
        raise ReproError(f"no numerics {numerics!r}; {suggestion(numerics, NUMERICS)}")
    if more:
        raise ReproError(f"{'/'.join(parts)} has too many parts; a group is CHAPTER/EXPERIMENT/NUMERICS/VARIATION")
    if variation:
        registry.experiment(name, variation)
    return chapter, experiment.name, numerics or "source", variation


def _seeds(runs: Sequence[Record]) -> str:
    return f"{len(runs)} seeds ({ranges([run.seed for run in runs])})" if len(runs) > 1 else f"seed {runs[0].seed}"


def ranges(numbers: Iterable[int], between: str = ", ") -> str:
    """`1-5, 8`, as `repro run --seeds` reads it, from numbers in rising order; `between`: what divides the parts."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return between.join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
