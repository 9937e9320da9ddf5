"""Follows the promise of a project, also while its panel is closed, and says how far it is."""

from collections.abc import Callable
from typing import Final

from nameplate.features.promise.pages import CheckPages
from nameplate.features.promise.rules.promises import Promise, promise_in
from nameplate.features.promise.rules.state import PromiseStage, PromiseState
from nameplate.features.promise.steps import CHOOSE_MODEL
from nameplate.features.promise.words import export_text, is_undone_by_model, status_text, void_text
from nameplate.ui.workbench import Workbench

_SOON_MS: Final = 120
"""After a change, before it is found out what it means for the promise."""


class Watch:
    """Finds out how far a promise is after each change, and says so wherever it is said.

    Attributes:
        pages: The labels to check.
        soon: To be asked for a look.
        on_looked: Called after each look.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._stage: PromiseStage | None = None  # when it was looked at last
        self.pages = CheckPages(workbench)
        self.on_looked: Callable[[], object] = lambda: None
        self.soon = workbench.later(_SOON_MS, self.look)
        workbench.follow(lambda e: self.soon.ask() if e.of_project or e.suggestions else None)
        workbench.follow_model(self.soon.ask)

    @property
    def promise(self) -> Promise | None:
        """The promise of the project; None for none."""
        return promise_in(self._workbench.project)

    @property
    def state(self) -> PromiseState | None:
        """How far it was when it was looked at last; None where there is none."""
        return self.pages.state

    def look(self) -> None:
        """Find out how far the promise is, and say so."""
        self.pages.look()
        promise, state = self.promise, self.state
        before, self._stage = self._stage, state.stage if state else None
        is_new = before not in (None, PromiseStage.VOID)
        if state is not None and state.stage is PromiseStage.VOID and is_new:
            self._tell_void(state)
        self._workbench.show_status(status_text(promise, state), "promise")
        self._workbench.note_export(export_text(promise, state))
        self.on_looked()

    def _tell_void(self, state: PromiseState) -> None:
        """Say it once when a promise becomes void: it must not be lost unseen."""
        workbench, text = self._workbench, void_text(state)
        if is_undone_by_model(state):  # which is no step: Undo would take a page of checks back
            workbench.say(text, answer=CHOOSE_MODEL, on_answer=lambda: workbench.trigger("models"))
        else:
            workbench.say_done(text)
