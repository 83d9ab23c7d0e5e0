"""Csv and tsv files are read exactly, or refused with the file, the row, the column and what is wrong."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.datasets.delimited import Rows, read
from repro.errors import DataInvalid

COMMENTS = ("id", "comment", "toxic")
HEAD = "id,comment,toxic\n"


def comments(body: str | bytes, head: str = HEAD) -> Rows:
    content = head.encode() + (body.encode() if isinstance(body, str) else body)
    return read("train.csv", content, columns=COMMENTS, header=True)


def news(content: bytes) -> Rows:
    return read("news.csv", content, columns=("class", "title", "text"), header=False)


def phrases(content: bytes) -> Rows:
    return read("train.tsv", content, columns=("Phrase", "Sentiment"), header=True, delimiter="\t", quoted=False)


# What is read


def test_the_columns_asked_for_are_read_by_name() -> None:
    content = b"toxic,extra,id,extra,comment\n0,x,a1,y,hello\n1,x,b2,y,bye\n"
    rows = read("train.csv", content, columns=COMMENTS, header=True)
    assert rows.columns == {"id": ["a1", "b2"], "comment": ["hello", "bye"], "toxic": ["0", "1"]}
    assert len(rows) == 2


def test_without_a_header_the_first_line_is_a_row() -> None:
    assert news(b'"1","A title","A text"\n').columns == {"class": ["1"], "title": ["A title"], "text": ["A text"]}


def test_line_ends_inside_quotes_are_kept() -> None:
    rows = comments('a1,"one\r\ntwo\nthree\rfour",0\r\nb2,five,1\r\n', head="id,comment,toxic\r\n")
    assert rows.texts("comment") == ["one\r\ntwo\nthree\rfour", "five"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(end: str) -> None:
    content = f'{HEAD}a1,"one, two",0\nb2,three,1\n'.replace("\n", end).encode()
    rows = read("train.csv", content, columns=COMMENTS, header=True)
    assert rows.texts("comment") == ["one, two", "three"]
    assert list(rows.lines) == [2, 3]
    assert phrases(f"Phrase\tSentiment{end}fine\t3{end}".encode()).texts("Phrase") == ["fine"]


def test_in_a_file_of_an_old_mac_faults_are_placed_too() -> None:
    content = b'id,comment,toxic\ra1,"one\rtwo",0\rb2,"three" four,1\rc3,five,0\r'
    with pytest.raises(DataInvalid, match=r"^train\.csv: row 2 \(line 4\), column comment: text follows"):
        read("train.csv", content, columns=COMMENTS, header=True)
    with pytest.raises(DataInvalid, match=r"^train\.csv: row 1 \(line 2\), column comment: the byte 0xff"):
        read("train.csv", b"id,comment,toxic\ra1,\xff,0\r", columns=COMMENTS, header=True)


def test_each_row_knows_the_line_in_which_it_begins() -> None:
    assert list(comments('a1,"one\ntwo\n\nfour",0\nb2,five,1\nc3,six,1').lines) == [2, 6, 7]


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    rows = read("train.csv", b"\xef\xbb\xbf" + f"{HEAD}a1,hello,0\n".encode(), columns=COMMENTS, header=True)
    assert rows.columns["id"] == ["a1"]


def test_without_quoting_a_quote_is_a_character() -> None:
    assert phrases(b'Phrase\tSentiment\n"open\t2\na "b" c\t3\n').texts("Phrase") == ['"open', 'a "b" c']


def test_separators_that_are_no_line_ends_stay_in_the_text() -> None:
    assert comments("a1,one\x0btwo\x1cthree\u2028four\x85five,0\n").texts("comment")[0].count("\u2028") == 1


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_the_csv_module_writes_is_read_back(rows: list[tuple[str, str, str]], end: str) -> None:
    if end == "\r":  # a line feed in a text would end lines
        rows = [(one.replace("\n", ""), two.replace("\n", ""), three.replace("\n", "")) for one, two, three in rows]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(COMMENTS)
    writer.writerows(rows)
    got = read("train.csv", stream.getvalue().encode(), columns=COMMENTS, header=True)
    assert list(zip(*got.columns.values(), strict=True)) == rows


@given(st.binary(max_size=60) | st.text(',"\n\ra', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    message = "train.csv"
    try:
        comments(body)
    except DataInvalid as error:
        message = str(error)
    assert message.startswith("train.csv")
    assert message.isprintable()


def test_long_texts_are_no_matter_of_the_csv_module() -> None:
    assert len(comments(f"a1,{'x' * 200_000},0\n").texts("comment", longest=200_000)[0]) == 200_000


# What is refused


def fault(body: str | bytes, head: str = HEAD) -> str:
    with pytest.raises(DataInvalid) as caught:
        comments(body, head)
    return str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n\r\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_named(content: bytes) -> None:
    with pytest.raises(DataInvalid, match=r"^train\.csv is empty\.$"):
        read("train.csv", content, columns=COMMENTS, header=True)


def test_a_header_alone_is_no_data() -> None:
    assert fault("") == "train.csv has a header but no rows."


def test_missing_columns_are_named_with_those_that_are_there() -> None:
    assert fault("a1,b,0\n", "id,comment_text,toxic\n") == (
        "train.csv: the header lacks comment; needed are id, comment, toxic, there are id, comment_text, toxic."
    )


def test_of_a_header_only_titles_are_quoted() -> None:
    message = fault("", "id,\x1b[31mfoul words,toxic\n")
    assert "there are id, ?, toxic" in message


def test_a_first_row_in_the_place_of_a_header_is_not_quoted() -> None:
    assert fault("", "a1,abuse,0\n") == (
        "train.csv: line 1 is not a header; the columns needed are id, comment, toxic. "
        "Is it the file of another data set?"
    )


def test_a_column_that_is_there_twice_is_named() -> None:
    assert fault("", "id,comment,toxic,id\n") == "train.csv: the header has column id twice."


def test_too_few_values_are_placed() -> None:
    assert fault("a1,fine,0\nb2,abuse\nc3,fine,0\n") == (
        "train.csv: row 2 (line 3): 2 values where there are 3 columns; column toxic has none."
    )


def test_a_last_row_with_too_few_values_may_be_cut_short() -> None:
    assert fault("a1,fine,0\nb2") == (
        "train.csv: row 2 (line 3): 1 value where there are 3 columns; column comment has none. "
        "The file may be cut short."
    )


def test_too_many_values_are_placed() -> None:
    assert fault("a1,fine,0\nb2,abuse, and more,1\n") == (
        "train.csv: row 2 (line 3): 4 values where there are 3 columns."
    )


def test_an_empty_line_is_placed() -> None:
    assert fault("a1,fine,0\n\nb2,fine,0\n") == "train.csv: row 2 (line 3): the line is empty."


def test_a_byte_that_is_no_utf8_is_placed() -> None:
    assert fault(b'a1,"two\nlines",0\nb2,"abuse \xe9",1\n') == (
        "train.csv: row 2 (line 4), column comment: the byte 0xe9 is not UTF-8. "
        "Is the file in Windows-1252? Save it as UTF-8."
    )


def test_another_encoding_is_told_though_some_characters_are_utf8_by_chance() -> None:
    assert fault("a1,café é à ä Ã©,0\n".encode("cp1252")).endswith("Is the file in Windows-1252? Save it as UTF-8.")


def test_one_wrong_byte_among_characters_of_several_bytes_is_damage() -> None:
    assert fault("a1,café,0\n".encode() + b"b2,abuse \xe9,1\n") == (
        "train.csv: row 2 (line 3), column comment: the byte 0xe9 is not UTF-8."
    )


def test_a_byte_that_is_no_utf8_is_placed_far_into_a_large_file() -> None:
    rows = b"a1,fine,0\n" * 30_000
    assert "row 30,001 (line 30,002), column toxic" in fault(rows + b"b2,abuse,\xff\n")


def test_a_byte_that_is_no_utf8_in_the_header_is_placed() -> None:
    with pytest.raises(DataInvalid, match=r"^train\.csv: header \(line 1\): the byte 0xff is not UTF-8"):
        read("train.csv", b"id,comm\xffent,toxic\na1,b,0\n", columns=COMMENTS, header=True)


def test_a_column_without_a_title_of_ours_is_numbered() -> None:
    content = b"id,secret,comment,toxic\na1,\xff,b,0\n"
    with pytest.raises(DataInvalid, match=r"row 1 \(line 2\), column 2: the byte 0xff"):
        read("train.csv", content, columns=COMMENTS, header=True)


def test_a_nul_character_is_placed() -> None:
    assert fault("a1,fine,0\nb2,ab\0use,1\n").startswith("train.csv: row 2 (line 3), column comment: a NUL character")


@pytest.mark.parametrize(("delimiter", "called"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_another_delimiter_is_named(delimiter: str, called: str) -> None:
    says = f"the values are separated by {called}. Save it with commas."
    head = HEAD.replace(",", delimiter)
    assert fault("", head) == f"train.csv: {says}"
    with pytest.raises(DataInvalid) as caught:
        news(f'1{delimiter}"a, title"{delimiter}"{ABUSE}"\n'.encode())
    assert str(caught.value) == f"news.csv: {says}"


def test_commas_in_place_of_tabs_are_named() -> None:
    with pytest.raises(DataInvalid, match=r"^train\.tsv: the values are separated by commas\. Save it with tabs\.$"):
        phrases(b"Phrase,Sentiment\nfine,3\n")


def test_the_file_of_another_data_set_without_a_header_is_told_by_its_first_line() -> None:
    with pytest.raises(DataInvalid) as caught:
        news(b"id,comment_text\na1,abuse\n")
    assert str(caught.value) == (
        "news.csv: row 1 (line 1): 2 values where there are 3 columns: class, title, text. "
        "Is it the file of another data set?"
    )


def test_a_quote_that_is_never_closed_is_placed() -> None:
    assert fault('a1,fine,0\nb2,"abuse,1\nc3,fine,0\n') == (
        "train.csv: row 2 (line 3), column comment: a quote is opened and never closed."
    )


def test_text_after_a_closing_quote_is_placed() -> None:
    message = fault('"a1","fine",0\n"b2","abuse "quoted" abuse",1\n')
    assert message.startswith("train.csv: row 2 (line 3), column comment: text follows a closing quote")


def test_a_carriage_return_outside_quotes_is_placed() -> None:
    assert fault("a1,fine,0\nb2,abuse,1\rc3,fine,0\n") == (
        "train.csv: row 2 (line 3), column toxic: a carriage return stands outside quotes."
    )


def test_rows_without_a_header_are_placed_too() -> None:
    with pytest.raises(DataInvalid, match=r"^news\.csv: row 2 \(line 2\), column title: a quote is opened"):
        news(b'"1","a","b"\n"2","a')


def test_tsv_rows_are_placed_too() -> None:
    with pytest.raises(DataInvalid, match=r"^train\.tsv: row 2 \(line 3\), column Phrase: the byte 0xff"):
        phrases(b'Phrase\tSentiment\n"open\t2\n"a \xff\t3\n')


# Columns


def test_labels_are_numbers() -> None:
    labels = comments("a1,a,0\nb2,b,-1\nc3,c,1\n").integers("toxic", (-1, 0, 1))
    np.testing.assert_array_equal(labels, np.array([0, -1, 1], np.int32), strict=True)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2", "'2'"),
        ("", "''"),
        (" 1", "' 1'"),
        ("1.0", "'1.0'"),
        ("\x1b[2J\u202e", r"'\x1b[2J\u202e'"),
        ("١", r"'\u0661'"),
        ("a comment in the wrong place", "a value of 28 characters"),
    ],
)
def test_a_label_that_is_not_allowed_is_placed(value: str, shown: str) -> None:
    rows = comments(f'a1,"two\nlines",0\nb2,fine,"{value}"\n')
    with pytest.raises(DataInvalid) as caught:
        rows.integers("toxic", (1, 0))
    assert str(caught.value) == f"train.csv: row 2 (line 4), column toxic: {shown} is none of 0, 1."


@pytest.mark.parametrize("blank", ["", " ", "\t\u00a0"])
def test_a_blank_text_is_placed_or_accepted(blank: str) -> None:
    rows = comments(f"a1,fine,0\nb2,{blank},1\n")
    with pytest.raises(DataInvalid, match=r"^train\.csv: row 2 \(line 3\), column comment: the text is blank\.$"):
        rows.texts("comment")
    assert rows.texts("comment", blank=True) == ["fine", blank]


def test_a_text_that_is_far_too_long_is_placed_with_the_likely_cause() -> None:
    rows = comments(f'a1,fine,0\nb2,"{"x" * 101}",1\n')
    with pytest.raises(DataInvalid, match=r"row 2 \(line 3\), column comment: the text has 101 .* quote .* not closed"):
        rows.texts("comment", longest=100)


def test_a_value_that_occurs_twice_is_placed_both_times() -> None:
    rows = comments('a1,"two\nlines",0\nb2,fine,0\na1,fine,0\n')
    with pytest.raises(DataInvalid) as caught:
        rows.unique("id")
    assert str(caught.value) == "train.csv: row 3 (line 5), column id: the same value as in row 1 (line 2)."


def test_a_blank_id_is_placed() -> None:
    with pytest.raises(DataInvalid, match=r"row 2 \(line 3\), column id: the value is blank"):
        comments("a1,fine,0\n,fine,0\n").unique("id")


def test_unique_values_come_in_order() -> None:
    assert comments("b2,fine,0\na1,fine,0\n").unique("id") == ["b2", "a1"]


ABUSE = "\x1b[2JABUSE\u202e"


@pytest.mark.parametrize(
    "body",
    [
        f"a1,{ABUSE}\n",
        f"a1,{ABUSE},{ABUSE},0\n",
        f'a1,"{ABUSE},0\n',
        f'a1,"{ABUSE}"{ABUSE},0\n',
        f"a1,{ABUSE}\r,0\n",
        f"a1,{ABUSE}\0,0\n",
        f"a1,{ABUSE}".encode() + b"\xff,0\n",
    ],
)
def test_no_message_quotes_a_comment(body: str | bytes) -> None:
    message = fault(body)
    assert "ABUSE" not in message
    assert message.isprintable()
