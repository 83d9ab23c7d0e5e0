"""The page's form says what `repro judge` says: JavaScript and Python judge the same numbers of our own runs."""

from __future__ import annotations

import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import cycle
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Any

import pytest
from browser import complaints
from scipy import special
from selenium.webdriver import Chrome

from repro import registry
from repro.errors import ReproError
from repro.evidence import intervals
from repro.evidence.intervals import deviation
from repro.evidence.judging import coordinates, judgement, likeness, normal_scores, panel
from repro.evidence.judging.answer import Answer, answer_by
from repro.evidence.judging.candidates import Candidate, candidates
from repro.evidence.judging.recognition import SHOWN, Shown
from repro.evidence.reader.reader_numbers import read_numbers
from repro.evidence.run_groups import read_groups
from repro.numerics import NUMERICS
from repro.records import Record, Results
from repro.report import judgement_remarks, judgement_text
from repro.report.judgement_tables import beside_runs, ways
from repro.report.judgement_text import as_data, is_compared, sentences
from repro.report.page.bundle import bundled
from repro.report.page.form_data import form_data
from repro.report.table import Table

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "repro" / "report" / "page" / "scripts"
RESULTS = Results(ROOT / "results")
EXPERIMENTS = [f"{name}/{each.name}" for name in registry.chapters() for each in registry.chapter(name).experiments]
MIRRORED = (coordinates, intervals, judgement, judgement_remarks, judgement_text, likeness, normal_scores, panel)
"""Modules with levels and limits, which scripts of the same names have too."""
NUMBERS = ("accuracy", "loss", "sensitivity", "specificity", "auc", "matrix")
WITH_CHANGES = ("imdb_lstm/model_one", "imdb_lstm/model_two")

Request = dict[str, Any]
"""What the form asks: see `form_answer.js`. What is left out was not given."""


@cache
def known(name: str, results: Results = RESULTS) -> tuple[Candidate, ...]:
    chapter, experiment = registry.experiment(name)
    return tuple(candidates(read_groups(chapter, results).groups, experiment.name))


@pytest.fixture(scope="module")
def chrome(chromium: Chrome) -> Iterator[Chrome]:
    chromium.get("about:blank")
    complaints(chromium)  # those of others
    script = f"'use strict';\n{bundled('form_answer.js')}\nreturn [answerReader, ReaderError];"
    chromium.execute_script(f"[window.answerReader, window.ReaderError] = (() => {{ {script} }})();")
    yield chromium
    assert complaints(chromium) == []


def data_of(results: Results) -> dict[str, Any]:
    chapters = registry.chapters()
    return form_data(chapters.values(), {name: read_groups(each, results) for name, each in chapters.items()})


IN_PAGE = """
const data = window.form[arguments[0]];
return JSON.stringify(JSON.parse(arguments[1]).map((request) => {
  try {
    return answerReader(data, request);
  } catch (error) {
    return { error: error instanceof ReaderError ? error.message : error.stack };
  }
}));
"""


def by_page(chrome: Chrome, requests: list[Request], results: Results = RESULTS) -> list[dict[str, Any]]:
    nothing: Request = {"split": None, "transposed": False, "history": None, "numerics": None}
    nothing |= {name: [] for name in NUMBERS}
    if not chrome.execute_script("window.form ??= {}; return arguments[0] in window.form;", str(results.root)):
        data = json.dumps(data_of(results))
        chrome.execute_script("window.form[arguments[0]] = JSON.parse(arguments[1]);", str(results.root), data)
    text = chrome.execute_script(IN_PAGE, str(results.root), json.dumps([nothing | each for each in requests]))
    answers: list[dict[str, Any]] = json.loads(text)
    return answers


def by_python(request: Request, path: Path, results: Results = RESULTS) -> dict[str, Any]:
    """path: where a history may be written."""
    given = {name: value for name, value in request.items() if name not in ("experiment", "numerics", "history")}
    if "history" in request:
        path.write_text(request["history"]["text"])
        given["history"] = path
    try:
        numbers = read_numbers(*registry.experiment(request["experiment"]), **given)
        answered = answer_by(numbers, known(request["experiment"], results), request.get("numerics"))
    except ReproError as error:
        return {"error": str(error)}
    return expected(answered)


