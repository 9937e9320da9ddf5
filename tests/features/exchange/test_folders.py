"""Class folders: written, moved and put back, and read again."""

import errno
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_help import JPEG, deliver, full_disk, labels_in, output_of, project_of, task_of
from features.exchange.reading import read_back
from nameplate.domain.concepts import clean_name
from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.formats.export_format import Transfer
from nameplate.formats.exported_image import Which
from nameplate.formats.outputs import folder_output
from nameplate.formats.outputs.moves import names_a_stream, undo_moves
from nameplate.formats.outputs.safe_names import MOVES, NAMES_FILE, PICTURES_FILE
from nameplate.formats.registry import FORMATS
from nameplate.project.path_matching import relink_moved
from project_help import TEST

NASTY = ("../x", "CON", "con.txt", "a/b", "a\\b", "🐈" * 60, "x" * 200, "a.", "a..", "Aa", "nul",
         "_unlabelled", "train", "val", NAMES_FILE, "-x", "~", "a:b", "ä", "com¹",
         "|", "'", "<b>")  # fmt: skip
OWN = (NAMES_FILE, PICTURES_FILE, MOVES)


def is_name(text):
    try:
        return clean_name(text) == text
    except UsageError:
        return False


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
    assert (report.images, report.problems, report.moved) == (3, (), ())
    assert len(tree(pictures)) == 4


def test_labels_that_are_called_like_files_of_ours_get_folders_of_other_names(pictures, tmp_path):
    files = [pictures / f"{n}.jpg" for n in range(len(OWN))]
    for file in files:
        file.write_bytes(JPEG + file.name.encode())
    project = project_of({file: [name] for file, name in zip(files, OWN, strict=True)})
    report = deliver(project, "folders", tmp_path / "out", transfer=Transfer.MOVE)
    project.apply(relink_moved(project.images, report.moved), TEST)
    assert report.images == 3
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


