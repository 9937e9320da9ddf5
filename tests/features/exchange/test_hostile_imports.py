"""Files of labels that anybody may have made: each is read, or refused with a reason."""

import os
import tempfile
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nameplate.domain.changes import Settings
from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import ReadAs, RecordProblem
from nameplate.features.exchange.further_formats.xmp_packet import (
    EMPTY,
    PacketError,
    read_keywords,
    with_labels,
)
from nameplate.features.exchange.import_reader import ImportReader
from nameplate.features.exchange.importing import import_change
from nameplate.formats.any_csv import CsvTable, rows_of
from nameplate.formats.import_format import ImportOptions
from nameplate.formats.registry import IMPORTS, import_format_of
from nameplate.project.project import Project

FILES = {
    "csv": "labels.csv",
    "table": "labels.csv",
    "jsonl": "labels.jsonl",
    "label-studio": "tasks.json",
    "imagefolder": "metadata.jsonl",
    "megadetector": "md.json",
    "xmp": "a.jpg.xmp",
}
PIECES = st.sampled_from([
    b"path", b"label", b",", b"\n", b'"', b"a.jpg", b"{", b"}", b"[", b"]", b":", b"null", b"1e999",
    b'"path": "a.jpg"', b'"label"', b'"labels"', b'"data"', b'"annotations"', b'"result"',
    b'"value"', b'"file_name": "../a.jpg"', b"\xff", b"\0", b"\xef\xbb\xbf", b"\xff\xfe",
    b"\\ud800",
    b'"digest": "x"', b'"size": 1', b"<", b">", b"</", b"rdf:RDF", b"&#0;", b"<!DOCTYPE", b"true",
    b"-1", b'"images"', b'"detections"', b'"file": "a.jpg"', b'"conf"', b'"nameplate"',
])  # fmt: skip
HEADER = (
    b"path,label,probability,score,runner_up,runner_up_probability,margin,decided_by,state,error,"
)


@pytest.mark.parametrize("name", FILES)
@given(content=st.lists(PIECES | st.binary(max_size=5), max_size=24).map(b"".join))
@example(content=HEADER + b'model,templates\na.jpg,"x\ny",1e999,nan,,,,person,accepted,,,\n"')
@example(
    content=b'[{"data": {"image": "http://[a.jpg"}, "annotations": [{"result": [{"value": 1}]}]}]'
)
@example(content=b'[{"data": {"image": "/data/local-files/?d="}, "predictions": {}}]')
@example(content=b'{"path": "a.jpg", "labels": ["\\ud800", ""], "decided_at": 1e99, "size": true}')
def test_any_bytes_are_read_or_refused_with_a_reason(name, content):
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, FILES[name])
        file.write_bytes(content)
        project = Project(Settings())
        project.add_images(project.to_add([Path(place, "a.jpg"), Path(place, "b.jpg")]))
        source = Path(place) if name == "imagefolder" else file
        with suppress(UsageError):
            assert import_format_of(source).id in IMPORTS
        try:
            plan = list(ImportReader(project).read(source, IMPORTS[name], ImportOptions()))[-1]
        except UsageError:
            return
        found = import_change(project, plan, replaces=True, at=1)
        project.apply(found.change, Message("import-labels", {"count": found.changed}))
        assert len(plan.problems) <= plan.problem_count


@given(st.binary(max_size=60), st.integers(0, len(EMPTY)))
def test_a_packet_with_anything_in_it_is_read_and_written_or_refused(piece, place):
    packet = EMPTY[:place] + piece + EMPTY[place:]
    try:
        new = with_labels(packet, ["cat"], "accepted")
    except PacketError:
        return
    assert "cat" in read_keywords(new).subjects


