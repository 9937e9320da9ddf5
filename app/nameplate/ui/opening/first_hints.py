"""Hints for who uses the program for the first time, each where it is needed, and never again."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from nameplate.domain.changes import Effects
from nameplate.domain.labels import DecidedBy
from nameplate.domain.text import deferred
from nameplate.ui.actions.table import ACTIONS
from nameplate.ui.concepts.name_box import NameBox
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.modes.view_modes import ViewModes
from nameplate.ui.services import Services
from nameplate.ui.widgets.message_bar import Answer, MessageBar
from nameplate.wording.texts import tr

SEEN: Final = "hints/seen"
"""Key of the setting that lists the hints that were shown, or skipped."""

_SKIP: Final = deferred("&Skip hints")
_SOME: Final = range(3, 13)
"""Pictures that were decided one by one, after which checking many at once is worth a word; later
it would come too late."""


@dataclass(frozen=True, slots=True)
class _Hint:
    """What is said once.

    Attributes:
        name: In the settings.
        text: What is said; `{accept}` stands for a key.
        is_needed: Whether it helps with what the person is at.
        answer: What else can be done than skip all hints, with its words.
    """

    name: str
    text: str
    is_needed: Callable[[], bool]
    answer: Answer | None = None


class FirstHints(QObject):
    """Shows one hint at a time; it goes when what it says was done, and all can be skipped.

    Attributes:
        bar: Says it.
    """

    def __init__(
        self, services: Services, modes: ViewModes, reading: Reading, scoring: Scoring
    ) -> None:
        super().__init__(services.owner)
        self._owner, self._settings = services.owner, services.settings
        self._actions, self._window = services.actions, services.window
        self._modes, self._reading, self._scoring = modes, reading, scoring
        self.bar = MessageBar()
        self.bar.on_left = modes.focus
        self._focused: QWidget | None = None
        self._shown = ""
        seen = self._seen
        self._left = [hint for hint in self._hints() if hint.name not in seen]
        if self._left:
            self._owner.changed.connect(self._on_project_changed)
            modes.changed.connect(self._on_mode)
            reading.ended.connect(self._look)
            application = QApplication.instance()
            if isinstance(application, QApplication):
                application.focusChanged.connect(self._on_focus)

    @property
    def _seen(self) -> list[str]:
        try:
            return list(map(str, json.loads(str(self._settings.value(SEEN) or "[]"))))
        except (ValueError, TypeError):
            return []

    def _hints(self) -> list[_Hint]:
        """Return all, in the order in which they are usually needed."""
        checks = [action for action in ACTIONS if action.hint]
        hints = [
            _Hint(
                "accept",
                deferred("Digits name the picture. {accept} accepts the suggestion."),
                self._has_suggestions,
            ),
            _Hint(
                "names",
                deferred("Type a name and press Enter. Suggestions follow at once."),
                self._is_at_names,
            ),
        ]
        for check in checks[:1]:
            action = self._actions[check.id]
            answer = action.text(), action.trigger
            hints.append(_Hint("check", check.hint, self._has_decided_some, answer))
        return hints

    # ---- when they are needed

    def _has_suggestions(self) -> bool:
        is_read = not self._owner.project.images.waiting and not self._reading.is_scanning
        is_current = bool(self._owner.project.concepts) and self._scoring.is_current
        return is_read and is_current and self._modes.has_focus and self._is_in_grid

    def _is_at_names(self) -> bool:
        # Without names their list says it.
        is_there = bool(self._owner.project.concepts and self._owner.project.images.present)
        return is_there and isinstance(self._focused, NameBox)

    def _has_decided_some(self) -> bool:
        project = self._owner.project
        decided = int(np.count_nonzero(project.labels.decided_by == DecidedBy.PERSON))
        return self._is_in_grid and decided in _SOME and project.images.present > decided

    @property
    def _is_in_grid(self) -> bool:
        return self._modes.current.selects

    # ---- what happens

    def _look(self) -> None:
        """Show the first hint that is needed, unless one is shown."""
        if not self._left or not self.bar.is_quiet:
            return
        for hint in self._left:
            if hint.is_needed():
                self._left.remove(hint)
                self._show(hint)
                return

    def _show(self, hint: _Hint) -> None:
        self._shown = hint.name
        self._note([*self._seen, hint.name])
        answer = hint.answer or (tr(_SKIP), self._skip)
        accept = self._actions.key_of("accept") or tr("Enter")
        self.bar.tell(tr(hint.text, accept=accept), answer, stays=True)

    def _skip(self) -> None:
        """Show no hint any more."""
        self._note([*self._seen, *(hint.name for hint in self._left)])
        self._left.clear()

    def _note(self, seen: list[str]) -> None:
        self._settings.setValue(SEEN, json.dumps(seen))

    def _end(self, name: str) -> None:
        """Hide a hint: what it says was done."""
        if self._shown == name and not self.bar.is_quiet:
            self.bar.clear()

    def _leave_out(self, name: str) -> None:
        """Never show a hint: what it says was done without it."""
        if any(hint.name == name for hint in self._left):
            self._left = [hint for hint in self._left if hint.name != name]
            self._note([*self._seen, name])

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:
            self.bar.clear()
        if len(effects.labelled):
            self._end("accept")
        if effects.concepts:
            self._end("names")
            if isinstance(QApplication.focusWidget(), NameBox):
                self._leave_out("names")
        self._look()

    def _on_mode(self) -> None:
        if not self._is_in_grid:  # where Enter accepts a page
            self._end("accept")
            self._end("check")
            self._leave_out("check")

    def _on_focus(self, _before: QWidget | None, focused: QWidget | None) -> None:
        if focused is not None and focused.window() is self._window:
            self._focused = focused
            if isinstance(focused, NameBox) or self._modes.has_focus:
                self._look()
                self._focused = None
