"""What the form of the page judges a reader's numbers by: the chapters, and the runs that there are of them.

The page does in the browser what `evidence.judging` does here. So it gets the same: every candidate of every
experiment, with all numbers of its runs, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from repro.chapter import Chapter
from repro.evidence.judging.answer import facts_of
from repro.evidence.judging.candidates import Candidate, candidates
from repro.evidence.reader.data_facts import DataFacts
from repro.evidence.run_groups import COPIES, KINDS, GroupedRecords, RunGroup
from repro.numerics import SOFTWARE
from repro.records import Record


def form_data(chapters: Iterable[Chapter], known: Mapping[str, GroupedRecords]) -> dict[str, Any]:
    """All that the form needs, of what JSON has; `repr` gives the browser the same floats.

    known: by chapter, what a folder of results has of it.

    `chapters`: each with what its source printed (`results`), its runs (`groups`, those made in one way once), and its
    `experiments`, whose `candidates` name their group by its place. `software`, `kinds` and `copies`: words.
    """
    made = [_chapter(each, known[each.name].groups) for each in chapters]
    return {"software": SOFTWARE, "kinds": KINDS, "copies": COPIES, "chapters": made}


def _chapter(chapter: Chapter, read: Sequence[RunGroup]) -> dict[str, Any]:
    groups: dict[tuple[str, ...], dict[str, Any]] = {}
    experiments = []
    for experiment in chapter.experiments:
        known = candidates(read, experiment.name)
        for candidate in known:
            groups.setdefault(_made(candidate), _group(candidate))
        places = {made: place for place, made in enumerate(groups)}
        facts = facts_of(experiment, known)
        experiments.append(
            {
                "name": experiment.name,
                "metric": experiment.metric,
                "epochs": experiment.epochs,
                "validation_split": experiment.validation_split,
                "evaluates_held_out": experiment.evaluates_held_out,
                "facts": _facts(facts) if facts else None,
                "candidates": [_candidate(each, places[_made(each)]) for each in known],
            }
        )
    return {
        "name": chapter.name,
        "title": chapter.title,
        "classes": chapter.classes,
        "labels": chapter.labels,
        "headline": chapter.headline,
        "held_out": chapter.preparation.held_out,
        "results": [
            {
                "experiment": each.experiment,
                "split": each.split,
                "loss": each.loss,
                "accuracy": each.accuracy,
                "matrix": each.matrix,
            }
            for each in chapter.results
        ],
        "groups": list(groups.values()),
        "experiments": experiments,
    }


def _made(candidate: Candidate) -> tuple[str, ...]:
    """How its runs were made: those of other candidates that were made so are the same."""
    run = candidate.runs[0]
    return run.data.label, run.experiment, run.variation, candidate.numerics, candidate.engine


def _group(candidate: Candidate) -> dict[str, Any]:
    runs, first = candidate.runs, candidate.runs[0]
    return {
        "numerics": candidate.numerics,
        "epochs": candidate.epochs,
        "classifier": candidate.classifies,
        "data": {
            "label": first.data.label,
            "kind": first.data.kind,
            "edition": first.data.edition,
            "train_rows": first.data.train_rows,
            "validation_rows": first.data.validation_rows,
        },
        "seeds": [run.seed for run in runs],
        "evaluations": _evaluations(runs),
        "histories": {name: [run.history.get(name) for run in runs] for name in _names(run.history for run in runs)},
    }


def _names(all_names: Iterable[Iterable[str]]) -> list[str]:
    """Each name once."""
    return list(dict.fromkeys(name for names in all_names for name in names))


def _evaluations(runs: Sequence[Record]) -> dict[str, dict[str, list[Any]]]:
    """By split, of each run: loss, matrix, and where there is one the AUC. None of a run that lacks the split."""
    by_split = {}
    for split in _names(run.evaluation for run in runs):
        found = [run.evaluation.get(split) for run in runs]  # type: ignore[call-overload]
        numbers = {name: [each and getattr(each, name) for each in found] for name in ("loss", "matrix", "pooled_auc")}
        by_split[split] = {name: column for name, column in numbers.items() if any(each is not None for each in column)}
    return by_split


def _candidate(candidate: Candidate, group: int) -> dict[str, Any]:
    variation = candidate.variation
    words = variation and {"name": variation.name, "change": variation.change, "question": variation.question}
    return {"group": group, "other_experiment": candidate.other_experiment, "variation": words}


def _facts(facts: DataFacts) -> Mapping[str, Any]:
    """Without the losses and accuracies of the runs, which the form takes from the groups."""
    return {
        "counts": facts.counts,
        "labels": facts.labels,
        "fitted": facts.fitted,
        "held_out": facts.held_out,
        "held_out_counts": facts.held_out_counts,
        "complete": facts.complete,
    }
