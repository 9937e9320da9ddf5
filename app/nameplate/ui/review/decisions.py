"""Sends decisions by key, and undo, to the page that is shown, or to the selected pictures."""

from collections.abc import Callable
from functools import partial

import numpy as np

from nameplate.domain.concepts import ConceptId
from nameplate.project.facts import VIEWS
from nameplate.project.label_changes import Rows
from nameplate.ui.modes.view_modes import ModeKeys, ViewModes
from nameplate.ui.review.labelling import Labelling
from nameplate.ui.services import Services
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.wording.texts import tr, what_of


class Decisions:
    """Sends each decision to the mode that is shown, else to the labelling."""

    def __init__(self, services: Services, modes: ViewModes, labelling: Labelling) -> None:
        self._owner, self._messages = services.owner, services.messages
        self._modes, self._arrangement, self._labelling = modes, modes.arrangement, labelling

    def _is_selection_seen(self) -> bool:
        decides = self._modes.current.decides
        return decides is None or decides.select_chosen()

    @property
    def _here(self) -> ModeKeys | Labelling:
        """The page or the labelling, which decisions go to; a page also for its large pictures."""
        decides, row = self._modes.decides, self._arrangement.grid.current_image_row()
        if decides is None or (self._modes.is_from_page and row not in decides.rows):
            return self._labelling
        return decides

    def _for(self, rows: Rows | None) -> ModeKeys | Labelling:
        """Return the page if it has any of `rows`, which were chosen before; else the labelling."""
        decides = self._modes.decides
        if rows is None or not len(rows) or decides is None or np.isin(rows, decides.rows).any():
            return self._here
        return self._labelling

    @property
    def _chooses(self) -> bool:
        """Whether keys are for any images of the mode that is shown."""
        return self._modes.current.selects or self._modes.current.decides is not None

    def _can_now(self, act: Callable[..., object], *args: object) -> bool:
        """Return whether `act` can be done now on the chosen images.

        Else it is done after a filter that is still being applied, which may hide some of them. Of
        groups that are to be named no image is chosen: nothing is done.
        """
        if not self._chooses or not self._arrangement.is_coming:
            return self._chooses
        is_for_many = self._here is self._labelling and len(self.chosen_rows()) > 1
        waits = is_for_many or self._arrangement.has_waiting
        if waits:
            self._arrangement.when_shown(partial(act, *args))
        return not waits

    def accept(self) -> None:
        """Accept the suggestion, and go on."""
        if self._can_now(self._here.accept):
            self._here.accept()

    def take_back(self) -> None:
        """Take a decision back."""
        if self._can_now(self._here.take_back):
            self._here.take_back()

    def skip(self) -> None:
        """Decide to give no label."""
        if self._can_now(self._here.skip):
            self._here.skip()

    def chosen_rows(self) -> Rows:
        """Return the rows of the images that a decision would affect now."""
        return self._here.chosen_rows()

    def label(self, key: ConceptId, rows: Rows | None = None) -> None:
        """Give the concept `key` to the chosen images, or to `rows` chosen before."""
        if self._can_now(self._for(rows).label, key, rows):
            self._for(rows).label(key, rows)

    def label_as_new(self, line: str, rows: Rows | None = None) -> None:
        """Add a name and label with it as `label` does."""
        if self._can_now(self._for(rows).label_as_new, line, rows):
            self._for(rows).label_as_new(line, rows)

    def remove(self) -> None:
        """Take the selected pictures, or those that a page points at, out of the project."""
        if self._is_selection_seen() and self._can_now(self._labelling.remove):
            self._labelling.remove()

    def auto_label_selected(self) -> None:
        """Label these pictures with their suggestions."""
        if self._is_selection_seen() and self._can_now(self._labelling.auto_label_selected):
            self._labelling.auto_label_selected()

    def open_stack(self) -> bool:
        """Open the stack that a page points at; False where images of the grid are shown."""
        mode = self._modes.current
        if mode.decides is not None:
            mode.decides.open_stack()
        return not mode.selects

    def go_to_undecided(self) -> None:
        """Go to the next undecided picture; on a page, to the next picture."""
        if decides := self._modes.current.decides:
            decides.go_by(1)
        else:
            self._labelling.go_to_undecided()

    def go_by(self, steps: int) -> None:
        """Go to the picture `steps` after the current one; the grid walks large ones of a page."""
        (self._modes.current.decides or self._labelling).go_by(steps)

    def undo(self) -> None:
        """Undo the last step, or stop a page that is about to be turned."""
        if not self._modes.stop():
            self._move(is_undo=True)

    def redo(self) -> None:
        """Redo the step that was undone last."""
        self._move(is_undo=False)

    def _move(self, *, is_undo: bool) -> None:
        """Undo or redo a step, and tell of one that is not seen otherwise."""
        history = self._owner.project.history
        steps = history.done if is_undo else history.undone
        step = what_of(steps[-1].title) if steps else ""
        effects = self._owner.undo() if is_undo else self._owner.redo()
        more = effects.concepts or effects.settings or effects.has(VIEWS) or effects.images
        decides, row = self._modes.current.decides, self._arrangement.grid.current_image_row()
        if self._modes.is_from_page:  # one picture of the page is seen
            is_seen = row in effects.labelled
        else:
            is_seen = decides is None or decides.shows(effects)
        if step and (more or not is_seen):
            undone = tr("Undone: {step}.", step=step)
            said = undone if is_undo else tr("Redone: {step}.", step=step)
            self._messages.tell(said, about=LAST_STEP)
