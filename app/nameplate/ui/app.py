"""Starts the window, for a person or for a picture of it."""

import gc
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QBuffer, QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.formats.outputs import PNG_MARK
from nameplate.model_hub.library import STARTER
from nameplate.storage.settings import made_settings_file
from nameplate.system.screen import has_display
from nameplate.ui.controller import Controller
from nameplate.ui.grid import accessible
from nameplate.ui.main_window import MainWindow
from nameplate.ui.models.switching import LAST_MODEL
from nameplate.ui.widgets import theme

_POLL_MS: Final = 30
_SWITCH_SECONDS: Final = 0.0005
_STOP_TIMEOUT: Final = 2.0
"""Seconds for the jobs of a closed window to stop."""


def application() -> QApplication:
    """Return the one application object, made on the first call."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    if not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        # That platform warns at each show that it has no notion of size hints.
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
    QApplication.setApplicationName("nameplate")
    QApplication.setApplicationDisplayName("Nameplate")
    QApplication.setDesktopFileName("nameplate")
    app = QApplication(sys.argv[:1])
    theme.apply(app)
    accessible.install()
    return app


def make_window(folder: Path | None, device: str, *, use_cache: bool = True) -> MainWindow:
    """Return a window, not shown yet, whose model is loading.

    Args:
        folder: The model's; None for the one that was used last, or the starter model where that
            is gone.
        device: As `load_model` takes it.
        use_cache: Whether remembered embeddings are read and written.
    """
    settings = QSettings(str(made_settings_file()), QSettings.Format.IniFormat)
    last = str(settings.value(LAST_MODEL) or STARTER)
    is_last = folder is None
    controller = Controller(folder or last, device, use_cache=use_cache, or_starter=is_last)
    return MainWindow(controller, settings)


def run_window(paths: Sequence[Path], folder: Path | None, device: str, *, use_cache: bool) -> int:
    """Show the window with `paths` opened, until the person closes it; see `make_window`."""
    app = application()
    window = make_window(folder, device, use_cache=use_cache)
    window.show()
    reduce_gui_latency()
    window.open_paths(list(paths))
    if not paths:
        window.files.look_for_last()
    code = app.exec()
    window.exporting.shut_down()  # what the person asked for is written to its end
    window.files.shut_down()  # and so is what the person did
    # From here on nobody sees anything, and all that counts is on disk: a drive or a library that
    # does not answer must not keep the program.
    guard = threading.Timer(_STOP_TIMEOUT, os._exit, [code])
    guard.daemon = True
    guard.start()
    window.shut_down()
    return code


def reduce_gui_latency() -> None:
    """Let other threads hold up the window's as little as the interpreter allows.

    It gets the interpreter within half a millisecond from a thread that computes. Python's own 5 ms
    come up many times in one frame. What was made until now is left out when Python looks for
    garbage, which takes 40 ms with all of it, and every thread waits.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.freeze()


def picture_of_window(
    folder: Path,
    device: str,
    cancel: CancelToken | None = None,
    *,
    use_cache: bool = True,
    seconds: float = 120,
) -> bytes:
    """Open the samples in the real window, auto-label them, and return a picture of it as PNG.

    It has PNG_MARK, so that a later one may replace it.

    Raises:
        NameplateError: The model cannot be used, or the window is not done after `seconds`.
        CancelledError: `cancel` was set.
    """
    cancel = cancel or CancelToken()
    application()
    window = make_window(folder, device, use_cache=use_cache)
    failures: list[Exception] = []
    window.controller.load_failed.connect(failures.append)
    window.resize(1440, 900)
    window.show()
    window.open_samples()
    _wait_until(lambda: bool(failures) or cancel.is_cancelled or _is_settled(window), seconds)
    if failures or cancel.is_cancelled:
        window.shut_down()
        window.close()
        raise failures[0] if failures else CancelledError
    window.labelling.auto_label()
    window.messages.hide()
    window.grid.set_current_image(int(np.nanargmax(window.controller.suggestions.probability)))
    _wait_until(lambda: cancel.is_cancelled or _is_settled(window), seconds)
    picture = window.grab().toImage()
    picture.setText(*PNG_MARK)
    png = QBuffer()
    is_encoded = picture.save(png, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    window.shut_down()
    window.close()
    if not is_encoded:
        raise NameplateError("the picture of the window cannot be encoded")
    return bytes(png.data().data())


def _is_settled(window: MainWindow) -> bool:
    controller = window.controller
    return (
        controller.project.images.present > 0
        and not controller.is_scanning
        and not controller.is_reading
        and not controller.is_scoring
        and not controller.project.images.waiting
        and controller.is_current
        and window.inspection.is_settled
        and window.thumbnails.is_idle
    )


def _wait_until(is_done: Callable[[], bool], seconds: float) -> None:
    loop = QEventLoop()
    poll = QTimer(interval=_POLL_MS)
    poll.timeout.connect(lambda: loop.quit() if is_done() else None)
    limit = QTimer(singleShot=True, interval=int(seconds * 1000))
    limit.timeout.connect(lambda: loop.exit(1))
    poll.start()
    limit.start()
    if loop.exec():
        raise NameplateError(f"the window was not done after {seconds:.0f} s")
    poll.stop()
    limit.stop()
