"""Each variation changes what it says and nothing else: in the layers, the rows, the training, and what is trained."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import arrays, on_tiny_reviews, tiny_reviews
from numpy.typing import NDArray

from repro import registry
from repro.backend import keras, make_deterministic
from repro.chapter import Chapter, Experiment, Variation
from repro.check import counts
from repro.cli import main
from repro.datasets import embedded
from repro.datasets.choice import DataChoice
from repro.datasets.dataset import Dataset, Preparation
from repro.engines import ENGINES, Engine
from repro.errors import ReproError
from repro.layers import Layer
from repro.numerics import NUMERICS, Numerics
from repro.records import Record, Results
from repro.runs.classifier import fit_classifier, word_counts
from repro.runs.plan import Plan, plan, select
from repro.runs.run import Run, settings
from repro.runs.train import batch_order, compiled, train

EVERY = [
    pytest.param(chapter, variation, id=f"{chapter.name}-{variation.name}")
    for chapter in registry.chapters().values()
    for variation in chapter.variations
]
every = pytest.mark.parametrize(("chapter", "variation"), EVERY)


# What it changes
def plain_of(chapter: Chapter, experiment: Experiment) -> Experiment:
    return next(each for each in chapter.experiments if each.name == experiment.name)


def differing(one: msgspec.Struct, other: msgspec.Struct) -> set[str]:
    return {name for name in one.__struct_fields__ if getattr(one, name) != getattr(other, name)}


@every
def test_it_differs_from_the_plain_experiment_in_what_it_says_and_in_nothing_else(
    chapter: Chapter, variation: Variation
) -> None:
    varied = chapter.varied(variation.name)
    assert differing(chapter.preparation, varied.preparation) == set(variation.prepared)
    of_model = {"layers"} if variation.built or "model" in variation.trained else set()
    stated = {"layers" if name == "model" else name for name in variation.trained} | set(variation.lstm) | of_model
    if not set(variation.built) - {"maxlen"} and variation.built:
        stated.remove("layers")  # no layer says how long a row is
    for experiment in varied.experiments:
        plain = plain_of(chapter, experiment)
        numbers = (
            settings(chapter, plain, "source", plain.epochs),
            settings(varied, experiment, "source", experiment.epochs),
        )
        assert differing(*numbers) == stated
        assert stated or variation.prepared  # so that the record has another name


def test_names_are_unique_in_their_chapter_and_can_be_folders() -> None:
    for chapter in registry.chapters().values():
        names = [variation.name for variation in chapter.variations]
        assert len(set(names)) == len(names)
        assert not set(names) & {"all", *(experiment.name for experiment in chapter.experiments)}
        assert all(re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", name) for name in names)


# Layers
@cache
def plain_model(build: Callable[..., keras.Model]) -> keras.Model:
    return build()


def embedded_words(model: keras.Model) -> int:
    return next(int(layer.input_dim) for layer in model.layers if isinstance(layer, keras.layers.Embedding))


def as_built(layer: keras.layers.Layer) -> Layer:
    """What a layer of Keras would be called in a record."""
    both_ways = isinstance(layer, keras.layers.Bidirectional)
    inner = layer.forward_layer if both_ways else layer
    kind: Any = "LSTM" if isinstance(inner, keras.layers.LSTM) else type(inner).__name__
    made = Layer(kind, directions=2 if both_ways else 1)
    if kind == "Embedding":
        return replace(made, inputs=inner.input_dim, units=inner.output_dim)
    if kind in ("Dropout", "SpatialDropout1D"):
        return replace(made, dropout=inner.rate)
    made = replace(made, units=inner.units, activation=inner.activation.__name__)
    if kind == "Dense":
        return made
    return replace(
        made,
        dropout=inner.dropout,
        recurrent_dropout=inner.recurrent_dropout,
        return_sequences=inner.return_sequences,
    )


@every
def test_its_model_has_the_layers_and_parameters_that_it_lists_and_takes_its_rows(
    chapter: Chapter, variation: Variation
) -> None:
    varied = chapter.varied(variation.name)
    for experiment in varied.experiments:
        plain = plain_of(chapter, experiment)
        if experiment.classifier:
            assert experiment.layers == ()
            continue
        if experiment.model is plain.model:
            assert experiment.layers == plain.layers
            model = plain_model(plain.model)
        else:
            model = experiment.model()
            for count in counts(varied, experiment):
                assert count.derived == count.keras, count.what
            assert [each.description for each in experiment.layers] == [
                as_built(layer).description for layer in model.layers
            ]
        assert model.input_shape == (None, varied.preparation.maxlen)
        spare = embedded_words(plain_model(plain.model)) - chapter.preparation.num_words
        assert embedded_words(model) == varied.preparation.num_words + spare


def test_gates_are_those_of_todays_keras_where_a_variation_says_so() -> None:
    gates = []
    for name in ("", "sigmoid_gates"):
        chapter, experiment = registry.experiment("imdb_lstm/model_one", name)
        gates.append(compiled(chapter, experiment, "source").layers[1].recurrent_activation.__name__)
    assert gates == ["hard_sigmoid", "sigmoid"]


# Rows
OF_REVIEWS = [each for each in registry.chapter("imdb_lstm").variations if each.prepared]


def by_keras(halves: list[list[list[int]]], preparation: Preparation) -> list[NDArray[np.int32]]:
    """Ranks as `keras.datasets.imdb.load_data` and `pad_sequences` make rows of them, after the exchange of ranks."""
    made = []
    for half in halves:
        rows = []
        for ranks in half:
            if every := preparation.ranks_exchanged:
                # ranks every-1 and every, 2·every-1 and 2·every, ...
                exchanged = {every - 1: +1, 0: -1}
                ranks = [rank + exchanged.get(rank % every, 0) for rank in ranks]
            numbers = [1, *(rank + preparation.index_from for rank in ranks)]
            rows.append([number if number < preparation.num_words else 2 for number in numbers])
        padded = keras.utils.pad_sequences(
            *(rows, preparation.maxlen), padding=preparation.padding, truncating=preparation.truncating
        )
        made.append(padded)
    return made


def varied_rows(variation: Variation, choice: DataChoice) -> Dataset:
    return registry.varied("imdb_lstm", variation.name).data(choice)


@cache
def embedded_ranks() -> list[list[list[int]]]:
    """The embedded reviews, training and test, as ranks; all their words have one."""
    index, corpus = embedded.word_index(), embedded.reviews()
    return [
        [[index[word] for word in re.sub(r"[^a-z' ]", " ", text.lower()).split()] for text in texts]
        for texts in (corpus.train_texts, corpus.test_texts)
    ]


@pytest.mark.parametrize("variation", OF_REVIEWS, ids=lambda variation: variation.name)
def test_rows_are_those_of_keras_with_the_arguments_that_the_variation_changes(variation: Variation) -> None:
    made = varied_rows(variation, "embedded")
    assert made.provenance.preparation is not None
    train_rows, test_rows = by_keras(embedded_ranks(), made.provenance.preparation)
    np.testing.assert_array_equal(made.x_train[:], train_rows)
    np.testing.assert_array_equal(made.x_test[:], test_rows)


@cache
def real_ranks(folder: Path) -> list[list[list[int]]]:
    """The first 500 real reviews of each half, as ranks, in the order of `load_data`."""
    shuffler, halves = np.random.RandomState(113), []
    with np.load(folder / "imdb" / "imdb.npz", allow_pickle=True) as npz:
        for half in ("train", "test"):
            reviews = npz[f"x_{half}"]
            order = np.arange(len(reviews))
            shuffler.shuffle(order)
            halves.append([list(row) for row in reviews[order[:500]]])
    return halves


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["both_after", "shifted_by_three", "ranks_exchanged"])
def test_real_rows_are_those_of_keras_with_the_arguments_that_the_variation_changes(name: str, real_data: Path) -> None:
    (variation,) = (each for each in OF_REVIEWS if each.name == name)
    made = varied_rows(variation, "real")
    assert made.provenance.preparation is not None
    train_rows, test_rows = by_keras(real_ranks(real_data), made.provenance.preparation)
    np.testing.assert_array_equal(made.x_train[:500], train_rows)
    np.testing.assert_array_equal(made.x_test[:500], test_rows)
    plain = registry.chapter("imdb_lstm").data("real")
    assert np.array_equal(made.y_train, plain.y_train)
    assert not np.array_equal(made.x_train[:500], plain.x_train[:500])


# Training, on tiny reviews
STILL = Variation(
    "still",
    "check",
    "nothing is learnt, the test rows are validated on",
    trained={"learning_rate": 0.0, "validation_split": 0.0, "validates_on_test": True},
)
FASTER = Variation("learning_rate_0.01", "check", "learning rate 0.01", trained={"learning_rate": 0.01})


def on_any_preparation(choice: DataChoice = "embedded", preparation: Preparation | None = None) -> Dataset:
    """`tiny_reviews`, however they are to be prepared."""
    dataset = tiny_reviews(choice)
    provenance = msgspec.structs.replace(dataset.provenance, preparation=preparation or dataset.provenance.preparation)
    return replace(dataset, provenance=provenance)


TINY = replace(
    on_tiny_reviews(),
    data=on_any_preparation,
    variations=(*registry.chapter("imdb_lstm").variations, STILL, FASTER),
)


@pytest.fixture
def tiny_varied(monkeypatch: pytest.MonkeyPatch) -> None:
    """`TINY`, in the place of the chapter."""
    monkeypatch.setitem(registry.chapters(), "imdb_lstm", TINY)


@dataclass(frozen=True)
class Trainings:
    """Runs of model two by one engine, each made once."""

    engine: Engine
    results: Results
    made: dict[str, Record]

    def of(self, variation: str) -> Record:
        if variation not in self.made:
            with pytest.MonkeyPatch.context() as patch:
                patch.setitem(registry.chapters(), "imdb_lstm", TINY)
                self.made[variation] = train(tiny_run("model_two", variation, engine=self.engine), self.results)
        return self.made[variation]


def tiny_run(experiment: str, variation: str, *, seed: int = 1, epochs: int = 2, engine: Engine = "fast") -> Run:
    return Run(
        chapter="imdb_lstm",
        experiment=experiment,
        seed=seed,
        data="embedded",
        provenance=TINY.varied(variation).data("embedded").provenance,
        numerics="source",
        epochs=epochs,
        engine=engine,
        variation=variation,
    )


@pytest.fixture(scope="module", params=ENGINES)
def trainings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trainings:
    return Trainings(request.param, Results(tmp_path_factory.mktemp("trainings")), {})


def test_the_order_of_the_rows_is_that_of_the_file_or_one_random_order() -> None:
    new = [batch_order(3, epoch, 300).tolist() for epoch in (0, 1, 2)]
    one = [batch_order(3, epoch, 300, "one random order").tolist() for epoch in (0, 1, 2)]
    assert one == [new[0]] * 3
    assert one[0] != batch_order(4, 0, 300, "one random order").tolist()
    assert new[1] != new[0]
    assert [batch_order(3, epoch, 300, "file order").tolist() for epoch in (0, 1)] == [list(range(300))] * 2


@cache
def fitted_by_keras() -> dict[str, list[float]]:
    """The history of model two on `tiny_reviews`, by Keras alone, the rows not shuffled."""
    make_deterministic(1)
    model = compiled(*registry.experiment("imdb_lstm/model_two"), "source")
    x, y, *_ = arrays(tiny_reviews())
    history: dict[str, list[float]] = model.fit(
        *(x, y, 128), epochs=2, validation_split=0.2, shuffle=False, verbose=0
    ).history
    return history


def test_without_shuffling_it_trains_as_keras_does(trainings: Trainings) -> None:
    history = trainings.of("no_shuffling").history
    assert history["loss"] != trainings.of("").history["loss"]
    for measure, values in fitted_by_keras().items():
        assert history[measure] == pytest.approx(values, rel=1e-5), measure


def test_with_one_order_the_first_epoch_is_that_of_the_plain_run_and_the_second_is_not(trainings: Trainings) -> None:
    one, plain = trainings.of("one_order").history["loss"], trainings.of("").history["loss"]
    assert one[0] == plain[0]
    assert one[1] != plain[1]


def test_where_the_test_rows_are_validated_on_the_last_validation_is_their_evaluation(trainings: Trainings) -> None:
    record = trainings.of("validating_on_test")
    assert record.history["val_accuracy"][-1] == pytest.approx(record.evaluation["test"].accuracy)
    assert record.history["val_loss"][-1] == pytest.approx(record.evaluation["test"].loss, rel=1e-5)
    assert record.settings.validation_split == 0


def test_where_the_test_rows_are_validated_on_all_training_rows_are_fitted(trainings: Trainings) -> None:
    """With a learning rate of 0, the loss while training is that of the rows that are fitted, whatever the engine."""
    record = trainings.of("still")
    everything = record.evaluation["train"]
    assert list(record.history["loss"]) == pytest.approx([everything.loss] * 2, rel=1e-5)
    assert list(record.history["accuracy"]) == pytest.approx([everything.accuracy] * 2)
    assert sum(map(sum, everything.matrix)) == 200


def test_where_held_out_rows_are_evaluated_train_is_the_last_validation_and_nothing_else_differs(
    trainings: Trainings,
) -> None:
    record, plain = trainings.of("evaluating_held_out"), trainings.of("")
    train_rows = record.evaluation["train"]
    assert sum(map(sum, train_rows.matrix)) == 40
    assert record.history["val_loss"][-1] == pytest.approx(train_rows.loss, rel=1e-5)
    assert record.history["val_accuracy"][-1] == pytest.approx(train_rows.accuracy)
    assert record.weights_sha256 == plain.weights_sha256
    assert record.history == plain.history
    assert record.evaluation["test"] == plain.evaluation["test"]


@pytest.mark.parametrize("numerics", NUMERICS)
def test_a_learning_rate_is_the_optimizers(tiny_varied: None, numerics: Numerics) -> None:
    rates = []
    for name in ("", "learning_rate_0.01"):
        for model in ("model_one", "model_two"):
            rate = compiled(*registry.experiment(f"imdb_lstm/{model}", name), numerics).optimizer.learning_rate
            rates.append(float(rate))
    assert rates == pytest.approx([0.001, 0.001, 0.01, 0.01])


# Classifiers
CLASSIFIERS = ("linear_svm", "random_forest", "decision_tree")


def as_words(x: NDArray[np.int32]) -> list[str]:
    """The numbers of each row as words with spaces between, without the zeros that pad it."""
    return [" ".join(str(number) for number in row if number) for row in x.tolist()]


def counted(x: NDArray[np.int32], num_words: int) -> Any:
    """The counts by scikit-learn, `(rows, num_words)`, sparse."""
    from sklearn.feature_extraction.text import CountVectorizer

    vocabulary = {str(number): number for number in range(num_words)}
    return CountVectorizer(token_pattern=r"\S+", vocabulary=vocabulary).transform(as_words(x))


def test_words_are_counted_as_scikit_learn_counts_them() -> None:
    x, *_ = arrays(registry.chapter("imdb_lstm").data("embedded"))
    expected = counted(x[:300], 500)
    assert expected.max() > 1
    assert (word_counts(x[:300], 500) != expected).nnz == 0


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifiers_evaluation_is_that_of_scikit_learns_own_pipeline(
    name: str, tiny_varied: None, results: Results
) -> None:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.metrics import accuracy_score, confusion_matrix
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC
    from sklearn.tree import DecisionTreeClassifier

    kind = dict(zip(CLASSIFIERS, (LinearSVC, RandomForestClassifier, DecisionTreeClassifier), strict=True))[name]
    record = train(tiny_run("model_one", name, seed=5), results)
    x_train, y_train, x_test, y_test = arrays(tiny_reviews())
    pipeline = make_pipeline(TfidfTransformer(), kind(random_state=5))
    pipeline.fit(counted(x_train[:160], 500), y_train[:160])  # the last fifth is held out
    for split, x, y in (("train", x_train, y_train), ("test", x_test, y_test)):
        answers = pipeline.predict(counted(x, 500))
        evaluation = record.evaluation[split]  # type: ignore[index]
        assert evaluation.accuracy == accuracy_score(y, answers)
        assert np.array_equal(np.transpose(evaluation.matrix), confusion_matrix(y, answers))
    assert record.engine == "scikit-learn"
    assert record.history == {}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_is_the_same_for_the_same_seed(name: str, tiny_varied: None, tmp_path: Path) -> None:
    first, again, other = (
        train(tiny_run("model_one", name, seed=seed), Results(tmp_path / folder))
        for seed, folder in ((1, "first"), (1, "again"), (2, "other"))
    )
    assert first.outcome() == again.outcome()
    assert first.weights_sha256 != other.weights_sha256


def test_a_classifier_of_several_classes_gives_each_its_share() -> None:
    chapter, experiment = registry.experiment("stacked_lstm/stacked", "random_forest")
    dataset = chapter.data("embedded")
    outputs = fit_classifier(experiment, dataset, 1).predict(dataset.x_test[:40])
    assert outputs.probabilities.shape == (40, len(chapter.classes))
    assert outputs.probabilities.sum(axis=1) == pytest.approx(1)


# Asked for on the command line
def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["run", *arguments, "--data", "embedded"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["imdb_lstm", "--vary", "padding_aftr"],
            "no variation 'padding_aftr' of imdb_lstm; did you mean 'padding_after'?",
        ),
        (["rotten_tomatoes", "--vary", "quux"], "no variation 'quux' of rotten_tomatoes; there are: no_dropout"),
        (["imdb_lstm/model_two", "--vary", "sgd"], "--vary sgd: no variation of imdb_lstm/model_two"),
        (["imdb_lstm/model_one", "--vary", "simple_rnn", "--engine", "fast"], "only the engine keras knows this model"),
    ],
)
def test_a_variation_that_cannot_be_is_refused_in_a_line_or_two(arguments: list[str], message: str) -> None:
    ended = call(*arguments)
    assert ended.exit_code == 2
    assert isinstance(ended.exception, SystemExit)
    assert message in ended.stderr
    assert len(ended.stderr.strip().splitlines()) <= 2


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch, tiny_varied: None) -> list[Run]:
    """What the command would train: nothing is trained."""
    runs: list[Run] = []

    def trained(todo: Plan, *_: object) -> None:
        runs.extend(todo.to_do)

    monkeypatch.setattr("repro.cli.launch.train", trained)
    return runs


def test_all_stands_for_every_variation_of_what_is_named(planned: list[Run], tmp_path: Path) -> None:
    ended = call("imdb_lstm/model_two", "--vary", "all", "--results", str(tmp_path))
    assert ended.exit_code == 0, ended.output
    names = [each.name for each in TINY.variations if not each.only or "model_two" in each.only]
    assert [run.variation for run in planned] == names
    assert {run.experiment for run in planned} == {"model_two"}
    assert "sgd" not in names


def test_each_engine_trains_variations_and_a_model_that_one_alone_knows_is_left_to_it(
    planned: list[Run], tmp_path: Path
) -> None:
    for arguments in ([], ["--engine", "keras"]):
        vary = ["--vary", "no_shuffling", "--vary", "simple_rnn", "--vary", "linear_svm"]
        ended = call("imdb_lstm/model_one", *vary, *arguments, "--results", str(tmp_path))
        assert ended.exit_code == 0, ended.output
    assert [(run.variation, run.engine_name) for run in planned] == [
        ("no_shuffling", "fast"),
        ("simple_rnn", "keras"),
        ("linear_svm", "scikit-learn"),
        ("no_shuffling", "keras"),
        ("simple_rnn", "keras"),
        ("linear_svm", "scikit-learn"),
    ]


def test_a_variation_of_one_experiment_alone_is_selected_once_and_only_there(tiny_varied: None) -> None:
    selected = select(["imdb_lstm"], ["sgd", "sgd"])
    assert [(each.experiment.name, each.experiment.optimizer) for each in selected] == [("model_one", "sgd")]
    with pytest.raises(ReproError, match="no experiment 'model_two' in imdb_lstm"):
        registry.experiment("imdb_lstm/model_two", "sgd")


def test_a_variation_that_was_trained_is_not_trained_again_and_is_not_the_plain_run(
    tiny_varied: None, results: Results
) -> None:
    def asked(*variations: str) -> Plan:
        return plan(
            *(["imdb_lstm/model_two"],),
            seeds=[1],
            data="embedded",
            numerics="source",
            epochs=1,
            engine="fast",
            results=results,
            variations=variations,
        )

    record = train(tiny_run("model_two", "no_shuffling", epochs=1), results)
    assert record.variation == "no_shuffling"
    assert asked("no_shuffling") == Plan([], [record])
    assert [run.variation for run in asked().to_do] == [""]
    assert [run.variation for run in asked("no_shuffling", "one_order").to_do] == ["one_order"]
