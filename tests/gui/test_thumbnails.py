"""Thumbnails: newest first, bounded, off the GUI thread, once for a file that fails."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from PySide6.QtGui import QColor, QPixmap

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.imaging import pictures
from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.ui.tiles import thumbnails
from nameplate.ui.tiles.pixmap_cache import LruCache, bytes_of
from nameplate.ui.tiles.thumbnails import Fit, ThumbnailLoader, bucket, fitted

SMALL, LARGE = Fit(100, 100), Fit(400, 300)


class Gate:
    """Replaces `pictures.thumbnail`: records the calls and blocks until released."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.priority: dict[str, int] = {}
        self.threads: set[threading.Thread] = set()
        self.is_open = threading.Event()

    def __call__(self, path: Path, side: int, cancel: CancelToken) -> SimpleNamespace:
        self.threads.add(threading.current_thread())
        if sys.platform == "linux":
            me = threading.get_native_id()
            self.priority[path.name] = os.getpriority(os.PRIO_PROCESS, me)
        self.made.append(path.name)
        self.is_open.wait(10)
        if path.name.startswith("bad"):
            raise ImageError("is-empty", where=str(path))
        if path.name.startswith("odd"):
            raise ZeroDivisionError
        return SimpleNamespace(image=Image.new("RGB", (side, side // 2), (200, 100, 50)))


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(pictures, "thumbnail", gate)
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
        loader.pixmap(Path(name), SMALL)


@pytest.mark.parametrize("name", ["a", "caf\udce9"])  # a path may be no text
def test_gives_none_then_announces_the_pixmap(loader, gate, qtbot, name):
    gate.is_open.set()
    with qtbot.waitSignal(loader.loaded) as announced:
        assert loader.pixmap(Path(name), SMALL) is None
    assert announced.args == [{Path(name)}]
    pixmap = loader.pixmap(Path(name), SMALL)
    assert (pixmap.width(), pixmap.height()) == (100, 50)
    assert gate.made == [name]
    assert threading.main_thread() not in gate.threads


def test_makes_what_was_asked_last_first(loader, gate, qtbot):
    ask(loader, "busy1", "busy2")
    qtbot.waitUntil(lambda: len(gate.made) == 2)
    ask(loader, "a", "b", "c", "d", "a")
    gate.is_open.set()
    qtbot.waitUntil(lambda: len(gate.made) == 6)
    assert set(gate.made[2:4]) == {"a", "d"}


def test_what_was_scrolled_away_is_not_made_and_what_comes_next_is(loader, gate, qtbot):
    ask(loader, "busy1", "busy2")
    qtbot.waitUntil(lambda: len(gate.made) == 2)
    ask(loader, "away1", "away2", "shown")
    loader.prefetch({Path("shown")}, [Path("next1"), Path("next2")], SMALL)
    gate.is_open.set()
    qtbot.waitUntil(lambda: loader.is_idle)
    assert sorted(gate.made[2:]) == ["next1", "next2", "shown"]
    loader.prefetch({Path("next1")}, [Path("shown"), Path("next2")], SMALL)
    assert loader.is_idle


@pytest.mark.skipif(sys.platform != "linux", reason="only there has each thread a priority")
def test_what_is_seen_does_not_give_way_to_other_programs_and_what_may_come_next_does(
    loader, gate, qtbot
):
    loader.prefetch(set(), [Path("next")], SMALL)
    ask(loader, "shown1", "shown2")
    qtbot.waitUntil(lambda: len(gate.made) == 3)
    usual = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert gate.priority["shown1"] == gate.priority["shown2"] == usual
    assert gate.priority["next"] > usual or usual >= 10


def test_what_may_come_next_never_keeps_both_threads(loader, gate, qtbot):
    loader.prefetch(set(), [Path(f"next{i}") for i in range(9)], SMALL)
    qtbot.waitUntil(lambda: gate.made == ["next0"])
    ask(loader, "shown")
    qtbot.waitUntil(lambda: gate.made == ["next0", "shown"])


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
        loader.pixmap(Path("a"), SMALL)
    with qtbot.waitSignal(loader.loaded):
        assert loader.pixmap(Path("a"), LARGE).width() == 100
    assert loader.pixmap(Path("a"), LARGE).width() == 400
    assert loader.is_idle


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


@pytest.mark.parametrize(
    ("size", "room", "expected"),
    [
        ((400, 200), (100, 100), (100, 50)),
        ((10, 40), (100, 80), (20, 80)),
        ((3000, 1), (100, 100), (100, 1)),
        ((1, 3000), (100, 100), (1, 100)),
    ],
)
def test_fits_into_its_room_in_its_shape(qapp, size, room, expected):
    image = fitted(Image.new("RGB", size, (1, 2, 3)), Fit(*room))
    assert (image.width(), image.height()) == expected
    assert image.pixelColor(expected[0] // 2, expected[1] // 2) == QColor(1, 2, 3)


def test_corners_are_round_and_all_else_is_opaque(qapp):
    image = fitted(Image.new("RGB", (80, 60), "red"), Fit(80, 60, 6.0))
    corners = [(0, 0), (79, 0), (0, 59), (79, 59)]
    assert [image.pixelColor(*corner).alpha() for corner in corners] == [0] * 4
    assert [image.pixelColor(x, y).alpha() for x, y in ((40, 0), (0, 30), (79, 30))] == [255] * 3


def picture(path: Path) -> Path:
    Image.new("RGB", (600, 400), "green").save(path)
    os.utime(path, (1e9, 1e9))
    return path


def load(loader: ThumbnailLoader, qtbot, path: Path) -> QPixmap | None:
    with qtbot.waitSignal(loader.loaded):
        loader.pixmap(path, SMALL)
    return loader.pixmap(path, SMALL)


def test_a_picture_seen_in_another_window_is_not_read_again(qapp, qtbot, tmp_path, monkeypatch):
    path = picture(tmp_path / "a.png")
    first = ThumbnailLoader(cache=ThumbnailCache(tmp_path / "cache"))
    assert load(first, qtbot, path)
    first.shut_down()
    monkeypatch.delattr(pictures, "thumbnail")
    second = ThumbnailLoader(cache=ThumbnailCache(tmp_path / "cache"))
    assert load(second, qtbot, path)
    second.shut_down()


def test_a_cache_that_cannot_be_used_is_told_once_and_costs_no_picture(qapp, qtbot, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    told: list[Message] = []
    loader = ThumbnailLoader(cache=ThumbnailCache(tmp_path / "file" / "cache"))
    loader.problem_occurred.connect(told.append)
    for name in "abc":
        assert load(loader, qtbot, picture(tmp_path / f"{name}.png"))
    loader.shut_down()
    assert len(told) == 1
    assert told[0].code == "cache-not-used"


def test_what_was_asked_long_ago_is_not_made(loader, gate, qtbot, monkeypatch):
    monkeypatch.setattr(thumbnails, "_QUEUED", 3)
    ask(loader, "busy1", "busy2")
    qtbot.waitUntil(lambda: len(gate.made) == 2)
    ask(loader, *"abcdef")
    gate.is_open.set()
    qtbot.waitUntil(lambda: loader.is_idle)
    assert sorted(gate.made[2:]) == ["d", "e", "f"]


def test_keeps_no_more_than_its_bytes(qapp):
    cache = LruCache[str, QPixmap](3 * 4 * 100, bytes_of)
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
    assert [bucket(side) for side in (1, 128, 129, 300, 321, 900, 5000)] == [
        128, 128, 256, 320, 512, 1024, 1024,
    ]  # fmt: skip
