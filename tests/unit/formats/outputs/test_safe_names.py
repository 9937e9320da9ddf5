"""Names of folders for labels of any characters."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nameplate.formats.outputs.safe_names import (
    NAMES_FILE,
    FreeNames,
    folder_names,
    names_content,
    read_names,
    safe_name,
)

NASTY = st.sampled_from(
    ["../x", "CON", "con.txt", "a/b", "🐈" * 90, "x" * 300, "a", "A", "a.", ".", "", " ", "nul",
     "Ä", "A\u0308", "-x", NAMES_FILE, "a:b", "a\\b", "a\0b", "com¹"]
)  # fmt: skip


@given(st.sets(NASTY | st.text(), max_size=8))
def test_every_label_gets_a_folder_of_its_own_and_comes_back(labels):
    folders = folder_names(labels)
    with tempfile.TemporaryDirectory() as place:
        for folder in folders.values():
            (Path(place) / folder).mkdir()
            assert (Path(place) / folder).parent == Path(place)
            assert len(folder.encode()) < 143
        content = names_content({k: v for k, v in folders.items() if k.isprintable()})
        (Path(place) / NAMES_FILE).write_bytes(content)
        found = read_names(Path(place))
    assert len({folder.casefold() for folder in folders.values()}) == len(labels)
    assert {label: folders[label] for label in found.values()} == {
        label: folder for folder, label in found.items()
    }


def test_plain_names_stay_as_they_are():
    assert folder_names(["cat", "big dog", "Kätzchen"]) == {
        "cat": "cat", "big dog": "big dog", "Kätzchen": "Kätzchen"
    }  # fmt: skip
    assert safe_name("../../etc") == "_.._etc"
    assert safe_name("CON") == "_CON"
    assert safe_name('"<x>') == "_x_"  # datasets passes over names that begin with two


def test_equal_file_names_get_a_number_before_their_ending():
    free = FreeNames()
    assert [free.take(name) for name in ("a.jpg", "A.JPG", "a.jpg")] == [
        "a.jpg",
        "A-2.JPG",
        "a-3.jpg",
    ]


def test_a_names_file_that_is_none_says_nothing(tmp_path):
    for content in (b"", b"[]", b"\xff", b'{"folders": [1]}', b'{"folders": {"a": 1}}'):
        (tmp_path / NAMES_FILE).write_bytes(content)
        assert read_names(tmp_path) == {}
