"""Drives projects, exports and the search for missing pictures; a part of `WindowDriver`."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QListWidget, QPushButton

from drivers.base import DriverBase
from nameplate.ui.opening.project_entries import entries_of
from qt_help import (
    button_in,
    button_is_shown,
    heard,
    labelled,
    press_button,
    press_keys,
    set_control,
    wait,
)


class FilesDriver(DriverBase):
    """What a person does with files, and what the panels for them say."""

    def open_project(self, path: Path) -> None:
        """Open a project's file and wait until it is there."""
        with heard(self.main.files.opened):
            self.open(path)

    def save_and_close(self, path: Path) -> None:
        """Save the project in a file, and close the window."""
        self.save_as(path)
        self.main.close()
        self.main.shut_down()

    def go_on_with(self, path: Path) -> None:
        """Open a project in a window that was just opened, and wait until all is read."""
        self.wait_until_loaded()
        self.main.activateWindow()
        self.open_project(path)
        self.wait_until_read()

    def find_recent(self) -> list[str]:
        """Look for the projects of before; return what is said of each."""
        self.main.files.look_for_recent()
        wait(lambda: not self.main.jobs.is_running("recent"))
        return self.recent()

    def recent(self) -> list[str]:
        """Return what is said of each project to go on with."""
        return [entry.text for entry in entries_of(self.main.files.recent)]

    def offered_to_go_on(self) -> str:
        """Look for the project of last time; return what its button says."""
        self.find_recent()
        return button_in(self.main.start_page, "Go on with").text()

    @property
    def offers_to_go_on(self) -> bool:
        buttons = self.main.start_page.findChildren(QPushButton)
        return any(b.isVisible() and b.text().startswith("Go on with") for b in buttons)

    def go_on_with_last(self) -> None:
        """Open the project of last time by its button."""
        with heard(self.main.files.opened) as came:

            def press() -> list[tuple[object, ...]]:
                press_button(self.main.start_page, "Go on with")
                QTest.qWait(50)
                return came

            # A click that comes before the search for the last project has ended does nothing.
            wait(lambda: came or press())

    def save_as(self, path: Path) -> None:
        self.main.messages.clear()
        self.main.files.save_as(path)
        self.wait_for_message("Saved as")

    def open_export(self, chosen: str = "", path: Path | None = None, **options: object) -> None:
        """Open the panel that exports, choose format, options and place; wait for its preview."""
        self.main.messages.clear()
        self.menu("Export…")
        panel = self.main.exporting.panel
        if chosen:
            formats = labelled(panel, QListWidget, "Format")
            (item,) = formats.findItems(chosen, Qt.MatchFlag.MatchExactly)
            formats.setCurrentItem(item)
        for option, value in options.items():
            set_control(panel.options.control(option), value)
        if path is not None:
            self.type_place(path)
        self.wait_for_preview()

    def offered_formats(self) -> list[str]:
        """The formats that the panel that exports lists, once it is opened."""
        self.open_export()
        formats = labelled(self.main.exporting.panel, QListWidget, "Format")
        return [formats.item(row).text() for row in range(formats.count())]

    def names_to_export(self) -> list[str]:
        """The choices of names in the panel that exports, with their counts."""
        box = labelled(self.main.exporting.panel, QComboBox, "Which names are exported")
        return [box.itemText(place) for place in range(box.count())]

    def choose_names(self, text: str) -> None:
        """Choose which names are exported; wait for the preview."""
        box = labelled(self.main.exporting.panel, QComboBox, "Which names are exported")
        (place,) = (n for n, one in enumerate(self.names_to_export()) if one.startswith(text))
        box.setCurrentIndex(place)
        self.wait_for_preview()

    @property
    def export_says_of_stacks(self) -> str:
        """What the panel that exports says of copies and bursts."""
        return self.main.exporting.panel.stacks.text()

    @property
    def export_says_of_certificate(self) -> str:
        """What the panel that exports says of a certificate."""
        return self.main.exporting.panel.certificate.text()

    @property
    def place_of_export(self) -> str:
        """The path in the box for where an export goes."""
        return labelled(self.main.exporting.panel, QLineEdit, "Where to write").text()

    def type_place(self, path: Path | str) -> None:
        """Type where an export goes."""
        box = labelled(self.main.exporting.panel, QLineEdit, "Where to write")
        box.selectAll()
        QTest.keyClick(box, Qt.Key.Key_Delete)
        QTest.keyClicks(box, str(path))

    def write_export(self, said: str) -> None:
        """Write what is chosen in the panel that exports; wait until this is said of it."""
        self.begin_button().click()
        self.wait_for_message(said)

    def begin_button(self) -> QAbstractButton:
        """The button that exports, which says how much, or what it replaces."""
        buttons = self.main.exporting.panel.findChildren(QPushButton)
        (button,) = (one for one in buttons if one.property("primary"))
        return button

    def wait_for_preview(self) -> None:
        """Wait until the panel that exports says what would be written, or why it cannot be."""
        wait(lambda: self.main.exporting.panel.has_preview)

    def wait_for_refusal(self, part: str) -> None:
        """Wait until the panel that exports says this about what is in the way."""
        wait(lambda: part in " ".join(self.export_says()))

    def begin_export(
        self, path: Path, chosen: str = "CSV", *, overwrite: bool = False, **options: object
    ) -> bool:
        """Export to a file or folder; return whether the panel lets it be done."""
        self.open_export(chosen, path, **options)
        panel = self.main.exporting.panel
        is_in_the_way = self.begin_button().text().startswith("Write to")
        if is_in_the_way and overwrite and button_is_shown(panel, f"Replace {path.name}"):
            self.answer_export(f"Replace {path.name}")
            return True
        if is_possible := self.can_export() and not is_in_the_way:
            self.begin_button().click()
        return is_possible

    def export(
        self, path: Path, chosen: str = "CSV", *, overwrite: bool = False, **options: object
    ) -> str:
        """Export to a file or folder and return what is said about it, in the bar or in place."""
        if not self.begin_export(path, chosen, overwrite=overwrite, **options):
            said = self.export_says()[-1]
            press_keys(self.main.exporting.panel, "Esc")
            return said
        wait(lambda: self.message and not self.main.exporting.panel.is_busy)
        return self.message

    def answer_export(self, text: str) -> None:
        """Press a button of the panel that exports, or tick a box."""
        button_in(self.main.exporting.panel, text).click()

    def can_export(self) -> bool:
        """Whether the panel lets it be done."""
        return self.begin_button().isEnabled()

    def export_says(self) -> list[str]:
        """What the panel that exports says; empty where it is not shown."""
        panel = self.main.exporting.panel
        return panel.texts if panel.is_open else []

    def export_preview(self) -> list[list[str]]:
        """The rows of what would be written."""
        return [list(row) for row in self.main.exporting.panel.table.rows]
