"""What a reader is told about his numbers, in sentences."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from repro.evidence.intervals import FEWEST
from repro.evidence.judging.answer import Answer
from repro.evidence.judging.judgement import Judged, Judgement
from repro.evidence.judging.likeness import FEWEST_FOR_RANKS
from repro.evidence.reader.finding import Finding
from repro.evidence.reader.reader_numbers import ReaderNumbers
from repro.evidence.run_groups import COPIES, KINDS
from repro.report.judgement_tables import beside_runs, change, name, named, ways
from repro.report.table import WIDTH

ALIKE = 20.0
"""Changes that make the numbers within this factor as likely as the likeliest one are not told apart from it."""


def told(answer: Answer) -> str:
    """All that a reader is told, ending in a newline."""
    numbers, findings, judgement = answer
    said = "\n".join([f"{_experiment(numbers)}. Your numbers:", *(f"  {line}" for line in numbers.said_back())])
    sentences = [
        *agreement(findings),
        verdict(judgement, _experiment(numbers), findings),
        *remarks(judgement),
    ]
    filled = [textwrap.fill(each, WIDTH, break_on_hyphens=False, break_long_words=False) for each in sentences]
    tables = [beside_runs(judgement), ways(judgement)] if judgement.all else []
    return "\n\n".join([said, *filled, *(each.text.rstrip() for each in tables)]) + "\n"


def as_data(answer: Answer) -> dict[str, Any]:
    """The same for programs: shares from 0 to 1."""
    numbers, findings, judgement = answer
    asked = named(judgement)
    return {
        "experiment": _experiment(numbers),
        "understood": numbers.said_back(),
        "findings": [{"kind": each.kind, "severity": each.severity, "text": each.text} for each in findings],
        "outcome": judgement.outcome,
        "verdict": verdict(judgement, _experiment(numbers), findings),
        "asked_about": name(asked) if asked else None,
        "numbers": {each.name: each.given.value for each in judgement.coordinates},
        "candidates": [
            {
                "numerics": each.candidate.numerics,
                "variation": each.candidate.variation.name if each.candidate.variation else "",
                "change": change(each),
                "runs": each.likeness.rank.n,
                "as_far_out": each.likeness.rank.as_far,
                "p": each.likeness.p,
                "plausible": each.plausible,
                "log_density": each.likeness.log_density,
                "lower": {
                    one.name: each.lower(place, one.given.value) for place, one in enumerate(judgement.coordinates)
                },
            }
            for each in judgement.all
        ],
    }


def _experiment(numbers: ReaderNumbers) -> str:
    return f"{numbers.chapter.name}/{numbers.experiment.name}"


def agreement(findings: Sequence[Finding]) -> list[str]:
    """What each finding says, contradictions first; before mere notes, that there is nothing else."""
    order = ("contradiction", "explanation", "note")
    lines = [each.text for each in sorted(findings, key=lambda each: order.index(each.severity))]
    return (["They agree with each other and with the data."] if agree(findings) else []) + lines


def agree(findings: Sequence[Finding]) -> bool:
    """Whether the numbers agree with each other and with the data, as they were given."""
    return all(each.severity == "note" for each in findings)


def verdict(judgement: Judgement, experiment: str, findings: Sequence[Finding]) -> str:
    """The outcome, in two or three sentences. `experiment`: `CHAPTER/EXPERIMENT`."""
    match judgement.outcome:
        case "too few runs":
            runs = max((len(each.runs) for each in judgement.too_few), default=0)
            return (
                f"How usual they are cannot be said: {runs or 'no'} runs of this experiment have such numbers, and "
                f"{FEWEST} are needed. `repro run {experiment} --seeds 1-20` makes them."
            )
        case "usual":
            what = "Nothing is wrong" if agree(findings) else "Apart from that, nothing is wrong"
            return f"{what}: {_as_far(judgement.best_unchanged)} as far from the middle as they do, or farther."
        case "explained":
            return f"{_before_explanation(judgement)} {_asks(judgement.suspects[0])}"
        case "suspected":
            gain = judgement.gain
            chance = f" So does some change for {gain.as_far} of {gain.n} unchanged runs, by chance." if gain else ""
            first = _asks(judgement.suspects[0])
            return f"{_unusual(judgement)} One change would make them likelier.{chance} {first}"
        case "unusual":
            return f"{_unusual(judgement)} No change that was tried makes them likelier."
        case "unlike":
            nearest = max(judgement.all, key=lambda each: each.likeness.log_density)
            return (
                f"None of our runs is like this, unchanged or changed. The nearest are those of {_way(nearest)}. So "
                "something else differs: compare your settings with `repro show`, and let `repro fingerprint` say what "
                "your software computes."
            )


def _as_far(judged: Judged) -> str:
    """`14 of 32 unchanged runs (numerics source) lie`"""
    rank, variation = judged.likeness.rank, judged.candidate.variation
    kind = f"runs with `{variation.name}`" if variation else "unchanged runs"
    lie = "lies" if rank.as_far < 2 else "lie"
    return f"{rank.as_far or 'none'} of {rank.n} {kind} (numerics {judged.candidate.numerics}) {lie}"


def _before_explanation(judgement: Judgement) -> str:
    """What the unchanged runs say where a change explains the numbers."""
    if not judgement.unchanged:
        return "You trained for another number of epochs than the source."
    best = judgement.best_unchanged
    if best.plausible:
        return (
            f"Unchanged runs can have such numbers ({_as_far(best)} as far out), but one change makes them likelier, "
            "and by more than any change does for an unchanged run."
        )
    return f"No unchanged run of ours is like this: {_as_far(best)} as far out."


def _unusual(judgement: Judgement) -> str:
    return f"Unusual: {_as_far(judgement.best_unchanged)} as far out. That happens to one reader in twenty at most."


def _asks(judged: Judged) -> str:
    """How many runs with a change are like the reader's, and what he is asked."""
    variation, rank = judged.candidate.variation, judged.likeness.rank
    assert variation
    asked = f": {variation.question}" if variation.question else "."
    like = f"as far out as yours {'is' if rank.as_far == 1 else 'are'} {rank.as_far} of {rank.n} runs"
    return f"With `{variation.name}` ({variation.change}), {like}{asked}"


