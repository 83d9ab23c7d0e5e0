"""What a user reads below new runs: whether they, and the source's run, lie where other seeds lie."""

from __future__ import annotations

from conftest import EMBEDDED, MakeRecord, spread_out

from chapters import imdb_lstm, imdb_rnn, rotten_tomatoes
from repro.evidence.run_groups import group_records
from repro.report.standing import standing


def test_it_says_how_many_numbers_lie_where_other_seeds_lie(make_record: MakeRecord) -> None:
    records = [record for seed in range(1, 31) for record in spread_out(make_record, seed)]
    groups, _ = group_records(imdb_lstm.CHAPTER, records)
    mine = groups[0].only({record.stem for record in records if record.seed == 4})
    said = standing(mine, groups)
    assert said.startswith("Compared with 29 other seeds (imdb_lstm on the real data, numerics source, engine fast): ")
    assert "of your 32 numbers lie in their 95 % intervals. For another seed it is " in said
    assert said.endswith(
        "your runs lie among theirs. 32 of the source's 32 numbers lie there, and its run lies among theirs."
    )


def test_runs_that_lie_elsewhere_are_told(make_record: MakeRecord) -> None:
    records = [record for seed in range(1, 31) for record in spread_out(make_record, seed)]
    records += spread_out(make_record, 31, -14)
    groups, _ = group_records(imdb_lstm.CHAPTER, records)
    mine = groups[0].only({record.stem for record in records if record.seed == 31})
    assert "your runs lie outside theirs." in standing(mine, groups)


def test_with_few_other_seeds_it_says_nothing(make_record: MakeRecord) -> None:
    records = [record for seed in range(1, 4) for record in spread_out(make_record, seed)]
    embedded = [make_record(name, data=EMBEDDED) for name in imdb_lstm.MODELS]
    groups, _ = group_records(imdb_lstm.CHAPTER, [*records, *embedded])
    assert [standing(group, groups) for group in groups] == ["", ""]


def test_runs_are_compared_within_their_own_chapter(make_record: MakeRecord) -> None:
    """Two chapters may call their experiment by the same name."""
    reviews, _ = group_records(
        imdb_rnn.CHAPTER, [make_record("imdb_rnn/lstm", seed=seed, epochs=5) for seed in range(1, 9)]
    )
    phrases, _ = group_records(rotten_tomatoes.CHAPTER, [make_record("rotten_tomatoes/lstm", epochs=8)])
    assert standing(phrases[0], [*reviews, *phrases]) == ""
