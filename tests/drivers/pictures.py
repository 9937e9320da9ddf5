"""Drives the pictures, in each way to look at them, and the filter; a part of `WindowDriver`."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSpinBox

from drivers.base import DriverBase, called
from nameplate.domain.filtering.chosen import ImageIds
from nameplate.domain.filtering.filters import Filter, Term
from nameplate.domain.filtering.views import Sort
from nameplate.domain.labels import ReviewState
from nameplate.domain.messages import Message
from nameplate.pipeline.reading.batch_encoder import Embedded, Failed
from nameplate.ui.filter.line import FilterLine
from nameplate.ui.inspector.bar_rows import Bar
from nameplate.ui.inspector.bars import BarChart
from nameplate.ui.modes.pane import Pane, ZoomView
from nameplate.ui.tiles.model import Tile, TileKind, state_text
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.picture import PictureView
from nameplate.wording.texts import what_of
from qt_help import press_button, press_keys, wait


class PicturesDriver(DriverBase):
    """What a person does to pictures, what is said of them, and which of them are shown."""

    def priority(self) -> list[int]:
        """Return the rows to read first, as the reading job takes them: once."""
        return self.main.reading.priority.pop()

    def put_pictures(self, paths: Sequence[Path]) -> None:
        """Let pictures come in, as from a folder that is looked through."""
        self.main.owner.add_images(paths, step=0)

    def put_vectors(self, event: Embedded) -> None:
        """Let vectors come in, as from the model."""
        self.main.owner.record(event)

    def drag_out(self, picture: str) -> QMimeData:
        """Drag a picture, and what else is selected, out of the window; return what is dragged."""
        view = self.main.grid.viewport()
        place = self.main.arrangement.model.index_of(self._row_of(picture))
        start = self.main.grid.visualRect(place).center()
        dragged, actions = list[QMimeData](), list[Qt.DropAction]()

        def dropped_elsewhere(drag: QDrag, action: Qt.DropAction) -> Qt.DropAction:
            dragged.append(drag.mimeData())
            actions.append(action)
            return action

        with pytest.MonkeyPatch.context() as patch:  # a real drag waits for a real mouse
            patch.setattr(QDrag, "exec", dropped_elsewhere)
            QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
            QTest.mouseMove(view, start + QPoint(40, 0))
            QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 0))
        assert actions == [Qt.DropAction.CopyAction]
        return dragged[0]

    def press_on_pictures(self, *keys: str) -> None:
        """Go to the pictures and press keys there."""
        self.menu("Go to the pictures")
        self.press(*keys)

    def select(self, picture: str | int) -> None:
        """Select a picture by name, or by its place."""
        name = self.pictures()[picture] if isinstance(picture, int) else picture
        self.main.grid.set_current_image(self._row_of(name))

    def look_at(self, line: str = "", *, sort: Sort = Sort.ADDED, is_falling: bool = False) -> None:
        """Type a filter and press Enter; choose the order, and turn it round if need be."""
        self.filter_by(line)
        self.choose_order(what_of(sort.value))
        if self.main.arrangement.view.is_falling != is_falling:
            self.turn_round()

    def choose_order(self, text: str) -> None:
        """Choose an order, or what comes first, in the menu of its button."""
        self._order_entries()[text].trigger()

    def _order_entries(self) -> dict[str, QAction]:
        entries = self.main.filtering.order.menu().actions()
        return {entry.text(): entry for entry in entries if not entry.isSeparator()}

    def filter_by(self, line: str) -> None:
        """Type a filter, press Enter, and go on to the pictures unless a word is wrong."""
        self.come_back()
        self.filter_line.setFocus()
        self.filter_line.setText(line)
        press_keys(self.filter_line, "Return")
        if not self.filter_problem:
            press_keys(self.filter_line, "Escape")

    def come_back(self) -> None:
        """Make the window the active one: offscreen, a list that was closed may still be that."""
        self.main.activateWindow()
        QApplication.processEvents()

    def look_at_without(self, picture: str) -> None:
        """Let the view hide a picture meanwhile, as other suggestions may; the focus stays."""
        row = np.array([self._row_of(picture)])
        gone = Term(ImageIds.of(self.project.images.ids[row]), is_not=True)
        terms = self.main.arrangement.view.filter.terms
        self.main.arrangement.set_filter(Filter((*terms, gone)))

    def turn_round(self) -> None:
        """Turn the order of the pictures round."""
        *_, rising, falling = self._order_entries().values()
        (rising if falling.isChecked() else falling).trigger()

    def type_filter(self, text: str) -> None:
        """Type into the filter line, letter by letter, where the cursor is."""
        self.press("Ctrl+F")
        self.type(text)

    def wait_until_arranged(self) -> None:
        wait(lambda: not self.main.arrangement.arranging.is_busy)

    def set_minimum(self, percent: int) -> None:
        self.minimum_box.setValue(percent)

    def lose(self, picture: str) -> None:
        """Let a file turn out to be unreadable."""
        row = self._row_of(picture)
        self.main.owner.record(Failed(row, Message("has-vanished")))

    @property
    def filter_line(self) -> FilterLine:
        """Where a filter is typed."""
        return self.main.findChild(FilterLine, "filter_line")

    @property
    def conditions(self) -> list[str]:
        """The conditions that apply, in words."""
        return self.main.filtering.chips.texts

    @property
    def order(self) -> str:
        """What the button of the order says."""
        return self.main.filtering.order.text()

    def similarity_of(self, picture: str) -> float | None:
        """How much a picture is like what is searched for, as its tile says."""
        text = self.main.arrangement.model.index_of(self._row_of(picture)).data(
            Qt.ItemDataRole.AccessibleTextRole
        )
        found = re.search(r"likeness (-?\d\.\d\d)", text)
        return float(found[1]) if found else None

    @property
    def filter_problem(self) -> str:
        """What is said to be wrong with the filter that is typed."""
        return self.filter_line.problem.text

    def filter_menu(self, submenu: str = "") -> dict[str, QAction]:
        """Open the menu beside the filter line; return the entries of it, or of a submenu."""
        menu = self.main.filtering.menu
        menu.aboutToShow.emit()
        if submenu:
            menu = next(entry for entry in menu.actions() if entry.text() == submenu).menu()
        entries = (entry for entry in menu.actions() if not entry.isSeparator())
        return {entry.text().replace("&&", "&"): entry for entry in entries}

    def choose_in_filter_menu(self, text: str, submenu: str = "") -> None:
        self.filter_menu(submenu)[text].trigger()

    @property
    def view(self) -> tuple[str, str, str]:
        """What is said to be shown: the filter, the order, and what comes first."""
        said = self.main.filtering.order.accessibleName()
        return self.filter_line.text(), self.order, said.rpartition(", ")[2]

    @property
    def why_nothing(self) -> str:
        """What the middle says where the filter hides all pictures."""
        return self.main.nothing.text if self.shows_nothing else ""

    @property
    def is_inviting(self) -> bool:
        """Whether the middle invites to drop a folder."""
        return self.main.start_page.isVisible()

    @property
    def shows_nothing(self) -> bool:
        """Whether the middle says that no picture is of this kind."""
        return self.main.nothing.isVisible()

    def place_on_screen(self, picture: str) -> QPoint:
        """Return where the top left corner of a picture of the grid is."""
        grid = self.main.grid
        index = grid.model().index_of(self._row_of(picture))
        return grid.viewport().mapToGlobal(grid.visualRect(index).topLeft())

    @property
    def place_of_pictures(self) -> QRect:
        """Where in the window the pictures are."""
        stack = self.main.modes.stack
        QApplication.processEvents()
        return QRect(stack.mapTo(self.main, QPoint()), stack.size())

    @property
    def shows_pictures(self) -> bool:
        return self.main.grid.isVisible()

    @property
    def has_focus_on_pictures(self) -> bool:
        """Whether the pictures, as they are looked at, have the focus."""
        return self.main.modes.has_focus

    def focus_on_bars(self) -> None:
        self.main.inspector.chart.setFocus()

    def picture_menu_entries(self) -> list[str]:
        """Open the menu of the picture by its key and return its entries; Esc closes it."""
        self.press("Menu")
        menu = self.main.picture_menu.menu
        wait(menu.isVisible)
        entries = [action.text() for action in menu.actions() if not action.isSeparator()]
        press_keys(menu, "Escape")
        assert not menu.isVisible()
        return entries

    @property
    def minimum_box(self) -> QSpinBox:
        """The box of the least probability, in percent."""
        boxes = self.main.tools.findChildren(QSpinBox)
        return next(b for b in boxes if b.accessibleName().startswith("Minimum probability"))

    @property
    def beneath_minimum(self) -> str:
        """The text beneath the box of the least probability, whole in the open menu."""
        menu, text = self.minimum_box.window(), self.minimum_box.parent().findChild(Paragraph)
        menu.popup(QPoint())
        QApplication.processEvents()
        assert text.isVisible()
        assert text.width() >= text.fontMetrics().horizontalAdvance(text.text())
        assert text.height() >= text.fontMetrics().height()
        assert menu.rect().contains(text.mapTo(menu, text.rect().bottomRight()))
        menu.close()
        return text.text()

    def tiles(self) -> dict[str, Tile]:
        """Return the tile of each picture shown."""
        shown = [
            self.main.arrangement.model.tile(place)
            for place in range(self.main.arrangement.model.rowCount())
        ]
        return {called(tile.path): tile for tile in shown}

    def labels(self) -> dict[str, str]:
        """Return the label of each picture shown, whoever decided it; empty for none."""
        with_label = (TileKind.AUTO, TileKind.LEARNED, TileKind.GIVEN, TileKind.DECIDED)
        return {n: t.label if t.kind in with_label else "" for n, t in self.tiles().items()}

    def chips(self) -> list[str]:
        """Return the labels of the pictures in the order shown; empty for none."""
        return list(self.labels().values())

    def state(self, picture: str) -> str:
        """Return what a screen reader says about a picture: `decided by you: cat`."""
        return state_text(self.tiles()[picture])

    def review_state(self, picture: str) -> ReviewState:
        """Return what a CSV says about a picture."""
        return ReviewState(self.project.labels.states[self._row_of(picture)])

    def bars(self) -> dict[str, Bar]:
        """Return the bars of the current picture by name, from the top."""
        return {bar.name: bar for bar in self.main.inspector.findChild(BarChart).bars}

    @property
    def picture(self) -> PictureView:
        """The picture of the inspector."""
        return self.main.inspector.findChild(PictureView)

    @property
    def look(self) -> str:
        """How the pictures are looked at: grid, large, compare."""
        return self.main.modes.current.name.lower()

    @property
    def panes(self) -> tuple[Pane, ...]:
        """What shows a single picture each, in the large view and in compare."""
        return self.main.large.panes

    @property
    def large(self) -> ZoomView:
        """The large picture of the large view, or the one in compare that keys are for."""
        row = self.main.grid.current_image_row()
        return next(pane.view for pane in self.panes if pane.row == row)

    def side_by_side(self) -> list[str]:
        """Return the pictures of the large view or of compare, in order."""
        return [called(self.project.images.paths[pane.row]) for pane in self.panes]

    def captions(self) -> list[str]:
        """Return what a screen reader says of each of these pictures."""
        return [pane.view.accessibleName() for pane in self.panes]

    def facts(self) -> str:
        """Return what stands beneath the large picture about its size: `90 × 60 at 100%`."""
        return self.panes[0].bar.caption.facts

    def inspected(self) -> list[str]:
        """Return what the inspector says of the current picture: name, size, remarks."""
        paragraphs = self.main.inspector.findChildren(Paragraph)
        return [p.text() for p in paragraphs if p.isVisible() and p.text()]

    @property
    def is_sharp(self) -> bool:
        """Whether the large picture itself is shown, no smaller copy of it."""
        path = self.project.images.paths[self.main.grid.current_image_row()]
        there = self.main.large.loader.fitted(path)
        if there is None or there.problem:
            return False
        needed = self.large.picture_rect().width() * self.large.devicePixelRatioF() - 2
        return there.image.width() >= min(needed, there.size[0])

    def wait_until_decoded(self) -> None:
        """Wait until all that is looked at, and what comes next, is decoded."""
        wait(lambda: self.main.large.is_settled)

    @property
    def is_full_screen(self) -> bool:
        return self.main.isFullScreen()

    @property
    def message_in_picture(self) -> str:
        """What stands in place of the large picture; empty where there is a picture."""
        return self.large.message

    def visible_rows(self) -> list[int]:
        """Return the rows of the pictures that are in sight."""
        places = self.main.grid.shown_positions()
        return self.main.arrangement.model.order[places.start : places.stop].tolist()

    def unreadable(self) -> dict[str, str]:
        """Open the list of unreadable files and return the reasons by file, by its button."""
        self.menu("Unreadable files")
        press_button(self.main.problems, "Copy list")
        copied = QApplication.clipboard().text().splitlines()
        return {called(Path(f)): why for f, why in (line.split("\t") for line in copied)}
