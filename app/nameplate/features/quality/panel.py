"""The panel *Accuracy*: random checks, doubtful labels, figures by name, two people."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.domain.changes import Ids
from nameplate.features.quality.card import LabelsCard
from nameplate.features.quality.checks.pages import Checks
from nameplate.features.quality.doubtful.finder import Finder
from nameplate.features.quality.doubtful.pages import DoubtfulPages
from nameplate.features.quality.figures.section import FiguresSection
from nameplate.features.quality.people.section import PeopleSection
from nameplate.ui.widgets.boxes import column, heading, row
from nameplate.ui.widgets.file_dialogs import ask_for_project
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.theme import set_drawn
from nameplate.ui.widgets.work_panel import ColumnPanel, SidePanel
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.texts import tr, trn


def attach(workbench: Workbench) -> None:
    """Show the bound in the status line; find doubtful labels for filters such as `odd:mistake`."""
    workbench.part(Checks).on_left = partial(ask_for_checks, workbench)
    workbench.pictures.follow_view(workbench.part(Finder).look)


def ask(workbench: Workbench) -> None:
    """Show the panel, or close it where it is shown."""
    panel = workbench.part(AccuracyPanel)
    if panel.is_open:
        panel.close_panel()
    else:
        panel.show_with(None)


def ask_for_checks(workbench: Workbench) -> None:
    """Show the panel with the focus on *Check at random*."""
    panel = workbench.part(AccuracyPanel)
    panel.show_with(panel.card.check_button)


def ask_for_doubtful(workbench: Workbench) -> None:
    """Show the panel with the focus on the button of doubtful labels."""
    panel = workbench.part(AccuracyPanel)
    panel.show_with(panel.doubtful.button)


def ask_for_project_to_compare(workbench: Workbench) -> None:
    """Let the person choose a project to compare with."""
    chosen = workbench.guarded(partial(compare_with, workbench))
    ask_for_project(workbench.window, chosen, tr("Compare with a project"))


def compare_with(workbench: Workbench, path: Path) -> None:
    """Compare the decisions in the open project with those in a file."""
    panel = workbench.part(AccuracyPanel)
    panel.show_with(panel.people)
    panel.people.compare_with(path)


class ShownBar(SidePanel):
    """The bar above pictures that a figure opened; Esc leads back to the panel."""

    def __init__(self, workbench: Workbench, panel: "AccuracyPanel") -> None:
        super().__init__()
        self._panel, self._pictures = panel, workbench.pictures
        self._of_all, self._say_of = "", None
        self._text = Paragraph(max_lines=1, role=QPalette.ColorRole.WindowText)
        back, every = QPushButton(tr("Back to accuracy")), QPushButton(tr("Show all pictures"))
        for button in (back, every):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        back.clicked.connect(self.close_panel)
        every.clicked.connect(workbench.pictures.show_all)
        self.setLayout(row(self._text, back, every, margins=(14, 6, 8, 6), spacing=8, grows=0))
        self.hide()
        workbench.pictures.follow_current(self._show_current)

    def show_text(self, text: str, say_of: Callable[[int], str] | None) -> None:
        """Show a text that describes the pictures, and one about the row of the current one."""
        self._of_all, self._say_of = text, say_of
        self.show()
        self._show_current(self._pictures.grid.current_image_row())

    def _show_current(self, row: int) -> None:
        said = self._say_of(row) if self._say_of and row >= 0 and self.isVisible() else ""
        self._text.show_text(" · ".join(filter(None, (self._of_all, said))))

    def close_panel(self) -> None:
        """Show the panel again."""
        self._panel.come_back()


class DoubtfulSection(QWidget):
    """The number of doubtful labels, found while it is visible, and the way to their pages."""

    def __init__(self, workbench: Workbench, on_known: Callable[[], object]) -> None:
        super().__init__()
        self._workbench = workbench
        self._finder, self._checks = workbench.part(Finder), workbench.part(Checks)
        self._on_known = on_known
        self._title, self._said = heading(""), Paragraph(max_lines=2)
        self.button = QPushButton()
        self.button.setAutoDefault(True)  # Enter presses it, too
        self.button.clicked.connect(self._show_pages)
        self.setLayout(column(self._title, row(self.button, self._said, grows=1), spacing=8))
        workbench.follow(lambda _effects: self._refresh() if self.isVisible() else None)

    @property
    def comes_first(self) -> bool:
        """Whether there are doubtful labels, and no checks that correcting one would end."""
        return self._finder.doubtful > 0 and not self._checks.is_open

    def _show_pages(self) -> None:
        self._finder.find()
        self._workbench.check_pages(self._workbench.part(DoubtfulPages))

    def showEvent(self, event: QShowEvent) -> None:
        """Find the doubtful labels while it is visible."""
        super().showEvent(event)
        self._finder.watch(is_on=True)
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave it to pages and filters to find them."""
        super().hideEvent(event)
        self._finder.watch(is_on=False)

    def _refresh(self) -> None:
        finder, count = self._finder, self._finder.doubtful
        some = trn("{count:,} doubtful label", "{count:,} doubtful labels", count)
        none = tr("Doubtful labels") if finder.why_unknown else tr("No doubtful labels")
        self._title.setText(some if count else none)
        if count:  # a change without a check ends what random checks show
            said = tr("Correct what is wrong before you check at random.")
            if self._checks.is_open:
                said = tr("Correcting one ends what the random checks show: they begin anew.")
        else:
            compared = len(finder.audit.rows) if finder.audit else 0
            said = tr(
                "{count:,} of {total:,} labels compared. Random checks show how many are right.",
                count=compared,
                total=self._workbench.project.counts.tally.labelled,
            )
        self._said.show_text(finder.why_unknown or said)
        self.button.setText(tr("Show it" if count == 1 else "Show them"))
        self.button.setEnabled(count > 0 or not finder.is_current)
        self._on_known()


