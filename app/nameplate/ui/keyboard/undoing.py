"""Undoes and redoes the last step, and tells what may be invisible."""

from nameplate.project.facts import MARKS, VIEWS
from nameplate.ui.modes.view_modes import ViewMode, ViewModes
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets.sheets import Sheets
from nameplate.ui.widgets.message_bar import LAST_STEP, MessageBar
from nameplate.wording.texts import what_of


class Undoing:
    """Undoes and redoes steps, and tells of those that are not seen otherwise."""

    def __init__(
        self, owner: ProjectOwner, sheets: Sheets, modes: ViewModes, messages: MessageBar
    ) -> None:
        self._owner = owner
        self._sheets = sheets
        self._modes = modes
        self._messages = messages

    def undo(self) -> None:
        """Undo what was done last; a page that is about to be turned stays instead."""
        if not self._sheets.stop_turning():
            self._move(is_undo=True)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._move(is_undo=False)

    def _move(self, *, is_undo: bool) -> None:
        history, turned = self._owner.project.history, self._sheets.turned
        steps = history.done if is_undo else history.undone
        step = what_of(steps[-1].title) if steps else ""
        effects = self._owner.undo() if is_undo else self._owner.redo()
        more = effects.concepts or effects.settings or effects.has(VIEWS) or effects.images
        is_seen = self._sheets.turned != turned or effects.has(MARKS)
        is_seen = is_seen or self._sheets.shows(effects.labelled)
        is_elsewhere = self._modes.current is ViewMode.SHEETS and not is_seen
        if step and (more or is_elsewhere):
            said = "Undone" if is_undo else "Done again"
            self._messages.tell(f"{said}: {step}.", about=LAST_STEP)
