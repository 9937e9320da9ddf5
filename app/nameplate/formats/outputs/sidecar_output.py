"""Writes files beside the pictures, or into a folder with the same structure."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import OutputError
from nameplate.formats.outputs.output import Output
from nameplate.storage.atomic import output_error, write_bytes
from nameplate.system.failures import printable

BESIDE_PICTURES: Final = Path("beside")
"""As the path of an output: each file goes beside its picture."""


@dataclass(frozen=True, slots=True)
class SidecarOutput(Output):
    """Files beside the pictures, or in a folder of their own with the same folders inside.

    What is there already stays: each format says how it adds to its own files.
    """

    @property
    def is_beside(self) -> bool:
        """Whether each file goes beside its picture."""
        return self.path == BESIDE_PICTURES

    @property
    def exists(self) -> bool:
        """False: nothing is replaced."""
        return False

    def check(self) -> None:
        """Check that the folder is one, or can be made.

        Raises:
            OutputError: It cannot.
        """
        self.refuse_loss()

    def refuse_loss(self) -> None:
        """Refuse a file in the place of the folder; see `check`."""
        if self.is_beside:
            return
        where = printable(str(self.path))
        if "\0" in str(self.path):
            raise OutputError("output-no-path", where=where)
        if os.path.lexists(self.path) and not self.path.is_dir():
            raise OutputError("file-for-folder", where=where)

    def write_one(self, place: Path, content: bytes) -> None:
        """Write one file, whole or not at all; its folder is made where it is missing.

        Raises:
            OutputError: It cannot be written, or its folder cannot be made.
        """
        try:
            if not self.is_beside:
                place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(place, error) from error
        write_bytes(place, content)
