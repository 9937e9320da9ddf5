"""The parts of the window that are made when they are first asked for, and what connects them.

They are half of all that there is in a window, and most people open few of them.
"""

from functools import cached_property
from typing import Protocol

from PySide6.QtCore import Slot

from nameplate.domain.changes import Effects
from nameplate.ui.export.exporting import Exporting, log_of_step
from nameplate.ui.export.panel import ExportPanel
from nameplate.ui.window_parts import WindowParts


class _Part(Protocol):
    def shut_down(self) -> None: ...


class LateParts(WindowParts):
    """Makes each of these parts once, when something first asks for it."""

    @cached_property
    def made_late(self) -> list[_Part]:
        """Those of the parts that were made and have to be shut down."""
        return []

    @cached_property
    def export_panel(self) -> ExportPanel:
        """Where an export is chosen."""
        panel = self.in_place_of_pictures(ExportPanel(self.arrangement.beyond_shown))
        panel.show_promise(self.export_note)
        return panel

    def note_export(self, text: str) -> None:
        """Say it, also where the panel is there already."""
        super().note_export(text)
        if "export_panel" in vars(self):
            self.export_panel.show_promise(text)

    @cached_property
    def exporting(self) -> Exporting:
        """Exports labels."""
        made = Exporting(
            self.export_panel,
            self.owner,
            self.model_in_use,
            self.scoring,
            self.messages,
            self.export_memory,
        )
        made.folder_requested.connect(self.outside.open_folder)
        made.auto_label_requested.connect(self.labelling.auto_label)
        self.made_late.append(made)
        return made

    @property
    def has_exporting(self) -> bool:
        """Whether an export was asked for; to close the window, none is made."""
        return "exporting" in vars(self)

    @Slot(object, bool)
    def offer_files(self, effects: Effects, is_undo: bool) -> None:
        """Offer to undo in the files what was undone, also of an export before this window."""
        undone = self.owner.project.history.undone
        if self.has_exporting or (undone and log_of_step(undone[-1].title)):
            self.exporting.offer_files(effects, is_undo=is_undo)
