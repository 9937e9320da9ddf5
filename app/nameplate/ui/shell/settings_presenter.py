"""Shows and changes the project's settings: least probability, templates, several labels."""

from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import MINIMUM_OF_SEVERAL, Effects, SetFact, Title
from nameplate.domain.prompts import TemplateSet
from nameplate.pipeline.models.loading import Loaded
from nameplate.project.facts import SETTINGS
from nameplate.ui.concepts.template_box import TemplateBox
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.shell.tool_row import ToolRow
from nameplate.ui.widgets.message_bar import LAST_STEP, MessageBar
from nameplate.wording.numbers import percent


class SettingsPresenter(QObject):
    """Shows the settings of the project, and turns choices into undoable steps."""

    def __init__(
        self,
        owner: ProjectOwner,
        in_use: ModelInUse,
        scoring: Scoring,
        tools: ToolRow,
        templates: TemplateBox,
        messages: MessageBar,
    ) -> None:
        super().__init__(templates)
        self._owner = owner
        self._scoring = scoring
        self._tools = tools
        self._templates = templates
        self._messages = messages
        tools.minimum_changed.connect(self._on_minimum)
        templates.chosen.connect(self._on_templates)
        owner.changed.connect(self._on_changed)
        in_use.loaded.connect(self._on_loaded)

    def toggle_several(self) -> None:
        """Toggle whether a picture may have several labels; existing labels stay.

        Several at once need a least probability: every name is more probable than nothing.
        """
        settings = self._owner.project.settings
        if settings.is_multi:
            minimum = 0.0 if settings.minimum == MINIMUM_OF_SEVERAL else settings.minimum
            change = SetFact(SETTINGS, replace(settings, is_multi=False, minimum=minimum))
        else:
            minimum = settings.minimum or MINIMUM_OF_SEVERAL
            change = SetFact(SETTINGS, replace(settings, is_multi=True, minimum=minimum))
        self._owner.change(change, Title("one-label" if settings.is_multi else "several-labels"))
        if minimum != settings.minimum:
            what = f"leaves out what is less than {percent(minimum)} probable"
            text = f"Auto-labelling now {what if minimum else 'takes every probability'}."
            self._messages.tell(text, is_reply=True, about=LAST_STEP)

    def toggle_learning(self) -> None:
        """Toggle whether suggestions learn from decisions."""
        learns = not self._owner.project.settings.learns
        settings = replace(self._owner.project.settings, learns=learns)
        self._owner.change(SetFact(SETTINGS, settings), Title("learn" if learns else "names-only"))

    @Slot(float)
    def _on_minimum(self, minimum: float) -> None:
        """Set the least probability of bulk labelling, 0 to 1."""
        settings = self._owner.project.settings
        if minimum != settings.minimum:
            title = Title("minimum", {"percent": round(100 * minimum)})
            self._owner.change(SetFact(SETTINGS, replace(settings, minimum=minimum)), title)

    @Slot(object)
    def _on_templates(self, template_set: TemplateSet) -> None:
        """Use another template set."""
        if template_set != self._scoring.template_set:
            settings = replace(self._owner.project.settings, template_set=template_set)
            title = Title("templates", {"name": template_set.title})
            self._owner.change(SetFact(SETTINGS, settings), title)

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if effects.settings:
            self._tools.set_minimum(self._owner.project.settings.minimum)
            if self._scoring.template_set:
                self._templates.choose(self._scoring.template_set)

    @Slot(object)
    def _on_loaded(self, loaded: Loaded) -> None:
        """Offer all template sets; the new model may recommend another one."""
        chosen = self._scoring.template_set or loaded.template_set
        self._templates.set_templates(loaded.template_sets, chosen)
