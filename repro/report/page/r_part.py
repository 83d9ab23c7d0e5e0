"""What the page has for R users: the calls side by side, how closely the two agree, what each stack computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from repro.chapter import Chapter
from repro.errors import ReproError, cause
from repro.evidence.run_groups import GroupedRecords
from repro.parity.trainings import recorded_trainings
from repro.r.calls import TEXTS, WALKTHROUGH, Call
from repro.report.page.drawing_set import DrawingSet
from repro.report.page.drawn_trainings import trainings
from repro.report.page.page_tables import PageTable, entries_table, saved_table
from repro.report.table import readers

PARITY = {
    "steps": "The same steps in R and here",
    "two-samples": "Whole trainings in R and here, as two samples",
    "trainings": "Whole trainings in R and here, one by one",
    "judged": "R's trainings, judged as a reader's numbers",
    "other-chapters": "The same steps in the Keras of the other sources",
    "engines": "The fast engine beside Keras",
}
STACKS = {"stacks": "What each stack computes"}


@dataclass(frozen=True, kw_only=True)
class RPart:
    """The section for R users."""

    calls: tuple[PageTable, ...]
    parity: tuple[PageTable, ...]
    """As `repro parity` wrote them; empty if it did not."""
    stacks: tuple[PageTable, ...]
    """As `repro fingerprint --table` wrote it; empty if it did not."""
    trainings: tuple[DrawingSet, ...]


def r_part(chapters: Sequence[Chapter], known: Mapping[str, GroupedRecords], results: Path, reference: Path) -> RPart:
    """The section for R users.

    known: by chapter, what the folder of results has of it. results: that folder, whose tables of parity are shown.
    reference: the folder of what was recorded in R; without it, its trainings are not drawn. Raises ReproError for a
    table that cannot be read.
    """
    return RPart(
        calls=(_calls("The calls of the walkthrough", WALKTHROUGH), _calls("R's functions for texts", TEXTS)),
        parity=tuple(_saved(results / "tables" / "parity", PARITY, "repro parity")),
        stacks=tuple(_saved(results / "tables" / "fingerprints", STACKS, "repro fingerprint --table")),
        trainings=tuple(_trainings(chapters, known, reference)),
    )


def _calls(title: str, calls: Sequence[Call]) -> PageTable:
    rows = [
        [
            readers("R", call.r, "left"),
            readers("Python", call.python, "left"),
            readers("what differs", call.differs, "left"),
        ]
        for call in calls
    ]
    about = "Names, arguments and defaults are those of R keras 2.2.5; `r` is `repro.r`."
    return entries_table(title, about, rows, 1)


def _saved(folder: Path, titles: dict[str, str], command: str) -> Iterator[PageTable]:
    """The tables that a command left in a folder, in the order of `titles`."""
    for name, title in titles.items():
        path = folder / f"{name}.md"
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            reason = cause(error) if isinstance(error, OSError) else "not text"
            raise ReproError(f"{path}: cannot be read: {reason}") from error
        table = saved_table(title, text)
        if table is None:
            raise ReproError(f"{path}: not a table as repro writes it; delete it, or make it again")
        yield table._replace(about=f"{table.about} From tables/{folder.name}/{name}.md, which `{command}` writes.")


def _trainings(
    chapters: Sequence[Chapter], known: Mapping[str, GroupedRecords], reference: Path
) -> Iterator[DrawingSet]:
    for chapter in chapters if reference.is_dir() else ():
        records = [record for group in known[chapter.name].groups for record in group.records]
        if drawn := trainings(chapter, recorded_trainings(chapter, reference), records):
            yield drawn