@pytest.mark.parametrize("reads_contents", [True, False])
def test_a_split_keeps_copies_together_and_says_where_a_picture_came_from(
    pictures, tmp_path, reads_contents
):
    for n in range(20):
        (pictures / f"{n}.jpg").write_bytes(JPEG + b"%d" % (n // 2))
    files = {pictures / f"{n}.jpg": ["ab"[n % 2]] for n in range(20)}
    project = project_of(files, reads_contents=reads_contents)
    deliver(project, "folders", tmp_path / "out", split=(0.5, 0.3, 0.2), seed=3)
    found = tree(tmp_path / "out")
    part = {int(Path(name).stem): name.split("/")[0] for name in found}
    assert len(found) == 20
    assert all(part[n] == part[n + 1] for n in range(0, 20, 2))
    assert {name: [*part.values()].count(name) for name in ("train", "val", "test")} == {
        "train": 10,
        "val": 6,
        "test": 4,
    }
    assert read_back(project, tmp_path / "out", "folders") == labels_in(project)


def test_ultralytics_finds_each_class_in_each_part(project, tmp_path):
    deliver(project, "ultralytics", tmp_path / "out")
    out = tmp_path / "out"
    folders = {path.relative_to(out).as_posix() for path in out.glob("*/*")}
    assert folders == {"train/cat", "train/dog", "val/cat", "val/dog"}
    assert read_back(project, out, "folders") == {
        path: labels for path, labels in labels_in(project).items() if labels
    }


@given(
    names=NAMES,
    chosen=st.lists(st.sets(st.integers(0, 4), max_size=3), min_size=1, max_size=6),
    transfer=st.sampled_from(Transfer),
    split=st.sampled_from([(), (0.5, 0.5), (0.8, 0.1, 0.1)]),
    reads_contents=st.booleans(),
)
def test_labels_of_any_characters_come_back(names, chosen, transfer, split, reads_contents):
    with tempfile.TemporaryDirectory() as place:
        labels = {}
        for number, keys in enumerate(chosen):
            file = Path(place, "pictures", "ab"[number % 2], f"{number // 2}.jpg")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(JPEG + b"%d" % (number // 3))  # some are copies, under other labels
            labels[file] = [names[key] for key in sorted(keys) if key < len(names)]
        project = project_of(labels, reads_contents=reads_contents)
        out = Path(place, "out")
        report = deliver(project, "folders", out, transfer=transfer, split=split)
        project.apply(relink_moved(project.images, report.moved), TEST)
        kept = {path: of for path, of in labels_in(project).items() if of}
        assert read_back(project, out, "folders") == kept
        assert all(path.is_file() for path in project.images.paths)
        assert {path.parent.parent for path in out.rglob("*.jpg")} <= {
            out / part for part in ("", "train", "val", "test")
        }
        if transfer is Transfer.MOVE:
            undone = undo_moves(out / MOVES) if report.moved else None
            assert {old for _, old in (undone.moved if undone else ())} == {
                str(file) for file, of in labels.items() if of
            }
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


# ---- moving


def test_nothing_is_moved_from_a_project_that_would_not_know(project, pictures, tmp_path):
    task = task_of(project, transfer=Transfer.MOVE)
    chosen = FORMATS["folders"]
    with pytest.raises(OutputError, match="move-loses-pictures"):
        chosen.write(task, output_of(project, chosen, tmp_path / "out"))
    assert len(tree(pictures)) == 4


def test_a_move_is_followed_by_the_project_and_can_be_taken_back(project, pictures, tmp_path):
    out, before = tmp_path / "out", labels_in(project)
    report = deliver(project, "folders", out, transfer=Transfer.MOVE)
    assert tree(pictures) == ["b/3.png"]
    project.apply(relink_moved(project.images, report.moved), TEST)
    assert all(path.is_file() for path in project.images.paths)
    undone = undo_moves(out / MOVES)
    project.apply(relink_moved(project.images, undone.moved), TEST)
    assert (undone.problems, labels_in(project)) == ((), before)
    assert tree(pictures) == ["a/1.jpg", "a/2.jpg", "b/1.jpg", "b/3.png"]
    assert not out.exists()


def test_a_move_is_taken_back_as_far_as_nothing_is_in_the_way(project, pictures, tmp_path):
    out = tmp_path / "out"
    report = deliver(project, "folders", out, transfer=Transfer.MOVE)
    place = dict(report.moved)
    (pictures / "a/1.jpg").write_bytes(b"another")
    Path(place[str(pictures / "a/2.jpg")]).unlink()
    undone = undo_moves(out / MOVES)
    assert [why.code for _, why in undone.problems] == ["something-else-there", "has-vanished"]
    assert (pictures / "a/1.jpg").read_bytes() == b"another"
    assert (pictures / "b/1.jpg").read_bytes() == JPEG + b"b/1.jpg"
    (pictures / "a/1.jpg").unlink()
    assert [why.code for _, why in undo_moves(out / MOVES).problems] == ["has-vanished"]
    assert (pictures / "a/1.jpg").read_bytes() == JPEG + b"a/1.jpg"


def test_a_move_that_was_killed_before_the_originals_went_is_taken_back(
    project, pictures, tmp_path, monkeypatch
):
    monkeypatch.setattr(folder_output.FolderBuild, "finish_moves", lambda *_: None)
    deliver(project, "folders", tmp_path / "out", transfer=Transfer.MOVE)
    assert len(tree(pictures)) == 4
    assert undo_moves(tmp_path / "out" / MOVES).problems == ()
    assert len(tree(pictures)) == 4
    assert not (tmp_path / "out").exists()


def test_links_and_odd_files_are_copied_where_others_are_moved(pictures, tmp_path):
    (pictures / "link.jpg").symlink_to(pictures / "a/1.jpg")
    (pictures / "odd.dat").write_bytes(JPEG)
    project = project_of({pictures / "link.jpg": ["cat"], pictures / "odd.dat": ["cat"]})
    report = deliver(project, "folders", tmp_path / "out", transfer=Transfer.MOVE)
    assert [(note.code, note.parameters["count"]) for note in report.notes] == [
        ("copied-not-moved", 2)
    ]
    assert (pictures / "link.jpg").is_symlink()
    assert (pictures / "odd.dat").is_file()


@pytest.mark.skipif(os.name == "nt", reason="any bytes in names")
def test_a_name_that_is_no_text_is_moved_and_comes_back(tmp_path):
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/pictures/caf\xe9.jpg"))
    file.parent.mkdir()
    file.write_bytes(JPEG)
    project = project_of({file: ["cat"]})
    report = deliver(project, "folders", tmp_path / "out", transfer=Transfer.MOVE)
    assert not file.exists()
    project.apply(relink_moved(project.images, report.moved), TEST)
    assert read_back(project, tmp_path / "out", "folders") == labels_in(project)
    assert undo_moves(tmp_path / "out" / MOVES).moved[0][1] == str(file)
    assert file.is_file()


@pytest.mark.parametrize(
    "line",
    [
        {"from": "/etc/x.jpg", "to": "../x.jpg"},
        {"from": "/etc/x.jpg", "to": "/x.jpg"},
        {"from": "x.jpg", "to": "x.jpg"},
        {"from": "/etc/../root/x.jpg", "to": "x.jpg"},
        {"from": "/etc/x.jpg", "to": "a:b.jpg"},
        {"from": "/etc/x.jpg", "to": "C:x.jpg"},
        {"from": "/etc/x.jpg", "to": "a\\\\b.jpg"},
        {"from": "/root/.bashrc", "to": "x.jpg"},
        {"from": "/root/x.jpg", "to": "x.png"},
        {"from": 1, "to": "x.jpg"},
        ["/a.jpg", "b.jpg"],
    ],
)
def test_a_log_of_a_stranger_leads_nothing_anywhere(tmp_path, line):
    log = tmp_path / MOVES
    for content in (json.dumps(line), '{"from": "/a.jpg", "to"', "[" * 50_000):
        log.write_text(content + "\n")
        with pytest.raises(UsageError, match="no-log-of-moves"):
            undo_moves(log)
    with pytest.raises(UsageError, match="unreadable-text"):
        undo_moves(tmp_path / "none")


def test_a_log_names_no_hidden_stream_of_a_file():
    for path in ("C:\\a\\b.txt:x.jpg", "C:\\a:b\\x.jpg", "\\\\host\\share\\a:b.jpg"):
        assert names_a_stream(PureWindowsPath(path))
    assert not names_a_stream(PureWindowsPath("C:\\a\\b.jpg"))
    assert not names_a_stream(PurePosixPath("/a/12:30.jpg"))


def test_a_log_contacts_no_other_machine(tmp_path):
    (tmp_path / "x.jpg").write_bytes(JPEG)
    log = tmp_path / MOVES
    log.write_text(json.dumps({"from": "//host/share/x.jpg", "to": "x.jpg"}) + "\n")
    ((_, why),) = undo_moves(log).problems
    assert why.parameters["reason"].code == "is-on-another-machine"
    assert (tmp_path / "x.jpg").read_bytes() == JPEG


def test_a_log_that_leads_to_the_same_file_deletes_it_not(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "x.jpg").write_bytes(JPEG)
    (tmp_path / "link").symlink_to(folder)
    log = folder / MOVES
    log.write_text(json.dumps({"from": str(tmp_path / "link" / "x.jpg"), "to": "x.jpg"}) + "\n")
    assert [why.code for _, why in undo_moves(log).problems] == ["not-moved"]
    assert (folder / "x.jpg").read_bytes() == JPEG


def test_a_link_in_the_folder_of_a_log_takes_no_picture_from_elsewhere(tmp_path):
    (tmp_path / "pictures").mkdir()
    picture = tmp_path / "pictures" / "1.jpg"
    picture.write_bytes(b"1")
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "in").symlink_to(tmp_path / "pictures")
    log = tmp_path / "strange" / MOVES
    log.write_text(json.dumps({"from": str(tmp_path / "else" / "x.jpg"), "to": "in/1.jpg"}) + "\n")
    undone = undo_moves(log)
    assert [why.code for _, why in undone.problems] == ["is-no-file-of-the-move"]
    assert picture.read_bytes() == b"1"
    assert not (tmp_path / "else").exists()


def test_an_undo_across_drives_copies_and_one_that_fails_leaves_nothing_half(
    project, pictures, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EXDEV, "")))
    deliver(project, "folders", out, transfer=Transfer.MOVE)
    with full_disk(4):
        undone = undo_moves(out / MOVES)
    assert {why.code for _, why in undone.problems} == {"cannot-put-back"}
    assert tree(pictures) == ["b/3.png"]
    assert undo_moves(out / MOVES).problems == ()
    assert len(tree(pictures)) == 4


def test_a_link_to_another_drive_is_a_copy_and_said_to_be_one(project, tmp_path, monkeypatch):
    deliver(project, "folders", tmp_path / "linked", transfer=Transfer.LINK)
    assert (tmp_path / "linked/dog/2.jpg").stat().st_nlink == 2
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EXDEV, "")))
    report = deliver(project, "folders", tmp_path / "copied", transfer=Transfer.LINK)
    assert [(note.code, note.parameters["count"]) for note in report.notes] == [
        ("copied-not-linked", 3)
    ]
    assert (tmp_path / "copied/dog/2.jpg").stat().st_nlink == 1


