"""Lists of names: from files and folders, and to a file that is read again."""

from dataclasses import replace

import pytest

from nameplate.domain.concepts import MOST_CONCEPTS, add_all, add_new
from nameplate.domain.errors import OutputError, UsageError
from nameplate.formats.name_lists import (
    LARGEST_CSV,
    NAMES,
    names_ending,
    names_of_folders,
    read_names,
    write_names,
)
from nameplate.formats.outputs.output import Output


def names(listed):
    return [concept.name for concept in listed.concepts]


def test_a_text_file_has_a_name_a_line_and_says_which_lines_are_none(tmp_path):
    file = tmp_path / "names.txt"
    file.write_text("# mine\ndog | hound\n!\nDOG\n!other\nanimal > cat\n", encoding="utf-8")
    (listed,) = read_names(file).values()
    assert names(listed) == ["dog", "other"]
    lines = [str(problem) for problem in listed.problems]
    assert ["line=3" in lines[0], "empty-name" in lines[0]] == [True, True]
    assert ["line=4" in lines[1], "name-twice" in lines[1]] == [True, True]
    assert ["line=6" in lines[2], "name-with-parent" in lines[2]] == [True, True]


@pytest.mark.parametrize(("ending", "mark"), [(".csv", ","), (".csv", ";"), (".tsv", "\t")])
def test_a_csv_has_names_in_columns_each_once(tmp_path, ending, mark):
    file = tmp_path / f"labels{ending}"
    rows = [["path", "label", "empty"], ["a.jpg", "cat", ""], ["b.jpg", "dog | cat", ""]]
    rows += [["c.jpg", '"\'=sum(a)"', " "], ["d.jpg", "Cat"], ["e.jpg", "a > b", "", "more"]]
    file.write_text("\ufeff" + "\n".join(mark.join(row) for row in rows), encoding="utf-8")
    found = read_names(file)
    assert list(found) == ["path", "label"]
    assert names(found["label"]) == ["cat", "dog", "=sum(a)", "a > b"]


def test_columns_of_one_title_are_both_there_and_one_without_has_a_number(tmp_path):
    file = tmp_path / "names.csv"
    file.write_text("name,name,\na,b,c\n", encoding="utf-8")
    assert {k: names(v) for k, v in read_names(file).items()} == {
        "name": ["a"],
        "name (2)": ["b"],
        "3": ["c"],
    }


def test_a_name_with_a_bar_is_one_name_in_a_labels_csv_too(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("label\na \\| b | c\n")
    assert [one.name for one in read_names(file)["label"].concepts] == ["a | b", "c"]


def test_a_column_of_more_cells_than_there_can_be_names_is_no_list_of_names(tmp_path):
    file = tmp_path / "labels.csv"
    rows = [f"{number}.jpg,{'cat' if number % 2 else 'dog'}" for number in range(MOST_CONCEPTS + 1)]
    file.write_text("\n".join(["path,label", *rows]), encoding="utf-8")
    assert list(read_names(file)) == ["label"]


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("a.csv", b"", "no-names-in-csv"),
        ("a.csv", b"label\n\n", "no-names-in-csv"),
        ("a.csv", b'label\n"open', "no-csv"),
        ("a.csv", b"label\n" + b"x" * 200_000, "no-csv"),
        ("a.csv", b"label\n\xff\n", "not-utf8"),
        ("a.txt", b"# nothing\n", "no-concepts-in-it"),
        ("a.txt", b"!\n", "no-concepts-in-it"),
        ("a.txt", b"\xff", "not-utf8"),
        ("a.txt", b"x\n" * (MOST_CONCEPTS + 1), "too-many-names"),
        ("a.toml", b"x", "no-toml"),
        ("a.csv", None, "file-not-there"),
    ],
)
def test_what_has_no_names_is_refused_with_the_reason(tmp_path, name, content, wrong):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=wrong):
        read_names(tmp_path / name)


def test_a_csv_has_a_largest_size(tmp_path):
    with (tmp_path / "a.csv").open("wb") as stream:
        stream.truncate(LARGEST_CSV + 1)
    with pytest.raises(UsageError, match="text-too-large"):
        read_names(tmp_path / "a.csv")


def test_a_name_of_a_cell_that_cannot_be_used_is_said(tmp_path):
    (tmp_path / "a.csv").write_text("label\n" + "x" * 300 + "\ncat\n", encoding="utf-8")
    (listed,) = read_names(tmp_path / "a.csv").values()
    assert names(listed) == ["cat"]
    assert "long-name" in str(listed.problems[0])


def test_folders_have_the_names_of_those_that_pictures_lie_in():
    paths = ["/p/cats/1.jpg", "/p/cats/2.jpg", "/p/Dogs/old/3.jpg", "/4.jpg", "/p/a | b/5.jpg"]
    assert names(names_of_folders(paths)) == ["a | b", "cats", "old"]
    assert names(names_of_folders([])) == []


def test_names_that_were_written_are_read_back(tmp_path):
    plain, _ = add_all((), ["dog | hound", "!other"])
    assert names_ending(plain) == ".txt"
    write_names(plain, Output(tmp_path / "names.txt", NAMES))
    (again,) = read_names(tmp_path / "names.txt").values()
    assert [c.names for c in again.concepts] == [c.names for c in plain]
    rich = (replace(plain[0], threshold=0.5, prompts=("a {}",)), *plain[1:])
    assert names_ending(rich) == ".toml"
    write_names(rich, Output(tmp_path / "names.toml", NAMES))
    (again,) = read_names(tmp_path / "names.toml").values()
    assert (again.concepts[0].threshold, again.concepts[0].prompts) == (0.5, ("a {}",))


def test_lines_that_would_lose_something_are_not_written_and_no_list_is_replaced(tmp_path):
    plain, _ = add_all((), ["dog"])
    file = tmp_path / "names.txt"
    with pytest.raises(UsageError, match="lines-are-not-enough"):
        write_names((replace(plain[0], threshold=0.5),), Output(file, NAMES))
    assert not file.exists()
    write_names(plain, Output(file, NAMES))
    with pytest.raises(OutputError):
        write_names(plain, Output(file, NAMES))
    write_names(plain, Output(file, NAMES, overwrite=True))


def test_adding_leaves_what_is_there_and_adds_what_is_new():
    there, _ = add_all((), ["Animal", "van"])
    found, _ = add_all((), ["animal", "VAN", "lorry | truck"])
    after = add_new(there, found, least_key=70)
    assert [c.names for c in after] == [("Animal",), ("van",), ("lorry", "truck")]
    assert [c for c in after if c.key < 70] == list(there)
    assert all(c.colour for c in after)
