"""Starts the window, on the screen or offscreen for a screenshot."""

import gc
import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import (
    QBuffer,
    QEvent,
    QEventLoop,
    QLibraryInfo,
    QLocale,
    QMessageLogContext,
    QMetaObject,
    QObject,
    QSettings,
    Qt,
    QTimer,
    QtMsgType,
    QTranslator,
    Slot,
    qInstallMessageHandler,
)
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import NEVER, CancelledError, CancelToken
from nameplate.domain.text import deferred
from nameplate.formats.outputs.output import PNG_MARK
from nameplate.inference.runtime.providers import preferred
from nameplate.model_hub.installed import STARTER
from nameplate.storage.failure_log import FailureLog, begin_log
from nameplate.storage.folders import made_settings_file, temporary_folder
from nameplate.storage.preferences import preferences
from nameplate.system.garbage import collect_due
from nameplate.system.screen import has_display
from nameplate.ui.grid import accessible
from nameplate.ui.jobs.model_in_use import LAST_MODEL, ModelInUse
from nameplate.ui.main_window import MainWindow
from nameplate.ui.shell.failure_bar import FailureBar, log_slots_and_qt
from nameplate.ui.widgets import theme
from nameplate.wording import translation
from nameplate.wording.texts import tr

_PICTURE_S: Final = 120
"""After this a picture of the window is given up."""

_SEEN_MS: Final = 500
"""After so long a new window is painted, and the one that it replaces goes."""

_SWITCH_SECONDS: Final = 0.0005
_GARBAGE_MS: Final = 1000
_RECENT_SECONDS: Final = 0.3
_STOP_TIMEOUT: Final = 2.0
"""Seconds that the jobs of a closed window have to stop."""


class Application(QApplication):
    """Also takes files that macOS hands to a running program: they come as events to it."""

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(arguments)
        self.open_files: Callable[[Sequence[Path]], object] = lambda _paths: None

    def event(self, event: QEvent) -> bool:
        """Open a file that was double-clicked or dropped on the program's icon."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.open_files([Path(event.file())])
            return True
        return super().event(event)


def application() -> QApplication:
    """Return the application object, created on the first call."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    if not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        # That platform warns at each show that it does not support size hints.
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
    QApplication.setApplicationName("nameplate")
    QApplication.setApplicationDisplayName("Nameplate")
    QApplication.setDesktopFileName("org.nameplate.Nameplate")
    previous = qInstallMessageHandler(_say_but_locale)
    app = Application(sys.argv[:1])
    qInstallMessageHandler(previous)
    theme.apply(app)
    accessible.install()
    collect_garbage_here(app)
    return app


