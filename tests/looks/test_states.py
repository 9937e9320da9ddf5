"""Each state of the window looks as it was last looked at, in each look."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from corpus.frozen import IS_RENEWED, has_all_features
from looks.states import LOOKS, samples_with_a_broken_one, taken, walk
from nameplate.storage.resources import starter_model
from nameplate.ui.widgets import theme
from window_driver import WindowDriver

SIZE = QSize(1440, 900)
SMALL = (96, 60)
"""Pixels of a kept picture: letters are grey stripes there, whatever the typeface."""

MOST_DIFFERENT = 0.04
"""The share of pixels that may be another colour: a line of text more or less is no change."""

ANOTHER = 40
"""So far apart, of 255, are colours that are not the same."""

KEPT = Path(__file__).parent / "kept"


def small(image: QImage) -> np.ndarray:
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    size, step = (plain.height(), plain.width()), plain.bytesPerLine()
    pixels = np.frombuffer(plain.constBits(), np.uint8).reshape(size[0], step)[:, : 3 * size[1]]
    picture = Image.fromarray(pixels.reshape(*size, 3))
    return np.asarray(picture.resize(SMALL, Image.Resampling.BOX))


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[WindowDriver]:
    theme.apply(qapp)
    window = WindowDriver.on(starter_model(), tmp_path / "window.ini")
    window.show(SIZE.width(), SIZE.height())
    window.main.activateWindow()
    window.wait_until_loaded()
    yield window
    window.main.actions_by_id.trigger("look_system")()
    window.discard()


@pytest.mark.skipif(not has_all_features(), reason="it was kept with other features")
def test_each_state_looks_as_it_did(window: WindowDriver, tmp_path: Path):
    seen: dict[str, list[np.ndarray]] = {look: [] for look in LOOKS}
    states = list[str]()
    for state in walk(window, samples_with_a_broken_one(tmp_path)):
        states.append(state)
        assert len(window.filled) < 2, state
        for look in LOOKS:
            seen[look].append(small(taken(window, look, SIZE)))
    different = list[str]()
    for look, pictures in seen.items():
        file = KEPT / f"{look}.png"
        if IS_RENEWED:
            KEPT.mkdir(exist_ok=True)
            Image.fromarray(np.concatenate(pictures)).save(file, optimize=True)
        kept = np.split(np.asarray(Image.open(file)), len(states))
        for state, now, before in zip(states, pictures, kept, strict=True):
            apart = np.abs(now.astype(int) - before.astype(int)).max(2) > ANOTHER
            if apart.mean() > MOST_DIFFERENT:
                different.append(f"{state}, {look}: {apart.mean():.1%}")
    assert not different, "look at them (make_pictures.py), then NAMEPLATE_RENEW_CORPUS=1"
