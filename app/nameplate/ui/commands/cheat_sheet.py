"""The sheet of all keys, made from the table of actions."""

import html
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QTextBrowser, QWidget

from nameplate.ui.commands.keys import KeyMap, shown_keys
from nameplate.ui.commands.table import ACTIONS, FIXED_KEYS, group_of
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.overlays.overlay import Overlay

Group = tuple[str, list[tuple[str, str]]]
"""A heading, and under it keys and what they do."""

_SIZE: Final = QSize(940, 620)
_COLUMNS: Final = 3
_KEYS_WIDE: Final = 18
_WHAT_WIDE: Final = 23
"""Letters in a line of a column of keys, and of what they do."""


class CheatSheet(Overlay):
    """Shows all keys and what they do, in groups, with a search line."""

    def __init__(
        self, window: QWidget, change_keys: Callable[[], object], go_back: Callable[[], object]
    ) -> None:
        super().__init__(window, go_back)
        self._change_keys = change_keys
        self._groups: list[Group] = []
        self._line = QLineEdit(self)
        self._line.setPlaceholderText("Find a key or what it does")
        self._line.setAccessibleName("Find a key")
        self._text = QTextBrowser(self)
        self._text.setAccessibleName("All keys")
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setOpenLinks(False)
        change, close = QPushButton("Change keys…", self), QPushButton("Close", self)
        self.setAccessibleName("All keys")
        head = row(self._line, change, close, grows=0, spacing=8)
        self.setLayout(column(head, self._text, margins=(12, 12, 12, 12), spacing=8, grows=1))
        self._line.textChanged.connect(self._find)
        change.clicked.connect(self._on_change)
        close.clicked.connect(self.dismiss)

    @property
    def text(self) -> str:
        """The content as plain text."""
        return self._text.toPlainText()

    def show_keys(self, keys: KeyMap, of_names: Sequence[str]) -> None:
        """Open it.

        Args:
            keys: Of the actions.
            of_names: The keys of the names.
        """
        self._groups = groups_of_keys(keys, of_names)
        self._line.clear()
        self._find("")
        self.open_over(self.home)
        self._line.setFocus(Qt.FocusReason.OtherFocusReason)

    def wanted_size(self, room: QSize) -> QSize:
        """Return the size for all groups, as far as there is room."""
        return _SIZE.boundedTo(room)

    def _on_change(self) -> None:
        self.dismiss()
        self._change_keys()

    def _find(self, text: str) -> None:
        wanted = text.strip().casefold()
        found = [
            (title, [line for line in lines if wanted in f"{title} {' '.join(line)}".casefold()])
            for title, lines in self._groups
        ]
        muted = self.palette().color(QPalette.ColorRole.PlaceholderText).name()
        self._text.setHtml(_table([group for group in found if group[1]], muted))


def groups_of_keys(keys: KeyMap, of_names: Sequence[str]) -> list[Group]:
    """Return all keys by group, the most used group first."""
    letters = " ".join(key for key in of_names if key.isalpha())
    names = "1 to 9, 0" + (f", then {letters}" if letters else "")
    fixed = {title: list(lines) for title, lines in FIXED_KEYS.items()}
    fixed["Pictures"].insert(0, (names, "Label with the name that shows this key"))
    menus: dict[str, list[tuple[str, str]]] = {"Label": []}
    for spec in ACTIONS:
        if theirs := keys.of(spec.id):
            line = (shown_keys(theirs), spec.text.rstrip("…"))
            menus.setdefault(group_of(spec.id) or "More", []).append(line)
    return list(({"Label": menus["Label"]} | fixed | menus).items())


def _table(groups: Sequence[Group], muted: str) -> str:
    """Return `groups` as HTML in columns of about the same height."""
    columns: list[list[Group]] = [[] for _ in range(_COLUMNS)]
    for group in sorted(groups, key=_height, reverse=True):
        min(columns, key=lambda column: sum(map(_height, column))).append(group)
    columns = [sorted(column, key=groups.index) for column in columns if column]
    cells = "".join(
        f"<td width='{100 // _COLUMNS}%' style='padding-right:18px'>"
        f"<table cellspacing='0' cellpadding='2'>"
        f"{''.join(row for title, lines in column for row in _lines(title, lines, muted))}"
        "</table></td>"
        for column in sorted(columns, key=lambda column: groups.index(column[0]))
    )
    return f"<table width='100%'><tr>{cells}</tr></table>" if cells else "No key does that."


def _height(group: Group) -> int:
    """Return the approximate number of lines of a group, with heading and blank line."""
    wrapped = (
        max(-(-len(keys) // _KEYS_WIDE), -(-len(what) // _WHAT_WIDE)) for keys, what in group[1]
    )
    return 2 + sum(wrapped)


def _lines(title: str, lines: Sequence[tuple[str, str]], muted: str) -> Iterator[str]:
    yield f"<tr><td colspan='2'><b>{html.escape(title)}</b></td></tr>"
    for keys, what in lines:
        yield (
            f"<tr><td style='color:{muted}; padding-right:10px'>{html.escape(keys)}</td>"
            f"<td>{html.escape(what)}</td></tr>"
        )
    yield "<tr><td>&nbsp;</td></tr>"
