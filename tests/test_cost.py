"""What the corrections cost: a training step with them beside one of stock Keras, measured in turns."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

import pytest

from repro import registry
from repro.backend import make_deterministic
from repro.numerics import NUMERICS
from repro.training import compiled

ROUNDS, STEPS = 15, 6


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize("name", ["model_one", "model_two", "model_three", "model_four"])
def test_the_corrections_cost_no_more_than_a_twentieth_of_a_step(
    name: str, real_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The median over rounds of the ratio of processor times; the ratios are printed."""
    chapter, experiment = registry.experiment(f"imdb_lstm/{name}")
    assert chapter.data is not None
    data = chapter.data("real")
    x, y = data.x_train[:128], data.y_train[:128]
    make_deterministic(1)
    models = {numerics: compiled(chapter, experiment, numerics) for numerics in NUMERICS}
    for model in models.values():
        model.train_on_batch(x, y)

    def seconds(numerics: str) -> float:
        start = time.process_time()
        for _ in range(STEPS):
            models[numerics].train_on_batch(x, y)  # type: ignore[index]
        return time.process_time() - start

    rounds = [{numerics: seconds(numerics) for numerics in NUMERICS} for _ in range(ROUNDS)]
    cost = {numerics: median(each[numerics] / each["stock"] for each in rounds) for numerics in ("source", "keras2")}
    with capsys.disabled():
        print(f"\n{name}: a step costs " + ", ".join(f"{ratio:.3f} with {n}" for n, ratio in cost.items()), end=" ")
    assert max(cost.values()) <= 1.05
