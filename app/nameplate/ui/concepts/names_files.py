"""Imports names from files and folders after a preview; exports names to a file."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Title
from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.naming.edits import joined
from nameplate.domain.progress import CancelToken
from nameplate.formats.name_lists import (
    NAMES,
    NameList,
    names_ending,
    names_of_folders,
    read_names,
    write_names,
)
from nameplate.formats.outputs.output import Output
from nameplate.project.labelling import change_concepts
from nameplate.ui.concepts.names_preview import NamesPreview
from nameplate.ui.concepts.panel import ConceptPanel
from nameplate.ui.jobs.jobs import Job, Jobs, Task
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.file_dialogs import ask_for_file, ask_where_to_save
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text

_READ = "Names (*.txt *.toml *.csv *.tsv)"
_WRITTEN = {".txt": "Text, one name a line (*.txt)", ".toml": "TOML, with sentences (*.toml)"}

Found = tuple[str, Mapping[str, NameList]]
"""Where names are from, and the names by column."""


class NamesFiles(QObject):
    """Reads and writes lists of names in a background thread."""

    def __init__(
        self,
        panel: ConceptPanel,
        preview: NamesPreview,
        owner: ProjectOwner,
        messages: MessageBar,
        jobs: Jobs,
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._preview = preview
        self._owner = owner
        self._messages = messages
        self._jobs = jobs
        panel.names_file_requested.connect(self.ask_for_file)
        panel.names_folders_requested.connect(self.take_folders)
        panel.names_saving_requested.connect(self.ask_where_to_write)
        preview.added.connect(self._on_added)
        preview.closed.connect(panel.focus_name_box)
        owner.opened.connect(preview.hide)

    @Slot()
    def ask_for_file(self) -> None:
        """Let the person choose a list of names."""
        ask_for_file(self._panel, self.take_file, "Names from a file", _READ)

    def take_file(self, path: Path) -> None:
        """Offer the names in a file."""

        def job(_cancel: CancelToken) -> Iterator[Found]:
            yield path.name, read_names(path)

        self._run(job)

    @Slot()
    def take_folders(self) -> None:
        """Offer the names of the pictures' folders."""
        images = self._owner.project.images
        texts, is_removed = list(images.paths.texts), images.is_removed.copy()

        def job(_cancel: CancelToken) -> Iterator[Found]:
            there = (texts[row] for row in np.flatnonzero(~is_removed).tolist())
            yield "Folders", {"": names_of_folders(there)}

        self._run(job)

    @Slot()
    def ask_where_to_write(self) -> None:
        """Let the person choose a file for the names; the dialog confirms replacing."""
        ending = names_ending(self._owner.project.concepts)
        kinds = ";;".join([_WRITTEN[ending], *_WRITTEN.values()])
        ask_where_to_save(
            self._panel,
            lambda path: self.write(path, overwrite=path.exists()),
            "Names to a file",
            Path(f"names{ending}"),
            kinds,
        )

    def write(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the names to a file that `take_file` can read."""
        concepts, images = self._owner.project.concepts, self._owner.project.images
        consent = Message("agree-to-replace")
        output = Output(path, NAMES, overwrite, list(images.paths.texts), consent=consent)

        def job(_cancel: CancelToken) -> Iterator[str]:
            output.check()
            write_names(concepts, output)
            yield f"{counted(len(concepts), 'name')} written to {path}."

        self._run(job)

    def _run(self, job: Job) -> None:
        self._jobs.run("names", Task(job, self._on_event, self._on_failed))

    @Slot(object)
    def _on_event(self, event: Found | str) -> None:
        if isinstance(event, str):
            self._messages.tell(event, is_reply=True)
            return
        source, lists = event
        if not any(one.concepts or one.problems for one in lists.values()):
            self._messages.tell(f"{source}: there are no names to add.", is_reply=True)
            return
        self._preview.offer(source, lists, self._owner.project.concepts)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.warn(error_text(error))

    @Slot(object)
    def _on_added(self, found: tuple[Concept, ...]) -> None:
        project = self._owner.project
        try:
            after = joined(project.concepts, found, least_key=project.next_concept_id)
        except UsageError as error:
            self._panel.show_error(error_text(error))
            return
        known = {concept.key for concept in project.concepts}
        new = [concept for concept in after if concept.key not in known]
        if new:
            title = Title("add-names", {"count": len(new), "name": new[-1].name})
            self._owner.change(change_concepts(project, after), title)
        self._panel.focus_name_box()