def expected(answer: Answer) -> dict[str, Any]:
    """What the page answers, made of what the command says."""
    judgement, compared = answer.judgement, is_compared(answer)
    shown = [judgement.best_unchanged] if judgement.unchanged else []
    shown += [judgement.asked] if judgement.asked else []
    drawn = [
        {
            "name": each.name,
            "given": each.given.value,
            "isShare": each.is_share,
            "groups": [
                {
                    "change": judged.candidate.change,
                    "isChanged": judged.candidate.is_changed,
                    "values": judged.values[:, place].tolist(),
                }
                for judged in shown
            ],
        }
        for place, each in enumerate(judgement.coordinates)
    ]
    return {
        "data": as_data(answer),
        "sentences": sentences(answer),
        "tables": {
            "numbers": of_table(beside_runs(judgement)) if compared else None,
            "ways": of_table(ways(judgement)) if compared else None,
        },
        "drawn": drawn if compared else [],
    }


def outcome(answer: dict[str, Any]) -> str:
    return "error" if "error" in answer else str(answer["data"]["outcome"])


def of_table(table: Table) -> dict[str, Any]:
    columns = [{"header": header, "align": align} for header, align in zip(table.headers, table.align, strict=True)]
    return {"caption": table.caption, "columns": columns, "rows": [list(row) for row in table.rows]}


