"""What things cost beside Keras', measured in turns: a training step with the corrections, numbering words."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
from keras.src.legacy.preprocessing import text as legacy

from repro import registry
from repro.backend import make_deterministic
from repro.numerics import NUMERICS
from repro.text import Tokenizer
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


@pytest.mark.slow
@pytest.mark.real_data
def test_words_are_numbered_three_times_as_fast_as_by_keras(
    real_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fitted on the Jigsaw comments, which are then encoded; also printed: the ratio where that is done in two calls.

    The median over rounds of the ratio of processor times.
    """
    with (real_data / "jigsaw/train.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["comment_text"] for row in csv.DictReader(file)]

    def keras() -> None:
        tokenizer = legacy.Tokenizer(20_000)
        tokenizer.fit_on_texts(texts)
        tokenizer.texts_to_sequences(texts)

    def seconds(work: Callable[[], object]) -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    def times_as_fast(ours: Callable[[], object]) -> float:
        return median(seconds(keras) / seconds(ours) for _ in range(ROUNDS))

    one_call = times_as_fast(lambda: Tokenizer(20_000).fit_encode(texts))
    two_calls = times_as_fast(lambda: Tokenizer(20_000).fit(texts).encode(texts))
    with capsys.disabled():
        print(f"\n{one_call:.1f} times as fast as Keras in one call, {two_calls:.1f} times in two", end=" ")
    assert one_call >= 3
