"""Shows the progress of checking, and tells when everything is checked."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.filtering.tally import Tally, tally_of
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.progress import NextStep, remaining_of

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts

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

    def __init__(self, window: "WindowParts") -> None:
        super().__init__(window)
        self._window, self._owner = window, window.owner
        self.bar = MessageBar()
        self._tally, self._is_over = Tally(), False
        self._soon = Later(self, _REFRESH_MS, self._count)
        self._owner.happened.connect(self._on_happened)

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
        self._window.status.show_checked(*_words(tally))
        if not self._is_over:
            self.bar.hide()
        elif not was_over or not self.bar.isHidden():
            self._tell(tally)

    def _tell(self, tally: Tally) -> None:
        left, actions = remaining_of(tally), self._window.actions_by_id
        export = actions.trigger("export")
        ask = partial(self.bar.ask, left.text, answer="E&xport…", on_answer=export)
        self.bar.clear()  # what it said before is no longer so
        if left.step is not NextStep.EXPORT:
            other = _OTHERS.get(left.step, "") if left.step.value in actions else ""
            ask(other=other, on_other=actions.trigger(left.step.value))
        elif tally.skipped:
            show_skipped = self._window.filtering.show_skipped
            ask(other="Look at the s&kipped", on_other=show_skipped)
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
