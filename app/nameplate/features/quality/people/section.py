"""The section of the accuracy panel about another person's decisions."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.domain.changes import Effects, Ids, Title
from nameplate.domain.progress import CancelToken
from nameplate.features.quality.figures.table import Cell, FigureTable, called
from nameplate.features.quality.people.comparison import Comparison, Merge, TwoSides, compare, merge
from nameplate.features.quality.people.matching import match_images
from nameplate.project.file import store
from nameplate.project.project import Project
from nameplate.ui.widgets.boxes import column, heading, row
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.workbench import Workbench
from nameplate.wording.numbers import format_number, percent
from nameplate.wording.texts import error_text, listed, sentence, sentences, tr, trn

_JOB: Final = "compare"
_MOST_ROWS: Final = 500
_MOST_NAMES: Final = 5
_LONGEST: Final = 40
_LATER_MS: Final = 300
_LEAST_TABLE: Final = 120


class PeopleSection(QWidget):
    """Agreement with another project: share, kappa, differences, *Take over*.

    The other project is held in memory as it was when it was read; its file is never written.
    """

    def __init__(
        self, workbench: Workbench, show: Callable[[Ids, str, Callable[[int], str] | None], object]
    ) -> None:
        """Make an empty one, hidden.

        `show` shows images alone, with a text about all of them, and one about the row of the
        current one where a function returns it.
        """
        super().__init__()
        self._workbench, self._show = workbench, show
        self._other: Project | None = None
        self._found: Comparison | None = None
        self._name = ""
        self._title = heading("")
        self._said = tuple(
            Paragraph(max_lines=2, role=QPalette.ColorRole.WindowText) for _ in range(3)
        )
        self.table = FigureTable(tr("Where you differ"))
        self.table.setMinimumHeight(_LEAST_TABLE)
        self._differences, self._take = QPushButton(), QPushButton()
        end = QPushButton(tr("Stop comparing"))
        self._differences.clicked.connect(self._show_differences)
        self._take.clicked.connect(self._take_over)
        end.clicked.connect(self.forget)
        buttons = row(self._take, self._differences, end, None, spacing=8)
        self.setLayout(column(self._title, *self._said, buttons, self.table, spacing=8))
        self.hide()
        workbench.follow(self._on_changed)
        self._soon = workbench.later(_LATER_MS, self._compare)

    # ---- the comparison

    def compare_with(self, path: Path) -> None:
        """Read the project in a file and compare it with the open one."""
        self.forget()
        self._name = one_line(path.stem)
        self._show_comparison(tr("Reading {name}…", name=self._name), None)

        def job(_cancel: CancelToken) -> Iterator[Project]:
            with closing(store.open_file(path, read_only=True)) as db:
                yield store.load(db, path)

        self._workbench.run(_JOB, job, self._on_read, self._on_failed)

    def _on_read(self, other: Project) -> None:
        self._other = other
        self._compare()

    def _compare(self) -> None:
        """Match the images, and compare the decisions of now."""
        other, project = self._other, self._workbench.project
        if other is None:
            return
        copy = project.snapshot(project.images.without_embeddings())

        def job(_cancel: CancelToken) -> Iterator[Comparison]:
            yield compare(copy, other, match_images(copy.images, other.images))

        title = tr("Compared with {name}", name=self._name)
        show = partial(self._show_comparison, title)
        self._workbench.run(_JOB, job, show, self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        self.forget()
        self._workbench.warn(sentences(tr("Can't compare."), error_text(error)))

    def _on_changed(self, effects: Effects) -> None:
        is_other = effects.images or effects.concepts or effects.settings or len(effects.labelled)
        if is_other and self._other is not None:
            self._soon.ask()

    def forget(self) -> None:
        """Stop comparing."""
        self._other = self._found = None
        self._soon.stop()
        self._workbench.drop(_JOB)
        self.hide()

    # ---- its parts

    def _show_comparison(self, title: str, found: Comparison | None) -> None:
        self._found = found
        self._title.setText(title)
        for part, say in zip(self._said, (_agreement, _counts, _preview), strict=True):
            part.show_text(say(found) if found else "")
        differ = int(np.count_nonzero(~found.records.is_right)) if found else 0
        some = trn("Show {count:,} difference", "Show {count:,} differences", differ)
        self._differences.setText(some)
        self._differences.setVisible(differ > 0)
        taken = found.theirs_alone if found else 0
        labels = trn("Take over {count:,} label", "Take over {count:,} labels", taken)
        self._take.setText(labels if taken else tr("Take over theirs"))
        self._take.setVisible(bool(found and (taken or found.new_names)))
        heads = (tr("You"), self._name, tr("Pictures"))
        self.table.show_rows(heads, self._rows(found) if found else ())
        self.table.setVisible(differ > 0)
        self.show()

    def _rows(self, found: Comparison) -> list[tuple[Cell, ...]]:
        """Return a row for each kind of difference: you, they, pictures."""
        records, rows = found.records, list[tuple[Cell, ...]]()
        for theirs, mine, count in records.confusions[:_MOST_ROWS]:
            texts = [_decision(records.names_of(one)) for one in (mine, theirs)]
            opened = partial(self._show_pair, found, theirs, mine)
            cells = (*texts, format_number(count))
            rows.append(tuple(Cell(text, open=opened) for text in cells))
        return rows

    def _show_pair(self, found: Comparison, theirs: int, mine: int) -> None:
        names = found.records.names_of
        what = tr(
            "you {yours}, they {theirs}", yours=called(names(mine)), theirs=called(names(theirs))
        )
        self._show(found.ids[found.records.rows_of(theirs, mine)], what, None)

    def _show_differences(self) -> None:
        if self._found is not None:
            what = tr("you and {name} differ", name=self._name)
            found = self._found
            self._show(found.ids[~found.records.is_right], what, partial(self._said_of, found))

    def _said_of(self, found: Comparison, row: int) -> str:
        """Return the other person's decision about the image in a row."""
        place = np.flatnonzero(found.ids == self._workbench.project.images.ids[row])
        theirs = [_decision(found.records.names_of(found.records.opinions[at])) for at in place]
        return f"{self._name}: {theirs[0]}" if theirs else ""

    def _take_over(self) -> None:
        """Take the other decisions over as one step."""
        if self._other is None or self._found is None:
            return
        merged = merge(TwoSides.of(self._workbench.project, self._other, self._found.match))
        if merged.change is not None:
            title = Title("merge", {"count": merged.taken, "name": self._name})
            self._workbench.do(merged.change, title)
            self._workbench.say_done(_taken_over(merged, self._name))


