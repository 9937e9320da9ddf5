"""The labelling actions: accept, label, clear, skip, auto-label."""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from nameplate.domain.changes import Change, Effects, RemoveImages, SetLabels, Several, Title
from nameplate.domain.concepts import add
from nameplate.domain.errors import UsageError
from nameplate.domain.filtering.chosen import ImageIds
from nameplate.domain.filtering.states import InState, State
from nameplate.domain.filtering.tally import undecided_of
from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy
from nameplate.project import label_changes as rules
from nameplate.project.label_changes import LabelCounts
from nameplate.ui.concepts.concept_list.list import ConceptList
from nameplate.ui.filter.filtering import Filtering
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.review.review_progress import ReviewProgress
from nameplate.ui.services import Services
from nameplate.ui.widgets.message_bar import CANCEL, LAST_STEP, Answer
from nameplate.wording.numbers import percent
from nameplate.wording.progress import remaining_of
from nameplate.wording.texts import error_text, listed, sentence, sentences, tr, trn

ChangeOf = Callable[[NDArray[np.int64]], Change]

_NAMES: Final = "names"
"""What a message is about that is told while names are being read."""

_WAITING: Final = "waiting"
"""Likewise while something is learned."""


class Labelling(QObject):
    """Applies labelling actions to the selected images as undoable steps."""

    def __init__(
        self,
        services: Services,
        scoring: Scoring,
        reading: Reading,
        filtering: Filtering,
        arrangement: Arrangement,
        progress: ReviewProgress,
    ) -> None:
        super().__init__(arrangement.grid)
        self._owner, self._messages = services.owner, services.messages
        self._preferences, self._scoring = services.preferences, scoring
        self._filtering, self._arrangement, self._progress = filtering, arrangement, progress
        self._grid = arrangement.grid
        self._has_left_unread, self._told_changed = False, 0
        self._owner.changed.connect(self._on_project_changed)
        reading.ended.connect(self._on_read)

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.of_project:
            self._messages.withdraw(LAST_STEP)  # its Undo would undo a newer step now
        if effects.opened:
            self._has_left_unread, self._told_changed = False, 0
        elif effects.suggestions:
            self._offer_unread()
            self._messages.withdraw(_NAMES)

    def _on_read(self) -> None:
        self._tell_changed()
        self._offer_unread()

    def _tell_changed(self) -> None:
        """Tell of pictures that changed since a person decided about them; once of each reading."""
        images = self._owner.project.images
        count = sum(not images.is_removed[row] for row in images.changed)
        before, self._told_changed = self._told_changed, count
        if count > before:
            changed = trn(
                "{count:,} picture has changed since you labelled it.",
                "{count:,} pictures have changed since you labelled them.",
                count,
            )
            self._messages.warn(
                sentences(changed, tr("The labels stay until you decide again.")),
                (tr("Show"), partial(self._filtering.show_only, InState(State.CHANGED))),
            )

    def auto_label(self) -> None:
        """Label every image with its suggestion, except where a person decided."""
        self._when_current(lambda: self._auto_label(None))

    def auto_label_selected(self) -> None:
        """Label the selected images with their suggestions."""
        rows = self._grid.selected_image_rows()
        self._when_current(lambda: self._auto_label(rows))

    def _when_current(self, act: Callable[[], object]) -> None:
        """Call `act` once the suggestions are up to date; tell if it has to wait."""
        self._messages.withdraw(_WAITING)
        self._scoring.when_current(act)
        if self._scoring.fitting.is_due and self._scoring.fitting.is_slow:
            text = tr("Auto-label starts when your last labels are learned.")
            self._messages.tell(text, is_reply=True, about=_WAITING)

    def label(self, key: int, rows: NDArray[np.int64] | None = None) -> None:
        """Label the selected images, or `rows`, with the concept `key`: the person's decision."""
        project = self._owner.project
        if (concept := project.concept(key)) is not None:
            self._decide(
                lambda rows: rules.label(project, rows, key, self._scoring.decision_context),
                Title("label", {"name": concept.name}),
                chosen=rows,
                goes_on=not project.settings.is_multi,  # the next key may be for the same picture
            )

    def label_as_new(self, line: str, rows: NDArray[np.int64] | None = None) -> bool:
        """Add a name and label the selected images with it, as one step; False if impossible."""
        project = self._owner.project
        try:
            concepts = add(project.concepts, line, least_key=project.next_concept_id)
        except UsageError as error:
            self._messages.warn(error_text(error), about=LAST_STEP)
            return False
        new = concepts[-1]

        def change_of(rows: NDArray[np.int64]) -> Change:
            labels = rules.label(project, rows, new.key, self._scoring.decision_context)
            return Several((rules.change_concepts(project, concepts), labels))

        title = Title("add-and-label", {"name": new.name})
        self._decide(change_of, title, chosen=rows, goes_on=not project.settings.is_multi)
        return True

    def accept(self) -> None:
        """Accept the shown label or suggestion of the selected images."""
        project = self._owner.project
        if not self._has_names():
            return
        if self._scoring.is_current:
            self._decide(
                lambda rows: rules.accept(project, rows, self._scoring.decision_context),
                Title("accept"),
            )
        else:
            self._messages.tell(tr("Reading the new names. Accept in a moment."), about=_NAMES)

    def _has_names(self) -> bool:
        """Return whether there are names; if not, tell the person."""
        if not self._owner.project.concepts:
            text = tr("No names yet. Type the first one on the left.")
            self._messages.tell(text, is_reply=True, about=LAST_STEP)
        return bool(self._owner.project.concepts)

    def take_back(self) -> None:
        """Clear the labels of the selected images."""
        rows = self.chosen_rows()
        if not self._holds_back(rows):
            self._owner.change(rules.clear(self._owner.project, rows), Title("take-back"))

    def skip(self) -> None:
        """Mark the selected images as skipped by a person."""
        project = self._owner.project
        if self._has_names():  # else it is a letter of a name that is typed beside its box
            self._decide(
                lambda rows: rules.skip(project, rows, self._scoring.decision_context),
                Title("skip"),
            )

    def remove(self) -> None:
        """Take the selected images out of the project; the files stay."""
        rows = self.chosen_rows()
        if not len(rows):
            return
        ids = np.sort(self._owner.project.images.ids[rows])
        self._owner.change(RemoveImages(ids), Title("remove-images", {"count": len(ids)}))
        text = trn(
            "{count:,} picture removed from the project. The files stay.",
            "{count:,} pictures removed from the project. The files stay.",
            len(ids),
        )
        self._messages.tell_done(text, self._owner.undo)

    def go_by(self, steps: int) -> None:
        """Go to the picture `steps` after the current one; stays at the first and last."""
        self._grid.go_to_next(steps)

    def go_to_undecided(self) -> None:
        """Go to the next picture that no person decided about; from the last to the first."""
        images, labels = self._owner.project.images, self._owner.project.labels
        is_open, row = undecided_of(images, labels), self._grid.current_image_row()
        if not self._grid.go_to_next_of(is_open):
            tally, is_here = self._owner.project.counts.tally, row >= 0 and bool(is_open[row])
            text = tr("No other undecided picture is shown.") if is_here else ""
            left = remaining_of(tally, tally.undecided - is_here).text
            if text or not self._progress.show_again():
                self._messages.tell(text or left, is_reply=True, about=LAST_STEP)

    def _all_rows(self) -> NDArray[np.int64]:
        return np.flatnonzero(~self._owner.project.images.is_removed)

    def _auto_label(self, rows: NDArray[np.int64] | None, *, is_sure: bool = False) -> None:
        """Auto-label `rows`, or all for None; if labels would be lost, ask unless `is_sure`."""
        project, chosen = self._owner.project, self._all_rows() if rows is None else rows
        change = rules.auto_label(project, chosen, self._scoring.decision_context)
        others = chosen[project.labels.decided_by[chosen] != DecidedBy.PERSON]
        aside = project.images.ids[others[self._owner.suggestions.all_rejected(others)]]
        left_out = tr("{count:,} left out: no name fits.", count=len(aside)) if len(aside) else ""
        show = partial(self._filtering.show_only, ImageIds.of(aside)) if len(aside) else None
        if not len(change.ids):
            text = sentences(tr("Nothing to label: all labels are up to date."), left_out)
            answers: list[Answer] = [(tr("Show"), show)] if show else []
            self._messages.tell(text, *answers, is_reply=True, about=LAST_STEP)
            return
        outcome, arrangement = rules.outcome_of(project, change), self._arrangement
        is_seen = np.isin(project.images.rows_of(change.ids), arrangement.images).all()
        beyond = "" if is_seen else arrangement.beyond_shown()
        if outcome.lost and not is_sure:
            again = partial(self._auto_label, rows, is_sure=True)
            lost = trn(
                "{count:,} picture would lose its automatic label.",
                "{count:,} pictures would lose their automatic labels.",
                outcome.lost,
            )
            self._messages.ask(
                sentences(tr("Auto-label?"), lost, beyond),
                (tr("Auto-label"), partial(self._scoring.when_current, again)),
                CANCEL,
                about=LAST_STEP,
            )
            return
        self._owner.change(change, Title("auto-label"))
        unread = project.images.waiting
        self._has_left_unread = unread > 0
        more = tr("{count:,} not read yet.", count=unread) if unread else ""
        told = _told(outcome, project.settings.minimum)
        self._messages.tell_done(sentences(told, beyond, left_out, more), self._owner.undo, show)

    def _offer_unread(self) -> None:
        """Offer to label images that were embedded after an auto-labelling."""
        if not self._has_left_unread or self._owner.project.images.waiting:
            return
        self._has_left_unread = False
        project, at = self._owner.project, self._scoring.decision_context
        if unlabelled := len(rules.auto_label(project, self._all_rows(), at).ids):
            text = trn(
                "{count:,} picture read since then has no label.",
                "{count:,} pictures read since then have no label.",
                unlabelled,
            )
            answer = tr("Auto-label"), self.auto_label
            self._messages.tell(text, answer, about=LAST_STEP)

    def _decide(
        self,
        change_of: ChangeOf,
        title: Title,
        *,
        chosen: NDArray[np.int64] | None = None,
        goes_on: bool = True,
    ) -> None:
        """Apply a decision to the selected images, or to those `chosen` before."""
        if chosen is None:
            chosen = self.chosen_rows()
        if self._holds_back(chosen):
            return
        chosen = chosen[~self._owner.project.images.is_removed[chosen]]
        states = self._owner.project.images.states[chosen]
        rows = chosen[states != ImageState.UNREADABLE]
        change = change_of(rows)
        self._owner.change(change, title)
        count = len(change.ids) if isinstance(change, SetLabels) else len(rows)
        without = tr("Unreadable files get no label.") if len(rows) < len(chosen) else ""
        is_by_list = isinstance(self._grid.window().focusWidget(), ConceptList)
        if count > 1 or (count and is_by_list):
            changed = trn(
                "{count:,} picture changed: {step}.",
                "{count:,} pictures changed: {step}.",
                count,
                step=title,
            )
            self._messages.tell_done(sentences(changed, without), self._owner.undo)
        elif without:
            self._messages.tell(without, is_reply=True, about=LAST_STEP)
        if goes_on and self._preferences.values.advance and self._grid.are_current(chosen):
            self._grid.go_on_to(self._owner.project.images.states != ImageState.UNREADABLE)

    def _holds_back(self, rows: NDArray[np.int64]) -> bool:
        """Open the stacks of `rows` whose suggestions differ; return whether there are any."""
        is_held_back = self._arrangement.open_differing(rows)
        if is_held_back:
            text = tr("The suggestions in this stack differ now. Check its pictures one by one.")
            self._messages.tell(text, is_reply=True)
        return is_held_back

    def chosen_rows(self) -> NDArray[np.int64]:
        """Return the selected image rows, or those of the current cell if none is selected."""
        return self._grid.chosen_image_rows()


def _told(outcome: LabelCounts, minimum: float) -> str:
    """Return how many pictures get, change, lose and keep a label, as a sentence."""
    parts = (
        trn("{count:,} picture labelled", "{count:,} pictures labelled", outcome.given, zero=""),
        trn("{count:,} changed", "{count:,} changed", outcome.changed, zero=""),
        trn(
            "{count:,} cleared (less than {percent})" if minimum else "{count:,} cleared",
            "{count:,} cleared (less than {percent})" if minimum else "{count:,} cleared",
            outcome.lost,
            zero="",
            percent=percent(minimum),
        ),
        trn("{count:,} kept", "{count:,} kept", outcome.kept, zero=""),
    )
    return sentence(listed(parts))
