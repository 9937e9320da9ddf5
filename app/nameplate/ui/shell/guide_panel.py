"""The guide in place of the pictures: pages of Markdown that come with the program."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image
from PySide6.QtCore import QEvent, QObject, QSize, Qt, QUrl
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QKeySequence,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QPushButton, QTextBrowser, QWidget

from nameplate.domain.progress import CancelToken
from nameplate.plug_ins.feature import GuidePage
from nameplate.plug_ins.registry import features
from nameplate.storage.resources import resource
from nameplate.ui.jobs.jobs import Jobs, Task
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.widgets.boxes import close_button, column, row, title
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.picture import to_qimage
from nameplate.ui.widgets.work_panel import MiddlePanel
from nameplate.wording.texts import error_text, tr
from nameplate.wording.translation import current

_OF_FRAME: Final = (
    GuidePage("index", "Contents", 0),
    GuidePage("tutorial", "Tutorial", 10),
    GuidePage("names", "Names", 20),
    GuidePage("check", "Check", 30),
    GuidePage("export", "Export", 40),
    GuidePage("search", "Search", 70),
    GuidePage("settings", "Settings", 90),
)
_ALL: Final = (*_OF_FRAME, *(page for feature in features() for page in feature.guide))

PAGES: Final[Mapping[str, str]] = {
    page.file: page.title for page in sorted(_ALL, key=lambda page: page.rank)
}
"""The titles of the pages by their files in `resources/guide`, without the ending."""

_TEXT_WIDTH: Final = 720
_LIST_WIDTH: Final = 168
_WIDTH: Final = _LIST_WIDTH + _TEXT_WIDTH + 72
_ROW_HEIGHT: Final = 30
_LINE_HEIGHT: Final = 130.0
"""Of a line of text, in per cent."""

_PICTURE: Final = "\ufffc"
"""What stands for a picture in the text of a document."""

_LINK: Final = re.compile(r"(!?)\[([^]\n]*)\]\(([^)\s]+)\)")
_INSIDE: Final = re.compile(r"(?:([\w-]+)\.md)?(?:#[\w-]*)?")


class _Place(NamedTuple):
    """A place in the guide: a page, a heading of it as links name it, how far it is scrolled."""

    page: str
    heading: str = ""
    scrolled: int = 0


class _Picture(NamedTuple):
    name: str
    image: QImage


class _Page(NamedTuple):
    """A page with empty pictures, each as large as the one that follows."""

    text: str
    pictures: Sequence[_Picture]


class GuidePanel(MiddlePanel):
    """Shows a page of the guide, and leads back to what was shown before.

    Links lead to other pages and to headings; those of the web open in the browser.
    """

    def __init__(self, jobs: Jobs, outside: Outside) -> None:
        super().__init__(tr("Guide"))
        self._jobs, self._outside, self._folder = jobs, outside, resource("guide")
        self._place = _Place("")
        self._before = list[_Place]()
        self._came_from: QWidget | None = None
        self._list = QListWidget()
        self._list.addItems([tr(title) for title in PAGES.values()])
        self._list.setAccessibleName(tr("Pages of the guide"))
        self._list.setFixedWidth(_LIST_WIDTH)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        for at in range(self._list.count()):
            self._list.item(at).setSizeHint(QSize(0, _ROW_HEIGHT))
        self._text = QTextBrowser()
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setOpenLinks(False)
        self._text.setAccessibleName(tr("Guide"))
        self._text.document().setDocumentMargin(12)
        self._line = QLineEdit()
        self._line.setPlaceholderText(tr("Find on this page"))
        self._line.setAccessibleName(tr("Find on this page"))
        self._line.setFixedWidth(200)
        self._back = QPushButton(tr("Back"))
        self._back.setToolTip(tip(tr("To the page before (Alt+Left)")))
        close = close_button(tr("Close the guide"), tr("Esc"))
        head = row(title(tr("Guide")), None, self._line, self._back, close, spacing=8)
        parts = row(self._list, self._text, spacing=12, grows=1)
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        inner.setLayout(column(head, parts, spacing=12, grows=1))
        self.setLayout(row(None, inner, None, margins=(24, 16, 24, 12), grows=(1, 100, 1)))
        self._text.installEventFilter(self)
        self._list.currentRowChanged.connect(self._on_row)
        self._text.anchorClicked.connect(self._follow)
        self._line.textEdited.connect(lambda: self._find(is_again=False))
        self._back.clicked.connect(self.go_back)
        close.clicked.connect(self.close_panel)

    # ---- pages

    @property
    def page(self) -> str:
        """The page that is shown, by its file."""
        return self._place.page

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return self._text.toPlainText()

    def open_page(self, page: str = "") -> None:
        """Show the guide, at a page; else where it was left."""
        if not self.is_open:
            self._came_from = self._stack.currentWidget()
            self.open_panel()
        wanted = page if page in PAGES else self.page or "index"
        if wanted != self.page:
            self._go(_Place(wanted))
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave_panel(self) -> None:
        """Hide it, and show what was there before."""
        before, self._came_from = self._came_from, None
        super().leave_panel()
        there = [self._stack.widget(at) for at in range(1, self._stack.count())]
        if before is not None and before in there:  # not that of a project that was closed
            self._stack.setCurrentWidget(before)
            (before.focusWidget() or before).setFocus()

    def go_back(self) -> None:
        """Show the page before."""
        if self._before:
            self._show(self._before.pop())

    def _go(self, place: _Place) -> None:
        if self.page:
            scrolled = self._text.verticalScrollBar().value()
            self._before.append(self._place._replace(heading="", scrolled=scrolled))
        self._show(place)

    def _show(self, place: _Place) -> None:
        is_same = place.page == self.page
        self._place = place
        self._back.setEnabled(bool(self._before))
        self._list.setCurrentRow(list(PAGES).index(place.page))
        if is_same:
            self._scroll()
            return
        folder, ratio = self._folder, self.devicePixelRatioF()

        def job(_cancel: CancelToken) -> Iterator[_Page | _Picture]:
            yield from _read(folder, place.page, ratio)

        def failed(error: Exception) -> None:
            self._text.setPlainText(error_text(error))

        self._jobs.run("guide", Task(job, self._on_read, failed))

    def _on_read(self, part: "_Page | _Picture") -> None:
        document, kind = self._text.document(), QTextDocument.ResourceType.ImageResource
        if isinstance(part, _Page):
            document.setMarkdown(part.text)  # and with it all pictures are gone
            _space(document)
        for picture in part.pictures if isinstance(part, _Page) else (part,):
            document.addResource(kind, QUrl(picture.name), picture.image)
        if isinstance(part, _Page):
            document.markContentsDirty(0, document.characterCount())
            self._scroll()
        self._text.viewport().update()

    def _scroll(self) -> None:
        """Go to the heading that was asked for, or where the page was left."""
        bar, wanted = self._text.verticalScrollBar(), self._place.heading
        bar.setValue(self._place.scrolled)
        block = self._text.document().begin()
        while wanted and block.isValid():
            if block.blockFormat().headingLevel() and _slug(block) == wanted:
                layout = self._text.document().documentLayout()
                bar.setValue(int(layout.blockBoundingRect(block).top()))
                return
            block = block.next()

    def _on_row(self, row: int) -> None:
        page = list(PAGES)[row]
        if page != self.page:
            self._go(_Place(page))

    def _follow(self, link: QUrl) -> None:
        if link.scheme():
            self._outside.open_web_page(link.toString())
        else:
            page = Path(link.path()).stem or self.page
            self._go(_Place(page, link.fragment()))

    # ---- keys

    def _find(self, *, is_again: bool, is_back: bool = False) -> None:
        """Select what is sought, the next of it or the one before, and go round at the end."""
        sought, cursor = self._line.text(), self._text.textCursor()
        flags = QTextDocument.FindFlag(0)
        if is_back:
            flags |= QTextDocument.FindFlag.FindBackward
        if not is_again:
            cursor.setPosition(cursor.selectionStart())
            self._text.setTextCursor(cursor)
        if sought and not self._text.find(sought, flags):
            ends = cursor.MoveOperation.End if is_back else cursor.MoveOperation.Start
            cursor.movePosition(ends)
            self._text.setTextCursor(cursor)
            self._text.find(sought, flags)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go back among all pages: the text goes back only among those that it has opened."""
        is_back = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Back)
        if is_back and event.type() == QEvent.Type.KeyPress:
            self.go_back()
            return True
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Take the key for finding from the window, which filters with it."""
        is_find = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Find)
        if is_find and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Find with Ctrl+F, go on with Enter, close with Esc."""
        if event.matches(QKeySequence.StandardKey.Find):
            self._line.setFocus()
            self._line.selectAll()
        elif event.key() in ENTER_KEYS and self._line.hasFocus():
            is_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._find(is_again=True, is_back=is_shift)
        else:
            super().keyPressEvent(event)


