"""Drives random checks and the certificate in a person's words."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QWidget

from drivers.base import called
from nameplate.features.quality.panel import RandomCheckPanel
from nameplate.ui.widgets.paragraph import Paragraph
from qt_help import button_is_shown, press_button, wait
from window_driver import WindowDriver


class RandomChecks:
    """The panel of random checks and their pages."""

    def __init__(self, window: WindowDriver) -> None:
        self._window = window

    @property
    def panel(self) -> RandomCheckPanel:
        return self._window.main.workbenches["quality"].part(RandomCheckPanel)

    def open(self) -> None:
        """Open the panel."""
        if not self.panel.is_open:
            self._window.menu("Check labels at random")
        wait(lambda: self.panel.is_open)

    @property
    def says(self) -> str:
        """What the panel says; empty while it is closed."""
        return self.panel.card.text if self.panel.is_open else ""

    def wait_until_says(self, part: str) -> None:
        wait(lambda: part in self.says, 30)

    def offers(self, button: str) -> bool:
        """Whether the panel has this button."""
        return button_is_shown(self.panel, button)

    def answer(self, button: str) -> None:
        """Press a button of the panel."""
        press_button(self.panel, button)

    def hide_labels(self) -> None:
        """Turn the switch that hides labels."""
        self.panel.card.findChild(QCheckBox).click()

    def begin(self, *, hidden: bool = False) -> None:
        """Open the panel, and wait for the first page."""
        self.open()
        if hidden:
            self.hide_labels()
        self.answer("Check at random")
        wait(lambda: self._window.page and self._window.is_page_seen, 30)

    def leave_checks(self) -> None:
        """Leave the page of checks, and go to the panel by the status line."""
        self._window.press("Escape")
        self.press_status()
        wait(lambda: self.panel.is_open)

    def check_page(self) -> None:
        """Check a page by the folders of its pictures: the folder is the right name."""
        wait(lambda: self._window.is_page_seen)
        before, names = self._window.page, self._window.names()
        is_hidden = self._window.page_text.startswith("Name these.")
        for place, picture in enumerate(before):
            truth = picture.split("/")[0]
            if is_hidden or self._window.on_page()[picture] != truth:
                self._window.point_at(place)
                self._window.press(str(names.index(truth) + 1))
        self._window.press("Return")
        wait(lambda: self._window.page != before)

    @property
    def status(self) -> str:
        """What the status line says of the checks."""
        return self._window.main.status.note_text

    def press_status(self) -> None:
        """Press what the status line says of the checks."""
        press_button(self._window.main.status, self.status)

    def inspector_says(self) -> str:
        """All that stands in the inspector, and what a screen reader says of its parts."""
        inspector = self._window.main.inspector
        texts = [p.text() for p in inspector.findChildren(Paragraph) if not p.isHidden()]
        spoken = [w.accessibleName() for w in inspector.findChildren(QWidget) if w.isVisible()]
        return "\n".join([*texts, *spoken, inspector.chart.accessibleDescription()])

    def hidden_from(self) -> dict[str, str]:
        """Return what a screen reader says in the grid of each picture of the page."""
        model = self._window.main.arrangement.model
        paths = self._window.project.images.paths
        role = Qt.ItemDataRole.AccessibleTextRole
        return {
            called(paths[row]): model.data(model.index_of(row), role)
            for row in model.order.tolist()
            if called(paths[row]) in self._window.page
        }
