"""Paths that are searched and sorted by."""

import ntpath
import os
import re
import string
from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.filtering import path_index
from nameplate.domain.filtering.path_index import PathIndex

PATHS = [
    "/p/2024/may/img10.jpg",
    "/p/2024/may/img2.jpg",
    "/p/2024/June/IMG1.jpg",
    "/p/old/may/Straße.png",
    "/p/top.jpg",
]
PARTS = st.text(st.sampled_from("aB1 ß\n"), min_size=1, max_size=4)


def index_of(paths):
    """The index of paths as this system writes them."""
    return PathIndex.of([path.replace("/", os.sep) for path in paths])


def test_the_folder_of_all_may_be_a_whole_drive_or_share_of_windows(monkeypatch):
    monkeypatch.setattr(path_index, "os", SimpleNamespace(sep="\\", path=ntpath))
    for root in ("D:", "\\\\server\\share"):
        index = PathIndex.of([f"{root}\\a.jpg", f"{root}\\x\\b.jpg"])
        assert index.root == root.replace("\\", "/") + "/"
        assert index.short_folders == ("", "x")


def rows(flags):
    return np.flatnonzero(flags).tolist()


def test_a_text_is_found_in_names_and_in_folders_below_the_one_of_all():
    index = index_of(PATHS)
    assert rows(index.having("IMG")) == [0, 1, 2]
    assert rows(index.having("strasse")) == [3]
    assert rows(index.having("may")) == [0, 1, 3]
    assert rows(index.having("may/img1")) == [0]
    assert rows(index.having("24/ma")) == [0, 1]
    assert rows(index.having("p/2024")) == []
    assert rows(index.having("zebra")) == []


@given(st.lists(st.tuples(PARTS, PARTS, PARTS), min_size=1), PARTS, st.integers(0, 5))
def test_a_search_finds_what_a_look_at_each_path_finds(parts, wanted, cut):
    paths = [f"/root/{a}/{b}/{name}" for a, b, name in parts] + ["/root/x", "/root/a/y"]
    own = [path.replace("/", os.sep) for path in paths]
    index = PathIndex.of(own[:cut]).extended(own, len(own))
    for text in (wanted, f"{wanted}/{wanted}", f"/{wanted}"):
        folded = text.casefold().replace("\n", " ")
        short = [path.removeprefix("/root/").casefold().replace("\n", " ") for path in paths]
        expected = [row for row, path in enumerate(short) if folded in path]
        assert rows(index.having(text)) == expected


def test_names_are_in_natural_order_and_folders_too():
    index = index_of([*PATHS, "/p/10/a.jpg", "/p/9/b.jpg", "/p/9/img0000000000012345.jpg"])
    names = [PATHS[row].rpartition("/")[2] for row in np.argsort(index.name_ranks[:4])]
    assert names == ["IMG1.jpg", "img2.jpg", "img10.jpg", "Straße.png"]
    assert index.name_ranks[7] > index.name_ranks[0]
    folders = np.argsort(index.folder_ranks, kind="stable").tolist()
    assert folders == [4, 6, 7, 5, 2, 0, 1, 3]


@given(st.lists(st.text(st.sampled_from("ab019\u0660é"), min_size=1, max_size=30)))
def test_numbers_of_any_length_count_by_what_they_are(names):
    index = index_of([f"/p/x{name}y" for name in names] + ["/p/x9y", "/p/x10y", "/p/x9999999999y"])
    assert index.name_ranks[-3] < index.name_ranks[-2] < index.name_ranks[-1]
    assert sorted(index.name_ranks.tolist()) == list(range(len(index)))


NASTY = st.text(
    st.sampled_from("aA0019 .-:~\u0660²ßſ\u0130é\ud800\U0001f600\n")
    | st.sampled_from(string.printable),
    min_size=1,
    max_size=18,
).filter(lambda name: not {"/", os.sep} & set(name))


def plainly_natural(name: str) -> list[tuple[int, int]]:
    """Return a key that Python can sort by: code points, and numbers in the place of a digit."""
    folded = name.casefold().replace("\n", " ")
    parts = re.findall("[0-9]+|[^0-9]", folded)
    return [(ord("0"), int(p)) if "0" <= p[0] <= "9" else (ord(p), 0) for p in parts]


@given(st.lists(NASTY, min_size=1))
def test_the_order_of_names_is_that_of_a_plain_natural_sort(names):
    index = index_of([f"/p/{name}" for name in names])
    expected = sorted(range(len(names)), key=lambda row: plainly_natural(names[row]))
    assert np.argsort(index.name_ranks).tolist() == expected


@given(st.lists(st.text(st.sampled_from("ab0"), max_size=400), min_size=1))
def test_names_that_begin_with_the_same_for_long_stay_as_they_were_added(ends):
    index = index_of([f"/p/{'x' * 96}{end}" for end in ends])
    assert index.name_ranks.tolist() == list(range(len(ends)))


def test_a_folder_is_meant_from_the_top_or_wherever_it_lies():
    index = index_of([*PATHS, "/p/may/x.jpg"])
    assert index.root == "/p"
    assert rows(index.in_folder("2024")) == [0, 1, 2]
    assert rows(index.in_folder("2024/may")) == [0, 1]
    assert rows(index.in_folder("may")) == [5]
    assert rows(index.in_folder("june")) == [2]
    assert rows(index.in_folder("ju")) == []
    assert rows(index.in_folder("/p/old")) == [3]
    assert rows(index.in_folder("/p/ol")) == []
    without = index_of(PATHS)
    assert rows(without.in_folder("may")) == [0, 1, 3]


def test_folders_are_counted_with_all_below_them():
    index = index_of(PATHS)
    assert index.counts(np.array([True, True, True, True, False])) == {
        "": 4, "2024": 3, "2024/may": 2, "2024/June": 1, "old": 1, "old/may": 1,
    }  # fmt: skip


def test_an_index_of_nothing_finds_nothing():
    index = PathIndex.of(())
    assert index.root == ""
    assert rows(index.having("a")) == rows(index.in_folder("a")) == []
    assert index.counts(np.empty(0, dtype=np.bool_)) == {}
    assert len(index.name_ranks) == len(index.folder_ranks) == 0


def test_images_in_no_common_folder_are_found_by_their_whole_paths():
    index = index_of(["/a/x.jpg", "/b/x.jpg", "rel/x.jpg"])
    assert rows(index.having("b/x")) == [1]
    assert rows(index.in_folder("/b")) == [1]
