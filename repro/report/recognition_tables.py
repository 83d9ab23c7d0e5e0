"""Whether the judge knows our own runs, as a table."""

from __future__ import annotations

from collections.abc import Iterable

from repro.chapter import Chapter
from repro.evidence.recognition import Recognised
from repro.report.table import Table, both, words


def recognition(chapter: Chapter, experiment: str, recognised: Iterable[Recognised]) -> Table:
    """A row for each candidate and each set of numbers that the judge was shown."""
    rows = [
        [
            *words(shown=each.shown.name, run=_run(each), change=_change(each)),
            both("runs", each.n, str(each.n)),
            both("plausible", each.own, str(each.own), name="own_plausible"),
            both("as unchanged", each.unchanged, str(each.unchanged), name="unchanged_plausible"),
            both("named first", each.first, _if_changed(each, each.first), name="first"),
            both("second", each.second, _if_changed(each, each.second), name="second"),
            both("asked", each.decided, _if_changed(each, each.decided), name="asked"),
            both("asked otherwise", each.accused, str(each.accused), name="asked_otherwise"),
        ]
        for each in recognised
    ]
    caption = (
        f"{chapter.name}/{experiment}: what the judge says of our own runs. Each plays a reader once, without the runs "
        "of its seed. Plausible: in so many runs the numbers are those of such a run. As unchanged: they are also "
        "those of an unchanged run. Named first, second: the change is the likeliest or second, and likelier than "
        "none. Asked: the reader is asked about it. Asked otherwise: he is asked about another change."
    )
    return Table.of(experiment, caption, rows, labels=1)


def _run(each: Recognised) -> str:
    return each.candidate.variation.name if each.candidate.variation else each.candidate.numerics


def _change(each: Recognised) -> str:
    return each.candidate.variation.change if each.candidate.variation else "nothing"


def _if_changed(each: Recognised, count: int) -> str:
    return str(count) if each.candidate.variation else ""
