"""The table of a label file's first rows, or of its rows that cannot be used."""

from collections.abc import Sequence
from typing import Final

from nameplate.domain.records import Read, RecordProblem
from nameplate.ui.widgets.painting import one_line
from nameplate.ui.widgets.table import Table
from nameplate.wording.texts import what_of

_LONGEST: Final = 300


class RowsTable(Table):
    """A table with number, picture, and labels or problem of each row.

    Attributes:
        is_of_problems: Whether it shows the rows that cannot be used.
    """

    def __init__(self) -> None:
        super().__init__("")
        self.show_rows(())

    def show_rows(self, items: Sequence[Read]) -> None:
        """Show the first rows of the file."""
        self._show("First rows of the file", "Label", items, is_of_problems=False)

    def show_problems(self, problems: Sequence[RecordProblem], count: int) -> None:
        """Show the first problems and their total number."""
        name = "Rows that cannot be used"
        self._show(name, "What is wrong", problems, is_of_problems=True)
        if count > len(problems):
            self.add_rows([["", f"and {count - len(problems):,} more"]])

    def _show(self, name: str, last: str, items: Sequence[Read], *, is_of_problems: bool) -> None:
        self.is_of_problems = is_of_problems
        self.setAccessibleName(name)
        self.clear()
        self.set_heads(["Row", "Picture", last], stretched=(1, 2))
        self.add_rows(map(_cells, items), tips=(2,), right=0)
        self.setVisible(bool(items))


def _cells(one: Read) -> list[str]:
    said = what_of(one.reason) if isinstance(one, RecordProblem) else ", ".join(one.labels)
    cells = (f"{one.row:,}" if one.row else "", one.path, said)
    return [one_line(cell)[:_LONGEST] for cell in cells]
