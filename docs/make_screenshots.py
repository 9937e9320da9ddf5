"""Makes the pictures of the guide from the real window: `python docs/make_screenshots.py`.

`python tests/looks/make_pictures.py DIR` makes each state of the window in all looks and sizes, to
look at after a change.
"""

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer
from PySide6.QtTest import QTest

from nameplate.storage.resources import starter_model
from nameplate.ui.app import application, make_window
from nameplate.ui.main_window import MainWindow
from nameplate.ui.pages.pages import Pages

FOLDER = Path(__file__).parents[1] / "resources" / "guide"
SIZE = 1440, 900
SECONDS = 120


def main() -> None:
    """Make the pictures."""
    with tempfile.TemporaryDirectory() as place:
        for kind in ("DATA", "CONFIG"):
            os.environ[f"XDG_{kind}_HOME"] = place
        application()
        window = make_window(starter_model(), "cpu", projects=Path(place))
        window.actions_by_id["look_light"].trigger()
        _open(window)
        _save(window, "grid")
        window.actions_by_id["sheets"].trigger()
        pages = window.workbenches["pages"].part(Pages)
        QTest.qWait(600)
        _wait(lambda: pages.is_page_shown)  # once the pictures are compared
        _save(window, "sheets")
        window.shut_down()
        window.close()


def _open(window: MainWindow) -> None:
    """Show the samples, all labelled automatically and some of them by a person."""
    window.resize(*SIZE)
    window.show()
    window.actions_by_id["samples"].trigger()
    _wait(lambda: window.owner.project.images.present and not window.reading.is_scanning)
    _wait(lambda: not window.owner.project.images.waiting and window.scoring.is_current)
    window.labelling.auto_label()
    window.grid.set_current_image(int(window.arrangement.model.order[0]))
    for _ in range(4):
        window.labelling.accept()
    QTest.qWait(2000)  # learning, which says then how many labels it takes
    _wait(lambda: not window.scoring.fitting.is_due)


def _save(window: MainWindow, name: str) -> None:
    """Write what the window shows, without messages."""
    QTest.qWait(600)  # decoding at full size, and what is said a moment later
    _wait(lambda: window.inspector.is_settled and window.thumbnails.is_idle)
    window.messages.clear()
    QTest.qWait(100)
    png = QBuffer()
    window.grab().toImage().save(png, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    picture = Image.open(io.BytesIO(png.data().data())).convert("RGB")
    picture.save(FOLDER / f"{name}.webp", quality=75, method=6)


def _wait(is_done: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not is_done():
        if time.monotonic() > end:
            sys.exit("the window is not done")
        QTest.qWait(30)


if __name__ == "__main__":
    main()
