"""The page to begin at: an empty project, with what can be added or gone on with."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QRectF, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget

from nameplate.domain.changes import Effects
from nameplate.project.file.recent import RecentProject
from nameplate.project.file.store import ENDING
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import entry_text, font_of, shortened
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import icon, icon_pixmap
from nameplate.wording.numbers import counted, time_of_day

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts

_OFFERED: Final = 3
"""Projects to go on with; the others are in the menu."""

_INSET: Final = 32
"""Keeps what is written inside the frame."""

_LEAST_HEIGHT: Final = 480
"""In pixels; on a lower page the texts need the room of the drawing."""

_LONGEST: Final = 40
"""Letters of a project's name."""


class StartPage(QWidget):
    """The drop area and buttons of an empty project; also keeps the menu of the last projects.

    Attributes:
        menu: An entry for each project that was worked on last.
    """

    def __init__(self, window: "WindowParts") -> None:
        """Let the buttons do what the actions for files, folders and samples do."""
        super().__init__()
        self._window, actions = window, window.actions_by_id
        self._is_drag_over = False
        self._picture = QLabel()
        title = QLabel("Drop a folder of pictures here")
        title.setFont(font_of(title.font(), 1.7, QFont.Weight.Bold))
        text = QLabel(
            "Then type what they might show, a name a line:\n"
            "Nameplate says how probable each name is for every picture."
        )
        note = QLabel(
            "Pictures stay where they are and are never changed. Nothing leaves this computer."
        )
        note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        for label in (self._picture, title, text, note):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        self._folder = QPushButton("Add a folder…")
        self._folder.setDefault(True)
        files = QPushButton(icon("add-images"), "Add pictures…")
        samples = QPushButton(icon("samples"), "Try the samples")
        self._recent = [QPushButton(flat=number > 0) for number in range(_OFFERED)]
        self._paths: Sequence[Path] = ()
        self._offers = [""] * _OFFERED
        for number, button in enumerate(self._recent):
            button.setMinimumWidth(1)  # a long name of a project must not widen the window
            button.hide()
            button.clicked.connect(partial(self._request, number))
        for button in (self._folder, files, samples, *self._recent):
            button.setAutoDefault(True)
        buttons = row(None, self._folder, files, None)
        others = [row(None, button, None) for button in (samples, *self._recent)]
        parts = (None, self._picture, title, text, 14, buttons, *others, 14, note, None)
        layout = column(*parts, margins=(_INSET, _INSET, _INSET, _INSET), spacing=10)
        layout.setStretch(0, 3)
        layout.setStretch(layout.count() - 1, 4)
        self.setLayout(layout)
        self._folder.clicked.connect(actions["add_folder"].trigger)
        files.clicked.connect(actions["add_files"].trigger)
        samples.clicked.connect(actions["samples"].trigger)
        self._draw_picture()
        self._follow_projects()

    def _follow_projects(self) -> None:
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self._action = self._window.actions_by_id["open_recent"]
        self._action.setMenu(self.menu)
        self._action.setEnabled(False)
        self._window.files.opened.connect(self._on_opened)
        self._window.owner.happened.connect(self._on_happened)

    def showEvent(self, event: QShowEvent) -> None:
        """Focus what goes on with the last project, or else the first button."""
        super().showEvent(event)
        (self._recent[0] if self._paths else self._folder).setFocus()

    def show_recent(self, projects: Sequence[RecentProject]) -> None:
        """Offer the projects that were changed last, the last one first."""
        if not self._window.owner.project.revision:
            self._offer_recent(projects)
        self.menu.clear()
        for project, text in zip(projects, project_texts(projects), strict=True):
            open_it = partial(self._window.files.open, project.path)
            entry = self.menu.addAction(entry_text(text), open_it)
            entry.setToolTip(tip(str(project.path)))
        self._action.setEnabled(bool(projects))

    @Slot()
    def _on_opened(self) -> None:
        """Say how a project that was undone as a whole can be gone on with."""
        self._window.files.look_for_recent()
        project = self._window.owner.project
        if project.history.undone and not project.images.present:
            self._window.messages.tell("All of this project was undone. Redo brings it back.")

    @Slot(object)
    def _on_happened(self, effects: Effects) -> None:
        if effects.of_project:
            self._offer_recent(())  # something was done in this window

    def _offer_recent(self, projects: Sequence[RecentProject]) -> None:
        """Show buttons that open the projects that were worked on last."""
        self._paths = [project.path for project in projects[:_OFFERED]]
        for button in self._recent[len(self._paths) :]:
            button.hide()
        texts = project_texts(projects)
        shown = zip(self._recent, projects, texts, strict=False)
        for number, (button, project, text) in enumerate(shown):
            self._offers[number] = f"Go on with {text}"
            button.setAccessibleName(self._offers[number])
            folder = project.summary.folder if project.summary else ""
            button.setToolTip(tip("\n".join(filter(None, (str(project.path), folder)))))
            button.show()
        self._fit()
        # Also while the window is not active yet, in which nothing has the focus.
        if self._paths and self.window().focusWidget() is self._folder:
            self._recent[0].setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._picture.setVisible(self.height() >= _LEAST_HEIGHT)
        room = self.width() - 2 * _INSET - 4 * self.fontMetrics().horizontalAdvance("m")
        for button, text in zip(self._recent, self._offers, strict=True):
            at_end = Qt.TextElideMode.ElideRight
            button.setText(button.fontMetrics().elidedText(text, at_end, max(1, room)))

    def _request(self, number: int) -> None:
        self._window.files.open(self._paths[number])

    def changeEvent(self, event: QEvent) -> None:
        """Draw the picture again when light became dark or the other way."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_paths"):
            self._draw_picture()

    def set_drag_over(self, is_over: bool) -> None:
        """Highlight the drop area while files are dragged over it."""
        self._is_drag_over = is_over
        self.update()

    def _draw_picture(self) -> None:
        colour = self.palette().color(QPalette.ColorRole.Highlight).name()
        pixmap = icon_pixmap("add-images", colour, 144)
        pixmap.setDevicePixelRatio(2)
        self._picture.setPixmap(pixmap)

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


def project_texts(projects: Sequence[RecentProject]) -> list[str]:
    """Return what each project is called after, and how far it is.

    Of those of one name the folder above is said, too, as far as it tells them apart.
    """
    names = [_name_of(project) for project in projects]
    texts = list[str]()
    for project, name in zip(projects, names, strict=True):
        above = _place_of(project).parent.name if names.count(name) > 1 else ""
        texts.append(_text_of(project, name, f" in {shortened(above, _LONGEST)}" if above else ""))
    return texts


def _place_of(project: RecentProject) -> Path:
    """Return what a project is called after: its file, or the folder of its pictures."""
    is_file = project.is_named or project.summary is None
    return project.path if is_file else Path(project.summary.folder if project.summary else "")


def _name_of(project: RecentProject) -> str:
    place = _place_of(project)
    return place.name.removesuffix(ENDING) if place == project.path else place.name or str(place)


def _text_of(project: RecentProject, name: str, where: str) -> str:
    summary = project.summary
    name = f"{shortened(name, _LONGEST)}{where}" if name and name != "." else ""
    if summary is None:
        return f"{name}: its file is damaged"
    decided = f", {summary.decided:,} decided" if summary.decided else ""
    names = f"{counted(summary.concepts, 'name')} without pictures"
    what = f"{counted(summary.images, 'picture')}{decided}" if summary.images else names
    return f"{name}: {what}, {time_of_day(project.changed_at)}".removeprefix(": ")
