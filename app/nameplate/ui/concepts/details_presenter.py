"""Shows and changes the details of the current concept, with a preview while typing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Effects, Title
from nameplate.domain.concepts import Concept, clean_prompts, in_tree_order, parents_of, rename
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.project.labelling import change_concepts, count_proposed
from nameplate.ui.concepts.details import NO_THRESHOLD, ConceptDetails, Draft
from nameplate.ui.concepts.panel import ConceptPanel
from nameplate.ui.jobs.jobs import Task
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text

_COUNT_MS: Final = 150
"""Pause in typing before pictures are counted, on a thread of its own."""


class DetailsPresenter(QObject):
    """Shows the current concept in a `ConceptDetails`, and turns edits into undoable steps."""

    def __init__(
        self, panel: ConceptPanel, details: ConceptDetails, owner: ProjectOwner, scoring: Scoring
    ) -> None:
        super().__init__(details)
        self._panel = panel
        self._details = details
        self._owner = owner
        self._scoring = scoring
        self._key = -1
        self._soon = Later(self, _COUNT_MS, self._count)
        panel.details_requested.connect(self.open)
        panel.current_changed.connect(self._on_current)
        details.edited.connect(self._on_edited)
        details.done.connect(self._on_done)
        details.reset_requested.connect(self._on_reset)
        details.close_requested.connect(self.close)
        details.parent_requested.connect(self._on_parent)
        owner.changed.connect(self._on_changed)
        owner.opened.connect(self.close)
        owner.suggestions_changed.connect(self._count_soon)

    @Slot(int)
    def open(self, key: int) -> None:
        """Show and focus the details of a concept."""
        self._details.show()
        self._show(key)
        self._details.focus_name()

    @Slot()
    def close(self) -> None:
        """Hide the details."""
        self._scoring.set_draft(None)
        self._key = -1
        self._details.hide()

    # ---- what is shown

    @property
    def _concept(self) -> Concept | None:
        return self._owner.project.concept(self._key)

    def _show(self, key: int) -> None:
        self._key = key
        concept, concepts = self._concept, self._owner.project.concepts
        if concept is None:
            self.close()
            return
        above = parents_of(concepts)
        parents = [c for c in concepts if c.key != key and key not in above[c.key]]
        templates = self._scoring.template_set
        self._details.show_concept(concept, parents, templates.templates if templates else ())
        self._details.show_problem("")
        self._scoring.set_draft(None)
        self._count_soon()

    @Slot(int)
    def _on_current(self, key: int) -> None:
        if self._details.isVisible() and key >= 0 and key != self._key:
            self._show(key)

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if self._key < 0:
            return
        if effects.concepts or effects.settings:
            self._show(self._key)
        elif len(effects.labelled):
            self._count_soon()

    # ---- what is typed

    @Slot()
    def _on_edited(self) -> None:
        try:
            after = self._edited()
        except UsageError as error:
            self._details.show_problem(error_text(error))
            self._scoring.set_draft(None)
            return
        self._details.show_problem("")
        self._scoring.set_draft(next((c for c in after if c.key == self._key), None))
        self._count_soon()

    @Slot()
    def _on_done(self) -> None:
        before = self._concept
        if before is None or self._details.draft() == Draft.of(before):
            return
        try:
            after = self._edited()
        except UsageError as error:
            if error.reason.code == "name-twice":
                self._panel.name_taken.emit(self._key, str(error.reason.parameters["name"]))
            return  # said while it was typed
        now = next(c for c in after if c.key == self._key)
        title = Title("rename")
        if now.names == before.names:
            title = Title("sentences" if now.prompts != before.prompts else "threshold")
        if after != self._owner.project.concepts:
            self._owner.change(change_concepts(self._owner.project, after), title)

    def _edited(self) -> tuple[Concept, ...]:
        """Return the concepts with the content of the fields applied.

        Raises:
            UsageError: It cannot be used.
        """
        project, before, draft = self._owner.project, self._concept, self._details.draft()
        if before is None:
            return project.concepts
        concepts, was = project.concepts, Draft.of(before)
        if (draft.name, draft.synonyms) != (was.name, was.synonyms):
            parts = [draft.name, *filter(str.strip, draft.synonyms.split("|"))]
            line = ("!" if before.is_reject else "") + "|".join(parts)
            concepts = rename(concepts, self._key, line, least_key=project.next_concept_id)
        prompts, threshold = before.prompts, before.threshold
        if draft.sentences != was.sentences:
            prompts = clean_prompts(draft.sentences.splitlines())
        if draft.percent != was.percent:
            threshold = None if draft.percent == NO_THRESHOLD else draft.percent / 100
        return tuple(
            replace(c, prompts=prompts, threshold=threshold) if c.key == self._key else c
            for c in concepts
        )

    @Slot()
    def _on_reset(self) -> None:
        """Revert what was typed; if nothing was, close and return to the list."""
        concept = self._concept
        if concept is not None and self._details.draft() != Draft.of(concept):
            self._show(self._key)
            return
        self.close()
        self._panel.focus_list()

    @Slot(object)
    def _on_parent(self, parent: int | None) -> None:
        before, selected = self._owner.project.revision, self._panel.selected_keys()
        self._panel.parent_requested.emit(
            selected if self._key in selected else [self._key], parent
        )
        if self._owner.project.revision == before:
            self._show(self._key)  # it was refused: the field as it was

    # ---- how many pictures

    @Slot()
    def _count_soon(self) -> None:
        if self._key >= 0:
            self._soon.start()

    @Slot()
    def _count(self) -> None:
        project, key = self._owner.project, self._key
        try:
            concepts = in_tree_order(self._edited())
        except UsageError:
            return
        if key < 0 or not self._scoring.is_current:
            return
        suggestions, settings = self._owner.suggestions.copy(), project.settings
        removed, by = project.images.is_removed.copy(), project.labels.decided_by.copy()

        def job(_cancel: CancelToken) -> Iterator[tuple[int, int]]:
            rows = np.flatnonzero(~removed & (by != DecidedBy.PERSON))
            yield key, count_proposed(suggestions, rows, settings, concepts, key)

        self._scoring.jobs.run("count", Task(job, self._on_counted))

    @Slot(object)
    def _on_counted(self, counts: tuple[int, int]) -> None:
        key, count = counts
        if key == self._key:
            self._details.show_count(f"would label {counted(count, 'picture')} now")
