"""The left column: the names, their details, templates, and what features show below them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from nameplate.domain.changes import Effects
from nameplate.ui.concepts.details import ConceptDetails
from nameplate.ui.concepts.edits import ConceptEdits
from nameplate.ui.concepts.names_preview import NamesPreview
from nameplate.ui.concepts.panel import ConceptPanel
from nameplate.ui.concepts.template_box import TemplateBox
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.panels import Panels

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts


class NamesColumn(QWidget):
    """The parts that deal with names, from top to bottom.

    Attributes:
        panel: The list of names.
        preview: Names that could be added, from files and folders.
        details: Of one name.
        templates: What names are read as.
        below: What features show.
        edits: Turns what is done in the panel into steps.
    """

    def __init__(self, window: "WindowParts") -> None:
        super().__init__()
        self._owner = window.owner
        self._selected = window.grid.selected_image_rows
        self.edits = ConceptEdits(window)
        panel = self.panel = ConceptPanel(window, self.edits)
        self.preview = NamesPreview(window)
        self.details = ConceptDetails(window, panel)
        self.templates = TemplateBox(window)
        self.below = Panels()
        self.details.installEventFilter(self)
        window.grid.selected_images_changed.connect(self._show_marks)
        self._owner.happened.connect(self._on_happened)
        parts = (panel, self.preview, self.details, self.templates, self.below)
        self.setLayout(column(*parts, spacing=0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide what lies below while the details are shown: there is no room for both."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            for part in (self.templates, self.below):
                part.setHidden(event.type() == QEvent.Type.Show)
        return super().eventFilter(watched, event)

    @Slot(object)
    def _on_happened(self, effects: Effects) -> None:
        if effects.settings or effects.concepts or effects.images or len(effects.labelled):
            self._show_marks()

    @Slot()
    def _show_marks(self) -> None:
        """Check the names that all of the selected pictures have, and which some.

        There are no check marks where pictures have one label each.
        """
        project = self._owner.project
        if not project.settings.is_multi:
            self.panel.set_marks({})
            return
        rows = self._selected()
        counts = project.labels.sets.counts(project.labels.concepts[rows])
        names = [concept.key for concept in project.concepts if not concept.is_reject]
        self.panel.set_marks({key: _mark(counts.get(key, 0), len(rows)) for key in names})


def _mark(count: int, of_all: int) -> Qt.CheckState:
    if not count:
        return Qt.CheckState.Unchecked
    return Qt.CheckState.Checked if count == of_all else Qt.CheckState.PartiallyChecked
