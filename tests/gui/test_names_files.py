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
    assert offered(opened, tmp_path / "names.txt", "red\ndog | hound\ncat\n!\n") == ["dog", "cat"]
    assert "2 new names, 1 already here" in opened.preview_says
    assert "line 4: empty name" in opened.preview_says
    assert opened.names() == ["red", "green", "blue"]
    opened.press("Down", "Space", "Return")
    assert opened.names() == ["red", "green", "blue", "dog"]
    assert opened.project.concepts[-1].synonyms == ("hound",)
    opened.menu("Undo add “dog”")
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
    opened.rename("red", "red | crimson")
    file = tmp_path / "names.txt"
    opened.main.names.preview.write(file)
    opened.wait_for_message("3 names written")
    assert file.read_text(encoding="utf-8").splitlines() == [
        "red | crimson",
        "green",
        "blue",
    ]
    opened.menu("New project")
    opened.main.names.preview.take_file(file)
    assert shown(opened) == ["red", "green", "blue"]
    opened.press("Return")
    assert opened.names() == ["red", "green", "blue"]