# ---- faults, for all formats that are folders

FOLDER_FORMATS = ("folders", "ultralytics", "fiftyone", "html")


@pytest.mark.parametrize("format_id", FOLDER_FORMATS)
def test_a_target_that_is_there_or_among_the_pictures_is_refused(
    project, pictures, tmp_path, format_id
):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "file").touch()
    before = tree(tmp_path)
    for place in (tmp_path / "full", tmp_path / "file", pictures / "a" / "out", pictures):
        with pytest.raises(OutputError):
            deliver(project, format_id, place)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("format_id", FOLDER_FORMATS)
def test_a_picture_that_vanished_is_left_out_and_listed(project, pictures, tmp_path, format_id):
    (pictures / "a/2.jpg").unlink()
    report = deliver(project, format_id, tmp_path / "out")
    assert "a/2.jpg" in [path[-7:].replace("\\", "/") for path, _ in report.problems]
    if format_id != "html":  # where none of these is a picture
        assert [why.code for _, why in report.problems] == ["has-vanished"]
        assert len(tree(tmp_path / "out")) == {"fiftyone": 4}.get(format_id, 2)
        for file in (tmp_path / "out").glob("*.json*"):
            assert "2.jpg" not in file.read_text()


@pytest.mark.parametrize("format_id", FOLDER_FORMATS)
def test_a_cancel_in_the_middle_leaves_nothing(project, pictures, tmp_path, format_id):
    cancel, before = CancelToken(), tree(tmp_path)
    task = replace(
        task_of(project, transfer=Transfer.MOVE if format_id == "folders" else Transfer.COPY),
        cancel=cancel,
        relinks=True,
        on_progress=lambda _: cancel.cancel(),
    )
    chosen = FORMATS[format_id]
    with pytest.raises(CancelledError):
        chosen.write(task, output_of(project, chosen, tmp_path / "out"))
    assert tree(tmp_path) == before


@pytest.mark.parametrize("format_id", FOLDER_FORMATS)
def test_a_disk_that_fills_up_leaves_nothing(project, pictures, tmp_path, format_id):
    (pictures / "b/1.jpg").write_bytes(JPEG + bytes(100_000))
    before = tree(tmp_path)
    with full_disk(3_000), pytest.raises(OutputError, match="full-disk"):
        deliver(project, format_id, tmp_path / "out")
    assert tree(tmp_path) == before