def differences(ours: Any, theirs: Any, close: float, where: str = "") -> Iterator[str]:
    """Where two answers differ; numbers by more than the relative difference `close`."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        for key in ours:
            yield from differences(ours[key], theirs[key], close, f"{where}.{key}")
    elif isinstance(ours, list | tuple) and isinstance(theirs, list) and len(ours) == len(theirs):
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, close, f"{where}[{place}]")
    elif isinstance(ours, float) and isinstance(theirs, int | float):
        if not math.isclose(ours, theirs, rel_tol=close):
            yield f"{where}: {ours!r} and {theirs!r}"
    elif ours != theirs:
        yield f"{where}: {ours!r} and {theirs!r}"


def assert_the_same(chrome: Chrome, requests: list[Request], path: Path, results: Results = RESULTS) -> list[Any]:
    """The answers of the page, which must be those of Python."""
    answers = []
    for first in range(0, len(requests), 25):
        asked = requests[first : first + 25]
        for request, theirs in zip(asked, by_page(chrome, asked, results), strict=True):
            ours = by_python(request, path, results)
            # Without unchanged runs, the base may hardly vary: its scale, of which nothing is said, is nearly singular.
            close = 1e-3 if outcome(ours) == "too few runs" else 1e-9
            assert list(differences(ours, theirs, close)) == [], request
            answers.append(theirs)
    return answers


def typed(name: str, run: Record, shown: Shown, path: Path) -> Request:
    """The numbers of a run as a reader types them."""
    asked: Request = {"experiment": name, "loss": [], "accuracy": [], "matrix": []}
    for split in shown.splits:
        found = run.evaluation[split]
        asked["loss"].append(f"{split}:{found.loss:.4f}")
        if shown.matrix:
            asked["matrix"].append(f"{split}:{' '.join(str(count) for row in found.matrix for count in row)}")
        else:
            asked["accuracy"].append(f"{split}:{100 * found.accuracy:.2f}%")
    if shown.history:
        lines = [",".join(f"{value:.4f}" for value in epoch) for epoch in zip(*run.history.values(), strict=True)]
        asked["history"] = {"name": str(path), "text": "\n".join([",".join(run.history), *lines])}
    return asked


@pytest.mark.parametrize("name", WITH_CHANGES)
def test_of_each_candidate_a_run_is_judged_as_python_judges_it(name: str, chrome: Chrome, tmp_path: Path) -> None:
    """Each in one of the ways that a reader may show it, under any numerics; all others are judged beside it."""
    path, numerics, requests = tmp_path / "history.csv", cycle([None, *NUMERICS, None]), []
    for place, candidate in enumerate(known(name)):
        run, ways_to_show = (
            candidate.runs[(place + 2) % len(candidate.runs)],
            cycle(SHOWN[place % len(SHOWN) :] + SHOWN),
        )
        shown = next(way for way in ways_to_show if run.history or not way.history)
        asked = typed(name, run, shown, path)
        requests.append(asked if (numbers := next(numerics)) is None else {**asked, "numerics": numbers})
    answers = assert_the_same(chrome, requests, path)
    outcomes = set(map(outcome, answers))
    assert outcomes >= {"usual", "explained", "likelier"}
    assert any(each["drawn"] for each in answers)


@pytest.mark.parametrize("name", sorted(set(EXPERIMENTS) - set(WITH_CHANGES)))
def test_the_runs_of_the_other_experiments_are_judged_as_python_judges_them(
    name: str, chrome: Chrome, tmp_path: Path
) -> None:
    """Of some there are few runs, or runs on a sample, or runs of classifiers alone."""
    path, requests = tmp_path / "history.csv", []
    for place, candidate in enumerate(known(name)):
        run = candidate.runs[-1]
        of_it = SHOWN[place % 2 :: 2]
        requests += [typed(name, run, shown, path) for shown in of_it if run.history or not shown.history]
        for numerics in {each.numerics for each in known(name)}:
            requests.append({**typed(name, run, SHOWN[0], path), "numerics": numerics})
    assert_the_same(chrome, requests, path)


def of(name: str, **given: Any) -> Request:
    """A question; each number is one text, or a list of them."""
    lists = {what: [text] if isinstance(text, str) and what in NUMBERS else text for what, text in given.items()}
    return {"experiment": name, **lists}


def history(text: str, path: Path) -> dict[str, str]:
    return {"name": str(path), "text": text}


def curves(run: Record, epochs: int) -> str:
    """The history of a run as csv, cut to so many epochs, or with its last epoch repeated."""
    rows = [*zip(*run.history.values(), strict=True)]
    rows = [rows[min(epoch, len(rows) - 1)] for epoch in range(epochs)]
    return "\n".join([",".join(run.history), *(",".join(map(repr, row)) for row in rows)])


def test_what_is_said_of_any_numbers_is_what_python_says(chrome: Chrome, tmp_path: Path) -> None:
    """Findings, each kind of outcome, histories of other lengths, and what cannot be read."""
    one, two, three, four = (f"imdb_lstm/model_{number}" for number in ("one", "two", "three", "four"))
    path = tmp_path / "my history.csv"
    run = next(each for each in known(two) if each.name == "source").runs[0]
    requests = [
        of(one, accuracy="81.37%", loss="0.41"),
        of(two, accuracy="0.8137", loss="0.41", numerics="source"),
        of(two, accuracy="0.93", loss="0.19"),
        of(four, accuracy="0.93", loss="0.19"),
        of(two, accuracy="0.833", numerics="stock"),
        of(two, accuracy="0.8645", loss="0.3641"),
        of(one, accuracy="0.5", loss="0.6931"),
        of(one, accuracy="1", loss="0"),
        of(one, loss="1e3"),
        of(one, loss="0"),
        of(one, accuracy="8e1"),
        of(three, matrix="10916 1584 2500 10000"),
        of(three, matrix="10000 2500 1584 10916", transposed=True),
        of(three, accuracy="0.8137", loss="0.4101"),
        of(four, loss="0.37"),
        of(one, matrix="12000 0 13000 0", loss="0.7"),
        of(one, matrix="9159 1161 3341 11339", loss="0.4", accuracy="0.81992"),
        of(one, accuracy="0.82", sensitivity="0.95", specificity="0.3"),
        of(one, accuracy="0.81992", sensitivity="0.907", specificity="0.733"),
        of(one, sensitivity="0.907"),
        of(one, accuracy=["validation:0.8", "train:0.83", "test:0.82"], loss=["val:0.41", "0.40"]),
        of(one, accuracy="0.82", split="train"),
        of(one, matrix="validation:2000 400 500 2100"),
        of("jigsaw_multilabel/lstm", auc="0.78"),
        of("jigsaw_multilabel/lstm", accuracy="0.78", loss="0.1"),
        of("imdb_rnn/lstm", accuracy="0.85", loss="0.4"),
        of("rotten_tomatoes", accuracy="0.6"),
        of("rotten_tomatoes/lstm", accuracy="validation:0.6"),
        of("stacked_lstm/stacked", matrix="train:5769 82 161 208 151 4705 35 67 195 28 4252 295 164 42 392 5664"),
        *(of(two, history=history(curves(run, epochs), path)) for epochs in (1, 5, 7, 10, 12, 30)),
        of(two, history=history(curves(run, 3), path), accuracy="0.83", numerics="stock"),
        of(two, history=history("loss\n0.5\nnan\n", path)),
        of(two, history=history("loss,acc\nnan,0.5\n", path), accuracy="0.83"),
        of("imdb_rnn/lstm", history=history("loss,val_loss\n" + "0.4,0.4\n" * 5, path)),
        of("jigsaw_multilabel/lstm", history=history("loss,auc\n0.1,0.9", path)),
        of(one),
        of(one, accuracy="1.7"),
        of(one, accuracy="nan"),
        of(one, matrix="1 2 3"),
        of(one, matrix="1 2 3 -4"),
        of(one, transposed=True),
        of(one, accuracy=["0.8", "0.9"]),
        of(one, history=history("epoch\n1\n", path)),
        of("rotten_tomatoes/lstm", sensitivity="0.8"),
        of("stacked_lstm/stacked", accuracy="0.8", numerics="stock"),
        *(of(f"imdb_lstm/{each.experiment}", loss=f"{each.split}:{each.loss}", accuracy=f"{each.split}:{each.accuracy}")
          for each in registry.chapter("imdb_lstm").results),
    ]  # fmt: skip
    answers = assert_the_same(chrome, requests, path)
    said = set(map(outcome, answers))
    assert said >= {"usual", "explained", "unlike", "unusual", "other data", "too few runs", "error"}


def test_what_is_said_where_there_are_few_runs_or_none_is_what_python_says(chrome: Chrome, tmp_path: Path) -> None:
    name, path = "imdb_lstm/model_two", tmp_path / "history.csv"
    few = Results(tmp_path)
    for candidate in known(name):
        if candidate.name in ("source", "stock", "source, padding_after"):
            for run in candidate.runs[: 4 if candidate.is_changed else 3]:
                few.write(run)
    requests = [
        of(name, accuracy="0.8137", loss="0.41"),
        of(name, accuracy="0.8137", numerics="stock"),
        of(name, accuracy="0.8137", numerics="keras2"),
        of(name, history=history(curves(known(name)[0].runs[0], 4), path)),
    ]
    answers = assert_the_same(chrome, requests, path, few)
    assert list(map(outcome, answers)) == ["too few runs", "too few runs", "error", "too few runs"]
    (nothing,) = by_page(chrome, [of("imdb_lstm/model_one", accuracy="0.8")], few)
    assert nothing["error"].startswith("no runs of imdb_lstm/model_one")


def test_the_functions_of_statistics_are_scipys(chrome: Chrome) -> None:
    halves = [n / 2 for n in range(1, 200)]
    at = [(n, t) for n in (1, 2, 3, 4, 8, 18, 19, 31, 50) for t in (-1e5, -30, -4.2, -1, -0.01, 0, 0.3, 1, 2.5, 1e3)]
    shares = [(n + 0.625) / 33.25 for n in range(33)] + [1e-300, 1e-12, 0.075, 0.925, 1 - 1e-12]
    script = bundled("special_functions.js") + "const [x, t, p] = arguments; return [x.map(gammaln), "
    script += "t.map(([n, value]) => stdtr(n, value)), p.map(ndtri)];"
    found = chrome.execute_script(script, halves, at, shares)
    assert found[0] == pytest.approx(special.gammaln(halves), rel=1e-13, abs=1e-14)
    assert found[1] == pytest.approx([special.stdtr(*each) for each in at], rel=1e-12)
    assert found[2] == pytest.approx(special.ndtri(shares), rel=1e-13, abs=1e-15)


def test_sums_are_rounded_once_as_pythons(chrome: Chrome) -> None:
    """Numbers of which a plain sum loses some, so that a mean of runs could be shown with another last digit."""
    draws = random.Random(1)
    lists = [[draws.choice((1, -1)) * 2.0 ** draws.uniform(-60, 60) for _ in range(30)] for _ in range(500)]
    lists += [[draws.random() for _ in range(32)] for _ in range(500)]
    lists += [[1e100, 1.0, -1e100], [1.0, 2.0**-53, 2.0**-80], [0.1] * 10, [0.83, 0.83]]
    script = bundled("intervals.js") + "return arguments[0].map((each) => [fsum(each), fmean(each), deviation(each)]);"
    assert chrome.execute_script(script, lists) == [[math.fsum(each), fmean(each), deviation(each)] for each in lists]


def test_no_name_is_declared_twice_in_the_scripts() -> None:
    """They become one script."""
    declared = re.compile(r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE)
    names = Counter(
        name for script in SCRIPTS.glob("*.js") for name in declared.findall(script.read_text(encoding="utf-8"))
    )
    assert {name for name, count in names.items() if count > 1} == set()


@pytest.mark.parametrize("module", MIRRORED, ids=lambda module: module.__name__)
def test_levels_and_limits_are_those_of_python(module: ModuleType) -> None:
    """Some are such that few numbers lie between them and a slightly different one."""
    script = SCRIPTS / f"{module.__name__.rpartition('.')[2]}.js"
    constant = re.compile(r"^(?:export )?const ([A-Z_]+) = (-?[\d.e-]+);", re.MULTILINE)
    limits = {name: float(value) for name, value in constant.findall(script.read_text(encoding="utf-8"))}
    assert limits
    assert limits == {name: getattr(module, name) for name in limits}


def test_the_runs_take_little_room_in_the_page() -> None:
    assert len(json.dumps(data_of(RESULTS), separators=(",", ":"))) < 900_000
