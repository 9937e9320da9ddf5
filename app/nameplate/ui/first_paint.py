"""How long the window takes from its start until it can be used."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSettings, QTimer

from nameplate.domain.errors import NameplateError
from nameplate.ui.app import application
from nameplate.ui.controller import Controller
from nameplate.ui.window import MainWindow

_LIMIT_MS: Final = 60_000


@dataclass(slots=True)
class StartTimes:
    """Moments of `time.monotonic()`.

    Attributes:
        painted: When the window was first painted.
        usable: When the model, too, was ready.
        failures: What kept it from becoming so.
    """

    painted: float = 0.0
    usable: float = 0.0
    failures: list[Exception] = field(default_factory=list[Exception])


class _Painted(QObject):
    """Notes when a window was painted for the first time."""

    def __init__(self, times: StartTimes) -> None:
        super().__init__()
        self._times = times

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Note the end of the round of the event loop in which the window is painted."""
        if event.type() == QEvent.Type.Paint and not self._times.painted:
            QTimer.singleShot(0, self._note)
        return False

    def _note(self) -> None:
        self._times.painted = self._times.painted or time.monotonic()


def time_start(folder: Path, device: str, settings: Path) -> StartTimes:
    """Show the real window without images, wait until it can be used, and close it.

    Args:
        folder: Of the model.
        device: `auto`, `cpu` or `cuda`.
        settings: A file for the window's settings, other than the person's.

    Raises:
        NameplateError: The model cannot be used, or it takes a minute.
    """
    app = application()
    times = StartTimes()
    painted = _Painted(times)
    kept = QSettings(str(settings), QSettings.Format.IniFormat)
    window = MainWindow(Controller(folder, device, use_cache=False), kept)
    window.installEventFilter(painted)

    def end() -> None:
        times.usable = time.monotonic()
        QTimer.singleShot(0, app.quit)

    def fail(error: Exception) -> None:
        times.failures.append(error)
        app.quit()

    window.controller.loaded.connect(end)
    window.controller.load_failed.connect(fail)
    QTimer.singleShot(_LIMIT_MS, app.quit)
    window.show()
    app.exec()
    window.shut_down()
    window.close()
    kept.sync()  # now, and not when it is taken apart: that would make its folder anew
    if times.failures:
        raise times.failures[0]
    if not (times.painted and times.usable):
        raise NameplateError(f"the window was not ready after {_LIMIT_MS // 1000} s")
    return times
