"""The panel that compares the open project with another one, and merges decisions from it."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QTreeWidgetItem, QWidget

from nameplate.domain.changes import Effects, Ids, Title
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import deferred
from nameplate.features.agreement.comparison import Comparison, TwoSides, compare
from nameplate.features.agreement.matching import ImageMatch, match_images
from nameplate.features.agreement.merging import Rule, merge
from nameplate.features.agreement.sentences import (
    TAKE_OVER,
    agreement_sentence,
    counts_sentence,
    difference_sentence,
    preview_of,
    taken_over_text,
)
from nameplate.features.agreement.words import category_text
from nameplate.project.file import store
from nameplate.project.project import Project
from nameplate.ui.jobs.jobs import Job
from nameplate.ui.widgets.boxes import choice, close_button, column, row, scrolled
from nameplate.ui.widgets.file_dialogs import ask_for_project
from nameplate.ui.widgets.painting import font_of, one_line
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.table import Table
from nameplate.ui.widgets.work_panel import SidePanel
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import error_text, sentences, tr, trn

_MOST_ROWS: Final = 500
_RANK: Final = 10
_LATER_MS: Final = 300
"""After a decision, before agreement is computed again: many in a row must not compete with it."""
_LEAST_BODY: Final = 34
_RULES: Final = {
    Rule.MINE: deferred("Keep my labels"),
    Rule.THEIRS: deferred("Take their labels"),
    Rule.NEWEST: deferred("Take the newest"),
    Rule.NONE: deferred("Leave undecided"),
}
_PAIR: Final = Qt.ItemDataRole.UserRole


class _Other(NamedTuple):
    """Another project, opened read-only, and the images shared with this one."""

    path: Path
    project: Project
    match: ImageMatch


def ask(workbench: Workbench) -> None:
    """Let the person choose a project to compare with."""
    chosen = partial(compare_with, workbench)
    ask_for_project(workbench.window, workbench.guarded(chosen), tr("Compare with a project"))


def compare_with(workbench: Workbench, path: Path) -> None:
    """Compare the open project with the one in a file."""
    workbench.part(ComparePanel).compare_with(path)


class ComparePanel(SidePanel):
    """Shows agreement, kappa, counts, and a table of the differences.

    The other project is held in memory as it was when it was read; its file is never written.
    """

    guide_page = "import"

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self._workbench = workbench
        self._other: _Other | None = None
        self._is_match_old = self._is_matching = False
        self._name = ""
        self._image = 0
        self._found: Comparison | None = None
        self._make_widgets()
        self._lay_out()
        self.setMaximumHeight(204)
        self.hide()
        workbench.place(self, Area.BELOW, _RANK)
        workbench.follow(self._on_changed)
        workbench.pictures.follow_current(self._show_row)
        self._soon = workbench.later(_LATER_MS, self._compare)

    def _make_widgets(self) -> None:
        self._title = Paragraph(max_lines=1, role=QPalette.ColorRole.WindowText)
        self._title.setFont(font_of(self._title.font(), weight=QFont.Weight.DemiBold))
        self._here = Paragraph(max_lines=1, role=QPalette.ColorRole.WindowText)
        self._here.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._close = close_button(tr("Close"))
        self._agreement = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self._counts = Paragraph(max_lines=3)
        self._preview = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self._table = Table(tr("Where you differ"))
        self._table.setToolTip(tr("Press Enter or double-click to see the pictures of a row"))
        self._show = QPushButton()
        self._show.setCheckable(True)
        self._rule = choice(tr("Whose label stays where you differ"))
        for rule, text in _RULES.items():
            self._rule.addItem(tr(text), rule)
        self._take = QPushButton()
        self._close.clicked.connect(self.close_panel)
        self._show.clicked.connect(self._on_show_clicked)
        self._table.itemActivated.connect(self._on_row_activated)
        self._rule.currentIndexChanged.connect(self._show_preview)
        self._take.clicked.connect(self._take_over)

    def _lay_out(self) -> None:
        self._where = QLabel(tr("Where you differ"))
        self._where.setBuddy(self._rule)
        texts = QWidget()
        texts.setLayout(column(self._agreement, self._preview, self._counts, None, spacing=4))
        area = scrolled(texts)
        area.setMinimumHeight(_LEAST_BODY)  # in a low window the texts scroll
        self._table.setMinimumHeight(_LEAST_BODY)
        body = row(area, self._table, spacing=16, grows=(3, 2))
        head = row(self._title, self._here, self._close, spacing=16, grows=(3, 2, 0))
        buttons = row(self._where, self._rule, self._take, self._show, None, spacing=8)
        self.setLayout(column(head, body, buttons, margins=(12, 4, 12, 6), spacing=4, grows=1))

    # ---- what is shown

    @property
    def texts(self) -> list[str]:
        """What the panel says: title, agreement, counts, what would be taken over."""
        return [p.text() for p in (self._title, self._agreement, self._counts, self._preview)]

    @property
    def difference(self) -> str:
        """What both decided about the current picture; empty where they do not differ."""
        return "" if self._here.isHidden() else self._here.text()

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The rows of the table."""
        return self._table.rows

    # ---- the comparison

    def compare_with(self, path: Path) -> None:
        """Read the project in a file and compare it with the open one."""
        self._forget()
        self._name = one_line(path.stem)
        self._title.show_text(tr("Reading {name}…", name=self._name))
        for text in (self._agreement, self._counts, self._preview, self._here):
            text.show_text("")
        self._fill(None)
        self._show_preview()
        self._show_all()
        self.show()
        images = self._workbench.project.images.without_embeddings()

        def job(_cancel: CancelToken) -> Iterator[_Other]:
            with closing(store.open_file(path, read_only=True)) as db:
                project = store.load(db, path)
            yield _Other(path, project, match_images(images, project.images))

        self._run(job)

    def _compare(self) -> None:
        """Compute the current agreement; match the images again if they changed."""
        if self._other is None:
            return
        other, project = self._other, self._workbench.project
        if self._is_match_old:
            self._is_match_old, self._is_matching = False, True
            images = project.images.without_embeddings()

            theirs = other.project.images
            self._run(lambda _: iter([other._replace(match=match_images(images, theirs))]))
        elif not self._is_matching:  # what is found is compared then
            sides = TwoSides.of(project, other.project, other.match)
            self._run(lambda _cancel: iter([compare(sides)]))

    def _run(self, job: Job) -> None:
        self._workbench.run("compare", job, self._on_event, self._on_failed)

    def _on_event(self, event: _Other | Comparison) -> None:
        if isinstance(event, _Other):
            self._other, self._is_matching = event, False
            self._compare()
        elif self._other is not None:
            self._show_comparison(self._other.match, event)

    def _on_failed(self, error: Exception) -> None:
        self.close_panel()
        self._workbench.warn(sentences(tr("Can't compare."), error_text(error)))

    def _on_changed(self, effects: Effects) -> None:
        self._is_match_old = self._is_match_old or effects.images
        is_other = effects.images or effects.concepts or effects.settings or len(effects.labelled)
        if is_other and self._other is not None:
            self._soon.ask()

    def _forget(self) -> None:
        self._other = self._found = None
        self._is_match_old = self._is_matching = False
        self._soon.stop()
        self._workbench.drop("compare")
        self._workbench.pictures.show_all()

    def _show_comparison(self, match: ImageMatch, found: Comparison) -> None:
        self._found = found
        self._title.show_text(tr("Compared with {name}", name=self._name))
        self._agreement.show_text(agreement_sentence(found))
        self._counts.show_text(counts_sentence(match, found))
        self._fill(found)
        self._show_difference()
        self._show_preview()
        self._show_state()

    def _show_row(self, row: int) -> None:
        self._image = int(self._workbench.project.images.ids[row]) if row >= 0 else 0
        self._show_difference()

    def _show_difference(self) -> None:
        """Show both decisions about the current image, if they differ."""
        found = self._found
        self._here.show_text(difference_sentence(found, self._image) if found is not None else "")

    def _show_all(self) -> None:
        """Note that all pictures are shown again."""
        with QSignalBlocker(self._show):
            self._show.setChecked(False)
        self._show_state()

    def _show_state(self) -> None:
        differ = len(self._found.disagreed) if self._found is not None else 0
        is_on = self._show.isChecked()
        some = trn("Show {count:,} difference", "Show {count:,} differences", differ)
        self._show.setText(tr("Show all pictures") if is_on else some)
        self._show.setEnabled(is_on or differ > 0)
        for part in (self._where, self._rule):
            part.setEnabled(differ > 0)

    def _fill(self, found: Comparison | None) -> None:
        """List the differences; the current row stays current."""
        pair = next((item.data(0, _PAIR) for item in self._table.selectedItems()), None)
        self._table.clear()
        self._table.setVisible(found is not None and bool(len(found.disagreed)))
        if found is None:
            return
        self._table.set_heads((tr("You"), self._name, tr("Pictures")), stretched=(0, 1))
        for mine, theirs, count in found.confusions[:_MOST_ROWS]:
            texts = [category_text(found.categories[one]) for one in (mine, theirs)]
            (item,) = self._table.add_rows([[*texts, format_number(count)]], right=2)
            item.setData(0, _PAIR, (mine, theirs))
            if pair == (mine, theirs):
                self._table.setCurrentItem(item)
        if len(found.confusions) > _MOST_ROWS:
            rest = len(found.confusions) - _MOST_ROWS
            more = trn("and {count:,} more row", "and {count:,} more rows", rest)
            self._table.add_rows([[more]])

    def _show_preview(self) -> None:
        """Say what taking over would do, before it is done."""
        if self._found is None:
            self._take.setEnabled(False)
            self._take.setText(tr(TAKE_OVER))
            return
        preview = preview_of(self._found, self._rule.currentData())
        self._preview.show_text(preview.text)
        self._take.setText(preview.button)
        self._take.setEnabled(preview.is_any)

    # ---- what a person does

    def _on_show_clicked(self, is_on: bool) -> None:
        self._show_state()
        if is_on and self._found is not None:
            self._show_only(self._found.disagreed)
        else:
            self._workbench.pictures.show_all()

    def _on_row_activated(self, item: QTreeWidgetItem) -> None:
        pair = item.data(0, _PAIR)
        if self._found is not None and pair:
            self._show.setChecked(True)
            self._show_state()
            self._show_only(self._found.disagreed_as(*pair))

    def _on_alone(self) -> None:
        if not self._workbench.pictures.are_alone:
            self._show_all()

    def _show_only(self, ids: Ids) -> None:
        self._workbench.pictures.show_only(ids, self._on_alone)

    def _take_over(self) -> None:
        """Merge the other decisions as one step."""
        if self._other is None:
            return
        project, name = self._workbench.project, self._other.path.stem
        sides = TwoSides.of(project, self._other.project, self._other.match)
        merged = merge(project, sides, self._rule.currentData())
        if merged.change is None:
            return
        count = merged.taken + merged.replaced
        self._workbench.do(merged.change, Title("merge", {"count": count, "name": name}))
        self._workbench.say_done(taken_over_text(merged, name))

    def close_panel(self) -> None:
        """Hide the panel; all pictures are shown again."""
        self.hide()
        self._forget()
