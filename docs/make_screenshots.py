"""Makes the screenshots of the docs from the real window: `python docs/make_screenshots.py [DIR]`.

Without DIR those that the docs show, in `docs/screenshots` and the guide. With DIR each way to look
at the pictures in light and dark, in a window of the usual size and a small one, and at twice the
pixels: to look at after a change.
"""

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer
from PySide6.QtTest import QTest

from nameplate.features.pages.pages import Pages
from nameplate.storage.resources import starter_model
from nameplate.ui.app import application, make_window
from nameplate.ui.main_window import MainWindow
from nameplate.ui.modes.view_modes import ViewMode

FOLDER = Path(__file__).parent / "screenshots"
GUIDE = Path(__file__).parents[1] / "resources" / "guide"
USUAL, SMALL = (1360, 840), (1024, 700)
SECONDS = 120


def main(folder: Path | None) -> None:
    """Make all pictures of `folder`, or those of the docs for None."""
    application()
    with tempfile.TemporaryDirectory() as projects:
        window = make_window(starter_model(), "cpu", projects=Path(projects))
        _open(window)
        if folder is None:
            window.actions_by_id["look_light"].trigger()
            _save_all(window, FOLDER, USUAL, "")
        else:
            scale = os.environ.get("QT_SCALE_FACTOR", "1")
            for scheme in ("light", "dark"):
                window.actions_by_id[f"look_{scheme}"].trigger()
                for size in (USUAL, SMALL):
                    _save_all(window, folder, size, f"-{scheme}-{size[0]}x{size[1]}@{scale}")
        window.actions_by_id["look_system"].trigger()
        window.shut_down()
        window.close()


def _open(window: MainWindow) -> None:
    """Show the samples, all labelled automatically and some of them by a person."""
    window.resize(*USUAL)
    window.show()
    window.actions_by_id["samples"].trigger()
    _wait(lambda: window.owner.project.images.present and not window.reading.is_scanning)
    _wait(lambda: not window.owner.project.images.waiting and window.scoring.is_current)
    window.labelling.auto_label()
    window.messages.clear()
    window.grid.set_current_image(int(window.arrangement.model.order[0]))
    for _ in range(4):
        window.labelling.accept()
    QTest.qWait(2000)  # learning, which says then how many decisions it takes
    _wait(lambda: not window.scoring.fitting.is_due)


def _save_all(window: MainWindow, folder: Path, size: tuple[int, int], ending: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    window.resize(*size)
    order = window.arrangement.model.order
    for look in ("grid", "large", "compare", "sheets", "groups"):
        if look == "groups" and folder == FOLDER:
            continue  # the docs show none
        window.modes.show(ViewMode.GRID)
        window.grid.set_current_image(int(order[4]))
        if look == "compare":
            window.grid.select_images(order[4:8])
        window.actions_by_id.trigger(look)()
        QTest.qWait(600)  # decoding at full size, and what is said a moment later
        if look == "sheets":
            panel = window.workbenches["pages"].part(Pages)
            _wait(lambda panel=panel: panel.is_page_shown)  # once the pictures are compared
        _wait(lambda: window.inspector.is_settled and window.thumbnails.is_idle)
        is_for_guide = folder == FOLDER and look != "grid"
        _save(window, (GUIDE if is_for_guide else folder) / f"{look}{ending}.webp")


def _save(window: MainWindow, path: Path) -> None:
    png = QBuffer()
    window.grab().toImage().save(png, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    Image.open(io.BytesIO(png.data().data())).convert("RGB").save(path, quality=75, method=6)


def _wait(is_done: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not is_done():
        if time.monotonic() > end:
            sys.exit("the window is not done")
        QTest.qWait(30)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        main(None)
    elif "QT_SCALE_FACTOR" in os.environ:
        main(Path(sys.argv[1]))
    else:
        for scale in ("1", "2"):  # read when Qt starts
            environment = {**os.environ, "QT_SCALE_FACTOR": scale}
            subprocess.run([sys.executable, *sys.argv], env=environment, check=True)  # noqa: S603 - itself
