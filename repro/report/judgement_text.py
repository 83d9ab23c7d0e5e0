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
from repro.numerics import SOFTWARE
from repro.report.judgement_tables import asked_about, beside_runs, ways
from repro.report.table import WIDTH

ALIKE = 20.0
"""Changes that make the numbers within this factor as likely as the likeliest one are not told apart from it."""

CLEARLY = 0.15
"""With a p below this, numbers that are not called unusual are called so with caution."""

MOST_NAMED = 6
"""Of more changes, the likeliest are named, and the others counted."""


def told(answer: Answer, *, all_ways: bool = False) -> str:
    """All that a reader is told, ending in a newline. all_ways: with the table of all that may have been run."""
    numbers, judgement = answer.numbers, answer.judgement
    said = "\n".join([f"{_experiment(numbers)}. Your numbers:", *(f"  {line}" for line in _understood(answer))])
    sentences = [*agreement(answer), verdict(answer), *remarks(judgement)]
    filled = [textwrap.fill(each, WIDTH, break_on_hyphens=False, break_long_words=False) for each in sentences]
    tables = [beside_runs(judgement)] if judgement.unchanged or asked_about(judgement) else []
    tables += [ways(judgement)] if judgement.all and all_ways else []
    return "\n\n".join([said, *filled, *(each.text.rstrip() for each in tables)]) + "\n"


def as_data(answer: Answer) -> dict[str, Any]:
    """The same for programs: shares from 0 to 1."""
    numbers, _, findings, checked, judgement = answer
    asked, gain = asked_about(judgement), judgement.gain
    return {
        "experiment": _experiment(numbers),
        "understood": _understood(answer),
        "checked": checked,
        "findings": [{"kind": each.kind, "severity": each.severity, "text": each.text} for each in findings],
        "outcome": judgement.outcome,
        "verdict": verdict(answer),
        "remarks": remarks(judgement),
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
                "as_unusual": each.unusual.as_large,
                "p": each.unusual.p,
                "plausible": each.plausible,
                "log_density": each.log_density,
                "times_farthest": each.times_farthest,
                "lower": {
                    one.name: each.lower(place, one.given.value) for place, one in enumerate(judgement.coordinates)
                },
            }
            for each in judgement.all
        ],
    }


def _understood(answer: Answer) -> list[str]:
    """What was understood, a line for each split and one for the history."""
    facts = answer.facts
    return answer.numbers.said_back(facts.rows("train") if facts and facts.complete else None)


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


def verdict(answer: Answer) -> str:
    """The outcome, in two or three sentences."""
    judgement = answer.judgement
    data = judgement.all[0].candidate.runs[0].data if judgement.all else None
    if data and data.kind != "real":
        return (
            f"Whether they are usual cannot be said: our runs were made on {KINDS[data.kind]} "
            f"({data.train_rows + data.validation_rows:,} rows to train on). On the complete data, others are expected."
        )
    apart = "" if agree(answer.findings) else "Apart from that: "
    return apart + _outcome(judgement, _experiment(answer.numbers))


def _outcome(judgement: Judgement, experiment: str) -> str:
    match judgement.outcome:
        case "too few runs":
            return _too_few(judgement, experiment)
        case "usual":
            best = judgement.best_unchanged
            start = "Nothing unusual." if best.unusual.p >= CLEARLY else "Not clearly unusual."
            return f"{start} {_as_unusual(best)} as unusual as yours, or more.{_outside(judgement)}"
        case "likelier":
            return (
                f"Not unusual. {_as_unusual(judgement.best_unchanged)} as unusual as yours, or more. But one change "
                f"makes them far likelier. {_asks(judgement.suspects[0])}"
            )
        case "explained":
            return f"{_seldom(judgement)} {_asks(judgement.suspects[0])}"
        case "suspected":
            gain, chance = judgement.gain, ""
            if gain:
                chance = f" For {gain.as_large} of {gain.n} unchanged runs, some change does as much by chance."
            return f"{_seldom(judgement)} One change makes them likelier.{chance} {_asks(judgement.suspects[0])}"
        case "unusual":
            return f"{_seldom(judgement)} And no change explains it{_tried(judgement)}."
        case "unlike":
            return (
                f"None of our runs is like this{_tried(judgement)}. So something else differs: compare your settings "
                "with `repro show`, and let `repro fingerprint` say what your software computes."
            )


def _too_few(judgement: Judgement, experiment: str) -> str:
    if not judgement.coordinates:
        return "Nothing is left to be compared with runs."
    unchanged = [each for each in judgement.too_few if not each.is_changed]
    if not unchanged:
        return "No runs have all these numbers, under these numerics and for as many epochs."
    most = max(unchanged, key=lambda each: len(each.runs))
    shown = [f"{each.name} {_range(each.of(run) for run in most.runs)}" for each in judgement.coordinates[:4]]
    return (
        f"Whether they are usual cannot be said: there are {len(most.runs)} runs, and {FEWEST} are needed. Theirs: "
        f"{', '.join(shown)}. `repro run {experiment} --seeds 1-20` makes more."
    )


