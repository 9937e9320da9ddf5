"""The combo box of the template sets, under the concepts."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget

from nameplate.domain.changes import Effects, SetFact, Title
from nameplate.domain.prompts import TemplateSet
from nameplate.pipeline.models.loading import Loaded
from nameplate.project.facts import SETTINGS
from nameplate.ui.widgets.boxes import choice, column
from nameplate.ui.widgets.paragraph import tip

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts

_EXAMPLES: Final = 8
_WIDEST: Final = 400
"""Its titles are longer than the entries of the tool row, so it may fill the column."""


class TemplateBox(QWidget):
    """A combo box that chooses the template set of the project."""

    def __init__(self, window: "WindowParts") -> None:
        super().__init__()
        self._owner, self._scoring = window.owner, window.scoring
        self._sets: list[TemplateSet] = []
        self._box = choice(
            "How a name is put into a sentence before the model reads it, on this computer"
        )
        self._box.setMaximumWidth(_WIDEST)
        self.setLayout(column(QLabel("Read as"), self._box, margins=(10, 4, 10, 10), spacing=4))
        self._box.activated.connect(self._on_chosen)
        self._owner.happened.connect(self._on_happened)
        window.model_in_use.loaded.connect(self._on_loaded)

    @Slot(object)
    def _on_loaded(self, loaded: Loaded) -> None:
        """Offer all template sets; the new model may recommend another one."""
        self._sets = list(loaded.template_sets.values())
        self._box.clear()
        for index, template_set in enumerate(self._sets):
            self._box.addItem(template_set.title)
            examples = "\n".join(template_set.templates[:_EXAMPLES])
            more = len(template_set.templates) - _EXAMPLES
            said = f"{examples}\nand {more} more" if more > 0 else examples
            self._box.setItemData(index, tip(said), Qt.ItemDataRole.ToolTipRole)
        self._select(self._scoring.template_set or loaded.template_set)

    @Slot(object)
    def _on_happened(self, effects: Effects) -> None:
        if effects.settings and self._scoring.template_set:
            self._select(self._scoring.template_set)

    def _select(self, template_set: TemplateSet) -> None:
        """Select a template set, if it is in the list."""
        # Not by title, which another version may word otherwise.
        sentences = [one.templates for one in self._sets]
        if template_set.templates in sentences:
            self._box.setCurrentIndex(sentences.index(template_set.templates))

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        """Use another template set, as an undoable step."""
        chosen = self._sets[index]
        if chosen != self._scoring.template_set:
            settings = replace(self._owner.project.settings, template_set=chosen)
            self._owner.change(
                SetFact(SETTINGS, settings), Title("templates", {"name": chosen.title})
            )
