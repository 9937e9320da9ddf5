"""Thumbnails: newest first, bounded, off the GUI thread, once for a file that fails."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from PySide6.QtGui import QColor, QPixmap

from nameplate.domain.errors import ImageError
from nameplate.storage import decode
from nameplate.ui.thumbnails import PixmapCache, ThumbnailLoader, bucket


class Gate:
    """Stands in for `decode.thumbnail`: notes what is made, and waits until it may go on."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.threads: set[threading.Thread] = set()
        self.is_open = threading.Event()

    def __call__(self, path: Path, side: int) -> SimpleNamespace:
        self.threads.add(threading.current_thread())
        self.made.append(path.name)
        self.is_open.wait(10)
        if path.name.startswith("bad"):
            raise ImageError("is empty", where=str(path))
        if path.name.startswith("odd"):
            raise ZeroDivisionError
        return SimpleNamespace(image=Image.new("RGB", (side, side // 2), (200, 100, 50)))


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(decode, "thumbnail", gate)
    yield gate
    gate.is_open.set()


@pytest.fixture
def loader(qapp, gate) -> Iterator[ThumbnailLoader]:
    loader = ThumbnailLoader()
    yield loader
    gate.is_open.set()
    loader.shut_down()


def ask(loader: ThumbnailLoader, *names: str) -> None:
    for name in names:
        loader.pixmap(Path(name), 100)


def test_gives_none_then_announces_the_pixmap(loader, gate, qtbot):
    gate.is_open.set()
    with qtbot.waitSignal(loader.loaded) as announced:
        assert loader.pixmap(Path("a"), 100) is None
    assert announced.args == ["a"]
    pixmap = loader.pixmap(Path("a"), 120)
    assert (pixmap.width(), pixmap.height()) == (128, 64)
    assert gate.made == ["a"]
    assert threading.main_thread() not in gate.threads


def test_announces_paths_that_are_not_text_as_they_are(loader, gate, qtbot):
    gate.is_open.set()
    with qtbot.waitSignal(loader.loaded) as announced:
        ask(loader, "caf\udce9")
    assert announced.args == ["caf\udce9"]


def test_makes_what_was_asked_last_first(loader, gate, qtbot):
    ask(loader, "busy1", "busy2")
    qtbot.waitUntil(lambda: len(gate.made) == 2)
    ask(loader, "a", "b", "c", "d", "a")
    gate.is_open.set()
    qtbot.waitUntil(lambda: len(gate.made) == 6)
    assert set(gate.made[2:4]) == {"a", "d"}


def test_forgets_what_was_asked_long_ago(qapp, gate, qtbot):
    loader = ThumbnailLoader(max_queued=3)
    ask(loader, "busy1", "busy2")
    qtbot.waitUntil(lambda: len(gate.made) == 2)
    ask(loader, *"abcdefgh")
    gate.is_open.set()
    qtbot.waitUntil(lambda: loader.pixmap(Path("f"), 100) is not None)
    loader.shut_down()
    assert set(gate.made) == {"busy1", "busy2", "f", "g", "h"}


@pytest.mark.parametrize("name", ["bad", "odd"])
def test_does_not_try_again_what_failed(loader, gate, qtbot, name, caplog):
    gate.is_open.set()
    with qtbot.waitSignal(loader.loaded):
        ask(loader, name)
    assert loader.has_failed(Path(name))
    ask(loader, name, name)
    qtbot.wait(60)
    assert gate.made == [name]


def test_asks_for_an_image_in_work_only_once(loader, gate, qtbot):
    ask(loader, "a")
    qtbot.waitUntil(lambda: gate.made == ["a"])
    ask(loader, "a", "a")
    with qtbot.waitSignal(loader.loaded):
        gate.is_open.set()
    qtbot.wait(60)
    assert gate.made == ["a"]


def test_shows_another_size_until_the_right_one_is_there(loader, gate, qtbot):
    gate.is_open.set()
    with qtbot.waitSignal(loader.loaded):
        loader.pixmap(Path("a"), 100)
    with qtbot.waitSignal(loader.loaded):
        assert loader.pixmap(Path("a"), 400).width() == 128
    assert loader.pixmap(Path("a"), 400).width() == 512


def test_shutting_down_joins_the_threads_and_answers_no_more(qapp, gate, qtbot):
    loader = ThumbnailLoader()
    ask(loader, *"abcdef")
    qtbot.waitUntil(lambda: len(gate.threads) == 2)
    gate.is_open.set()
    loader.shut_down()
    assert not any(thread.is_alive() for thread in gate.threads)
    made = len(gate.made)
    ask(loader, "later")
    loader.shut_down()
    assert len(gate.made) == made


def test_starts_no_thread_before_it_is_asked(qapp):
    before = threading.active_count()
    loader = ThumbnailLoader()
    assert threading.active_count() == before
    loader.shut_down()


def test_a_picture_turned_by_its_camera_stands_upright(qapp, qtbot, tmp_path):
    picture = Image.new("RGB", (80, 40), (0, 0, 255))
    picture.paste((255, 0, 0), (0, 0, 40, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to see it upright: the left half becomes the top
    path = tmp_path / "turned.png"
    picture.save(path, exif=exif)
    loader = ThumbnailLoader()
    with qtbot.waitSignal(loader.loaded) as announced:
        loader.pixmap(path, 100)
    pixmap = loader.pixmap(path, 100)
    loader.shut_down()
    assert announced.args == [str(path)]
    assert (pixmap.width(), pixmap.height()) == (40, 80)
    image = pixmap.toImage()
    assert image.pixelColor(20, 10) == QColor(255, 0, 0)
    assert image.pixelColor(20, 70) == QColor(0, 0, 255)
    # Opaque in every byte: Qt scales RGB32 as if it had an alpha channel.
    assert image.scaled(90, 180).pixelColor(40, 20).alpha() == 255


def test_keeps_no_more_than_its_bytes(qapp):
    cache: PixmapCache[str] = PixmapCache(3 * 4 * 100)
    for name in "abc":
        cache.put(name, QPixmap(10, 10))
    assert cache.get("a") is not None
    cache.put("d", QPixmap(10, 10))
    assert cache.get("b") is None
    assert cache.get("a") is not None
    cache.put("a", QPixmap(5, 5))
    cache.put("huge", QPixmap(100, 100))
    assert len(cache) == 1


def test_sizes_are_rounded_up_to_a_few():
    assert [bucket(side) for side in (1, 128, 129, 300, 900, 5000)] == [
        128, 128, 256, 512, 1024, 1024,
    ]  # fmt: skip
