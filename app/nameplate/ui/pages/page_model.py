"""The pictures of a page and the headings of its blocks, in words."""

from collections.abc import Sequence
from itertools import accumulate

from PySide6.QtCore import QAbstractListModel, Qt

from nameplate.ui.pages.page_picture import PagePicture
from nameplate.ui.pages.source import BlockHeading
from nameplate.ui.widgets.item_views import NO_PARENT, Index
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.texts import after_colon


class PageModel(QAbstractListModel):
    """The pictures of a page, in words.

    Attributes:
        pictures: In reading order.
        blocks: The headings of its blocks; none on a page of one.
    """

    pictures: Sequence[PagePicture] = ()
    blocks: Sequence[BlockHeading] = ()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """Return how many pictures there are."""
        return 0 if parent.isValid() else len(self.pictures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Return the accessible text, after a heading where one is above, or the tool tip."""
        text = self.pictures[index.row()].text if index.isValid() else ""
        starts = dict(zip(self.starts, self.blocks, strict=False)) if self.blocks else {}
        said = after_colon(starts[at].text, text) if (at := index.row()) in starts else text
        words = {Qt.ItemDataRole.AccessibleTextRole: said, Qt.ItemDataRole.ToolTipRole: tip(text)}
        return words.get(Qt.ItemDataRole(role))

    @property
    def sizes(self) -> Sequence[int]:
        """How many pictures each block has."""
        return [block.size for block in self.blocks] or [len(self.pictures)]

    @property
    def starts(self) -> Sequence[int]:
        """The position of the first picture of each block."""
        return [0, *accumulate(self.sizes[:-1])]
