"""Undoes and redoes the last step, and tells what may be invisible."""

from typing import TYPE_CHECKING

from nameplate.project.facts import VIEWS
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.wording.texts import what_of

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts


class Undoing:
    """Undoes and redoes steps, and tells of those that are not seen otherwise."""

    def __init__(self, window: "WindowParts") -> None:
        self._owner, self._modes, self._messages = window.owner, window.modes, window.messages

    def undo(self) -> None:
        """Undo what was done last; a page that is about to be turned stays instead."""
        if not self._modes.stop():
            self._move(is_undo=True)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._move(is_undo=False)

    def _move(self, *, is_undo: bool) -> None:
        history = self._owner.project.history
        steps = history.done if is_undo else history.undone
        step = what_of(steps[-1].title) if steps else ""
        effects = self._owner.undo() if is_undo else self._owner.redo()
        more = effects.concepts or effects.settings or effects.has(VIEWS) or effects.images
        decides = self._modes.current.decides
        is_elsewhere = decides is not None and not decides.shows(effects)
        if step and (more or is_elsewhere):
            said = "Undone" if is_undo else "Done again"
            self._messages.tell(f"{said}: {step}.", about=LAST_STEP)
