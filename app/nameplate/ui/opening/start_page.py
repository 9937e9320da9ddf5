"""The start page of an empty project: buttons to add pictures, and the latest projects."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QWidget

from nameplate.domain.changes import Effects
from nameplate.domain.text import deferred
from nameplate.project.file.recent import RecentProject
from nameplate.project.file.store import ENDING
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.opening.opener import Opener
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.services import Services
from nameplate.ui.widgets.boxes import column, heading, primary_button, row, scrolled
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.painting import SMALL, TITLE, entry_text, font_of, one_line, shortened
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.widgets.theme import tint
from nameplate.wording.numbers import time_or_date
from nameplate.wording.texts import after_colon, listed, pictures_text, sentences, tr, trn

_OFFERED: Final = 5
"""The largest number of projects on the page; the menu has the others."""

_WIDTH: Final = 560
_INSET: Final = 24
_AROUND_LINES: Final = 18
"""Pixels that a project's row is higher than its two lines."""

_PAD: Final = 24
"""Pixels between the edges of the column and its texts."""

_GAPS: Final = 98
"""The sum of the gaps above the projects, in pixels."""

_POINTED: Final = 0.12
"""Opacity of the background of the row under the mouse."""

_LONGEST: Final = 40
"""Letters of a project's name in a menu."""

_TITLE_TEXT: Final = deferred("Add pictures, then name what they show.")
_LOOKING: Final = deferred("Looking for pictures…")
_LOOKING_MS: Final = 400
"""Delay of the text above; the first pictures of most folders appear sooner."""

