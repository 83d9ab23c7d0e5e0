"""Section after section: what is to be measured, and the files that it goes to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from repro import registry
from repro.bench import SECTIONS, Section, full_size, sections, sweeps
from repro.bench.contestants import NAMES, Name
from repro.bench.found import Found, begin, write
from repro.bench.sections import Say
from repro.bench.tables import document
from repro.chapter import Chapter, Experiment
from repro.datasets.choice import DataChoice
from repro.environment import machine
from repro.errors import DataUnavailable, ReproError
from repro.files import check_writable, write_atomically


def measure(
    targets: Iterable[str],
    wanted: Collection[Section],
    *,
    choice: DataChoice,
    rounds: int,
    batches: int | None,
    sweep_epochs: int,
    root: Path,
    say: Say,
    names: Sequence[Name] = NAMES,
) -> tuple[Found, Path]:
    """Measure the sections `wanted` of the experiments that `targets` name; none stand for all. After each, write.

    root: the folder of results. Returns what was measured now, and where the Markdown file is.

    Raises ReproError for an unknown name, data that cannot be had, a folder that cannot be written, a file in it that
    is of another machine, and if there is nothing to measure.
    """
    targets = list(targets)
    selected = registry.select(targets or registry.chapters())
    for chapter in _chapters(selected):
        chapter.data(choice)  # fails now, or is prepared for all
    files = _Files(root, choice, whole=not targets and set(wanted or SECTIONS) == set(SECTIONS))

    def asked(section: Section) -> bool:
        return section in (wanted or SECTIONS)

    for chapter, experiment in selected:
        name = f"{chapter.name}/{experiment.name}"
        if asked("training"):
            trained, openblas = sections.training(
                chapter, experiment, choice, rounds=rounds, batches=batches, names=names, say=say
            )
            files.add(openblas, training={name: trained})
        if asked("evaluation"):
            evaluated, openblas = sections.evaluation(chapter, experiment, choice, rounds=rounds, say=say)
            files.add(openblas, evaluation={name: evaluated})
    for chapter in _chapters(selected):
        if asked("data") and (prepared := sections.data(chapter, choice, rounds=rounds, say=say)):
            files.add(data={chapter.name: prepared})
    for chapter, experiment in selected:
        if asked("sweep") and f"{chapter.name}/{experiment.name}" == sweeps.EXPERIMENT:
            files.add(sweep=sections.sweep(chapter, experiment, choice, epochs=sweep_epochs, say=say))
    if not files.new.whens:
        raise ReproError(
            f"nothing to measure: the sweep is one of {sweeps.EXPERIMENT}, and embedded reviews are no texts"
        )
    return files.new, files.document


def measure_full_size(choice: DataChoice, *, root: Path, say: Say) -> tuple[Found, Path]:
    """An epoch at full size, added to the files; its rows are as long as those of the data, or made up without them.

    Raises ReproError as `measure`.
    """
    files = _Files(root, choice, whole=False)
    chapter, experiment = registry.experiment(full_size.EXPERIMENT)
    try:
        chapter.data(choice)
        lengths = choice
    except DataUnavailable as error:
        say(f"{str(error).splitlines()[0]} The lengths of the comments are made up.")
        lengths = "embedded"
    made, openblas = sections.at_full_size(chapter, experiment, lengths, say=say)
    files.add(openblas, full_size=made)
    return files.new, files.document


class _Files:
    """The JSON file and the Markdown file, with all that was measured. Those of the embedded corpora stand apart."""

    def __init__(self, root: Path, choice: DataChoice, *, whole: bool) -> None:
        check_writable(root)
        self._json = root / "bench" / ("bench-embedded.json" if choice == "embedded" else "bench.json")
        self.document = self._json.with_suffix(".md")
        self._all = begin(self._json, machine(), whole=whole)
        self.new = Found(machine=self._all.machine, versions=self._all.versions)

    def add(self, openblas: str = "", **parts: object) -> None:
        """Parts of `Found`, which take the place of those of the same name."""
        if openblas:
            parts["openblas"] = openblas
        self._all, self.new = _with(self._all, parts), _with(self.new, parts)
        write(self._all, self._json)
        write_atomically(self.document, document(self._all).encode())


def _with(found: Found, parts: Mapping[str, object]) -> Found:
    merged = {name: getattr(found, name) | part if isinstance(part, dict) else part for name, part in parts.items()}
    return msgspec.structs.replace(found, **merged)


def _chapters(selected: Iterable[tuple[Chapter, Experiment]]) -> list[Chapter]:
    return list({chapter.name: chapter for chapter, _ in selected}.values())
