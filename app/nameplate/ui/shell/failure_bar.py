"""Says in the window that something failed which nobody foresaw; the window goes on."""

import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
)
from PySide6.QtGui import QGuiApplication

from nameplate.plug_ins.failures import PlugInFailure, follow_failures, tell_of_plug_in
from nameplate.storage.failure_log import FailureLog, log_failure
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.texts import sentences, tr

_UNFORESEEN: Final = "unforeseen"
_PLUG_INS: Final = "plug-ins"
_LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
}
_LOG = logging.getLogger("nameplate.qt")


class FailureBar(QObject):
    """Tells of each failure that the log gets, with a button that copies the report.

    An exception in a slot, on a thread or in a job ends neither the window nor its loop.
    """

    _failed = Signal(object)  # a report, or the failure of a plug-in

    def __init__(
        self, log: FailureLog, messages: MessageBar, is_saved: Callable[[], bool], parent: QObject
    ) -> None:
        """Listen to the log from now on."""
        super().__init__(parent)
        self._messages, self._is_saved = messages, is_saved
        self._failed.connect(self._say, Qt.ConnectionType.QueuedConnection)
        log.tell = self._failed.emit
        self._plug_ins = list[str]()
        follow_failures("window", self._tell_plug_in)

    def _tell_plug_in(self, failure: PlugInFailure) -> None:
        with suppress(RuntimeError):  # the window is gone
            self._failed.emit(failure)

    def _say_plug_in(self, name: str) -> None:
        self._plug_ins.append(name)
        names = " ".join(self._plug_ins)
        text = tr("Plug-in failed: {names}. To remove it: pip uninstall {names}", names=names)
        self._messages.withdraw(_PLUG_INS)
        self._messages.warn(text, about=_PLUG_INS)

    @Slot(object)
    def _say(self, failure: str | PlugInFailure) -> None:
        if isinstance(failure, PlugInFailure):
            self._say_plug_in(failure.name)
        else:
            self._say_unforeseen(failure)

    def _say_unforeseen(self, report: str) -> None:
        text = tr("Something went wrong.")
        if self._is_saved():
            text = sentences(text, tr("Your work is saved."))
        copy = QGuiApplication.clipboard().setText
        self._messages.withdraw(_UNFORESEEN)
        self._messages.warn(text, (tr("Copy report"), lambda: copy(report)), about=_UNFORESEEN)


def log_slots_and_qt() -> None:
    """Log exceptions in slots, and Qt's messages; both still reach the terminal."""
    sys.excepthook = _on_exception
    qInstallMessageHandler(_on_message)


def _on_exception(
    kind: type[BaseException], error: BaseException, at: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, at)
    elif not tell_of_plug_in(error):
        log_failure(kind, error, at)


def _on_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    _LOG.log(_LEVELS.get(kind, logging.ERROR), "%s", text)
