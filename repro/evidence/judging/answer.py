"""Everything about a reader's numbers: what was understood, whether it agrees, and which of our runs it is like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from repro.chapter import Experiment
from repro.errors import ReproError
from repro.evidence.judging.candidates import Candidate, candidates
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
    known = candidates(read_groups(numbers.chapter, results).groups, numbers.experiment.name)
    if not known:
        name = f"{numbers.chapter.name}/{numbers.experiment.name}"
        raise ReproError(
            f"no runs of {name} in {results.searched}\nName another folder with --results, or make runs: "
            f"repro run {name} --seeds 1-20"
        )
    return answer_by(numbers, known, numerics)


def answer_by(numbers: ReaderNumbers, known: Sequence[Candidate], numerics: Numerics | None = None) -> Answer:
    """Judge a reader's numbers by the runs of the candidates, of which there are some; numerics and errors as above."""
    chapter, model = numbers.chapter, numbers.experiment
    if numerics and not any(each.numerics == numerics for each in known if not each.is_changed):
        ran = ", ".join(dict.fromkeys(each.numerics for each in known if not each.is_changed))
        raise ReproError(f"no runs of {chapter.name}/{model.name} under numerics {numerics!r}; there are: {ran}")
    facts = facts_of(model, known)
    found = findings(numbers, facts) if facts else []
    could_disagree = facts is not None and checked(numbers, facts)
    return Answer(numbers, facts, found, could_disagree, judge(corrected(numbers, found), known, numerics))


def facts_of(experiment: Experiment, known: Sequence[Candidate]) -> DataFacts | None:
    """What the runs of an experiment's candidates show of the data, those of other experiments left out."""
    return data_facts(experiment, [run for each in known if not each.other_experiment for run in each.runs])