class AccuracyPanel(ColumnPanel):
    """How right the labels are, in the place of the pictures; renewed while it is open."""

    guide_page = "accuracy"

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(tr("Accuracy"))
        self._workbench = workbench
        self.card = LabelsCard(workbench, self.close_panel, self._show_next)
        self.doubtful = DoubtfulSection(workbench, self._show_next)
        self._next = self.card.check_button
        self.people = PeopleSection(workbench, self._show_pictures)
        self.figures = FiguresSection(workbench, self._show_pictures, self._on_figures)
        self.shown_bar = ShownBar(workbench, self)
        compare = QPushButton(tr("Compare with another project…"))
        compare.clicked.connect(partial(workbench.trigger, "compare_projects"))
        self.add_to_head(self.figures.report_button)
        self.add_to_head(compare)
        parts = (self.card, self.doubtful, self.figures, self.people)
        self.lay_out_column(*parts, grows=parts.index(self.figures))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        workbench.place(self, Area.MIDDLE)
        workbench.place(self.shown_bar, Area.ABOVE)

    def show_with(self, part: QWidget | None) -> None:
        """Show the current figures, with the focus on a part; None for the next step."""
        self.open_panel()
        self.card.refresh()
        self.figures.renew()
        parts = (part, self._next, self)
        first = next(one for one in parts if one and one.isEnabled() and not one.isHidden())
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def come_back(self) -> None:
        """Show the panel again, and all pictures behind it."""
        self._workbench.pictures.show_all()
        if not self.is_open:
            self.show_with(self.figures.table)

    def close_panel(self) -> None:
        """Close the panel and cancel its job."""
        self.figures.stop()
        super().close_panel()

    def _show_next(self) -> None:
        """Fill the button of the next step; the focus goes along.

        Suggestions that are left come first, then doubtful labels, then random checks.
        """
        card, before = self.card, self._next
        steps = (card.pages_button, self.doubtful.button, card.check_button)
        later = () if self.doubtful.comes_first else (self.doubtful.button,)
        seen = (one for one in steps if not one.isHidden() and one not in later)
        self._next = next(seen, card.check_button)
        for button in steps:
            set_drawn(button, "primary", is_so=button is self._next)
        if before.hasFocus():
            self._next.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_figures(self) -> None:
        self.set_wide(is_wide=self.figures.has_table)
        self.card.show_figures(self.figures.figures)

    def _show_pictures(
        self, ids: Ids, what: str, say_of: Callable[[int], str] | None = None
    ) -> None:
        """Show pictures alone, and offer the way back."""
        if not len(ids):
            return
        self.leave_panel()
        self._workbench.pictures.modes.leave()
        self._workbench.pictures.show_only(ids, self._on_alone)
        text = tr("Accuracy: {what} ({count:,})", what=what, count=len(ids))
        self.shown_bar.show_text(text, say_of)

    def _on_alone(self) -> None:
        if not self._workbench.pictures.are_alone:
            self.shown_bar.hide()