def test_rows_that_are_left_unread_need_no_open_file_to_be_cleared_away(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("file,label\na.jpg,cat\nb.jpg,dog\n")
    with file.open("rb") as stream:
        rows = rows_of(stream, CsvTable(("file", "label"), True, ",", "utf-8"), file)
        assert next(rows) == (2, ["a.jpg", "cat"])
    rows.close()


def records_in(content, monkeypatch, tmp_path, name="labels.csv", most=100):
    """Return number and path, or code, of each record of a file, with a small bound of its rows."""
    monkeypatch.setattr("nameplate.formats.csv.MOST_ROW", most)
    monkeypatch.setattr("nameplate.features.exchange.further_formats.json_lines._MOST_LINE", most)
    file = tmp_path / name
    file.write_bytes(content)
    items = import_format_of(file).read(file, ImportOptions())
    items = [one for one in items if not isinstance(one, ReadAs)]
    return [(one.row, getattr(one, "path", "") or one.reason.code) for one in items]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    "row",
    [
        pytest.param(b"x" * 1000, id="one cell"),
        pytest.param(b"x," * 500, id="many cells"),
        pytest.param(b"x,\xc3\xa4" + b"\xc3\xa4" * 500, id="many bytes a letter"),
        pytest.param(b'"' + b"a" * 200 + b'"', id="a cell that is closed"),
    ],
)
def test_a_row_that_never_ends_is_said_by_number_and_the_next_one_is_read(
    monkeypatch, tmp_path, row, end
):
    content = end.join([b"file,label", b"a.jpg,cat", row, b"b.jpg,dog"])
    found = records_in(content, monkeypatch, tmp_path)
    assert found == [(2, "a.jpg"), (3, "row-too-long"), (4, "b.jpg")]


def test_a_cell_of_countless_lines_ends_at_the_bound(monkeypatch, tmp_path):
    content = b'file,label\na.jpg,"' + b"x\n" * 300 + b"b.jpg,dog"
    found = records_in(content, monkeypatch, tmp_path)
    assert found[0] == (2, "row-too-long")
    assert found[-1] == (302, "b.jpg")


def test_json_that_never_ends_is_said_by_number_and_the_next_line_is_read(monkeypatch, tmp_path):
    content = b'{"path": "a.jpg"}\n{"path": "' + b"x" * 1000 + b'"}\n{"path": "b.jpg"}\n'
    found = records_in(content, monkeypatch, tmp_path, "labels.jsonl")
    assert found == [(1, "a.jpg"), (2, "row-too-long"), (3, "b.jpg")]


def test_a_line_as_long_as_a_disk_takes_no_memory(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_bytes(b"file,label\n" + b"a.jpg,cat\n" * 200)
    os.truncate(file, 300_000_000)  # NUL letters without an end
    tracemalloc.start()
    items = list(IMPORTS["table"].read(file, ImportOptions()))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(items) == 202
    assert items[-1] == RecordProblem(202, Message("row-too-long", {"most": 4_000_000}))
    assert most < 60_000_000


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes among files")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path):
    (tmp_path / "cat").mkdir()
    for name in ("a.jpg.xmp", "nameplate-names.json", "nameplate-pictures.jsonl"):
        os.mkfifo(tmp_path / name)
    (problem,) = IMPORTS["xmp"].read(tmp_path, ImportOptions())
    assert isinstance(problem, RecordProblem)
    assert problem.path == "a.jpg.xmp"
    assert list(IMPORTS["folders"].read(tmp_path, ImportOptions())) == []


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
)
def test_the_usual_encodings_are_known_by_what_they_look_like(tmp_path, encoding):
    file = tmp_path / "labels.csv"
    file.write_bytes("file,label\r\na.jpg,Käfer\r\n".encode(encoding))
    (record,) = [one for one in IMPORTS["table"].read(file, ImportOptions()) if hasattr(one, "row")]
    assert (record.path, record.labels) == ("a.jpg", ("Käfer",))


@pytest.mark.parametrize(
    ("encoding", "code"),
    [
        ("idna", "no-encoding"),
        ("undefined", "no-encoding"),
        ("rot13", "no-encoding"),
        ("base64", "no-encoding"),
        ("of-nobody", "no-encoding"),
        ("punycode", "other-encoding"),
        ("utf-32", "other-encoding"),
        ("utf-16", "other-encoding"),
        ("ascii", "other-encoding"),
    ],
)
def test_an_encoding_that_does_not_fit_is_refused_with_a_reason_and_the_file(
    tmp_path, encoding, code
):
    file = tmp_path / "labels.csv"
    file.write_bytes("file,label\r\na.jpg,Käfer\r\n\n".encode())
    with pytest.raises(UsageError) as raised:
        list(IMPORTS["table"].read(file, ImportOptions(encoding=encoding)))
    assert raised.value.reason.code == code
    assert "labels.csv" in str(raised.value)
