"""Everything about a reader's numbers: what was understood, whether it agrees, and which of our runs it is like."""

from __future__ import annotations

from typing import NamedTuple

from repro.errors import ReproError
from repro.evidence.judging.candidates import candidates
from repro.evidence.judging.judge import judge
from repro.evidence.judging.judgement import Judgement
from repro.evidence.reader.consistency import checked, corrected, findings
from repro.evidence.reader.data_facts import DataFacts, data_facts
from repro.evidence.reader.finding import Finding
from repro.evidence.reader.reader_numbers import ReaderNumbers
from repro.evidence.run_groups import read_groups
from repro.numerics import Numerics
from repro.records import Results


class Answer(NamedTuple):
    """What is answered to a reader."""

    numbers: ReaderNumbers
    """As he gave them."""
    facts: DataFacts | None
    """What is known of the data; None without runs that have results."""
    findings: list[Finding]
    """Where they do not agree with each other or with the data."""
    checked: bool
    """Whether any of them could have disagreed."""
    judgement: Judgement
    """Of the numbers as the findings correct them."""


def answer(numbers: ReaderNumbers, results: Results, numerics: Numerics | None = None) -> Answer:
    """Judge a reader's numbers by the runs in a folder of results.

    numerics: what the reader's software computes; None if it is not known.

    Raises ReproError if there are no runs of the experiment, or none under these numerics.
    """
    chapter, model = numbers.chapter, numbers.experiment
    known = candidates(read_groups(chapter, results).groups, model.name)
    if not known:
        name = f"{chapter.name}/{model.name}"
        raise ReproError(
            f"no runs of {name} in {results.searched}\nName another folder with --results, or make runs: "
            f"repro run {name} --seeds 1-20"
        )
    if numerics and not any(each.numerics == numerics for each in known if not each.is_changed):
        ran = ", ".join(dict.fromkeys(each.numerics for each in known if not each.is_changed))
        raise ReproError(f"no runs of {chapter.name}/{model.name} under numerics {numerics!r}; there are: {ran}")
    facts = data_facts(model, [run for each in known if not each.other_experiment for run in each.runs])
    found = findings(numbers, facts) if facts else []
    could_disagree = facts is not None and checked(numbers, facts)
    return Answer(numbers, facts, found, could_disagree, judge(corrected(numbers, found), known, numerics))
