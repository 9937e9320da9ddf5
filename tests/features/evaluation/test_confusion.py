"""The CSV of a confusion matrix, and how it is known again."""

import csv
import io

import numpy as np
import pytest

from nameplate.features.evaluation.report.files import CONFUSION, write_confusion


@pytest.fixture
def written(tmp_path):
    """Write a matrix to a file, and return that."""

    def write(names, matrix):
        file = tmp_path / "confusion.csv"
        with file.open("wb") as stream:
            write_confusion(stream, names, np.array(matrix))
        return file

    return write


def test_it_has_truth_in_rows_and_labels_in_columns(written):
    text = written(["cat", "=dog"], [[3, 1], [0, 2]]).read_text()
    cells = list(csv.reader(io.StringIO(text), strict=True))
    assert cells == [["truth", "cat", "'=dog"], ["cat", "3", "1"], ["'=dog", "0", "2"]]
    with pytest.raises(ValueError, match="names"):
        write_confusion(io.BytesIO(), ["cat"], np.zeros((2, 2), int))


def test_it_is_known_by_the_same_names_in_both_directions(written):
    file = written(["a, b", "=1", "two\nlines", ""], np.ones((4, 4), int))
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
    file = written([f"name {n}" for n in range(40)], np.ones((40, 40), int))
    assert file.stat().st_size > 3000
    assert CONFUSION.is_own(file)
