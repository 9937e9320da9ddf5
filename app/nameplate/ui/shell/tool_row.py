"""The tool row above the columns: add, filter, order, auto-label, export."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QLabel,
    QMenu,
    QToolButton,
    QWidget,
)

from nameplate.domain.concepts import Concept
from nameplate.domain.labels import NO_CONCEPT
from nameplate.domain.views import Show, Sort, View
from nameplate.ui.shell.actions import Actions
from nameplate.ui.widgets.boxes import NumberBox, choice, row
from nameplate.wording.texts import what_of

_LONGEST_ENTRY = 28


class ToolRow(QWidget):
    """Buttons for the main actions and the choices of the view.

    Signals:
        view_changed: Another `View` was chosen.
        minimum_changed: The minimum probability for auto-labelling, 0 to 1.
        focus_released: Enter was pressed in a box; the pictures are next.
    """

    view_changed = Signal(object)
    minimum_changed = Signal(float)
    focus_released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._add = _button()
        self._show = choice("Which pictures are shown")
        self._concept = choice("Only pictures of one name")
        self._sort = choice("Order of the pictures")
        self._minimum = NumberBox()
        self._auto = _button()
        self._export = _button()
        for show in Show:
            self._show.addItem(what_of(show.value), show)
        for sort in Sort:
            self._sort.addItem(what_of(sort.value), sort)
        self._minimum.setRange(0, 99)
        self._minimum.setSuffix(" % up")
        self._minimum.setSpecialValueText("any")
        self._minimum.setAccessibleName("Least probability for auto-labelling")
        self._minimum.setToolTip("Auto-label only what is at least this probable among the names")
        self.set_concepts(())
        self._lay_out()
        for combo in (self._show, self._concept, self._sort):
            combo.currentIndexChanged.connect(self._on_view_changed)
        self._minimum.setKeyboardTracking(False)  # what is typed is one step, not one a digit
        self._minimum.lineEdit().returnPressed.connect(self.focus_released)
        self._minimum.valueChanged.connect(lambda v: self.minimum_changed.emit(v / 100))

    def _lay_out(self) -> None:
        filters = (self._show, self._concept, self._sort)
        auto = (QLabel("From"), self._minimum, self._auto)
        parts = (self._add, 8, *filters, None, *auto, self._export)
        self.setLayout(row(*parts, margins=(12, 8, 12, 8), spacing=8))

    def set_actions(self, actions: Actions) -> None:
        """Put the actions on the buttons."""
        _fill(self._add, "Add", actions, ("add_folder", "add_files", "samples"))
        _fill(self._export, "Export", actions, ("export", "export_all"))
        _fill(self._auto, "Auto-label", actions, ("auto_label", "auto_label_selected", "sheets"))

    def set_minimum(self, minimum: float) -> None:
        """Show the minimum probability, 0 to 1, without a signal."""
        with QSignalBlocker(self._minimum):
            self._minimum.setValue(round(100 * minimum))

    def set_concepts(self, concepts: tuple[Concept, ...]) -> None:
        """Fill the concept filter; the chosen concept is kept if it still exists."""
        chosen = self._concept.currentData()
        self._concept.blockSignals(True)
        self._concept.clear()
        self._concept.addItem("Any name", NO_CONCEPT)
        for concept in concepts:
            name = concept.name
            short = name if len(name) <= _LONGEST_ENTRY else name[: _LONGEST_ENTRY - 1] + "…"
            self._concept.addItem(short, concept.key)
        index = max(0, self._concept.findData(chosen))
        self._concept.setCurrentIndex(index)
        self._concept.blockSignals(False)
        if index == 0 and chosen not in (None, NO_CONCEPT):
            self._on_view_changed()

    def show_all(self) -> None:
        """Reset the filters; the order is kept."""
        self._show.setCurrentIndex(0)
        self._concept.setCurrentIndex(0)

    def show_changed(self) -> None:
        """Show the pictures that changed since a person decided about them."""
        self._concept.setCurrentIndex(0)
        self._show.setCurrentIndex(self._show.findData(Show.CHANGED))

    def show_view(self, view: View) -> None:
        """Show a view in the boxes, without a signal."""
        for box, value in (
            (self._show, view.show),
            (self._sort, view.sort),
            (self._concept, view.concept),
        ):
            with QSignalBlocker(box):
                box.setCurrentIndex(max(0, box.findData(value)))

    def set_concept_filter(self, key: int) -> None:
        """Show only the pictures of one concept."""
        self._concept.setCurrentIndex(max(0, self._concept.findData(key)))

    @Slot()
    def _on_view_changed(self) -> None:
        self.view_changed.emit(self._view())

    def _view(self) -> View:
        return View(self._sort.currentData(), self._show.currentData(), self._concept.currentData())


def _button() -> QToolButton:
    button = QToolButton()
    button.setObjectName("bar")
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _fill(button: QToolButton, text: str, actions: Actions, ids: tuple[str, ...]) -> None:
    first = actions[ids[0]]
    menu = QMenu(button)
    for action_id in ids:
        menu.addAction(actions[action_id])
    button.setMenu(menu)
    button.setDefaultAction(first)
    first.setIconText(text)
