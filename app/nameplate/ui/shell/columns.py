"""The columns of the window: names, pictures and inspector, of which the outer two fold."""

from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QObject, QSettings, Qt
from PySide6.QtGui import QMoveEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from nameplate.domain.changes import Effects
from nameplate.ui.inspector.panel import Inspector
from nameplate.ui.modes.view_modes import ViewModes
from nameplate.ui.services import Services
from nameplate.ui.shell.names_column import NamesColumn
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.theme import text_scale

NAMES: Final = "names"
INSPECTOR: Final = "inspector"

_NARROW: Final = 1024
"""In a window of this width the outer columns have their least width."""


class _Width(NamedTuple):
    """How wide an outer column is, in pixels, until a person drags its edge."""

    least: int
    usual: int

    def within(self, window: int) -> int:
        """Return the width in a window of a width; large letters get up to a quarter of it."""
        scale = text_scale()
        usual, wanted = self.usual * scale, self.least * scale * window / _NARROW
        return max(self.least, int(min(usual, wanted, window / 4)))


_WIDTHS: Final = {NAMES: _Width(180, 224), INSPECTOR: _Width(232, 296)}
_ACTIONS: Final = {NAMES: "names_column", INSPECTOR: "inspector"}


class Columns(QSplitter):
    """Gives the pictures all the width that the outer columns leave."""

    def __init__(
        self,
        services: Services,
        modes: ViewModes,
        names: NamesColumn,
        inspector: Inspector,
        chips: QWidget,
    ) -> None:
        """Put the pictures, with `chips` above them, between names and inspector."""
        super().__init__(Qt.Orientation.Horizontal)
        self._owner, self._actions, self._modes = services.owner, services.actions, modes
        self._sides: dict[str, QWidget] = {NAMES: names, INSPECTOR: inspector}
        self._dragged = dict[str, int]()
        self._folded: AbstractSet[str] = frozenset()
        pictures, with_chips = modes.stack, QWidget()
        with_chips.setLayout(column(chips, pictures, spacing=0, grows=1))
        pictures.installEventFilter(self)
        for part in (names, with_chips, inspector):
            self.addWidget(part)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._on_moved)
        self._owner.changed.connect(self._on_project_changed)
        names.panel.wanted.connect(self._show_names)

    @property
    def folded(self) -> AbstractSet[str]:
        """Which of `NAMES` and `INSPECTOR` are not shown."""
        return self._folded

    def fold(self, names: AbstractSet[str]) -> None:
        """Show the outer columns but those of `names`."""
        self._folded = frozenset(names)
        for name, side in self._sides.items():
            is_hidden = self._is_hidden(name)
            had_focus = is_hidden and side.isAncestorOf(self.window().focusWidget())
            side.setHidden(is_hidden)
            if had_focus:
                self._modes.focus()
            self._actions[_ACTIONS[name]].setChecked(name not in names)
        self._fit()

    def toggle(self, name: str) -> None:
        """Fold a column, or show it again."""
        self.fold(self.folded ^ {name})

    def _show_names(self) -> None:
        """Unfold the column of names."""
        if NAMES in self.folded:
            self.toggle(NAMES)

    def save(self, settings: QSettings) -> None:
        """Save which columns are folded, and the widths that a person gave them."""
        for name in self._sides:
            settings.setValue(f"window/{name}_folded", "true" if name in self.folded else "false")
            settings.setValue(f"window/{name}_width", self._dragged.get(name, 0))

    def restore(self, settings: QSettings) -> None:
        """Restore the saved widths and folded columns."""
        for name in self._sides:
            width = str(settings.value(f"window/{name}_width", ""))
            if width.isdecimal() and int(width[:6]):
                self._dragged[name] = int(width[:6])
        self.fold({n for n in self._sides if settings.value(f"window/{n}_folded", "") == "true"})

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scroll the grid by as much as the row of the filter moves it: its pictures stay in place.

        At its top they move, so that these are in sight.
        """
        if isinstance(event, QMoveEvent):
            scrolled = self._modes.arrangement.grid.verticalScrollBar()
            if scrolled.value():
                scrolled.setValue(scrolled.value() + event.pos().y() - event.oldPos().y())
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the outer columns their widths, and the pictures the rest."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        names, inspector = (self._width_of(name) for name in (NAMES, INSPECTOR))
        self.setSizes([names, max(1, self.width() - names - inspector), inspector])

    def _width_of(self, name: str) -> int:
        """Return the width of an outer column; 0 while it is folded, which others would share."""
        usual, room = _WIDTHS[name], self.width()
        wanted = min(self._dragged.get(name, usual.within(room)), max(usual.least, room // 3))
        return 0 if self._is_hidden(name) else wanted

    def _is_hidden(self, name: str) -> bool:
        """Whether a column is folded, or has nothing to show yet."""
        is_empty = name == INSPECTOR and not self._owner.project.images.present
        return is_empty or name in self._folded

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.images and self._is_hidden(INSPECTOR) != self._sides[INSPECTOR].isHidden():
            self.fold(self._folded)

    def _on_moved(self, _place: int, handle: int) -> None:
        name = NAMES if handle == 1 else INSPECTOR
        self._dragged[name] = self._sides[name].width()