def _say_but_locale(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Print Qt's messages, except its four harmless lines about an unknown locale."""
    if not text.startswith("Detected locale"):
        with suppress(OSError):
            print(text, file=sys.stderr)  # noqa: T201


_KEY_NAMES: Final = {
    "Ctrl": deferred("Ctrl"),
    "Shift": deferred("Shift"),
    "Backspace": deferred("Backspace"),
    "Del": deferred("Del"),
    "Esc": deferred("Esc"),
    "Tab": deferred("Tab"),
    "Enter": deferred("Enter"),
}


class _KeyNames(QTranslator):
    """Calls keys in menus as texts do, which is as keyboards print them; Qt's words may differ."""

    def translate(
        self, context: str, source: str, _disambiguation: str | None = None, _n: int = -1
    ) -> str | None:
        is_key = context == "QShortcut" and source in _KEY_NAMES
        return tr(_KEY_NAMES[source]) if is_key else None


def speak(app: QApplication, language: str = "") -> None:
    """Speak a language in windows that are made from now on, in Qt's own texts, too."""
    translation.speak(QLocale.system().uiLanguages(), language)
    code = translation.current().code
    for before in app.findChildren(QTranslator):
        app.removeTranslator(before)
        before.deleteLater()
    of_qt = QTranslator(app)
    if of_qt.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(of_qt)
    app.installTranslator(_KeyNames(app))  # asked before Qt's
    app.setLayoutDirection(QLocale(code).textDirection())


def make_window(
    folder: Path | None,
    device: str | None = None,
    *,
    use_cache: bool = True,
    projects: Path | None = None,
) -> MainWindow:
    """Build the window and begin to load its model; the window is not shown yet.

    Args:
        folder: The model folder; None for the model used last, or the starter model if that is
            missing.
        device: As `load_model` takes it; None for what the settings say, or else what there is.
        use_cache: Whether the embedding cache is read and written.
        projects: Where new projects are kept; None for Nameplate's data folder.
    """
    settings = QSettings(str(made_settings_file()), QSettings.Format.IniFormat)
    last = str(settings.value(LAST_MODEL) or STARTER)
    is_last = folder is None
    in_use = ModelInUse(
        folder or last,
        device or preferred(""),
        use_cache=use_cache,
        or_starter=is_last,
        or_auto=device is None,
    )
    return MainWindow(in_use, settings, projects)


class _StopRequest(QObject):
    """Ends the loop of the window for a signal to stop, which another thread receives."""

    def send(self) -> None:
        """End the loop, also one that is still to begin; on any thread."""
        # The stubs want bytes, which PySide refuses.
        queued = Qt.ConnectionType.QueuedConnection
        QMetaObject.invokeMethod(self, "end", queued)  # pyright: ignore[reportCallIssue, reportArgumentType]

    @Slot()
    def end(self) -> None:
        """End the loop now."""
        QApplication.exit()


def run_window(
    paths: Sequence[Path],
    folder: Path | None,
    device: str | None,
    cancel: CancelToken = NEVER,
    *,
    use_cache: bool,
) -> int:
    """Show the window with `paths` opened until it is closed; see `make_window`.

    Once `cancel` is set, it saves all steps and returns without a question; jobs end with the
    process.
    """
    app, request = application(), _StopRequest()
    speak(app, preferences().language)
    log = begin_log()
    log_slots_and_qt()
    window = make_window(folder, device, use_cache=use_cache)
    window.on_renewed = app.exit
    with cancel.calling(request.send):
        _show(window, log, paths)
        reduce_gui_latency()
        code = app.exec()
        while window.is_renewed:
            window, paths = renewed(window)
            window.on_renewed = app.exit
            _show(window, log, paths)
            _open_settings(window, once_opened=bool(paths))
            code = app.exec()
    if cancel.is_cancelled:
        cancel.acknowledge()
        window.files.shut_down(_STOP_TIMEOUT)
        window.settings.sync()
        return code
    window.end_work()
    # The window is closed and all data is on disk: a drive or a library that does not respond
    # must not keep the process alive.
    guard = threading.Timer(_STOP_TIMEOUT, os._exit, [code])
    guard.daemon = True
    guard.start()
    window.shut_down()
    return code


def _show(window: MainWindow, log: FailureLog, paths: Sequence[Path]) -> None:
    FailureBar(log, window.messages, lambda: window.files.may_close, window)
    app = application()
    if isinstance(app, Application):
        app.open_files = window.opener.open
    if not paths:
        know_recent(window)
    window.show()
    window.opener.open(paths)
    if paths:
        window.files.look_for_recent()


def renewed(before: MainWindow) -> tuple[MainWindow, Sequence[Path]]:
    """Return a window, not shown yet, in place of another, and the project to open.

    Nothing is lost: all that was done is in the project's file, if anything was. The window before
    stays in sight until the new one is.
    """
    before.setUpdatesEnabled(False)
    before.setEnabled(False)
    before.end_work()
    speak(application(), preferences().language)
    project, in_use = before.files.path, before.model_in_use.renewed()
    before.shut_down()
    window = MainWindow(in_use, before.settings)
    QTimer.singleShot(_SEEN_MS, before, before.deleteLater)
    return window, [project] if project.exists() else []


def _open_settings(window: MainWindow, *, once_opened: bool) -> None:
    """Reopen the settings panel after the window was rebuilt from it."""
    if once_opened:  # a project that is opened begins with its pictures
        show, single = window.settings_panel.open_panel, Qt.ConnectionType.SingleShotConnection
        window.files.opened.connect(lambda _: QTimer.singleShot(0, show), single)
    else:
        window.settings_panel.open_panel()


def know_recent(window: MainWindow, seconds: float = _RECENT_SECONDS) -> None:
    """Look for recent projects before the start page is first shown.

    Else Enter would add a folder in the first moment, and go on with a project in the next. Where
    a slow drive keeps that to itself for `seconds`, it comes later.
    """
    window.files.look_for_recent()
    with suppress(NameplateError):
        _wait_until(lambda: window.files.recent or not window.jobs.is_running("recent"), seconds)


def collect_garbage_here(parent: QObject) -> None:
    """Let this thread collect garbage, and no other, as long as `parent` lives.

    Another thread could collect a widget. Qt then holds a lock and waits until it can ask Python
    about it, while this thread may have Python and wait for that lock: both would for ever.
    """
    gc.disable()
    timer = QTimer(parent)
    timer.timeout.connect(collect_due)
    timer.start(_GARBAGE_MS)


def reduce_gui_latency() -> None:
    """Shorten the delays that other threads and the garbage collector cause to the GUI thread.

    The switch interval becomes 0.5 ms: Python's default of 5 ms can occur many times in one frame.
    Existing objects are excluded from garbage collection, which takes 40 ms with all of them and
    blocks every thread.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.freeze()


def picture_of_window(
    folder: Path, device: str, cancel: CancelToken | None = None, *, use_cache: bool = True
) -> bytes:
    """Open the samples in the real window, auto-label them, and return a screenshot as PNG.

    It carries PNG_MARK, so that a later one may overwrite it.

    Raises:
        NameplateError: The model cannot be used, or the window is not done in time.
        CancelledError: `cancel` was set.
    """
    cancel = cancel or CancelToken()
    speak(application(), preferences().language)
    # What is done for the picture is nobody's work.
    window = make_window(folder, device, use_cache=use_cache, projects=temporary_folder())
    failures: list[Exception] = []
    window.model_in_use.load_failed.connect(failures.append)
    window.resize(1440, 900)
    window.show()
    window.open_samples()
    _wait_until(lambda: bool(failures) or cancel.is_cancelled or _is_settled(window))
    if failures or cancel.is_cancelled:
        window.shut_down()
        window.close()
        raise failures[0] if failures else CancelledError
    window.labelling.auto_label()
    window.messages.clear()
    window.grid.set_current_image(int(np.nanargmax(window.owner.suggestions.probability)))
    _wait_until(lambda: cancel.is_cancelled or _is_settled(window))
    picture = window.grab().toImage()
    picture.setText(*PNG_MARK)
    png = QBuffer()
    is_encoded = picture.save(png, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    window.shut_down()
    window.close()
    if not is_encoded:
        raise NameplateError("window-picture-fails")
    return bytes(png.data().data())


def _is_settled(window: MainWindow) -> bool:
    images = window.owner.project.images
    return (
        images.present > 0
        and not window.reading.is_scanning
        and not window.reading.is_reading
        and not window.scoring.is_scoring
        and not images.waiting
        and window.scoring.is_current
        and window.inspector.is_settled
        and window.thumbnails.is_idle
    )


def _wait_until(is_done: Callable[[], object], seconds: float = _PICTURE_S) -> None:
    loop = QEventLoop()
    poll = QTimer(interval=30)
    poll.timeout.connect(lambda: loop.quit() if is_done() else None)
    limit = QTimer(singleShot=True, interval=round(1000 * seconds))
    limit.timeout.connect(lambda: loop.exit(1))
    poll.start()
    limit.start()
    if loop.exec():
        raise NameplateError("window-not-done", seconds=seconds)
    poll.stop()
    limit.stop()
