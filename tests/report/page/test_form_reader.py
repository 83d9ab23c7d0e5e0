"""The page reads a reader's numbers as the command does: JavaScript and Python are asked the same, by the thousand."""

from __future__ import annotations

import json
import random
import struct
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from reader_requests import EXPERIMENTS, ONE, Request, records, requests
from selenium.webdriver import Chrome

from repro import registry
from repro.errors import ReproError
from repro.evidence.reader.consistency import checked, corrected, findings
from repro.evidence.reader.data_facts import DataFacts, data_facts
from repro.evidence.reader.finding import FindingKind
from repro.evidence.reader.reader_numbers import ReaderNumbers, read_numbers
from repro.report.page.bundle import bundled

Said = dict[str, Any]
"""What is answered: the `error`; or what was `understood`, before and after it was `corrected`, the `findings`, whether
anything was `checked`, and the `numbers` as they were corrected."""

IN_PAGE = """
const texts = (() => { %s; return { readNumbers, saidBack }; })();
const checks = (() => { %s; return { checked, corrected, findings, trainRows }; })();
const formats = (() => { %s; return { fixed, general, reprFloat, roundTo }; })();

function asData({ pooledAuc, ...given }) {
  const asTuple = (number) => (number?.text ? [number.value, number.half, number.text] : number);
  const numbers = Object.entries({ pooled_auc: pooledAuc, ...given });
  return Object.fromEntries(numbers.map(([name, number]) => [name, asTuple(number)]));
}

function answerOf(known, { experiment: name, complete, ...request }) {
  const { chapter, experiment } = known[name];
  const facts = complete ? { ...known[name].facts, complete } : known[name].facts;
  try {
    const numbers = texts.readNumbers(chapter, experiment, request);
    const found = checks.findings(numbers, facts);
    const read = checks.corrected(numbers, found);
    const { splits, history } = read;
    return {
      understood: [texts.saidBack(numbers, checks.trainRows(facts)), texts.saidBack(read, null)],
      findings: found.map(({ kind, severity, split, text }) => [kind, severity, split, text]),
      checked: checks.checked(numbers, facts),
      numbers: Object.fromEntries(Object.entries(splits).map(([split, given]) => [split, asData(given)])),
      history: history && [history.curves, history.diverged, history.ignored, history.epochs],
    };
  } catch (error) {
    return { error: error.constructor.name === "ReaderError" ? error.message : error.stack };
  }
}
"""


@pytest.fixture(scope="module")
def page(chromium: Chrome) -> Chrome:
    chromium.get("about:blank")
    return chromium


def in_page(page: Chrome, expression: str, *given: object) -> Any:
    """The value of an expression in the page, which has the list `given`; both go through JSON, so all digits stay."""
    script = IN_PAGE % tuple(map(bundled, ("reader_numbers.js", "consistency.js", "python_numbers.js")))
    asked = f"{script}\nconst given = JSON.parse(arguments[0]);\nreturn JSON.stringify({expression});"
    found = page.execute_script(asked, json.dumps(given))
    return json.loads(found, parse_int=float)  # JavaScript writes no point into whole numbers, whatever their size


# The command's side
@cache
def facts(name: str) -> DataFacts:
    chapter, experiment = registry.experiment(name)
    found = data_facts(experiment, records(chapter.name))
    assert found
    return found


@dataclass
class Unsaved:
    """A file that is in memory alone, as a path."""

    name: str
    text: str

    def __str__(self) -> str:
        return self.name

    def read_bytes(self) -> bytes:
        return self.text.encode()

    def stat(self) -> SimpleNamespace:
        return SimpleNamespace(st_size=len(self.read_bytes()))


def by_python(request: Request) -> Said:
    given = {name: value for name, value in request.items() if name not in ("experiment", "complete", "history")}
    history = Unsaved(**request["history"]) if "history" in request else None
    try:
        numbers = read_numbers(*registry.experiment(request["experiment"]), **given, history=history)  # type: ignore[arg-type]
    except ReproError as error:
        return {"error": str(error)}
    known = facts(request["experiment"])
    known = replace(known, complete=True) if request.get("complete") else known
    found = findings(numbers, known)
    read = corrected(numbers, found)
    return {
        "understood": [numbers.said_back(known.train_rows), read.said_back()],
        "findings": [[each.kind, each.severity, each.split, each.text] for each in found],
        "checked": checked(numbers, known),
        **as_data(read),
    }


