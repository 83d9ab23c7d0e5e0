"""What `repro compare` says, on made-up records and on the repository's."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from conftest import EMBEDDED, REAL, MakeRecord, spread_out

from repro import registry
from repro.evaluation import Evaluation
from repro.evidence.named_runs import NamedRuns, named_pair
from repro.records import Divergence, Record, Results
from repro.report.contrasts import Contrast, contrast

COMMITTED = Results(Path(registry.__file__).parents[1] / "results")


def compared(first: list[Record], second: list[Record]) -> Contrast:
    """What is said of runs that were made alike on either side."""
    a, b = (
        NamedRuns(name, registry.chapter(records[0].chapter), tuple(records), tuple(records))
        for name, records in (("first", first), ("second", second))
    )
    return contrast(a, b)


def committed(first: str, second: str) -> Contrast:
    return contrast(*named_pair(first, second, COMMITTED))


def of_model(make_record: MakeRecord, model: int, seeds: range, shift: float = 0.0) -> list[Record]:
    return [spread_out(make_record, seed, shift)[model] for seed in seeds]


def paragraphs(found: Contrast) -> list[str]:
    """With each line break a space."""
    return [" ".join(paragraph.split()) for paragraph in found.text.split("\n\n")]


# What stands first
def test_results_on_other_data_are_not_comparable_by_the_first_line(make_record: MakeRecord) -> None:
    rebuilt = msgspec.structs.replace(REAL, edition="rebuilt", source_sha256="9" * 64)
    found = compared([make_record()], [make_record(data=EMBEDDED)])
    assert paragraphs(found)[0] == (
        "The results are not comparable: A was made on the real data of imdb, B on the embedded corpus of imdb."
    )
    assert found.content["comparable"] is False
    found = compared([make_record(data=rebuilt)], [make_record()])
    assert "A was made on the real data of imdb (a rebuilt copy), B on" in paragraphs(found)[0]
    other = msgspec.structs.replace(REAL, source_sha256="9" * 64)
    found = compared([make_record(data=other)], [make_record()])
    assert paragraphs(found)[0].endswith("A and B were made on other rows of the real data of imdb.")
    assert compared([make_record()], [make_record(seed=2)]).text.startswith("A: first, which is imdb_lstm/model_one/")


def test_a_group_says_what_it_is_and_what_was_not_used(make_record: MakeRecord, results: Results) -> None:
    for seed in range(1, 4):
        results.write(make_record(seed=seed))
        results.write(make_record("model_two", seed=seed))
    results.write(make_record(seed=5, engine="keras"))
    found = contrast(*named_pair("imdb_lstm/model_one", "imdb_lstm/model_two", results))
    assert found.text.splitlines()[:3] == [
        "A: imdb_lstm/model_one/source@fast",
        "   3 seeds (1-3), engine fast, on the real data of imdb",
        "   not used: imdb_lstm/model_one/source@keras, seed 5",
    ]


# How they were made
def test_the_table_has_what_differs_alone_and_a_line_has_the_rest(make_record: MakeRecord) -> None:
    text = compared([make_record(versions={"numpy": "2.4"})], [make_record("model_two", seed=2, versions={})]).text
    start, end = text.index("What differs in how they were made:"), text.index("All else is equal.")
    assert [line.split() for line in text[start:end].splitlines()[4:] if line] == [
        ["run", "experiment", "model_one", "model_two"],
        ["seeds", "1", "2"],
        ["settings", "optimizer", "rmsprop", "adam"],
        ["versions", "numpy", "2.4", "not", "stated"],
    ]
    assert "All else is equal. Nothing differs in: data, preparation." in text


def test_settings_without_a_value_say_what_they_mean(make_record: MakeRecord) -> None:
    record = make_record()
    slower = msgspec.structs.replace(record.settings, learning_rate=0.0001, row_order="file order")
    text = compared([record], [make_record(settings=slower)]).text
    assert "learning rate  the optimizer's default  0.0001" in text
    assert "row order      new in every epoch       file order" in text


def test_runs_that_differ_in_nothing_are_said_to(make_record: MakeRecord) -> None:
    found = compared([make_record()], [make_record(when="2027")])
    assert "Nothing differs in how they were made, as far as the records say." in paragraphs(found)
    assert paragraphs(found)[-1] == "The outcomes are equal bit for bit: histories, evaluations and trained weights."
    assert found.content["outcome_equal"] is True


def test_what_varies_within_both_groups_is_named(make_record: MakeRecord) -> None:
    def group(model: str) -> list[Record]:
        return [make_record(model, seed=seed, machine={"cores": str(seed)}) for seed in (1, 2)]

    said = " ".join(compared(group("model_one"), group("model_two")).text.split())
    assert "Not the same in all runs of each group: cores (machine)." in said


# Two runs
def test_histories_part_where_they_part(make_record: MakeRecord) -> None:
    def run(*loss: float) -> Record:
        return make_record(history={"loss": loss}, weights_sha256=f"{hash(loss) % 10}" * 64)

    def said(one: Record, other: Record) -> str:
        return next(each for each in paragraphs(compared([one], [other])) if each.startswith("The histories"))

    assert said(run(0.6, 0.5, 0.4), run(0.6, 0.5 + 3e-8, 0.41)) == (
        "The histories part in epoch 2: loss 0.5000 in A, 0.5000 in B, 3e-08 apart. After epoch 3, they are 0.01 apart."
    )
    assert said(run(0.6, 0.5), run(0.6, 0.6)) == (
        "The histories part in epoch 2: loss 0.5000 in A, 0.6000 in B, 0.1 apart."
    )
    assert said(run(0.6, 0.5), run(0.6)) == "The histories are equal, bit for bit, in the epoch that both have."


def beside(first: Record, second: Record, alike: list[Record]) -> Contrast:
    """What is said of two runs that were made as some others were."""
    return contrast(
        *(NamedRuns("name", registry.chapter("imdb_lstm"), (each,), tuple(alike)) for each in (first, second))
    )


def test_a_pair_is_usual_if_the_seed_alone_leads_as_far_apart(make_record: MakeRecord) -> None:
    runs = of_model(make_record, 0, range(1, 21))
    found = beside(runs[0], runs[1], runs)
    assert "of the 18 other runs made as A and B were, the share of the pairs" in " ".join(found.text.split())
    assert paragraphs(found)[-1] == (
        "Nothing unusual: the seed alone makes such differences. The histories are not part of this verdict."
    )
    loss = found.content["results"][0]
    (one, other), losses = runs[:2], [record.evaluation["train"].loss for record in runs]
    assert loss["difference"] == losses[1] - losses[0]
    apart = [abs(a - b) for place, a in enumerate(losses[2:]) for b in losses[3 + place :]]
    assert loss["share_of_pairs_as_far_apart"] == sum(each >= abs(losses[1] - losses[0]) for each in apart) / 153

    far = msgspec.structs.replace(other, evaluation=of_model(make_record, 0, range(2, 3), -25)[0].evaluation)
    said = paragraphs(beside(one, far, runs))[-1]
    assert said.startswith("Larger than between any two of the 18 other runs: accuracy on train, ")


def test_with_few_other_runs_nothing_is_called_usual(make_record: MakeRecord) -> None:
    runs = of_model(make_record, 0, range(1, 7))
    assert paragraphs(beside(runs[0], runs[1], runs))[-1] == (
        "Too few other runs to say what differences the seed alone makes: 4, and it takes 5."
    )


def test_a_pair_made_in_two_ways_stands_beside_the_larger_group(make_record: MakeRecord) -> None:
    plain, other = of_model(make_record, 0, range(1, 12)), of_model(make_record, 1, range(1, 4))
    chapter = registry.chapter("imdb_lstm")
    found = contrast(
        NamedRuns("a", chapter, tuple(other[:1]), tuple(other)), NamedRuns("b", chapter, tuple(plain[:1]), tuple(plain))
    )
    assert "of the 10 other runs made as B was" in " ".join(found.text.split())
    assert paragraphs(found)[-1].endswith("Groups of 5 seeds or more would show whether the change matters.")


def test_the_seed_is_not_what_leads_two_runs_of_one_seed_apart(make_record: MakeRecord) -> None:
    runs = of_model(make_record, 0, range(1, 21))
    near, far = (of_model(make_record, 0, range(40, 41), shift)[0].evaluation for shift in (0, -25))
    changed = msgspec.structs.replace(runs[0].settings, batch_size=64)
    said = paragraphs(beside(runs[0], make_record(seed=1, evaluation=near, settings=changed), runs))[-1]
    assert said == (
        "Two seeds alone differ as much, so one pair cannot show what makes the difference. The histories are not part "
        "of this verdict. Groups of 5 seeds or more would show whether the change matters."
    )
    for evaluation in (near, far):
        said = paragraphs(beside(runs[0], make_record(seed=1, evaluation=evaluation), runs))[-1]
        assert said.endswith("A and B have one seed, and were made alike: their software or machines led them apart.")
        assert "Nothing unusual" not in said


def test_one_pair_leads_to_the_command_that_compares_its_groups(results: Results, make_record: MakeRecord) -> None:
    for seed in range(1, 9):
        results.write(make_record(seed=seed))
        if seed <= 3:
            results.write(make_record("model_two", seed=seed))
    a, b = f"imdb_lstm/{make_record(seed=3).stem}", "imdb_lstm/model_two@seed3"
    *_, command = (found := contrast(*named_pair(a, b, results))).text.splitlines()
    assert "The two groups show whether the change matters, with 5 seeds in each (now 8 and 3):" in " ".join(
        paragraphs(found)
    )
    program, verb, first, second = command.split()
    assert (program, verb) == ("repro", "compare")
    pair = named_pair(first, second, results)
    assert [[record.seed for record in runs.records] for runs in pair] == [[*range(1, 9)], [1, 2, 3]]
    for seed in range(4, 6):
        results.write(make_record("model_two", seed=seed))
    assert "The two groups show whether the change matters:" in " ".join(
        paragraphs(contrast(*named_pair(a, b, results)))
    )


def test_a_pair_beside_runs_that_do_not_vary_is_not_called_far_apart(make_record: MakeRecord) -> None:
    runs = [make_record(seed=seed) for seed in range(1, 9)]
    found = beside(runs[0], of_model(make_record, 0, range(2, 3), -25)[0], runs)
    assert paragraphs(found)[-1].startswith(
        "The 6 other runs are equal in all numbers: there, the seed makes no difference."
    )
    assert {row["share_of_pairs_as_far_apart"] for row in found.content["results"]} == {None}


def test_a_run_without_results_is_said_to_have_none(make_record: MakeRecord) -> None:
    broken = make_record(evaluation={}, diverged=Divergence(epoch=2, batch=7), weights_sha256="")
    found = compared([broken], [make_record(seed=2)])
    assert paragraphs(found)[-1] == "A has no results: the loss was no longer finite."
    assert "no results of seed 1: the loss was no longer finite" in found.text


# Two groups
def test_groups_show_the_seeds_they_share_and_what_differs_beyond_chance(make_record: MakeRecord) -> None:
    first, second = of_model(make_record, 0, range(1, 9)), of_model(make_record, 1, range(3, 11), 8)
    found = compared(first, second)
    assert "Mean ± standard deviation over the 6 seeds that are in both groups" in found.text
    assert "A, 6 seeds" in found.text
    assert found.content["shared_seeds"] == [3, 4, 5, 6, 7, 8]
    accuracy = next(row for row in found.content["results"] if (row["data"], row["measure"]) == ("test", "accuracy"))
    mean = sum(record.evaluation["test"].accuracy for record in first[2:]) / 6
    assert accuracy["a_mean"] == pytest.approx(mean)
    assert accuracy["verdict"] == "higher"
    assert "accuracy on test" in paragraphs(found)[-1].removeprefix("Beyond chance, higher in B: ").split(".")[0]


def test_groups_without_shared_seeds_are_compared_by_their_means(make_record: MakeRecord) -> None:
    found = compared(of_model(make_record, 0, range(1, 8)), of_model(make_record, 1, range(11, 17)))
    assert found.content["paired"] is False
    assert "Welch's t test, as fewer than 5 seeds are in both groups" in " ".join(found.text.split())
    assert "A, 7 seeds" in found.text
    assert "B, 6 seeds" in found.text


def test_groups_of_few_seeds_decide_nothing(make_record: MakeRecord) -> None:
    found = compared(of_model(make_record, 0, range(1, 8)), of_model(make_record, 1, range(11, 13), 20))
    assert paragraphs(found)[-1] == "Too few seeds to say what differs: 7 and 2, and it takes 5 in each group."
    assert {row["verdict"] for row in found.content["results"]} == {"too few seeds"}


def test_chapters_are_compared_by_the_measures_and_splits_that_both_have(make_record: MakeRecord) -> None:
    tested = {"test": Evaluation(loss=0.4, matrix=((10, 2, 0), (2, 10, 1), (0, 1, 9)))}
    phrases = make_record("rotten_tomatoes/lstm", epochs=8, evaluation=tested)
    found = compared([make_record()], [phrases])
    rows = [(row["data"], row["measure"]) for row in found.content["results"]]
    assert rows == [("test", "loss"), ("test", "accuracy")]


def equal_but_for(records: list[Record], **evaluations: Evaluation) -> list[Record]:
    """The records with these evaluations in place of their own."""
    return [msgspec.structs.replace(each, evaluation={**each.evaluation, **evaluations}) for each in records]


def test_groups_that_do_not_vary_differ_exactly(make_record: MakeRecord) -> None:
    first, second = of_model(make_record, 0, range(1, 7)), of_model(make_record, 0, range(11, 17))
    one, other = (records[0].evaluation["test"] for records in (first, second))
    for a, b in ((first, second), (first, of_model(make_record, 1, range(1, 7)))):
        found = compared(equal_but_for(a, test=one), equal_but_for(b, test=other))
        rows = {(row["data"], row["measure"]): row for row in found.content["results"]}
        loss = rows["test", "loss"]
        assert loss["difference"] == pytest.approx(other.loss - one.loss)
        assert loss["verdict"] == ("higher in all seeds" if other.loss > one.loss else "lower in all seeds")
        assert loss["low"] is loss["high"] is loss["p"] is loss["p_corrected"] is None
        assert rows["train", "loss"]["p"] is not None
        varying = [row for row in found.content["results"] if row["data"] == "train"]
        smallest = min(row["p"] for row in varying)
        assert min(row["p_corrected"] for row in varying) == pytest.approx(min(1, len(varying) * smallest))
        said = paragraphs(found)[-1]
        assert "in B, without any variation: loss on test" in said
        assert "Equal in the 6 runs of B, and so without variation over seeds: loss on test, accuracy on test," in said
        assert "No difference is certain" not in said
        assert {
            row["verdict"]
            for row in compared(equal_but_for(a, test=one), equal_but_for(b, test=one)).content["results"]
            if row["data"] == "test"
        } == {"equal in all seeds"}


def test_one_group_that_does_not_vary_is_named_and_the_others_variation_counts(make_record: MakeRecord) -> None:
    varying = of_model(make_record, 0, range(1, 7))
    found = compared(varying, equal_but_for(varying, **varying[0].evaluation))
    assert paragraphs(found)[-1] == (
        "No difference is certain. Equal in the 6 runs of B, and so without variation over seeds: all numbers."
    )
    assert all(row["low"] < row["difference"] < row["high"] for row in found.content["results"])


# A run and a group
def test_a_run_of_the_group_is_compared_with_the_others(make_record: MakeRecord) -> None:
    runs = of_model(make_record, 0, range(1, 25))
    found = compared(runs, runs[:1])
    assert "over seeds, without seed 1." in " ".join(found.text.split())
    assert found.content["others"] == 23
    number = runs[0].evaluation["test"].loss
    below = sum(each.evaluation["test"].loss < number for each in runs[1:])
    loss = next(row for row in found.content["results"] if (row["data"], row["measure"]) == ("test", "loss"))
    assert (loss["runs_below"], loss["n"]) == (below, 23)
    assert paragraphs(found)[-1].endswith("Taken together, B lies among A's runs.")


def test_a_run_elsewhere_lies_outside_the_group(make_record: MakeRecord) -> None:
    far = of_model(make_record, 1, range(40, 41), 30)
    found = compared(far, of_model(make_record, 0, range(1, 25)))
    assert paragraphs(found)[-1].endswith("Taken together, A lies outside B's runs.")
    assert {row["verdict"] for row in found.content["results"] if row["measure"] == "accuracy"} == {"outside"}


def test_a_run_beside_runs_that_do_not_vary_has_no_place_among_them(make_record: MakeRecord) -> None:
    (run,), group = of_model(make_record, 0, range(40, 41)), of_model(make_record, 0, range(1, 25))
    equal = equal_but_for(group, **group[0].evaluation)
    found = compared([run], equal)
    assert paragraphs(found)[-1] == (
        "Equal in the 24 runs of B, and so without variation over seeds: all numbers. There, the difference is exact "
        "for A's seed 40, and says nothing of other seeds of A."
    )
    higher = run.evaluation["test"].loss > group[0].evaluation["test"].loss
    loss = next(row for row in found.content["results"] if (row["data"], row["measure"]) == ("test", "loss"))
    assert loss["verdict"] == f"A is {'higher' if higher else 'lower'}"
    assert loss["low"] is loss["high"] is found.content["p"] is None
    same = compared([msgspec.structs.replace(run, evaluation=group[0].evaluation)], equal)
    assert {row["verdict"] for row in same.content["results"]} == {"equal"}

    in_test = equal_but_for(group, test=group[0].evaluation["test"])
    found = compared([run], in_test)
    assert found.content["varying"] == 4
    assert {row["verdict"] for row in found.content["results"] if row["data"] == "train"} <= {"inside", "outside"}
    assert " of A's 4 numbers lie inside. Equal in the 24 runs of B, " in paragraphs(found)[-1]
    assert paragraphs(found)[-1].endswith("B's runs.")


def test_a_run_beside_few_others_is_not_judged(make_record: MakeRecord) -> None:
    runs = of_model(make_record, 0, range(1, 6))
    found = compared(runs, runs[:1])
    assert paragraphs(found)[-1] == "Too few seeds to say whether B lies among them: 4, and it takes 5."


def test_a_run_whose_group_has_no_other_results_stands_alone(make_record: MakeRecord) -> None:
    broken = make_record(seed=2, evaluation={}, diverged=Divergence(epoch=2, batch=7), weights_sha256="")
    found = compared([make_record(), broken], [make_record()])
    assert paragraphs(found)[-1] == "Too few seeds to say whether B lies among them: 0, and it takes 5."


def test_losses_of_a_classifier_are_not_to_be_compared(make_record: MakeRecord) -> None:
    def group(**changes: str | None) -> list[Record]:
        settings = msgspec.structs.replace(make_record().settings, **changes)
        return [make_record(seed=seed, settings=settings) for seed in (1, 2)]

    network, svm, tree = group(), group(classifier="LinearSVC"), group(classifier="DecisionTreeClassifier")
    found = compared(network, svm)
    assert "Do not compare the losses: LinearSVC was not trained by this loss." in paragraphs(found)
    assert found.content["losses_comparable"] is False
    both = "Do not compare the losses: DecisionTreeClassifier and LinearSVC were not trained by this loss."
    assert both in paragraphs(compared(tree, svm))
    for alike in (network, svm):
        found = compared(alike, alike[:1])
        assert "Do not compare" not in found.text
        assert found.content["losses_comparable"] is True


# The repository's records
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("imdb_lstm/model_one@seed1", "imdb_lstm/model_one@keras@seed1"),
        ("imdb_lstm/model_one", "imdb_lstm/model_one@keras"),
        ("imdb_lstm/model_one/source/epochs_5", "imdb_lstm/model_one/source/linear_svm"),
        ("imdb_lstm/model_two@seed3", "imdb_lstm/model_one/source/simple_rnn"),
        ("imdb_lstm/model_one", "rotten_tomatoes/lstm"),
        ("jigsaw_multilabel/lstm@11-epochs", "jigsaw_multilabel/lstm"),
        ("stacked_lstm/stacked@fast", "stacked_lstm/stacked/source/random_forest"),
        ("stacked_lstm/stacked", "stacked_lstm/stacked/source/linear_svm"),
        ("stacked_lstm/stacked/source/decision_tree", "stacked_lstm/stacked/source/linear_svm"),
        ("imdb_lstm/model_one@seed3", "imdb_lstm/model_one/source/padding_after@seed3"),
    ],
)
def test_whatever_is_compared_fits_into_lines_and_into_json(first: str, second: str) -> None:
    found = committed(first, second)
    assert max(map(len, found.text.splitlines())) <= 120
    assert "nan" not in found.text
    assert json.loads(json.dumps(found.content, allow_nan=False)) == found.content


def test_what_five_epochs_share_with_ten_is_equal_bit_for_bit() -> None:
    found = committed("imdb_lstm/model_one/source/epochs_5@seed1", "imdb_lstm/model_one@seed1")
    assert "The histories are equal, bit for bit, in the 5 epochs that both have." in paragraphs(found)
    assert {each["name"] for each in found.content["differences"]} >= {"variation", "epochs"}


def test_the_plain_model_and_another_optimizer_differ_as_the_variations_table_says() -> None:
    found = committed("imdb_lstm/model_one", "imdb_lstm/model_one/source/sgd")
    accuracy = next(row for row in found.content["results"] if (row["data"], row["measure"]) == ("test", "accuracy"))
    table = (COMMITTED.root / "tables/imdb_lstm/real-rebuilt-source/variations.csv").read_text().splitlines()
    header, *lines = (line.split(",") for line in table)
    (row,) = (
        dict(zip(header, line, strict=True))
        for line in lines
        if line[header.index("variation")] == "sgd" and "test" in line
    )
    for ours, theirs in (("difference", "accuracy_difference"), ("low", "accuracy_low"), ("high", "accuracy_high")):
        assert accuracy[ours] == pytest.approx(float(row[theirs]), abs=1e-7)
