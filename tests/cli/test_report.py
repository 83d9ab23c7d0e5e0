"""The command that writes the page."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import MakeRecord

import repro.cli.report as command
from repro.chapter import Chapter
from repro.check import Checked
from repro.cli import main
from repro.records import Results


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chapters are taken for checked: a check starts Keras."""

    def check_each(chapters: Sequence[Chapter]) -> dict[str, Checked]:
        return {chapter.name: Checked([], 1, 1, 1, 1, 1) for chapter in chapters}

    monkeypatch.setattr(command, "check_each", check_each)


def test_the_page_is_written_once_and_left_alone_if_nothing_changed(results: Results, make_record: MakeRecord) -> None:
    results.write(make_record())
    path = results.root / "report.html"
    assert call("--results", results.root).stdout == f"Page: {path}\n"
    before = path.stat().st_mtime_ns
    assert call("--results", results.root).exit_code == 0
    assert path.stat().st_mtime_ns == before


def test_without_records_the_command_says_how_to_make_some_and_writes_nothing(results: Results) -> None:
    ended = call("--results", results.root)
    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"repro: no records in {results.root / 'records'}; make some: repro run ")
    assert not results.root.exists()


def test_a_file_that_is_no_record_is_named_and_the_page_is_made_of_the_others(
    results: Results, make_record: MakeRecord
) -> None:
    spoiled = results.write(make_record(seed=1)).with_name("spoiled.json")
    spoiled.write_text("{")
    ended = call("--results", results.root)
    assert ended.exit_code == 2
    assert f"{spoiled}: not valid JSON" in ended.stderr
    assert (results.root / "report.html").exists()


def test_open_shows_the_page_in_the_browser(
    results: Results, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.write(make_record())
    opened: list[str] = []

    def open_it(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", open_it)
    assert call("--open", "--results", results.root).exit_code == 0
    assert opened == [(results.root / "report.html").resolve().as_uri()]


def test_without_a_browser_the_page_is_named_beside_what_was_left_out(
    results: Results, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled = results.write(make_record()).with_name("spoiled.json")
    spoiled.write_text("{")
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    ended = call("--open", "--results", results.root)
    assert ended.exit_code == 2
    assert f"open {results.root / 'report.html'} yourself" in ended.stderr
    assert f"{spoiled}: not valid JSON" in ended.stderr
