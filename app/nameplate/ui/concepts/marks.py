"""Check marks beside the names: the labels of the selected pictures, if they may have several."""

from PySide6.QtCore import QObject, Qt, Slot

from nameplate.domain.changes import Effects
from nameplate.ui.concepts.organising import SelectedRows
from nameplate.ui.concepts.panel import ConceptPanel
from nameplate.ui.project_owner import ProjectOwner


class ConceptMarks(QObject):
    """Shows marks for the selected pictures; none if pictures have one label each."""

    def __init__(self, panel: ConceptPanel, owner: ProjectOwner, selected: SelectedRows) -> None:
        """Mark the labels of the image rows that `selected` returns."""
        super().__init__(panel)
        self._panel = panel
        self._owner = owner
        self._selected = selected
        owner.changed.connect(self._on_changed)

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if effects.settings or effects.concepts or effects.images or len(effects.labelled):
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show which names all of the selected pictures have, and which some."""
        project = self._owner.project
        if not project.settings.is_multi:
            self._panel.set_marks({})
            return
        rows = self._selected()
        counts = project.labels.sets.counts(project.labels.concepts[rows])
        names = [concept.key for concept in project.concepts if not concept.is_reject]
        self._panel.set_marks({key: _state(counts.get(key, 0), len(rows)) for key in names})


def _state(count: int, of_all: int) -> Qt.CheckState:
    if not count:
        return Qt.CheckState.Unchecked
    return Qt.CheckState.Checked if count == of_all else Qt.CheckState.PartiallyChecked
