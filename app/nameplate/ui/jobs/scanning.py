"""Scans dropped files and folders on a thread; can be stopped and resumed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from nameplate.imaging.scan import scan
from nameplate.ui.jobs.jobs import JobRunner


class Scanning(QObject):
    """The queue of files and folders to scan, and the job that scans them.

    Signals:
        found: A `ScanBatch`.
        failed: The scan failed; the error. `ended` follows.
        ended: The scan of a drop ended; whether it was complete.
    """

    found = Signal(object)
    failed = Signal(object)
    ended = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Path] = []
        self._current: list[Path] = []
        self._runner = JobRunner("scan", self)
        self._runner.event_arrived.connect(self.found)
        self._runner.finished.connect(self._on_finished)
        self._runner.failed.connect(self._on_failed)

    @property
    def is_running(self) -> bool:
        """Whether a scan is running."""
        return self._runner.is_running

    @property
    def has_more(self) -> bool:
        """Whether a folder is left that was not scanned completely."""
        return bool(self._waiting)

    def add(self, paths: Sequence[Path]) -> None:
        """Queue `paths` for scanning."""
        self._waiting.extend(paths)
        self.go_on()

    def go_on(self) -> None:
        """Scan the queued paths."""
        if self._waiting and not self._runner.is_running:
            paths = self._current = self._waiting
            self._waiting = []
            self._runner.start(lambda cancel: scan(paths, cancel=cancel))

    def stop(self) -> None:
        """Stop; a folder that was partly scanned is scanned again by `go_on`."""
        self._waiting = [*self._current, *self._waiting]
        self._current = []
        self._runner.cancel()

    def forget(self) -> None:
        """Clear the queue and drop the running scan, events included."""
        self._waiting, self._current = [], []
        self._runner.drop()

    def shut_down(self) -> None:
        """Stop and wait for the thread."""
        self._runner.shut_down()

    @Slot()
    def _on_finished(self) -> None:
        was_stopped, self._current = not self._current, []
        self.ended.emit(not was_stopped)

    @Slot(object)
    def _on_failed(self, error: Any) -> None:
        self._current = []
        self.failed.emit(error)
        self.ended.emit(False)
