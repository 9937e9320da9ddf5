"""Class folders: written, and read again."""

import errno
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_help import (
    JPEG,
    deliver,
    full_disk,
    is_name,
    labels_in,
    output_of,
    project_of,
    task_of,
)
from features.exchange.reading import read_back
from nameplate.domain.changes import Relink
from nameplate.domain.errors import OutputError
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.formats.export_format import TransferMode
from nameplate.formats.exported_image import Which
from nameplate.formats.outputs.safe_names import NAMES_FILE, PICTURES_FILE
from nameplate.formats.registry import FORMATS
from project_help import TEST

NASTY = ("../x", "CON", "con.txt", "a/b", "a\\b", "🐈" * 60, "x" * 200, "a.", "a..", "Aa", "nul",
         "_unlabelled", "train", "val", NAMES_FILE, "-x", "~", "a:b", "ä", "com¹",
         "|", "'", "<b>")  # fmt: skip
OWN = (NAMES_FILE, PICTURES_FILE)


NAMES = st.lists(
    st.sampled_from(NASTY) | st.text(max_size=6).filter(is_name),
    min_size=1,
    max_size=5,
    unique_by=str.casefold,
)


def tree(folder):
    """Return the pictures in a folder, without our own files."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name not in OWN)
    return sorted(path.relative_to(folder).as_posix() for path in found)


@pytest.fixture
def pictures(tmp_path):
    """Four pictures in two folders, two of them called alike."""
    root = tmp_path / "pictures"
    for name in ("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/3.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(JPEG + name.encode())
    return root


@pytest.fixture
def project(pictures):
    labels = {"a/1.jpg": ["cat"], "a/2.jpg": ["dog"], "b/1.jpg": ["cat"], "b/3.png": []}
    return project_of({pictures / name: of for name, of in labels.items()})


def test_each_picture_lies_in_the_folder_of_its_label(project, pictures, tmp_path):
    report = deliver(project, "folders", tmp_path / "out")
    one, other, dog = tree(tmp_path / "out")
    assert (one[:6], other[:6], dog) == ("cat/1-", "cat/1-", "dog/2.jpg")
    assert {(tmp_path / "out" / name).read_bytes() for name in (one, other)} == {
        JPEG + b"a/1.jpg",
        JPEG + b"b/1.jpg",
    }
    assert (report.images, report.problems) == (3, ())
    assert len(tree(pictures)) == 4


def test_labels_that_are_called_like_files_of_ours_get_folders_of_other_names(pictures, tmp_path):
    files = [pictures / f"{n}.jpg" for n in range(len(OWN))]
    for file in files:
        file.write_bytes(JPEG + file.name.encode())
    project = project_of({file: [name] for file, name in zip(files, OWN, strict=True)})
    report = deliver(project, "folders", tmp_path / "out")
    assert report.images == len(OWN)
    assert read_back(project, tmp_path / "out", "folders") == labels_in(project)


def test_pictures_without_a_label_have_a_folder_of_their_own_where_asked(project, tmp_path):
    deliver(project, "folders", tmp_path / "out", unlabelled=True)
    assert "_unlabelled/3.png" in tree(tmp_path / "out")


def test_only_what_a_person_decided_is_delivered_where_asked(pictures, tmp_path):
    project = project_of({pictures / "a/1.jpg": ["cat"]}, by_person=False)
    deliver(project, "folders", tmp_path / "out", which=Which.DECIDED)
    assert tree(tmp_path / "out") == []
    deliver(project, "folders", tmp_path / "all", which=Which.DECIDED, unlabelled=True)
    assert tree(tmp_path / "all") == ["_unlabelled/1.jpg"]
    assert read_back(project, tmp_path / "all", "folders") == {}


def test_several_labels_are_copied_into_each_folder_or_refused(pictures, tmp_path):
    project = project_of({pictures / "a/1.jpg": ["cat", "dog"], pictures / "a/2.jpg": ["dog"]})
    with pytest.raises(OutputError, match="several-labels-refused"):
        deliver(project, "folders", tmp_path / "out", refuse_several=True)
    assert not (tmp_path / "out").exists()
    deliver(project, "folders", tmp_path / "out")
    assert tree(tmp_path / "out") == ["cat/1.jpg", "dog/1.jpg", "dog/2.jpg"]
    assert read_back(project, tmp_path / "out", "folders") == labels_in(project)


@given(
    names=NAMES,
    chosen=st.lists(st.sets(st.integers(0, 4), max_size=3), min_size=1, max_size=6),
    transfer=st.sampled_from(TransferMode),
    reads_contents=st.booleans(),
)
def test_labels_of_any_characters_come_back(names, chosen, transfer, reads_contents):
    with tempfile.TemporaryDirectory() as place:
        labels = {}
        for number, keys in enumerate(chosen):
            file = Path(place, "pictures", "ab"[number % 2], f"{number // 2}.jpg")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(JPEG + b"%d" % (number // 3))  # some are copies, under other labels
            labels[file] = [names[key] for key in sorted(keys) if key < len(names)]
        project = project_of(labels, reads_contents=reads_contents)
        out = Path(place, "out")
        deliver(project, "folders", out, transfer=transfer)
        kept = {path: of for path, of in labels_in(project).items() if of}
        assert read_back(project, out, "folders") == kept
        assert all(path.is_file() for path in project.images.paths)
        assert {path.parent.parent for path in out.rglob("*.jpg")} <= {out}
        assert all(file.is_file() for file in labels)


def test_a_picture_put_into_another_folder_afterwards_has_that_label(project, pictures, tmp_path):
    out = tmp_path / "out"
    deliver(project, "folders", out)
    (out / "mouse").mkdir()
    (out / "dog" / "2.jpg").rename(out / "mouse" / "2.jpg")
    found = read_back(project, out, "folders")
    assert found[str(pictures / "a/2.jpg")] == ["mouse"]
    assert found[str(pictures / "a/1.jpg")] == ["cat"]


def test_class_folders_of_others_are_read_too(project, pictures, tmp_path):
    others = tmp_path / "others"
    for name, content in (
        ("train/mouse/x.jpg", JPEG + b"a/1.jpg"),
        ("val/_unlabeled/y.jpg", JPEG + b"a/2.jpg"),
    ):
        (others / name).parent.mkdir(parents=True)
        (others / name).write_bytes(content)
    assert read_back(project, others, "folders") == {str(pictures / "a/1.jpg"): ["mouse"]}
    (others / "nowhere.jpg").write_bytes(JPEG + b"a/2.jpg")
    assert read_back(project, others, "folders") == {str(pictures / "a/1.jpg"): ["mouse"]}
    (others / "train" / "y.jpg").write_bytes(JPEG + b"b/1.jpg")  # then train is a label, too
    assert read_back(project, others, "folders")[str(pictures / "b/1.jpg")] == ["train"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]\n", b'{"path": 1}\n', b"\xff", b"[" * 90_000])
def test_damaged_files_of_ours_are_passed_over(project, pictures, tmp_path, content):
    out = tmp_path / "out"
    deliver(project, "folders", out)
    for name in (NAMES_FILE, PICTURES_FILE):
        (out / name).write_bytes(content)
    assert read_back(project, out, "folders")[str(pictures / "a/2.jpg")] == ["dog"]


def test_a_folder_that_1_0_0_moved_pictures_to_is_read(project, pictures, tmp_path):
    out, labels, moved = tmp_path / "out", labels_in(project), {}
    deliver(project, "folders", out)
    for line in (out / PICTURES_FILE).read_text().splitlines():
        values = json.loads(line)
        file = pictures / values["path"]
        file.unlink()
        moved[str(file)] = str(out / values["files"][0])
    (out / "nameplate-moves.jsonl").write_text("{}\n")
    rows = [project.row_of(path) for path in moved]
    change = Relink(project.images.ids[rows], PathList(map(Path, moved.values())))
    project.apply(change, TEST)
    assert read_back(project, out, "folders") == {moved[path]: labels[path] for path in moved}


def test_a_link_to_another_drive_is_a_copy_and_said_to_be_one(project, tmp_path, monkeypatch):
    deliver(project, "folders", tmp_path / "linked", transfer=TransferMode.LINK)
    assert (tmp_path / "linked/dog/2.jpg").stat().st_nlink == 2
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EXDEV, "")))
    report = deliver(project, "folders", tmp_path / "copied", transfer=TransferMode.LINK)
    assert [(note.code, note.parameters["count"]) for note in report.notes] == [
        ("copied-not-linked", 3)
    ]
    assert (tmp_path / "copied/dog/2.jpg").stat().st_nlink == 1


# ---- faults


def test_a_target_that_is_there_or_among_the_pictures_is_refused(project, pictures, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "file").touch()
    before = tree(tmp_path)
    for place in (tmp_path / "full", tmp_path / "file", pictures / "a" / "out", pictures):
        with pytest.raises(OutputError):
            deliver(project, "folders", place)
    assert tree(tmp_path) == before


def test_a_picture_that_vanished_is_left_out_and_listed(project, pictures, tmp_path):
    (pictures / "a/2.jpg").unlink()
    report = deliver(project, "folders", tmp_path / "out")
    assert "a/2.jpg" in [path[-7:].replace("\\", "/") for path, _ in report.problems]
    assert [why.code for _, why in report.problems] == ["has-vanished"]
    assert len(tree(tmp_path / "out")) == 2
    for file in (tmp_path / "out").glob("*.json*"):
        assert "2.jpg" not in file.read_text()


def test_a_cancel_in_the_middle_leaves_nothing(project, pictures, tmp_path):
    cancel, before = CancelToken(), tree(tmp_path)
    task = replace(task_of(project), cancel=cancel, on_progress=lambda _: cancel.cancel())
    chosen = FORMATS["folders"]
    with pytest.raises(CancelledError):
        chosen.write(task, output_of(project, chosen, tmp_path / "out"))
    assert tree(tmp_path) == before


def test_a_disk_that_fills_up_leaves_nothing(project, pictures, tmp_path):
    (pictures / "b/1.jpg").write_bytes(JPEG + bytes(100_000))
    before = tree(tmp_path)
    with full_disk(3_000), pytest.raises(OutputError, match="full-disk"):
        deliver(project, "folders", tmp_path / "out")
    assert tree(tmp_path) == before
