"""The parts of the window that are made when they are first asked for, and what connects them."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from nameplate.domain.changes import Effects
from nameplate.ui.window_parts import WindowParts

if TYPE_CHECKING:
    from nameplate.ui.export.exporting import Exporting
    from nameplate.ui.export.memory import ExportMemory


class LateParts(WindowParts):
    """Makes each of these parts once, when something first asks for it.

    To import all formats takes a tenth of the start.
    """

    @cached_property
    def export_memory(self) -> "ExportMemory":
        """The last export of each project."""
        from nameplate.ui.export.memory import ExportMemory  # noqa: PLC0415

        return ExportMemory(self.settings, lambda: self.files.path)

    @Slot(object, object)
    def follow_project(self, before: Path, now: Path) -> None:
        """Note that a project is kept in another file."""
        self.export_memory.follow(before, now)

    @cached_property
    def exporting(self) -> "Exporting":
        """Exports labels."""
        from nameplate.ui.export.exporting import Exporting  # noqa: PLC0415

        made = Exporting(self)
        panel = self.in_place_of_pictures(made.panel)
        panel.show_promise(self.export_note)
        return made

    def note_export(self, text: str) -> None:
        """Say it, also where the panel is there already."""
        super().note_export(text)
        if self.has_exporting:
            self.exporting.panel.show_promise(text)

    @property
    def has_exporting(self) -> bool:
        """Whether an export was asked for; to close the window, none is made."""
        return "exporting" in vars(self)

    def finish_export(self) -> None:
        """Let a running export end."""
        if self.has_exporting:
            self.exporting.finish()

    @Slot(object, bool)
    def offer_files(self, effects: Effects, is_undo: bool) -> None:
        """Offer to undo in the files what was undone, also of an export before this window."""
        undone = self.owner.project.history.undone
        if self.has_exporting or (undone and undone[-1].title.code == "write-sidecars"):
            self.exporting.offer_files(effects, is_undo=is_undo)
