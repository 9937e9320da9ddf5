"""The centre of the window without pictures: an empty project, or a filter without matches."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette, QPen, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nameplate.project.recent import RecentProject
from nameplate.project.store import ENDING
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.theme import icon, icon_pixmap
from nameplate.wording.numbers import counted, time_of_day

_OFFERED: Final = 3
"""Projects to go on with; the others are in the menu."""

_INSET: Final = 32
"""Keeps what is written inside the frame."""

_LONGEST: Final = 40
"""Letters of a project's name."""


class EmptyState(QWidget):
    """The drop area and buttons of an empty project.

    Signals:
        folder_requested: "Add a folder" was pressed.
        files_requested: "Add pictures" was pressed.
        samples_requested: "Try the samples" was pressed.
        project_requested: "Go on" was pressed; the path of the project.
    """

    folder_requested = Signal()
    files_requested = Signal()
    samples_requested = Signal()
    project_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_drag_over = False
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        title = QLabel("Drop a folder of pictures here", alignment=Qt.AlignmentFlag.AlignCenter)
        title.setFont(font_of(title.font(), 1.7, QFont.Weight.Bold))
        text = QLabel(
            "Then type what they might show, a name a line:\n"
            "Nameplate says how probable each name is for every picture.",
            alignment=Qt.AlignmentFlag.AlignCenter,
        )
        self._folder = QPushButton("Add a folder…")
        self._folder.setDefault(True)
        self._files = QPushButton("Add pictures…")
        self._samples = QPushButton("Try the samples")
        buttons = QHBoxLayout()
        buttons.addStretch()
        for button in (self._folder, self._files):
            buttons.addWidget(button)
        buttons.addStretch()
        for button in (self._folder, self._files, self._samples):
            button.setAutoDefault(True)
        self._recent = [QPushButton(flat=number > 0) for number in range(_OFFERED)]
        self._paths: Sequence[Path] = ()
        for number, button in enumerate(self._recent):
            button.setAutoDefault(True)
            button.setMinimumWidth(1)  # a long name of a project must not widen the window
            button.hide()
            button.clicked.connect(partial(self._request, number))
        note = QLabel(
            "Pictures stay where they are and are never changed. Nothing leaves this computer.",
            alignment=Qt.AlignmentFlag.AlignCenter,
        )
        note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        column = QVBoxLayout(self)
        column.addStretch(3)
        for label in (title, text, note):
            label.setWordWrap(True)
        for widget in (self._picture, title, text):
            column.addWidget(widget)
        column.addSpacing(14)
        column.addLayout(buttons)
        for button in (self._samples, *self._recent):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addSpacing(14)
        column.addWidget(note)
        column.addStretch(4)
        column.setSpacing(10)
        column.setContentsMargins(_INSET, _INSET, _INSET, _INSET)
        self._folder.clicked.connect(self.folder_requested)
        self._files.clicked.connect(self.files_requested)
        self._samples.clicked.connect(self.samples_requested)
        self.refresh_icons()

    def showEvent(self, event: QShowEvent) -> None:
        """Focus what goes on with the last project, or else the first button."""
        super().showEvent(event)
        (self._recent[0] if self._paths else self._folder).setFocus()

    def offer_recent(self, projects: Sequence[RecentProject]) -> None:
        """Show buttons that open the projects that were worked on last."""
        self._paths = [project.path for project in projects[:_OFFERED]]
        for button in self._recent[len(self._paths) :]:
            button.hide()
        for button, project in zip(self._recent, projects, strict=False):
            button.setText(f"Go on with {project_text(project)}")
            folder = project.summary.folder if project.summary else ""
            button.setToolTip("\n".join(filter(None, (str(project.path), folder))))
            button.show()
        # Also while the window is not active yet, in which nothing has the focus.
        if self._paths and self.window().focusWidget() is self._folder:
            self._recent[0].setFocus()

    def hide_recent(self) -> None:
        """Offer nothing to go on with: something was done in this window."""
        self.offer_recent(())

    def _request(self, number: int) -> None:
        self.project_requested.emit(self._paths[number])

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons again when light became dark or the other way."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_samples"):
            self.refresh_icons()

    def set_drag_over(self, is_over: bool) -> None:
        """Highlight the drop area while files are dragged over it."""
        self._is_drag_over = is_over
        self.update()

    def refresh_icons(self) -> None:
        """Redraw the icons in the palette's colours."""
        colour = self.palette().color(QPalette.ColorRole.Highlight).name()
        pixmap = icon_pixmap("add-images", colour, 144)
        pixmap.setDevicePixelRatio(2)
        self._picture.setPixmap(pixmap)
        self._files.setIcon(icon("add-images"))
        self._samples.setIcon(icon("samples"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dashed frame of a drop area."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = QPalette.ColorRole.Highlight if self._is_drag_over else QPalette.ColorRole.Mid
        colour = self.palette().color(role)
        painter.setPen(QPen(colour, 2 if self._is_drag_over else 1.4, Qt.PenStyle.DashLine))
        fill = QColor(colour)
        fill.setAlphaF(0.10 if self._is_drag_over else 0.0)
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(22, 22, -22, -22), 14, 14)


def project_text(project: RecentProject) -> str:
    """Return what a project is called after, and how far it is."""
    name = project.path.name.removesuffix(ENDING)
    summary = project.summary
    if summary is None:
        return f"{_shortened(name)}: its file is damaged"
    if not project.is_named:
        name = Path(summary.folder).name or summary.folder
    decided = f", {summary.decided:,} decided" if summary.decided else ""
    names = f"{counted(summary.concepts, 'name')} without pictures"
    what = f"{counted(summary.images, 'picture')}{decided}" if summary.images else names
    about = f"{_shortened(name)}: {what}" if name else what
    return f"{about}, {time_of_day(project.changed_at)}"


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
