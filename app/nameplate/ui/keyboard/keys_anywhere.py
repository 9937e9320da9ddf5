"""Makes plain keys for pictures work wherever the focus is, except in text boxes."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QComboBox, QWidget

from nameplate.ui.actions.actions import Actions
from nameplate.ui.actions.table import ACTIONS
from nameplate.ui.widgets.keys import FINDS_BY_LETTERS, is_typed
from nameplate.ui.widgets.overlays.overlay import Overlay

_TAKES_LETTERS: Final = (QAbstractButton, QAbstractItemView, QComboBox)
"""What has no use for a letter but to jump to a row, which would be a silent change."""


class KeysAnywhere(QObject):
    """Sends letters and digits to the pictures while a button, box, list or table has the focus.

    It listens to the widget that has the focus alone: a filter of the whole application would be
    asked about every event. Other windows, such as dialogs, keep their keys.
    """

    def __init__(
        self, pictures: QWidget, actions: Actions, take: Callable[[QKeyEvent], bool]
    ) -> None:
        """Listen while `pictures` are seen.

        `take` does what a letter or digit means, and returns whether it means any.
        """
        super().__init__(pictures)
        self._pictures, self._actions, self._take = pictures, actions, take
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)

    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if before is not None:
            before.removeEventFilter(self)
        if now is not None and self._is_foreign(now):
            now.installEventFilter(self)

    def _is_foreign(self, widget: QWidget) -> bool:
        """Return whether a widget neither handles keys for pictures nor uses letters."""
        if widget.window() is not self._pictures.window() or not isinstance(widget, _TAKES_LETTERS):
            return False
        around: QWidget | None = widget
        while around is not None:
            if isinstance(around, Overlay) or self._actions["accept"] in around.actions():
                return False
            around = around.parentWidget()
        is_text = isinstance(widget, QComboBox) and widget.isEditable()
        return not is_text and not widget.property(FINDS_BY_LETTERS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle a typed key as on the pictures."""
        is_press = event.type() == QEvent.Type.KeyPress
        is_seen = self._pictures.isVisible()
        if is_press and isinstance(event, QKeyEvent) and is_typed(event) and is_seen:
            return self._do(event)
        return super().eventFilter(watched, event)

    def _do(self, event: QKeyEvent) -> bool:
        if self._take(event):
            return True
        keys = {QKeySequence(event.keyCombination()), QKeySequence(event.text().upper())}
        for spec in ACTIONS:
            action = self._actions[spec.id]
            if spec.on_pictures and keys & set(action.shortcuts()):
                if action.autoRepeat() or not event.isAutoRepeat():
                    action.trigger()
                return True
        return False
