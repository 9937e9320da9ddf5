"""What is said and asked about files of projects that cannot be opened or saved."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from nameplate.pipeline.fetching import MOST_ASKED
from nameplate.project.file.checking import DamagedProjectError, ElsewhereProjectError
from nameplate.ui.opening.project_opening import Refused
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted, time_of_day
from nameplate.wording.texts import error_text


def ask_before_closing(
    parent: QWidget, steps: int, trouble: str, ask_where_to_save: Callable[[], object]
) -> bool:
    """Ask what to do about steps that are not saved; return whether the window may close."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"The last {counted(steps, 'step')} could not be saved: {trouble}.")
    box.setInformativeText(
        "Save the project somewhere else, or close. Nameplate then tries to keep it in its own "
        "folder, and offers it at the next start."
    )
    kinds = QMessageBox.StandardButton
    box.setStandardButtons(kinds.Save | kinds.Discard | kinds.Cancel)
    box.button(kinds.Save).setText("Save project as…")
    box.button(kinds.Discard).setText("Close")
    box.setDefaultButton(kinds.Save)
    answer = box.exec()
    if answer == kinds.Save:
        ask_where_to_save()
    return answer == kinds.Discard


def say_not_opened(messages: MessageBar, error: Exception) -> None:
    """Say why a project cannot be opened."""
    messages.warn(f"Can't open the project. {error_text(error)}")


def say_not_kept(
    messages: MessageBar, name: str, rescued: Path | None, open_file: Callable[[Path], object]
) -> None:
    """Say that the last steps of a project were not written, and where they are instead."""
    if rescued is None:
        messages.warn(f"The last steps in {name} could not be saved and are lost.")
    else:
        messages.warn(
            f"{name} could not be saved. All of it is in {rescued}.",
            ("Open it there", partial(open_file, rescued)),
        )


def offer_to_open(
    messages: MessageBar,
    refused: Refused,
    open_with: Callable[[Path, Sequence[str]], object],
    open_copy: Callable[[Path, str], object],
) -> None:
    """Offer what can be done with a project that cannot be opened as it is.

    Args:
        messages: Say it.
        refused: The project, and why.
        open_with: Opens a project with pictures on machines that may be contacted.
        open_copy: Opens a copy of a file, above which a notice stands.
    """
    name, source, at = refused.path.name, refused.source, time_of_day(refused.changed_at)
    if isinstance(refused.error, ElsewhereProjectError):
        hosts = refused.error.hosts
        shown, left = hosts[:MOST_ASKED], len(hosts[MOST_ASKED:])
        more = f" and {left:,} more, shown next" if left else ""
        messages.warn(
            f"{name} has pictures on other computers: {', '.join(shown)}{more}. Opening it "
            "tells them who you are. Open it only if you know them.",
            ("Open", partial(open_with, refused.path, shown)),
        )
        return
    if source is None:
        say_not_opened(messages, refused.error)
        return
    if isinstance(refused.error, DamagedProjectError):
        said, answer = f"{name} is damaged. Its backup is from {at}.", "Open the backup"
        notice = (
            f"This is {name} as it was {at}, before its file was damaged. Save this copy where "
            "you want it."
        )
    else:
        said = f"{name} is open in another window. Go on there, or open a copy."
        answer = "Open a copy"
        notice = f"This is a copy of {name}. What you do here does not change the original."
    messages.warn(said, (answer, partial(open_copy, source, notice)))
