"""What a run labelled into a folder of shards is looked at in the window, as a random sample."""

import shutil
import tarfile

import pytest

from bombs import make_deadly
from nameplate.features.runs.drawing import open_sample
from nameplate.features.runs.shards import embeddings_file
from qt_help import heard, wait
from window_driver import COLOURS

pytest.importorskip("pyarrow")


@pytest.fixture
def folder(coloured, label, out):
    assert label(coloured) == 0
    return out


def test_a_dropped_run_opens_as_a_sample_with_its_names(window, folder, make_window):
    window.wait_until_loaded()
    with heard(window.main.files.opened):
        window.drop(folder)
    window.wait_for_pictures(6)
    window.wait_until_read()
    assert window.names() == COLOURS
    window.menu("Auto-label all")
    wait(lambda: all(window.chips()))
    for picture, label in zip(window.pictures(), window.chips(), strict=True):
        assert label == picture.partition("/")[0]

    path = window.main.files.path
    window.close()
    shutil.rmtree(folder)
    again = make_window()
    again.wait_until_loaded()
    again.open_project(path)
    wait(lambda: again.main.owner.project.images.waiting == 0)
    open_sample(again.main.workbenches["runs"], folder)
    again.wait_for_message("Can't open a sample")


def test_where_something_was_done_already_a_bar_asks_first(opened, folder):
    opened.drop(folder)
    opened.wait_for_message("“run” is the folder of a run")
    with heard(opened.main.files.opened):
        opened.answer("Open some")
    opened.wait_for_pictures(6)


def test_a_dropped_run_with_a_file_at_which_pyarrow_ends_its_process_opens_the_rest(window, folder):
    make_deadly(embeddings_file(folder, 1))
    with heard(window.main.files.opened):
        window.drop(folder)
    window.wait_for_pictures(4)


def test_pictures_in_a_tar_file_are_copied_beside_the_run(window, coloured, tmp_path, label, out):
    with tarfile.open(tmp_path / "all.tar", "w") as archive:
        archive.add(coloured, "p")
    assert label(tmp_path / "all.tar") == 0
    with heard(window.main.files.opened):
        window.drop(out)
    window.wait_for_pictures(6)
    copies = out.with_name("run-pictures")
    assert len([path for path in copies.rglob("*.*") if path.is_file()]) == 6
    wait(lambda: window.main.thumbnails.is_idle)
    paths = window.main.owner.project.images.paths
    assert not any(window.main.thumbnails.has_failed(path) for path in paths)
