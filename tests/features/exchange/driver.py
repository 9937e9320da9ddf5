"""Drives the panel that imports, in a window that is given."""

from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton

from nameplate.features.exchange.import_panel import ImportPanel, take_file
from nameplate.ui.widgets.paragraph import Paragraph
from qt_help import button_in, labelled, press_keys, wait
from window_driver import WindowDriver


class Imports:
    """What a person does in the panel, and what it says."""

    def __init__(self, window: WindowDriver) -> None:
        self._window = window

    @property
    def panel(self) -> ImportPanel:
        return self._window.main.workbenches["exchange"].part(ImportPanel)

    def open(self, path: Path | None = None) -> list[str]:
        """Open the panel, type a path; return what it says once that is read."""
        self._window.main.messages.clear()
        self._window.menu("Import labels…")
        if path is not None:
            box = labelled(self.panel, QLineEdit, "File or folder to read")
            QTest.keyClicks(box, str(path))
            press_keys(box, "Return")
        return self.says()

    def begin(self, path: Path) -> None:
        """Drop a table on the window, and say that it holds labels."""
        take_file(self._window.main.workbenches["exchange"], path)

    def says(self) -> list[str]:
        """What it says, once it has read; empty where it is not shown."""
        panel = self.panel
        wait(lambda: not panel.is_busy)
        return panel.texts if panel.is_open else []

    @property
    def read_as(self) -> str:
        """How it says that the file is read; empty where it says nothing."""
        said = (one.text() for one in self.panel.findChildren(Paragraph) if one.isVisible())
        return next((text for text in said if text.startswith("Read as")), "")

    def choose(self, box: str, value: str) -> list[str]:
        """Choose in a box; return what it says then."""
        combo = labelled(self.panel, QComboBox, box)
        assert combo.findText(value) >= 0, [combo.itemText(i) for i in range(combo.count())]
        combo.setCurrentIndex(combo.findText(value))
        combo.activated.emit(combo.currentIndex())
        return self.says()

    def unusable_rows(self) -> list[tuple[str, ...]]:
        """The list of rows that cannot be imported: row, picture, what is wrong."""
        return self.panel.table.rows if self._shows_problems else []

    def first_rows(self) -> list[tuple[str, ...]]:
        """How a file begins: row, picture, labels."""
        return [] if self._shows_problems else self.panel.table.rows

    @property
    def _shows_problems(self) -> bool:
        return self.panel.table.accessibleName() == "Rows that can't be used"

    def answer(self, text: str) -> None:
        """Press a button, or tick a box; wait for what it does."""
        button_in(self.panel, text).click()
        wait(lambda: not self.panel.is_busy)

    def is_possible(self) -> bool:
        """Whether there is anything to import."""
        buttons = self.panel.findChildren(QPushButton)
        return any(b.isVisible() and b.isEnabled() and b.property("primary") for b in buttons)
