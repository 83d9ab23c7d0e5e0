"""The claims and errata of a chapter as the page shows them: each with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from repro.chapter import Chapter, Claim, Needed
from repro.datasets.description import Description
from repro.evidence.claims import ClaimVerdict
from repro.evidence.intervals import COVERAGE
from repro.evidence.run_groups import RunGroup
from repro.records import Record
from repro.report.describe import commands_of, shown_how
from repro.report.page.page_findings import kind_of
from repro.report.page.run_notes import RunNotes
from repro.report.verdict_tables import data_verdict, measured_in_words

VERDICT_TITLES = {
    "fails": "Claims that fail",
    "open": "Claims that are open",
    "holds": "Claims that hold",
    "seen": "Claims of what can happen",
    "no runs yet": "Claims that wait for runs",
    "data": "Claims about the data",
}
"""In the order in which they are shown: what a reader should know first."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A claim or an erratum, with its evidence."""

    text: str
    verdict: str = ""
    note: str = ""
    """The id of the note on the runs that decide it."""
    evidence: tuple[tuple[str, str], ...] = ()
    """Lines, each behind its name."""
    commands: tuple[str, ...] = ()


def errata(chapter: Chapter, described: Sequence[Description]) -> Iterator[Statement]:
    """What the source got wrong, each with how that is shown; described: the complete data as they were counted."""
    for each in chapter.errata:
        yield Statement(text=each.text, evidence=(("evidence", shown_how(each, described)),))


def claims_by_verdict(
    group: RunGroup, verdicts: Sequence[ClaimVerdict], notes: RunNotes
) -> Iterator[tuple[str, tuple[Statement, ...]]]:
    """Titles, each with the claims of a group's chapter that have this verdict."""
    by_kind: dict[str, list[Statement]] = {kind: [] for kind in VERDICT_TITLES}
    for verdict in verdicts:
        by_kind[kind_of(verdict)].append(_claim(group, verdict, notes))
    for claim in group.chapter.data_claims:
        _, word = data_verdict(claim, group.description)
        by_kind["data"].append(Statement(text=claim.text, verdict=word, evidence=(("where", claim.place),)))
    for kind, statements in by_kind.items():
        if statements:
            yield f"{VERDICT_TITLES[kind]} ({len(statements)})", tuple(statements)


def _claim(group: RunGroup, verdict: ClaimVerdict, notes: RunNotes) -> Statement:
    claim, (low, high) = verdict.claim, verdict.interval
    chance = f"; by chance {claim.by_chance}" if claim.by_chance else ""
    share = "" if claim.exists else f"; {COVERAGE:.0%} interval for the share of all seeds: {low:.0%} to {high:.0%}"
    evidence = [
        ("where", claim.place),
        ("assumed", claim.assumed),
        ("measured", measured_in_words(claim, verdict.measured)),
        ("seeds", f"{verdict.holds} of {verdict.seeds}{chance}{share}" if verdict.seeds else ""),
    ]
    commands = () if verdict.seeds else tuple(commands_of(group.chapter, claim))
    return Statement(
        text=claim.text,
        verdict=f"{verdict.holds} of {verdict.seeds}" if verdict.seeds else verdict.verdict,
        note=notes.of(group.chapter, _runs_of(group, claim)) if verdict.seeds else "",
        evidence=tuple((name, text) for name, text in evidence if text),
        commands=commands,
    )


def _runs_of(group: RunGroup, claim: Claim) -> list[Record]:
    """The runs that a claim needs, with results; of a claim about time, those of Keras."""
    of = group.by_keras if claim.of_time and group.engine == "fast" else group
    needed = {each if isinstance(each, Needed) else Needed(each) for each in claim.needs}
    every = of.and_varied if of else []
    return [each for each in every if each.evaluation and Needed(each.experiment, each.variation) in needed]
