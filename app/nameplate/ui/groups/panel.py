"""The look of pictures that are alike and have no name yet: a line for the name, and the page."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPalette
from PySide6.QtWidgets import QCompleter, QPushButton, QWidget

from nameplate.ui.concepts.name_box import LineEdit
from nameplate.ui.sheets.page_or_end import PageOrEnd
from nameplate.ui.sheets.page_view import PageView
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.boxes import column, row
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph

_HINT = (
    "Click or drag what is something else: it stays out. Enter names the rest; the next pictures "
    "come. Down: to the pictures."
)


class GroupPanel(QWidget):
    """Shows one group of alike pictures and takes a name for them.

    Signals:
        named: Enter was pressed in the line; its text, which may be empty.
        later_requested: These pictures come again at the end.
        back_requested: The last group that was named is to be taken back.
        leave_requested: Esc was pressed in the empty line.
    """

    named = Signal(str)
    later_requested = Signal()
    back_requested = Signal()
    leave_requested = Signal()

    def __init__(self, loader: ThumbnailLoader) -> None:
        super().__init__()
        self.view = PageView(loader)
        self.line = LineEdit()
        self.line.setPlaceholderText("What are these?")
        self.line.setAccessibleName("Name of these pictures")
        self.line.setMinimumWidth(160)
        self._title = Paragraph(max_lines=2, role=QPalette.ColorRole.WindowText)
        self._note = Paragraph(max_lines=3)
        self._progress = Paragraph(max_lines=1)
        self._back = QPushButton("Back")
        self._later = QPushButton("Leave for later")
        self._back.setToolTip("Take the last name back")
        self._leave = QPushButton("Back to the grid")
        self._lay_out()
        self.line.returnPressed.connect(lambda: self.named.emit(self.line.text()))
        self.line.escaped.connect(self._on_escaped)
        self._later.clicked.connect(self.later_requested)
        self._back.clicked.connect(self.back_requested)
        self._leave.clicked.connect(self.leave_requested)
        self.view.back_requested.connect(self.back_requested)
        self.view.other_name_requested.connect(self.line.setFocus)
        self.view.installEventFilter(self)
        self.line.installEventFilter(self)
        self.setFocusProxy(self.line)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)

    def _lay_out(self) -> None:
        self._title.setFont(font_of(self.font(), 1.25, QFont.Weight.DemiBold))
        top = row(self._title, margins=(14, 10, 14, 0), grows=0)
        name = row(self.line, self._later, self._back, margins=(14, 2, 14, 2), spacing=8, grows=0)
        note = row(self._note, margins=(14, 0, 14, 0), grows=0)
        bottom = row(self._progress, margins=(14, 0, 14, 10), grows=0)
        page = QWidget()
        page.setLayout(column(top, name, note, self.view, bottom, spacing=4, grows=3))
        self._stack = PageOrEnd(page, [self._leave])
        self.setLayout(column(self._stack))

    # ---- what is shown

    @property
    def is_page_shown(self) -> bool:
        """Whether there are pictures, and not what is said where there are none."""
        return self._stack.is_page_shown

    @property
    def text(self) -> str:
        """All that is said in words, for a screen reader and for tests."""
        if self.is_page_shown:
            return "\n".join(one.text() for one in (self._title, self._note, self._progress))
        return self._stack.end_text

    def show_heading(self, title: str, progress: str, *, goes_back: bool) -> None:
        """Say what is asked and how far it is; let a person type."""
        self._title.show_text(title)
        self._progress.show_text(progress)
        self._back.setEnabled(goes_back)
        self._stack.show_page()
        self.view.setAccessibleName(f"Pictures that look alike: {progress}")

    def show_note(self, note: str) -> None:
        """Say what became of the last pictures, or what is wrong; else what to do."""
        self._note.show_text(note or _HINT)

    def show_end(self, title: str, text: str) -> None:
        """Say why there are no pictures."""
        self._stack.show_end(title, text)

    def set_names(self, names: list[str]) -> None:
        """Offer the names that are there while one is typed."""
        completer = QCompleter(names, self.line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)
        self.line.setCompleter(completer)

    # ---- keys

    def _on_escaped(self) -> None:
        if self.line.text():
            self.line.clear()
        else:
            self.leave_requested.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Down lead to the pictures, and what is typed there or Enter be for the line."""
        if not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        is_press = event.type() == QEvent.Type.KeyPress
        if watched is self.line:
            if is_press and event.key() == Qt.Key.Key_Down:
                self.view.setFocus()
                return True
            return super().eventFilter(watched, event)
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        plain = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        is_typed = event.text().isprintable() and bool(event.text()) and not plain.value
        if event.type() == QEvent.Type.ShortcutOverride and (is_enter or is_typed):
            event.accept()  # before a key for pictures takes it
            return True
        if is_press and (is_enter or is_typed):
            self.line.setFocus()
            if is_enter and not event.isAutoRepeat():
                self.named.emit(self.line.text())
            elif is_typed:
                self.line.insert(event.text())
            return True
        return super().eventFilter(watched, event)
