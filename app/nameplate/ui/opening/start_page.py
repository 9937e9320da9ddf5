"""The start page of an empty project: buttons to add pictures, and the latest projects."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from PIL import Image
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import deferred
from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.project.file.recent import RecentProject
from nameplate.ui.jobs.jobs import Task
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.opening.opener import Opener
from nameplate.ui.opening.project_entries import NO_ENTRY, Entry, entries_of
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.services import Services
from nameplate.ui.tiles.thumbnails import Fit, fitted
from nameplate.ui.widgets.boxes import column, heading, primary_button, row, scrolled, small
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.painting import SMALL, TITLE, entry_text, font_of, mirrored, one_line
from nameplate.ui.widgets.paragraph import Paragraph, tip
from nameplate.ui.widgets.theme import tint
from nameplate.wording.texts import sentences, tr

_OFFERED: Final = 5
"""The largest number of projects on the page; all are in the list that is searched."""

_WIDTH: Final = 560
_INSET: Final = 24
_AROUND_LINES: Final = 18
"""Pixels that a project's row is higher than its two lines."""

_PAD: Final = 24
"""Pixels between the edges of the column and its texts."""

_GAPS: Final = 100
"""The sum of the gaps above the projects, in pixels."""

_PICTURE: Final = 36
"""Side of a project's picture, for which there is room in a row of two lines."""

_ROUND: Final = 4
_POINTED: Final = 0.12
"""Opacity of the background of the row under the mouse."""

_TITLE_TEXT: Final = deferred("Add pictures, then name what they show.")
_LOOKING: Final = deferred("Looking for pictures…")
_LOOKING_MS: Final = 400
"""Delay of the text above; the first pictures of most folders appear sooner."""

_HOW: Final = deferred(
    "Drop a folder here, or choose one. Pictures stay on this computer, unchanged."
)


