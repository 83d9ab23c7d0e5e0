"""What the judge says of runs of which we know what they are: our own, and trainings recorded on R's stacks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from repro.chapter import Chapter
from repro.evidence.judging.judgement import Outcome
from repro.evidence.judging.recognition import Recognised
from repro.parity.judged_trainings import JudgedTraining
from repro.report.quantities import rounded
from repro.report.table import Entry, Table, both, programs, words

OUTCOMES: tuple[Outcome, ...] = tuple(each for each in get_args(Outcome) if each != "too few runs")


def recognition(chapter: Chapter, experiment: str, recognised: Iterable[Recognised]) -> Table:
    """A row for each candidate and each set of numbers that the judge was shown."""
    rows = [
        [
            *words(shown=each.shown.name, run=each.candidate.label, change=each.candidate.change),
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
                    both("slips that show", len(showing), f"{len(showing)} of {len(slips)}"),
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


def judged_trainings(judged: Sequence[JudgedTraining]) -> list[Table]:
    """A row for each stack, caller and set of numbers that the judge was shown; no table if nothing was judged."""
    if not judged:
        return []
    rows = []
    for (stack, caller, shown), alike in _grouped(judged).items():
        outcomes = Counter(each.judgement.outcome for each in alike)
        farthest = max(each.judgement.best_unchanged.times_farthest for each in alike)
        rows.append(
            [
                *words(stack=stack, caller=caller, shown=shown),
                both("trainings", len(alike), str(len(alike))),
                *(both(outcome, outcomes[outcome], str(outcomes[outcome])) for outcome in OUTCOMES),
                both("farthest", rounded(farthest), f"{farthest:.1f}"),
            ]
        )
    usual = sum(each.judgement.outcome == "usual" for each in judged)
    caption = (
        f"What the judge says of trainings recorded on R's stacks, by our runs with the same numerics: {usual} of "
        f"{len(judged)} times it finds nothing wrong. Suspected, explained: it asks about a change. Unlike: no "
        "run like this. Farthest: how many times as far out as the farthest of our runs such a training lies at most."
    )
    return [Table.of("judged", caption, rows, labels=2)]


def _grouped(judged: Sequence[JudgedTraining]) -> dict[tuple[str, str, str], list[JudgedTraining]]:
    grouped: dict[tuple[str, str, str], list[JudgedTraining]] = defaultdict(list)
    for each in judged:
        grouped[each.training.stack, each.training.caller, each.shown.name].append(each)
    return grouped
