"""Finds what deserves another look, on a thread, and shows it; nothing is changed by itself."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelToken
from nameplate.project.labelling import Rows
from nameplate.project.oddities import Material, Oddities, Oddity, find_oddities
from nameplate.ui.grid.shown_alone import ShownAlone
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.jobs import JobRunner
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.oddities.panel import OdditiesPanel
from nameplate.ui.oddities.sentences import Line, lines_of
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text

_LATER_MS: Final = 400
"""After a decision, before all is looked at anew: many in a row must not compete with it."""


class AnotherLook(QObject):
    """Keeps the panel up to date while it is open.

    What a person called right, or decided anew after it was listed, is off the list until the
    window closes, or the decision is taken back.

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
        panel.closed.connect(self._runner.drop)
        panel.closed.connect(alone.back)
        panel.back_requested.connect(alone.back)
        alone.changed.connect(lambda: panel.set_alone(is_on=alone.is_on))

    def _forget(self) -> None:
        self._found: Oddities | None = None
        self._of: tuple[int, int] = (-1, -1)  # the images whose duplicates are known
        self._listed = dict[int, int]()  # by id, when what was listed was decided
        self._right = dict[int, int]()  # by id, the code of the label that was called right

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

    @Slot()
    def _look(self) -> None:
        if not self._panel.isHidden():
            self._scoring.when_current(self._start)
            if not self._owner.project.concepts:
                self._start()

    def _start(self) -> None:
        if self._panel.isHidden():  # meanwhile
            return
        project, found = self._owner.project, self._found
        of = len(project.images), project.images.waiting
        known = found.duplicates if found is not None and of == self._of else None
        self._of = of
        material = Material.of(project, self._owner.suggestions, known)

        def job(cancel: CancelToken) -> Iterator[Oddities]:
            yield find_oddities(material, cancel)

        self._runner.start(job)

    @Slot(object)
    def _on_found(self, found: Oddities) -> None:
        self._found = found
        self._panel.show_lines(lines_of(self._without_right(found), self._owner.project.concepts))

    def _without_right(self, found: Oddities) -> Oddities:
        """Return what was found without what a person has looked at again."""
        project = self._owner.project
        ids, codes = project.images.ids, project.labels.concepts
        decided_at = project.labels.all["decided_at"]
        kept = dict[Oddity, Rows]()
        for kind, rows in found.rows.items():
            left = list[int]()
            for row in rows.tolist():
                image, at = int(ids[row]), int(decided_at[row])
                is_anew = self._listed.setdefault(image, at) != at
                if not is_anew and self._right.get(image) != int(codes[row]):
                    left.append(row)
            kept[kind] = np.array(left, np.int64)
        return replace(found, rows=kept)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
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
        codes = project.labels.concepts[rows].tolist()
        self._right.update(zip(project.images.ids[rows].tolist(), codes, strict=True))
        self._on_found(self._found)
        left = line.rows[~np.isin(line.rows, rows)]
        if len(left):
            self._alone.show(project.images.ids[left])
            self.pictures_wanted.emit()
        off = counted(len(rows), "picture")
        self._messages.tell(f"{off} off this list, until the window closes. No label changed.")

    # ---- what happens meanwhile

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if len(effects.labelled) or effects.concepts or effects.images or effects.settings:
            self._ask()

    @Slot()
    def _ask(self) -> None:
        if not self._panel.isHidden():
            self._later.ask()

    @Slot()
    def _on_opened(self) -> None:
        self._runner.drop()
        self._forget()
        self._alone.forget()
        self._panel.forget()
        self._panel.hide()
