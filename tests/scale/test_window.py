"""The window fetches pictures of a run from a real web server, also one that fails or is gone."""

import pytest
from faulty_servers import HALF, http_server

from nameplate.cli.main import run
from nameplate.storage import remote
from nameplate.storage.remote_limits import Limits
from qt_help import answer_message, heard, wait
from window_driver import COLOURS, WindowDriver

pytestmark = pytest.mark.scale

pytest.importorskip("pyarrow")


@pytest.fixture
def open_sample(qtbot, tmp_path, tiny_model, monkeypatch):
    """Return a function that opens a sample of what lies at an address; asked is nobody yet."""
    monkeypatch.setattr(remote, "LIMITS", Limits(pause=0.01))
    windows = list[WindowDriver]()

    def open_it(address):
        names = [word for name in COLOURS for word in ("--concept", name)]
        made = ["label", address, "--out", str(tmp_path / "run"), "--no-cache", *names]
        assert run([*made, "--model", str(tiny_model)]) == 0
        window = WindowDriver.on(tiny_model, tmp_path / "window.ini")
        windows.append(window)
        window.show()
        window.wait_until_loaded()
        with heard(window.main.files.opened):
            window.drop(tmp_path / "run")
        window.wait_for_pictures(6)
        return window

    yield open_it
    for window in windows:
        window.discard()


def failed(window):
    paths = list(window.main.owner.project.images.paths)
    return [path for path in paths if window.main.thumbnails.has_failed(path)]


def is_all_shown(window):
    return window.main.thumbnails.is_idle and not failed(window)


def test_pictures_are_asked_for_once_a_person_agreed(coloured, open_sample):
    with http_server(coloured) as (address, faults):
        window = open_sample(address)
        faults.asked.clear()
        wait(lambda: len(failed(window)) == 6)
        assert not faults.asked
        answer_message(window.main.standing, "Fetch as needed")
        wait(lambda: len(faults.asked) == 6)
        wait(lambda: is_all_shown(window))
        assert set(faults.asked.values()) == {1}
        window.menu("Go to the pictures")
        window.press("Space")
        wait(lambda: window.large.picture_size() is not None)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (403, "the server denied access"),
        (404, "is not there"),
        (HALF, "the server failed"),
        (500, "the server failed"),
    ],
)
def test_what_a_server_does_wrong_is_said_and_the_others_are_shown(
    coloured, open_sample, fault, said
):
    with http_server(coloured) as (address, faults):
        window = open_sample(address)
        faults.answers["red/wide.png"] = [fault] * 20
        answer_message(window.main.standing, "Fetch as needed")
        wait(lambda: "1 picture could not be fetched" in window.standing_message)
        assert said in window.standing_message
        wait(lambda: window.main.thumbnails.is_idle and len(failed(window)) == 1)
        faults.answers.clear()
        answer_message(window.main.standing, "Try again")
        wait(lambda: is_all_shown(window))


def test_a_server_that_is_gone_is_said_to_be_and_holds_nothing_up(coloured, open_sample):
    with http_server(coloured) as (address, _):
        window = open_sample(address)
    answer_message(window.main.standing, "Fetch as needed")
    wait(lambda: "6 pictures could not be fetched" in window.standing_message)
    assert "the server failed" in window.standing_message
