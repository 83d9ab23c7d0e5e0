"""What a reader may have run: which runs are gathered for it, and which are left out."""

from __future__ import annotations

import msgspec
from conftest import EMBEDDED, REAL, MakeRecord

from chapters.imdb_lstm import CHAPTER
from repro.evidence.judging.candidates import Candidate, candidates
from repro.evidence.run_groups import group_records
from repro.records import Record
from repro.runs.run import settings


def varied(make_record: MakeRecord, variation: str, seed: int) -> Record:
    chapter = CHAPTER.varied(variation)
    experiment = chapter.experiments[0]
    record = make_record(seed=seed, variation=variation, epochs=experiment.epochs)
    return msgspec.structs.replace(
        record,
        settings=settings(chapter, experiment, "source", experiment.epochs),
        data=msgspec.structs.replace(record.data, preparation=chapter.preparation),
    )


def of(*records: Record) -> list[Candidate]:
    return candidates(group_records(CHAPTER, records)[0], "model_one")


def test_unchanged_ways_come_first_and_each_has_its_runs(make_record: MakeRecord) -> None:
    records = [varied(make_record, "sigmoid_gates", seed) for seed in (1, 2)]
    records += [make_record(seed=seed) for seed in (1, 2, 3)]
    found = of(*records)
    assert [(each.name, len(each.runs)) for each in found] == [("source", 3), ("source, sigmoid_gates", 2)]
    assert found[1].variation == CHAPTER.variation("sigmoid_gates")


def test_of_two_engines_the_one_with_more_runs_counts(make_record: MakeRecord) -> None:
    records = [make_record(seed=seed, engine="keras") for seed in (1, 2, 3)] + [make_record(seed=1, engine="fast")]
    (found,) = of(*records)
    assert (found.engine, len(found.runs)) == ("keras", 3)


def test_real_data_count_before_the_embedded_corpus(make_record: MakeRecord) -> None:
    records = [make_record(seed=seed, data=EMBEDDED) for seed in (1, 2, 3)] + [make_record(seed=1, data=REAL)]
    (found,) = of(*records)
    assert [run.data.kind for run in found.runs] == ["real"]


def test_of_two_copies_of_the_data_the_one_with_more_unchanged_runs_counts(make_record: MakeRecord) -> None:
    rebuilt = msgspec.structs.replace(REAL, edition="rebuilt", sha256="5" * 64, source_sha256="6" * 64)
    records = [make_record(seed=seed, data=rebuilt) for seed in (1, 2)] + [make_record(seed=1, data=REAL)]
    (found,) = of(*records)
    assert [run.data.edition for run in found.runs] == ["rebuilt", "rebuilt"]


def test_runs_with_other_epochs_than_the_sources_are_no_way_to_run_it(make_record: MakeRecord) -> None:
    assert of(make_record(seed=1, epochs=3)) == []


def test_without_a_seed_the_others_are_kept(make_record: MakeRecord) -> None:
    (found,) = of(*(make_record(seed=seed) for seed in (1, 2, 3)))
    assert [run.seed for run in found.without_seed(2).runs] == [1, 3]
