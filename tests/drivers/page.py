"""Drives the pages of one name's suggestions in a person's words; a part of `WindowDriver`."""

import re
from math import isclose

from PySide6.QtCore import QEvent, QPoint, QRect
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from drivers.base import DriverBase, called
from nameplate.ui.tiles.model import TileKind
from nameplate.wording.numbers import percent
from qt_help import LEFT, NO_KEY, move_held, wait


class PageDriver(DriverBase):
    """What a person does and sees on a page, and at the end of the pages."""

    @property
    def pages(self):
        """What shows pages in the open project."""
        from nameplate.ui.pages.pages import Pages

        return self.main.workbenches["pages"].part(Pages)

    def begin_pages(self) -> None:
        """Check page by page, and wait for the first page."""
        self.menu_entry("Check pages").trigger()
        wait(lambda: self.page and self.is_page_seen)

    def begin_pages_at_the_end(self) -> None:
        """Check page by page where there is no page, and wait until that is said."""
        self.menu_entry("Check pages").trigger()
        panel = self.pages
        wait(lambda: panel.isVisible() and not panel.is_page_shown)
        wait(lambda: "in a moment" not in self.page_text)

    # ---- pages of one name

    def turn_page(self) -> None:
        """Press Enter when all pictures of the page are seen, and wait for the next page."""
        wait(lambda: self.is_page_seen)
        before = self.page_text.splitlines()[0], self.page  # other names may have the same pictures
        self.press("Return")
        wait(lambda: (self.page_text.splitlines()[0], self.page) != before)

    def places_on_page(self) -> list[QRect]:
        """Return where each picture of the page is."""
        view = self.pages.view
        return [view.visualRect(view.model().index(place, 0)) for place in range(len(self.page))]

    def page_area(self) -> QRect:
        """Return where pictures of the page can be."""
        return self.pages.view.rect()

    @property
    def page(self) -> list[str]:
        """The pictures of the page that is shown; none where there is no page."""
        panel = self.pages
        is_shown = panel.isVisible() and panel.is_page_shown
        return [called(picture.path) for picture in panel.view.pictures] if is_shown else []

    @property
    def page_name(self) -> str:
        """The name that the pictures of the page are suggested as."""
        concept = self.pages.suggested.concept_of(self.pages.page)
        return concept.name if concept else ""

    @property
    def block_headings(self) -> dict[str, str]:
        """What the headings of the page say, by name; none on a page of one name."""
        return {self._name_of(block): block.says for block in self.pages.view.blocks}

    def places_of_headings(self) -> dict[str, QRect]:
        """Return where the heading of each name is on the page."""
        view = self.pages.view
        return {self._name_of(block): view.heading_rect(n) for n, block in enumerate(view.blocks)}

    def click_on_heading(self, name: str) -> None:
        place = self.places_of_headings()[name].center()
        QTest.mouseClick(self.pages.view.viewport(), LEFT, NO_KEY, place)

    def name_on_page(self, picture: str) -> str:
        """Return the name above a picture of the page."""
        view, place = self.pages.view, self.page.index(picture)
        names = [self._name_of(block) for block in view.blocks for _ in range(block.size)]
        return names[place] if names else self.page_name

    @staticmethod
    def _name_of(block) -> str:
        return block.name.partition("  ")[2] or block.name

    @property
    def page_text(self) -> str:
        """All that stands on the page, or where there is none."""
        return self.pages.text

    @property
    def accepts(self) -> str:
        """What the button says that accepts the page."""
        return self.pages.turn.text()

    @property
    def page_columns(self) -> int:
        """How many pictures a row of the page has."""
        tops = [place.top() for place in self.places_on_page()]
        return tops.count(tops[0])

    @property
    def is_page_seen(self) -> bool:
        """Whether all pictures of the page are seen, or never will be."""
        return not self.pages.view.missing

    def on_page(self) -> dict[str, str]:
        """Return what a screen reader says of each picture of the page, without its file."""
        pictures = self.pages.view.pictures
        return {called(p.path): p.text.partition(", ")[2] for p in pictures}

    def contradictions(self) -> dict[str, str]:
        """Return what page and bars say of undecided pictures that is not suggested now."""
        tiles, said = self.tiles(), self.on_page() if self.page else {}
        wrong = dict[str, str]()
        for name, says in said.items():
            label = tiles[name].label
            claimed = says.removeprefix("now suggested: ")
            if says.endswith("%"):
                claimed = self.name_on_page(name)
                if says.rpartition(", ")[0] not in ("", claimed):
                    wrong[name] = f"{says}, below the heading: {claimed}"
            elif says == "left for later":
                continue
            elif claimed == says and says not in self.names():
                continue  # it was said by the person, or cannot be seen
            if claimed != label:
                wrong[name] = f"{says}, suggested: {label}"
        counts = re.findall(r"\d+", " ".join(self.block_headings.values())) if said else ()
        if counts and sum(map(int, counts)) != int((re.findall(r"\d+", self.accepts) or [0])[0]):
            wrong["button"] = f"{self.accepts}, headings: {self.block_headings}"
        return wrong | self._contradicting_bars() | self._contradicting_percentage(said)

    def _contradicting_percentage(self, said: dict[str, str]) -> dict[str, str]:
        """Return the percentage below the current picture if it is not that of its bar."""
        current, bars = self.current(), self.bars()
        shown = said.get(current, "").rpartition(", ")[2]
        name = self.name_on_page(current) if shown.endswith("%") else ""
        if name not in bars or shown == percent(bars[name].probability):
            return {}
        return {"percentage": f"{shown} of {current}, bar: {percent(bars[name].probability)}"}

    def _contradicting_bars(self) -> dict[str, str]:
        tiles, current, bars = self.tiles(), self.current(), self.bars()
        if not current or tiles[current].kind is not TileKind.SUGGESTED:
            return {}
        # What a person said that it is not keeps its bar.
        off = self.project.rejected.get(int(self.project.images.ids[self._row_of(current)]), ())
        bars = {
            name: bar.probability for name, bar in bars.items() if self._key_of(name) not in off
        }
        first, label = next(iter(bars), ""), tiles[current].label
        # Names that the tiny model cannot tell apart differ by rounding.
        if not bars or isclose(bars.get(label, 0), bars[first], rel_tol=1e-4):
            return {}
        return {"bars": f"{first} of {current}, suggested: {label}"}

    def colours_on_page(self, picture: str) -> set[str]:
        """Return the colours, as `#rrggbb`, of what is painted of a picture of the page."""
        place = self.places_on_page()[self.page.index(picture)]
        shown = self.pages.view.grab(place).toImage()
        across, down = range(shown.width()), range(shown.height())
        return {shown.pixelColor(x, y).name() for x in across for y in down}

    def is_dimmed(self, picture: str) -> bool:
        """Whether a picture of one colour is seen in another one."""
        place, row = self.page.index(picture), self.pages.view.pictures
        rect = self.places_on_page()[place]
        shown = self.pages.view.grab(rect).toImage()
        own = QImage(str(row[place].path))
        return shown.pixelColor(shown.rect().center()) != own.pixelColor(own.rect().center())

    def point_at(self, picture: str | int) -> None:
        """Move the mouse to a picture of the page."""
        view, place = self.pages.view, self._place_on_page(picture)
        for there in (place + QPoint(1, 1), place):  # a test before may have left the mouse there
            QTest.mouseMove(view.viewport(), there)

    def click_on_page(self, picture: str | int) -> None:
        QTest.mouseClick(self.pages.view.viewport(), LEFT, NO_KEY, self._place_on_page(picture))

    def enlarge_on_page(self, picture: str) -> None:
        """Point at a picture of the page, and click its magnifying glass, which its tip tells."""
        view, place = self.pages.view, self.places_on_page()[self.page.index(picture)]
        self.point_at(picture)
        for spot in (QPoint(x, y) for y in range(0, 60, 6) for x in range(0, 60, 6)):
            there = place.topLeft() + spot
            QApplication.sendEvent(
                view.viewport(), QHelpEvent(QEvent.Type.ToolTip, there, view.mapToGlobal(there))
            )
            if QToolTip.text() == "Large picture (Space)":
                QToolTip.hideText()
                QTest.mouseClick(view.viewport(), LEFT, NO_KEY, there)
                return
        raise AssertionError(f"there is no glass at {picture}")

    def drag_on_page(
        self, first: str | int, last: str | int, *, back_to: str | int | None = None
    ) -> None:
        """Drag over the pictures of the page from one to another, and some of the way back."""
        view = self.pages.view
        begin, end = self._place_on_page(first), self._place_on_page(last)
        QTest.mousePress(view.viewport(), LEFT, NO_KEY, begin)
        back = [] if back_to is None else [self._place_on_page(back_to)]
        for place in ((begin + end) / 2, end, *back):
            move_held(view.viewport(), place)
        QTest.mouseRelease(view.viewport(), LEFT, NO_KEY, end)

    def _place_on_page(self, picture: str | int) -> QPoint:
        place = self.page.index(picture) if isinstance(picture, str) else picture
        return self.places_on_page()[place].center()
