"""Names from files and folders in the window, and to a file."""

from qt_help import wait


def shown(window):
    wait(window.main.names.preview.isVisible)
    return window.offered_names()


def offered(window, file, text):
    """Write a file of names and open it; return the names that are offered."""
    file.write_text(text, encoding="utf-8")
    window.main.names.preview.take_file(file)
    return shown(window)


def test_names_of_a_file_are_shown_before_they_are_added_as_one_step(opened, tmp_path):
    assert offered(
        opened, tmp_path / "names.txt", "red\nanimal > dog | hound\nanimal > cat\n!\n"
    ) == ["animal", "animal > dog", "animal > cat"]
    assert "3 new names, 1 already here" in opened.preview_says
    assert "line 4: empty name" in opened.preview_says
    assert opened.names() == ["red", "green", "blue"]
    opened.press("Down", "Down", "Space", "Return")
    assert opened.names() == ["red", "green", "blue", "animal", "dog"]
    assert opened.project.concepts[-1].synonyms == ("hound",)
    opened.menu("Undo add 2 names")
    assert opened.names() == ["red", "green", "blue"]


def test_escape_adds_nothing_and_a_file_that_has_no_names_says_why(opened, tmp_path):
    assert offered(opened, tmp_path / "names.txt", "cat\n") == ["cat"]
    opened.press("Escape")
    assert not opened.main.names.preview.isVisible()
    assert opened.names() == ["red", "green", "blue"]
    (tmp_path / "names.txt").write_bytes(b"\xff")
    opened.main.names.preview.take_file(tmp_path / "names.txt")
    opened.wait_for_message("not UTF-8")
    assert not opened.main.names.preview.isVisible()


def test_a_name_that_is_left_out_leaves_its_child_to_the_one_above_if_there_is_one(
    opened, tmp_path
):
    assert offered(opened, tmp_path / "names.txt", "animal > dog\n") == ["animal", "animal > dog"]
    opened.press("Space", "Return")
    assert opened.names()[-1] == "dog"
    assert opened.project.concepts[-1].parent is None
    assert offered(opened, tmp_path / "names.txt", "plant > tree > oak\n") == [
        "plant",
        "plant > tree",
        "plant > tree > oak",
    ]
    opened.press("Down", "Space", "Return")
    assert opened.names()[-2:] == ["plant", "oak"]
    assert opened.project.concepts[-1].parent == opened.project.concepts[-2].key


def test_the_column_of_a_csv_is_chosen_and_that_of_labels_first(opened, tmp_path):
    assert offered(
        opened, tmp_path / "labels.csv", "path,label,who\na.jpg,cat,Ann\nb.jpg,dog,Bob\n"
    ) == ["cat", "dog"]
    opened.choose_names_column("who")
    assert opened.offered_names() == ["Ann", "Bob"]


def test_the_folders_of_the_pictures_can_be_names(opened):
    opened.delete("green")
    opened.main.names.preview.take_folders()
    assert shown(opened) == ["green"]


def test_names_are_written_to_a_file_that_another_project_takes(opened, tmp_path):
    opened.rename("red", "colour > red | crimson")
    file = tmp_path / "names.txt"
    opened.main.names.preview.write(file)
    opened.wait_for_message("4 names written")
    assert file.read_text(encoding="utf-8").splitlines() == [
        "colour",
        "colour > red | crimson",
        "green",
        "blue",
    ]
    opened.menu("New project")
    opened.main.names.preview.take_file(file)
    assert shown(opened) == ["colour", "colour > red", "green", "blue"]
    opened.press("Return")
    assert opened.names() == ["colour", "red", "green", "blue"]
