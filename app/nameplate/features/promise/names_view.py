"""Shows what random checks say of the labels of each name, once it is asked for."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.features.promise.rules.by_name import NameChecks, checks_by_name
from nameplate.features.promise.rules.promises import Promise
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.table import Table
from nameplate.ui.workbench import Workbench
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import error_text, listed, tr, trn

_MOST: Final = 30
"""Names that are listed."""


class NamesView(QWidget):
    """A table of names, with a button that shows it.

    Attributes:
        table: Name, labels, checks, wrong ones among them, and about how many others are wrong.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self._workbench = workbench
        self.table = Table(tr("Checks by name"))
        heads = tr("Name"), tr("Labels"), tr("Checked"), tr("Wrong"), tr("Wrong among the rest")
        self.table.set_heads(heads, stretched=(0,))
        self._button = QPushButton(tr("By name"))
        self._button.setCheckable(True)
        self._button.setAutoDefault(True)  # Enter on it must not press the main button
        self._button.toggled.connect(self._show)
        self._promise: Promise | None = None
        self.setLayout(column(row(self._button, None), self.table, spacing=8))

    def show_checks(self, promise: Promise | None) -> None:
        """Show the checks of labels that came with the pictures; nothing for others."""
        is_there = promise is not None and promise.is_of_given and bool(promise.checks)
        self._promise = promise if is_there else None
        self.setVisible(is_there)
        self._show()

    def _show(self) -> None:
        promise, is_asked = self._promise, self._button.isChecked()
        self.table.setVisible(is_asked)
        if promise is not None and is_asked:
            workbench = self._workbench
            found = partial(checks_by_name, promise, _MOST)
            workbench.run(
                "by name",
                lambda _cancel: iter([found()]),
                self._fill,
                lambda error: workbench.warn(error_text(error)),
            )

    def _fill(self, found: Sequence[NameChecks]) -> None:
        project = self._workbench.project
        names, sets = {one.key: one.name for one in project.concepts}, project.labels.sets
        self.table.clear()
        for one in found:
            called = listed([names.get(key, "") for key in sets.members(one.label)])
            self.table.add_rows([[called, *_cells(one)]], tips=(0,))
        self.table.fit_rows()


def _cells(one: NameChecks) -> list[str]:
    if isinstance(one.rest, int):
        about = trn(
            "known after {count:,} more check", "known after {count:,} more checks", one.rest
        )
    else:
        about = tr(
            "about {wrong:,} ({low:,} to {high:,})",
            wrong=one.rest.wrong,
            low=one.rest.least,
            high=one.rest.most,
        )
    return [*map(format_number, (one.labels, one.checks, one.wrong)), about]
