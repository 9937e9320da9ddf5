"""The progress of checking: status line, message when all is checked, and next step."""

from typing import Final

from PySide6.QtCore import QObject

from nameplate.domain.changes import Effects
from nameplate.domain.filtering.tally import Tally
from nameplate.domain.text import deferred
from nameplate.ui.export.memory import ExportMemory
from nameplate.ui.filter.filtering import Filtering
from nameplate.ui.modes.view_modes import ViewModes
from nameplate.ui.services import Services
from nameplate.ui.shell.status_line import StatusLine
from nameplate.ui.shell.tool_row import ToolRow
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import Answer, MessageBar
from nameplate.wording.progress import NextStep, checked_text, primary_of, remaining_of
from nameplate.wording.texts import listed, tr, trn

_REFRESH_MS: Final = 250
"""Delay of counting while pictures are read, which may turn out to be unreadable."""

_OTHERS: Final = {
    NextStep.FIND_MISSING: deferred("&Find missing"),
    NextStep.SHOW_UNREADABLE: deferred("&Show them"),
}


class ReviewProgress(QObject):
    """Shows how many pictures are checked, and highlights the button of the next step.

    Attributes:
        bar: The message that all is checked, with buttons for the next step. It is shown above the
            grid and large pictures until the labels are exported.
    """

    def __init__(
        self,
        services: Services,
        modes: ViewModes,
        filtering: Filtering,
        memory: ExportMemory,
        tools: ToolRow,
        status: StatusLine,
    ) -> None:
        super().__init__(services.owner)
        self._owner, self._actions = services.owner, services.actions
        self._modes, self._filtering, self._memory = modes, filtering, memory
        self._tools, self._status = tools, status
        self.bar = MessageBar()
        self._tally, self._is_all_checked = Tally(), False
        self._soon = Later(self, _REFRESH_MS, self._count)
        self._owner.changed.connect(self._on_project_changed)
        modes.arrangement.arranged.connect(self.show_next)
        memory.changed.connect(self.show_next)

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.images or len(effects.labelled):
            self._count()
        elif len(effects.read):
            self._soon.ask()

    def _count(self) -> None:
        before, was_all_checked = self._tally, self._is_all_checked
        images = self._owner.project.images
        tally = self._tally = self._owner.project.counts.tally
        is_read = not (images.waiting and self._owner.vectors_key)  # without a model none are read
        self._is_all_checked = tally.is_finished and is_read
        if (tally, self._is_all_checked) == (before, was_all_checked):
            return
        share = tally.checked / tally.present if tally.present else 0.0
        self._status.show_checked(checked_text(tally), share, _details(tally))
        self._tools.show_labelled(tally.labelled)
        if not self._is_all_checked:
            self.bar.clear()
        elif not (was_all_checked and self.bar.is_quiet):
            self._show_message(tally)
        self.show_next()

    def show_next(self) -> None:
        """Highlight the button of the tool row that is the next step."""
        modes, project = self._modes, self._owner.project
        is_exported = self._is_all_checked and self._memory.is_current
        is_in_panel, is_selecting = modes.is_covered, modes.current.selects  # a page says so
        button = primary_of(
            has_images=self._tally.present > 0,
            has_names=bool(project.concepts),
            is_checked=self._is_all_checked,
            is_exported=is_exported,
            has_own=is_in_panel or not is_selecting or not len(modes.arrangement.images),
        )
        self._tools.show_primary(button)
        is_due = self._is_all_checked and not (is_exported or is_in_panel)
        self.bar.setVisible(is_due and is_selecting and not self.bar.is_quiet)

    def show_again(self) -> bool:
        """Show the message if all is checked, even if it was closed; return whether it is shown."""
        if self._is_all_checked:
            self._show_message(self._tally)
            self.show_next()
        return self.bar.isVisible()

    def _show_message(self, tally: Tally) -> None:
        left, actions = remaining_of(tally), self._actions
        export = actions.trigger("export")
        answers: list[Answer] = [(tr("E&xport…"), export)]
        if left.step is not NextStep.EXPORT:
            if left.step in _OTHERS and left.step.value in actions:
                answers.append((tr(_OTHERS[left.step]), actions.trigger(left.step.value)))
        elif tally.skipped:
            answers.append((tr("&Show skipped"), self._filtering.show_skipped))
        self.bar.clear()  # its text is outdated
        self.bar.ask(left.text, *answers)


def _details(tally: Tally) -> str:
    """Return the numbers of checked, skipped and remaining pictures."""
    if not tally.present:
        return ""
    return listed(
        (
            checked_text(tally),
            trn("{count:,} undecided", "{count:,} undecided", tally.undecided, zero=""),
            trn("{count:,} skipped", "{count:,} skipped", tally.skipped, zero=""),
            trn("{count:,} missing", "{count:,} missing", tally.missing, zero=""),
            trn("{count:,} unreadable", "{count:,} unreadable", tally.unreadable, zero=""),
        )
    )