class _ProjectButton(QPushButton):
    """A row that opens a recent project, with its name, place, progress and time."""

    def __init__(self) -> None:
        super().__init__(flat=True)
        self._entry = NO_ENTRY
        self._picture: QImage | None = None
        self.setAutoDefault(True)
        self.setMinimumWidth(1)  # a long name must not widen the window
        self.hide()

    def show_entry(self, entry: Entry, path: Path) -> None:
        """Show a project without a picture, and the path of its file as the tool tip."""
        self._entry, self._picture = entry, None
        self.setText(entry_text(tr("Go on with {project}", project=entry.text)))
        self.setToolTip(tip("\n".join(dict.fromkeys(filter(None, (str(path), entry.place))))))

    def show_picture(self, picture: QImage) -> None:
        """Show a picture of the project, or an empty place for one."""
        self._picture = picture
        self.update()

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
        if self._picture is not None:
            place = QRect(0, 0, _PICTURE, _PICTURE)
            place.moveCenter(QPoint(box.left() + _PICTURE // 2, box.center().y()))
            self._draw_picture(painter, mirrored(place, box), self._picture)
            box = mirrored(box.adjusted(_PICTURE + _PAD // 2, 0, 0, 0), box)
        top = box.adjusted(0, 0, 0, -box.height() // 2)
        below = box.adjusted(0, box.height() // 2, 0, 0)
        name = entry.called(entry.name or entry.how_far)
        how_far = entry.how_far if entry.name else ""
        _draw(painter, top, name, how_far, Qt.TextElideMode.ElideRight)
        painter.setFont(font_of(self.font(), SMALL))
        painter.setPen(colour(QPalette.ColorRole.PlaceholderText))
        _draw(painter, below, entry.place, entry.when, Qt.TextElideMode.ElideMiddle)

    def _draw_picture(self, painter: QPainter, place: QRect, picture: QImage) -> None:
        """Draw a picture into the middle of a place; the bare place where it is null."""
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint(self.palette(), _POINTED))
        painter.drawRoundedRect(place, _ROUND, _ROUND)
        painter.restore()
        box = QRect(QPoint(), picture.deviceIndependentSize().toSize())
        box.moveCenter(place.center())
        painter.drawImage(box, picture)


def _draw(painter: QPainter, box: QRect, left: str, right: str, cut: Qt.TextElideMode) -> None:
    """Draw a text at each end of a box; the left one is elided if both do not fit."""
    metrics = painter.fontMetrics()
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
    painter.drawText(box, int(flags | Qt.AlignmentFlag.AlignRight), right)
    room = box.width() - (metrics.horizontalAdvance(right) + _PAD if right else 0)
    painter.drawText(box, int(flags), metrics.elidedText(one_line(left), cut, max(1, room)))


def _small(image: Image.Image, side: int, scale: float) -> QImage:
    small = fitted(image, Fit(side, side, _ROUND * scale))
    small.setDevicePixelRatio(scale)
    return small


class StartPage(QWidget):
    """The page of an empty project."""

    def __init__(
        self,
        services: Services,
        reading: Reading,
        files: ProjectFiles,
        opener: Opener,
        thumbnails: ThumbnailCache | None,
    ) -> None:
        """Make the page; its buttons trigger the actions for folders and samples.

        Projects are shown with a picture where `thumbnails` has one.
        """
        super().__init__()
        self._jobs, self._thumbnails = services.jobs, thumbnails
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
        self._all = small(QPushButton(tr("All projects…"), flat=True))
        self._recent = [_ProjectButton() for _ in range(_OFFERED)]
        self._projects: Sequence[RecentProject] = ()
        for number, button in enumerate(self._recent):
            button.clicked.connect(lambda _=False, at=number: files.open(self._projects[at].path))
        for button in (samples, self._all):
            button.setAutoDefault(True)
        buttons = row(self._folder, samples, None, spacing=8)
        drop, body = QFrame(), QWidget()
        drop.setObjectName("drop")
        margins = (_PAD, _PAD, _PAD, _PAD)
        drop.setLayout(column(title, 4, note, 16, buttons, margins=margins, spacing=0))
        go_on = row(self._go_on, None, self._all, margins=(_PAD, 0, _PAD // 2, 0))
        body.setMaximumWidth(_WIDTH)
        body.setLayout(column(drop, 24, go_on, 4, *self._recent, spacing=0))
        middle = row(None, body, None, margins=(_INSET, 0, _INSET, 0), grows=(0, 1000, 0))
        layout = column(None, middle, None, margins=(0, _INSET, 0, _INSET), spacing=0)
        layout.setStretch(0, 2)
        layout.setStretch(layout.count() - 1, 3)
        page = QWidget()
        page.setLayout(layout)
        self.setLayout(column(scrolled(page)))
        samples.clicked.connect(actions["samples"].trigger)
        self._soon = Later(self, _LOOKING_MS, self._show_looking)
        self._follow()

    def _follow(self) -> None:
        self._folder.clicked.connect(self._actions["add_folder"].trigger)
        self._all.clicked.connect(self._actions["open_project"].trigger)
        self._opener.began.connect(self._soon.ask)
        self._reading.scan_ended.connect(self._show_looking)
        self._files.opened.connect(self._on_opened)
        self._files.recent_found.connect(self._show_recent)
        self._owner.changed.connect(self._on_project_changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the row of the latest project, or else the first button."""
        super().showEvent(event)
        self._focus_first()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Give the focus to the button of the last project, or else to the first button."""
        super().focusInEvent(event)
        self._focus_first()

    def _focus_first(self) -> None:
        (self._recent[0] if self._projects else self._folder).setFocus()

    def _show_recent(self, projects: Sequence[RecentProject]) -> None:
        """Show the recent projects on the page and in the menu, the latest first."""
        if not self._owner.project.revision:
            self._offer_recent(projects)

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
        self._projects = projects
        shown = zip(self._recent, projects, entries_of(projects), strict=False)
        for button, project, entry in shown:
            button.show_entry(entry, project.path)
        self._fit()
        # `focusWidget` also works before the window is active.
        if self._projects and self.window().focusWidget() is self._folder:
            self._recent[0].setFocus()
        self._find_pictures(projects[:_OFFERED])

    def _find_pictures(self, projects: Sequence[RecentProject]) -> None:
        """Show the kept thumbnail of each project's first picture; none is made."""
        thumbnails, scale = self._thumbnails, self.devicePixelRatioF()
        paths = [Path(one.summary.first) if one.summary else None for one in projects]
        side = round(_PICTURE * scale)

        def job(_cancel: CancelToken) -> Iterator[list[QImage]]:
            if thumbnails is not None:
                found = [thumbnails.kept(path, side) if path else None for path in paths]
                yield [_small(image, side, scale) if image else QImage() for image in found]

        self._jobs.run("project-pictures", Task(job, self._show_pictures))

    def _show_pictures(self, pictures: Sequence[QImage]) -> None:
        if any(not picture.isNull() for picture in pictures):
            for button, picture in zip(self._recent, pictures, strict=False):
                button.show_picture(picture)

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
        others = sum(part.sizeHint().height() for part in (self._folder, self._all))
        room = self.height() - 2 * _INSET - texts - others - _GAPS
        fitting = max(1, room // self._recent[0].sizeHint().height())
        shown = min(fitting, len(self._recent), len(self._projects))
        for number, button in enumerate(self._recent):
            button.setFixedHeight(button.sizeHint().height())  # the style sheet's is one line's
            button.setVisible(number < shown)
        self._go_on.setVisible(shown > 0)
        self._all.setVisible(shown < len(self._projects))