_HOW: Final = deferred(
    "Drop a folder here, or choose one. Pictures stay on this computer, and as they are."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """The texts about a recent project.

    Attributes:
        name: The name of its file, or of the folder of its pictures.
        folder: The parent folder, if another project has the same name; else empty.
        names: Its first names, if the parent folder is the same as well; else empty.
        place: The folder of its pictures, or of its file.
        how_far: How much of it is checked.
        when: The time of the last change.
    """

    name: str
    folder: str
    names: str
    place: str
    how_far: str
    when: str

    @property
    def text(self) -> str:
        """All texts but the place in one line."""
        state = listed((self.how_far, self.when))
        name = self.called(shortened(self.name, _LONGEST))
        return after_colon(name, state) if self.name else state

    def called(self, name: str) -> str:
        """Return a name with the text that distinguishes it from equal names."""
        if self.folder:
            return tr("{project} in {folder}", project=name, folder=self.folder)
        return tr("{project} with {names}", project=name, names=self.names) if self.names else name


class _ProjectButton(QPushButton):
    """A row that opens a recent project, with its name, place, progress and time."""

    def __init__(self) -> None:
        super().__init__(flat=True)
        self._entry = Entry("", "", "", "", "", "")
        self.setAutoDefault(True)
        self.setMinimumWidth(1)  # a long name must not widen the window
        self.hide()

    def show_entry(self, entry: Entry, path: Path) -> None:
        """Show a project, and the path of its file as the tool tip."""
        self._entry = entry
        self.setText(entry_text(tr("Go on with {project}", project=entry.text)))
        self.setToolTip(tip("\n".join(dict.fromkeys(filter(None, (str(path), entry.place))))))

    def sizeHint(self) -> QSize:
        """Return the height of two lines and the width of the page."""
        return QSize(_WIDTH, 2 * self.fontMetrics().height() + _AROUND_LINES)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw two lines, each with a text at the left and one at the right."""
        # The style sheet for buttons changes this widget's own palette.
        painter, colour = QPainter(self), self.window().palette().color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_pointed_at = self.underMouse() or self.isDown()
        is_focused = self.hasFocus() and self.isActiveWindow()
        painter.setPen(colour(QPalette.ColorRole.Accent) if is_focused else Qt.PenStyle.NoPen)
        painter.setBrush(tint(self.palette(), _POINTED if is_pointed_at else 0))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(colour(QPalette.ColorRole.WindowText))
        entry, box = self._entry, self.rect().adjusted(_PAD, 5, -_PAD, -5)
        top = box.adjusted(0, 0, 0, -box.height() // 2)
        below = box.adjusted(0, box.height() // 2, 0, 0)
        name = entry.called(entry.name or entry.how_far)
        how_far = entry.how_far if entry.name else ""
        _draw(painter, top, name, how_far, Qt.TextElideMode.ElideRight)
        painter.setFont(font_of(self.font(), SMALL))
        painter.setPen(colour(QPalette.ColorRole.PlaceholderText))
        _draw(painter, below, entry.place, entry.when, Qt.TextElideMode.ElideMiddle)


def _draw(painter: QPainter, box: QRect, left: str, right: str, cut: Qt.TextElideMode) -> None:
    """Draw a text at each end of a box; the left one is elided if both do not fit."""
    metrics = painter.fontMetrics()
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
    painter.drawText(box, int(flags | Qt.AlignmentFlag.AlignRight), right)
    room = box.width() - (metrics.horizontalAdvance(right) + _PAD if right else 0)
    painter.drawText(box, int(flags), metrics.elidedText(one_line(left), cut, max(1, room)))


class StartPage(QWidget):
    """The page of an empty project; it also fills the menu of recent projects.

    Attributes:
        menu: The menu, with an entry for each recent project.
    """

    def __init__(
        self, services: Services, reading: Reading, files: ProjectFiles, opener: Opener
    ) -> None:
        """Make the page; its buttons trigger the actions for folders and samples."""
        super().__init__()
        self._owner, self._messages = services.owner, services.messages
        self._reading, self._files, self._opener = reading, files, opener
        actions = self._actions = services.actions
        role = QPalette.ColorRole.WindowText
        self._title = title = Paragraph(max_lines=3, role=role)
        title.setFont(font_of(title.font(), TITLE, QFont.Weight.DemiBold))
        title.show_text(tr(_TITLE_TEXT))
        self._note = note = Paragraph(max_lines=4)
        note.show_text(tr(_HOW))
        self._folder = primary_button(tr("Add a folder…"))
        samples = QPushButton(tr("Try the samples"), flat=True)
        self._go_on = heading(tr("Go on with"))
        self._go_on.hide()
        self._recent = [_ProjectButton() for _ in range(_OFFERED)]
        self._projects: Sequence[RecentProject] = ()
        for number, button in enumerate(self._recent):
            button.clicked.connect(lambda _=False, at=number: files.open(self._projects[at].path))
        samples.setAutoDefault(True)
        buttons = row(self._folder, samples, None, spacing=8)
        drop, body = QFrame(), QWidget()
        drop.setObjectName("drop")
        margins = (_PAD, _PAD, _PAD, _PAD)
        drop.setLayout(column(title, 4, note, 16, buttons, margins=margins, spacing=0))
        go_on = row(self._go_on, margins=(_PAD, 0, _PAD, 0))
        body.setMaximumWidth(_WIDTH)
        body.setLayout(column(drop, 24, go_on, 4, *self._recent, spacing=0))
        middle = row(None, body, None, margins=(_INSET, 0, _INSET, 0), grows=(0, 1000, 0))
        layout = column(None, middle, None, margins=(0, _INSET, 0, _INSET), spacing=0)
        layout.setStretch(0, 2)
        layout.setStretch(layout.count() - 1, 3)
        page = QWidget()
        page.setLayout(layout)
        self.setLayout(column(scrolled(page)))
        self._folder.clicked.connect(actions["add_folder"].trigger)
        samples.clicked.connect(actions["samples"].trigger)
        self._soon = Later(self, _LOOKING_MS, self._show_looking)
        opener.began.connect(self._soon.ask)
        reading.scan_ended.connect(self._show_looking)
        self._follow_projects()

    def _follow_projects(self) -> None:
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self._action = self._actions["open_recent"]
        self._action.setMenu(self.menu)
        self._action.setEnabled(False)
        self._files.opened.connect(self._on_opened)
        self._files.recent_found.connect(self._show_recent)
        self._owner.changed.connect(self._on_project_changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the row of the latest project, or else the first button."""
        super().showEvent(event)
        (self._recent[0] if self._projects else self._folder).setFocus()

    def _show_recent(self, projects: Sequence[RecentProject]) -> None:
        """Show the recent projects on the page and in the menu, the latest first."""
        if not self._owner.project.revision:
            self._offer_recent(projects)
        self.menu.clear()
        for project, entry in zip(projects, entries_of(projects), strict=True):
            open_it = partial(self._files.open, project.path)
            action = self.menu.addAction(entry_text(entry.text), open_it)
            action.setToolTip(tip(str(project.path)))
        self._action.setEnabled(bool(projects))

    def _show_looking(self) -> None:
        self._title.show_text(tr(_LOOKING if self._reading.is_scanning else _TITLE_TEXT))

    def _on_opened(self) -> None:
        """Tell how to restore a project whose steps were all undone."""
        self._files.look_for_recent()
        project = self._owner.project
        if project.history.undone and not project.images.present:
            key, back = self._actions.key_of("redo"), tr("Redo brings it back.")
            back = tr("Redo brings it back ({key}).", key=key) if key else back
            self._messages.tell(sentences(tr("Everything here was undone."), back))

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.of_project and self._projects:
            self._offer_recent(())  # the project is no longer empty

    def _offer_recent(self, projects: Sequence[RecentProject]) -> None:
        """Show rows for the recent projects."""
        self._projects = projects[:_OFFERED]
        shown = zip(self._recent, projects, entries_of(projects), strict=False)
        for button, project, entry in shown:
            button.show_entry(entry, project.path)
        self._fit()
        # `focusWidget` also works before the window is active.
        if self._projects and self.window().focusWidget() is self._folder:
            self._recent[0].setFocus()

    def minimumSizeHint(self) -> QSize:
        """Return room for one project, however many there are."""
        return QSize(240, 240)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many projects as fit, at least the latest."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = max(1, min(_WIDTH, self.width() - 2 * _INSET) - 2 * _PAD)
        texts = sum(text.heightForWidth(width) for text in (self._title, self._note))
        others = sum(part.sizeHint().height() for part in (self._folder, self._go_on))
        room = self.height() - 2 * _INSET - texts - others - _GAPS
        fitting = max(1, room // self._recent[0].sizeHint().height())
        for number, button in enumerate(self._recent):
            button.setFixedHeight(button.sizeHint().height())  # the style sheet's has one line
            button.setVisible(number < min(fitting, len(self._projects)))
        self._go_on.setVisible(bool(self._projects))


def entries_of(projects: Sequence[RecentProject]) -> list[Entry]:
    """Return the texts about each project.

    Projects with the same name are distinguished by the parent folder, or by their first names.
    """
    names = [_name_of(project) for project in projects]
    above = [_place_of(project).parent.name for project in projects]
    found = list[Entry]()
    for project, name, folder in zip(projects, names, above, strict=True):
        twins = [other for other, same in zip(above, names, strict=True) if same == name]
        is_twin, by_folder = bool(name) and len(twins) > 1, twins.count(folder) == 1
        place = project.path.parent if project.is_named else _place_of(project)
        found.append(
            Entry(
                name=one_line(name),
                folder=one_line(shortened(folder, _LONGEST)) if is_twin and by_folder else "",
                names=one_line(_names_of(project)) if is_twin and not by_folder else "",
                place=str(place) if name else "",
                how_far=_how_far(project),
                when=time_or_date(project.changed_at) if project.summary else "",
            )
        )
    return found


def _place_of(project: RecentProject) -> Path:
    """Return the path that gives a project its name: its file, or the folder of its pictures."""
    is_file = project.is_named or project.summary is None
    return project.path if is_file else Path(project.summary.folder if project.summary else "")


def _name_of(project: RecentProject) -> str:
    place = _place_of(project)
    if place == project.path:
        return place.name.removesuffix(ENDING)
    return "" if place == Path() else place.name or str(place)


def _names_of(project: RecentProject) -> str:
    """Return the first names of a project."""
    if project.summary is None or not project.summary.concepts:
        return ""
    names = listed([shortened(name, _LONGEST // 2) for name in project.summary.names])
    more = project.summary.concepts - len(project.summary.names)
    return tr("{names} and {count:,} more", names=names, count=more) if more else names


def _how_far(project: RecentProject) -> str:
    summary = project.summary
    if summary is None:
        return tr("its file is damaged")
    if not summary.images:
        return trn(
            "{count:,} name without pictures", "{count:,} names without pictures", summary.concepts
        )
    if not summary.decided:
        return pictures_text(summary.images)
    count, total = summary.decided, summary.images
    return tr("{count:,} of {total:,} checked", count=count, total=total)
