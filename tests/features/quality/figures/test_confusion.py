"""The CSV of a confusion matrix, and how it is known again."""

import csv
import io

import numpy as np
import pytest

from nameplate.domain.labels import LabelSets
from nameplate.features.quality.figures.summary import CONFUSION, write_confusion
from nameplate.features.quality.records import Records


@pytest.fixture
def written(tmp_path):
    """Write the confusions of pairs of truth and label to a file, and return that."""

    def write(names, pairs):
        sets, file = LabelSets(), tmp_path / "confusion.csv"
        codes = {key: sets.code_of([key] if key >= 0 else []) for key in range(-1, len(names))}
        truth, labels = np.array([[codes[key] for key in pair] for pair in pairs], np.int32).T
        with file.open("wb") as stream:
            write_confusion(stream, Records(dict(enumerate(names)), sets, labels, truth))
        return file

    return write


def test_it_has_truth_in_rows_and_labels_in_columns(written):
    text = written(["cat", "=dog"], [(0, 0)] * 3 + [(0, 1), (1, 1), (1, 1), (1, -1)]).read_text()
    cells = list(csv.reader(io.StringIO(text), strict=True))
    assert cells[0] == ["truth", "cat", "'=dog", ""]
    assert cells[1:] == [["cat", "3", "1", "0"], ["'=dog", "0", "2", "1"], ["", "0", "0", "0"]]


def test_it_is_known_by_the_same_names_in_both_directions(written):
    file = written(["a, b", "=1", "two\nlines"], [(0, 1), (2, -1)])
    assert CONFUSION.is_own(file)
    whole = file.read_bytes()
    for content in (
        whole + b"more,1,1,1,1\r\n",
        whole[: whole.rindex(b"\r\n,")],
        whole.replace(b"truth", b"label", 1),
        b"truth,guess\r\ncat,dog\r\n",
        b"truth,\xff\r\n",
        b'truth,"',
        b"path,label\r\n",
        b"",
    ):
        file.write_bytes(content)
        assert not CONFUSION.is_own(file), content


def test_it_is_known_however_long_it_is(written, monkeypatch):
    monkeypatch.setattr("nameplate.formats.csv.MOST_ROW", 1000)
    file = written([f"name {n}" for n in range(40)], [(n, n) for n in range(40)])
    assert file.stat().st_size > 3000
    assert CONFUSION.is_own(file)
