"""What a person's hands do to any widget, and waiting for what follows."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QSpinBox,
    QWidget,
)

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction
_LONGEST_TURN_S = 0.02


def wait(is_done: Callable[[], object], seconds: float = 15) -> None:
    """Let the window work until `is_done`.

    A turn counts for no longer than one takes on a machine at rest: where other programs take the
    processor, the threads that are waited for are as slow as this one.
    """
    waited, before = 0.0, time.monotonic()
    while not is_done():
        now = time.monotonic()
        waited, before = waited + min(now - before, _LONGEST_TURN_S), now
        if waited > seconds:
            raise AssertionError(f"not so within {seconds} s")
        # Not QTest.qWait, which keeps Python's lock while it sleeps: no other thread would work.
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        time.sleep(0.002)


def button_in(widget: QWidget, text: str) -> QAbstractButton:
    """Return the visible button of `widget` whose text or accessible name begins with `text`."""
    buttons = [b for b in widget.findChildren(QAbstractButton) if b.isVisibleTo(widget)]
    said = [(b.text().replace("&", "") or b.accessibleName(), b) for b in buttons]
    found = [b for words, b in said if words == text] or [
        b for words, b in said if words.startswith(text)
    ]
    assert len(found) == 1, f"{text!r} among {[words for words, _ in said]}"
    return found[0]


def button_is_shown(widget: QWidget, text: str) -> bool:
    """Return whether `widget` shows a button with this text."""
    return any(
        b.isVisible() and b.text().replace("&", "") == text
        for b in widget.findChildren(QAbstractButton)
    )


def press_button(widget: QWidget, text: str) -> None:
    """Click the button of `widget` that says `text`, as soon as it can be."""
    button = button_in(widget, text)
    wait(button.isEnabled)
    QTest.mouseClick(button, LEFT)


def answer_message(bar: QWidget, text: str) -> None:
    """Press the button of a message bar that says `text`, which takes no click of the mouse yet."""
    button_in(bar, text).click()


def spoken_text(widget: QWidget) -> str:
    """Return the text on a button or box; that of others is no name of theirs."""
    return widget.text().replace("&", "") if isinstance(widget, QAbstractButton) else ""


def is_part_of_another(widget: QWidget) -> bool:
    """Return whether a widget is the inside of a box, a table or a line, and no stop of its own."""
    around = widget.parentWidget()
    return isinstance(around, (QComboBox, QSpinBox, QLineEdit)) or isinstance(widget, QHeaderView)


Kind = TypeVar("Kind", bound=QWidget)


def labelled(widget: QWidget, kind: type[Kind], accessible_name: str) -> Kind:
    """Return the part of `widget` of this kind that has this accessible name."""
    found = [w for w in widget.findChildren(kind) if w.accessibleName() == accessible_name]
    assert len(found) == 1, accessible_name
    return found[0]


def boxes_in(widget: QWidget) -> list[QWidget]:
    """Return the boxes in `widget` that are seen and that a person types into or chooses from."""
    boxes = [b for kind in (QComboBox, QLineEdit, QSpinBox) for b in widget.findChildren(kind)]
    # The box inside of a spin box is no part of its own to a screen reader.
    return [b for b in boxes if b.isVisible() and not isinstance(b.parent(), QSpinBox)]


def set_control(control: QWidget, value: object) -> None:
    """Set a check box, choice, number or text."""
    match control:
        case QAbstractButton():
            control.setChecked(bool(value))
        case QComboBox() if control.isEditable():
            control.setEditText(str(value))
        case QComboBox():
            assert control.findText(str(value)) >= 0, value
            control.setCurrentText(str(value))
        case QSpinBox():
            control.setValue(value)
        case QLineEdit():
            control.setText(str(value))


def press_keys(widget: QWidget, *keys: str) -> None:
    """Press keys such as `Ctrl+Return` in `widget`, one after the other."""
    for key in keys:
        combination = QKeySequence(key)[0]
        QTest.keyClick(widget, combination.key(), combination.keyboardModifiers())


_NOT_PRINTED = {"\r": Qt.Key.Key_Return, "\b": Qt.Key.Key_Backspace, " ": Qt.Key.Key_Space}


def type_key(
    widget: QWidget, text: str, at: int, *, place: int = 0, virtual: int = 0, shift: bool = False
) -> None:
    """Type a character as a keyboard does: with the time, and the scan code of its place.

    Shortcuts of Qt do not see it; letters and digits are none of these in a window.
    """
    key = _NOT_PRINTED.get(text) or QKeySequence(text)[0].key()
    with_shift = Qt.KeyboardModifier.ShiftModifier if shift or text.isupper() else NO_KEY
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, key, with_shift, place, virtual, 0, text)
        event.setTimestamp(at)
        QApplication.sendEvent(widget, event)


def hold_key(widget: QWidget, key: str) -> None:
    """Hold a plain key down in `widget` until the keyboard has repeated it three times.

    Qt's own tests cannot repeat a key, so what its shortcuts do with one is done here.
    """
    press_keys(widget, key)
    for _ in range(3):
        actions = [a for a in widget.actions() if QKeySequence(key) in a.shortcuts()]
        if not actions:
            code = QKeySequence(key)[0].key()
            text = key if len(key) == 1 else ""
            repeated = QKeyEvent(QEvent.Type.KeyPress, code, NO_KEY, text, autorep=True)
            QApplication.sendEvent(widget, repeated)
        elif actions[0].autoRepeat():
            press_keys(widget, key)


def hold_letter_on_x11(widget: QWidget, key: str, at: int) -> None:
    """Hold a letter or digit down as a busy X11 reports it: no repeat is marked as one.

    Each repeat is a release and a press at the same time, 40 ms after the one before.
    """
    window, code = widget.window().windowHandle(), QKeySequence(key)[0].key()
    times = [at, *range(at + 500, at + 700, 40)]
    for pressed, released in pairwise([*times, times[-1] + 25]):
        for kind, when in (
            (QEvent.Type.ShortcutOverride, pressed),
            (QEvent.Type.KeyPress, pressed),
            (QEvent.Type.KeyRelease, released),
        ):
            event = QKeyEvent(kind, code, NO_KEY, key)
            event.setTimestamp(when)
            QApplication.sendEvent(window, event)


def move_held(widget: QWidget, place: QPoint) -> None:
    """Move the mouse to `place` of `widget` with its left button held."""
    there = QPointF(widget.mapToGlobal(place))
    moved = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), there, Qt.MouseButton.NoButton, LEFT, NO_KEY
    )
    QApplication.sendEvent(widget, moved)


def drop_on(widget: QWidget, *things: Path | QUrl) -> None:
    """Drag files, folders or addresses onto `widget` and drop them there."""
    urls = [thing if isinstance(thing, QUrl) else QUrl.fromLocalFile(thing) for thing in things]
    data = QMimeData()
    data.setUrls(urls)
    enter = QDragEnterEvent(QPoint(50, 50), COPY, data, LEFT, NO_KEY)
    widget.dragEnterEvent(enter)
    assert enter.isAccepted()
    widget.dropEvent(QDropEvent(QPointF(50, 50), COPY, data, LEFT, NO_KEY))


@contextmanager
def heard(signal: object, seconds: float = 10) -> Iterator[list[tuple[object, ...]]]:
    """Wait at the end of the block until `signal` has come; gives what it came with."""
    came: list[tuple[object, ...]] = []
    hear = lambda *what: came.append(what)  # noqa: E731 - Qt needs the same one twice
    signal.connect(hear)
    yield came
    wait(lambda: came, seconds)
    signal.disconnect(hear)
