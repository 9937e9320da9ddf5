"""A name that is typed while pictures are still being found and read."""

import threading

import pytest
from PIL import Image

from nameplate.ui.jobs import reading
from qt_help import wait


class Steps:
    """What has to be let go on a step at a time."""

    def __init__(self) -> None:
        self._steps = threading.Semaphore(0)

    def wait(self) -> None:
        assert self._steps.acquire(timeout=20)

    def go_on(self, count: int = 1) -> None:
        self._steps.release(count)


@pytest.fixture
def many(tmp_path):
    """A folder of 12 pictures."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(12):
        Image.new("RGB", (9, 9), (20 * number, 0, 0)).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture
def scanning(monkeypatch):
    """Steps of a scan: three batches of four pictures, and its end."""
    steps, scan = Steps(), reading.scan

    def scan_by_steps(paths, *, cancel):
        images = [image for batch in scan(paths, cancel=cancel) for image in batch.images]
        for start in range(0, len(images), 4):
            steps.wait()
            yield reading.ScanBatch(tuple(images[start : start + 4]), ())
        steps.wait()

    monkeypatch.setattr(reading, "scan", scan_by_steps)
    yield steps
    steps.go_on(1000)


@pytest.fixture
def embedding(monkeypatch):
    """Steps of reading pictures."""
    steps, embed = Steps(), reading.embed_with_cache

    def embed_by_steps(*given, **more):
        for event in embed(*given, **more):
            steps.wait()
            yield event

    monkeypatch.setattr(reading, "embed_with_cache", embed_by_steps)
    yield steps
    steps.go_on(1000)


def type_slowly(window, text):
    """Type into what has the focus at each letter, as the window lets it move meanwhile."""
    for letter in text:
        window.type(letter)
        window.let_work()


def test_a_name_that_is_typed_at_once_after_a_drop_is_added_and_the_next_one_too(
    window, many, scanning
):
    window.drop(many)
    type_slowly(window, "cat")
    window.press("Return")
    assert window.names() == ["cat"]
    scanning.go_on()
    window.wait_for_pictures(4)
    type_slowly(window, "dog")
    window.press("Return")
    assert window.names() == ["cat", "dog"]


def test_a_name_that_is_being_typed_stays_while_pictures_appear_and_scan_and_reading_end(
    window, many, scanning, embedding
):
    window.drop(many)
    type_slowly(window, "gr")
    scanning.go_on()
    window.wait_for_pictures(4)
    type_slowly(window, "ey ")
    scanning.go_on(2)
    window.wait_for_pictures(12)
    type_slowly(window, "c")
    scanning.go_on()
    wait(lambda: not window.is_looking_for_pictures)
    type_slowly(window, "a")
    embedding.go_on(1000)
    window.wait_until_nothing_waits()
    type_slowly(window, "t")
    assert window.typed == "grey cat"
    window.press("Return")
    assert window.names() == ["grey cat"]


def test_a_name_goes_on_in_its_box_from_the_pictures(window, many, scanning):
    window.drop(many)
    scanning.go_on()
    window.wait_for_pictures(4)
    type_slowly(window, "d")
    window.menu("Go to the pictures")
    type_slowly(window, "o")
    scanning.go_on(3)
    wait(lambda: not window.is_looking_for_pictures)
    type_slowly(window, "g")
    assert window.typed == "dog"


def test_a_name_that_is_being_typed_stays_where_a_question_about_the_folder_comes(
    opened, make_window, coloured
):
    opened.select(0)
    opened.press("1")
    opened.close()
    again = make_window()
    again.drop(coloured)
    type_slowly(again, "ho")
    again.wait_for_message("You checked 1 of these today. Go on?")
    type_slowly(again, "rse")
    again.press("Return")
    assert again.names() == ["horse"]
    again.wait_until_read()
    type_slowly(again, "dog")
    assert again.typed == "dog"
