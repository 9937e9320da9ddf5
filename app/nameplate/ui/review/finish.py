"""Shows the progress of checking, and tells when everything is checked."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.filtering.tally import Tally, tally_of
from nameplate.ui.commands.actions import Actions
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.progress import NextStep, remaining_of

_REFRESH_MS: Final = 250
"""While pictures are read, which may turn out to be unreadable."""

_OTHERS: Final = {
    NextStep.FIND_MISSING: "&Find missing",
    NextStep.SHOW_UNREADABLE: "&Show them",
}


class Finish(QObject):
    """Counts checked and remaining pictures, and tells when none remain that can be checked.

    Attributes:
        bar: Says that, and what is missing, with what to do next, as long as it is so.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        actions: Actions,
        show: Callable[[str, str], object],
        show_skipped: Callable[[], object],
    ) -> None:
        """Call `show` with how far the checking is, in words, and more of it for a tool tip."""
        super().__init__(owner)
        self._owner = owner
        self._actions = actions
        self._show, self._show_skipped = show, show_skipped
        self.bar = MessageBar()
        self._tally, self._is_over = Tally(), False
        self._soon = Later(self, _REFRESH_MS, self._count)
        owner.happened.connect(self._on_happened)

    @Slot(object)
    def _on_happened(self, effects: Effects) -> None:
        if effects.images or len(effects.labelled):
            self._count()
        elif len(effects.read):
            self._soon.ask()

    @Slot()
    def _count(self) -> None:
        before, was_over = self._tally, self._is_over
        images, labels = self._owner.project.images, self._owner.project.labels
        tally = self._tally = tally_of(images, labels)
        is_read = not (images.waiting and self._owner.vectors_key)  # without a model nothing is
        self._is_over = tally.is_finished and is_read
        if (tally, self._is_over) == (before, was_over):
            return
        self._show(*_words(tally))
        if not self._is_over:
            self.bar.hide()
        elif not was_over or self.bar.isVisible():
            self._tell(tally)

    def _tell(self, tally: Tally) -> None:
        left = remaining_of(tally)
        export = self._actions.trigger("export")
        ask = partial(self.bar.ask, left.text, answer="E&xport…", on_answer=export)
        self.bar.clear()  # what it said before is no longer so
        if left.step is not NextStep.EXPORT:
            on_other = self._actions.trigger(left.step.value)
            ask(other=_OTHERS.get(left.step, ""), on_other=on_other)
        elif tally.skipped:
            ask(other="Look at the s&kipped", on_other=self._show_skipped)
        else:
            ask(other="")


def _words(tally: Tally) -> tuple[str, str]:
    """Return the progress of checking in words, and details."""
    if not tally.present:
        return "", ""
    details = (
        f"{tally.checked:,} checked by a person, {tally.skipped:,} of them skipped; "
        f"{tally.undecided:,} undecided; {tally.missing:,} missing; {tally.unreadable:,} unreadable"
    )
    short = remaining_of(tally).short
    return f"{tally.checked:,} of {tally.present:,} checked, {short}", details
