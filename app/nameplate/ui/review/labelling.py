"""What a person does to labels: accept, choose, take back, skip, label all at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.images import ImageState
from nameplate.domain.labels import NO_CONCEPT, LabelDelta, ReviewState, clear_delta
from nameplate.domain.wording import counted
from nameplate.ui.controller import Controller
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.widgets.message_bar import MessageBar


class Labelling(QObject):
    """Turns actions on the selected images into undoable steps.

    Signals:
        many_changed: Labels changed in bulk, so that the order of the pictures may be another.
    """

    many_changed = Signal()

    def __init__(self, controller: Controller, grid: ImageGrid, messages: MessageBar) -> None:
        super().__init__(grid)
        self._controller = controller
        self._grid = grid
        self._messages = messages
        # An "Undo" button that is still shown would take back something newer.
        controller.undo_stack.indexChanged.connect(messages.hide)
        controller.rated.connect(self._on_rated)
        self._has_left_unread = False

    def auto_label(self) -> None:
        """Label every image with what the model suggests, except where a person decided."""
        self._controller.when_current(lambda: self._auto_label(None))

    def auto_label_selected(self) -> None:
        """Label the selected images with what the model suggests."""
        rows = self._grid.selected_image_rows()
        self._controller.when_current(lambda: self._auto_label(rows))

    @Slot(int)
    def label(self, key: int) -> None:
        """Label the selected images with the concept `key`, as the person's decision."""
        name = next((c.name for c in self._controller.workspace.concepts if c.key == key), None)
        if name is not None:
            text = f"label “{name[:30]}”"
            self._decide(lambda rows: self._controller.workspace.label(rows, key), text)

    def accept(self) -> None:
        """Accept what the selected images show, label or suggestion."""
        if self._controller.workspace.is_current:
            self._decide(self._controller.workspace.accept, "accept")
        else:
            self._messages.tell("The new names are being read; then there is something to accept.")

    def take_back(self) -> None:
        """Take the labels off the selected images."""
        rows = self._rows()
        states = self._controller.workspace.labels.states[rows]
        rows = rows[states != ReviewState.UNLABELLED]
        self._controller.change_labels("take the label off", clear_delta(rows))

    def skip(self) -> None:
        """Say that a person will not label the selected images."""
        self._decide(lambda rows: clear_delta(rows, skipped=True), "skip")

    def _auto_label(self, rows: NDArray[np.int64] | None) -> None:
        workspace = self._controller.workspace
        delta = workspace.auto_label(rows)
        if not len(delta):
            self._messages.tell("Nothing to label: every label is as it would be.")
            return
        self._controller.change_labels("auto-label", delta)
        labelled = int(np.count_nonzero(delta.concepts != NO_CONCEPT))
        unread = workspace.images.waiting
        self._has_left_unread = unread > 0
        more = f"; {unread:,} not read yet" if unread else ""
        self._messages.tell(
            f"{counted(labelled, 'picture')} labelled{more}.",
            answer="Undo",
            on_answer=self._controller.undo_stack.undo,
        )
        self.many_changed.emit()

    @Slot()
    def _on_rated(self) -> None:
        """Offer to label what was read since an auto-labelling that could not label it."""
        if not self._has_left_unread or self._controller.workspace.images.waiting:
            return
        self._has_left_unread = False
        delta = self._controller.workspace.auto_label()
        if len(delta):
            self._messages.tell(
                f"{counted(len(delta), 'picture')} read since have no label.",
                answer="Auto-label",
                on_answer=self.auto_label,
            )

    def _decide(self, delta_of: Callable[[NDArray[np.int64]], LabelDelta], text: str) -> None:
        chosen = self._rows()
        states = self._controller.workspace.images.states[chosen]
        rows = chosen[states != ImageState.UNREADABLE]
        if len(rows) < len(chosen):
            self._messages.tell("A file that cannot be read gets no label.")
        self._controller.change_labels(text, delta_of(rows))
        if len(chosen) == 1:
            self._grid.go_to_next()
        elif len(rows) > 1:
            self._messages.tell(
                f"{counted(len(rows), 'picture')} changed: {text}.",
                answer="Undo",
                on_answer=self._controller.undo_stack.undo,
            )

    def _rows(self) -> NDArray[np.int64]:
        """Return the selected image rows, or the current one where none is selected."""
        rows = self._grid.selected_image_rows()
        current = self._grid.current_image_row()
        return np.array([current]) if not len(rows) and current >= 0 else rows
