"""The details of a concept under the list: names, sentences, least probability, parent."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPalette,
    QShowEvent,
)
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QPlainTextEdit, QToolButton, QWidget

from nameplate.domain.concepts import Concept
from nameplate.ui.concepts.name_box import LineEdit
from nameplate.ui.widgets.boxes import NumberBox, choice, column, row
from nameplate.ui.widgets.keys import ENTER_KEYS, FINDS_BY_LETTERS
from nameplate.ui.widgets.painting import font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.theme import icon

NO_THRESHOLD: Final = -1
"""In the box of the least probability: that of the project."""

_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """The content of the fields.

    Attributes:
        name: As typed.
        synonyms: With `|` between them.
        sentences: One a line.
        percent: Least probability; `NO_THRESHOLD` for that of the project.
    """

    name: str
    synonyms: str
    sentences: str
    percent: int

    @classmethod
    def of(cls, concept: Concept) -> "Draft":
        """Return the content of the fields for an unedited concept."""
        least = concept.threshold
        percent = NO_THRESHOLD if least is None else round(100 * least)
        return cls(concept.name, " | ".join(concept.synonyms), "\n".join(concept.prompts), percent)


class _Sentences(QPlainTextEdit):
    """A text of a few lines; leaving it, or Ctrl+Enter, emits `left`.

    Signals:
        left: They are done.
    """

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)

    def sizeHint(self) -> QSize:
        """Return the size of a few lines."""
        return QSize(80, _LINES * self.fontMetrics().lineSpacing() + 14)

    def minimumSizeHint(self) -> QSize:
        """Return the size of a line less, for small windows and large fonts."""
        return self.sizeHint() - QSize(0, self.fontMetrics().lineSpacing())

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window if this field has nothing to undo."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            document, keys = self.document(), QKeySequence.StandardKey
            is_undo = event.matches(keys.Undo) and not document.isUndoAvailable()
            if is_undo or (event.matches(keys.Redo) and not document.isRedoAvailable()):
                event.ignore()
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in ENTER_KEYS
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.left.emit()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()  # the panel's
        else:
            super().keyPressEvent(event)


class ConceptDetails(QFrame):
    """The fields of one concept. A passive view that emits requests.

    Signals:
        edited: Something was typed; `draft` has it.
        done: A field was left, or Enter was pressed in it.
        reset_requested: Esc was pressed.
        close_requested: The button to close was pressed.
        parent_requested: The id of another parent, or None.
        split_requested: A name for the selected pictures was entered.
        shown: It takes room from now on, or no longer.
    """

    edited = Signal()
    done = Signal()
    reset_requested = Signal()
    close_requested = Signal()
    parent_requested = Signal(object)
    split_requested = Signal(str)
    shown = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Details of the name")
        self._parents: list[int | None] = [None]
        self._title = Paragraph(self, max_lines=1, role=QPalette.ColorRole.WindowText)
        self._title.setFont(font_of(self.font(), weight=QFont.Weight.DemiBold))
        self._close = QToolButton(self, autoRaise=True)
        self._name = self._line("Name")
        self._synonyms = self._line("Synonyms", "with | between them")
        self._sentences = _Sentences(self)
        self._least = NumberBox(self)
        self._count = Paragraph(self, max_lines=2)
        self._above = choice("Parent: what it is a kind of")
        self._above.setParent(self)  # for the order of Tab
        self._split = self._line("New name for the selected pictures", "a new name")
        self._message = Paragraph(self, max_lines=4)
        self._set_up()
        self._lay_out()
        self._connect()
        self.hide()

    def _line(self, name: str, placeholder: str = "") -> LineEdit:
        line = LineEdit(self)
        line.setAccessibleName(name)
        line.setPlaceholderText(placeholder)
        line.setMinimumWidth(0)
        return line

    def _set_up(self) -> None:
        self._close.setAccessibleName("Close the details")
        self._close.setToolTip("Close the details (Esc)")
        self._sentences.setAccessibleName("Sentences, one a line")
        self._sentences.setToolTip(
            "How the model reads this name, one sentence a line; {} stands for the name and each"
            " synonym. Empty: as “Read as” says."
        )
        self._least.setRange(NO_THRESHOLD, 100)
        self._least.setSuffix(" %")
        self._least.setSpecialValueText("as for all")
        self._least.setAccessibleName("Least probability of this name")
        self._least.setToolTip("Auto-label gives this name from here on; less gets no label")
        self._above.setMaximumWidth(400)
        self._above.setProperty(FINDS_BY_LETTERS, True)
        self._count.show_text("")
        self._message.show_text("")

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(3)
        form.setHorizontalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for text, field in (
            ("Name", self._name),
            ("Also", self._synonyms),
            ("Read as", self._sentences),
            ("From", self._least),
            ("Kind of", self._above),
            ("Split", self._split),
        ):
            label = QLabel(text, self)
            label.setBuddy(field)
            form.addRow(label, field)
            if field is self._least:
                form.addRow(self._count)
        fields = (self._name, self._synonyms, self._sentences, self._least, self._above)
        for before, after in pairwise((*fields, self._split, self._close)):
            self.setTabOrder(before, after)
        top = row(self._title, self._close, spacing=4, grows=0)
        self.setLayout(column(top, form, self._message, margins=(10, 4, 10, 10), spacing=4))

    def _connect(self) -> None:
        for line in (self._name, self._synonyms):
            line.textEdited.connect(self.edited)
            line.editingFinished.connect(self.done)
            line.escaped.connect(self.reset_requested)
        self._sentences.textChanged.connect(self.edited)
        self._sentences.left.connect(self.done)
        self._least.valueChanged.connect(self.edited)
        self._least.editingFinished.connect(self.done)
        self._above.activated.connect(lambda at: self.parent_requested.emit(self._parents[at]))
        self._split.returnPressed.connect(self._on_split)
        self._split.escaped.connect(self.reset_requested)
        self._close.clicked.connect(self.close_requested)

    # ---- what is shown

    def show_concept(
        self, concept: Concept, parents: Sequence[Concept], sentences: Sequence[str]
    ) -> None:
        """Fill the fields.

        Args:
            concept: Whose details.
            parents: Those that may be its parent.
            sentences: Those of the template set, which an empty field stands for.
        """
        draft = Draft.of(concept)
        with QSignalBlocker(self._sentences), QSignalBlocker(self._least):
            self._title.show_text(concept.name)
            self._name.setText(draft.name)
            self._synonyms.setText(draft.synonyms)
            if self._sentences.toPlainText() != draft.sentences:
                self._sentences.setPlainText(draft.sentences)
            self._least.setValue(draft.percent)
        self._sentences.setPlaceholderText("\n".join(sentences[:_LINES]))
        self._parents = [None, *(one.key for one in parents)]
        self._above.clear()
        self._above.addItems(["nothing", *(one.name for one in parents)])
        if concept.parent in self._parents:
            self._above.setCurrentIndex(self._parents.index(concept.parent))
        self._close.setIcon(icon("cancel"))

    def draft(self) -> Draft:
        """Return the content of the fields."""
        return Draft(
            self._name.text(),
            self._synonyms.text(),
            self._sentences.toPlainText(),
            self._least.value(),
        )

    def show_count(self, text: str) -> None:
        """Show how many pictures the least probability would label."""
        self._count.show_text(text)

    def show_selected(self, count: int) -> None:
        """Show how many pictures a split would affect."""
        text = f"a new name for {count:,} selected" if count else "select pictures first"
        self._split.setPlaceholderText(text)

    def show_problem(self, text: str) -> None:
        """Show a problem; an empty `text` hides it."""
        self._message.show_text(text, "warning" if text else "")

    def clear_split(self) -> None:
        """Clear the field of a new name."""
        self._split.clear()

    def focus_name(self) -> None:
        """Focus the field of the name."""
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name.selectAll()

    def focus_split(self) -> None:
        """Focus the field of a new name."""
        self._split.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Esc from every field, and keep Enter from what lies behind."""
        if event.key() == Qt.Key.Key_Escape:
            self.reset_requested.emit()
        elif event.key() not in ENTER_KEYS:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Say that it takes room."""
        super().showEvent(event)
        self.shown.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Say that it takes none."""
        super().hideEvent(event)
        self.shown.emit(False)

    def _on_split(self) -> None:
        if self._split.text().strip():
            self.split_requested.emit(self._split.text().strip())
