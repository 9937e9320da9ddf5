"""The left column: the names, their details, templates and learning."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from nameplate.ui.concepts.details import ConceptDetails
from nameplate.ui.concepts.details_presenter import DetailsPresenter
from nameplate.ui.concepts.edits import ConceptEdits
from nameplate.ui.concepts.marks import ConceptMarks
from nameplate.ui.concepts.names_files import NamesFiles
from nameplate.ui.concepts.names_preview import NamesPreview
from nameplate.ui.concepts.organising import Organising
from nameplate.ui.concepts.panel import ConceptPanel
from nameplate.ui.concepts.template_box import TemplateBox
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.scoring import Scoring
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.shell.learning_box import LearningBox
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.message_bar import MessageBar


class NamesColumn(QWidget):
    """The parts that deal with names, from top to bottom.

    Attributes:
        panel: The list of names.
        preview: Names that could be added.
        details: Of one name.
        templates: What names are read as.
        learning: What is learned from decisions.
        edits: Turns what is done in the panel into steps.
        files: Lists of names in files.
    """

    def __init__(
        self,
        owner: ProjectOwner,
        in_use: ModelInUse,
        scoring: Scoring,
        grid: ImageGrid,
        messages: MessageBar,
        learning: LearningBox,
    ) -> None:
        super().__init__()
        self.panel, self.preview = ConceptPanel(), NamesPreview()
        self.details, self.templates = ConceptDetails(), TemplateBox(owner, in_use, scoring)
        self.learning = learning
        panel, selected = self.panel, grid.selected_image_rows
        self.edits = ConceptEdits(panel, owner, in_use, scoring)
        self.files = NamesFiles(panel, self.preview, owner, messages, in_use.jobs)
        self._details = DetailsPresenter(panel, self.details, owner, scoring)
        self._marks = ConceptMarks(panel, owner, selected)
        self._organising = Organising(panel, self.details, owner, scoring, messages, selected)
        self.preview.offered.connect(self._details.close)  # there is room for one of the two
        panel.details_requested.connect(self.preview.hide)
        for below in (self.templates, self.learning):  # nor for two fields “Read as”, or more
            self.details.shown.connect(below.setHidden)
        grid.selected_images_changed.connect(self._on_selected)
        parts = (panel, self.preview, self.details, self.templates, self.learning)
        self.setLayout(column(*parts, spacing=0))

    @Slot()
    def _on_selected(self) -> None:
        """Update what is shown about the selected pictures."""
        self._organising.selection_changed()
        self._marks.refresh()
