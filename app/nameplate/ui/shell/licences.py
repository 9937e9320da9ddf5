"""The licences of the libraries that come with the program, to be read."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QTextCursor
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from nameplate.domain.progress import CancelToken
from nameplate.storage.resources import data_root
from nameplate.ui.jobs.jobs import Jobs, Task
from nameplate.ui.widgets.boxes import column, row
from nameplate.wording.texts import error_text, tr

BUNDLED: Final = "THIRD-PARTY-LICENCES.txt"
"""The file in a bundle; where Python packages were installed, each brings its own licence."""

_JOB: Final = "licences"
_SIZE: Final = (760, 620)


def licences(_cancel: CancelToken) -> Iterator[str]:
    """Yield the list of libraries that the program brings and their licences, as text."""
    with suppress(FileNotFoundError):
        yield (data_root() / BUNDLED).read_text("utf-8")
        return
    yield tr("The libraries are installed beside Nameplate, each with its own licence.")


class Licences(QDialog):
    """Shows them; what is typed above is found in them."""

    def __init__(self, window: QWidget, jobs: Jobs) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Licences"))
        self._text = QPlainTextEdit(tr("Reading…"), readOnly=True)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setAccessibleName(tr("Licences"))
        # The arrow keys walk through the text, and it can be selected and copied.
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard
            | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self._find = QLineEdit(placeholderText=tr("Find"), clearButtonEnabled=True)
        self._find.setAccessibleName(tr("Find in the licences"))
        self._find.textChanged.connect(self._from_start)
        self._find.returnPressed.connect(self._next)
        close = QPushButton(tr("Close"), autoDefault=False)  # Enter in the line finds the next
        close.clicked.connect(self.close)
        foot = row(None, close, spacing=8)
        self.setLayout(column(self._find, self._text, foot, margins=(24, 20, 24, 16), spacing=12))
        self.resize(*_SIZE)
        self._text.setFocus()
        jobs.run(
            _JOB,
            Task(
                licences,
                self._text.setPlainText,
                lambda error: self._text.setPlainText(error_text(error)),
            ),
        )
        self.finished.connect(lambda: jobs.drop(_JOB))

    def _from_start(self) -> None:
        self._text.moveCursor(QTextCursor.MoveOperation.Start)
        self._next()

    def _next(self) -> None:
        """Select the next place of what is searched for; after the last the first."""
        if not self._text.find(self._find.text()) and self._find.text():
            self._text.moveCursor(QTextCursor.MoveOperation.Start)
            self._text.find(self._find.text())
