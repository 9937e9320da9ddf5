"""Finds what deserves another look, on a thread, and shows it; no label is changed by itself."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.changes import Effects, Title
from nameplate.domain.filtering.filters import Oddity
from nameplate.domain.filtering.rows import odd_bit
from nameplate.domain.progress import CancelToken
from nameplate.project.labelling import Rows
from nameplate.project.oddities import (
    Material,
    Oddities,
    call_right,
    find_oddities,
    is_called_right,
)
from nameplate.ui.grid.shown_alone import ShownAlone
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.oddities.panel import OdditiesPanel
from nameplate.ui.oddities.sentences import Line, lines_of
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import LAST_STEP, MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text

_LATER_MS: Final = 400
"""After a decision, before all is looked at anew: many in a row must not compete with it."""


class AnotherLook(QObject):
    """Keeps the panel up to date while it is open, and what a filter such as `odd:mistake` shows.

    What a person called right is off the list for as long as it has that label. What was decided
    anew after it was listed is off until the window closes, or the decision is taken back.

    Signals:
        pictures_wanted: They are shown, and are to have the focus.
        merge_requested: As of a `ConceptPanel`.
        details_requested: The key of a concept.
    """

    pictures_wanted = Signal()
    merge_requested = Signal(int, list, bool)
    details_requested = Signal(int)

    def __init__(
        self,
        owner: ProjectOwner,
        scoring: Scoring,
        grid: ImageGrid,
        panel: OdditiesPanel,
        messages: MessageBar,
        alone: ShownAlone,
    ) -> None:
        super().__init__(panel)
        self._owner = owner
        self._scoring = scoring
        self._grid = grid
        self._arrangement = alone.arrangement
        self._panel = panel
        self._messages = messages
        self._alone = alone
        self._runner = JobRunner("oddities", self, low_priority=True)
        self._runner.event_arrived.connect(self._on_found)
        self._runner.failed.connect(self._on_failed)
        self._later = Later(self, _LATER_MS, self._look)
        self._forget()
        owner.opened.connect(self._on_opened)
        owner.changed.connect(self._on_changed)
        owner.suggestions_changed.connect(self._ask)
        owner.read.connect(self._ask)
        panel.shown.connect(self._show)
        panel.right_requested.connect(self._call_right)
        panel.merge_requested.connect(
            lambda kept, gone: self.merge_requested.emit(kept, [gone], True)
        )
        panel.details_requested.connect(self.details_requested)
        panel.closed.connect(alone.back)
        panel.closed.connect(self._stop_if_unwanted)
        alone.arrangement.view_changed.connect(self._on_view)
        alone.arrangement.placed.connect(self._on_view)
        panel.back_requested.connect(alone.back)
        alone.changed.connect(lambda: panel.set_alone(is_on=alone.is_on))

    def _forget(self) -> None:
        self._found: Oddities | None = None
        self._is_old = True  # there may be others by now than were found
        self._of: tuple[int, int] = (-1, -1)  # the images whose duplicates are known
        self._listed = dict[int, int]()  # by id, when what was listed was decided

    def ask(self) -> None:
        """Show the panel and look, or close it where it is shown."""
        if self._panel.isHidden():
            self._panel.show_busy()
            self._look()
        else:
            self._panel.close_panel()

    def shut_down(self) -> None:
        """Stop and wait for the thread."""
        self._later.stop()
        self._runner.shut_down()

    @property
    def _is_wanted(self) -> bool:
        """Whether somebody sees what is found."""
        return not self._panel.isHidden() or self._arrangement.view.filter.asks_what_is_odd

    @Slot()
    def _look(self) -> None:
        if self._is_wanted:
            self._scoring.when_current(self._start)
            if not self._owner.project.concepts:
                self._start()

    @Slot()
    def _on_view(self) -> None:
        """Look for what a filter asks for; what is known and of now is there already."""
        if self._arrangement.view.filter.asks_what_is_odd and self._is_old:
            self._look()

    @Slot()
    def _stop_if_unwanted(self) -> None:
        if not self._is_wanted:
            self._runner.drop()

    def _start(self) -> None:
        if not self._is_wanted:  # any more
            return
        project, found = self._owner.project, self._found
        of = len(project.images), project.images.waiting
        known = found.duplicates if found is not None and of == self._of else None
        self._of, self._is_old = of, False
        material = Material.of(project, self._owner.suggestions, known)

        def job(cancel: CancelToken) -> Iterator[Oddities]:
            yield find_oddities(material, cancel)

        self._runner.start(job)

    @Slot(object)
    def _on_found(self, found: Oddities) -> None:
        self._found, kept = found, self._without_right(found)
        odd = np.zeros(len(self._owner.project.images), np.uint8)
        for kind, rows in kept.rows.items():
            odd[rows] |= odd_bit(kind)
        self._owner.replace_odd(odd, found.missing)
        self._panel.show_lines(lines_of(kept, self._owner.project.concepts))

    def _without_right(self, found: Oddities) -> Oddities:
        """Return what was found without what a person has looked at again."""
        project = self._owner.project
        ids = project.images.ids
        decided_at = project.labels.all["decided_at"]
        kept = dict[Oddity, Rows]()
        for kind, rows in found.rows.items():
            listed = [self._listed.setdefault(int(ids[r]), int(decided_at[r])) for r in rows]
            is_anew = decided_at[rows] != np.array(listed, np.int64)
            kept[kind] = rows[~is_anew & ~is_called_right(project, rows)]
        return replace(found, rows=kept)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._owner.replace_odd(np.empty(0, np.uint8))
        self._messages.warn(f"Nothing could be looked for. {error_text(error)}")

    # ---- what a person does

    @Slot(object)
    def _show(self, line: Line) -> None:
        self._alone.show(self._owner.project.images.ids[line.rows])
        self.pictures_wanted.emit()

    @Slot()
    def _call_right(self) -> None:
        """Take the selected pictures off the list that is shown."""
        line, project = self._panel.line, self._owner.project
        if line is None or self._found is None:
            return
        selected = self._grid.selected_image_rows()
        rows = selected[np.isin(selected, line.rows)]
        if not len(rows):
            self._messages.tell("Show the pictures, and select those that are right.")
            return
        self._owner.change(call_right(project, rows), Title("call-right", {"count": len(rows)}))
        left = line.rows[~np.isin(line.rows, rows)]
        if len(left):
            self._alone.show(project.images.ids[left])
            self.pictures_wanted.emit()
        off = counted(len(rows), "picture")
        self._messages.tell(
            f"{off} off this list, until the label is another. No label changed.",
            answer="Undo",
            on_answer=self._owner.undo,
            about=LAST_STEP,
        )

    # ---- what happens meanwhile

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if effects.called_right and self._found is not None and not effects.images:
            self._on_found(self._found)
        if len(effects.labelled) or effects.concepts or effects.images or effects.settings:
            self._ask()

    @Slot()
    def _ask(self) -> None:
        self._is_old = True
        if self._is_wanted:
            self._later.ask()

    @Slot()
    def _on_opened(self) -> None:
        self._runner.drop()
        self._forget()
        self._alone.forget()
        self._panel.forget()
        self._panel.hide()