def _range(values: Any) -> str:
    some = sorted(values)
    return f"{some[0]:.4f} to {some[-1]:.4f}" if len(some) > 1 else f"{some[0]:.4f}"


def _as_unusual(judged: Judged) -> str:
    """`14 of 32 unchanged runs (on the source's software) are`"""
    unusual = judged.unusual
    are = "is" if unusual.as_large < 2 else "are"
    some = unusual.as_large or "None"
    return f"{some} of {unusual.n} unchanged runs (on {SOFTWARE[judged.candidate.numerics]}) {are}"


def _seldom(judgement: Judgement) -> str:
    """That unchanged runs seldom have such numbers, or that there are none to compare with."""
    if not judgement.unchanged:
        return "You trained for another number of epochs than the source."
    return f"Unusual. {_as_unusual(judgement.best_unchanged)} as unusual as yours."


def _outside(judgement: Judgement) -> str:
    """Which numbers are, by themselves, above or below those of all runs that they may come from."""
    best = judgement.best_unchanged
    found = []
    for place, each in enumerate(judgement.coordinates):
        column = best.values[:, place]
        if " in epoch " not in each.name and not column.min() <= each.given.value <= column.max():
            found.append(f"{each.name} is {'above' if each.given.value > column.max() else 'below'}")
    return f" By itself, your {', your '.join(found)} that of all {best.unusual.n}." if found else ""


def _asks(judged: Judged) -> str:
    """How many runs with a change are like the reader's, and what he is asked."""
    candidate, unusual = judged.candidate, judged.unusual
    asked = f": {candidate.question}" if candidate.question else "."
    are = "is" if unusual.as_large == 1 else "are"
    like = f"{unusual.as_large} of {unusual.n} runs {are} as unusual as yours, or more"
    return f"With `{candidate.label}` ({candidate.change}), {like}{asked}"


def _tried(judgement: Judgement) -> str:
    """Whether changes were run, in a clause."""
    varied = any(each.candidate.variation for each in judgement.changed)
    return ", unchanged or with one of the changes that were run" if varied else "; no changes were run for this model"


def remarks(judgement: Judgement) -> list[str]:
    """What else a reader should know: what cannot be told apart, what was not compared, how sure it is."""
    lines = []
    asked = asked_about(judgement)
    base = asked or (judgement.unchanged[0] if judgement.unchanged else None)
    alike = [
        each.candidate.label
        for each in judgement.changed
        if each.plausible and each is not asked and base and judgement.ratio(each, base) >= 1 / ALIKE
    ]
    if alike:
        others = f", and {len(alike) - MOST_NAMED} more" if len(alike) > MOST_NAMED else ""
        what = f"`{asked.candidate.label}`" if asked else "an unchanged run"
        lines.append(f"Such numbers cannot tell {what} from these changes: {', '.join(alike[:MOST_NAMED])}{others}.")
    possible = [SOFTWARE[each.candidate.numerics] for each in judgement.unchanged if each.plausible]
    other = [
        SOFTWARE[each.candidate.numerics]
        for each in judgement.unchanged
        if not each.plausible and each.unusual.n >= FEWEST_FOR_RANKS
    ]
    if len(possible) > 1:
        lines.append(f"Nor can they tell these apart: {', '.join(possible)}." if lines else _not_told_apart(possible))
    if possible and other:
        lines.append(f"On other software, runs are seldom like this: {', '.join(other)}.")
    if judgement.compared_epochs:
        first = f"first {judgement.compared_epochs} epochs are" if judgement.compared_epochs > 1 else "first epoch is"
        lines.append(f"No runs were trained for as many epochs as yours. So the {first} compared, and nothing else.")
    if judgement.not_compared:
        lines.append(f"Not compared, since the runs do not have it: {', '.join(judgement.not_compared)}.")
    return [*lines, *_about_runs(judgement)]


def _not_told_apart(software: Sequence[str]) -> str:
    return f"Such numbers cannot tell these apart: {', '.join(software)}."


def _about_runs(judgement: Judgement) -> list[str]:
    """On which data the runs were made, and whether they are few."""
    if not judgement.all:
        return []
    data, lines = judgement.all[0].candidate.runs[0].data, []
    if data.kind == "real":
        copy = f", {COPIES[data.edition]}" if data.edition in COPIES else ""
        lines.append(f"Our runs were made on {KINDS[data.kind]}{copy}. `--all` shows all that may have been run.")
    asked = asked_about(judgement)
    best = [judgement.best_unchanged] if judgement.unchanged else []
    few = [each.unusual.n for each in [*best, *([asked] if asked else [])]]
    if min(few, default=FEWEST_FOR_RANKS) < FEWEST_FOR_RANKS:
        lines.append(f"With as few as {min(few)} runs, this is a rough estimate.")
    return lines
