"""What the probe printed is read whatever stands around it; what was cut, changed or made otherwise is refused."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from probe_files import ONE, Content, content, sealed, written

from repro.cli import main
from repro.errors import ReproError
from repro.fingerprint.probe_file import read_probe

SCRIPTS = Path(__file__).parents[2] / "repro" / "fingerprint" / "scripts"
TEXT = ONE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("around", "encoding"),
    [
        ("Using TensorFlow backend.\n{}", "utf-8"),
        ("{{'a': 1}}\n2026-01-01 I tensorflow/core {{}}\n{}\nDone {{", "utf-8"),
        ("{}", "utf-8-sig"),
        ("{}", "utf-16"),  # PowerShell's `>`
    ],
)
def test_what_other_programs_print_around_it_does_not_matter(around: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "noisy.json"
    path.write_text(around.format(TEXT), encoding=encoding)
    assert read_probe(str(path)) == read_probe(str(ONE))


def test_a_minus_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert read_probe("-") == read_probe(str(ONE))


def lost(probe: Content) -> Content:
    return {name: value for name, value in probe.items() if name != "adam"}


def shorter(probe: Content) -> Content:
    probe["adam"]["losses"] = probe["adam"]["losses"][:-1]
    return sealed(probe)


def longer(probe: Content) -> Content:
    probe["epochs"] = 25
    return sealed(probe)


def without_loss(probe: Content) -> Content:
    probe["rmsprop"]["losses"][2] = None
    return probe


def diverged(probe: Content) -> Content:
    probe["adam"]["losses"][3:] = [float("nan")] * 21
    return sealed(probe)


def infinite(probe: Content) -> Content:
    probe["adam"]["weights"][1][0] = float("inf")
    return sealed(probe)


def edited(probe: Content) -> Content:
    probe["rmsprop"]["losses"][0] += 1e-6
    return probe


def another_model(probe: Content) -> Content:
    probe["rmsprop"]["weights"][0] = probe["rmsprop"]["weights"][0][:-4]
    return sealed(probe)


def words_for_numbers(probe: Content) -> Content:
    probe["rmsprop"]["losses"] = "0.5"
    return probe


def terminal_codes(probe: Content) -> Content:
    return probe | {"language": "\x1b[31mR"}


def final_newline(probe: Content) -> Content:
    return probe | {"language": "R 4.2.2\n"}


def without_forget_bias(probe: Content) -> Content:
    return probe | {"forget_bias": []}


def forget_bias_missing(probe: Content) -> Content:
    return probe | {"forget_bias": [1.0, None, 1.0]}


def forget_bias_infinite(probe: Content) -> Content:
    return probe | {"forget_bias": [1.0, float("inf"), 1.0]}


def probability_missing(probe: Content) -> Content:
    return probe | {"probabilities": [None, *probe["probabilities"][1:]]}


def another_version(probe: Content) -> Content:
    return probe | {"version": 0}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lost, "was changed: Object missing required field `adam`"),
        (shorter, "has 23 epochs with adam; the probe makes 24"),
        (longer, "epochs with rmsprop; the probe makes 24"),
        (without_loss, "with rmsprop, the loss of epoch 3 is not a number"),
        (diverged, "with adam, the loss of epoch 4 is not a number"),
        (infinite, "with adam, the weights are not 140 numbers in 6 arrays"),
        (edited, "was changed: its checksum is not that of its numbers"),
        (another_model, "with rmsprop, the weights are not 140 numbers in 6 arrays"),
        (words_for_numbers, "was changed: Expected `array`, got `str` - at `$.rmsprop.losses`"),
        (terminal_codes, "was changed: Expected `str` matching regex"),
        (final_newline, "was changed: Expected `str` matching regex"),
        (without_forget_bias, "the bias of the forget gate is not 3 numbers"),
        (forget_bias_missing, "the bias of the forget gate is not 3 numbers"),
        (forget_bias_infinite, "the bias of the forget gate is not 3 numbers"),
        (probability_missing, "the probabilities are not 8 numbers"),
        (another_version, "comes from another version of the probe; this one reads version 1"),
    ],
)
def test_what_the_probe_did_not_print_is_refused(
    change: Callable[[Content], Content], says: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(main, ["fingerprint", written(change(content()), tmp_path)])
    assert result.exit_code == 2, result.output
    assert says in result.stderr
    assert len(result.stderr.splitlines()) <= 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty: the script stopped with an error.\nLook at the messages"),
        (" \n", "is empty: the script stopped with an error.\nLook at the messages"),
        ("Traceback (most recent call last):\n  ImportError: no keras", "does not hold what the probe prints"),
        (json.dumps([1, 2]), "does not hold what the probe prints"),
        (TEXT[: len(TEXT) // 2], "was cut, or changed: it is not whole JSON"),
        (TEXT.replace('"epochs": 24', '"epochs": ' + "[" * 100_000), "was cut, or changed"),
        (TEXT.replace('"epochs": 24', '"epochs": ' + "9" * 5_000), "was cut, or changed"),
        ("\0" * 6_000_000, "larger than anything that the probe prints"),
    ],
)
def test_files_without_a_whole_output_are_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "output.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReproError, match=says):
        read_probe(str(path))


@pytest.mark.parametrize(
    ("script", "encoding", "run"),
    [
        ("probe.py", "utf-8", "python probe.py"),
        ("probe.py", "utf-16", "python probe.py"),  # PowerShell's `>`
        ("probe.R", "utf-8", "Rscript probe.R"),
    ],
)
def test_who_gives_the_script_in_place_of_its_output_is_told_to_run_it(
    script: str, encoding: str, run: str, tmp_path: Path
) -> None:
    path = tmp_path / "given"
    path.write_text((SCRIPTS / script).read_text(encoding="utf-8"), encoding=encoding)
    with pytest.raises(ReproError, match=f"is the script, not what it prints.\nRun it: {run} > fingerprint.json$"):
        read_probe(str(path))


@pytest.mark.parametrize(
    ("name", "says"), [("missing.json", "No such file"), (".", "Is a directory"), ("a\0b", "null")]
)
def test_a_file_that_cannot_be_read_is_named(name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ReproError, match=f"cannot be read: .*{says}"):
        read_probe(str(tmp_path / name))


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(st.integers(0, len(TEXT)), st.integers(0, 200), st.text('0123456789.-e"{}[],:\n aNn', max_size=20))
def test_whatever_is_done_to_a_file_it_is_read_or_refused_in_two_lines(
    tmp_path: Path, begin: int, length: int, put: str
) -> None:
    path = tmp_path / "output.json"
    path.write_text(TEXT[:begin] + put + TEXT[begin + length :], encoding="utf-8")
    try:
        read_probe(str(path))
    except ReproError as refused:
        message = str(refused)
    else:
        message = "read"
    assert 1 <= len(message.splitlines()) <= 2
