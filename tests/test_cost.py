"""What things cost beside Keras', measured in turns: a training step with the corrections, numbering words.

And the memory that the largest corpus takes.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from keras.src.legacy.preprocessing import text as legacy

from repro import registry
from repro.backend import make_deterministic
from repro.datasets.jigsaw import LABELS, TEST_ROWS, TRAIN_ROWS
from repro.numerics import NUMERICS
from repro.runs.train import compiled
from repro.text import Tokenizer

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


VOCABULARY = 200_000
MEDIAN_WORDS, MOST_WORDS, SPREAD = 36, 1_250, 1.1
"""Of the comments, with the standard deviation of the logarithm of their numbers of words: about as in Jigsaw."""


def made_up_comments(folder: Path) -> None:
    """Files with as many rows and about as many words as Kaggle's; word n is about n times as rare as the first."""
    rng = np.random.default_rng(1)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    ranks = np.arange(1, VOCABULARY + 1)
    sizes = np.clip(rng.normal(3 + np.log10(ranks), 1.5), 2, 14).astype(int)
    words = list(dict.fromkeys("".join(letters[rng.integers(0, 26, size)]) for size in sizes))
    reached = np.cumsum(1 / ranks[: len(words)])

    def comments(rows: int) -> Iterator[str]:
        lengths = np.clip(rng.lognormal(np.log(MEDIAN_WORDS), SPREAD, rows), 1, MOST_WORDS).astype(int)
        for length in lengths.tolist():
            yield " ".join(
                [words[rank] for rank in np.searchsorted(reached, rng.random(length) * reached[-1]).tolist()]
            )

    def labels(rows: int) -> list[list[int]]:
        given: list[list[int]] = (rng.random((rows, len(LABELS))) < 0.1).astype(int).tolist()
        return given

    folder.mkdir(parents=True)
    columns = ",".join(LABELS)
    with (folder / "train.csv").open("w") as train:
        train.write(f"id,comment_text,{columns}\n")
        for row, (text, given) in enumerate(zip(comments(TRAIN_ROWS), labels(TRAIN_ROWS), strict=True)):
            train.write(f'{row:016x},"{text}",{",".join(map(str, given))}\n')
    with (folder / "test.csv").open("w") as test, (folder / "test_labels.csv").open("w") as labelled:
        test.write("id,comment_text\n")
        labelled.write(f"id,{columns}\n")
        for row, (text, given) in enumerate(zip(comments(TEST_ROWS), labels(TEST_ROWS), strict=True), start=TRAIN_ROWS):
            test.write(f'{row:016x},"{text}"\n')
            labelled.write(f"{row:016x},{','.join(map(str, given))}\n")


LOAD_AND_TRAIN = """
import json, re, resource, sys, time
from pathlib import Path

def peak():  # bytes
    status = Path("/proc/self/status")  # getrusage counts, on Linux, the peak of the process that started this one too
    if status.exists():
        return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS counts bytes

from chapters import jigsaw_multilabel as chapter
start = time.perf_counter()
data = chapter.data(Path(sys.argv[1]))
found = {"seconds": time.perf_counter() - start, "loaded": peak()}

import numpy as np
from repro.engines.batches import Batches
from repro.engines.keras import KerasTrainer
from repro.runs.train import compiled
model = compiled(chapter.CHAPTER, chapter.LSTM, "source")
found["started"] = peak()
batch = Batches(data.x_train, data.y_train, size=chapter.LSTM.batch_size, order=np.arange(5 * chapter.LSTM.batch_size))
model.fit(batch, shuffle=False, verbose=0)
found["trained"] = peak()
trainer = KerasTrainer(model, chapter.CHAPTER, chapter.LSTM, 1)
assert trainer.predict(data.x_test[:100]).probabilities.shape == (100, 6)
found["predicted"] = peak()
found["rows"] = [len(data.x_train), len(data.x_validation), len(data.x_test)]
found["label"] = data.provenance.label
print(json.dumps(found))
"""

LOAD_AGAIN = """
import re, sys
from pathlib import Path

def private():  # bytes that no file holds
    account = Path("/proc/self/smaps_rollup")
    return int(re.search(r"Anonymous:\\s+(\\d+) kB", account.read_text())[1]) * 1024 if account.exists() else 0

from chapters import jigsaw_multilabel as chapter
before = private()
data = chapter.data(Path(sys.argv[1]))
print(private() - before)
"""


@pytest.mark.slow
def test_all_jigsaw_comments_fit_into_three_gigabytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Made up ones: read and prepared, five steps trained, a batch predicted; the memory and the time are printed.

    Of the 88 MB that are prepared, another process has next to nothing for itself.
    """
    made_up_comments(tmp_path / "data/jigsaw")

    def last_line(code: str) -> Any:
        ended = subprocess.run(
            [sys.executable, "-c", code, tmp_path / "data"],
            cwd=Path(registry.__file__).parents[1],
            env={**os.environ, "REPRO_CACHE": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout.splitlines()[-1])

    found, private = last_line(LOAD_AND_TRAIN), last_line(LOAD_AGAIN) / 2**20
    gib = {what: found[what] / 2**30 for what in ("loaded", "started", "trained", "predicted")}
    with capsys.disabled():
        peaks = ", ".join(f"{what} {size:.2f}" for what, size in gib.items())
        print(f"\nall Jigsaw comments: {found['seconds']:.1f} s to load; GiB at most until {peaks}", end=" ")
        print(f"; {private:.1f} MiB of its own when another process loads them", end=" ")
    assert found["label"] == "real-unverified"
    assert found["rows"] == [119_678, 39_893, 153_164]
    assert gib["predicted"] < 3
    assert private < 5


@pytest.mark.slow
@pytest.mark.parametrize("chapter", ["imdb_rnn", "jigsaw_multilabel", "rotten_tomatoes", "stacked_lstm"])
def test_a_chapter_runs_on_its_embedded_corpus_in_under_a_minute(
    chapter: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Processor time of all its processes, which is the wall time on a free core; both are printed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = ["-m", "repro", "run", chapter, "--data", "embedded", "--results", str(tmp_path)]
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with capsys.disabled():
        print(f"\n{chapter}: {seconds:.0f} s of processor time, {time.perf_counter() - start:.0f} s in all", end=" ")
    assert seconds < 60
