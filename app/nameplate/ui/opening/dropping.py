"""Decides what becomes of files and folders that are dropped on the window, or pasted into it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from nameplate.project.file.store import ENDING
from nameplate.ui.models.actions import ModelActions
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.ui.widgets.painting import one_line

_TABLES: Final = frozenset((".csv", ".tsv"))
_SHOWN: Final = 60


class Dropping(QObject):
    """Adds pictures, and asks in a bar what to do with a project, a table or a model.

    Attributes:
        table_uses: What can be done with a table, by the text of its button: two at most. A table
            is refused while there is none.

    Signals:
        pictures_dropped: Paths of files and folders in which pictures are to be looked for.
        open_requested: The path of a project to be opened.
        compare_requested: The path of a project to be compared with the open one.
    """

    pictures_dropped = Signal(object)
    open_requested = Signal(object)
    compare_requested = Signal(object)

    def __init__(self, owner: ProjectOwner, models: ModelActions, messages: MessageBar) -> None:
        super().__init__(models)
        self._owner = owner
        self._models = models
        self._messages = messages
        self.table_uses: dict[str, Callable[[Path], object]] = {}

    def take(self, paths: list[Path]) -> None:
        """Do what is right for `paths`, or ask; model folders are offered as models."""
        special = [path for path in paths if path.suffix.lower() in {ENDING, *_TABLES}]
        rest = [path for path in paths if path not in special]
        if rest or not paths:
            self._models.handle_drop(rest, self.pictures_dropped.emit)
        if len(paths) == len(special) == 1:
            is_project = special[0].suffix.lower() == ENDING
            (self._take_project if is_project else self._take_table)(special[0])
        elif special:
            self._say_left(special)

    def _take_project(self, path: Path) -> None:
        project = self._owner.project
        if not project.revision and not project.images.present:
            self.open_requested.emit(path)
            return
        self._messages.ask(
            f"{_quoted(path)} is a project. Open it in place of this one, which is kept, or "
            "compare the two?",
            answer="Open it",
            on_answer=partial(self.open_requested.emit, path),
            other="Compare",
            on_other=partial(self.compare_requested.emit, path),
        )

    def _take_table(self, path: Path) -> None:
        uses = list(self.table_uses.items())
        if not uses:
            self._messages.warn(f"{_quoted(path)} is a table, and no picture.")
            return
        (text, use), *others = uses
        self._messages.ask(
            f"{_quoted(path)} is a table. What is to be read from it?",
            answer=text,
            on_answer=partial(use, path),
            other=others[0][0] if others else "Cancel",
            on_other=partial(others[0][1], path) if others else None,
        )

    def _say_left(self, paths: list[Path]) -> None:
        more = f" and {len(paths) - 1:,} more were" if len(paths) > 1 else " was"
        self._messages.warn(
            f"{_quoted(paths[0])}{more} not opened: drop a project or a table alone, and you are "
            "asked what to do with it."
        )


def _quoted(path: Path) -> str:
    name = one_line(path.name)
    return f"“{name}”" if len(name) <= _SHOWN else f"“{name[: _SHOWN - 1]}…”"
