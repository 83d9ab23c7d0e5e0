"""The page `report.html`: what the runs say, in one file that needs neither network nor Python to be read."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from repro.chapter import Chapter
from repro.check import Checked
from repro.errors import ReproError
from repro.evidence.reader.reader_numbers import READ_SPLITS
from repro.evidence.run_groups import GroupedRecords, main_group, read_groups
from repro.numerics import SOFTWARE
from repro.records import Results
from repro.report.page.chapter_parts import ChapterPart, chapter_part
from repro.report.page.form_data import form_data
from repro.report.page.form_examples import form_examples
from repro.report.page.page_assets import data_block, policy, script, style, templates
from repro.report.page.page_findings import KINDS_OF_VERDICTS, counted
from repro.report.page.r_part import r_part
from repro.report.page.run_notes import RunNotes, versions_of
from repro.report.parity_tables import WORDS
from repro.report.verdict_tables import MEASURED

NAME = "report.html"


def read_known(chapters: Sequence[Chapter], results: Results) -> dict[str, GroupedRecords]:
    """What a folder of results has of each chapter, by its name. Raises ReproError if there are no records."""
    known = {chapter.name: read_groups(chapter, results) for chapter in chapters}
    if any(each.groups for each in known.values()):
        return known
    left_out = [fault for each in known.values() for fault in (*each.outdated, *each.unreadable)]
    some = f"repro run {next(iter(known))}"
    if left_out:
        raise ReproError(f"no record in {results.searched} can be shown: {left_out[0]}\nMake some: {some}")
    raise ReproError(f"no records in {results.searched}; make some: {some}")


def page(
    chapters: Sequence[Chapter],
    known: Mapping[str, GroupedRecords],
    checks: Mapping[str, Checked],
    results: Results,
    reference: Path,
) -> bytes:
    """The page on these chapters: the same records give the same bytes.

    known, checks: by chapter, what the folder of results has of it, and what its check found. results: the folder, for
    the tables that are not made from records alone. reference: the folder of what was recorded in R, if it is here.
    Raises ReproError if a table cannot be read.
    """
    notes = RunNotes()
    parts = [chapter_part(chapter, known[chapter.name], checks[chapter.name], notes) for chapter in chapters]
    speaking = {name: group for name, each in known.items() if (group := main_group(each.shown))}
    data, examples = form_data(chapters, known), form_examples(chapters, speaking)
    text = (
        templates()
        .get_template("page.html.j2")
        .render(
            chapters=parts,
            totals=_totals(parts),
            notes=notes.all,
            r=r_part(chapters, known, results.root, reference),
            software=SOFTWARE,
            splits=READ_SPLITS,
            measured=MEASURED,
            form_chapters=data["chapters"],
            examples=examples,
            form_examples=data_block(examples),
            form_data=data_block(data),
            suite=importlib.metadata.version("lstm-walkthroughs"),
            versions=versions_of(
                record for each in known.values() for group in each.groups for record in group.records
            ),
            policy=policy(),
            style=style(),
            script=script(),
        )
    )
    return text.encode()


def _totals(parts: Sequence[ChapterPart]) -> dict[str, Any]:
    """What all chapters have together."""
    claims = Counter[str]()
    for part in parts:
        claims.update(part.claim_counts)
    ordered = {kind: claims[kind] for kind in KINDS_OF_VERDICTS if claims[kind]}
    return {
        "good": sum(part.reproduced.good for part in parts),
        "numbers": sum(part.reproduced.of for part in parts),
        "claims": claims.total(),
        "counted": counted(ordered) if ordered else "",
        "chapters": WORDS[len(parts)] if len(parts) < len(WORDS) else str(len(parts)),
        "models": sum(len(part.models) for part in parts),
    }
