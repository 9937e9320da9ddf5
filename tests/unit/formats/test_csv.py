import csv
import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.formats.csv import (
    HEADER,
    WITH_BEST,
    is_automatic_labels_csv,
    is_labels_csv,
    joined,
    neutral,
    number,
    separated,
    without_apostrophe,
    write_rows,
)
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.labels_csv import label_rows

TEXT = st.text(st.characters(codec=None), max_size=12)
NUMBERS = st.none() | st.floats(width=32) | st.floats(-1e-6, 1e-6)
ROWS = st.builds(
    ExportedImage,
    path=TEXT,
    labels=st.tuples(TEXT),
    probability=NUMBERS,
    score=NUMBERS,
    runner_up=TEXT,
    runner_up_probability=NUMBERS,
    margin=NUMBERS,
    decided_by=TEXT,
    state=TEXT,
    error=TEXT,
)
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def image(path, label="", **more):
    return ExportedImage(path, labels=(label,) if label else (), **more)


def write_labels(file, rows, names=()):
    with file.open("wb") as stream:
        write_rows(stream, label_rows(rows, ("", ""), names))


def cells_of(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, strict=True))


def test_the_header_and_a_row_are_as_the_design_has_them(tmp_path):
    file = tmp_path / "labels.csv"
    row = image(
        "a/b.jpg",
        "cat",
        probability=0.9123456789,
        score=0.25,
        runner_up="dog",
        runner_up_probability=0.05,
        margin=0.86,
        decided_by="auto",
        state="suggested",
    )
    write_labels(file, [row])
    assert file.read_bytes() == (
        b"path,label,probability,score,runner_up,runner_up_probability,margin,decided_by,state,"
        b"error,model,templates\r\n"
        b"a/b.jpg,cat,0.912346,0.250000,dog,0.050000,0.860000,auto,suggested,,,\r\n"
    )


def test_all_probabilities_get_a_column_each_and_are_empty_for_unread_images(tmp_path):
    file = tmp_path / "labels.csv"
    rows = [
        image("a.jpg", "cat", all_probabilities=(0.75, math.nan)),
        image("b.jpg", error="empty file"),
    ]
    write_labels(file, iter(rows), ["cat", "=dog"])
    header, first, second = cells_of(file)
    assert header == [*HEADER, "p:cat", "p:=dog"]
    assert first[-2:] == ["0.750000", ""]
    assert second[-2:] == ["", ""]
    assert second[HEADER.index("error")] == "empty file"


def test_a_row_with_the_wrong_number_of_probabilities_is_refused():
    row = image("a.jpg", all_probabilities=(0.5,))
    with pytest.raises(ValueError, match="1 probabilities for 2 names"):
        list(label_rows([row], ("", ""), ["a", "b"]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (math.nan, ""),
        (math.inf, ""),
        (-0.0, "0.000000"),
        (-1e-9, "0.000000"),
        (-0.5, "-0.500000"),
        (1, "1.000000"),
        (np.float32(0.1), "0.100000"),
    ],
)
def test_numbers_have_six_decimals_and_no_negative_zero(value, text):
    assert number(value) == text


@pytest.mark.parametrize("before", ["a;", "a\t", "a\nb;;", 'a;"', "a; ", "a;'", "a\r"])
@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_no_cell_of_a_spreadsheet_that_splits_elsewhere_begins_with_a_formula(
    tmp_path, before, start
):
    file, text = tmp_path / "labels.csv", f"{before}{start}HYPERLINK(1)"
    write_labels(file, [image(text, label=text, all_probabilities=(0.5,))], [text])
    content = file.read_bytes().decode()
    cells = {cell for mark in ";\t\r\n" for cell in content.replace("\n", mark).split(mark)}
    for cell in cells:
        assert cell.lstrip('" ')[:1] not in FORMULA_STARTS or not cell.strip('" '), cell
    assert [without_apostrophe(cell) for cell in cells_of(file)[1][:2]] == [text, text]


@given(
    st.lists(
        st.text(st.sampled_from("a |\\") | st.characters(), min_size=1).filter(
            lambda name: name == name.strip(" ")
        ),
        max_size=4,
    )
)
def test_several_labels_in_one_cell_are_read_back_whatever_bars_they_hold(names):
    assert separated(joined(names)) == tuple(names)


