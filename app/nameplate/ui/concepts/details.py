"""The details of a concept under the list: names, sentences, least probability."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QFont, QKeyEvent, QPalette
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QWidget

from nameplate.domain.changes import Effects, Title
from nameplate.domain.concepts import Concept, clean_prompts, rename
from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageState
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.project.label_changes import count_proposed, split
from nameplate.ui.concepts.name_box import LINES, LineEdit, SentencesBox
from nameplate.ui.concepts.panel import ConceptPanel
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.jobs import Task
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.services import Services
from nameplate.ui.widgets.boxes import NumberBox, close_button, column, row, scrolled
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.theme import icon
from nameplate.wording.texts import error_text, tr, trn

_NO_THRESHOLD: Final = -1
"""In the box of the least probability: that of the project."""

_COUNT_MS: Final = 150
"""Pause in typing before pictures are counted, on a thread of its own."""


class _Draft(NamedTuple):
    """The content of the fields: synonyms with `|` between them, sentences one a line."""

    name: str
    synonyms: str
    sentences: str
    percent: int

    @classmethod
    def of(cls, concept: Concept) -> "_Draft":
        """Return the content of the fields for an unedited concept."""
        least = concept.threshold
        percent = _NO_THRESHOLD if least is None else round(100 * least)
        return cls(concept.name, " | ".join(concept.synonyms), "\n".join(concept.prompts), percent)


class ConceptDetails(QFrame):
    """The fields of one concept, each edit of which is an undoable step."""

    def __init__(
        self, services: Services, scoring: Scoring, grid: ImageGrid, panel: ConceptPanel
    ) -> None:
        """Show the current concept of `panel`; a split is of the images selected in `grid`."""
        super().__init__()
        self._owner, self._jobs, self._messages = services.owner, services.jobs, services.messages
        self._scoring, self._grid, self._panel = scoring, grid, panel
        self._key = -1
        self._soon = Later(self, _COUNT_MS, self._count_now)
        self.setAccessibleName(tr("Details of the name"))
        self._title = Paragraph(self, max_lines=1, role=QPalette.ColorRole.WindowText)
        self._title.setFont(font_of(self.font(), weight=QFont.Weight.DemiBold))
        self._close = close_button(tr("Close the details"), tr("Esc"))
        self._name = self._line(tr("Name"))
        self._synonyms = self._line(tr("Synonyms"), tr("separated by |"))
        self._sentences = SentencesBox(self, self._on_done)
        self._least = NumberBox(self)
        self._count = Paragraph(self, max_lines=2)
        self._close.setParent(self)  # for the order of Tab
        self._split = self._line(tr("New name for the selected pictures"), tr("a new name"))
        self._message = Paragraph(self, max_lines=4)
        self._set_up()
        self._lay_out()
        self._connect()
        self.hide()

    def _line(self, name: str, placeholder: str = "") -> LineEdit:
        line = LineEdit(self)
        line.setAccessibleName(name)
        line.setPlaceholderText(placeholder)
        line.setMinimumWidth(0)
        return line

    def _set_up(self) -> None:
        self._sentences.setAccessibleName(tr("Sentences, one a line"))
        self._sentences.setToolTip(
            tr(
                "What the model reads for this name, one sentence a line; {} stands for the name."
                " Leave it empty for the prompt of all names."
            )
        )
        self._least.setRange(_NO_THRESHOLD, 100)
        self._least.setSuffix(tr("{percent}%", percent=""))
        self._least.setSpecialValueText(tr("same as all"))
        self._least.setAccessibleName(tr("Minimum probability of this name"))
        self._least.setToolTip(tr("Auto-label leaves this name out below this probability"))

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for text, field in (
            (tr("Name"), self._name),
            (tr("Synonyms"), self._synonyms),
            (tr("Prompt"), self._sentences),
            (tr("Only above"), self._least),
            (tr("Split off"), self._split),
        ):
            label = QLabel(text, self)
            label.setBuddy(field)
            form.addRow(label, field)
            if field is self._least:
                form.addRow(self._count)
        fields = (self._name, self._synonyms, self._sentences, self._least, self._split)
        for before, after in pairwise((*fields, self._close)):
            self.setTabOrder(before, after)
        top = row(self._title, self._close, spacing=4, grows=0)
        body = QWidget()
        body.setLayout(column(top, form, self._message, margins=(12, 4, 12, 8), spacing=4))
        self.setLayout(column(scrolled(body)))

    def _connect(self) -> None:
        for line in (self._name, self._synonyms):
            line.textEdited.connect(self._on_edited)
            line.editingFinished.connect(self._on_done)
        self._sentences.textChanged.connect(self._on_edited)
        self._least.valueChanged.connect(self._on_edited)
        self._least.editingFinished.connect(self._on_done)
        self._split.returnPressed.connect(self._on_split)
        self._close.clicked.connect(self.close_details)
        self._panel.names.selectionModel().currentChanged.connect(self._on_current)
        self._grid.selected_images_changed.connect(self.show_selected)
        self._owner.changed.connect(self._on_project_changed)

    # ---- what is shown

    def open(self, key: int) -> None:
        """Show and focus the details of a concept."""
        self.show()
        self._show(key)
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name.selectAll()

    def close_details(self) -> None:
        """Hide the details."""
        self._scoring.set_draft(None)
        self._key = -1
        self.hide()

    def show_selected(self) -> None:
        """Show how many pictures a split would affect."""
        if self.isVisible():
            count = len(self._grid.selected_image_rows())
            named = trn("a name for {count:,} selected", "a name for {count:,} selected", count)
            text = named if count else tr("select pictures first")
            self._split.setPlaceholderText(text)

    @property
    def _concept(self) -> Concept | None:
        return self._owner.project.concept(self._key)

    def _show(self, key: int) -> None:
        self._key = key
        concept = self._concept
        if concept is None:
            self.close_details()
            return
        self._fill(concept)
        self._show_problem("")
        self._scoring.set_draft(None)
        self._soon.start()

    def _fill(self, concept: Concept) -> None:
        """Fill the fields."""
        draft, templates = _Draft.of(concept), self._scoring.template_set
        with QSignalBlocker(self._sentences), QSignalBlocker(self._least):
            self._title.show_text(concept.name)
            self._name.setText(draft.name)
            self._synonyms.setText(draft.synonyms)
            if self._sentences.toPlainText() != draft.sentences:
                self._sentences.setPlainText(draft.sentences)
            self._least.setValue(draft.percent)
        sentences = templates.templates if templates else ()
        self._sentences.setPlaceholderText("\n".join(sentences[:LINES]))  # what empty stands for
        self._close.setIcon(icon("cancel"))

    def _show_problem(self, text: str) -> None:
        """Show a problem; an empty `text` hides it."""
        self._message.show_text(text, "warning" if text else "")

    def _on_current(self) -> None:
        concept = self._panel.names.current_concept()
        if self.isVisible() and concept is not None and concept.key != self._key:
            self._show(concept.key)

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:
            self.close_details()
        elif self._key < 0:
            return
        elif effects.concepts or effects.settings:
            self._show(self._key)
        elif len(effects.labelled) or effects.suggestions:
            self._soon.start()

    # ---- what is typed

    def _draft(self) -> _Draft:
        """Return the content of the fields."""
        return _Draft(
            self._name.text(),
            self._synonyms.text(),
            self._sentences.toPlainText(),
            self._least.value(),
        )

    def _on_edited(self) -> None:
        try:
            after = self._edited()
        except UsageError as error:
            self._show_problem(error_text(error))
            self._scoring.set_draft(None)
            return
        self._show_problem("")
        self._scoring.set_draft(next((c for c in after if c.key == self._key), None))
        self._soon.start()

    def _on_done(self) -> None:
        before = self._concept
        if before is None or self._draft() == _Draft.of(before):
            return
        try:
            after = self._edited()
        except UsageError as error:
            self._panel.edits.offers_merge(self._key, error)
            return  # said while it was typed
        now = next(c for c in after if c.key == self._key)
        title = Title("rename")
        if now.names == before.names:
            title = Title("sentences" if now.prompts != before.prompts else "threshold")
        self._panel.edits.change(title, after)

    def _edited(self) -> tuple[Concept, ...]:
        """Return the concepts with the content of the fields applied.

        Raises:
            UsageError: It cannot be used.
        """
        project, before, draft = self._owner.project, self._concept, self._draft()
        if before is None:
            return project.concepts
        concepts, was = project.concepts, _Draft.of(before)
        if (draft.name, draft.synonyms) != (was.name, was.synonyms):
            parts = [draft.name, *filter(str.strip, draft.synonyms.split("|"))]
            line = ("!" if before.is_reject else "") + "|".join(parts)
            concepts = rename(concepts, self._key, line)
        prompts, threshold = before.prompts, before.threshold
        if draft.sentences != was.sentences:
            prompts = clean_prompts(draft.sentences.splitlines())
        if draft.percent != was.percent:
            threshold = None if draft.percent == _NO_THRESHOLD else draft.percent / 100
        return tuple(
            replace(c, prompts=prompts, threshold=threshold) if c.key == self._key else c
            for c in concepts
        )

    def _on_reset(self) -> None:
        """Revert the typed text; without any, close and return to the list."""
        concept = self._concept
        if concept is not None and self._draft() != _Draft.of(concept):
            self._show(self._key)
            return
        self.close_details()
        self._panel.names.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Reset on Esc in any field, and do not pass Enter on."""
        if event.key() == Qt.Key.Key_Escape:
            self._on_reset()
        elif event.key() not in ENTER_KEYS:
            super().keyPressEvent(event)

    # ---- a new name for some of its pictures

    def open_split(self, key: int) -> None:
        """Let the person type a new name for the selected pictures, in place of a concept's."""
        self.open(key)
        self.show_selected()
        self._split.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_split(self) -> None:
        concept, rows = self._panel.names.current_concept(), self._grid.selected_image_rows()
        rows = rows[self._owner.project.images.states[rows] != ImageState.UNREADABLE]
        line = self._split.text().strip()
        if not line or concept is None:
            return
        if not len(rows):
            self._show_problem(tr("First select the pictures that get the new name."))
            return
        try:
            at = self._scoring.decision_context
            change, _ = split(self._owner.project, concept.key, rows, line, at)
        except UsageError as error:
            self._show_problem(error_text(error))
            return
        self._owner.change(change, Title("split", {"name": line}))
        self._split.clear()
        text = trn(
            "Labelled {count:,} picture “{name}”.",
            "Labelled {count:,} pictures “{name}”.",
            len(rows),
            name=line,
        )
        self._messages.tell_done(text, self._owner.undo)

    # ---- how many pictures

    def _count_now(self) -> None:
        project, key = self._owner.project, self._key
        try:
            concepts = self._edited()
        except UsageError:
            return
        if key < 0 or not self._scoring.is_current:
            return
        suggestions, settings = self._owner.suggestions.copy(), project.settings
        removed, by = project.images.is_removed.copy(), project.labels.decided_by.copy()

        def job(_cancel: CancelToken) -> Iterator[int]:
            rows = np.flatnonzero(~removed & (by != DecidedBy.PERSON))
            yield count_proposed(suggestions, rows, settings, concepts, key)

        def show(count: int) -> None:
            if key == self._key:
                text = trn(
                    "Would label {count:,} picture now", "Would label {count:,} pictures now", count
                )
                self._count.show_text(text)

        self._jobs.run("count", Task(job, show))
