"""The line below the names with the prompt, and the choice of another one."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from nameplate.domain.changes import Effects, SetFact, Title
from nameplate.domain.prompts import TemplateSet
from nameplate.pipeline.models.loading import Loaded
from nameplate.project.facts import SETTINGS
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.services import Services
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.painting import SMALL, entry_text, font_of
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.texts import tr
from nameplate.wording.translation import current

_EXAMPLES: Final = 8
_BESIDE: Final = 11
_EDGE: Final = 1
"""Of the button; with what is beside it, the texts of the column stand in one line."""


class TemplateBox(QWidget):
    """A button that says and chooses the template set of the project."""

    def __init__(self, services: Services, scoring: Scoring) -> None:
        super().__init__()
        self._owner, self._scoring = services.owner, scoring
        self._sets: list[TemplateSet] = []
        self._button = QPushButton()
        self._button.setObjectName("quiet")
        self._button.setFont(font_of(self._button.font(), SMALL))
        self._button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.setToolTip(tr("The sentence that the model reads for each name"))
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._button.setMenu(self._menu)
        self._choices = QActionGroup(self)
        self._text = ""
        self.setLayout(column(self._button, margins=(_BESIDE, 0, _BESIDE, 0)))
        self._choices.triggered.connect(lambda action: self._choose(action.data()))
        self._owner.changed.connect(self._on_project_changed)
        services.model_in_use.loaded.connect(self._on_loaded)

    def _on_loaded(self, loaded: Loaded) -> None:
        """Offer all template sets; the new model may recommend another one."""
        self._sets = list(loaded.template_sets.values())
        self._menu.clear()
        for index, template_set in enumerate(self._sets):
            entry = self._menu.addAction(entry_text(tr(template_set.title)))
            examples = "\n".join(template_set.templates[:_EXAMPLES])
            more = len(template_set.templates) - _EXAMPLES
            further = tr("and {count:,} more", count=more)
            entry.setToolTip(tip(f"{examples}\n{further}" if more > 0 else examples))
            entry.setCheckable(True)
            entry.setData(index)
            self._choices.addAction(entry)
        self._show(self._scoring.template_set or loaded.template_set)

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.settings and self._scoring.template_set:
            self._show(self._scoring.template_set)

    def _show(self, template_set: TemplateSet) -> None:
        """Say which template set is in use, and mark it if it is one of those offered."""
        title = template_set.title
        for index, entry in enumerate(self._choices.actions()):
            # Not by title, which another version may word otherwise.
            is_it = self._sets[index].templates == template_set.templates
            entry.setChecked(is_it)
            title = self._sets[index].title if is_it else title
        title = tr(title)
        title = f"{title[:1].lower()}{title[1:]}" if current().is_english else title
        self._text = tr("Prompt: {title}", title=title)
        self._button.setAccessibleName(self._text)
        self._cut_text()

    def _cut_text(self) -> None:
        room = self.width() - 2 * (_BESIDE + _EDGE)
        shown = self._button.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, room)
        self._button.setText(entry_text(shown))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the text where there is no room for it."""
        super().resizeEvent(event)
        self._cut_text()

    def _choose(self, index: int) -> None:
        """Use another template set, as an undoable step."""
        chosen = self._sets[index]
        if chosen != self._scoring.template_set:
            settings = replace(self._owner.project.settings, template_set=chosen)
            self._owner.change(
                SetFact(SETTINGS, settings), Title("templates", {"name": chosen.title})
            )
