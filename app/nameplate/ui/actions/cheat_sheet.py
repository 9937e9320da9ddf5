"""The sheet of keys, made from the table of actions: the most used ones first, then all."""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QTextBrowser, QWidget

from nameplate.ui.actions.keys import KeyMap, shown_key, shown_keys
from nameplate.ui.actions.table import ACTIONS, FIXED_KEYS, NAMING, actions_of, group_of
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.overlays.overlay import Overlay
from nameplate.wording.texts import tr

Lines = list[tuple[str, str]]
"""Keys, and what they do."""

Group = tuple[str, Lines]
"""A heading, and what is under it."""

_WIDTH: Final = 880
_COLUMNS: Final = 2
_KEYS_WIDE: Final = 20
_WHAT_WIDE: Final = 34
"""Letters in a line of a column of keys, and of what they do."""


class CheatSheet(Overlay):
    """Shows the most used keys of a view mode, and all, in groups, with a search line."""

    def __init__(
        self,
        window: QWidget,
        go_back: Callable[[], object],
        others: Mapping[str, Callable[[], object]],
    ) -> None:
        """Make it with buttons that lead elsewhere, `others`, by their texts."""
        super().__init__(window, go_back)
        self._first = Lines()
        self._groups = list[Group]()
        self._line = QLineEdit(self)
        self._line.setPlaceholderText(tr("Find a key or what it does"))
        self._line.setAccessibleName(tr("Find a key"))
        self._text = QTextBrowser(self)
        self._text.setAccessibleName(tr("All keys"))
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setOpenLinks(False)
        self._text.viewport().setAutoFillBackground(False)
        self._text.document().setDocumentMargin(0)
        self.setAccessibleName(tr("All keys"))
        buttons = list[QPushButton]()
        for text, act in others.items():
            buttons.append(QPushButton(text, self))
            buttons[-1].clicked.connect(lambda _=False, act=act: self._leave_for(act))
        close = QPushButton(tr("Close"), self)
        close.clicked.connect(self.dismiss)
        head = row(self._line, *buttons, close, grows=0, spacing=8)
        self.setLayout(column(head, self._text, margins=(24, 16, 24, 16), spacing=12, grows=1))
        self._line.textChanged.connect(self._find)

    @property
    def text(self) -> str:
        """The content as plain text."""
        return self._text.toPlainText()

    def show_keys(self, keys: KeyMap, first: Sequence[tuple[str, str]] = ()) -> None:
        """Open it."""
        self._first = most_used(keys, first)
        self._groups = groups_of_keys(keys)
        self._line.clear()
        self._find("")
        self.open_over(self.home)
        self._line.setFocus(Qt.FocusReason.OtherFocusReason)

    def wanted_size(self, room: QSize) -> QSize:
        """Return a size for two columns, as high as there is room."""
        return QSize(_WIDTH, room.height()).boundedTo(room)

    def changeEvent(self, event: QEvent) -> None:
        """Write the keys in the colours of another look."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._find(self._line.text())

    def _leave_for(self, act: Callable[[], object]) -> None:
        self.dismiss()
        act()

    def _find(self, text: str) -> None:
        wanted = text.strip().casefold()
        found = [
            (title, [line for line in lines if wanted in f"{title} {' '.join(line)}".casefold()])
            for title, lines in self._groups
        ]
        found = [group for group in found if group[1]]
        muted = self.palette().color(QPalette.ColorRole.PlaceholderText).name()
        size = self.font().pointSizeF()
        first = "" if wanted else _most_used(self._first, size)
        self._text.setHtml(first + (_table(found, muted) or tr("No key does that.")))


def most_used(keys: KeyMap, first: Sequence[tuple[str, str]]) -> Lines:
    """Return the most used keys of a view mode, each with its first key; `first` as it has them."""
    ids = {spec.id for spec in ACTIONS}
    usual = ((one.id, one.text) for group in actions_of("First") for one in group)
    lines = first or (NAMING, *usual)
    shown = (
        (next(map(shown_key, keys.of(key)), "") if key in ids else tr(key), tr(what).rstrip("…"))
        for key, what in lines
    )
    return [(key, what) for key, what in shown if key]


def groups_of_keys(keys: KeyMap) -> list[Group]:
    """Return all keys by group, the most used group first."""
    fixed = {
        title: [(tr(theirs), tr(what)) for theirs, what in lines]
        for title, lines in FIXED_KEYS.items()
    }
    fixed["Pictures"].insert(0, (tr(NAMING[0]), tr("Label with the name that shows this key")))
    menus: dict[str, Lines] = {"Label": []}
    for spec in ACTIONS:
        if theirs := keys.of(spec.id):
            line = (shown_keys(theirs), tr(spec.text).rstrip("…"))
            menus.setdefault(group_of(spec.id), []).append(line)
    groups = {"Label": menus["Label"]} | fixed | menus
    return [(tr(title, "menu"), lines) for title, lines in groups.items()]


def _most_used(lines: Lines, size: float) -> str:
    """Return the most used keys as HTML, in large letters, half of them in each column."""
    half = -(-len(lines) // 2)
    cells = [_large(line, size) for line in lines]
    rows = ["".join(cells[at::half]) for at in range(half)]
    style = f"font-size:{size * 1.4:.1f}pt; font-weight:600; margin-bottom:8px"
    title = f"<p style='{style}'>"
    return (
        f"{title}{html.escape(tr('Most used here'))}</p>"
        f"<table width='100%' cellspacing='0'><tr>{'</tr><tr>'.join(rows)}</tr></table>"
        f"{title}{html.escape(tr('All keys'))}</p>"
    )


def _large(line: tuple[str, str], size: float) -> str:
    keys, what = map(html.escape, line)
    style = f"font-size:{size * 1.2:.1f}pt; padding:5px 0"
    return (
        f"<td width='18%' style='{style}; font-weight:600'>{keys}</td>"
        f"<td width='32%' style='{style}'>{what}</td>"
    )


def _table(groups: Sequence[Group], muted: str) -> str:
    """Return `groups` as HTML in columns of about the same height; empty without any."""
    columns: list[list[Group]] = [[] for _ in range(_COLUMNS)]
    for group in sorted(groups, key=_height, reverse=True):
        min(columns, key=lambda column: sum(map(_height, column))).append(group)
    columns = [sorted(column, key=groups.index) for column in columns if column]
    cells = "".join(
        f"<td width='{100 // _COLUMNS}%' style='padding-right:18px'>"
        f"<table width='100%' cellspacing='0'>"
        f"{''.join(row for title, lines in column for row in _lines(title, lines, muted))}"
        "</table></td>"
        for column in sorted(columns, key=lambda column: groups.index(column[0]))
    )
    return f"<table width='100%' cellspacing='0'><tr>{cells}</tr></table>" if cells else ""


def _height(group: Group) -> int:
    """Return the approximate number of lines of a group, with heading and blank line."""
    wrapped = (
        max(-(-len(keys) // _KEYS_WIDE), -(-len(what) // _WHAT_WIDE)) for keys, what in group[1]
    )
    return 2 + sum(wrapped)


def _lines(title: str, lines: Lines, muted: str) -> Iterator[str]:
    head = "style='font-weight:600; padding:6px 0 4px 0'"
    yield f"<tr><td colspan='2' {head}>{html.escape(title)}</td></tr>"
    style = f"width='36%' style='color:{muted}; padding:3px 10px 3px 0'"
    for keys, what in lines:
        does = f"<td style='padding:3px 0'>{html.escape(what)}</td>"
        yield f"<tr><td {style}>{html.escape(keys)}</td>{does}</tr>"
    yield "<tr><td>&nbsp;</td></tr>"
