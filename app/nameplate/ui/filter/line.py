"""The line in which a filter is typed, with completion of its words."""

from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QPoint, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QDragEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QCompleter, QFrame, QLineEdit, QListView, QWidget

from nameplate.domain.changes import Effects
from nameplate.domain.filtering.columns import FoundImages, found_images
from nameplate.domain.filtering.typed import completions, word_at
from nameplate.plug_ins.registry import findings
from nameplate.ui.actions.actions import Actions
from nameplate.ui.grid.arranging import Arranging
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.boxes import column
from nameplate.ui.widgets.file_dialogs import dropped_paths
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.theme import icon, scaled
from nameplate.wording.texts import tr

_PAUSE_MS: Final = 400
"""After the last letter, before what is typed is applied."""

_WIDTH: Final = 420
_BESIDE: Final = 52
"""Of the text: its icon, and the edges."""

_EDGE: Final = 12
"""Of what is said to be wrong, and its distance from the edge of the window."""


class Bubble(QFrame):
    """Shows the problem of a box's text beneath it, until it is solved."""

    def __init__(self, box: QWidget) -> None:
        super().__init__(box)
        self._box = box
        self._text = Paragraph(max_lines=3, role=QPalette.ColorRole.WindowText)
        self.setObjectName("overlay")
        self.setAutoFillBackground(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setLayout(column(self._text, margins=(10, 7, 10, 7)))
        self.hide()

    @property
    def text(self) -> str:
        """The shown problem; empty if there is none."""
        return "" if self.isHidden() else self._text.text()

    def say(self, text: str) -> None:
        """Show a problem; an empty `text` hides the bubble."""
        self._text.show_text(text, icon="warning")
        self.setVisible(bool(text))
        if not text:
            return
        window = self._box.window()
        place = self._box.mapTo(window, QPoint(0, self._box.height() + 2))
        width = min(_WIDTH, window.width() - place.x() - _EDGE)
        self.setParent(window)
        self._text.setFixedWidth(width - 20)
        self.setGeometry(place.x(), place.y(), width, self._text.heightForWidth(width - 20) + 14)
        self.show()
        self.raise_()


class FilterLine(QLineEdit):
    """A line edit for conditions, with completion of words.

    Signals:
        menu_asked: The menu of conditions is to be opened.
        entered: The line is to be applied, by Enter.
        paused: A person paused in typing: the line, and where the last word ends.
        left: The pictures are to get the focus.
        picture_given: A picture or files were pasted, a `QMimeData`.
    """

    menu_asked = Signal()
    entered = Signal(str)
    paused = Signal(str, int)
    left = Signal()
    picture_given = Signal(object)

    def __init__(self, owner: ProjectOwner, arranging: Arranging, actions: Actions) -> None:
        super().__init__()
        self._owner, self._arranging, self._actions = owner, arranging, actions
        self.setObjectName("filter_line")
        self.setAccessibleName(tr("Filter"))
        self.setAccessibleDescription(
            tr("Conditions of the pictures to show; numbers above 1 are percentages")
        )
        menu = QAction(icon("filter"), tr("Conditions and saved views"), self)
        menu.triggered.connect(self.menu_asked)
        self.addAction(menu, QLineEdit.ActionPosition.LeadingPosition)
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(128)
        self.problem = Bubble(self)
        self._is_filled_in = False
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._popup = QListView()
        self._popup.setObjectName("popup")
        self._popup.setAccessibleName(tr("Words that fit"))
        self._completer.setPopup(self._popup)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.activated.connect(self._complete)
        self._pause = Later(self, _PAUSE_MS, self._on_pause)
        self.textChanged.connect(self._on_changed)
        self.textEdited.connect(self._offer)
        owner.changed.connect(self._on_project_changed)

    def show_text(self, text: str) -> None:
        """Show the active filter."""
        if text != self.text():
            self.setText(text)
        if not self.hasFocus():
            self.setCursorPosition(0)
        self._pause.stop()
        self._popup.hide()

    def begin(self, text: str) -> None:
        """Append `text` as a new word, and let the person go on typing."""
        before = self.text().rstrip()
        self._replace(0, len(self.text()), f"{before} {text}" if before else text)
        self.setFocus(Qt.FocusReason.OtherFocusReason)  # that of a key would select all of it
        self.deselect()
        self._offer()

    def offered(self) -> list[str]:
        """Return the currently offered completions."""
        return self._words.stringList() if self._popup.isVisible() else []

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show an example as placeholder where it fits."""
        super().resizeEvent(event)
        example = tr("Filter: text, name:cat, like:a red car")
        has_room = self.fontMetrics().horizontalAdvance(example) <= self.width() - scaled(_BESIDE)
        self.setPlaceholderText(example if has_room else tr("Filter"))

    def event(self, event: QEvent) -> bool:
        """Claim the keys of a text box before the window, the same on every platform."""
        is_asked = event.type() == QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent) and _is_of_emacs(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Apply on Enter, leave on Esc and Down; the list of words that is offered comes first.

        Down offers words where the line is empty.
        """
        is_open, chosen = self._popup.isVisible(), self._popup.currentIndex()
        if event.key() in ENTER_KEYS and is_open and chosen.isValid():
            self._popup.hide()
            self._complete(chosen.data())
        elif event.key() in ENTER_KEYS:
            self._popup.hide()
            self._pause.stop()
            self.entered.emit(self.text())
        elif event.key() == Qt.Key.Key_Escape and is_open:
            self._popup.hide()
        elif event.key() == Qt.Key.Key_Escape or (
            event.key() == Qt.Key.Key_Down and not is_open and self.text()
        ):
            self._pause.stop()
            self.left.emit()
        elif event.matches(QKeySequence.StandardKey.Paste) and _pasted_picture():
            self._give_picture()
        elif event.key() == Qt.Key.Key_Down and not is_open:
            self._offer()
        elif _is_of_emacs(event):
            self.end(False)
            if event.key() == Qt.Key.Key_U:
                self._replace(0, len(self.text()), "")
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Let Paste search with a picture here, too."""
        menu = self.createStandardContextMenu()
        if _pasted_picture() is not None:
            paste = next(one for one in menu.actions() if one.objectName() == "edit-paste")
            paste.setEnabled(True)
            paste.triggered.disconnect()
            paste.triggered.connect(self._give_picture)
        self._actions.fill(menu, "Filter", is_for_now=True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Leave files and pictures to the parent widget; let Qt handle text."""
        if has_picture(event.mimeData()):
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Have the folders read that words are completed with."""
        super().focusInEvent(event)
        self._arranging.read_folders()

    def _give_picture(self) -> None:
        if (data := _pasted_picture()) is not None:
            self.picture_given.emit(data)

    def _on_changed(self) -> None:
        if self.hasFocus():
            self._pause.start()

    def _on_pause(self) -> None:
        """Apply the typed text, unless the word at the cursor is incomplete."""
        word = word_at(self.text(), self.cursorPosition())
        is_offered = any(offered.startswith(word.text) for offered in self.offered())
        if not (word.text and (is_offered or word.text.endswith(":"))):
            self.paused.emit(self.text(), word.end)

    def _offer(self) -> None:
        """Show completions of the word at the cursor."""
        word = word_at(self.text(), self.cursorPosition())
        concepts = self._owner.project.concepts
        folders = self._arranging.folders.paths
        owner = self._owner
        if key := self._value_typed:
            owner.derived.request(found_images(key))
        found = completions(word.text, concepts, folders, findings(), owner.derived.of(FoundImages))
        self._words.setStringList(found)
        if found and self.hasFocus() and not self._is_filled_in:
            rect = self.rect()
            rect.setWidth(min(rect.width(), 360))
            self._completer.complete(rect)
            self._popup.setCurrentIndex(self._words.index(-1, 0))
        else:
            self._popup.hide()

    @property
    def _value_typed(self) -> str:
        """The key of a feature's finding whose value is being typed; empty for none."""
        word = word_at(self.text(), self.cursorPosition()).text.removeprefix("-").casefold()
        keys = (one.key for one in findings() if one.values)
        return next((key for key in keys if word.startswith(f"{key}:")), "")

    def _on_project_changed(self, effects: Effects) -> None:
        """Offer the values that were just found."""
        if self.hasFocus() and found_images(self._value_typed) in effects.found:
            self._offer()

    def _complete(self, text: str) -> None:
        line, word = self.text(), word_at(self.text(), self.cursorPosition())
        gap = "" if text.endswith(":") else " "
        rest = line[word.end :].lstrip()
        self._replace(word.start, len(line) - len(rest), f"{text}{gap}")
        if not gap:
            QTimer.singleShot(0, self._offer)

    def _replace(self, start: int, end: int, text: str) -> None:
        """Replace a part of the line by `text`, undoably."""
        self.setSelection(start, end - start)
        self._is_filled_in = True
        self.insert(text)
        self._is_filled_in = False


def has_picture(data: QMimeData) -> bool:
    """Return whether something carried is a file, or a picture without a text."""
    return bool(dropped_paths(data)) or (data.hasImage() and not data.hasText())


def _pasted_picture() -> QMimeData | None:
    data = QGuiApplication.clipboard().mimeData()
    return data if has_picture(data) else None


def _is_of_emacs(event: QKeyEvent) -> bool:
    """Return whether only X11's text boxes have this key: Ctrl+E and Ctrl+U.

    In a text box they go to its end and empty it; elsewhere in the window they do something else.
    """
    keys = (Qt.Key.Key_E, Qt.Key.Key_U)
    return event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() in keys
