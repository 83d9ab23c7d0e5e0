"""What a reader is told about his numbers, in sentences."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from repro.evidence.intervals import FEWEST
from repro.evidence.judging.answer import Answer
from repro.evidence.judging.judgement import Judged, Judgement
from repro.evidence.reader.finding import Finding
from repro.evidence.reader.reader_numbers import ReaderNumbers
from repro.evidence.run_groups import KINDS
from repro.numerics import SOFTWARE
from repro.report.judgement_remarks import remarks
from repro.report.judgement_tables import beside_runs, ways
from repro.report.table import WIDTH

OTHER_EPOCHS = "You trained for another number of epochs than the source."

CLEARLY = 0.15
"""With a p below this, numbers that are not called unusual are called so with caution."""


def told(answer: Answer, *, all_ways: bool = False) -> str:
    """All that a reader is told, ending in a newline. all_ways: with the table of all that may have been run."""
    numbers, judgement = answer.numbers, answer.judgement
    said = "\n".join([f"{_experiment(numbers)}. Your numbers:", *(f"  {line}" for line in _understood(answer))])
    paragraphs, tables = sentences(answer), []
    if is_compared(answer):
        tables = [beside_runs(judgement)]
        if all_ways:
            tables.append(ways(judgement))
        elif judgement.changed:
            paragraphs.append("`--all` lists all that may have been run.")
    filled = [textwrap.fill(each, WIDTH, break_on_hyphens=False, break_long_words=False) for each in paragraphs]
    return "\n\n".join([said, *filled, *(each.text.rstrip() for each in tables)]) + "\n"


def sentences(answer: Answer) -> list[str]:
    """Paragraphs: whether the numbers agree, the verdict, and what else there is to say."""
    return [*agreement(answer), verdict(answer), *_remarks(answer)]


def _remarks(answer: Answer) -> list[str]:
    return remarks(answer.judgement) if is_compared(answer) else []


def as_data(answer: Answer) -> dict[str, Any]:
    """The same for programs: shares from 0 to 1."""
    numbers, _, findings, checked, judgement = answer
    asked, gain = judgement.asked if is_compared(answer) else None, judgement.gain
    return {
        "experiment": _experiment(numbers),
        "understood": _understood(answer),
        "checked": checked,
        "findings": [{"kind": each.kind, "severity": each.severity, "text": each.text} for each in findings],
        "outcome": judgement.outcome,
        "verdict": verdict(answer),
        "remarks": _remarks(answer),
        "asked_about": asked.candidate.label if asked else None,
        "data": judgement.all[0].candidate.runs[0].data.label if judgement.all else None,
        "gain": {"p": gain.p, "runs": gain.n, "runs_with_as_much": gain.as_large} if gain else None,
        "compared_epochs": judgement.compared_epochs,
        "not_compared": list(judgement.not_compared),
        "too_few_runs": [each.name for each in judgement.too_few],
        "numbers": {each.name: each.given.value for each in judgement.coordinates},
        "candidates": [
            {
                "numerics": each.candidate.numerics,
                "run": each.candidate.label,
                "is_changed": each.candidate.is_changed,
                "change": each.candidate.change,
                "runs": each.unusual.n,
                "as_far_out": each.unusual.as_large,
                "p": each.unusual.p,
                "possible": judgement.is_possible(each),
                "log_density": each.log_density,
                "times_farthest": each.times_farthest,
                "lower": {one.name: each.lower(place, one) for place, one in enumerate(judgement.coordinates)},
            }
            for each in judgement.all
        ],
    }


def is_compared(answer: Answer) -> bool:
    """Whether there is more to say than the verdict: the numbers can be compared, and with some runs."""
    stopped = contradictory(answer.findings) or is_of_others(answer.findings)
    return not stopped and bool(answer.judgement.unchanged or answer.judgement.asked)


def _understood(answer: Answer) -> list[str]:
    """What was understood, a line for each split and one for the history."""
    facts = answer.facts
    return answer.numbers.said_back(facts.train_rows if facts else None)


def _experiment(numbers: ReaderNumbers) -> str:
    return f"{numbers.chapter.name}/{numbers.experiment.name}"


def agreement(answer: Answer) -> list[str]:
    """What each finding says; before mere notes, that the numbers agree, if anything could be checked."""
    lines = [each.text for each in answer.findings]
    agrees = ["They agree with each other and with the data."] if answer.checked and agree(answer.findings) else []
    return agrees + lines


def agree(findings: Sequence[Finding]) -> bool:
    """Whether the numbers agree with each other and with the data, as they were given."""
    return all(each.severity == "note" for each in findings)


def contradictory(findings: Sequence[Finding]) -> bool:
    """Whether the numbers cannot all be right."""
    return any(each.severity == "contradiction" for each in findings)


def is_of_others(findings: Sequence[Finding]) -> bool:
    """Whether the numbers are those of another model, or of other rows, of the source."""
    return any(each.kind == "printed for another" for each in findings)


def verdict(answer: Answer) -> str:
    """The outcome, in two or three sentences."""
    if contradictory(answer.findings):
        return "Mend this first: what contradicts itself is not compared with runs."
    if is_of_others(answer.findings):
        return "Ask again for the model and the rows that they are of."
    apart = "" if agree(answer.findings) else "Apart from that: "
    return apart + _outcome(answer.judgement, _experiment(answer.numbers))


def _outcome(judgement: Judgement, experiment: str) -> str:
    match judgement.outcome:
        case "too few runs":
            return _too_few(judgement, experiment)
        case "other data":
            data = judgement.all[0].candidate.runs[0].data
            rows = f"{data.train_rows + data.validation_rows:,} rows to train on"
            return (
                f"Whether they are usual cannot be said: our runs were made on {KINDS[data.kind]} ({rows}). On the "
                "complete data, others are expected."
            )
        case "usual":
            best = judgement.best_unchanged
            start = "Nothing unusual." if best.unusual.p >= CLEARLY else "Not clearly unusual."
            return f"{start} {_as_far_out(best)} as yours, or farther.{_outside(judgement)}"
        case "likelier":
            return (
                f"Not unusual. {_as_far_out(judgement.best_unchanged)} as yours, or farther. But one change makes them "
                f"far likelier. {_asks(judgement.suspects[0])}"
            )
        case "explained":
            return f"{_seldom(judgement)} {_asks(judgement.suspects[0])}"
        case "suspected":
            gain, chance = judgement.gain, ""
            if gain:
                chance = f" For {gain.as_large} of {gain.n} unchanged runs, some change does as much by chance."
            return f"{_seldom(judgement)} One change makes them likelier.{chance} {_asks(judgement.suspects[0])}"
        case "other software":
            found = ", ".join(_software(each) for each in judgement.excluded)
            return f"{_seldom(judgement)} But runs on {found} give such numbers: is that your software?"
        case "unusual":
            return f"{_seldom(judgement)} {_unexplained(judgement)}"
        case "unlike":
            return (
                f"{'' if judgement.unchanged else OTHER_EPOCHS + ' '}None of our runs is like this. "
                f"{_unexplained(judgement)} So something else differs: compare your settings with `repro show`, and "
                "let `repro fingerprint` say what your software computes."
            )


def _too_few(judgement: Judgement, experiment: str) -> str:
    if not judgement.coordinates:
        return "Nothing is left to be compared with runs."
    unchanged = [each for each in judgement.too_few if not each.is_changed]
    if not unchanged:
        return "No runs have all these numbers, under these numerics and for as many epochs."
    most = max(unchanged, key=lambda each: len(each.runs))
    shown = [f"{each.name} {_range(each.of(run) for run in most.runs)}" for each in judgement.coordinates[:4]]
    under = "" if most.numerics == "source" else f" --numerics {most.numerics}"
    return (
        f"Whether they are usual cannot be said: {_runs(len(most.runs))} here, and {FEWEST} are needed. Their numbers: "
        f"{', '.join(shown)}. `repro run {experiment} --seeds 1-20{under}` makes more."
    )


def _runs(number: int) -> str:
    return "there is 1 run" if number == 1 else f"there are {number} runs"


def _range(values: Any) -> str:
    some = sorted(values)
    return f"{some[0]:.4f} to {some[-1]:.4f}" if len(some) > 1 else f"{some[0]:.4f}"


def _as_far_out(judged: Judged) -> str:
    """`14 of 32 unchanged runs (on the source's software) lie as far out`"""
    unusual = judged.unusual
    lie = "lies" if unusual.as_large < 2 else "lie"
    return f"{unusual.as_large or 'None'} of {unusual.n} unchanged runs (on {_software(judged)}) {lie} as far out"


def _software(judged: Judged) -> str:
    return SOFTWARE[judged.candidate.numerics]


def _seldom(judgement: Judgement) -> str:
    """That unchanged runs seldom have such numbers, or that there are none to compare with."""
    if not judgement.unchanged:
        return OTHER_EPOCHS
    best = judgement.best_unchanged
    if best.unusual.as_large:
        return f"Unusual. Only {_as_far_out(best)} as yours."
    return f"Unusual. Your numbers lie outside all {best.unusual.n} unchanged runs (on {_software(best)})."


def _outside(judgement: Judgement) -> str:
    """Which numbers are, by themselves, above or below those of all runs that they may come from."""
    best, found = judgement.best_unchanged, []
    for place, each in enumerate(judgement.coordinates):
        if " in epoch " not in each.name and best.is_beyond(place, each):
            found.append(f"{each.name} is {'below' if best.lower(place, each) == 0 else 'above'}")
    return f" By itself, your {', your '.join(found)} that of all {best.unusual.n}." if found else ""


def _asks(judged: Judged) -> str:
    """Which runs are like the reader's, and what he is asked."""
    candidate, unusual = judged.candidate, judged.unusual
    asked = f" {candidate.question[:1].upper()}{candidate.question[1:]}" if candidate.question else ""
    lie = "lies" if unusual.as_large == 1 else "lie"
    far = f"{unusual.as_large} of {unusual.n} of these {lie} as far from their own middle, or farther"
    return f"They are like those of runs with `{candidate.label}` ({candidate.change}): {far}.{asked}"


def _unexplained(judgement: Judgement) -> str:
    varied = any(each.candidate.variation for each in judgement.changed)
    return "None of the changes that we tried explains it." if varied else "No changes were run for this model."
