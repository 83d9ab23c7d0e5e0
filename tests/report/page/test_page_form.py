"""The page's form in a browser: it answers in the command's words, and what is typed, chosen or recorded stays text."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import choose, complaints, emulate, one, resize
from conftest import MakeRecord
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from test_page_file import RESULTS, committed, evil_results, made

from repro import registry
from repro.evidence.judging.answer import answer
from repro.evidence.reader.reader_numbers import read_numbers
from repro.report.judgement_text import sentences


@pytest.fixture(scope="module")
def opened_page(chromium: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Chrome:
    """The page, opened once: that takes half a second."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(committed(), encoding="utf-8")
    resize(chromium, 1200, 900)
    emulate(chromium)
    complaints(chromium)  # those of others
    chromium.get(path.as_uri())
    return chromium


@pytest.fixture
def chrome(opened_page: Chrome) -> Chrome:
    """The page with an empty form."""
    opened_page.execute_script("document.querySelector('#form').reset()")
    return opened_page


def type_in(chrome: Chrome, **fields: str) -> WebElement:
    """Type into fields of the form by their names; returns the last one."""
    for name, text in fields.items():
        field = one(chrome, f"#form [name={name}]")
        field.send_keys(text)
    return field


def paragraphs(chrome: Chrome) -> list[str]:
    return [each.text for each in chrome.find_elements(By.CSS_SELECTOR, "#form-answer > p")]


def test_enter_in_a_field_answers_in_the_commands_words(chrome: Chrome) -> None:
    type_in(chrome, accuracy="0.8137", loss="0.41").send_keys(Keys.ENTER)
    numbers = read_numbers(*registry.experiment("imdb_lstm/model_one"), accuracy=["0.8137"], loss=["0.41"])
    expected = sentences(answer(numbers, RESULTS, None))
    assert paragraphs(chrome) == [text.replace("`", "") for text in expected]
    assert one(chrome, "#form-answer h3").text == "imdb_lstm/model_one: your numbers"
    assert complaints(chrome) == []


def test_each_number_is_drawn_on_those_of_the_runs(chrome: Chrome) -> None:
    """The line of the reader's number stands to the right of as many dots as the table says are lower."""
    type_in(chrome, accuracy="0.81372", loss="0.41017").send_keys(Keys.ENTER)
    rows = chrome.execute_script(
        "return [...document.querySelectorAll('#form-answer tbody')][0].innerText.trim().split('\\n')"
    )
    figures = chrome.find_elements(By.CSS_SELECTOR, "#form-answer .strip")
    assert len(figures) == len(rows) == 2
    for figure, row in zip(figures, rows, strict=True):
        assert figure.find_element(By.TAG_NAME, "figcaption").text == row.split("\t")[0]
        lower, of = row.split("\t")[3].split(" of ")
        line = float(figure.find_element(By.CSS_SELECTOR, ".given").get_attribute("x1") or "")
        dots = [float(dot.get_attribute("cx") or "") for dot in figure.find_elements(By.CSS_SELECTOR, ".unchanged")]
        assert len(dots) == int(of)
        assert sum(dot < line for dot in dots) == int(lower)
        assert row.split("\t")[1].removesuffix("%") in (figure.find_element(By.TAG_NAME, "svg").accessible_name)


def test_of_an_answer_the_sentences_alone_are_read_out(chrome: Chrome) -> None:
    type_in(chrome, loss="0.41").send_keys(Keys.ENTER)
    spoken = """const parts = [...document.querySelectorAll("#form-answer :is(p, table, svg)")];
    return parts.map(each => [each.tagName, !each.closest("#form-answer > [aria-live=off]")]);"""
    told = chrome.execute_script(spoken)
    assert ["P", True] in told
    assert not [tag for tag, aloud in told if aloud and tag != "P"]


def test_every_example_is_answered(chrome: Chrome) -> None:
    values = [each.get_attribute("value") for each in chrome.find_elements(By.CSS_SELECTOR, "#form-example option")]
    assert len(values) > 5
    seen = set()
    for value in filter(None, values):
        choose(chrome, "#form-example", value)
        assert not one(chrome, "#form-error").is_displayed()
        seen.add(tuple(paragraphs(chrome)))
    assert len(seen) == len(values) - 1
    assert any("truncating" in " ".join(texts) for texts in seen)
    assert any("transposed" in " ".join(texts) or "each actual class" in " ".join(texts) for texts in seen)
    assert complaints(chrome) == []


def test_a_mistake_is_told_beside_the_form_and_its_field_gets_the_focus(chrome: Chrome) -> None:
    type_in(chrome, loss="0.41", accuracy="1.7x").send_keys(Keys.ENTER)
    error = one(chrome, "#form-error")
    assert "1.7x" in error.text
    field = chrome.switch_to.active_element
    assert field.get_attribute("name") == "accuracy"
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == "form-error"
    assert paragraphs(chrome) == []
    field.clear()
    field.send_keys("0.81", Keys.ENTER)
    assert not error.is_displayed()
    assert field.get_attribute("aria-invalid") is None
    assert paragraphs(chrome)


