"""Pages of similar pictures that have no name yet: a name makes a concept of them."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QCompleter, QPushButton

from nameplate.domain.changes import Effects
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import LASTING
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import deferred
from nameplate.pipeline.pages.groups import FEWEST, AlikeGroups, alike_groups, name_group, open_rows
from nameplate.project.label_changes import NO_ROWS, Rows
from nameplate.ui.concepts.name_box import EmptiedByEsc
from nameplate.ui.modes.view_modes import ViewMode
from nameplate.ui.pages.page_layout import page_size
from nameplate.ui.pages.page_or_end import PageOrEnd
from nameplate.ui.pages.page_picture import PagePicture, Verdict
from nameplate.ui.widgets.boxes import column, plain_label, primary_button, row
from nameplate.ui.widgets.keys import AT_MOST_SHIFT
from nameplate.ui.widgets.message_bar import LAST_STEP
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, listed, sentences, tr, trn

_JOB = "group"
_HINT = deferred("Click what doesn't belong. Enter names the rest.")

_KEYS = (
    (deferred("Enter"), deferred("Name these pictures, go on to the next")),
    (deferred("Click"), deferred("Leave a picture out")),
    (deferred("Down"), deferred("From the name to the pictures")),
    (deferred("Tab"), deferred("From the pictures to the name")),
    (deferred("Backspace"), deferred("On the pictures: take the last name back")),
    ("undo", deferred("Undo")),
    ("find_command", deferred("Find a command")),
    (deferred("Esc"), deferred("Back to the grid")),
)


def toggle(workbench: Workbench) -> None:
    """Show group after group of similar pictures, or leave that."""
    workbench.pictures.modes.toggle(workbench.part(GroupPanel).mode)


class GroupPanel(PageOrEnd):
    """Shows groups of undecided similar pictures; each name is one step of the project.

    The groups are made once, on a thread, of what is read by then and shown by the filter; what is
    named, or decided elsewhere, leaves them. What fits no group comes last. When a group is done,
    or skipped, the next one comes. Undo of a name, by whatever key, shows its pictures again as
    they were marked; redo goes on.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._workbench = workbench
        self._project, self._history = workbench.project, workbench.project.history
        self._groups: list[Rows] | None = None
        self._is_mixed = np.zeros(0, np.bool_)  # whether an image fitted no group, by row
        self._filter = workbench.pictures.view.filter  # that of the pictures of the groups
        self._at = 0  # the group that the page is of
        self._page = NO_ROWS
        self._wrong: frozenset[int] = frozenset()
        self._named = dict[int, tuple[Rows, frozenset[int]]]()
        """By the number of the step, what was named, and what of it was marked."""
        self._is_naming = False
        self._make_widgets()
        self.mode = ViewMode("groups", begin=self.begin, keys=_KEYS)
        workbench.place_mode(self, self.mode, pictures=lambda: self.view)
        workbench.follow(self._on_changed)
        workbench.follow_undo(self._on_restored)
        workbench.pictures.follow_view(self._on_view)

    def _make_widgets(self) -> None:
        self.line = EmptiedByEsc(self, self._leave)
        self.line.setPlaceholderText(tr("Name"))
        self.line.setAccessibleName(tr("Name of these pictures"))
        self.line.setMinimumWidth(160)
        self._progress, self._back = plain_label(), QPushButton(tr("Back"))
        self._progress.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._back.setToolTip(tr("Take the last name back (Backspace on the pictures)"))
        self._give, later = primary_button(), QPushButton(tr("Skip for now"))
        top = row(self._title, self._progress, margins=(12, 8, 12, 0), spacing=8, grows=0)
        name = row(self.line, self._give, margins=(12, 4, 12, 4), spacing=8, grows=0)
        note = row(self._note, later, self._back, margins=(12, 0, 12, 0), spacing=8, grows=0)
        page = column(top, name, note, self.view, spacing=4, grows=3)
        self.lay_out(page, (self._title, self._note, self._progress))
        self.line.returnPressed.connect(self._name)
        self._give.clicked.connect(self._name)
        later.clicked.connect(self._leave_for_later)
        self._back.clicked.connect(self._go_back)
        self.view.back_requested.connect(self._go_back)
        self.view.other_name_requested.connect(self.line.setFocus)
        self.view.marked.connect(self._mark)
        self.view.resized.connect(self._show)
        for part in (self.view, self.line):
            part.installEventFilter(self)
        self.setFocusProxy(self.line)

    # ---- what is shown

    def _say(self, note: str) -> None:
        """Show the result of the last name, or a problem; by default the hint."""
        self._note.show_text(note or tr(_HINT))

    def _offer_names(self) -> None:
        """Offer the names that are there while one is typed."""
        names = [concept.name for concept in self._project.concepts]
        completer = QCompleter(names, self.line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)
        self.line.setCompleter(completer)

    def begin(self) -> None:
        """Show the group that was left, or look for groups first."""
        # No action must be for pictures that are not seen.
        self._workbench.pictures.grid.clearSelection()
        self._offer_names()
        if self._filter != self._workbench.pictures.view.filter or not len(self._left()):
            self._look()
        else:
            self._next()

    def _look(self) -> None:
        """Look for groups among the filtered pictures, once they are shown."""
        pictures = self._workbench.pictures
        self._groups, self._page, self._filter = None, NO_ROWS, pictures.view.filter
        self._workbench.drop(_JOB)
        pictures.arrangement.when_shown(self._workbench.guarded(self._begin_to_look))

    def _begin_to_look(self) -> None:
        """Look for groups, unless there is too little to look at."""
        images, rows = self._project.images, open_rows(self._project)
        is_shown = np.isin(rows, self._workbench.pictures.arrangement.images)
        hidden, rows = int(np.count_nonzero(~is_shown)), rows[is_shown]
        if len(rows) < FEWEST:
            self._say_none(len(rows), hidden)
            return
        blocks = images.vectors()
        self.say_end(tr("Looking for similar pictures…"))

        def job(cancel: CancelToken) -> Iterator[AlikeGroups]:
            yield alike_groups(blocks, rows, cancel)

        self._workbench.run(_JOB, job, self._on_groups, self._on_failed)

    def _say_none(self, left: int, hidden: int) -> None:
        workbench, project = self._workbench, self._project
        workbench.pictures.grid.clearSelection()
        if project.images.waiting:
            self.say_end(tr("Reading the pictures…"), tr("Similar ones come in a moment."))
        elif hidden:
            title = trn(
                "{count:,} undecided picture is hidden.",
                "{count:,} undecided pictures are hidden.",
                hidden,
            )
            show_all = partial(workbench.trigger, "clear_filter")
            self.say_end(title, "", tr("Show all pictures"), show_all)
        elif left:
            self.say_end(
                trn(
                    "{count:,} picture left: too few to compare.",
                    "{count:,} pictures left: too few to compare.",
                    left,
                )
            )
        else:
            export = partial(workbench.trigger, "export")
            self.say_end(tr("No pictures left to name."), "", tr("Export…"), export)

    def _on_groups(self, found: AlikeGroups) -> None:
        self._groups = [rows for rows in (*found.groups, found.others) if len(rows)]
        self._is_mixed = np.zeros(len(self._project.images), np.bool_)
        self._is_mixed[found.others] = True
        if self.isVisible():
            self._next()

    def _on_failed(self, error: Exception) -> None:
        self.say_end(tr("Can't compare the pictures."), error_text(error))

    def _is_open(self, rows: Rows) -> NDArray[np.bool_]:
        """Return which of `rows` are there and undecided."""
        images, labels = self._project.images, self._project.labels
        return ~images.is_removed[rows] & ~np.isin(labels.decided_by[rows], LASTING)

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
            rows = self._groups[self._at]
            self._page = rows[self._is_open(rows)][: page_size(self.view.size())]
        self.line.clear()
        if not len(self._page):
            self._look()  # others may have come since the groups were made
            return
        self._show(note=note)
        self.line.setFocus()

    def _show(self, note: str = "") -> None:
        if not len(self._page):
            return
        left, groups, is_mixed = self._left(), self._groups or [], self._is_mixed
        kinds = sum(not is_mixed[groups[place][0]] for place in np.unique(left).tolist())
        progress = trn("{count:,} picture left", "{count:,} pictures left", len(left))
        if kinds > 1:
            progress = listed([progress, trn("{count:,} kind", "{count:,} kinds", kinds)])
        title, spoken = tr("What are these?"), tr("Similar pictures: {progress}", progress=progress)
        if is_mixed[self._page[0]]:
            title = tr("These have little in common.")
            spoken = tr("Pictures with little in common: {progress}", progress=progress)
        elif not self._project.concepts:
            title = tr("No names yet: what are these?")
        self._title.show_text(title)
        self._progress.setText(progress)
        self._back.setEnabled(any(one.number in self._named for one in self._history.done))
        self.setCurrentIndex(0)
        self.view.setAccessibleName(spoken)
        self.view.show_page(self._pictures(), max(self.view.current, 0))
        self._count()
        self._say(note)
        self.view.lead_grid()

    def _count(self) -> None:
        """Say how many pictures a name is for."""
        count = len(self._page) - len(self._wrong)
        self._give.setText(trn("Name {count:,} picture", "Name {count:,} pictures", count))

    def _pictures(self) -> list[PagePicture]:
        paths = self._project.images.paths
        return [
            PagePicture(image_row, paths[image_row], verdict=Verdict.WRONG, label=tr("these"))
            if image_row in self._wrong
            else PagePicture(image_row, paths[image_row])
            for image_row in self._page.tolist()
        ]

    # ---- what a person does

    def _mark(self, positions: Sequence[int], is_wrong: bool) -> None:
        rows = frozenset(self._page[list(positions)].tolist())
        self._wrong = self._wrong | rows if is_wrong else self._wrong - rows
        self.view.refresh(self._pictures())
        self._count()

    def _name(self) -> None:
        """Name the unmarked pictures; the marked ones become a group of their own."""
        line = self.line.text()
        if not len(self._page):
            return
        if not line.strip():
            self._say(tr("Type a name first, or skip these pictures."))
            return
        rows = self._page[~np.isin(self._page, list(self._wrong))]
        if not len(rows):
            self._say(tr("You marked all of them. Skip these pictures instead."))
            return
        project = self._project
        try:
            change, title = name_group(project, rows, line, self._workbench.decision_context)
        except UsageError as error:
            self._say(error_text(error))
            return
        self._is_naming = True
        self._workbench.do(change, title)
        self._is_naming = False
        self._named[project.history.last_number] = (self._page, self._wrong)
        self._move_to_end()
        key = self._workbench.actions.key_of("undo")
        named = trn("{count:,} picture named.", "{count:,} pictures named.", len(rows))
        self._next(sentences(named, tr("{key} takes it back.", key=key) if key else ""))

    def _move_to_end(self) -> None:
        """Move the shown group to the end, and its marked pictures behind it as a group."""
        groups, aside = self._groups or [NO_ROWS], np.array(sorted(self._wrong), np.int64)
        mine, others = groups[self._at], (*groups[: self._at], *groups[self._at + 1 :])
        rest = mine[~np.isin(mine, self._page)]
        named = self._page[~np.isin(self._page, aside)]
        self._groups = [rows for rows in (*others, rest, named, aside) if len(rows)]

    def _move_to_front(self, page: Rows, wrong: frozenset[int]) -> None:
        """Let pictures that were named be the first group, and shown as they were then."""
        is_mine = np.zeros(len(self._project.images), np.bool_)
        is_mine[page] = True
        others = [rows[~is_mine[rows]] for rows in self._groups or []]
        self._groups = [page, *(rows for rows in others if len(rows))]
        self._at, self._page, self._wrong = 0, page, wrong

    def _leave_for_later(self) -> None:
        """Move the shown group to the end, and show the next one."""
        if len(self._page):
            self._move_to_end()
            self._next()

    def _go_back(self) -> None:
        """Undo the last name if it was the last step; otherwise say why not."""
        if self._history.last_number in self._named:
            self._workbench.undo()
        elif not any(step.number in self._named for step in self._history.done):
            self._say(tr("Nothing was named here yet."))
        else:
            self._workbench.messages.tell(
                tr("Something else changed since. Undo that first."),
                (tr("Undo"), self._workbench.undo),
                about=LAST_STEP,
            )

    # ---- changes from elsewhere

    def _on_view(self) -> None:
        """Look among the pictures of another filter."""
        if self.isVisible() and self._filter != self._workbench.pictures.view.filter:
            self._look()

    def _on_changed(self, effects: Effects) -> None:
        if effects.concepts:
            self._offer_names()
        if len(effects.read):
            self._begin_when_read()
        if self._groups is None or self._is_naming or not self.isVisible():
            return
        if len(self._page) and not self._is_open(self._page).all():
            self._next()
        elif effects.concepts:
            self._show()

    def _on_restored(self, _effects: Effects, is_undo: bool) -> None:
        """Show the pictures of an undone name again; go on where it was redone."""
        steps = self._history.undone if is_undo else self._history.done
        named = self._named.get(steps[-1].number) if steps else None
        if named is None:
            self.view.lead_grid()  # undo has gone to another one in the grid
            return
        self._move_to_front(*named)
        if not is_undo:
            self._move_to_end()
        if self.isVisible():
            self._show() if is_undo else self._next()

    def _begin_when_read(self) -> None:
        """Look once all pictures are read, where none are shown and somebody waits for it."""
        is_waiting = not (len(self._page) or self._workbench.is_running(_JOB))
        if is_waiting and self.isVisible() and not self._project.images.waiting:
            self._look()

    # ---- keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move focus to the pictures on Down; send typed text and Enter there to the line."""
        if not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        is_press = event.type() == QEvent.Type.KeyPress
        if watched is self.line:
            if is_press and event.key() == Qt.Key.Key_Down:
                self.view.setFocus()
                return True
            return super().eventFilter(watched, event)
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        is_typed = event.text().isprintable() and bool(event.text())
        is_typed = is_typed and event.modifiers() in AT_MOST_SHIFT
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
