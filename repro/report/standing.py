"""What a user reads below the comparison of runs that were just made: whether they lie where other seeds lie."""

from __future__ import annotations

from collections.abc import Sequence

from repro.evidence.calibration import LEVEL, Calibration
from repro.evidence.run_groups import RunGroup
from repro.evidence.source_numbers import calibrate_source, stand


def standing(mine: RunGroup, groups: Sequence[RunGroup]) -> str:
    """Two or three sentences on the runs of one seed and on the source's run.

    Empty if there are too few other seeds, or if the new runs lack an experiment or a number.

    mine: the new runs. groups: all that the folder of results has, the new runs too.
    """
    group = _larger(mine, groups)
    found = group and stand(mine.chapter, mine.with_results, group.records)
    if not group or not found:
        return ""
    lines = [
        f"Compared with {found.seeds} other seeds ({group.caption}): {found.inside} of your {_numbers(found.numbers)} "
        f"in their 95 % intervals. For another seed it is {_usual(found.calibration)}. Taken together, your runs lie "
        f"{where(found.calibration)}."
    ]
    source = calibrate_source(group.chapter, group.records) if group.comparable else None
    if source:
        inside = source.numbers - source.outside
        lines.append(f"{inside} of the source's {_numbers(source.numbers)} there, and its run lies {where(source)}.")
    return " ".join(lines)


def _usual(calibration: Calibration) -> str:
    """`30.4 on average, and at least 24`"""
    inside = [calibration.numbers - count for count in calibration.outside_of_seeds]
    return f"{sum(inside) / len(inside):.1f} on average, and at least {min(inside)}"


def _numbers(count: int) -> str:
    return "1 number lies" if count == 1 else f"{count} numbers lie"


def where(calibration: Calibration, theirs: str = "theirs") -> str:
    """Where a run lies, by all its numbers, beside those of other seeds, which `theirs` names."""
    if calibration.p <= LEVEL:
        return f"outside {theirs}"
    return f"among {theirs}" if calibration.decides else "where so few seeds cannot tell it apart"


def _larger(mine: RunGroup, groups: Sequence[RunGroup]) -> RunGroup | None:
    """The chapter's group with most records and the same settings, perhaps on another copy of the data.

    The engine may be another: they compute the same but for rounding.
    """
    alike = [
        group
        for group in groups
        if group.chapter.name == mine.chapter.name
        and (group.numerics, group.epochs, group.variation) == (mine.numerics, mine.epochs, mine.variation)
        and group.provenance.kind == mine.provenance.kind
    ]
    return max(alike, key=lambda group: len(group.records), default=None)
