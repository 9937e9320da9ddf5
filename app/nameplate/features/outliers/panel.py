"""The panel that lists possible mistakes; it looks on a thread, and changes no label."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.domain.changes import Effects, Title
from nameplate.domain.filtering.columns import FoundImages
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.features.outliers import CALLED_RIGHT
from nameplate.features.outliers.rules import (
    Material,
    Oddities,
    Oddity,
    call_right,
    find_oddities,
    is_called_right,
)
from nameplate.features.outliers.sentences import Kind, Line, lines_of, not_enough
from nameplate.project.labelling import Rows
from nameplate.ui.modes.view_modes import ViewMode
from nameplate.ui.widgets.boxes import close_button, column, heading, row, scrolled
from nameplate.ui.widgets.painting import entry_text
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.widgets.table import Table
from nameplate.ui.widgets.work_panel import SidePanel
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.texts import error_text, tr, trn

_SHARE: Final = 0.6
_SHARE_BESIDE: Final = 0.38
"""Of the height of the window that it takes at most: alone, and beneath the pictures of a line."""

_FEWEST_ROWS: Final = 5
_RANK: Final = 20
_LATER_MS: Final = 400
"""After a decision, before all is looked at again: many in a row must not compete with it."""
_MARGINS: Final = (12, 4, 12, 6)
_SPACING: Final = 8


def attach(workbench: Workbench) -> None:
    """Look for what a filter such as `odd:mistake` asks for, whether or not there is a panel."""

    def look() -> None:
        if "odd" in workbench.pictures.view.findings:
            workbench.part(OdditiesPanel).look()

    workbench.pictures.follow_view(look)


def toggle(workbench: Workbench) -> None:
    """Show the panel and look, or close it where it is shown."""
    panel = workbench.part(OdditiesPanel)
    if panel.isHidden():
        panel.open_panel()
    else:
        panel.close_panel()


class OdditiesPanel(SidePanel):
    """Lists kinds of pictures and pairs of names; a line opens its pictures.

    It is kept up to date while it is open, and while a filter asks for what is odd. What a person
    called right is off the list for as long as it has that label. What was decided since it was
    listed is off until the project is closed, or the decision is taken back.
    """

    guide_page = "check"

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self._workbench = workbench
        self._found: Oddities | None = None
        self._is_old = True  # there may be others by now than were found
        self._of: tuple[int, int] = (-1, -1)  # the images whose duplicates are known
        self._listed = dict[int, int]()  # by id, when what was listed was decided
        self._lines: Sequence[Line] = ()
        self._table = Table(tr("Possible mistakes"), (tr("What"), tr("Pictures")), (0,))
        self._table.setToolTip(tr("Enter or a double click shows the pictures of a line"))
        self._text = Paragraph(max_lines=8, role=QPalette.ColorRole.WindowText)
        self._close = close_button(tr("Close"))
        self._show = QPushButton(tr("Show pictures"))
        self._right = QPushButton()
        self._merge, self._first, self._second = QPushButton(), QPushButton(), QPushButton()
        self._back = QPushButton(tr("Show all pictures"))
        self._back.setToolTip(tr("Closing this list does that, too"))
        self._back.hide()
        self._lay_out()
        self._table.currentItemChanged.connect(self._refresh)
        self._table.itemActivated.connect(self._on_shown)
        self._show.clicked.connect(self._on_shown)
        self._right.clicked.connect(self._call_right)
        self._merge.clicked.connect(lambda: workbench.names.merge(*self._pair()))
        self._first.clicked.connect(lambda: workbench.names.describe(self._pair()[0]))
        self._second.clicked.connect(lambda: workbench.names.describe(self._pair()[1]))
        self._back.clicked.connect(workbench.pictures.show_all)
        self._close.clicked.connect(self.close_panel)
        self.hide()
        workbench.place(self, Area.BELOW, _RANK)
        workbench.follow(self._on_changed)
        workbench.pictures.follow_selected(lambda: self.isHidden() or self._name_right())
        self._soon = workbench.later(_LATER_MS, self.look)

    def _lay_out(self) -> None:
        text = QWidget()
        text.setLayout(column(self._text, None))
        self._table.setMinimumHeight(60)
        body = row(self._table, scrolled(text), spacing=16, grows=(3, 2))
        self._head = row(heading(tr("Possible mistakes")), None, self._close, spacing=16)
        buttons = (self._show, self._right, self._merge, self._first, self._second)
        self._below = row(*buttons, None, self._back, spacing=8)
        parts = (self._head, body, self._below)
        self.setLayout(column(*parts, margins=_MARGINS, spacing=_SPACING, grows=1))

    # ---- how large it is

    def sizeHint(self) -> QSize:
        """Return the size in which all lines are seen, as far as the window has room for them."""
        lines = max(len(self._lines), _FEWEST_ROWS) * max(self._table.sizeHintForRow(0), 20)
        table = lines + self._table.header().sizeHint().height() + 2 * self._table.frameWidth()
        others = self._head.sizeHint().height() + self._below.sizeHint().height()
        height = table + others + _MARGINS[1] + _MARGINS[3] + 2 * _SPACING
        share = _SHARE if self._back.isHidden() else _SHARE_BESIDE
        return QSize(super().sizeHint().width(), min(height, int(share * self.window().height())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take more or less of another window."""
        super().resizeEvent(event)
        self.updateGeometry()

    # ---- what is shown

    @property
    def _line(self) -> Line | None:
        """The current line."""
        at = self._table.currentIndex().row()
        return self._lines[at] if 0 <= at < len(self._lines) else None

    def open_panel(self) -> None:
        """Show it, and look."""
        if self._is_old:
            self._show_lines(())
            self._text.show_text(tr("Looking…"))
        self._refresh()
        self.show()
        self._workbench.pictures.modes.show(ViewMode.GRID)  # it is about the grid
        self._workbench.pictures.modes.focus()  # another panel in their place gives way
        self._table.setFocus()
        self.look()

    def _show_lines(self, lines: Sequence[Line]) -> None:
        """Show what was found; the current line stays, if it is there."""
        before = self._line.kind if self._line is not None else None
        self._lines = lines
        with QSignalBlocker(self._table):
            self._table.clear()
            items = self._table.add_rows([(one.title, one.count) for one in lines], right=1)
            kinds: list[Kind | None] = [one.kind for one in lines]
            place = kinds.index(before) if before in kinds else 0
            if items:
                self._table.setCurrentItem(items[place])
        self._refresh()
        self.updateGeometry()

    def _show_alone(self) -> None:
        """Offer the way back while the pictures of a line are shown alone, and leave them room."""
        self._back.setVisible(self._workbench.pictures.are_alone)
        self.updateGeometry()

    def _pair(self) -> tuple[int, int]:
        line = self._line
        return line.kind if line is not None and isinstance(line.kind, tuple) else (-1, -1)

    def _refresh(self) -> None:
        line = self._line
        names = line.names if line else None
        if line is not None:
            self._text.show_text(line.text)
        self._show.setEnabled(line is not None and len(line.rows) > 0)
        self._right.setVisible(names is None)
        self._right.setEnabled(self._show.isEnabled())
        self._name_right()
        for button in (self._merge, self._first, self._second):
            button.setVisible(names is not None)
        if names:
            self._merge.setText(tr("Merge them"))
            one, other = names
            merged = tr("{second} becomes a synonym of {first}", first=one, second=other)
            self._merge.setToolTip(tip(merged))
            for button, name in zip((self._first, self._second), names, strict=True):
                button.setText(entry_text(tr("Describe {name}…", name=name)))

    def _selected_of(self, line: Line | None) -> Rows:
        """Return the selected pictures of a line."""
        selected = self._workbench.pictures.selected
        return selected[np.isin(selected, line.rows if line else ())]

    def _name_right(self) -> None:
        """Say on the button which pictures it is about."""
        count = len(self._selected_of(self._line))
        text = tr("Mark this one as right")
        if count > 1:
            text = tr("Mark these {count:,} as right", count=count)
        self._right.setText(text)

    # ---- what a person does

    def _on_shown(self) -> None:
        if self._line is not None and len(self._line.rows):
            self._show_only(self._line.rows)

    def _show_only(self, rows: Rows) -> None:
        ids = self._workbench.project.images.ids[rows]
        self._workbench.pictures.show_only(ids, self._show_alone, "mistakes")
        self._workbench.pictures.modes.focus()

    def _call_right(self) -> None:
        """Take the selected pictures off the list that is shown."""
        line, project = self._line, self._workbench.project
        if line is None or self._found is None:
            return
        rows = self._selected_of(line)
        if not len(rows):
            self._workbench.say(tr("Show the pictures and select the right ones first."))
            return
        title = Title("call-right", {"count": len(rows)})
        self._workbench.do(call_right(project, rows), title)
        left = line.rows[~np.isin(line.rows, rows)]
        if len(left):
            self._show_only(left)
        said = trn(
            "{count:,} picture marked as right. No label changed.",
            "{count:,} pictures marked as right. No label changed.",
            len(rows),
        )
        self._workbench.say_done(said)

    def close_panel(self) -> None:
        """Hide the panel; what was shown before is shown again."""
        self.hide()
        self._workbench.pictures.show_all()
        if not self._is_wanted and self._workbench.is_running("look"):
            self._workbench.drop("look")
            self._is_old = True

    # ---- what is found

    @property
    def _is_wanted(self) -> bool:
        """Whether somebody sees what is found."""
        asked = "odd" in self._workbench.pictures.view.findings
        return asked or not self.isHidden()

    def look(self) -> None:
        """Look once suggestions are current, unless what was found is, or nobody asks."""
        if self._is_wanted and self._is_old:
            self._workbench.when_scored(self._start)
            if not self._workbench.project.concepts:
                self._start()

    def _start(self) -> None:
        if not self._is_wanted:  # any more
            return
        project, found = self._workbench.project, self._found
        of = len(project.images), project.images.waiting
        known = found.duplicates if found is not None and of == self._of else None
        self._of, self._is_old = of, False
        material = Material.of(project, self._workbench.suggestions, known)

        def job(cancel: CancelToken) -> Iterator[Oddities]:
            yield find_oddities(material, cancel)

        self._workbench.run("look", job, self._on_found, self._on_failed, low_priority=True)

    def _on_found(self, found: Oddities) -> None:
        self._found, kept = found, self._without_right(found)
        rows = {kind.value: rows for kind, rows in kept.rows.items()}
        self._workbench.provide("odd", FoundImages(rows, self._why_none(found)))
        workbench, waiting = self._workbench, self._of[1]
        seeks = workbench.has("stacks") and workbench.project.images.present > 0
        seeks = seeks and workbench.want_stacks() is None
        concepts = workbench.project.concepts
        self._show_lines(lines_of(kept, concepts, waiting, seeks_copies=seeks))

    def _why_none(self, found: Oddities) -> dict[str, str]:
        """Return why there may be none of a kind, for who filters by it."""
        project, why = self._workbench.project, dict[str, str]()
        if found.missing:
            why["mistake"] = not_enough(found.missing)
        by_person = project.labels.decided_by == DecidedBy.PERSON
        if not (~by_person & ~project.images.is_removed).any():
            why["misfit"] = tr(
                "You have checked every picture. Only undecided ones are compared with the names."
            )
        return why

    def _without_right(self, found: Oddities) -> Oddities:
        """Return what was found without what a person has looked at again."""
        project = self._workbench.project
        ids = project.images.ids
        decided_at = project.labels.all["decided_at"]
        kept = dict[Oddity, Rows]()
        for kind, rows in found.rows.items():
            listed = [self._listed.setdefault(int(ids[r]), int(decided_at[r])) for r in rows]
            is_new = decided_at[rows] != np.array(listed, np.int64)
            kept[kind] = rows[~is_new & ~is_called_right(project, rows)]
        return replace(found, rows=kept)

    def _on_failed(self, error: Exception) -> None:
        self._is_old = True
        self._workbench.provide("odd", FoundImages({}))
        self._workbench.warn(tr("Can't look for mistakes. {reason}", reason=error_text(error)))

    def _on_changed(self, effects: Effects) -> None:
        is_known = effects.has(CALLED_RIGHT) or ("stacks" in effects.found and self._lines)
        if is_known and self._found is not None and not effects.images:
            self._on_found(self._found)
        of_project = len(effects.labelled) or effects.concepts or effects.images or effects.settings
        if of_project or len(effects.read) or effects.suggestions:
            self._is_old = True
            if self._is_wanted:
                self._soon.ask()
