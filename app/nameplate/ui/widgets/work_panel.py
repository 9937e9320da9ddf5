"""Panels that replace the pictures: options of one task, its progress, and Cancel."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QProgressBar, QPushButton, QStackedWidget, QWidget

from nameplate.domain.progress import Progress
from nameplate.ui.widgets.boxes import (
    Part,
    close_button,
    column,
    primary_button,
    row,
    scrolled,
    title,
)
from nameplate.ui.widgets.keys import ENTER_KEYS, is_of_action
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.numbers import time_left
from nameplate.wording.texts import part_of_pictures, tr

WIDEST: Final = 760
"""Pixels of the column of a panel, in the middle of the window."""

_UNBOUND: Final = 16777215
"""Qt's own greatest width."""

_MARGIN: Final = 24
_ALL_BUT_EDGES: Final = 1000
"""The stretch of the column up to its maximum width; that of each margin beside it is 1."""


class MiddlePanel(QWidget):
    """A panel in place of the pictures, which get no keys while it is open. Esc closes it.

    Attributes:
        guide_page: The page of the guide about it, which F1 opens; any panel may have one.
    """

    guide_page: ClassVar[str] = ""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)

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

    def close_panel(self) -> None:
        """Close the panel."""
        self.leave_panel()

    @property
    def _stack(self) -> QStackedWidget:
        parent = self.parentWidget()
        assert isinstance(parent, QStackedWidget)  # noqa: S101 - where the window has put it
        return parent

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Esc; pass keys of actions on to the window."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        event.setAccepted(not is_of_action(event))


class SidePanel(QWidget):
    """A panel beside the pictures, which Esc closes."""

    def close_panel(self) -> None:
        """Hide the panel."""
        self.hide()


class ColumnPanel(MiddlePanel):
    """A panel with a title and one scrolling column of parts."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._title = title(name)
        self._others_above = list[QPushButton]()
        self._close = close_button(tr("Close"), tr("Esc"))
        self._close.clicked.connect(self.close_panel)

    def add_to_head(self, button: QPushButton) -> None:
        """Add a button beside the title; to be called before the layout."""
        self._others_above.append(button)

    def lay_out_column(self, *parts: Part, grows: int = -1) -> None:
        """Put `parts` below the title; the one at `grows` takes extra height."""
        head = row(self._title, None, *self._others_above, self._close, spacing=8)
        self._column, around = QWidget(), QWidget()
        margins, growing = (_MARGIN, 16, _MARGIN, 16), grows + 1 if grows >= 0 else -1
        stack = (head, *parts, None)
        self._column.setLayout(column(*stack, margins=margins, spacing=12, grows=growing))
        around.setLayout(row(None, self._column, None, grows=(1, _ALL_BUT_EDGES, 1), spacing=0))
        self.set_wide(is_wide=False)
        self._area = scrolled(around)
        self.setLayout(column(self._area))

    def set_wide(self, *, is_wide: bool) -> None:
        """Use the whole width, for tables and charts, or a column of limited width."""
        self._column.setMaximumWidth(_UNBOUND if is_wide else WIDEST)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Esc, scroll with Page up and Page down."""
        pages = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        if event.key() in pages:
            bar = self._area.verticalScrollBar()
            bar.setValue(bar.value() + pages[Qt.Key(event.key())] * bar.pageStep())
        super().keyPressEvent(event)


class WorkPanel(ColumnPanel):
    """A column with a button that begins the task, progress, and Cancel.

    Enter begins the work, Esc cancels it or closes the panel.

    Attributes:
        do_work, cancel_work: Called to start and to cancel the work; for the owner to set.
    """

    def __init__(self, name: str, verb: str) -> None:
        super().__init__(name)
        self.is_busy = False
        self.do_work: Callable[[], object] = lambda: None
        self.cancel_work: Callable[[], object] = lambda: None
        self.state = Paragraph(max_lines=1)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(tr("Progress: {task}", task=name))
        self.bar.setFixedWidth(160)
        self._cancel = QPushButton(tr("Cancel"))
        self._cancel.hide()
        self.begin_button = primary_button(verb)
        self._cancel.clicked.connect(lambda: self.cancel_work())
        self.begin_button.clicked.connect(self._begin_work)

    def lay_out(
        self,
        *parts: Part,
        grows: int = -1,
        others: Sequence[QPushButton] = (),
        below: QWidget | None = None,
    ) -> None:
        """Put `parts` between the title and the buttons; the one at `grows` takes extra height.

        Args:
            parts: Fields, one under the other.
            grows: A place among them; -1 for none.
            others: Further buttons, right of the one that begins the work.
            below: A part under the buttons that takes extra height, such as a preview.
        """
        buttons = (self.begin_button, *others, self._cancel)
        work = row(*buttons, self.bar, self.state, None, spacing=8, grows=len(buttons) + 1)
        under = (below,) if below else ()
        self.lay_out_column(*parts, work, *under, grows=len(parts) + 1 if below else grows)

    def show_work(self, *, is_busy: bool, is_possible: bool) -> None:
        """Show whether the task is running, and whether it can be begun."""
        had_focus = self._cancel.hasFocus()
        self.is_busy = is_busy
        self.begin_button.setEnabled(is_possible and not is_busy)
        self._cancel.setVisible(is_busy)
        self.bar.setVisible(is_busy)
        if had_focus and not is_busy:
            self.begin_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def see_button(self) -> None:
        """Scroll until the main button is visible."""
        self._area.ensureWidgetVisible(self.begin_button, 0, _MARGIN)

    def show_progress(self, progress: Progress) -> None:
        """Show the progress of the task."""
        self.bar.setRange(0, max(1, progress.total))
        self.bar.setValue(progress.done)
        left = time_left(progress.seconds_left)
        done = part_of_pictures(progress.done, progress.total)
        said = tr("{progress}, {time_left}", progress=done, time_left=left) if left else done
        self.state.show_text(said)

    def focus_cancel(self) -> None:
        """Focus Cancel, so that Enter cancels."""
        self._cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_panel(self) -> None:
        """Close the panel; if the task is running, cancel that instead."""
        if self.is_busy:
            self.cancel_work()
        else:
            self.leave_panel()

    def _begin_work(self) -> None:
        if self.begin_button.isEnabled():
            self.do_work()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Begin with Enter, cancel or close with Esc, scroll with Page up and Page down."""
        if event.key() in ENTER_KEYS:
            self._begin_work()
        super().keyPressEvent(event)
