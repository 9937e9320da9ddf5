"""Drives the real window in a person's words: names, pictures, keys, chips, bars, messages.

With the drivers of its parts it is the one place in the tests that knows which parts a window has.
What a test says about a person it says to the driver; what it says about a unit below the window,
to `main` and its public parts.
"""

from pathlib import Path

from PySide6.QtCore import QPoint, QSettings, Qt, QUrl
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)

from drivers.files import FilesDriver
from drivers.names import NamesDriver
from drivers.page import PageDriver
from drivers.pictures import PicturesDriver
from drivers.settings import SettingsDriver
from nameplate.storage.folders import settings_path
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.keyboard.key_dialog import KeyDialog
from nameplate.ui.main_window import MainWindow
from nameplate.ui.widgets.bar_button import BarButton
from nameplate.ui.widgets.overlays.search_list import Entry
from nameplate.ui.widgets.table import Table
from qt_help import answer_message, button_is_shown, drop_on, heard, is_part_of_another, spoken_text

COLOURS = ["red", "green", "blue"]


class WindowDriver(NamesDriver, PicturesDriver, PageDriver, FilesDriver, SettingsDriver):
    """A window, and a person in front of it.

    Attributes:
        main: The window.
        settings: What it remembers.
    """

    def __init__(self, main: MainWindow, settings: QSettings | None = None) -> None:
        self.main = main
        self.settings = settings or QSettings(str(settings_path()), QSettings.Format.IniFormat)

    @classmethod
    def on(cls, model: Path, settings_file: Path) -> "WindowDriver":
        """Open a window on a model folder, which is loaded meanwhile."""
        settings = QSettings(str(settings_file), QSettings.Format.IniFormat)
        return cls(MainWindow(ModelInUse(model, "cpu"), settings), settings)

    def show(self, width: int = 1200, height: int = 760) -> None:
        self.main.resize(width, height)
        self.main.show()

    def drop(self, *things: Path | QUrl) -> None:
        drop_on(self.main, *things)

    def begin_to_use(self, model: Path) -> None:
        """Load another model, as the dialog does when nothing has to be asked."""
        self.main.model_in_use.use(model)

    def use(self, model: Path) -> None:
        """Load another model and wait until all is read and scored with it."""
        with heard(self.main.model_in_use.loaded):
            self.begin_to_use(model)
        self.wait_until_read()

    def close(self) -> None:
        """Close the window as a person does, and shut it down as the program does."""
        self.main.close()
        assert not self.main.isVisible()
        self.main.shut_down()

    def discard(self) -> None:
        """End the window at the end of a test; Qt deletes it with the events that follow."""
        self.main.shut_down()
        self.main.close()
        self.main.deleteLater()

    def answer(self, text: str) -> None:
        """Press a button of the message bar."""
        answer_message(self.main.messages, text)

    def offers_answer(self, text: str) -> bool:
        """Whether the message bar is seen and has this button."""
        return button_is_shown(self.main.messages, text)

    @property
    def title(self) -> str:
        return self.main.windowTitle()

    @property
    def standing_message(self) -> str:
        """What stands above the pictures as long as it holds; empty where there is nothing."""
        return self.main.notices.text if self.main.notices.isVisible() else ""

    @property
    def status(self) -> str:
        return self.main.status.text

    @property
    def problems_text(self) -> str:
        """What the status line says about files that cannot be read; empty where all can."""
        buttons = self.main.status.findChildren(QToolButton)
        shown = [b for b in buttons if b.isVisible() and not b.icon().isNull()]
        return " ".join(b.text() for b in shown)

    @property
    def problems_list(self) -> str:
        """What the list of unreadable files shows; empty while it is hidden."""
        panel = self.main.problems
        rows = panel.findChild(Table).rows if panel.isVisible() else []
        return "\n".join(row[0] for row in rows)

    @property
    def checked(self) -> str:
        """What the status line says about how far the checking is."""
        return self.main.status.checked_text

    @property
    def end_message(self) -> str:
        """What is said at the end of the checking; empty before."""
        bar = self.main.review_progress.bar
        return bar.text if bar.isVisible() else ""

    @property
    def model_text(self) -> str:
        """What the status line says about model and device."""
        return self.main.status.model_text

    @property
    def model_button(self) -> QToolButton:
        buttons = self.main.status.findChildren(QToolButton)
        return next(b for b in buttons if b.accessibleName().startswith("Model"))

    def tool_buttons(self) -> list[BarButton]:
        """The buttons of the main actions."""
        buttons = self.main.tools.findChildren(BarButton)
        return [one for one in buttons if one.defaultAction() is not None]

    def tools_seen(self) -> list[str]:
        """The main actions whose buttons lie wholly in the tool row."""
        row = self.main.tools.rect()
        places = {
            b.text(): b.rect().translated(b.mapTo(self.main.tools, QPoint()))
            for b in self.tool_buttons()
        }
        return [text for text, place in places.items() if row.contains(place)]

    def words_on_tools(self) -> list[str]:
        """The main actions that are written on their buttons."""
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        return [one.text() for one in self.tool_buttons() if one.toolButtonStyle() is style]

    @property
    def next_step(self) -> str:
        """What the one filled button of the tool row says; empty where none is."""
        filled = [one.text() for one in self.tool_buttons() if one.text() in self.filled]
        return filled[0] if filled else ""

    @property
    def filled(self) -> list[str]:
        """What the filled buttons in sight say: one at most, in whatever part of the window."""
        buttons = [b for b in self.main.findChildren(QAbstractButton) if b.property("primary")]
        filled = [b.text() for b in buttons if b.isVisible() and b.isEnabled()]
        assert len(filled) < 2, filled
        return filled

    def focus_on(self, text: str) -> None:
        """Go to a button, check box, list or table in sight, by its text or what it is for."""
        parts = [w for w in self.main.findChildren(QWidget) if w.isVisible()]
        named = [w for w in parts if text in (w.accessibleName(), spoken_text(w))]
        assert len(named) == 1, [w.accessibleName() or spoken_text(w) for w in parts]
        named[0].setFocus()

    @property
    def focused(self) -> str:
        """What has the focus, as a screen reader says it."""
        widget = self.main.focusWidget()
        return "" if widget is None else widget.accessibleName() or spoken_text(widget)

    def can_be_used(self) -> set[str]:
        """Return the buttons, boxes, lists and tables in sight that can be used now."""
        kinds = (QAbstractButton, QComboBox, QSpinBox, QLineEdit, QAbstractItemView)
        parts = [w for w in self.main.findChildren(QWidget) if w.isVisible() and w.isEnabled()]
        used = [w for w in parts if isinstance(w, kinds) and not is_part_of_another(w)]
        return {w.accessibleName() or spoken_text(w) for w in used}

    def walk_by_tab(self) -> list[str]:
        """Press Tab until the focus is where it was; return where it has been, in order."""
        start, been = self.main.focusWidget(), list[str]()
        while not been or self.main.focusWidget() is not start:
            been.append(self.focused)
            assert len(been) < 100, been
            self.press("Tab")
        return been

    @property
    def found(self) -> list[str]:
        """What the open list of names, actions or projects offers; empty for none."""
        keyboard = self.main.keyboard
        every = keyboard.picker, keyboard.finder, keyboard.projects
        lists = [box for box in every if box.isVisible()]
        return [entry.text for box in lists for entry in box.shown]

    def found_entry(self, text: str) -> Entry:
        return next(e for e in self.main.keyboard.finder.shown if e.text == text)

    @property
    def all_keys(self) -> str:
        """What the sheet of all keys says; empty while it is closed."""
        sheet = self.main.keyboard.sheet
        return sheet.text if sheet.isVisible() else ""

    @property
    def key_dialog(self) -> KeyDialog:
        """The dialog in which keys are changed."""
        assert self.main.keyboard.dialog is not None
        return self.main.keyboard.dialog
