"""Everything about a reader's numbers: what was understood, whether it agrees, and which of our runs it is like."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from repro import registry
from repro.errors import ReproError
from repro.evaluation import Split
from repro.evidence.judging.candidates import candidates
from repro.evidence.judging.judge import judge
from repro.evidence.judging.judgement import Judgement
from repro.evidence.reader.consistency import checked, corrected, findings
from repro.evidence.reader.data_facts import DataFacts, data_facts
from repro.evidence.reader.finding import Finding
from repro.evidence.reader.reader_numbers import ReaderNumbers, read_numbers
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


def answer(
    experiment: str,
    results: Results,
    *,
    split: Split | None = None,
    numerics: Numerics | None = None,
    accuracy: Sequence[str] = (),
    loss: Sequence[str] = (),
    sensitivity: Sequence[str] = (),
    specificity: Sequence[str] = (),
    auc: Sequence[str] = (),
    matrix: Sequence[str] = (),
    transposed: bool = False,
    history: Path | None = None,
) -> Answer:
    """Judge numbers given as text by the runs in a folder of results.

    experiment: `CHAPTER/EXPERIMENT`. numerics: what the reader's software computes; None if he does not know. The
    others are those of `read_numbers`.

    Raises ReproError for an unknown experiment, for one without runs, and as `read_numbers`.
    """
    chapter, model = registry.experiment(experiment)
    numbers = read_numbers(
        chapter,
        model,
        split=split,
        accuracy=accuracy,
        loss=loss,
        sensitivity=sensitivity,
        specificity=specificity,
        auc=auc,
        matrix=matrix,
        transposed=transposed,
        history=history,
    )
    known = candidates(read_groups(chapter, results).groups, model.name)
    if not known:
        name = f"{chapter.name}/{model.name}"
        raise ReproError(
            f"no runs of {name} in {results.root / 'records'}\nCall this in the project's folder, name the folder with "
            f"--results, or make runs: repro run {name} --seeds 1-20"
        )
    if numerics and not any(each.numerics == numerics for each in known if not each.is_changed):
        ran = ", ".join(dict.fromkeys(each.numerics for each in known if not each.is_changed))
        raise ReproError(f"no runs of {chapter.name}/{model.name} under numerics {numerics!r}; there are: {ran}")
    facts = data_facts(model, [run for each in known if not each.other_experiment for run in each.runs])
    found = findings(numbers, facts) if facts else []
    could_disagree = facts is not None and checked(numbers, facts)
    return Answer(numbers, facts, found, could_disagree, judge(corrected(numbers, found), known, numerics))
