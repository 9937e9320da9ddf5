"""Names from files and folders, with a preview of which are added; and names to a file."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QPushButton

from nameplate.domain.changes import Effects, Title
from nameplate.domain.concepts import Concept, add_new
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import deferred
from nameplate.formats.name_lists import (
    NAMES,
    NameList,
    names_ending,
    names_of_folders,
    read_names,
    write_names,
)
from nameplate.formats.outputs.output import Output
from nameplate.ui.concepts.edits import more_like_it
from nameplate.ui.concepts.panel import ConceptPanel
from nameplate.ui.jobs.jobs import Job, Task
from nameplate.ui.services import Services
from nameplate.ui.widgets.boxes import choice, column, row
from nameplate.ui.widgets.file_dialogs import ask_for_file, ask_where_to_save
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.wording.texts import error_text, sentences, text_of, tr, trn

_READ = deferred("Names (*.txt *.toml *.csv *.tsv)")
_WRITTEN = {
    ".txt": deferred("Text, one name a line (*.txt)"),
    ".toml": deferred("TOML, with sentences (*.toml)"),
}

Found = tuple[str, Mapping[str, NameList]]
"""Where names are from, and the names by column."""


class NamesPreview(QFrame):
    """Shows names that were read, with check marks, and adds those that are chosen.

    Lists of names are read and written on a thread.
    """

    def __init__(self, services: Services, panel: ConceptPanel) -> None:
        """Make an empty preview; chosen names are added to those of `panel`."""
        super().__init__()
        self._owner, self._jobs, self._messages = services.owner, services.jobs, services.messages
        self._panel = panel
        self.setAccessibleName(tr("Names to add"))
        self._lists: list[NameList] = []
        self._known = frozenset[str]()
        self._title = Paragraph(self, max_lines=2, role=QPalette.ColorRole.WindowText)
        self._column = choice(tr("Column that the names are in"))
        self._column.setMaximumWidth(400)
        self._names = QListWidget(self)
        self._names.setObjectName("framed")
        self._names.setAccessibleName(tr("Names to add"))
        self._names.setUniformItemSizes(True)
        self._names.setMinimumHeight(110)
        self._names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._problem = Paragraph(self, max_lines=3)
        self._add = QPushButton(self)
        self._cancel = QPushButton(tr("Cancel"), self)
        parts = (self._title, self._column, self._names, self._problem)
        buttons = row(self._add, self._cancel, None, spacing=8)
        self.setLayout(column(*parts, buttons, margins=(12, 8, 12, 12), spacing=8, grows=2))
        self._column.activated.connect(self._show_list)
        self._names.itemChanged.connect(self._show_count)
        self._add.clicked.connect(self._on_add)
        self._cancel.clicked.connect(self._on_cancel)
        self._owner.changed.connect(self._on_project_changed)
        self.hide()

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:
            self.hide()

    # ---- files and folders

    def ask_for_file(self) -> None:
        """Let the person choose a list of names."""
        ask_for_file(self.window(), self.take_file, tr("Names from a file"), tr(_READ))

    def take_file(self, path: Path) -> None:
        """Offer the names in a file."""

        def job(_cancel: CancelToken) -> Iterator[Found]:
            yield path.name, read_names(path)

        self._run(job)

    def take_folders(self) -> None:
        """Offer the names of the pictures' folders."""
        images = self._owner.project.images
        texts, is_removed = list(images.paths.texts), images.is_removed.copy()

        def job(_cancel: CancelToken) -> Iterator[Found]:
            there = (texts[row] for row in np.flatnonzero(~is_removed).tolist())
            yield tr("Folders"), {"": names_of_folders(there)}

        self._run(job)

    def ask_where_to_write(self) -> None:
        """Let the person choose a file for the names; the dialog confirms replacing."""
        ending = names_ending(self._owner.project.concepts)
        kinds = ";;".join(map(tr, [_WRITTEN[ending], *_WRITTEN.values()]))
        ask_where_to_save(
            self.window(),
            lambda path: self.write(path, overwrite=path.exists()),
            tr("Names to a file"),
            Path(f"names{ending}"),
            kinds,
        )

    def write(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the names to a file that `take_file` can read."""
        concepts, images = self._owner.project.concepts, self._owner.project.images
        consent = Message("agree-to-replace")
        output = Output(path, NAMES, overwrite, list(images.paths.texts), consent=consent)

        def job(_cancel: CancelToken) -> Iterator[str]:
            output.check()
            write_names(concepts, output)
            yield trn(
                "{count:,} name written to {path}.",
                "{count:,} names written to {path}.",
                len(concepts),
                path=path,
            )

        self._run(job)

    def _run(self, job: Job) -> None:
        def failed(error: Exception) -> None:
            self._messages.warn(error_text(error))

        self._jobs.run("names", Task(job, self._on_event, failed))

    def _on_event(self, event: Found | str) -> None:
        messages = self._messages
        if isinstance(event, str):
            messages.tell(event, is_reply=True)
        elif any(one.concepts or one.problems for one in event[1].values()):
            self.offer(*event)
        else:
            messages.tell(tr("{source}: no names to add.", source=event[0]), is_reply=True)

    # ---- the preview

    def offer(self, source: str, lists: Mapping[str, NameList]) -> None:
        """Show the names that could be added, by column, and their source."""
        self._source, self._lists = source, list(lists.values())
        self._known = frozenset(c.name.casefold() for c in self._owner.project.concepts)
        self._column.clear()
        self._column.addItems(list(lists))
        labels = [at for at, title in enumerate(lists) if title.casefold() in ("label", "name")]
        self._column.setCurrentIndex(labels[0] if labels else 0)
        self._column.setVisible(len(lists) > 1)
        self._show_list()
        self.show()
        self._names.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Add with Enter, close with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self._on_cancel()
        elif event.key() in ENTER_KEYS and self._add.isEnabled():
            self._on_add()
        else:
            super().keyPressEvent(event)

    def _show_list(self) -> None:
        listed = self._listed
        new = tuple(c for c in listed.concepts if not self._is_known(c))
        with QSignalBlocker(self._names):
            self._names.clear()
            for concept in new:
                self._add_item(concept)
            self._names.setCurrentRow(0)
        there = len(listed.concepts) - len(new)
        count = trn("{count:,} new name", "{count:,} new names", len(new))
        known = tr("{names}, {count:,} already here", names=count, count=there) if there else count
        self._title.show_text(tr("{source}: {names}", source=self._source, names=known))
        problems = listed.problems
        text = sentences(text_of(problems[0]), more_like_it(len(problems) - 1)) if problems else ""
        self._problem.show_text(text, "warning" if problems else "")
        self._show_count()

    def _add_item(self, concept: Concept) -> None:
        item = QListWidgetItem("! " * concept.is_reject + concept.name, self._names)
        item.setToolTip(tip("\n".join(concept.names)))
        item.setCheckState(Qt.CheckState.Checked)
        item.setData(Qt.ItemDataRole.UserRole, concept)

    def _chosen(self) -> list[Concept]:
        """Return the names that are checked."""
        items = (self._names.item(row) for row in range(self._names.count()))
        checked = (item for item in items if item.checkState() == Qt.CheckState.Checked)
        return [item.data(Qt.ItemDataRole.UserRole) for item in checked]

    @property
    def _listed(self) -> NameList:
        """The names of the chosen column."""
        return self._lists[max(0, self._column.currentIndex())]

    def _is_known(self, concept: Concept) -> bool:
        return concept.name.casefold() in self._known

    def _show_count(self) -> None:
        count = len(self._chosen())
        self._add.setText(trn("Add {count:,} name", "Add {count:,} names", count))
        self._add.setEnabled(count > 0)

    def _on_add(self) -> None:
        project, chosen = self._owner.project, self._chosen()
        self.hide()
        after = add_new(project.concepts, chosen, least_key=project.next_concept_id)
        if count := len(after) - len(project.concepts):
            title = Title("add-names", {"count": count, "name": after[-1].name})
            self._panel.edits.change(title, after)
        self._panel.focus_name_box()

    def _on_cancel(self) -> None:
        self.hide()
        self._panel.focus_name_box()
