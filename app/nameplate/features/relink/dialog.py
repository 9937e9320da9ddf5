"""Looks for missing pictures when a project is opened or a person asks; the dialog for them."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtGui import QCloseEvent, QFont
from PySide6.QtWidgets import QDialog, QProgressBar, QPushButton

from nameplate.domain.changes import Effects, Ids, Relink, RemoveImages, Title
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.progress import CancelToken, Progress
from nameplate.features.relink.search import (
    FoundFiles,
    MissingImages,
    missing_ids,
    search,
    without_taken,
)
from nameplate.project.project import Project
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.file_dialogs import ask_for_folder
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.table import Table
from nameplate.ui.workbench import Workbench
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import error_text, sentences, tr, trn

_SIZE: Final = (620, 420)
_MOST_LINES: Final = 200
"""In the list; a project of a million pictures may have lost a hundred thousand folders."""

_MISSING: Final = "missing"
"""What the message of missing pictures is about."""


def attach(workbench: Workbench) -> None:
    """Say which pictures of an opened project are missing."""

    def on_changed(effects: Effects) -> None:
        if len(effects.relinked):
            workbench.unsay(_MISSING)

    workbench.follow(on_changed)
    _look(workbench, is_asked=False)


def ask(workbench: Workbench) -> None:
    """Look for missing pictures, and show the dialog if there are any."""
    workbench.unsay(_MISSING)
    _look(workbench, is_asked=True)


def _look(workbench: Workbench, *, is_asked: bool) -> None:
    images = workbench.project.images
    ids, paths = images.ids.copy(), images.paths.select(range(len(images)))

    def job(cancel: CancelToken) -> Iterator[Ids]:
        yield missing_ids(ids, paths, cancel)

    def tell(missing_now: Ids) -> None:
        missing = MissingImages.of(workbench.project, missing_now)
        if is_asked and not len(missing):
            workbench.say(tr("No pictures are missing."), is_reply=True)
        elif is_asked:
            workbench.part(RelinkDialog).begin(missing)
        elif len(missing):
            _tell_missing(workbench, missing)

    def warn(error: Exception) -> None:
        workbench.warn(tr("Can't look for missing pictures. {reason}", reason=error_text(error)))

    workbench.run("look", job, tell, warn)


def _tell_missing(workbench: Workbench, missing: MissingImages) -> None:
    why = tr("They were moved, renamed or deleted, or are on a drive that isn't connected.")
    workbench.warn(
        sentences(_head(missing, workbench.project), why),
        (tr("Find them…"), lambda: workbench.part(RelinkDialog).begin(missing)),
        about=_MISSING,
    )


def _head(missing: MissingImages, project: Project) -> str:
    total = project.images.present
    return tr("Missing pictures: {count:,} of {total:,}.", count=len(missing), total=total)


class RelinkDialog(QDialog):
    """Shows the folders of missing pictures, searches for them, and updates their paths.

    Not modal: the pictures that are there can be worked on meanwhile.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench.window)
        self._workbench = workbench
        self._missing = MissingImages.of(workbench.project, np.empty(0, dtype=np.int64))
        self._found: Relink | None = None
        self.setWindowTitle(tr("Missing pictures"))
        self.resize(*_SIZE)
        self._make_widgets()
        self._lay_out()

    def begin(self, missing: MissingImages) -> None:
        """Show the dialog with the missing pictures."""
        self._missing = missing
        self._show_missing()
        self.show()

    def _make_widgets(self) -> None:
        self._head = Paragraph(max_lines=2, role=self.foregroundRole())
        self._head.setFont(font_of(self._head.font(), weight=QFont.Weight.Bold))
        self._folders = Table(tr("Folders of missing pictures"))
        self._text = Paragraph(max_lines=3, role=self.foregroundRole())
        self._bar = QProgressBar(textVisible=False)
        self._bar.hide()
        self._bar.setFixedWidth(160)
        self._bar.setAccessibleName(tr("Progress of the search"))
        self._choose = QPushButton(tr("Look in a folder…"))
        self._stop = QPushButton(tr("Cancel"))
        self._use = QPushButton(tr("Use these"))
        self._take_out = QPushButton()
        self._loss = Paragraph(max_lines=2)
        self._close = QPushButton(tr("Close"))
        self._choose.clicked.connect(self._ask_for_folder)
        self._stop.clicked.connect(self._cancel)
        self._use.clicked.connect(self._use_found)
        self._take_out.clicked.connect(self._remove)
        self._close.clicked.connect(self.close)

    def _lay_out(self) -> None:
        work = row(self._choose, self._use, self._stop, self._bar, None, spacing=8)
        foot = row(self._take_out, self._loss, self._close, spacing=8, grows=1)
        parts = (self._head, self._text, work, self._folders, foot)
        self.setLayout(column(*parts, margins=(24, 16, 24, 16), spacing=12, grows=3))
        for button in (self._stop, self._use, self._take_out, self._close):
            button.setAutoDefault(False)

    # ---- what is shown

    @property
    def text(self) -> str:
        """The last message of the dialog."""
        return self._text.text()

    @property
    def loss(self) -> str:
        """The decisions that are lost if the pictures are removed."""
        return self._loss.text()

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The table of folders and files."""
        return self._folders.rows

    def _show_missing(self) -> None:
        """Show the missing pictures."""
        project, count = self._workbench.project, len(self._missing)
        rows = project.images.rows_of(self._missing.ids)
        by_you = project.labels.decided_by[rows] == DecidedBy.PERSON
        labels = int((by_you & (project.labels.states[rows] != ReviewState.SKIPPED)).sum())
        self._take_out.setText(tr("Remove {count:,} from the project", count=count))
        lost = trn(
            "{count:,} label of yours goes too.",
            "{count:,} labels of yours go too.",
            labels,
            zero="",
        )
        self._loss.show_text(sentences(lost, tr("Undo brings everything back.")))
        self._head.show_text(_head(self._missing, project))
        counts = Counter(os.path.dirname(text) for text in self._missing.paths.texts)  # noqa: PTH120
        heads = tr("Missing from"), tr("Pictures")
        self._list(heads, [(at, format_number(n)) for at, n in counts.most_common()])
        self._text.show_text(
            tr("Choose the folder they are in now, or one above it. Renamed ones are found too.")
        )
        self._found = None
        self._choose.setDefault(True)
        self._show_idle()

    def _show_idle(self) -> None:
        self._bar.hide()
        self._stop.hide()
        self._choose.setEnabled(True)
        self._use.setEnabled(self._found is not None)
        self._take_out.setEnabled(True)

    # ---- the search

    def look_in(self, folder: Path) -> None:
        """Search a folder tree for the missing pictures."""
        images, missing = self._workbench.project.images, self._missing
        is_there = ~images.is_removed
        is_there[images.rows_of(missing.ids)] = False
        rows = np.flatnonzero(is_there).tolist()
        present = images.paths.select(rows).texts

        def job(cancel: CancelToken) -> Iterator[Progress | FoundFiles]:
            yield from search(missing, folder, set(map(os.path.normcase, present)), cancel)

        self._set_searching(tr("Looking in {folder}…", folder=folder))
        self._workbench.run("search", job, self._on_event, self._on_failed, self._show_idle)

    def _cancel(self) -> None:
        self._workbench.drop("search")
        self._show_idle()

    def _set_searching(self, text: str) -> None:
        self._found = None
        self._bar.setRange(0, 0)
        self._bar.show()
        self._stop.show()
        for button in (self._choose, self._use, self._take_out):
            button.setEnabled(False)
        self._text.show_text(text)

    def _ask_for_folder(self) -> None:
        """Start beside an existing picture, as accessing a missing drive may take long."""
        images = self._workbench.project.images
        is_missing = np.isin(images.ids, self._missing.ids)
        there = np.flatnonzero(~images.is_removed & ~is_missing)
        start = os.path.dirname(images.paths.texts[int(there[0])]) if len(there) else ""  # noqa: PTH120
        look_in = self._workbench.guarded(self.look_in)
        ask_for_folder(self, look_in, tr("Look for the missing pictures in"), start)

    def _on_event(self, event: Progress | FoundFiles) -> None:
        if isinstance(event, Progress):
            self._bar.setRange(0, event.total)
            self._bar.setValue(event.done)
            text = trn("{count:,} file looked at…", "{count:,} files looked at…", event.done)
            if event.total:
                counts = {"count": event.done, "total": event.total}
                text = tr("{count:,} of {total:,} files compared…", **counts)
            self._text.show_text(text)
            return
        self._show_found(event)

    def _show_found(self, found: FoundFiles) -> None:
        """Show from where to where pictures went, before anything is done."""
        count, unsure = len(found.moved), len(found.unsure)
        left = len(self._missing) - count - unsure
        if not count and not unsure:
            self._text.show_text(tr("None found there. Look in another folder."))
            return
        new_names = sum(map(_is_renamed, found.moved))
        self._text.show_text(_found_text(count, new_names, unsure, left))
        self._list((tr("Was in"), tr("Is in"), tr("Pictures")), _rows(found))
        if not count:
            return
        self._found = found.change
        self._use.setDefault(True)
        self._use.setEnabled(True)
        self._use.setFocus()

    def _list(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a table of folders and files, as far as it is not too long."""
        last = len(heads) - 1
        self._folders.clear()
        self._folders.set_heads(heads, stretched=range(last))
        self._folders.add_rows(rows[:_MOST_LINES], tips=range(last), right=last)
        if len(rows) > _MOST_LINES:
            self._folders.add_rows([[tr("and {count:,} more", count=len(rows) - _MOST_LINES)]])

    def _on_failed(self, error: Exception) -> None:
        self._text.show_text(tr("Can't look there. {reason}", reason=error_text(error)))
        self._show_idle()

    # ---- what is done

    def _use_found(self) -> None:
        if self._found is None:
            return
        found = without_taken(self._workbench.project, self._found)
        if len(found.ids):
            self._workbench.do(found, Title("relink", {"count": len(found.ids)}))
        self._go_on_without(found.ids)

    def _remove(self) -> None:
        """Look again, and remove the pictures that are still missing."""
        missing = MissingImages.of(self._workbench.project, self._missing.ids)
        ids, paths = missing.ids, missing.paths
        text = trn(
            "Looking for {count:,} picture once more…",
            "Looking for {count:,} pictures once more…",
            len(ids),
        )
        self._set_searching(text)
        self._workbench.run(
            "search",
            lambda cancel: iter([missing_ids(ids, paths, cancel)]),
            self._take_out_missing,
            self._on_failed,
            self._show_idle,
        )

    def _take_out_missing(self, ids: Ids) -> None:
        if len(ids):
            title = Title("remove-images", {"count": len(ids)})
            self._workbench.do(RemoveImages(ids), title)
            said = trn(
                "{count:,} picture removed from the project.",
                "{count:,} pictures removed from the project.",
                len(ids),
            )
            self._workbench.say_done(said)
        self._go_on_without(self._missing.ids)

    def _go_on_without(self, ids: Ids) -> None:
        """Show the remaining missing pictures, or close."""
        left = self._missing.ids[~np.isin(self._missing.ids, ids)]
        self._missing = MissingImages.of(self._workbench.project, left)
        if len(self._missing):
            self._show_missing()
        else:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the search, too."""
        self._workbench.drop("search")
        super().closeEvent(event)


def _found_text(found: int, renamed: int, unsure: int, left: int) -> str:
    """Return how many pictures were found, how many may be several files, and how many are left."""
    moved = trn("{count:,} picture found.", "{count:,} pictures found.", found, zero="")
    if found and renamed:
        moved = trn(
            "{count:,} picture found, {renamed:,} renamed.",
            "{count:,} pictures found, {renamed:,} renamed.",
            found,
            renamed=renamed,
        )
    several = trn(
        "{count:,} is in several folders, left out. Look in one of them.",
        "{count:,} are in several folders, left out. Look in one of them.",
        unsure,
        zero="",
    )
    return sentences(moved, several, tr("{count:,} still missing.", count=left) if left else "")


def _is_renamed(moved: tuple[str, str]) -> bool:
    before, after = moved
    return os.path.basename(before) != os.path.basename(after)  # noqa: PTH119


def _rows(found: FoundFiles) -> list[tuple[str, str, str]]:
    """Return the folders that pictures went from and to, and below each the new names in it.

    Pictures that may be one of several files come first: a person has to choose.
    """
    either = tr(" or ", "between names")
    rows = [(before, either.join(files), tr("left out")) for before, files in found.unsure]
    folders = defaultdict[tuple[str, str], list[tuple[str, str]]](list)
    for moved in found.moved:
        folders[os.path.dirname(moved[0]), os.path.dirname(moved[1])].append(moved)  # noqa: PTH120
    for (before, after), there in sorted(folders.items(), key=lambda one: -len(one[1])):
        rows.append((before, after, format_number(len(there))))
        renamed = filter(_is_renamed, there)
        names = (map(os.path.basename, moved) for moved in renamed)
        rows += [(f"    {old}", f"    {new}", "") for old, new in names]
    return rows
