"""Drives a promise about labels in a person's words."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from drivers.base import called
from nameplate.features.promise.panel import PromisePanel
from nameplate.ui.widgets.paragraph import Paragraph
from qt_help import button_is_shown, press_button, wait
from window_driver import WindowDriver


class Promise:
    """What a person promises, checks for it, and is told of it."""

    def __init__(self, window: WindowDriver) -> None:
        self._window = window

    @property
    def panel(self) -> PromisePanel:
        return self._window.main.workbenches["promise"].part(PromisePanel)

    def open(self, target: float = 0.98, confidence: float = 0.95) -> None:
        """Open the panel, choose what is to be promised where there is a choice."""
        panel = self.panel
        self._window.menu("Certify accuracy")
        if panel.is_open and self._begins:
            panel.choose(target, confidence)
            panel._look_anew()
        self.wait()

    def wait(self) -> None:
        """Wait until the panel has worked out what it shows."""
        wait(lambda: self.panel.is_open and self.panel.is_settled, 30)

    @property
    def says(self) -> str:
        """What the panel says; empty while it is closed."""
        return self.panel.text if self.panel.is_open else ""

    def wait_until_says(self, part: str) -> None:
        wait(lambda: part in self.says, 30)

    def offers(self, button: str) -> bool:
        """Whether the panel has this button."""
        return button_is_shown(self.panel, button)

    @property
    def next(self) -> str:
        """What the panel's main button says, which Enter presses."""
        return self.panel.begin_button.text()

    @property
    def _begins(self) -> str:
        """The button that begins the checks; empty for none."""
        return next(filter(self.offers, ("Start checking", "Certify anyway")), "")

    def answer(self, button: str) -> None:
        """Press a button of the panel."""
        press_button(self.panel, button)

    @property
    def by_name(self) -> list[tuple[str, ...]]:
        """The rows of the table that says by name what the checks found."""
        return self.panel.names.table.rows

    def begin(self, target: float = 0.98, confidence: float = 0.95) -> None:
        """Choose what to promise, begin, and wait for the first page."""
        self.open(target, confidence)
        self.answer(self._begins)
        wait(lambda: self._window.page and self._window.is_page_seen, 30)

    def keep(self, target: float = 0.98) -> None:
        """Begin a promise, and check until it is kept."""
        self.begin(target)
        self.check_all()
        self.wait_until_says("Passed: ")

    def leave_checks(self) -> None:
        """Leave the page of checks, and go to the promise by the status line."""
        self._window.press("Escape")
        self.press_status()
        self.wait()

    @property
    def is_blind(self) -> bool:
        """Whether the page asks for names without showing any."""
        return bool(self._window.page) and self._window.page_text.startswith("Name these.")

    def check_page(self) -> None:
        """Check a page by the folders of its pictures: the folder is the right name."""
        wait(lambda: self._window.is_page_seen)
        before, is_blind, names = self._window.page, self.is_blind, self._window.names()
        for place, picture in enumerate(before):
            truth = picture.split("/")[0]
            said = self._window.on_page()[picture]
            if is_blind or said != truth:
                self._window.point_at(place)
                self._window.press(str(names.index(truth) + 1))
        self._window.press("Return")
        wait(lambda: self._window.page != before)

    def check_all(self) -> int:
        """Check page after page until the panel says what came of it; return how many."""
        pages = 0
        while self._window.page and not self.says:
            self.check_page()
            pages += 1
        return pages

    @property
    def status(self) -> str:
        """What the status line says of the promise."""
        return self._window.main.status.note_text

    def press_status(self) -> None:
        """Press what the status line says of the promise."""
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
