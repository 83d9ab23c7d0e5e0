"""The table of known stacks and what they compute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from repro.errors import ReproError
from repro.fingerprint.chapter_traits import GATES
from repro.fingerprint.known_stacks import KNOWN_STACKS, KnownStack, Software, known_as
from repro.fingerprint.probe_file import ProbeOutput, read_probe
from repro.report.table import Entry, Table, both


def recorded_probes(reference: Path) -> list[ProbeOutput]:
    """What the probe printed on the stacks that were recorded. Raises ReproError if there is nothing in the folder."""
    paths = sorted((reference / "fingerprints").glob("*.json"))
    if not paths:
        raise ReproError(
            f"no recordings in {reference / 'fingerprints'}; only a clone of the project has them, in tests/reference: "
            "--reference names that folder"
        )
    return [read_probe(str(path)) for path in paths]


def stack_table(probes: Iterable[ProbeOutput]) -> Table:
    """Each known stack, what it computes, and the versions on which that was measured."""
    measured: dict[KnownStack | None, set[Software]] = defaultdict(set)
    for probe in probes:
        software = Software.of(probe)
        measured[known_as(software)].add(software)
    caption = "What the known stacks compute, and the versions on which this was measured with the probe."
    return Table.of("stacks", caption, [_row(stack, measured[stack]) for stack in KNOWN_STACKS], labels=0)


def _row(stack: KnownStack, measured: Iterable[Software]) -> list[Entry]:
    rmsprop, _ = stack.computed[0]
    corrections = ["one step ahead" if adam.ahead else "of the same step" for _, adam in stack.computed]
    versions = ", ".join(software.versions for software in sorted(measured, key=lambda software: software.order))
    return [
        _words("stack", stack.name),
        _words("LSTM gates", GATES[rmsprop.gates]),
        _words("repeated words", "summed, then squared" if rmsprop.summed else "squared one by one"),
        _words("RMSprop's epsilon", f"{rmsprop.place} the root"),
        _words("Adam's bias correction", " or ".join(corrections)),
        _words("measured on", versions or "not measured"),
    ]


def _words(header: str, text: str) -> Entry:
    return both(header, text, text, header.replace("'s", "").replace(" ", "_"), "left")
