"""Writes files beside the pictures, or into a folder with the same structure."""

import base64
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Final

from nameplate.domain.errors import OutputError
from nameplate.formats.outputs.output import Output
from nameplate.storage.atomic import output_error, write_bytes
from nameplate.storage.folders import make_private_file, make_private_folder, undo_folder
from nameplate.storage.whole_folder import free_place
from nameplate.system.file_status import key_of

BESIDE_PICTURES: Final = Path("beside")
"""As the path of an output: each file goes beside its picture."""

SIDECAR_ENDING: Final = ".xmp"

_MOST_LOGS: Final = 20
"""Exports that can be taken back; the log of the oldest goes."""


@dataclass(frozen=True, slots=True)
class SidecarOutput(Output):
    """Files beside the pictures, or in a folder of their own with the same folders inside.

    What is there already stays: each format says how it adds to its own files.

    Attributes:
        log: Where it is noted what was there before, see `undo_sidecars`; None for nowhere.
    """

    log: Path | None = None

    @property
    def is_beside(self) -> bool:
        """Whether each file goes beside its picture."""
        return self.path == BESIDE_PICTURES

    def check(self) -> None:
        """Run `refuse_loss` before long work; nothing else can be checked early."""
        self.refuse_loss()

    def refuse_loss(self) -> None:
        """Refuse a file in the place of the folder; see `check`."""
        if self.is_beside:
            return
        if "\0" in str(self.path):
            raise OutputError("output-no-path", where=self.path)
        if os.path.lexists(self.path) and not self.path.is_dir():
            raise OutputError("file-for-folder", where=self.path)

    def write_one(
        self, place: Path, content: bytes, before: bytes | None = None, *, picture: str
    ) -> None:
        """Write one file, whole or not at all, unless it is there; its folder is made if missing.

        Raises:
            OutputError: It cannot be written, or its folder cannot be made.
        """
        if content == before:
            return
        if self.log is not None:
            place = Path(os.path.abspath(place))  # noqa: PTH100 - links stay as they are
            missing = takewhile(lambda folder: not os.path.lexists(folder), place.parents)
            entry = {
                "sidecar": str(place),
                "picture": picture,
                "wrote": key_of(content),
                "before": None if before is None else base64.b64encode(before).decode(),
                "made": list(map(str, missing)),
            }
            _note(self.log, entry, is_needed=before is not None)
        try:
            if not self.is_beside:
                place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(place, error) from error
        write_bytes(place, content)


def _note(log: Path, entry: dict[str, str | list[str] | None], *, is_needed: bool) -> None:
    """Log a file before it is written, with its previous content; flush if `is_needed`."""
    try:
        with log.open("ab") as stream:
            stream.write(json.dumps(entry).encode() + b"\n")
            if is_needed:
                stream.flush()
                os.fsync(stream.fileno())
    except OSError as error:
        raise output_error(log, error) from error


def new_log() -> Path:
    """Return an empty log for an export of sidecars, in this program's data folder.

    Raises:
        OutputError: It cannot be made.
    """
    folder = undo_folder()
    log = free_place(log_of(time.strftime("%Y-%m-%d %H.%M.%S")))
    try:
        make_private_folder(folder)
        for old in sorted(folder.glob(log_of("*").name))[: 1 - _MOST_LOGS]:
            with suppress(OSError):
                old.unlink()
        make_private_file(log)
    except OSError as error:
        raise output_error(log, error) from error
    return log


def log_of(when: str) -> Path:
    """Return the log of the sidecar export at a time, which never lies outside the undo folder."""
    return undo_folder() / Path(f"sidecars {when}").name


def time_of(log: Path) -> str:
    """Return the time in the name of a log of sidecars."""
    return log.name.removeprefix("sidecars ")