def test_plain_labels_are_joined_as_ever():
    assert joined(["cat", "a\\b"]) == "cat | a\\b"
    assert joined(["a | b"]) == r"a \| b"
    assert separated("a|b") == ("a|b",)


def test_a_path_that_is_not_utf8_does_not_end_the_export(tmp_path):
    file = tmp_path / "labels.csv"
    write_labels(file, [image("caf\udce9.jpg")])
    assert cells_of(file)[1][0] == "caf\\udce9.jpg"


@given(st.lists(ROWS, max_size=4))
def test_what_was_written_is_read_back_and_no_text_is_a_formula(rows):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "labels.csv"
        write_labels(file, rows)
        header, *read = cells_of(file)
    assert header == list(HEADER)
    assert len(read) == len(rows)
    for row, cells in zip(rows, read, strict=True):
        for name, cell in zip(HEADER, cells, strict=True):
            value = row.labels[0] if name == "label" else getattr(row, name, "")
            if isinstance(value, str):
                value = value.replace("|", "\\|") if name == "label" else value
                written = value.encode("utf-8", "backslashreplace").decode()
                assert without_apostrophe(cell) == written
                assert not cell.startswith(FORMULA_STARTS)
            else:
                assert cell == number(value)


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_a_neutralised_cell_is_read_back_as_it_was(start):
    for text in (f"{start}a", f"'{start}a", f"''{start}a"):
        assert neutral(text) == "'" + text
        assert without_apostrophe(neutral(text)) == text
    assert without_apostrophe(f"{start}a") == f"{start}a"  # a file that another program wrote


@given(st.text(st.sampled_from("'=-@\t＝a1;\" \n") | st.characters(), max_size=6))
def test_every_text_is_read_back_as_it_was(text):
    assert without_apostrophe(neutral(text)) == text


@pytest.mark.parametrize("text", ["", "'", "''", "'a", "it's", "'quoted'"])
def test_other_apostrophes_stay(text):
    assert neutral(text) == without_apostrophe(text) == text


OWN_HEADER, BEST_HEADER = (",".join(header).encode() for header in (HEADER, WITH_BEST))


@pytest.mark.parametrize(
    ("content", "is_own"),
    [
        (OWN_HEADER + b"\r\na.jpg,cat", True),
        (OWN_HEADER + b",p:cat\r\n", True),
        (OWN_HEADER + b"\n", True),
        (OWN_HEADER, True),
        (BEST_HEADER + b"\r\na.jpg,cat", True),
        (BEST_HEADER + b",p:cat\r\n", True),
        (BEST_HEADER[:-1] + b"\r\n", False),
        (OWN_HEADER[:-1] + b"\r\n", False),
        (OWN_HEADER + b"_of_mine\r\n", False),
        (b"\xef\xbb\xbf" + OWN_HEADER, False),
        (b"\r\n" + OWN_HEADER, False),
        (b"path,label\r\na.jpg,cat\r\n", False),
        (b"", False),
    ],
)
def test_a_labels_csv_is_known_by_exactly_its_columns(tmp_path, content, is_own):
    file = tmp_path / "labels.csv"
    file.write_bytes(content)
    assert is_labels_csv(file) is is_own


def test_a_file_of_many_short_rows_is_known_however_long_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("nameplate.formats.csv.MOST_ROW", 1000)
    file = tmp_path / "labels.csv"
    for header in (HEADER, WITH_BEST):
        for state in ("suggested", "corrected"):
            row = [{"state": "suggested"}.get(name, name) for name in header]
            last = [{"state": state}.get(name, name) for name in header]
            with file.open("wb") as stream:
                write_rows(stream, [list(header), *[row] * 100, last])
            assert is_automatic_labels_csv(file) is (state == "suggested")


def test_backslashes_without_end_take_no_time_of_their_square():
    many = "\\" * 200_000  # minutes, if each were looked at from each
    assert separated(f"{many}x | b") == (f"{many}x", "b")
    assert separated(joined([f"{many}|", "b"])) == (f"{many}|", "b")
