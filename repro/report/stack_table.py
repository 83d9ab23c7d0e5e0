"""The table of known stacks and what they compute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from repro.errors import ReproError
from repro.fingerprint.chapter_traits import traits
from repro.fingerprint.known_stacks import KNOWN_STACKS, KnownStack, Software, known_as
from repro.fingerprint.probe_file import ProbeOutput, read_probe
from repro.report.table import Table, words


def recorded_probes(reference: Path) -> list[ProbeOutput]:
    """What the probe printed on the stacks that were recorded. Raises ReproError if there is nothing in the folder."""
    paths = sorted((reference / "fingerprints").glob("*.json"))
    if not paths:
        raise ReproError(f"no recordings in {reference / 'fingerprints'}; name their folder with --reference")
    return [read_probe(str(path)) for path in paths]


def stack_table(probes: Iterable[ProbeOutput]) -> Table:
    """Each known stack, what it computes, and the versions on which that was measured."""
    measured: dict[KnownStack | None, set[Software]] = defaultdict(set)
    for probe in probes:
        software = Software.of(probe)
        measured[known_as(software)].add(software)
    rows = []
    for stack in KNOWN_STACKS:
        shown = traits(stack.computed)
        rows.append(
            words(
                stack=stack.name,
                gates=shown["LSTM gates"],
                repeated_words=shown["repeated words"],
                rmsprop=shown["RMSprop's epsilon"],
                adam=shown["Adam's bias correction"],
                measured=", ".join(each.versions for each in sorted(measured[stack], key=lambda each: each.order))
                or "no version",
            )
        )
    caption = (
        "What the known stacks compute. LSTM gates, gradients of repeated words, RMSprop's epsilon, Adam's bias "
        "correction; and the versions on which this was measured with the probe."
    )
    return Table.of("stacks", caption, rows, labels=0)
