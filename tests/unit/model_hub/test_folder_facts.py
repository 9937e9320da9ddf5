import json
import os
import sys

import pytest

from nameplate.model_hub import installed
from nameplate.model_hub.installed import MOST_FOLDERS, facts_path, mark_of, recall, remember


def test_a_text_is_kept_under_its_mark_alone(tmp_path):
    remember(tmp_path, "a", "text")
    assert recall(tmp_path, "a") == "text"
    assert recall(tmp_path, "b") is None
    assert recall(tmp_path / "other", "a") is None


def test_of_many_folders_the_oldest_are_forgotten(tmp_path):
    for number in range(MOST_FOLDERS + 3):
        remember(tmp_path / str(number), "a", str(number))
    assert len(json.loads(facts_path().read_text())) == MOST_FOLDERS
    assert recall(tmp_path / "2", "a") is None
    assert recall(tmp_path / "3", "a") == "3"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"3", b"\xff", b"[" * 9999, b'{"x": 3}', b'{"x": [1, 2]}']
)
def test_a_damaged_file_holds_nothing_and_is_replaced(tmp_path, content):
    facts_path().parent.mkdir(parents=True)
    facts_path().write_bytes(content)
    assert recall(tmp_path, "a") is None
    remember(tmp_path, "a", "text")
    assert recall(tmp_path, "a") == "text"


def test_a_file_too_large_to_be_ours_is_not_read(tmp_path, monkeypatch):
    remember(tmp_path, "a", "text")
    monkeypatch.setattr(installed, "LARGEST_FILE", 10)
    assert recall(tmp_path, "a") is None


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path):
    facts_path().mkdir(parents=True)  # a folder in its place
    remember(tmp_path, "a", "text")
    assert recall(tmp_path, "a") is None


def test_a_folder_of_too_many_files_or_none_has_no_mark(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    for number in range(4):
        (tmp_path / "sub" / str(number)).touch()
    assert mark_of(tmp_path, "1") == mark_of(tmp_path, "1") != mark_of(tmp_path, "2")
    monkeypatch.setattr(installed, "MOST_FILES", 3)
    assert mark_of(tmp_path, "1") is None
    assert mark_of(tmp_path / "nowhere", "1") is None


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems take text alone")
def test_names_that_are_no_text_are_marked_too(tmp_path):
    place = tmp_path / os.fsdecode(b"x\xff")
    place.mkdir()
    before = mark_of(place, "1")
    (place / "a").touch()
    assert mark_of(place, "1") not in {before, None}
    remember(place, "m", "text")
    assert recall(place, "m") == "text"
