"""Opens the real window, waits until it is in the middle of something, and closes it.

Arguments: a phase of PHASES, and those of `nameplate`. OUT in the environment: where to export.
Prints the time of the system's monotonic clock, in seconds, when the window is closed; the process
then ends as the program does.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

sys.path.append(str(Path(__file__).parents[1]))

from nameplate.__main__ import main
from nameplate.pipeline.reading.batch_encoder import Embedded
from nameplate.ui.app import application
from nameplate.ui.main_window import MainWindow
from window_driver import WindowDriver

ROWS, NAMES = 100_000, 100
OUT = Path(os.environ.get("OUT", "out.csv"))


@dataclass(frozen=True)
class Phase:
    """What a window is in the middle of.

    Attributes:
        begin: Called once the model is there.
        is_in: Whether it has begun.
        needs_model: Whether the model must be loaded before.
        seconds: How long to wait then.
    """

    begin: Callable[[WindowDriver], object]
    is_in: Callable[[WindowDriver], bool]
    needs_model: bool = True
    seconds: float = 0.0


def fill(window: WindowDriver) -> None:
    """Put 100,000 pictures into the window that were read already, and 100 names."""
    window.menu("Cancel reading")
    window.put_pictures([Path(f"/p/{n}.png") for n in range(ROWS)])
    vectors = np.random.default_rng(0).standard_normal((ROWS, 16), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    window.put_vectors(Embedded(np.arange(ROWS, dtype=np.int64), vectors))
    window.add(*(f"name {number}" for number in range(NAMES)))


def export(window: WindowDriver) -> None:
    fill(window)
    window.begin_export(OUT)


def is_exporting(_window: WindowDriver) -> bool:
    return any(OUT.parent.glob(".nameplate-*.tmp"))


def download(window: WindowDriver) -> None:
    from features.models.driver import panel_of  # of a feature, which may have been taken away

    panel_of(window).library.download("free", accept_licence=False)


def is_downloading(window: WindowDriver) -> bool:
    return window.main.jobs.is_running("models/download")


PHASES = {
    "loading": Phase(lambda _: None, lambda w: w.is_loading, False, 1.0),
    "scanning": Phase(lambda _: None, lambda w: w.is_looking_for_pictures, False),
    "decoding": Phase(lambda _: None, lambda w: w.is_reading, True, 2.0),
    "encoding": Phase(lambda _: None, lambda w: w.is_reading, True, 1.0),
    # A tenth of a second later the names have been read and the scores are being computed.
    "rescoring": Phase(fill, lambda w: w.is_scoring, True, 0.1),
    "exporting": Phase(export, is_exporting),
    "downloading": Phase(download, is_downloading, True, 2.0),
}


class Closer:
    """Looks at the window until it is time to close it."""

    def __init__(self, phase: Phase) -> None:
        self._phase = phase
        self._is_begun = False
        self._timer = QTimer(interval=1)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
        window = WindowDriver(windows[0]) if windows else None
        if window is None or (self._phase.needs_model and window.model is None):
            return
        if not self._is_begun:
            self._is_begun = True
            self._phase.begin(window)
        if self._phase.is_in(window):
            self._timer.stop()
            QTimer.singleShot(int(1000 * self._phase.seconds), lambda: self._close(window))

    def _close(self, window: WindowDriver) -> None:
        state = self._phase.is_in(window)
        sys.stdout.write(f"closing {time.monotonic()} {state}\n")
        sys.stdout.flush()
        window.main.close()


if __name__ == "__main__":
    chosen = PHASES[sys.argv.pop(1)]
    application()
    closer = Closer(chosen)
    main()
