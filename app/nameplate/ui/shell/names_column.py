"""The left column: the names, their details, the prompt, and the widgets of features."""

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget

from nameplate.domain.changes import Effects
from nameplate.ui.concepts.details import ConceptDetails
from nameplate.ui.concepts.edits import ConceptEdits
from nameplate.ui.concepts.names_preview import NamesPreview
from nameplate.ui.concepts.panel import ConceptPanel, PanelActs
from nameplate.ui.concepts.template_box import TemplateBox
from nameplate.ui.filter.filtering import Filtering
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.modes.view_modes import ViewModes
from nameplate.ui.services import Services
from nameplate.ui.widgets.boxes import Panels, column, follow_in_tab_order, previous_in_tab_order

_Part = TypeVar("_Part", bound=QWidget)


class NamesColumn(QWidget):
    """The parts that deal with names, from top to bottom."""

    def __init__(
        self,
        services: Services,
        scoring: Scoring,
        modes: ViewModes,
        filtering: Filtering,
        label: Callable[[int], object],
    ) -> None:
        """Show no names yet; `label` labels the selected pictures with one."""
        super().__init__()
        self._services, self._owner, self._scoring = services, services.owner, scoring
        self._grid = modes.arrangement.grid
        self.edits = ConceptEdits(services, scoring)
        acts = PanelActs(
            label,
            filtering.show_concept,
            open_details=lambda key: self.details.open(key),
            open_split=lambda key: self.details.open_split(key),
            ask_for_file=lambda: self.preview.ask_for_file(),
            take_folders=lambda: self.preview.take_folders(),
            ask_where_to_write=lambda: self.preview.ask_where_to_write(),
            leave=modes.focus,
        )
        self.panel = ConceptPanel(self.edits, acts)
        self.templates = TemplateBox(services, scoring)
        self.below = Panels()
        self._grid.selected_images_changed.connect(self._show_marks)
        self._owner.changed.connect(self._on_project_changed)
        self._column = column(self.panel, self.templates, self.below, spacing=0)
        self.setLayout(self._column)
        self._show_below()

    @cached_property
    def preview(self) -> NamesPreview:
        """Names that could be added, from files and folders."""
        return self._beneath_names(NamesPreview(self._services, self.panel))

    @cached_property
    def details(self) -> ConceptDetails:
        """The details of one name."""
        made = ConceptDetails(self._services, self._scoring, self._grid, self.panel)
        return self._beneath_names(made)

    def _beneath_names(self, made: _Part) -> _Part:
        before = previous_in_tab_order(self.templates)
        self._column.insertWidget(1, made)
        follow_in_tab_order(before, made)
        made.installEventFilter(self)
        return made

    def _close_others(self, shown: QObject) -> None:
        """Close the preview or the details where the other is `shown`: there is room for one."""
        there = vars(self)  # no part is made to be hidden
        if "preview" in there and shown is not self.preview:
            self.preview.hide()
        if "details" in there and shown is not self.details:
            self.details.close_details()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide the parts below while the details are shown: there is no room for both."""
        if event.type() == QEvent.Type.ShowToParent:
            self._close_others(watched)
            self.panel.wanted.emit()
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._show_below()
        return super().eventFilter(watched, event)

    def _show_below(self) -> None:
        """Show the parts below if there are names and the details are closed."""
        has_details = "details" in vars(self) and not self.details.isHidden()
        for part in (self.templates, self.below):
            part.setHidden(has_details or not self._owner.project.concepts)

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.concepts:
            self._show_below()
        if effects.settings or effects.concepts or effects.images or len(effects.labelled):
            self._show_marks()

    def _show_marks(self) -> None:
        """Check the names that all of the selected pictures have, and which some.

        There are no check marks where pictures have one label each.
        """
        project = self._owner.project
        if not project.settings.is_multi:
            self.panel.names.rows.set_marks({})
            return
        rows = self._grid.selected_image_rows()
        counts = project.labels.sets.counts(project.labels.concepts[rows])
        names = [concept.key for concept in project.concepts if not concept.is_reject]
        marks = {key: _mark(counts.get(key, 0), len(rows)) for key in names}
        self.panel.names.rows.set_marks(marks)


def _mark(count: int, of_all: int) -> Qt.CheckState:
    if not count:
        return Qt.CheckState.Unchecked
    return Qt.CheckState.Checked if count == of_all else Qt.CheckState.PartiallyChecked
