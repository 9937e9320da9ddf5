"""The active conditions as removable chips, and the box for the name of a view."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton, QWidget

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.filters import Term
from nameplate.domain.filtering.views import LONGEST_VIEW_NAME
from nameplate.ui.jobs.jobs import ignore
from nameplate.ui.widgets.flow import FlowLayout
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.painting import entry_text
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.filters import term_text


class Chip(QToolButton):
    """A condition; pressing it, or Delete on it, takes it away."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setObjectName("chip")
        self.setText(entry_text(f"{text}  ✕"))
        self.setAccessibleName(f"Remove the condition {text}")
        self.setToolTip(tip(f"Remove the condition “{text}”"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it by Enter, Delete and Backspace too."""
        keys = (*ENTER_KEYS, Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        if event.key() in keys:
            self.click()
        else:
            super().keyPressEvent(event)


class _NameBox(QLineEdit):
    """The box for the name of a view; it goes with the focus."""

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide it: no name is typed any more."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.hide()


class FilterChips(QWidget):
    """Shows the active conditions; keeps its height if there are none.

    Attributes:
        remove: Takes a condition away.
        name_view: Saves the view under the name that was typed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.remove: Callable[[Term], object] = ignore
        self.name_view: Callable[[str], object] = ignore
        self._chips: list[Chip] = []
        self.clear_button = Chip("")
        self.clear_button.setText("Clear the filter")
        self.clear_button.setAccessibleName("Clear the filter")
        self.clear_button.setToolTip("Show all pictures")
        self._nothing = QLabel("No filter")
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._name = _NameBox()
        self._name.setPlaceholderText("Name of this view, then Enter")
        self._name.setAccessibleName("Name of this view")
        self._name.setMaxLength(LONGEST_VIEW_NAME)
        self._name.setFixedWidth(240)
        self._row = FlowLayout()
        self._last = (self._nothing, self.clear_button, self._name)
        for widget in self._last:
            self._row.addWidget(widget)
        self._row.setContentsMargins(0, 4, 0, 4)  # in the middle of the row
        self.setLayout(self._row)
        self._name.returnPressed.connect(self._on_named)
        self._name.setObjectName("chip")
        self._name.hide()
        self.set_terms((), ())

    @property
    def texts(self) -> list[str]:
        """What the chips say."""
        return [chip.text().removesuffix("✕").strip() for chip in self._chips]

    def set_terms(self, terms: Sequence[Term], concepts: Sequence[Concept]) -> None:
        """Show a chip for each term."""
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for widget in self._last:
            self._row.removeWidget(widget)
        for term in terms:
            chip = Chip(term_text(term, concepts))
            chip.clicked.connect(lambda _=False, term=term: self.remove(term))
            self._row.addWidget(chip)
            self._chips.append(chip)
        for widget in self._last:
            self._row.addWidget(widget)
        self.clear_button.setVisible(bool(terms))
        self._nothing.setVisible(not terms)

    def press(self, number: int) -> None:
        """Take a condition away, as a click on its chip does."""
        self._chips[number].click()

    def ask_name(self, name: str) -> None:
        """Let a person type the name of a view."""
        self._name.setText(name)
        self._name.selectAll()
        self._name.show()
        self._name.setFocus()

    def _on_named(self) -> None:
        name = self._name.text().strip()
        if name:
            self._name.hide()
            self.name_view(name)
