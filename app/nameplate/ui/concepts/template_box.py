"""The choice of the template set, under the concepts."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nameplate.domain.prompts import TemplateSet
from nameplate.ui.widgets.boxes import choice

_WIDEST: Final = 400
"""Its titles are longer than those of the tools, so it may take the whole column."""


class TemplateBox(QWidget):
    """Lets the person choose the sentence that names are put into.

    Signals:
        chosen: Another `TemplateSet` was chosen.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sets: list[TemplateSet] = []
        self._box = choice("How a name is put into a sentence before the model reads it")
        self._box.setMaximumWidth(_WIDEST)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 10)
        column.setSpacing(4)
        column.addWidget(QLabel("Read as"))
        column.addWidget(self._box)
        self._box.activated.connect(self._on_activated)

    def set_templates(self, sets: Mapping[str, TemplateSet], chosen: TemplateSet) -> None:
        """Offer the template sets."""
        self._sets = list(sets.values())
        self._box.clear()
        for index, template_set in enumerate(self._sets):
            self._box.addItem(template_set.title)
            examples = "\n".join(template_set.templates[:8])
            self._box.setItemData(index, examples, Qt.ItemDataRole.ToolTipRole)
        self.choose(chosen)

    def choose(self, template_set: TemplateSet) -> None:
        """Show `template_set` as the chosen one, if it is offered."""
        if template_set in self._sets:
            self._box.setCurrentIndex(self._sets.index(template_set))

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self.chosen.emit(self._sets[index])