def _decision(names: tuple[str, ...]) -> str:
    return listed(list(map(one_line, names))) or tr("(none of the names)")


def _agreement(found: Comparison) -> str:
    """Return the share of equal decisions, and kappa with its range."""
    share, kappa = found.records.share, found.kappa
    if share.value is None:
        return tr("No picture was checked by both of you.")
    is_whole = share.count in (0, share.of)
    said = trn(
        "You agree on {share} of the {count:,} picture you both checked.",
        "You agree on {share} of the {count:,} pictures you both checked.",
        share.of,
        share=format_number(share.value, ".0%") if is_whole else percent(share.value),
    )
    if kappa.value is None:
        return said
    number = tr("Cohen's kappa: {kappa:.2f}.", kappa=kappa.value)
    if kappa.interval is not None:
        low, high = kappa.interval
        number = tr(
            "Cohen's kappa: {kappa:.2f}, likely {low:.2f} to {high:.2f}.",
            kappa=kappa.value,
            low=low,
            high=high,
        )
    few = tr("With so few pictures or differences this is a rough figure.")
    return sentences(said, number, few if kappa.is_rough else "")


def _counts(found: Comparison) -> str:
    """Return how many pictures are compared, and how many are left out."""
    match = found.match
    both = trn(
        "{count:,} picture in both projects, {by_path:,} matched by path alone.",
        "{count:,} pictures in both projects, {by_path:,} matched by path alone.",
        len(match.ids),
        by_path=match.by_path,
    )
    alone = tr(
        "Checked by you alone: {mine:,}, by them alone: {theirs:,}.",
        mine=found.mine_alone,
        theirs=found.theirs_alone,
    )
    unsure = match.ambiguous + match.changed
    left_out = trn(
        "{count:,} picture not certainly in both left out.",
        "{count:,} pictures not certainly in both left out.",
        unsure,
        zero="",
    )
    taken_over = trn(
        "{count:,} with one and the same decision left out.",
        "{count:,} with one and the same decision left out.",
        found.taken_over,
        zero="",
    )
    return sentences(both, alone, left_out, taken_over)


def _preview(found: Comparison) -> str:
    """Return the effect of *Take over*, before it is done."""
    names = [shortened(one_line(name), _LONGEST) for name in found.new_names]
    parts = (
        trn(
            "{count:,} label that only they checked",
            "{count:,} labels that only they checked",
            found.theirs_alone,
            zero="",
        ),
        trn(
            "{count:,} new name ({names})",
            "{count:,} new names ({names})",
            len(names),
            zero="",
            names=listed(names, _MOST_NAMES),
        ),
    )
    if not any(parts):
        return tr("There is nothing to take over.")
    stays = tr("Where you differ, yours stay.")
    what = tr("To take over: {what}.", what=listed([part for part in parts if part]))
    return sentences(what, "" if found.records.is_right.all() else stays)


def _taken_over(merged: Merge, name: str) -> str:
    said = [
        trn(
            "{count:,} label taken over from {project}",
            "{count:,} labels taken over from {project}",
            merged.taken,
            project=name,
        ),
        trn("{count:,} name added", "{count:,} names added", merged.added, zero=""),
    ]
    if merged.makes_multi:
        said.append(tr("pictures may have several labels from now on"))
    return sentence(listed(said))
