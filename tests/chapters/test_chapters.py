"""What the chapters besides imdb_lstm say and do: facts, printed numbers, one short run each, what it leaves behind."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
from pathlib import Path

import kaggle_files
import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import MakeRecord, few_rows

from chapters import imdb_rnn, jigsaw_multilabel, rotten_tomatoes, stacked_lstm
from repro import registry
from repro.chapter import Chapter, DataChoice
from repro.check import check, contradictions
from repro.cli import main
from repro.datasets import embedded, jigsaw
from repro.datasets.dataset import Dataset
from repro.datasets.description import Lengths
from repro.evaluation import Evaluation, LabelEvaluation
from repro.evidence.run_groups import group_records
from repro.records import Record, Results
from repro.report import record_tables, verdict_tables
from repro.report.describe import describe
from repro.runs.plan import plan
from repro.runs.progress import outcome
from repro.runs.train import train
from repro.text import Padded, clean, words_of

OTHERS = (imdb_rnn.CHAPTER, jigsaw_multilabel.CHAPTER, rotten_tomatoes.CHAPTER, stacked_lstm.CHAPTER)
named = pytest.mark.parametrize("chapter", [pytest.param(chapter, id=chapter.name) for chapter in OTHERS])


@named
def test_whatever_follows_agrees(chapter: Chapter) -> None:
    assert not list(contradictions(chapter))
    assert not check([chapter]).faults


def test_a_fact_that_does_not_hold_is_named() -> None:
    wrong = dataclasses.replace(imdb_rnn.FACTS[0], holds=lambda: False)
    chapter = dataclasses.replace(imdb_rnn.CHAPTER, facts=(wrong,))
    assert list(contradictions(chapter)) == [f"imdb_rnn: does not hold: {wrong.text}"]


def test_an_experiment_that_does_not_exist_is_named() -> None:
    wrong = dataclasses.replace(stacked_lstm.CLAIMS[0], needs=("stackd",))
    chapter = dataclasses.replace(stacked_lstm.CHAPTER, claims=(wrong,))
    said = f"stacked_lstm: no experiment 'stackd'; it is named in the claim: {wrong.text}"
    assert list(contradictions(chapter)) == [said]


def test_the_demonstration_of_imdb_rnn() -> None:
    first = imdb_rnn.rows()[2]
    assert first[0] == first[2] != first[1]
    assert list(first[4:]) == [0] * 6
    assert all(0 < word < 1_000 for word in first[:4])
    assert imdb_rnn.vectors().shape == (3, 10, 5)
    # md5 gives the same numbers in every process: these were worked out with hashlib alone
    assert list(first[:4]) == [_md5("be"), _md5("happy"), _md5("be"), _md5("positive")]
    assert imdb_rnn.numbers()[0] == [_md5(word) for word in ("fast", "cars", "are", "good")]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode()).hexdigest(), 16) % 999 + 1


def test_the_split_of_jigsaw_is_scikit_learns() -> None:
    from sklearn.model_selection import train_test_split

    fitted, held_out = train_test_split(np.arange(jigsaw.TRAIN_ROWS), random_state=jigsaw_multilabel.RANDOM_STATE)
    assert (len(fitted), len(held_out)) == (119_678, 39_893)
    printed = {number.what: (number.value, number.derived) for number in jigsaw_multilabel.PRINTED}
    assert printed["training rows"] == (119_678, len(fitted))
    assert printed["validation rows"] == (39_893, len(held_out))
    assert printed["batches in an epoch"] == (935, 935)
    assert jigsaw_multilabel.LSTM.parameters == 2_692_358


def test_the_cleaning_of_rotten_tomatoes_goes_in_the_sources_order() -> None:
    cleaned = {
        "I'm here, isn't it?": "i am here , is not it ?",
        "They can't and cannot.": "they can not and can not .",
        "Let’s go  on": "let us go on",
        "'Scuse me": "iscuse me",  # an erratum
        "He'd've": "he would have",
        r"a\s+b": r"a\s+b",
    }
    assert clean(list(cleaned), rotten_tomatoes.REPLACEMENTS) == list(cleaned.values())


# One short run of each, on a few rows of its embedded corpus
@pytest.fixture(params=OTHERS, ids=[chapter.name for chapter in OTHERS])
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Chapter:
    chapter: Chapter = request.param

    def data(choice: DataChoice) -> Dataset:
        return few_rows(chapter.data(choice))

    changed = dataclasses.replace(chapter, data=data)
    monkeypatch.setitem(registry.chapters(), chapter.name, changed)
    return changed


TEXTS = {
    "imdb_rnn": embedded.reviews().test_texts[0],
    "jigsaw_multilabel": embedded.comments().test_texts[0],
    "rotten_tomatoes": embedded.phrases().test_texts[0],
    "stacked_lstm": embedded.news().test_texts[0],
}
EXPECTED = {
    "imdb_rnn": {"train", "test"},
    "jigsaw_multilabel": {"train", "validation", "test"},
    "rotten_tomatoes": {"train", "test", "unseen"},
    "stacked_lstm": {"train", "validation", "test"},
}


@pytest.mark.filterwarnings("ignore:.*classes; the last:repro.errors.DataWarning")  # so few rows have not all classes
def test_a_run_leaves_record_weights_and_predictions_and_predicts(small: Chapter, results: Results) -> None:
    (run,) = plan(
        [small.name], seeds=[1], data="embedded", numerics="source", epochs=1, engine="fast", results=results
    ).to_do
    record = train(run, results)
    assert set(record.evaluation) == EXPECTED[small.name]
    assert {"loss", small.experiments[0].metric} <= set(record.history)
    dataset = small.data("embedded")
    written = results.predictions_path(small.name, record.stem)
    if small.predictions is None:
        assert not written.exists()
    else:
        header, *lines = csv.reader(io.StringIO(written.read_text()))
        assert len(lines) == 80
        if small.labels:
            assert header == ["id", *small.labels]
            assert dataset.test_ids is not None
            assert [line[0] for line in lines] == dataset.test_ids.tolist()
            assert all(0 <= float(value) <= 1 for line in lines for value in line[1:])
        elif small.name == "rotten_tomatoes":
            assert header == ["PhraseId", "Sentiment"]
            assert {line[1] for line in lines} <= set("01234")

    call = ["predict", f"{small.name}/{small.experiments[0].name}", TEXTS[small.name], "--results"]
    ended = CliRunner().invoke(main, [*call, str(results.root)])
    assert ended.exit_code == 0, ended.output
    for name in small.labels or small.classes:
        assert name in ended.stdout
    assert "that is: " in ended.stdout
    assert "trained on embedded data" in ended.stdout
    assert ended.stdout.endswith("words known\n")

    (group,), left_out = group_records(small, [record])
    assert not left_out
    names = [table.name for table in record_tables.tables(group)]
    assert names[:2] == ["comparison", "confusion"]
    assert "printed" not in names  # of the embedded corpus


def test_weights_of_another_corpus_do_not_predict(make_record: MakeRecord, results: Results) -> None:
    here = stacked_lstm.data("embedded").provenance
    record = make_record("stacked_lstm/stacked", data=msgspec.structs.replace(here, sha256="0" * 64))
    results.write(record)
    weights = results.weights_path(record.chapter, record.stem)
    weights.parent.mkdir(parents=True)
    weights.touch()
    ended = CliRunner().invoke(main, ["predict", "stacked_lstm/stacked", "news", "--results", str(results.root)])
    assert ended.exit_code == 2
    assert "trained on other data than those here" in ended.stderr


@pytest.mark.real_data
def test_the_submission_of_rotten_tomatoes_has_the_form_of_kaggles_sample(real_data: Path) -> None:
    dataset = rotten_tomatoes.data(real_data)
    uniform = np.full((len(dataset.x_test), 5), 0.2, np.float32)
    ours = [",".join(map(str, line)) for line in rotten_tomatoes.predictions(dataset, uniform)]
    sample = (real_data / "rotten_tomatoes/sampleSubmission.csv").read_text().splitlines()
    assert [line.partition(",")[0] for line in ours] == [line.partition(",")[0] for line in sample]
    assert ours[0] == sample[0]


@pytest.mark.real_data
def test_the_submission_of_jigsaw_has_the_form_of_kaggles_sample(real_data: Path) -> None:
    """Kaggle's sample_submission.csv: `id` and the labels, in the order of the test comments."""
    dataset = jigsaw_multilabel.data(real_data)
    half = np.full((len(dataset.x_test), 6), 0.5, np.float32)
    header, *lines = jigsaw_multilabel.predictions(dataset, half)
    assert header == ("id", "toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
    with (real_data / "jigsaw/test.csv").open(encoding="utf-8", newline="") as file:
        assert [line[0] for line in lines] == [row["id"] for row in csv.DictReader(file)]
    assert lines[0][1:] == ("0.5",) * 6


# Tables of what a source printed
def trained(make_record: MakeRecord, seed: int, auc: float) -> Record:
    part = LabelEvaluation(matrix=((90, 5), (2, 3)), auc=auc, roc=tuple(np.linspace(0, 1, 101)))
    found = Evaluation(
        loss=0.05 + seed / 1000,
        matrix=((540, 30), (12, 18)),
        pooled_auc=auc,
        labels=dict.fromkeys(jigsaw.LABELS, part),
    )
    return make_record(
        "jigsaw_multilabel/lstm",
        seed=seed,
        epochs=1,
        history={"loss": (0.09,), "auc": (0.93,), "val_loss": (0.05,), "val_auc": (auc,)},
        evaluation={"train": found, "validation": found, "test": found},
        seconds=(100.0 + seed,),
    )


def test_what_jigsaw_printed_stands_beside_the_same_of_ours(make_record: MakeRecord) -> None:
    (group,), left_out = group_records(
        jigsaw_multilabel.CHAPTER, [trained(make_record, seed, 0.978 + seed / 1000) for seed in (1, 2, 3)]
    )
    assert not left_out
    rows = {row[2]: row[3:] for row in verdict_tables.printed(group).rows}
    too_few = "too few runs"
    assert rows["validation pooled AUC"] == (
        *("0.9799", "0.9800 ± 0.0010", "0.9750 to 0.9850", "0.9790 to 0.9810", "1 of 3"),
        too_few,
    )
    assert rows["time for the epoch"] == ("3,232 s", "102 ± 1", "", "", "", "")  # the time of another engine
    assert rows["Kaggle's score, mean AUC (about)"] == ("96 %", "98 ± 0", "98 to 98", "98 to 98", "0 of 3", too_few)
    labels = record_tables.per_class(group)
    assert labels.name == "labels"
    assert len(labels.rows) == 2 * 6
    assert labels.rows[0][2:] == (
        *("toxic", "8", "37.50 ± 0.00", "97.83 ± 0.00", "60.00 ± 0.00", "46.15 ± 0.00"),
        "0.9800 ± 0.0010",
    )


def test_the_demonstration_shows_the_printed_rows_beside_ours() -> None:
    lines = imdb_rnn.demonstration()
    assert [line for line in lines if not line.startswith(" ")] == list(imdb_rnn.SENTENCES)
    assert lines[4].split() == ["printed", "527", "723", "350", "333", "722", *"00000"]
    assert lines[8].split()[2:] == [str(number) for number in imdb_rnn.rows()[2]]


def test_a_comment_is_shown_as_text_as_numbers_and_padded() -> None:
    text, numbers, padded = jigsaw_multilabel.step_by_step()
    corpus = embedded.comments()
    assert not corpus.train_labels[corpus.train_texts.index(text)].any()
    assert len(padded.split()) == 50
    assert padded.split()[-len(numbers.split()) :] == numbers.split()
    words = jigsaw_multilabel.prepared("embedded").words
    assert [words[int(number) - 1] for number in numbers.split()] == words_of(text)


def test_every_printed_number_says_where_it_stands() -> None:
    for chapter in registry.chapters().values():
        places = [printed.place for printed in chapter.printed]
        places += [result.place for result in chapter.results]
        places += [value.place for value in chapter.values]
        places += [claim.place for claim in chapter.claims]
        places += [claim.place for claim in chapter.data_claims]
        assert all(places)
        for experiment in chapter.experiments:
            counts = [layer.printed for layer in experiment.layers] + [experiment.printed_total]
            assert experiment.place
            assert bool(experiment.counts_place) is any(count is not None for count in counts)
        shown = " ".join(describe(chapter, []).split())
        assert all(place in shown for place in places)


def test_what_the_source_evaluates_on_is_the_headline(make_record: MakeRecord) -> None:
    found = Evaluation(loss=1.0, matrix=((1, 0, 0, 0),) * 4)
    record = make_record(
        "stacked_lstm/stacked",
        epochs=120,
        evaluation={"train": found, "validation": found, "test": msgspec.structs.replace(found, loss=2.0)},
    )
    assert outcome(record).startswith("validation accuracy")
    (group,), _ = group_records(stacked_lstm.CHAPTER, [record])
    caption = record_tables.comparison(group).caption
    assert "The source evaluates on validation." in caption
    assert "Extras of ours: AG News' own test rows are scored" in caption


# What the sources say of their data, and get wrong in it


@pytest.mark.real_data
def test_the_real_data_show_the_errata_and_claims_about_them(real_data: Path) -> None:
    for chapter in (imdb_rnn.CHAPTER, rotten_tomatoes.CHAPTER):
        description = chapter.describe(real_data)
        checks = [erratum.in_data for erratum in chapter.errata if erratum.in_data]
        assert checks
        assert all(check(description) for check in checks)
    assert not rotten_tomatoes.DATA_CLAIMS[0].holds(description)
    train, test = description.halves["train"], description.halves["test"]
    assert (train.repeated, train.repeated_cleaned) == (0, 142)
    assert (Lengths(train.words).longest, Lengths(test.words).longest) == (rotten_tomatoes.MAXLEN, 56)
    assert rotten_tomatoes.never_found(description) == ("i'm", "let’s", "can't", "cannot", "shan’t", "'scuse")


@pytest.mark.real_data
def test_the_question_mark_is_a_word_of_the_real_phrases(real_data: Path) -> None:
    words = rotten_tomatoes.prepared(real_data).words
    assert words.index("?") + 1 == 287
    dataset = rotten_tomatoes.data(real_data)
    assert isinstance(dataset.x_train, Padded)
    marks = dataset.x_train.words.values == 287
    assert marks.sum() == 408
    rows = np.searchsorted(dataset.x_train.words.offsets, np.flatnonzero(marks), side="right")
    assert len(np.unique(rows)) == 388


@pytest.mark.real_data
def test_ten_held_out_phrases_of_rotten_tomatoes_stand_earlier_too_once_they_are_cleaned(real_data: Path) -> None:
    phrases = [row[2] for row in kaggle_files.rows(real_data / "rotten_tomatoes/train.tsv")[1:]]
    fitted = rotten_tomatoes.LSTM.fitted_rows(len(phrases))
    cleaned = clean(phrases, rotten_tomatoes.REPLACEMENTS)
    assert not set(phrases[fitted:]) & set(phrases[:fitted])
    earlier = set(cleaned[:fitted])
    assert sum(phrase in earlier for phrase in cleaned[fitted:]) == 10