def as_data(numbers: ReaderNumbers) -> Said:
    history = numbers.history
    return {
        "numbers": {split: asdict(given) for split, given in numbers.splits.items()},
        "history": history and [dict(history.curves), history.diverged, list(history.ignored), history.epochs],
    }


def known_in_page() -> dict[str, Any]:
    """What the page knows of each experiment: the fields of chapters and experiments that readers' numbers need."""
    known = {}
    for name in EXPERIMENTS:
        chapter, experiment = registry.experiment(name)
        of_results = ("experiment", "split", "loss", "accuracy", "matrix")
        of_experiments = ("name", "metric", "epochs", "validation_split", "evaluates_held_out")
        known[name] = {
            "chapter": {
                **{field: getattr(chapter, field) for field in ("name", "classes", "labels", "headline")},
                "held_out": chapter.preparation.held_out,
                "results": [{field: getattr(each, field) for field in of_results} for each in chapter.results],
            },
            "experiment": {field: getattr(experiment, field) for field in of_experiments},
            "facts": asdict(facts(name)),
        }
    return known


def is_worded_anew(said: Said) -> bool:
    """Whether an error is one that later versions of Python word in another way than 3.11 and the page."""
    anew = ("Illegal trailing comma", "new-line character seen")
    return sys.version_info >= (3, 12) and any(words in said.get("error", "") for words in anew)


def test_the_page_reads_understands_and_checks_numbers_as_the_command_does(page: Chrome) -> None:
    asked = requests(seed=1)
    answers = in_page(page, "given[1].map((request) => answerOf(given[0], request))", known_in_page(), asked)
    kinds = set()
    for request, answer in zip(asked, answers, strict=True):
        expected = json.loads(json.dumps(by_python(request)))
        assert answer == expected or is_worded_anew(expected), request
        kinds |= {kind for kind, *_ in expected.get("findings", ())}
    assert kinds == set(get_args(FindingKind))  # each is among what was compared


def some_floats(source: random.Random) -> Iterator[float]:
    """Numbers of all sizes, and many that lie in the middle between two of fewer digits."""
    yield from (0.0, -0.0, 0.5, 1.5, 2.5, 0.125, 1e16, 1e22, 123456789012345680.0, 9.9999995e-5, 5e-324, 1.7e308)
    for _ in range(300):
        yield struct.unpack("d", source.randbytes(8))[0]
        yield source.randrange(-4_000, 4_000) / source.choice((2, 4, 8, 16, 64, 1_000))
        yield 10 ** source.uniform(-12, 20)


def test_the_page_writes_numbers_as_python_does(page: Chrome) -> None:
    source = random.Random(2)
    numbers = [each for each in some_floats(source) if abs(each) < float("inf")]
    asked = [(each, source.randrange(12)) for each in numbers]
    forms = "formats.fixed(x, n), formats.general(x, n), formats.reprFloat(x), formats.roundTo(x, n - 6)"
    written = in_page(page, f"given[0].map(([x, n]) => [{forms}])", asked)
    expected = [[f"{x:.{n}f}", f"{x:.{n}g}", repr(x), round(x, n - 6)] for x, n in asked]
    assert written == expected


def test_a_file_that_is_no_text_or_too_large_is_refused(page: Chrome) -> None:
    of_bytes = "{ name: 'log', bytes: new Uint8Array(given[1]) }"
    too_large = "{ name: 'log', text: ' '.repeat(20 * 2 ** 20 + 1) }"
    for file, wrong in ((of_bytes, "log: cannot be read: not a text file"), (too_large, "log: larger than 20 MiB")):
        asked = f"answerOf(given[0], {{ experiment: '{ONE}', history: {file} }})"
        assert in_page(page, asked, known_in_page(), [*b"\x93NUMPY\xff\xfe"])["error"].startswith(wrong)


def test_a_chosen_file_is_read_from_its_bytes(page: Chrome) -> None:
    asked = (
        f"answerOf(given[0], {{ experiment: '{ONE}', history: {{ name: 'log', bytes: new Uint8Array(given[1]) }} }})"
    )
    answer = in_page(page, asked, known_in_page(), [*"\ufeffloss,Erfüllung\n0.5,1\n".encode()])
    assert answer["history"] == [{"loss": [0.5]}, None, ["Erfüllung"], 1]
