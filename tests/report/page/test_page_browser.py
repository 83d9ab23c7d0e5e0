"""The page in a browser: it can be sorted, asked, printed, and read on a phone and in the dark, by keyboard too."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import complaints, opened
from conftest import MakeRecord
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from test_page_file import evil_results, made

from repro import registry
from repro.evidence.judging.answer import answer
from repro.evidence.reader.reader_numbers import read_numbers
from repro.records import Results
from repro.report.judgement_text import sentences

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(made(Results(ROOT / "results"), reference=ROOT / "tests" / "reference"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with opened() as chrome:
        yield chrome


@pytest.fixture
def chrome(browser: Chrome, page_path: Path) -> Chrome:
    """The page, just opened in a window of a usual size."""
    resize(browser, 1200, 900)
    emulate(browser)
    browser.get(page_path.as_uri())
    browser.execute_script("try { localStorage.clear(); } catch {}")
    return browser


def resize(chrome: Chrome, width: int, height: int) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def emulate(chrome: Chrome, **features: str) -> None:
    given = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": given})


def one(chrome: Chrome, selector: str) -> WebElement:
    return chrome.find_element(By.CSS_SELECTOR, selector)


def column(chrome: Chrome, table: str, place: int) -> list[str]:
    texts: list[str] = chrome.execute_script(
        "return [...document.querySelectorAll(arguments[0] + ' tbody tr')].map(r => r.cells[arguments[1]].textContent)",
        *(table, place),
    )
    return texts


def background(chrome: Chrome) -> str:
    return str(chrome.execute_script("return getComputedStyle(document.body).backgroundColor"))


def test_the_page_opens_without_a_complaint(chrome: Chrome) -> None:
    assert complaints(chrome) == []
    assert chrome.title == "LSTM walkthroughs, reproduced"


TABLE = "#imdb_lstm-table-1"


def test_a_click_on_a_header_sorts_and_another_turns_the_order_round(chrome: Chrome) -> None:
    header = one(chrome, f"{TABLE} thead th:nth-child(5)")
    button = header.find_element(By.TAG_NAME, "button")
    chrome.execute_script("arguments[0].click()", button)
    means = [float(text.split(" ")[0]) for text in column(chrome, TABLE, 4)]
    assert means == sorted(means)
    assert header.get_attribute("aria-sort") == "ascending"
    chrome.execute_script("arguments[0].click()", button)
    assert [float(text.split(" ")[0]) for text in column(chrome, TABLE, 4)] == sorted(means, reverse=True)
    assert header.get_attribute("aria-sort") == "descending"


def test_a_table_can_be_sorted_by_keyboard(chrome: Chrome) -> None:
    button = one(chrome, f"{TABLE} thead th:nth-child(3) button")
    before = column(chrome, TABLE, 2)
    chrome.execute_script("arguments[0].focus()", button)
    button.send_keys(Keys.ENTER)
    assert column(chrome, TABLE, 2) == sorted(before, key=str.lower)
    assert one(chrome, f"{TABLE} [aria-sort=ascending]").text.startswith("what")


def test_cells_without_a_number_stay_last_in_both_orders(chrome: Chrome) -> None:
    table = "#r-parity-1"
    button = one(chrome, f"{table} thead th:nth-child(5) button")
    for _ in range(2):
        chrome.execute_script("arguments[0].click()", button)
        texts = column(chrome, table, 4)
        assert "" in texts
        assert not any(texts[texts.index("") :])


def test_a_note_opens_at_the_focus_and_closes_at_escape(chrome: Chrome) -> None:
    number = one(chrome, f"{TABLE} tbody .sourced")
    chrome.execute_script("arguments[0].closest('tr').querySelector('th').tabIndex = -1", number)
    chrome.execute_script("arguments[0].closest('tr').querySelector('th').focus()", number)
    chrome.switch_to.active_element.send_keys(Keys.TAB)
    assert chrome.switch_to.active_element == number
    note = one(chrome, ".run-note:popover-open")
    assert "32 runs of imdb_lstm/model_one" in note.text
    assert "repro run imdb_lstm/model_one --seeds 1-32" in note.text
    chrome.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not chrome.find_elements(By.CSS_SELECTOR, ".run-note:popover-open")
    chrome.switch_to.active_element.send_keys(Keys.ENTER)
    assert chrome.find_elements(By.CSS_SELECTOR, ".run-note:popover-open")


def test_a_note_opens_at_a_click_inside_the_window(chrome: Chrome) -> None:
    resize(chrome, 390, 844)
    number = one(chrome, f"{TABLE} tbody .sourced")
    chrome.execute_script(
        "arguments[0].scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'})", number
    )
    number.click()
    note = one(chrome, ".run-note:popover-open").rect
    assert note["x"] >= 0
    assert note["x"] + note["width"] <= 390
    top = note["y"] - chrome.execute_script("return scrollY")
    assert 0 <= top <= 844 - note["height"]


@pytest.mark.parametrize("width", [1200, 768, 390, 320])
def test_the_page_is_never_wider_than_the_window(chrome: Chrome, width: int) -> None:
    resize(chrome, width, 844)
    chrome.execute_script("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert chrome.execute_script("return document.documentElement.scrollWidth") <= width


def test_the_theme_is_the_systems_unless_one_is_chosen(chrome: Chrome, page_path: Path) -> None:
    light = background(chrome)
    emulate(chrome, prefers_color_scheme="dark")
    dark = background(chrome)
    assert dark != light
    choose(chrome, "#theme select", "light")
    assert background(chrome) == light
    chrome.get(page_path.as_uri())
    assert background(chrome) == light
    emulate(chrome, prefers_color_scheme="light")
    choose(chrome, "#theme select", "dark")
    assert background(chrome) == dark
    choose(chrome, "#theme select", "system")
    assert background(chrome) == light


def choose(chrome: Chrome, selector: str, value: str) -> None:
    chrome.execute_script(
        "const e = document.querySelector(arguments[0]); e.value = arguments[1];"
        "e.dispatchEvent(new Event('change', {bubbles: true}))",
        *(selector, value),
    )


def test_on_paper_all_is_open_and_nothing_is_left_out(chrome: Chrome) -> None:
    printed = chrome.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    pdf = base64.b64decode(printed["data"])
    pages = pdf.count(b"/Type /Page\n") or pdf.count(b"/Type/Page\n") or pdf.count(b"/Type /Page ")
    assert 15 <= pages <= 120
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    chrome.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert not chrome.find_elements(By.CSS_SELECTOR, "details:not([open])")
    assert not one(chrome, "#form").is_displayed()
    assert not one(chrome, "nav").is_displayed()
    resize(chrome, 718, 1000)  # A4 less its margins, in CSS pixels
    assert chrome.execute_script("return document.documentElement.scrollWidth") <= 718
    cut = chrome.execute_script(
        "return [...document.querySelectorAll('.scroll')]"
        ".filter(e => e.scrollWidth > 719 || e.scrollHeight > e.clientHeight + 1)"
        ".map(e => e.textContent.trim().slice(0, 40))"
    )
    assert cut == []
    chrome.execute_script("dispatchEvent(new Event('afterprint'))")
    assert chrome.find_elements(By.CSS_SELECTOR, "details:not([open])")
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_without_scripts_the_results_can_be_read_and_the_form_is_not_shown(chrome: Chrome, page_path: Path) -> None:
    chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        chrome.get(page_path.as_uri())
        assert "repro judge" in one(chrome, "noscript p").text
        assert not one(chrome, "#form").is_displayed()
        number = one(chrome, "#glance .sourced")
        number.click()
        assert "seeds" in one(chrome, ".run-note:popover-open").text
    finally:
        chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_dark_page_is_printed_on_white(chrome: Chrome) -> None:
    light = background(chrome)
    choose(chrome, "#theme select", "dark")
    dark = background(chrome)
    chrome.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert background(chrome) == light
    chrome.execute_script("dispatchEvent(new Event('afterprint'))")
    assert background(chrome) == dark


def test_markup_from_outside_is_text_in_the_browser_too(
    chrome: Chrome, tmp_path: Path, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, chapter = evil_results(tmp_path, make_record, monkeypatch)
    path = tmp_path / "evil.html"
    path.write_text(made(results, {"imdb_lstm": chapter}), encoding="utf-8")
    chrome.get(path.as_uri())
    assert complaints(chrome) == []
    assert chrome.title == "LSTM walkthroughs, reproduced"
    assert one(chrome, "#imdb_lstm-title").text == chapter.title
    type_in(chrome, loss="0.41", accuracy="0.8").send_keys(Keys.ENTER)
    assert paragraphs(chrome)
    assert not chrome.find_elements(By.TAG_NAME, "img")
    assert complaints(chrome) == []


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
    expected = sentences(answer(numbers, Results(ROOT / "results"), None))
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