def _space(document: QTextDocument) -> None:
    """Give the lines and paragraphs of a page some room."""
    cursor, block = QTextCursor(document), document.begin()
    while block.isValid():
        cursor.setPosition(block.position())
        form = block.blockFormat()
        if _PICTURE not in block.text():
            way = QTextBlockFormat.LineHeightTypes.ProportionalHeight
            form.setLineHeight(_LINE_HEIGHT, way.value)
        if not cursor.currentTable():
            form.setTopMargin(20 if form.headingLevel() else 0)
            form.setBottomMargin(8)
        cursor.setBlockFormat(form)
        block = block.next()


def _slug(block: QTextBlock) -> str:
    """Return what links call a heading."""
    return re.sub(r"[^\w\- ]", "", block.text().lower()).replace(" ", "-")


def shown_text(text: str) -> str:
    """Return a page without links to what the program does not bring, and without such pictures."""

    def shown(found: re.Match[str]) -> str:
        mark, words, target = found.groups()
        inside = _INSIDE.fullmatch(target)
        if mark:
            name = target.removeprefix("../")  # of a page in the folder of its language
            return f"![{words}]({name})" if "/" not in name else ""
        is_page = inside is not None and (inside[1] or "index") in PAGES
        return found.group() if is_page or QUrl(target).scheme() else words

    return _LINK.sub(shown, text)


