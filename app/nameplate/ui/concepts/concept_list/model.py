"""The model of the concept list, which is updated in place."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt
from PySide6.QtWidgets import QWidget

from nameplate.domain.concepts import Concept, as_line
from nameplate.domain.text import deferred
from nameplate.ui.actions.keys import NAME_KEYS
from nameplate.ui.widgets.item_views import NO_PARENT, Index
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.texts import listed, pictures_text, tr

CONCEPT_ROLE: Final = int(Qt.ItemDataRole.UserRole)
COUNT_ROLE: Final = CONCEPT_ROLE + 1
KEY_ROLE: Final = CONCEPT_ROLE + 2
_MARK_WORDS: Final = {
    Qt.CheckState.Checked: deferred("on all selected"),
    Qt.CheckState.PartiallyChecked: deferred("on some selected"),
    Qt.CheckState.Unchecked: deferred("on none selected"),
}

PICK_KEY: Final = "/"
"""Stands before names that have no key of their own: it begins to pick one."""

_NO_KEY: Final = deferred("no key: press / and some of its letters")


class ConceptModel(QAbstractListModel):
    """The model: concepts with counts; a change only affects the rows that differ.

    A reset would drop the selection and close the editor each time that a count changes.
    """

    def __init__(self, parent: QWidget, rename: Callable[[int, str], object]) -> None:
        """Call `rename` with the key of an edited row, and the line that was typed."""
        super().__init__(parent)
        self._rename = rename
        self._concepts: list[Concept] = []
        self._counts: dict[int, int] = {}
        self._marks: dict[int, Qt.CheckState] = {}

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """The concepts shown, in order."""
        return tuple(self._concepts)

    def set_concepts(self, concepts: tuple[Concept, ...], counts: dict[int, int]) -> None:
        """Show `concepts` with the number of labelled images by key."""
        new_keys = [c.key for c in concepts]
        if new_keys != [c.key for c in self._concepts]:
            self._remove_all_but(set(new_keys))
            self._reorder(new_keys)
            self._insert_missing(concepts)
        changed = [
            row
            for row, (old, new) in enumerate(zip(self._concepts, concepts, strict=True))
            if old != new or self._counts.get(new.key, 0) != counts.get(new.key, 0)
        ]
        self._concepts, self._counts = list(concepts), dict(counts)
        for index in map(self.index, changed):  # a view repaints all rows for a range
            self.dataChanged.emit(index, index)

    def set_marks(self, marks: Mapping[int, Qt.CheckState]) -> None:
        """Show check marks beside the concepts with these keys, and none beside others."""
        if marks != self._marks:
            self._marks = dict(marks)
            self._all_changed()

    @property
    def has_marks(self) -> bool:
        """Whether there are check marks."""
        return bool(self._marks)

    def row_of(self, key: int) -> int:
        """Return the row of the concept `key`, or -1."""
        return next((row for row, c in enumerate(self._concepts) if c.key == key), -1)

    def texts(self) -> list[str]:
        """Return the search text of each concept, case-folded: its names."""
        return ["\n".join(concept.names).casefold() for concept in self._concepts]

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """Return the number of concepts."""
        return 0 if parent.isValid() else len(self._concepts)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return flags: selectable, editable, without child rows."""
        own = Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemNeverHasChildren
        return super().flags(index) | own if index.isValid() else super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name, the line to edit, the concept, its count, or the accessible text."""
        if not index.isValid() or index.row() >= len(self._concepts):
            return None
        concept, row = self._concepts[index.row()], index.row()
        answers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: concept.name,
            Qt.ItemDataRole.EditRole: lambda: as_line(concept),
            Qt.ItemDataRole.AccessibleTextRole: lambda: self._accessible_text(row),
            Qt.ItemDataRole.ToolTipRole: lambda: self._tip(concept),
            Qt.ItemDataRole.CheckStateRole: lambda: self._marks.get(concept.key),
            CONCEPT_ROLE: lambda: concept,
            COUNT_ROLE: lambda: self._counts.get(concept.key, 0),
            KEY_ROLE: lambda: self._key_of(row),
        }
        return answers[role]() if role in answers else None

    def _tip(self, concept: Concept) -> str:
        lines = [concept.name]
        if concept.synonyms:
            lines.append(tr("also: {names}", names=listed(concept.synonyms)))
        if concept.is_reject:
            lines.append(tr("none of these: its pictures get no label"))
        if concept.threshold is not None:
            lines.append(_only_above(concept.threshold))
        if self._key_of(self.row_of(concept.key)) == PICK_KEY:
            lines.append(tr(_NO_KEY))
        return tip("\n".join(lines))

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Hand over an edited line; the row itself changes only with `set_concepts`."""
        line = str(value).strip()
        if role == Qt.ItemDataRole.EditRole and index.isValid():
            concept = self._concepts[index.row()]
            if line and line != as_line(concept):
                self._rename(concept.key, line)
        return False

    def _all_changed(self) -> None:
        if self._concepts:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._concepts) - 1, 0))

    def _key_of(self, row: int) -> str:
        return NAME_KEYS[row] if row < len(NAME_KEYS) else PICK_KEY

    def _accessible_text(self, row: int) -> str:
        concept = self._concepts[row]
        count = self._counts.get(concept.key, 0)
        parts = [listed(concept.names), pictures_text(count)]
        key = self._key_of(row)
        parts += [tr(_NO_KEY) if key == PICK_KEY else tr("key {key}", key=key)] if key else []
        parts += [_only_above(concept.threshold)] if concept.threshold is not None else []
        parts += [tr("none of these")] if concept.is_reject else []
        parts += [tr(_MARK_WORDS[self._marks[concept.key]])] if concept.key in self._marks else []
        return listed(parts)

    def _remove_all_but(self, keys: set[int]) -> None:
        for row in reversed(range(len(self._concepts))):
            if self._concepts[row].key not in keys:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._concepts[row]
                self.endRemoveRows()

    def _reorder(self, keys: list[int]) -> None:
        place = {key: n for n, key in enumerate(keys)}
        ordered = sorted(self._concepts, key=lambda c: place[c.key])
        if ordered == self._concepts:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        new_row = {concept.key: row for row, concept in enumerate(ordered)}
        after = [self.index(new_row[self._concepts[i.row()].key], 0) for i in before]
        self._concepts = ordered
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _insert_missing(self, concepts: tuple[Concept, ...]) -> None:
        for row, concept in enumerate(concepts):
            if row >= len(self._concepts) or self._concepts[row].key != concept.key:
                self.beginInsertRows(QModelIndex(), row, row)
                self._concepts.insert(row, concept)
                self.endInsertRows()


def _only_above(least: float) -> str:
    return tr("only above {percent}%", percent=round(100 * least))
