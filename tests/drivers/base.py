"""The window, its keys, menus and message bar, and waiting: what the drivers of its parts share."""

from pathlib import Path

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu

from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.ui.actions.table import ACTIONS
from nameplate.ui.main_window import MainWindow
from qt_help import hold_key, hold_letter_on_x11, press_keys, type_key, wait


class DriverBase:
    """A window, and a person in front of it.

    Pictures are called by folder and file (`red/wide.png`) and listed in the order shown.

    Attributes:
        main: The window.
    """

    main: MainWindow
    _clock = 1_000_000
    """When the last key was pressed that `type_at` typed, in milliseconds."""

    def rest(self) -> None:
        """Let a while pass before the next key is typed."""
        DriverBase._clock += 10_000

    @property
    def project(self) -> Project:
        return self.main.owner.project

    @property
    def suggestions(self) -> Suggestions:
        return self.main.owner.suggestions

    @property
    def model(self):
        """The model in use; None while none is loaded."""
        return self.main.model_in_use.model

    @property
    def model_id(self) -> str:
        return self.model.manifest.id if self.model else ""

    @property
    def is_reading(self) -> bool:
        return self.main.reading.is_reading

    @property
    def is_looking_for_pictures(self) -> bool:
        return self.main.reading.is_scanning

    @property
    def is_scoring(self) -> bool:
        return self.main.scoring.is_scoring

    @property
    def is_loading(self) -> bool:
        """Whether a model is being loaded."""
        return self.main.model_in_use.is_loading

    @property
    def are_suggestions_current(self) -> bool:
        """Whether what is suggested is of the names and the model of now."""
        return self.main.scoring.is_current

    def wait_until_loaded(self) -> None:
        wait(lambda: self.model is not None)

    @property
    def is_settled(self) -> bool:
        """Whether all is found, read and scored for the names of now."""
        is_busy = self.is_looking_for_pictures or self.is_reading or self.is_scoring
        return not is_busy and self.are_suggestions_current

    def wait_until_read(self) -> None:
        """Wait until pictures are found, read and scored for the names of now."""
        wait(lambda: self.project.images.present and self.is_settled, 60)

    def wait_for_pictures(self, count: int) -> None:
        """Wait until the project has `count` pictures, read or not."""
        wait(lambda: self.project.images.present == count)

    def wait_for_message(self, part: str, seconds: float = 15) -> None:
        wait(lambda: part in self.message, seconds)

    def wait_until_nothing_waits_to_be_found(self) -> None:
        """Wait until all pictures are found, and whatever is known of their folder."""
        wait(lambda: self.project.images.present and not self.is_looking_for_pictures)
        wait(lambda: not self.main.jobs.is_running("known"))

    def wait_until_nothing_waits(self) -> None:
        """Wait until all pictures are found and read."""
        wait(lambda: not self.is_looking_for_pictures and not self.project.images.waiting, 20)

    def open(self, *paths: Path) -> None:
        """Open files and folders, as the dialogs and the command line do."""
        self.main.opener.open(list(paths))

    def press(self, *keys: str) -> None:
        """Press keys, each in what has the focus then."""
        for key in keys:
            press_keys(self.main.focusWidget() or self.main, key)

    def press_in_menu(self, *keys: str) -> None:
        """Press keys while a menu is open, as the system reports them: to the window beneath."""
        wait(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        for key in keys:
            QTest.keyClick(self.main.windowHandle(), QKeySequence(key)[0].key())

    def hold(self, key: str) -> None:
        """Hold a key down longer than was meant, so that the keyboard repeats it."""
        hold_key(self.main.focusWidget(), key)

    def hold_on_x11(self, key: str, at: int) -> None:
        """Hold a letter or digit down, from `at` milliseconds on, on a busy X11."""
        hold_letter_on_x11(self.main, key, at)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        QTest.keyClicks(self.main.focusWidget(), text)

    def type_at(self, ms: int, text: str) -> None:
        """Type into what has the focus at each key, one every `ms` milliseconds."""
        for letter in text:
            DriverBase._clock += ms
            type_key(self.main.focusWidget(), letter, DriverBase._clock)

    def menu(self, text: str) -> None:
        """Choose the action whose text begins with `text`, in a menu or the list of actions."""
        action = self.menu_entry(text)
        assert action.isEnabled(), text
        action.trigger()

    def let_work(self) -> None:
        """Let the window do what follows from the last key."""
        QTest.qWait(1)
        QApplication.processEvents()

    @property
    def message(self) -> str:
        """What the bar says; empty where there is none."""
        return self.main.messages.text if self.main.messages.isVisible() else ""

    def menu_entries(self) -> list[QAction]:
        # Each menu while its entry in the bar is held: PySide lets go of both together.
        bar = self.main.menuBar().actions()
        return [a for entry in bar for a in entry.menu().actions() if not a.isSeparator()]

    def menu_entry(self, text: str) -> QAction:
        """Return the action that is called so, or begins so."""
        entries = [self.main.actions_by_id[one.id] for one in ACTIONS]
        found = [a for a in entries if a.text() == text]
        found = found or [a for a in entries if a.text().startswith(text)]
        assert len(found) == 1, [a.text() for a in entries]
        return found[0]

    def offers(self, text: str) -> bool:
        """Whether an action can be chosen."""
        return self.menu_entry(text).isEnabled()

    def pictures(self) -> list[str]:
        """Return the pictures that are shown, in order."""
        paths = self.project.images.paths
        return [called(paths[row]) for row in self.main.arrangement.model.order.tolist()]

    def current(self) -> str:
        """Return the picture that keys are for; empty where there is none."""
        row = self.main.grid.current_image_row()
        return called(self.project.images.paths[row]) if row >= 0 else ""

    def _box(self, accessible_name: str) -> QComboBox:
        boxes = self.main.findChildren(QComboBox)
        return next(b for b in boxes if b.accessibleName().startswith(accessible_name))

    def _key_of(self, name: str) -> int:
        return next(c.key for c in self.project.concepts if c.name == name)

    def _row_of(self, name: str) -> int:
        paths, order = self.project.images.paths, self.main.arrangement.model.order.tolist()
        return next(row for row in order if called(paths[row]) == name)


def called(path: Path) -> str:
    """Return the name of a picture: its folder and file."""
    return f"{path.parent.name}/{path.name}"
