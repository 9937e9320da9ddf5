"""Pages of alike pictures that have no name yet: a name makes a concept of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QFont, QKeyEvent, QPalette
from PySide6.QtWidgets import QCompleter, QPushButton, QWidget

from nameplate.domain.changes import Effects
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.project.grouping import FEWEST, alike_groups, name_group, open_rows
from nameplate.project.history import History
from nameplate.project.pages import NO_ROWS, Rows
from nameplate.ui.concepts.name_box import LineEdit
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.pages.page_layout import page_size
from nameplate.ui.pages.page_or_end import PageOrEnd
from nameplate.ui.pages.page_picture import PagePicture, Verdict
from nameplate.ui.pages.page_view import PageView
from nameplate.ui.pages.pointing import Pointing
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.tiles.model import TileModel
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.message_bar import LAST_STEP, MessageBar
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text, what_of

_WAITING = "Looking for pictures that look alike."
_HINT = (
    "Click or drag what is something else: it stays out. Enter names the rest; the next pictures "
    "come. Down: to the pictures."
)


@dataclass(frozen=True, slots=True)
class _Named:
    """Pictures that were named, and those of them that were marked."""

    page: Rows
    wrong: frozenset[int]


class GroupPanel(QWidget):
    """Shows groups of undecided pictures that look alike; each name is one step of the project.

    The groups are made once, on a thread, of what is read by then; what is named, or decided
    elsewhere, leaves them. When a group is done, or left for later, the next one comes. Undo of a
    name, by whatever key, shows its pictures again as they were marked; redo goes on.

    Attributes:
        view: The pictures.
        line: Takes the name.
        leave: Called when Esc was pressed in the empty line.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        scoring: Scoring,
        grid: ImageGrid,
        model: TileModel,
        thumbnails: ThumbnailLoader,
        messages: MessageBar,
    ) -> None:
        super().__init__()
        self._owner = owner
        self._scoring = scoring
        self._grid = grid
        self._messages = messages
        self.view = PageView(thumbnails)
        self.line = LineEdit()
        self.leave: Callable[[], object] = lambda: None
        self._pointing = Pointing(self.view, grid, model, self._row_at)
        self._runner = JobRunner(
            "groups", self, on_event=self._on_groups, on_failed=self._on_failed
        )
        self._make_widgets()
        self._lay_out()
        self._forget()
        self.view.marked.connect(self._mark)
        self.view.resized.connect(self._show)
        owner.opened.connect(self._forget)
        owner.changed.connect(self._on_changed)
        owner.restored.connect(self._on_restored)
        owner.read.connect(self._on_read)

    def _make_widgets(self) -> None:
        self.line.setPlaceholderText("What are these?")
        self.line.setAccessibleName("Name of these pictures")
        self.line.setMinimumWidth(160)
        self._title = Paragraph(max_lines=2, role=QPalette.ColorRole.WindowText)
        self._note = Paragraph(max_lines=3)
        self._progress = Paragraph(max_lines=1)
        self._back = QPushButton("Back")
        self._later = QPushButton("Leave for later")
        self._back.setToolTip("Take the last name back")
        self._leave = QPushButton("Back to the grid")
        self.line.returnPressed.connect(self._name)
        self.line.escaped.connect(self._on_escaped)
        self._later.clicked.connect(self._leave_for_later)
        self._back.clicked.connect(self._go_back)
        self._leave.clicked.connect(lambda: self.leave())
        self.view.back_requested.connect(self._go_back)
        self.view.other_name_requested.connect(self.line.setFocus)
        for part in (self.view, self.line):
            part.installEventFilter(self)
        self.setFocusProxy(self.line)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)

    def _lay_out(self) -> None:
        self._title.setFont(font_of(self.font(), 1.25, QFont.Weight.DemiBold))
        top = row(self._title, margins=(14, 10, 14, 0), grows=0)
        name = row(self.line, self._later, self._back, margins=(14, 2, 14, 2), spacing=8, grows=0)
        note = row(self._note, margins=(14, 0, 14, 0), grows=0)
        bottom = row(self._progress, margins=(14, 0, 14, 10), grows=0)
        page = QWidget()
        page.setLayout(column(top, name, note, self.view, bottom, spacing=4, grows=3))
        self._stack = PageOrEnd(page, [self._leave])
        self.setLayout(column(self._stack))

    # ---- what is shown

    @property
    def is_page_shown(self) -> bool:
        """Whether there are pictures, and not what is said where there are none."""
        return self._stack.is_page_shown

    @property
    def text(self) -> str:
        """All that is said in words, for a screen reader and for tests."""
        if self.is_page_shown:
            return "\n".join(one.text() for one in (self._title, self._note, self._progress))
        return self._stack.end_text

    def _say(self, note: str) -> None:
        """Say what became of the last pictures, or what is wrong; else what to do."""
        self._note.show_text(note or _HINT)

    def _offer_names(self) -> None:
        """Offer the names that are there while one is typed."""
        names = [concept.name for concept in self._owner.project.concepts]
        completer = QCompleter(names, self.line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)
        self.line.setCompleter(completer)

    @Slot()
    def _forget(self) -> None:
        self._runner.drop()
        self._groups: list[Rows] | None = None
        self._at = 0  # the group that the page is of
        self._page = NO_ROWS
        self._wrong = frozenset[int]()
        self._named = dict[int, _Named]()  # by the number of the step
        self._is_looking = self._is_naming = False

    def shut_down(self) -> None:
        """Stop and wait for the thread."""
        self._runner.shut_down()

    @Slot()
    def begin(self) -> None:
        """Show the group that was left, or look for groups first."""
        self._grid.clearSelection()  # no action must be for pictures that are not seen
        self._offer_names()
        if not len(self._left()):
            self._look()
        else:
            self._next()

    def _look(self) -> None:
        """Look for groups, unless there is too little to look at."""
        images = self._owner.project.images
        rows = open_rows(self._owner.project)
        self._groups, self._page = None, NO_ROWS
        if len(rows) < FEWEST:
            self._say_none(len(rows))
            return
        blocks, self._is_looking = images.blocks(), True
        self._stack.show_end(_WAITING, "This takes a moment.")

        def job(cancel: CancelToken) -> Iterator[list[Rows]]:
            yield alike_groups(blocks, rows, cancel)

        self._runner.start(job)

    def _say_none(self, left: int) -> None:
        self._grid.clearSelection()
        project = self._owner.project
        if project.images.waiting:
            title = "The pictures are being read."
            text = "Groups of pictures that look alike come in a moment."
        elif left:
            title, text = (
                "Too few pictures to group.",
                f"{counted(left, 'picture')} left undecided.",
            )
        else:
            title = "All pictures are decided."
            text = "Nothing is left to be named. Export writes the labels."
        self._stack.show_end(title, text)

    @Slot(object)
    def _on_groups(self, groups: list[Rows]) -> None:
        self._groups, self._is_looking = groups, False
        if self.isVisible():
            self._next()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._is_looking = False
        self._messages.warn(f"The pictures could not be grouped. {error_text(error)}")

    @property
    def _steps(self) -> History:
        return self._owner.project.history

    def _open(self, rows: Rows) -> Rows:
        """Return those of `rows` that are there and undecided."""
        return rows[self._is_open(rows)]

    def _is_open(self, rows: Rows) -> NDArray[np.bool_]:
        images, labels = self._owner.project.images, self._owner.project.labels
        return ~images.is_removed[rows] & (labels.decided_by[rows] != DecidedBy.PERSON)

    def _left(self) -> Rows:
        """Return the place of the group of each undecided picture, in their order."""
        groups = self._groups or [NO_ROWS]
        rows, sizes = np.concatenate(groups), [len(rows) for rows in groups]
        return np.repeat(np.arange(len(groups)), sizes)[self._is_open(rows)]

    def _next(self, note: str = "") -> None:
        """Show the first group with undecided pictures."""
        left = self._left()
        self._page, self._wrong = NO_ROWS, frozenset()
        if len(left) and self._groups:
            self._at = int(left[0])
            size = page_size(self.view.size())
            self._page = self._open(self._groups[self._at])[:size]
        self.line.clear()
        if not len(self._page):
            self._say_none(len(open_rows(self._owner.project)))
            return
        self._show(note=note)
        self.line.setFocus()

    @Slot()
    def _show(self, note: str = "") -> None:
        if not len(self._page):
            return
        left = self._left()
        groups = len(np.unique(left))
        has_names = bool(self._owner.project.concepts)
        title = "Pictures that look alike: what are they?"
        if not has_names:
            title = "No names yet. Here are pictures that look alike: name them."
        progress = f"{counted(len(left), 'picture')} without a name, in about "
        progress += counted(groups, "group")
        self._title.show_text(title)
        self._progress.show_text(progress)
        self._back.setEnabled(any(one.number in self._named for one in self._steps.done))
        self._stack.show_page()
        self.view.setAccessibleName(f"Pictures that look alike: {progress}")
        self.view.show_page(self._pictures(), max(self.view.current, 0))
        self._say(note)
        self._pointing.follow()

    def _row_at(self, position: int) -> int:
        return int(self._page[position]) if 0 <= position < len(self._page) else -1

    def _pictures(self) -> list[PagePicture]:
        paths = self._owner.project.images.paths
        shown = list[PagePicture]()
        for image_row in self._page.tolist():
            picture = PagePicture(paths[image_row])
            if image_row in self._wrong:
                picture = replace(picture, verdict=Verdict.WRONG, label="these")
            shown.append(picture)
        return shown

    # ---- what a person does

    @Slot(object, bool)
    def _mark(self, positions: Sequence[int], is_wrong: bool) -> None:
        rows = frozenset(self._page[list(positions)].tolist())
        self._wrong = self._wrong | rows if is_wrong else self._wrong - rows
        self.view.refresh(self._pictures())

    @Slot()
    def _name(self) -> None:
        """Give the pictures that are not marked a name; what was marked comes in another group."""
        line = self.line.text()
        if not len(self._page):
            return
        if not line.strip():
            self._say("Type a name first, or leave these pictures for later.")
            return
        rows = self._page[~np.isin(self._page, list(self._wrong))]
        if not len(rows):
            self._say("All of them are marked: leave these pictures for later.")
            return
        project = self._owner.project
        try:
            made = name_group(project, rows, line, self._scoring.circumstances)
        except UsageError as error:
            self._say(error_text(error))
            return
        self._is_naming = True
        self._owner.change(made.change, made.title)
        self._is_naming = False
        self._named[project.history.last_number] = _Named(self._page, self._wrong)
        self._move_to_end()
        said = what_of(made.title)
        self._next(f"{said[0].upper()}{said[1:]}. Ctrl+Z takes it back.")

    def _move_to_end(self) -> None:
        """Let the group that is shown be the last one, and what was marked a group after it."""
        groups, aside = self._groups or [NO_ROWS], np.array(sorted(self._wrong), np.int64)
        mine, others = groups[self._at], (*groups[: self._at], *groups[self._at + 1 :])
        rest = mine[~np.isin(mine, self._page)]
        named = self._page[~np.isin(self._page, aside)]
        self._groups = [rows for rows in (*others, rest, named, aside) if len(rows)]

    def _move_to_front(self, named: _Named) -> None:
        """Let pictures that were named be the first group, and shown as they were then."""
        is_mine = np.zeros(len(self._owner.project.images), np.bool_)
        is_mine[named.page] = True
        others = [rows[~is_mine[rows]] for rows in self._groups or []]
        self._groups = [named.page, *(rows for rows in others if len(rows))]
        self._at, self._page, self._wrong = 0, named.page, named.wrong

    @Slot()
    def _leave_for_later(self) -> None:
        """Show the next group; what is shown now comes again at the end."""
        if len(self._page):
            self._move_to_end()
            self._next()

    @Slot()
    def _go_back(self) -> None:
        """Undo the last name, if it was the last step; else say what has to be done."""
        if self._steps.last_number in self._named:
            self._owner.undo()
        elif not any(step.number in self._named for step in self._steps.done):
            self._say("Nothing was named here yet.")
        else:
            self._messages.tell(
                "Something else was changed since: that has to be taken back first.",
                answer="Undo",
                on_answer=self._owner.undo,
                about=LAST_STEP,
            )

    # ---- what happens meanwhile

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if effects.concepts:
            self._offer_names()
        if self._groups is None or self._is_naming or not self.isVisible():
            return
        if len(self._page) and not self._is_open(self._page).all():
            self._next()
        elif effects.concepts:
            self._show()

    @Slot(object, bool)
    def _on_restored(self, _effects: Effects, is_undo: bool) -> None:
        """Show pictures again whose name was undone; go on where it was given again."""
        steps = self._steps.undone if is_undo else self._steps.done
        named = self._named.get(steps[-1].number) if steps else None
        if named is None:
            return
        self._move_to_front(named)
        if not is_undo:
            self._move_to_end()
        if self.isVisible():
            self._show() if is_undo else self._next()

    @Slot(object)
    def _on_read(self, _rows: Rows) -> None:
        """Begin once all pictures are read, where somebody waits for it."""
        is_waiting = self._groups is None and not self._is_looking
        if is_waiting and self.isVisible() and not self._owner.project.images.waiting:
            self._look()

    # ---- keys

    def _on_escaped(self) -> None:
        if self.line.text():
            self.line.clear()
        else:
            self.leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Down lead to the pictures, and what is typed there or Enter be for the line."""
        if not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        is_press = event.type() == QEvent.Type.KeyPress
        if watched is self.line:
            if is_press and event.key() == Qt.Key.Key_Down:
                self.view.setFocus()
                return True
            return super().eventFilter(watched, event)
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        plain = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        is_typed = event.text().isprintable() and bool(event.text()) and not plain.value
        if event.type() == QEvent.Type.ShortcutOverride and (is_enter or is_typed):
            event.accept()  # before a key for pictures takes it
            return True
        if is_press and (is_enter or is_typed):
            self.line.setFocus()
            if is_enter and not event.isAutoRepeat():
                self._name()
            elif is_typed:
                self.line.insert(event.text())
            return True
        return super().eventFilter(watched, event)
