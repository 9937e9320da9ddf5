"""Messages and questions about project files that cannot be opened or saved."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from nameplate.project.file.integrity import DamagedProjectError
from nameplate.ui.opening.project_opening import Refused
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import time_of_day
from nameplate.wording.texts import error_text, sentences, tr, trn


def ask_before_closing(
    parent: QWidget, steps: int, trouble: str, ask_where_to_save: Callable[[], object]
) -> bool:
    """Ask about steps that are not saved; return whether the window may close."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    text = trn(
        "The last {count:,} step could not be saved: {why}.",
        "The last {count:,} steps could not be saved: {why}.",
        steps,
        why=trouble,
    )
    box.setText(text)
    box.setInformativeText(
        tr(
            "Save the project somewhere else, or close. Nameplate then tries to keep it in its own "
            "folder, and offers it at the next start."
        )
    )
    kinds = QMessageBox.StandardButton
    box.setStandardButtons(kinds.Save | kinds.Discard | kinds.Cancel)
    box.button(kinds.Save).setText(tr("Save project as…"))
    box.button(kinds.Discard).setText(tr("Close"))
    box.setDefaultButton(kinds.Save)
    answer = box.exec()
    if answer == kinds.Save:
        ask_where_to_save()
    return answer == kinds.Discard


def say_not_opened(messages: MessageBar, error: Exception) -> None:
    """Say why a project cannot be opened."""
    messages.warn(sentences(tr("Can't open the project."), error_text(error)))


def say_not_kept(
    messages: MessageBar, name: str, rescued: Path | None, open_file: Callable[[Path], object]
) -> None:
    """Say that the last steps of a project were not written, and where they are instead."""
    if rescued is None:
        messages.warn(tr("The last steps in {name} could not be saved and are lost.", name=name))
    else:
        messages.warn(
            tr("{name} could not be saved. All of it is in {path}.", name=name, path=rescued),
            (tr("Open it there"), partial(open_file, rescued)),
        )


def offer_to_open(
    messages: MessageBar,
    refused: Refused,
    open_copy: Callable[[Path, str], object],
) -> None:
    """Offer ways to go on with a project that cannot be opened."""
    name, source, at = refused.path.name, refused.source, time_of_day(refused.changed_at)
    if source is None:
        say_not_opened(messages, refused.error)
        return
    if isinstance(refused.error, DamagedProjectError):
        # translators: {when} is such as "today at 09:07" or "4 May 2026 at 09:07"
        said = tr("{name} is damaged. Its backup is from {when}.", name=name, when=at)
        answer = tr("Open the backup")
        notice = sentences(
            tr("This is {name} as it was {when}, before its file was damaged.", name=name, when=at),
            tr("Save this copy where you want it."),
        )
    else:
        said = tr("{name} is open in another window. Go on there, or open a copy.", name=name)
        answer = tr("Open a copy")
        notice = sentences(
            tr("This is a copy of {name}.", name=name),
            tr("What you do here does not change the original."),
        )
    messages.warn(said, (answer, partial(open_copy, source, notice)))
