"""The guide in place of the pictures: pages of Markdown that come with the program."""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from PIL import Image
from PySide6.QtCore import QSignalBlocker, QSize, Qt, QUrl
from PySide6.QtGui import QImage, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QListWidget, QPushButton, QTextBrowser, QWidget

from nameplate.plug_ins.feature import GuidePage
from nameplate.plug_ins.registry import features
from nameplate.storage.resources import resource
from nameplate.ui.jobs.outside import Outside
from nameplate.ui.widgets.boxes import close_button, column, row, title
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.picture import to_qimage
from nameplate.ui.widgets.work_panel import MiddlePanel
from nameplate.wording.texts import tr
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

_UNKNOWN: Final = QTextDocument.ResourceType.UnknownResource
_IMAGE: Final = QTextDocument.ResourceType.ImageResource
_LINK: Final = re.compile(r"(?<!!)\[([^]\n]*)\]\(([^)\s]+)\)")


class GuidePanel(MiddlePanel):
    """Shows a page of the guide; closing it returns to the previous panel.

    Links lead to other pages and to headings; those of the web open in the browser.
    """

    def __init__(self, outside: Outside) -> None:
        super().__init__(tr("Guide"))
        self._came_from: QWidget | None = None
        self._list = QListWidget()
        self._list.addItems([tr(title) for title in PAGES.values()])
        self._list.setAccessibleName(tr("Pages of the guide"))
        self._list.setFixedWidth(_LIST_WIDTH)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        for at in range(self._list.count()):
            self._list.item(at).setSizeHint(QSize(0, _ROW_HEIGHT))
        self._text = _PageView(outside)
        self._back = QPushButton(tr("Back"))
        self._back.setEnabled(False)
        self._back.setToolTip(tip(tr("To the page before (Alt+Left)")))
        close = close_button(tr("Close the guide"), tr("Esc"))
        head = row(title(tr("Guide")), None, self._back, close, spacing=8)
        parts = row(self._list, self._text, spacing=12, grows=1)
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        inner.setLayout(column(head, parts, spacing=12, grows=1))
        self.setLayout(row(None, inner, None, margins=(24, 16, 24, 12), grows=(1, 100, 1)))
        self._list.currentRowChanged.connect(lambda at: self._text.show_page(list(PAGES)[at]))
        self._text.sourceChanged.connect(self._select_in_list)
        self._text.backwardAvailable.connect(self._back.setEnabled)
        self._back.clicked.connect(self._text.backward)
        close.clicked.connect(self.close_panel)

    @property
    def page(self) -> str:
        """The page that is shown, by its file."""
        return _page_of(self._text.source())

    @property
    def text(self) -> str:
        """The shown page as plain text."""
        return self._text.toPlainText()

    def open_page(self, page: str = "") -> None:
        """Show the guide, at a page; else where it was left."""
        if not self.is_open:
            self._came_from = self._stack.currentWidget()
            self.open_panel()
        wanted = page if page in PAGES else self.page or "index"
        if wanted != self.page:
            self._text.show_page(wanted)
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave_panel(self) -> None:
        """Close the guide, and show the previous panel."""
        before, self._came_from = self._came_from, None
        super().leave_panel()
        there = [self._stack.widget(at) for at in range(1, self._stack.count())]
        if before is not None and before in there:  # not that of a project that was closed
            self._stack.setCurrentWidget(before)
            (before.focusWidget() or before).setFocus()

    def _select_in_list(self, source: QUrl) -> None:
        with QSignalBlocker(self._list):
            self._list.setCurrentRow(list(PAGES).index(_page_of(source)))


class _PageView(QTextBrowser):
    """The text of a page: in the language in use where there is one, else in English."""

    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self._outside = outside
        guide = resource("guide")
        self.setSearchPaths([str(guide / current().code), str(guide)])
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(tr("Guide"))
        self.document().setDocumentMargin(12)
        self.sourceChanged.connect(self._on_source)

    def show_page(self, page: str) -> None:
        """Show a page from its beginning."""
        self.setSource(QUrl(f"{page}.md"))

    def doSetSource(self, name: QUrl, kind: QTextDocument.ResourceType = _UNKNOWN) -> None:
        """Follow a link: to a page or a heading here, to the web in the browser."""
        if name.scheme():
            self._outside.open_web_page(name.toString())
        else:
            super().doSetSource(name, kind)

    def loadResource(self, kind: int, name: QUrl) -> str | QImage:
        """Read a page, or a picture: as wide as the text at most, in pixels of the screen."""
        data = bytes(super().loadResource(kind, name))
        if kind != _IMAGE.value:
            return shown_text(data.decode())
        ratio = self.devicePixelRatioF()
        with Image.open(BytesIO(data)) as picture:
            picture.thumbnail((round(_TEXT_WIDTH * ratio), picture.height))
            image = to_qimage(picture.convert("RGB"))
        image.setDevicePixelRatio(ratio)
        return image

    def _on_source(self, source: QUrl) -> None:
        """Space the page, and scroll to the heading of the link: Qt names none in Markdown."""
        _space(self.document())
        self.scrollToAnchor(source.fragment())


def _page_of(source: QUrl) -> str:
    return source.path().removesuffix(".md")


def _space(document: QTextDocument) -> None:
    """Give the lines and paragraphs of a page some room, and its headings names for links."""
    cursor, block = QTextCursor(document), document.begin()
    while block.isValid():
        cursor.setPosition(block.position())
        form = block.blockFormat()
        if form.headingLevel():  # first, or else Qt does not lay out a first block
            anchor = QTextCharFormat()
            anchor.setAnchor(True)
            anchor.setAnchorNames([_slug(block.text())])
            cursor.mergeBlockCharFormat(anchor)
        if _PICTURE not in block.text():
            way = QTextBlockFormat.LineHeightTypes.ProportionalHeight
            form.setLineHeight(_LINE_HEIGHT, way.value)
        if not cursor.currentTable():
            form.setTopMargin(20 if form.headingLevel() else 0)
            form.setBottomMargin(8)
        cursor.setBlockFormat(form)
        block = block.next()


def _slug(heading: str) -> str:
    """Return the anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def shown_text(text: str) -> str:
    """Turn links to files that are not shipped into plain text."""

    def shown(link: re.Match[str]) -> str:
        url = QUrl(link[2])
        is_here = url.scheme() or not url.path() or _page_of(url) in PAGES
        return link[0] if is_here else link[1]

    return _LINK.sub(shown, text)