def test_without_a_number_the_form_asks_for_one(chrome: Chrome) -> None:
    one(chrome, "#form [type=submit]").send_keys(Keys.ENTER)
    assert "no numbers were given" in one(chrome, "#form-error").text
    assert chrome.switch_to.active_element.get_attribute("name") == "accuracy"


PASTE = """const field = document.getElementById("form-accuracy"), data = new DataTransfer();
data.setData("text/plain", arguments[0]);
const pasted = new ClipboardEvent("paste", {clipboardData: data, cancelable: true, bubbles: true});
const taken = !field.dispatchEvent(pasted);
return [taken, document.getElementById("form-loss").value, field.value];"""


@pytest.mark.parametrize(
    "printed",
    [
        "$loss\n[1] 0.4312\n\n$accuracy\n[1] 0.8101\n",
        "    loss accuracy \n  0.4312   0.8101 ",
        "782/782 - 9s - 11ms/step - accuracy: 0.8101 - loss: 0.4312",
        "782/782 - 1.2s 0.5ms/step - loss: 0.4312 - acc: 0.8101",
    ],
)
def test_what_evaluate_printed_goes_into_its_fields(chrome: Chrome, printed: str) -> None:
    assert chrome.execute_script(PASTE, printed) == [True, "0.4312", "0.8101"]


@pytest.mark.parametrize("printed", ["0.8101", "[0.4312, 0.8101]", "loss: 0.41 - accuracy: 0.8 - val_loss: 0.4"])
def test_what_names_no_numbers_clearly_is_pasted_as_it_is(chrome: Chrome, printed: str) -> None:
    assert chrome.execute_script(PASTE, printed) == [False, "", ""]


def test_a_history_may_be_a_file(chrome: Chrome, tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    file.write_text('{"loss": [0.6, 0.45], "val_loss": [0.55, 0.44]}')
    chrome.execute_script("document.querySelectorAll('#form details').forEach(each => { each.open = true; })")
    one(chrome, "#form-file").send_keys(str(file))
    one(chrome, "#form [type=submit]").send_keys(Keys.ENTER)
    assert "2 epochs of loss, val_loss" in one(chrome, "#form-answer ul").text


def test_a_file_that_is_no_text_is_refused_until_something_is_pasted_instead(chrome: Chrome, tmp_path: Path) -> None:
    file = tmp_path / "<i>loss.npy"
    file.write_bytes(b"\x93NUMPY\xff\xfe")
    chrome.execute_script("document.querySelectorAll('#form details').forEach(each => { each.open = true; })")
    type_in(chrome, loss="0.41")
    one(chrome, "#form-file").send_keys(str(file))
    one(chrome, "#form [type=submit]").send_keys(Keys.ENTER)
    assert one(chrome, "#form-error").text.startswith("<i>loss.npy: cannot be read: not a text file")
    assert chrome.switch_to.active_element.get_attribute("id") == "form-file"
    type_in(chrome, history="loss,val_loss\n0.6,0.5\n0.5,0.4")
    one(chrome, "#form [type=submit]").send_keys(Keys.ENTER)
    assert "2 epochs of loss, val_loss" in one(chrome, "#form-answer ul").text
    assert one(chrome, "#form-file").get_attribute("value") == ""


def test_clear_forgets_the_numbers_and_the_answer(chrome: Chrome) -> None:
    type_in(chrome, loss="0.41").send_keys(Keys.ENTER)
    assert paragraphs(chrome)
    one(chrome, "#form [type=reset]").send_keys(Keys.ENTER)
    assert paragraphs(chrome) == []
    assert one(chrome, "#form-loss").get_attribute("value") == ""


def test_what_is_typed_is_shown_as_text(chrome: Chrome) -> None:
    type_in(chrome, loss="<img src=x onerror=document.title='owned'>").send_keys(Keys.ENTER)
    assert "<img" in one(chrome, "#form-error").text
    assert not chrome.find_elements(By.TAG_NAME, "img")
    assert chrome.title == "LSTM walkthroughs, reproduced"


def test_markup_from_outside_is_text_in_the_browser_too(
    chromium: Chrome, tmp_path: Path, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, chapter = evil_results(tmp_path, make_record, monkeypatch)
    path = tmp_path / "evil.html"
    path.write_text(made(results, {"imdb_lstm": chapter}), encoding="utf-8")
    chromium.get(path.as_uri())
    assert complaints(chromium) == []
    assert chromium.title == "LSTM walkthroughs, reproduced"
    assert one(chromium, "#imdb_lstm-title").text == chapter.title
    type_in(chromium, matrix="9159 1161 3341 11339", loss="0.41").send_keys(Keys.ENTER)
    assert paragraphs(chromium)
    assert not chromium.find_elements(By.TAG_NAME, "img")
    assert complaints(chromium) == []
