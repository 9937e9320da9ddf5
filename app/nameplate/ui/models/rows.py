"""The Qt model of the list of models, with headings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import Progress
from nameplate.pipeline.model_overview import ModelInfo
from nameplate.ui.models.model_format import facts_line, format_download
from nameplate.wording.texts import error_text, text_of, what_of

ROW_ROLE: Final = Qt.ItemDataRole.UserRole + 1

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Activity:
    """A running job on a model.

    Attributes:
        text: Such as “Downloading”.
        progress: In bytes; None if unknown.
        can_be_cancelled: Whether Cancel stops it.
    """

    text: str
    progress: Progress | None = None
    can_be_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of a model.

    Attributes:
        short: For the list, in a few words.
        text: All of it: what, where, what to do.
    """

    short: str
    text: str


def failure_of(error: Exception) -> Failure:
    """Return `error` as text to show."""
    what = what_of(error.reason) if isinstance(error, NameplateError) else str(error)
    return Failure(f"{what[:1].upper()}{what[1:]}", error_text(error))


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One row of the list: a model and its state.

    Attributes:
        info: The facts of the model.
        is_in_use: Whether the window's model is this one.
        activity: The running job; None for none.
        failure: The last error; None for none.
    """

    info: ModelInfo
    is_in_use: bool = False
    activity: Activity | None = None
    failure: Failure | None = None

    @property
    def problem(self) -> str:
        """Why it cannot be used, or the last error; empty for none."""
        if self.failure:
            return self.failure.text
        return text_of(self.info.problem) if self.info.problem else ""

    @property
    def second_line(self) -> str:
        """The line under its title: activity, error or facts."""
        if self.activity is not None:
            shown = self.activity.progress
            return f"{self.activity.text} {format_download(shown)}" if shown else self.activity.text
        if self.failure is not None:
            return self.failure.short
        return "Cannot be used" if self.info.problem else facts_line(self.info)


class ModelRows(QAbstractListModel):
    """Rows of `ModelRow` with two headings that cannot be selected."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ModelRow | str] = []

    def set_rows(self, rows: Sequence[ModelRow]) -> None:
        """Show `rows`; if the models are the same as before, only changed rows are redrawn."""
        here = [row for row in rows if row.info.is_here]
        others = [row for row in rows if not row.info.is_here]
        new: list[ModelRow | str] = []
        for heading, some in (("On this computer", here), ("To download", others)):
            new += [heading, *some] if some else []
        if [_name(row) for row in new] != [_name(row) for row in self._rows]:
            self.beginResetModel()
            self._rows = new
            self.endResetModel()
            return
        before, self._rows = self._rows, new
        for number, (old, now) in enumerate(zip(before, new, strict=True)):
            if old != now:
                self.dataChanged.emit(self.index(number), self.index(number))

    def row_of(self, model_id: str) -> int:
        """Return the row of the model `model_id`, or -1."""
        names = [_name(row) for row in self._rows]
        return names.index((True, model_id)) if (True, model_id) in names else -1

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return the number of models and headings."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Let only models be chosen."""
        if not index.isValid() or isinstance(self._rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the row itself, its title, or its accessible text."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row if isinstance(row, str) else row.info.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row if isinstance(row, str) else _accessible_text(row)
        return None


def _name(row: ModelRow | str) -> tuple[bool, str]:
    return (False, row) if isinstance(row, str) else (True, row.info.model_id)


def _accessible_text(row: ModelRow) -> str:
    state = "in use" if row.is_in_use else ("installed" if row.info.is_here else "not downloaded")
    return f"{row.info.title}, {state}. {row.second_line}"
