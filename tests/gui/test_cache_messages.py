"""A cache that cannot be written is reported once, however many jobs it affects."""

import pytest
from PIL import Image

from nameplate.storage.caches.embedding_cache import default_folder
from nameplate.ui.widgets.message_bar import MessageBar
from qt_help import wait
from window_driver import COLOURS


@pytest.fixture
def warned(monkeypatch):
    """The warnings shown in the message bar of any window opened later."""
    texts, warn = [], MessageBar.warn

    def note(self, text, **options):
        texts.append(text)
        warn(self, text, **options)

    monkeypatch.setattr(MessageBar, "warn", note)
    return texts


@pytest.fixture
def no_cache():
    """A file in place of the cache folder."""
    folder = default_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_bytes(b"")


def photos(folder, count):
    folder.mkdir()
    for number in range(count):  # large enough for its thumbnail to be cached
        Image.effect_noise((1600, 1200), 50).convert("RGB").save(folder / f"{number}.jpg")
    return folder


def test_images_names_and_thumbnails_that_cannot_be_kept_are_one_message(
    warned, no_cache, make_window, tmp_path
):
    window = make_window()
    for name in ("first", "second"):  # each folder is a job of its own
        window.open(photos(tmp_path / name, 2))
        window.add(*COLOURS)
        window.wait_until_loaded()
        window.wait_until_read()
        wait(lambda: window.main.thumbnails.is_idle)
    assert window.project.images.waiting == 0
    about_cache = [text for text in warned if "cache" in text]
    assert len(about_cache) == 1
    assert "Working without the cache" in about_cache[0]


def test_names_that_cannot_be_kept_are_said_where_there_is_no_image(warned, no_cache, make_window):
    window = make_window()
    window.add(*COLOURS)
    wait(lambda: any("Working without the cache" in text for text in warned))
