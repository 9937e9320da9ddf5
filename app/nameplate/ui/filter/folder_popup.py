"""The folders of a project as a tree that opens under the filter's button."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QLabel, QTreeWidget, QTreeWidgetItem, QWidget

from nameplate.domain.filtering.path_index import Folder, FolderTree
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.painting import one_line
from nameplate.ui.widgets.paragraph import tip
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import tr

_PATH: Final = Qt.ItemDataRole.UserRole
_WIDTH, _HEIGHT = 380, 420


class _Tree(QTreeWidget):
    """A tree that accepts Enter to choose an item."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the current folder by Enter; else move."""
        chosen = self.selectedItems()
        if event.key() in ENTER_KEYS and chosen:
            self.itemActivated.emit(chosen[0], 0)
        else:
            super().keyPressEvent(event)


class FolderPopup(QFrame):
    """Shows folders with their number of pictures; closes when one is chosen."""

    def __init__(self, parent: QWidget, show_folder: Callable[[str], object]) -> None:
        """Call `show_folder` with a path, from the folder of all pictures on; empty for that."""
        super().__init__(parent, Qt.WindowType.Popup)
        self._show_folder = show_folder
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._tree = _Tree()
        self._tree.setAccessibleName(tr("Folders of the pictures"))
        self._tree.setColumnCount(2)
        self._tree.setHeaderHidden(True)
        header = self._tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._folders = FolderTree("", 0, {})
        hint = QLabel(tr("Enter shows a folder with its subfolders."))
        hint.setMargin(6)
        self.setLayout(column(self._tree, hint, grows=0))
        self.resize(_WIDTH, _HEIGHT)
        self._tree.itemExpanded.connect(self._fill)
        self._tree.itemClicked.connect(self._choose)
        self._tree.itemActivated.connect(self._choose)

    def open_under(self, place: QWidget) -> None:
        """Open under a button."""
        self.move(place.mapToGlobal(QPoint(0, place.height() + 2)))
        self.show()
        self._tree.setFocus()

    def show_folders(self, folders: FolderTree) -> None:
        """Show these folders; subfolders are added when their parent is expanded."""
        self._folders = folders
        self._tree.clear()
        name = folders.root.rpartition("/")[2] or folders.root or tr("All pictures")
        top = self._item(Folder("", name, folders.count))
        self._tree.addTopLevelItem(top)
        top.setExpanded(True)
        self._tree.setCurrentItem(top)

    def names(self) -> list[str]:
        """Return the visible folders, with their number of pictures."""
        items, item = list[str](), self._tree.topLevelItem(0)
        while item is not None:
            items.append(f"{item.text(0)} {item.text(1)}")
            item = self._tree.itemBelow(item)
        return items

    def choose(self, path: str) -> None:
        """Choose a folder like a click."""
        self._show_folder(path)
        self.close()

    def _item(self, folder: Folder) -> QTreeWidgetItem:
        item = QTreeWidgetItem([one_line(folder.name), format_number(folder.count)])
        item.setData(0, _PATH, folder.path)
        item.setToolTip(0, tip(folder.path))
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if self._folders.below.get(folder.path):
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        return item

    def _fill(self, item: QTreeWidgetItem) -> None:
        if not item.childCount():
            item.addChildren(
                [self._item(one) for one in self._folders.below.get(item.data(0, _PATH), ())]
            )

    def _choose(self, item: QTreeWidgetItem) -> None:
        self.choose(item.data(0, _PATH))
