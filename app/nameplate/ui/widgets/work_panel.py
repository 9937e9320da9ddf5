"""Panels that replace the pictures: options of one task, its progress, and Cancel."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QStackedWidget, QWidget

from nameplate.ui.widgets.boxes import Part, close_button, column, heading, row
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.paragraph import Paragraph


class WorkPanel(QWidget):
    """A panel with a title, a button that begins the task, progress, and Cancel.

    Enter begins the work, Esc cancels it or closes the panel; no key gets through to the pictures.

    Attributes:
        begin_button: Begins the work; for a subclass to name and enable.
        state: How far the work is.
        bar: Likewise.
        do_work, cancel_work: Do the work, and cancel it.
        guide_page: The page of the guide about it, which F1 opens; any panel may have one.
    """

    guide_page: ClassVar[str] = ""

    def __init__(self, title: str, verb: str, doing: str) -> None:
        """Make a panel; `doing` is the task as a gerund, such as "exporting"."""
        super().__init__()
        self.is_busy = False
        self.do_work: Callable[[], object] = lambda: None
        self.cancel_work: Callable[[], object] = lambda: None
        self.setAccessibleName(title)
        self._title = heading(title)
        self._others_above = list[QPushButton]()
        self._close = close_button(f"Close without {doing}", " (Esc)")
        self.state = Paragraph(max_lines=1)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(f"Progress of the {doing}")
        self._cancel = QPushButton("Cancel")
        self.begin_button = QPushButton(verb)
        self.begin_button.setDefault(True)
        self._close.clicked.connect(self.close_panel)
        self._cancel.clicked.connect(lambda: self.cancel_work())
        self.begin_button.clicked.connect(self._begin_work)

    def add_to_head(self, button: QPushButton) -> None:
        """Let a button that leads elsewhere stand beside the title; before `lay_out`."""
        self._others_above.append(button)

    def lay_out(self, *parts: Part, grows: int, others: Sequence[QPushButton] = ()) -> None:
        """Put `parts` between the title and the buttons; the one at `grows` takes extra space.

        What else can be done, `others`, stands left of the button that begins the work.
        """
        head = row(self._title, None, *self._others_above, self._close, spacing=8)
        buttons = (*others, self._cancel, self.begin_button)
        work = row(self.state, self.bar, None, *buttons, spacing=8, grows=0)
        layout = column(head, *parts, work, margins=(12, 4, 12, 8), spacing=8, grows=grows + 1)
        self.setLayout(layout)

    def show_work(self, *, is_busy: bool, is_possible: bool) -> None:
        """Show whether the task is running, and whether it can be begun."""
        self.is_busy = is_busy
        self.begin_button.setEnabled(is_possible and not is_busy)
        self.begin_button.setVisible(not is_busy)
        self._cancel.setVisible(is_busy)
        self.bar.setVisible(is_busy)

    def focus_cancel(self) -> None:
        """Focus Cancel, so that Enter cancels."""
        self._cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- in the place of the pictures

    @property
    def is_open(self) -> bool:
        """Whether the panel is shown."""
        return self._stack.currentWidget() is self

    def open_panel(self) -> None:
        """Show the panel."""
        self._stack.setCurrentWidget(self)

    def leave_panel(self) -> None:
        """Hide the panel, if it is shown."""
        if self.is_open:
            self._stack.setCurrentIndex(0)

    @Slot()
    def close_panel(self) -> None:
        """Close the panel; if the task is running, cancel that instead."""
        if self.is_busy:
            self.cancel_work()
        else:
            self.leave_panel()

    @property
    def _stack(self) -> QStackedWidget:
        parent = self.parentWidget()
        assert isinstance(parent, QStackedWidget)  # noqa: S101 - where the window has put it
        return parent

    @Slot()
    def _begin_work(self) -> None:
        if self.begin_button.isEnabled():
            self.do_work()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Begin with Enter, cancel or close with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        elif event.key() in ENTER_KEYS:
            self._begin_work()
        event.accept()
