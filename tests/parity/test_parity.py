"""From recorded weights and on recorded batches, the chapters' models compute what was recorded, on both engines.

These tests run on the backend that KERAS_BACKEND names; `repro parity` goes through all that are installed.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import numpy as np
import pytest

from repro.backend import chosen
from repro.engines import ENGINES, Engine
from repro.errors import ReproError
from repro.numerics import Numerics
from repro.parity.compare import Difference, beyond_limits, differences
from repro.parity.recorded import RecordedModel, Trajectory, matrix, recorded_models
from repro.parity.replay import replay, without_dropout
from repro.registry import chapters, experiment

REFERENCE = Path(__file__).parents[1] / "reference"
MODELS = recorded_models(chapters().values(), REFERENCE)
FROM_R = [model for model in MODELS if model.recording.rows]
OTHERS = [model for model in MODELS if not model.recording.rows]
(JIGSAW,) = (model for model in OTHERS if model.name == "jigsaw_multilabel/lstm")


@functools.cache
def measured(model: RecordedModel, numerics: Numerics, engine: Engine = "keras") -> list[Difference]:
    return list(differences(model, numerics, chosen(), replay(model, model.start(), numerics, engine)))


def named(model: RecordedModel) -> str:
    return model.name


def source_of(model: RecordedModel) -> Trajectory:
    """How the model moved in the first stack that was recorded, its source's."""
    return model.trajectory(model.recording.stacks[0])


def test_the_models_of_all_chapters_were_recorded() -> None:
    assert [model.name for model in FROM_R] == [f"imdb_lstm/model_{name}" for name in ("one", "two", "three", "four")]
    assert {model.name.partition("/")[0] for model in MODELS} == set(chapters())


@pytest.mark.real_data
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("numerics", "against"), [("source", "R 2019"), ("keras2", "R 2024")])
@pytest.mark.parametrize("model", FROM_R, ids=named)
def test_forty_steps_give_rs_losses_weights_probabilities_and_table(
    model: RecordedModel, numerics: Numerics, against: str, engine: Engine, real_data: Path
) -> None:
    compared = [one for one in measured(model, numerics, engine) if one.against.name == against]
    assert [one.step for one in compared] == [1, 10, 40]
    assert beyond_limits(compared) == []
    assert {one.limit for one in compared} == {(5e-7, 1e-6, 1e-6)}
    assert compared[-1].weights is not None
    assert compared[-1].table is True


@pytest.mark.real_data
@pytest.mark.parametrize("engine", ENGINES)
def test_stock_keras_does_not_meet_r(engine: Engine, real_data: Path) -> None:
    """On TensorFlow it squares the pieces of an embedding's gradient, as R's keras3 does, whose losses it has.

    On the other backends it has no such fault, and computes what R of 2024 did.
    """
    compared = {one.against.name: one for one in measured(FROM_R[0], "stock", engine) if one.step == 40}
    assert compared["R 2019"].weights is not None
    assert compared["R 2019"].weights > 1e-3
    if chosen() == "tensorflow":
        assert compared["R 2024"].weights is not None
        assert compared["R 2024"].weights > 1e-3
        assert compared["R keras3"].losses < 5e-7
        assert compared["R keras3"].table is True
    else:
        assert compared["R 2024"].weights is not None
        assert compared["R 2024"].weights < 1e-6


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", OTHERS, ids=named)
def test_the_other_chapters_models_move_as_in_their_sources_software(model: RecordedModel, engine: Engine) -> None:
    compared = [one for one in measured(model, "source", engine) if one.against.name == "its source's"]
    assert [one.step for one in compared] == [20]
    assert all(one.limit for one in compared)
    assert beyond_limits(compared) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_keras2_moves_as_keras_2_15_where_that_was_recorded(engine: Engine) -> None:
    """Jigsaw's model: its losses after 20 steps agree to the last place of float32."""
    (compared,) = (one for one in measured(JIGSAW, "keras2", engine) if one.against.name == "Keras 2.15")
    assert compared.losses < 5e-7


def test_a_difference_beyond_its_limit_is_named() -> None:
    path = source_of(JIGSAW)
    assert beyond_limits(differences(JIGSAW, "source", "tensorflow", path)) == []
    moved = {step: [weights[0] + np.float32(1e-4), *weights[1:]] for step, weights in path.weights.items()}
    (fault,) = beyond_limits(differences(JIGSAW, "source", "tensorflow", path._replace(weights=moved)))
    assert fault.startswith(
        "jigsaw_multilabel/lstm: source on tensorflow against its source's, step 20: weights differ"
    )
    lost = path._replace(losses=path.losses * np.nan)
    assert any("losses differ by nan" in line for line in beyond_limits(differences(JIGSAW, "source", "jax", lost)))


def test_a_difference_that_needs_no_agreement_has_no_limit() -> None:
    moved = source_of(JIGSAW)._replace(losses=source_of(JIGSAW).losses + 1)
    assert beyond_limits(differences(JIGSAW, "stock", "tensorflow", moved)) == []


def test_another_confusion_table_is_named() -> None:
    path = source_of(FROM_R[0])._replace(table=((1, 2), (3, 4)))
    assert "the confusion tables differ" in beyond_limits(differences(FROM_R[0], "source", "", path))[0]


def test_a_class_that_r_left_out_has_a_row_of_zeros() -> None:
    table = {"rows_predicted": ["1"], "cols_actual": ["0", "1"], "counts": [[264, 248]]}
    assert matrix(table) == ((0, 0), (264, 248))


def test_without_dropout_a_model_keeps_its_weights_and_drops_nothing() -> None:
    model = experiment("rotten_tomatoes/lstm")[1].model()
    copy = without_dropout(model, 48)
    assert copy.input_shape == (None, 48)
    assert [weight.shape for weight in copy.weights] == [weight.shape for weight in model.weights]
    assert [type(layer).__name__ for layer in copy.layers] == ["Embedding", "MaskPerGateLSTM", "Dense", "Dense"]
    assert copy.layers[1].dropout == copy.layers[1].recurrent_dropout == 0


def test_missing_recordings_are_named(tmp_path: Path) -> None:
    with pytest.raises(ReproError, match=r"jigsaw\.npz is missing"):
        dataclasses.replace(JIGSAW, folder=tmp_path).start()


@pytest.mark.real_data
def test_reviews_other_than_the_recorded_ones_are_refused(real_data: Path, tmp_path: Path) -> None:
    recorded = REFERENCE / "r_2019" / "data.json"
    (tmp_path / "r_2019").mkdir()
    changed = recorded.read_text(encoding="utf-8").replace("6001f512", "6001f513")
    (tmp_path / "r_2019" / "data.json").write_text(changed, encoding="utf-8")
    with pytest.raises(ReproError, match="not on these"):
        dataclasses.replace(FROM_R[0], folder=tmp_path).start()
