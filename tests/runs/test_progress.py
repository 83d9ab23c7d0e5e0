"""What is shown while runs are under way, and that what goes wrong in a worker reaches the user."""

from __future__ import annotations

import io

import pytest
from conftest import REAL, MakeRecord
from rich.console import Console

from repro.errors import ReproError
from repro.records import Results
from repro.runs.progress import Display, Remaining, batches_an_epoch, duration
from repro.runs.run import Run
from repro.runs.sweep import Progress, share_cores, sweep


def planned(experiment: str) -> Run:
    return Run(
        chapter="imdb_lstm",
        experiment=experiment,
        seed=1,
        data="embedded",
        provenance=REAL,
        numerics="source",
        epochs=10,
        engine="fast",
    )


def test_an_epoch_has_as_many_batches_as_the_fitted_rows_need() -> None:
    assert batches_an_epoch(planned("model_one")) == 157  # 20,000 rows in batches of 128


def test_the_time_left_follows_from_the_work_done_since_the_first_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Model three counts twice as much a batch as model one, for it has twice the recurrent parameters."""
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    remaining = Remaining([planned("model_one"), planned("model_three")])
    assert remaining.seconds() is None
    remaining.update(0, 1_570 - 500)  # goes on from a checkpoint: these 500 batches were not done just now
    now += 10.0
    assert remaining.seconds() is None
    remaining.update(0, 1_570 - 600)
    assert remaining.seconds() == pytest.approx(10.0 * (970 + 2 * 1_570) / 100)


@pytest.mark.parametrize(
    ("seconds", "text"), [(4.4, "4 s"), (200, "3 min 20 s"), (7_500, "2 h 5 min"), (59.7, "1 min 0 s")]
)
def test_durations_read_well(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_without_a_terminal_each_epoch_and_each_run_is_one_line(make_record: MakeRecord) -> None:
    file = io.StringIO()
    with Display([planned("model_one")], Console(file=file)) as display:
        for step in (Progress(0, 1, 1), Progress(0, 1, 50), Progress(0, 2, 1)):
            display.progressed(step)
        display.finished(0, make_record())
        display.progressed(Progress(0, 10, 157))
    assert file.getvalue().splitlines() == [
        "imdb_lstm/model_one, seed 1: epoch 1 of 10; starting",
        "imdb_lstm/model_one, seed 1: epoch 2 of 10; starting",
        "imdb_lstm/model_one, seed 1: test accuracy 81.99%, loss 0.3997; 10 s",
    ]


def test_on_a_terminal_there_are_bars_and_the_lines_of_finished_runs_stay(make_record: MakeRecord) -> None:
    file = io.StringIO()
    with Display([planned("model_one")], Console(file=file, force_terminal=True, width=100)) as display:
        display.progressed(Progress(0, 3, 1))
        display.finished(0, make_record())
    assert "epoch 3 of 10" in file.getvalue()
    assert "test accuracy 81.99%" in file.getvalue()


@pytest.mark.parametrize(
    ("cores", "runs", "asked", "shares"),
    [
        (8, 1, {}, (1, 8)),  # one run takes all cores
        (8, 3, {}, (3, 2)),
        (8, 100, {}, (8, 1)),
        (8, 100, {"jobs": 2}, (2, 4)),
        (8, 100, {"threads": 3}, (2, 3)),
        (8, 1, {"threads": 3}, (1, 3)),
        (8, 100, {"jobs": 3, "threads": 5}, (3, 5)),
        (2, 100, {"jobs": 5}, (5, 1)),
        (2, 100, {"threads": 4}, (1, 4)),
    ],
)
def test_runs_share_the_cores_unless_the_user_says_otherwise(
    cores: int, runs: int, asked: dict[str, int], shares: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repro.runs.sweep.cores", lambda: cores)
    assert share_cores(runs, **asked) == shares


def test_an_error_in_a_worker_is_the_users_to_read(results: Results) -> None:
    run = planned("model_one")  # on other data than the embedded corpus that its worker will find
    with pytest.raises(ReproError, match="the data changed while the runs were under way"):
        sweep([run], results, jobs=1, progressed=lambda step: None, finished=lambda run, record: None, tell=print)
    assert not [path for path in results.root.rglob("*") if path.is_file()]
