"""What the judge says of our own runs, of which we know what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from repro.chapter import Chapter
from repro.evidence.judging.recognition import Recognised
from repro.report.table import Entry, Table, both, programs, words


def recognition(chapter: Chapter, experiment: str, recognised: Iterable[Recognised]) -> Table:
    """A row for each candidate and each set of numbers that the judge was shown."""
    rows = [
        [
            *words(shown=each.shown.name, run=each.candidate.label, change=each.candidate.change),
            *programs(kind=each.candidate.variation.kind if each.candidate.variation else "unchanged"),
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


def recognition_summary(chapter: Chapter, recognised: Mapping[str, Sequence[Recognised]]) -> Table:
    """A row for each experiment and each set of numbers that the judge was shown: all runs together."""
    rows = []
    for experiment, found in recognised.items():
        for shown in dict.fromkeys(each.shown for each in found):
            alike = [each for each in found if each.shown is shown]
            unchanged = [each for each in alike if not each.candidate.variation]
            slips = [each for each in alike if each.candidate.variation and each.candidate.variation.kind == "slip"]
            showing = [each for each in slips if each.unchanged < each.n / 2]
            rows.append(
                [
                    *words(model=experiment, shown=shown.name),
                    *_share("plausible", [(each.own, each.n) for each in alike]),
                    *_share("unchanged, asked", [(each.accused, each.n) for each in unchanged]),
                    both("slips that show", len(showing), f"{len(showing)} of {len(slips)}", name="slips_that_show"),
                    *programs(slips_that_show_of=len(slips)),
                    *_share("named", [(each.first + each.second, each.n) for each in showing]),
                ]
            )
    caption = (
        f"{chapter.name}: what the judge says of our own runs, each without the runs of its seed. Plausible: runs that "
        "it finds plausible as what they are. Unchanged, asked: unchanged runs that it asks about a change. Slips that "
        "show: those whose numbers, in most of their runs, no unchanged run gives. Named: of the runs of these, those "
        "whose slip is the first or second change that it names."
    )
    return Table.of("summary", caption, rows, labels=1)


def _share(header: str, counts: Sequence[tuple[int, int]]) -> list[Entry]:
    """So many of so many; nothing of none."""
    some, alls = map(sum, zip(*counts, strict=True)) if counts else (0, 0)
    key = header.replace(",", "").replace(" ", "_")
    shown = f"{some} of {alls} ({some / alls:.0%})" if alls else ""
    return [
        both(header, some, shown, name=key),
        *programs(**{f"{key}_of": alls, f"{key}_share": some / alls if alls else None}),
    ]


def _if_changed(each: Recognised, count: int) -> str:
    return str(count) if each.candidate.variation else ""