def _read(folder: Path, page: str, ratio: float) -> Iterator[_Page | _Picture]:
    """Yield a page at once, then its pictures, as wide as the text at most.

    It is in the language in use where there is one, in the folder of its code; pictures are shared.
    """
    files = (folder / current().code / f"{page}.md", folder / f"{page}.md")
    file = next(filter(Path.is_file, files), files[-1])
    text = shown_text(file.read_text(encoding="utf-8"))
    sizes = dict[str, tuple[int, int]]()
    for name in (target for mark, _, target in _LINK.findall(text) if mark):
        with Image.open(folder / name) as picture:  # the head alone is read
            factor = min(1.0, _TEXT_WIDTH * ratio / picture.width)
            sizes[name] = round(picture.width * factor), round(picture.height * factor)
    empty = (Image.new("RGB", size, "grey") for size in sizes.values())
    yield _Page(text, [_picture(*one, ratio) for one in zip(sizes, empty, strict=True)])
    for name, size in sizes.items():
        with Image.open(folder / name) as picture:
            yield _picture(name, picture.convert("RGB").resize(size), ratio)


def _picture(name: str, picture: Image.Image, ratio: float) -> _Picture:
    made = to_qimage(picture)
    made.setDevicePixelRatio(ratio)
    return _Picture(name, made)
