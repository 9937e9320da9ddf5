"""The labelling actions: accept, label, clear, skip, auto-label."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Effects, SetLabels, Title
from nameplate.domain.images import ImageState
from nameplate.domain.label_sets import NO_LABEL
from nameplate.project import labelling as rules
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import what_of

ChangeOf = Callable[[NDArray[np.int64]], SetLabels]


class TakesLabels(Protocol):
    """What labelling actions are for while the pictures are looked at in another way."""

    def label(self, key: int) -> None:
        """Take the key of a concept."""
        ...

    def accept(self) -> None:
        """Take what is suggested for right."""
        ...

    def take_back(self) -> None:
        """Take back what was said."""
        ...

    def skip(self) -> None:
        """Leave a picture without a label."""
        ...


class Labelling(QObject):
    """Applies labelling actions to the selected images as undoable steps.

    Attributes:
        instead: What the actions are for instead, as long as it is set.
    """

    def __init__(
        self, owner: ProjectOwner, scoring: Scoring, grid: ImageGrid, messages: MessageBar
    ) -> None:
        super().__init__(grid)
        self._owner = owner
        self._scoring = scoring
        self._grid = grid
        self._messages = messages
        self.instead: TakesLabels | None = None
        self._offer = ""
        owner.changed.connect(self._on_changed)
        owner.opened.connect(self._on_opened)
        owner.suggestions_changed.connect(self.offer_unread)
        self._has_left_unread = False

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        """Clear the bar: an "Undo" button that is still shown would take back something newer.

        Pictures that arrive meanwhile leave questions and problems where they are.
        """
        is_of_person = effects.concepts or effects.settings or len(effects.labelled)
        if is_of_person or self._messages.text == self._offer:
            self._messages.hide()

    @Slot()
    def _on_opened(self) -> None:
        self._has_left_unread = False

    def _offer_undo(self, text: str) -> None:
        self._messages.tell(text, answer="Undo", on_answer=self._owner.undo)
        self._offer = text

    def auto_label(self) -> None:
        """Label every image with its suggestion, except where a person decided."""
        self._scoring.when_current(lambda: self._auto_label(None))

    def auto_label_selected(self) -> None:
        """Label the selected images with their suggestions."""
        rows = self._grid.selected_image_rows()
        self._scoring.when_current(lambda: self._auto_label(rows))

    @Slot(int)
    def label(self, key: int) -> None:
        """Label the selected images with the concept `key`, as the person's decision."""
        if self.instead:
            self.instead.label(key)
            return
        project = self._owner.project
        name = next((c.name for c in project.concepts if c.key == key), None)
        if name is not None:
            self._decide(
                lambda rows: rules.label(project, rows, key, self._scoring.circumstances),
                Title("label", {"name": name}),
                goes_on=not project.settings.is_multi,  # the next key may be for the same picture
            )

    def accept(self) -> None:
        """Accept the shown label or suggestion of the selected images."""
        project = self._owner.project
        if self.instead:
            self.instead.accept()
        elif self._scoring.is_current:
            self._decide(
                lambda rows: rules.accept(project, rows, self._scoring.circumstances),
                Title("accept"),
            )
        else:
            self._messages.tell("The new names are being read; then there is something to accept.")

    def take_back(self) -> None:
        """Clear the labels of the selected images."""
        if self.instead:
            self.instead.take_back()
            return
        self._owner.change(rules.clear(self._owner.project, self._rows()), Title("take-back"))

    def skip(self) -> None:
        """Mark the selected images as skipped by a person."""
        if self.instead:
            self.instead.skip()
            return
        project = self._owner.project
        self._decide(
            lambda rows: rules.skip(project, rows, self._scoring.circumstances), Title("skip")
        )

    def _suggested(self, rows: NDArray[np.int64] | None) -> SetLabels:
        """Return the change that auto-labels `rows`, or all for None."""
        project = self._owner.project
        if rows is None:
            rows = np.flatnonzero(~project.images.is_removed)
        return rules.auto_label(project, rows, self._scoring.circumstances)

    def _auto_label(self, rows: NDArray[np.int64] | None) -> None:
        project, change = self._owner.project, self._suggested(rows)
        if not len(change.ids):
            self._messages.tell("Nothing to label: every label is as it would be.")
            return
        self._owner.change(change, Title("auto-label"))
        labelled = int(np.count_nonzero(change.labels["concepts"] != NO_LABEL))
        unread = project.images.waiting
        self._has_left_unread = unread > 0
        more = f"; {unread:,} not read yet" if unread else ""
        self._offer_undo(f"{counted(labelled, 'picture')} labelled{more}.")

    @Slot()
    def offer_unread(self) -> None:
        """Offer to label images that were embedded after an auto-labelling."""
        if not self._has_left_unread or self._owner.project.images.waiting:
            return
        self._has_left_unread = False
        unlabelled = len(self._suggested(None).ids)
        if unlabelled:
            self._messages.tell(
                f"{counted(unlabelled, 'picture')} read since have no label.",
                answer="Auto-label",
                on_answer=self.auto_label,
            )

    def _decide(self, change_of: ChangeOf, title: Title, *, goes_on: bool = True) -> None:
        chosen = self._rows()
        states = self._owner.project.images.states[chosen]
        rows = chosen[states != ImageState.UNREADABLE]
        self._owner.change(change_of(rows), title)
        without = "A file that cannot be read gets no label." if len(rows) < len(chosen) else ""
        if len(rows) > 1:
            changed = f"{counted(len(rows), 'picture')} changed: {what_of(title)}."
            self._offer_undo(f"{changed} {without}".strip())
        elif without:
            self._messages.tell(without)
        if len(chosen) == 1 and goes_on:
            self._grid.go_to_next()

    def _rows(self) -> NDArray[np.int64]:
        """Return the selected image rows, or the current one if none is selected."""
        rows = self._grid.selected_image_rows()
        current = self._grid.current_image_row()
        return np.array([current]) if not len(rows) and current >= 0 else rows
