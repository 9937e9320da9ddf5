"""What a run labelled into a folder of shards is looked at in the window, as a random sample."""

import shutil

import pytest

from nameplate.cli.main import run
from nameplate.inference.encoders import ImageEncoder
from qt_help import heard, wait
from window_driver import COLOURS

pytest.importorskip("pyarrow")


@pytest.fixture
def folder(coloured, tmp_path, tiny_model):
    names = [word for name in COLOURS for word in ("--concept", name)]
    out = tmp_path / "run"
    model = ("--model", str(tiny_model))
    assert run(["label", str(coloured), "--out", str(out), "--no-cache", *model, *names]) == 0
    return out


def test_a_dropped_run_opens_as_a_sample_which_is_ready_without_reading(
    window, folder, monkeypatch, make_window
):
    def fail(*_):
        raise AssertionError

    monkeypatch.setattr(ImageEncoder, "encode", fail)
    window.wait_until_loaded()
    with heard(window.main.files.opened):
        window.drop(folder)
    window.wait_for_pictures(6)
    wait(lambda: window.main.owner.project.images.waiting == 0)
    assert window.standing_message == "6 of the 6 pictures in run, drawn at random."
    assert window.names() == COLOURS
    window.menu("Auto-label all")
    wait(lambda: all(window.chips()))
    for picture, label in zip(window.pictures(), window.chips(), strict=True):
        assert label == picture.partition("/")[0]

    path = window.main.files.path
    window.close()
    shutil.rmtree(folder)  # the project has what it needs
    again = make_window()
    again.wait_until_loaded()
    again.open_project(path)
    wait(lambda: again.main.owner.project.images.waiting == 0)
    again.main.sampling.open(folder)
    again.wait_for_message("No sample was opened")


def test_where_something_was_done_already_a_bar_asks_first(opened, folder):
    opened.drop(folder)
    opened.wait_for_message("“run” is what a run labelled")
    with heard(opened.main.files.opened):
        opened.answer("Open some")
    opened.wait_for_pictures(6)
