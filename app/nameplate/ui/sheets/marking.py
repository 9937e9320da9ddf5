"""What a person says of the pictures of a page before it is turned."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.changes import Title
from nameplate.domain.concepts import ConceptId, add
from nameplate.domain.errors import UsageError
from nameplate.project.labelling import change_concepts
from nameplate.project.sheets import SKIPPED, WRONG, Mark, Rows
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets.page import Page
from nameplate.ui.sheets.page_view import PageView
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.texts import error_text


class Marking(QObject):
    """Puts marks on the page that is shown, and takes them off; nothing happens without a page.

    Signals:
        changed: The marks are others.
    """

    changed = Signal()

    def __init__(
        self,
        owner: ProjectOwner,
        view: PageView,
        messages: MessageBar,
        page_shown: Callable[[], Page | None],
        keeps_from_naming: Callable[[Page], str],
    ) -> None:
        """Mark what `page_shown` returns; where no name can be added to it, the last says why."""
        super().__init__(view)
        self._owner = owner
        self._view = view
        self._messages = messages
        self._page_shown = page_shown
        self._keeps_from_naming = keeps_from_naming
        view.marked.connect(self._on_marked)

    @Slot(object, bool)
    def _on_marked(self, positions: Sequence[int], is_wrong: bool) -> None:
        """Mark pictures as wrong, or take their marks off; names that were given stay."""
        self._mark(positions, WRONG if is_wrong else None)

    def take_off(self) -> None:
        """Take the marks off what a key is for."""
        self._mark(self._view.targets, None)

    def label(self, key: ConceptId, rows: Rows | None = None) -> None:
        """Give what a key is for its right name, or those of `rows` that are on the page."""
        page = self._page_shown()
        if page is None or all(concept.key != key for concept in self._owner.project.concepts):
            return
        if rows is None:
            self._mark_targets(key)
        else:
            self._mark(np.flatnonzero(np.isin(page.rows, rows)).tolist(), key)

    def label_as_new(self, line: str, rows: Rows | None = None) -> bool:
        """Add a name and give it as `label` does; False if it cannot be added."""
        project, page = self._owner.project, self._page_shown()
        if why := self._keeps_from_naming(page) if page is not None else "":
            self._messages.warn(why)
            return False
        try:
            concepts = add(project.concepts, line, least_key=project.next_concept_id)
        except UsageError as error:
            self._messages.warn(error_text(error))
            return False
        name = concepts[-1]
        title = Title("add-names", {"count": 1, "name": name.name})
        self._owner.change(change_concepts(project, concepts), title)
        self.label(name.key, rows)
        return True

    def skip(self) -> None:
        """Skip what a key is for, or no longer where all of it is skipped."""
        page = self._page_shown()
        if page is not None:
            rows = page.rows[self._view.targets].tolist()
            is_skipped = all(page.marks.get(row) == SKIPPED for row in rows)
            self._mark_targets(None if is_skipped else SKIPPED)

    @Slot()
    def mark_all(self) -> None:
        """Mark the whole page as wrong; a name that follows is for all of it."""
        everything = range(len(self._view.pictures))
        self._mark(everything, WRONG)
        self._view.group_all(everything)

    def move(self, *, is_undo: bool) -> bool:
        """Undo or redo the mark that was made last; False where there is none."""
        page = self._page_shown()
        known = {concept.key for concept in self._owner.project.concepts}
        steps = self._owner.project.history
        is_moved = page is not None and page.move_mark(known, steps, is_undo=is_undo)
        if is_moved:
            self._view.forget_group()
            self.changed.emit()
        return is_moved

    def _mark_targets(self, mark: Mark | None) -> None:
        page, targets = self._page_shown(), self._view.targets
        self._mark(targets, mark)
        self._view.forget_group()
        if page is not None and page.asks_each and mark is not None and targets:
            self._view.go_to(page.next_unmarked(targets[-1]))

    def _mark(self, positions: Sequence[int], mark: Mark | None) -> None:
        page = self._page_shown()
        if page is not None:
            rows = page.rows[list(positions)].tolist()
            steps = self._owner.project.history
            page.mark(rows, mark, steps, goes_on=self._view.is_dragging)
            self.changed.emit()