def _way(judged: Judged) -> str:
    variation = judged.candidate.variation
    return f"`{variation.name}` ({variation.change})" if variation else f"numerics {judged.candidate.numerics}"


def remarks(judgement: Judgement) -> list[str]:
    """What else a reader should know: what cannot be told apart, what was not compared, how sure it is."""
    lines = []
    first = named(judgement)
    base = first or (judgement.unchanged[0] if judgement.unchanged else None)
    alike = [
        each.candidate.variation.name
        for each in judgement.changed
        if each.candidate.variation and each.plausible and each is not first
        if base and judgement.ratio(each, base) >= 1 / ALIKE
    ]
    if alike:
        what = f"`{first.candidate.variation.name}`" if first and first.candidate.variation else "an unchanged run"
        lines.append(f"Such numbers cannot tell {what} from these changes: {', '.join(alike)}.")
    possible = [each.candidate.numerics for each in judgement.unchanged if each.plausible]
    other = [each.candidate.numerics for each in judgement.unchanged if not each.plausible]
    if len(possible) > 1:
        lines.append(f"{'Nor can they' if lines else 'They cannot'} tell these numerics apart: {', '.join(possible)}.")
    if possible and other:
        lines.append(f"Under other numerics, runs are seldom like this: {', '.join(other)}.")
    if judgement.compared_epochs:
        lines.append(
            f"No runs were trained for as many epochs as yours. So the first {judgement.compared_epochs} epochs are "
            "compared, and none of your other numbers."
        )
    return [*lines, *_about_runs(judgement)]


def _about_runs(judgement: Judgement) -> list[str]:
    """On which data the runs were made, and whether they are few."""
    if not judgement.all:
        return []
    data = judgement.all[0].candidate.runs[0].data
    if data.kind == "real":
        copy = f", {COPIES[data.edition]}" if data.edition in COPIES else ""
        lines = [f"The runs were made on {KINDS[data.kind]}{copy}."]
    else:
        lines = [
            f"But the runs were made on {KINDS[data.kind]} ({data.train_rows + data.validation_rows:,} rows). If yours "
            "was made on the complete data, other numbers are to be expected."
        ]
    few = [
        each for each in [*judgement.unchanged, named(judgement)] if each and each.likeness.rank.n < FEWEST_FOR_RANKS
    ]
    if few:
        lines.append(
            f"Where there are fewer than {FEWEST_FOR_RANKS} runs, p supposes that how far out they lie is normal."
        )
    return lines
