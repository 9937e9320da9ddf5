"""The part of the accuracy panel about doubtful labels."""

from functools import partial

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.domain.changes import Effects
from nameplate.features.quality.doubtful.finder import FINDING, Finder
from nameplate.features.quality.doubtful.pages import DoubtfulPages
from nameplate.ui.widgets.boxes import column, heading, row
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import tr, trn


class DoubtfulSection(QWidget):
    """How many labels are doubtful, found while it is seen, and the way to their pages.

    Attributes:
        button: Shows the pages.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self._finder = workbench.part(Finder)
        self._title, self._said = heading(""), Paragraph(max_lines=2)
        self.button = QPushButton(tr("Look at them"))
        self.button.setAutoDefault(True)  # Enter presses it, too
        self.button.clicked.connect(partial(self._show_pages, workbench))
        self.setLayout(column(self._title, row(self.button, self._said, grows=1), spacing=8))
        workbench.follow(self._on_changed)

    def _show_pages(self, workbench: Workbench) -> None:
        self._finder.find()
        workbench.check_pages(workbench.part(DoubtfulPages))

    def showEvent(self, event: QShowEvent) -> None:
        """Find the doubtful labels as long as it is seen."""
        super().showEvent(event)
        self._finder.watch(is_on=True)
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave it to pages and filters to find them."""
        super().hideEvent(event)
        self._finder.watch(is_on=False)

    def _on_changed(self, effects: Effects) -> None:
        if FINDING in effects.found and self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        count, why = self._finder.doubtful, self._finder.why_unknown
        some = trn("{count:,} doubtful label", "{count:,} doubtful labels", count)
        self._title.setText(some if count else tr("Doubtful labels"))
        found = tr("Each with the name that the picture looks like.")
        self._said.show_text(found if count and not why else why or tr("No label is doubtful."))
        self.button.setEnabled(bool(count or why))
