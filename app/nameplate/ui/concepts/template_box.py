"""The combo box of the template sets, under the concepts."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from nameplate.domain.prompts import TemplateSet
from nameplate.ui.widgets.boxes import choice, column
from nameplate.ui.widgets.paragraph import tip

_EXAMPLES: Final = 8
_WIDEST: Final = 400
"""Its titles are longer than the entries of the tool row, so it may fill the column."""


class TemplateBox(QWidget):
    """A combo box that chooses the template set.

    Signals:
        chosen: Another `TemplateSet` was chosen.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._sets: list[TemplateSet] = []
        self._box = choice(
            "How a name is put into a sentence before the model reads it, on this computer"
        )
        self._box.setMaximumWidth(_WIDEST)
        self.setLayout(column(QLabel("Read as"), self._box, margins=(10, 4, 10, 10), spacing=4))
        self._box.activated.connect(lambda index: self.chosen.emit(self._sets[index]))

    def set_templates(self, sets: Mapping[str, TemplateSet], chosen: TemplateSet) -> None:
        """Fill the box with the template sets."""
        self._sets = list(sets.values())
        self._box.clear()
        for index, template_set in enumerate(self._sets):
            self._box.addItem(template_set.title)
            examples = "\n".join(template_set.templates[:_EXAMPLES])
            more = len(template_set.templates) - _EXAMPLES
            said = f"{examples}\nand {more} more" if more > 0 else examples
            self._box.setItemData(index, tip(said), Qt.ItemDataRole.ToolTipRole)
        self.choose(chosen)

    def choose(self, template_set: TemplateSet) -> None:
        """Select `template_set`, if it is in the list."""
        # Not by title, which another version may word otherwise.
        sentences = [one.templates for one in self._sets]
        if template_set.templates in sentences:
            self._box.setCurrentIndex(sentences.index(template_set.templates))
