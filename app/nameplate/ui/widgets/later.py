"""Delayed calls: a single call for many requests."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Later(QTimer):
    """Calls a function once, some milliseconds after it was requested.

    `start` restarts the wait each time: the call comes when nobody asks for it any more. `ask`
    does not: the call comes in time even if it is asked for on and on.
    """

    def __init__(self, parent: QObject, milliseconds: int, act: Callable[[], object]) -> None:
        super().__init__(parent, singleShot=True, interval=milliseconds)
        self.timeout.connect(act)

    def ask(self) -> None:
        """Call the function `milliseconds` after the first time that this is called."""
        if not self.isActive():
            self.start()
