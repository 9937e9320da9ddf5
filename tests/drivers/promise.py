"""Drives a promise about labels in a person's words; a part of `WindowDriver`."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from drivers.base import called
from drivers.page import PageDriver
from nameplate.ui.widgets.paragraph import Paragraph
from qt_help import button_is_shown, press_button, wait


class PromiseDriver(PageDriver):
    """What a person promises, checks for it, and is told of it."""

    def open_promise(self, target: float = 0.98, confidence: float = 0.95) -> None:
        """Open the panel, choose what is to be promised where there is a choice."""
        panel = self.main.promise_panel
        self.menu("Promise how right")
        if panel.is_open and self.offers_promise("Begin checking"):
            panel.choose(target, confidence)
            panel.chosen.emit()
        self.wait_for_promise()

    def wait_for_promise(self) -> None:
        """Wait until the panel has worked out what it shows."""
        wait(lambda: self.main.promise_panel.is_open and self.main.promise_panel.is_settled, 30)

    @property
    def promise_says(self) -> str:
        """What the panel says; empty while it is closed."""
        return self.main.promise_panel.text if self.main.promise_panel.is_open else ""

    def wait_until_promise_says(self, part: str) -> None:
        wait(lambda: part in self.promise_says, 30)

    def offers_promise(self, button: str) -> bool:
        """Whether the panel has this button."""
        return button_is_shown(self.main.promise_panel, button)

    @property
    def next_of_promise(self) -> str:
        """What the panel's main button says, which Enter presses."""
        return self.main.promise_panel.begin_button.text()

    def answer_promise(self, button: str) -> None:
        """Press a button of the panel."""
        press_button(self.main.promise_panel, button)

    def begin_promise(self, target: float = 0.98, confidence: float = 0.95) -> None:
        """Choose what to promise, begin, and wait for the first page."""
        self.open_promise(target, confidence)
        self.answer_promise("Begin checking")
        wait(lambda: self.page and self.is_page_seen, 30)

    @property
    def is_blind(self) -> bool:
        """Whether the page asks for names without showing any."""
        return bool(self.page) and self.page_text.startswith("Name these.")

    def check_page(self) -> None:
        """Check a page by the folders of its pictures: the folder is the right name."""
        wait(lambda: self.is_page_seen)
        before, is_blind, names = self.page, self.is_blind, self.names()
        for place, picture in enumerate(before):
            truth = picture.split("/")[0]
            said = self.on_page()[picture]
            if is_blind or said != truth:
                self.point_at(place)
                self.press(str(names.index(truth) + 1))
        self.press("Return")
        wait(lambda: self.page != before)

    def check_all(self) -> int:
        """Check page after page until the panel says what came of it; return how many."""
        pages = 0
        while self.page and not self.promise_says:
            self.check_page()
            pages += 1
        return pages

    @property
    def promise_status(self) -> str:
        """What the status line says of the promise."""
        return self.main.status.promise_text

    def press_promise_status(self) -> None:
        """Press what the status line says of the promise."""
        press_button(self.main.status, self.promise_status)

    def inspector_says(self) -> str:
        """All that stands in the inspector, and what a screen reader says of its parts."""
        inspector = self.main.inspector
        texts = [p.text() for p in inspector.findChildren(Paragraph) if not p.isHidden()]
        spoken = [w.accessibleName() for w in inspector.findChildren(QWidget) if w.isVisible()]
        return "\n".join([*texts, *spoken, inspector.chart.accessibleDescription()])

    def hidden_from(self) -> dict[str, str]:
        """Return what a screen reader says in the grid of each picture of the page."""
        model = self.main.arrangement.model
        paths = self.project.images.paths
        role = Qt.ItemDataRole.AccessibleTextRole
        return {
            called(paths[row]): model.data(model.index_of(row), role)
            for row in model.order.tolist()
            if called(paths[row]) in self.page
        }
