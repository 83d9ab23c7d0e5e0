"""What else a reader should know: what cannot be told apart, what was not compared, how sure it is."""

from __future__ import annotations

from repro.evidence.judging.candidates import Candidate
from repro.evidence.judging.judgement import Judgement
from repro.evidence.judging.likeness import FEWEST_FOR_RANKS
from repro.evidence.run_groups import data_in_words
from repro.numerics import SOFTWARE

ALIKE = 20.0
"""Changes that make the numbers within this factor as likely as the likeliest one are not told apart from it."""

MOST_NAMED = 3
"""Of more changes, the likeliest are named, and the others counted."""


def remarks(judgement: Judgement) -> list[str]:
    """Sentences, of what there is to say."""
    found = (_changes(judgement), _software(judgement), _compared(judgement), _lacking(judgement), _runs(judgement))
    return [sentence for sentence in found if sentence]


def _changes(judgement: Judgement) -> str:
    """Which changes are not told from the one that the reader is asked about, or from none."""
    asked = judgement.asked
    if not (asked or judgement.outcome == "usual"):
        return ""
    base = asked or judgement.unchanged[0]
    alike = [
        _named(each.candidate)
        for each in judgement.possible
        if each is not asked and judgement.ratio(each, base) >= 1 / ALIKE
    ]
    if not alike:
        return ""
    # Between them semicolons, since there are commas in some.
    named = "; ".join(alike[:MOST_NAMED]) + (f"; and {len(alike) - MOST_NAMED} more" if len(alike) > MOST_NAMED else "")
    if asked:
        return f"These give such numbers too: {named}."
    return f"These changes give such numbers too, so you may have made one of them: {named}."


def _named(candidate: Candidate) -> str:
    """`the rows in the file's order (no_shuffling)`; if the words have the name, without: `the chapter's model_one`"""
    return candidate.change if candidate.label in candidate.change else f"{candidate.change} ({candidate.label})"


def _software(judgement: Judgement) -> str:
    """Which software gives such numbers, where runs on several were compared."""
    possible = [SOFTWARE[each.candidate.numerics] for each in judgement.unchanged if each.plausible]
    others = [
        SOFTWARE[each.candidate.numerics]
        for each in judgement.unchanged
        if not each.plausible and each.unusual.n >= FEWEST_FOR_RANKS
    ]
    same = f"The numbers do not tell your software: {', '.join(possible)} give such numbers." if possible[1:] else ""
    seldom = f" On {', '.join(others)}, runs are seldom like this." if possible and others else ""
    return (same + seldom).strip()


def _compared(judgement: Judgement) -> str:
    epochs = judgement.compared_epochs
    if not epochs:
        return ""
    first = f"first {epochs} epochs are" if epochs > 1 else "first epoch is"
    return f"There are too few runs with as many epochs as yours. So the {first} compared, and nothing else."


def _lacking(judgement: Judgement) -> str:
    lacking = judgement.not_compared
    return f"Not compared, since the runs do not have it: {', '.join(lacking)}." if lacking else ""


def _runs(judgement: Judgement) -> str:
    """On which data the runs were made, and whether they are few."""
    data = judgement.all[0].candidate.runs[0].data
    if data.kind != "real":
        return ""
    best = [judgement.best_unchanged] if judgement.unchanged else []
    fewest = min(each.unusual.n for each in [*best, *([judgement.asked] if judgement.asked else [])])
    rough = f" With as few as {fewest} runs, this is a rough estimate." if fewest < FEWEST_FOR_RANKS else ""
    return f"Our runs were made on {data_in_words(data)}.{rough}"
