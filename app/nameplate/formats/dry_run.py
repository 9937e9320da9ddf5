"""Outputs for previews, which count and keep the rows of a format instead of writing them."""

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from nameplate.formats.export_format import ExportFormat, Target
from nameplate.formats.outputs.folder_output import FolderBuild, FolderOutput
from nameplate.formats.outputs.output import Output
from nameplate.formats.outputs.sidecar_output import SidecarOutput

_Folders = Counter[str]


@dataclass(frozen=True, slots=True)
class FileDryRun(Output):
    """A file that is kept in memory only.

    Attributes:
        files: Content by path, the output itself first.
    """

    files: dict[Path, bytes] = field(default_factory=dict[Path, bytes])

    def check(self) -> None:
        """Accept every place: nothing is written there."""

    def write(self, write: Callable[[BinaryIO], None]) -> None:
        """Keep the content in memory."""
        stream = io.BytesIO()
        write(stream)
        self.files[self.path] = stream.getvalue()


@dataclass(frozen=True, slots=True)
class FolderDryRun(FolderOutput):
    """A folder that is not created; pictures are only counted.

    Attributes:
        folders: How many pictures would come into each folder inside, in the order of the format.
    """

    folders: _Folders = field(default_factory=Counter[str])

    def refuse_loss(self) -> None:
        """Accept every place: nothing is written there."""

    def write_folder(self, fill: Callable[[FolderBuild], None]) -> FolderBuild:
        """Fill a folder that only counts its files."""
        build = _CountingBuild(self.path, folders=self.folders)
        fill(build)
        return build


@dataclass(frozen=True, slots=True)
class SidecarDryRun(SidecarOutput):
    """Sidecars that are not written, only counted.

    Attributes:
        folders: How many would be in each folder, by its absolute path; with those that are there.
    """

    folders: _Folders = field(default_factory=Counter[str])

    def write_one(
        self, place: Path, content: bytes, before: bytes | None = None, *, picture: str
    ) -> None:
        """Count it."""
        self.folders[str(place.parent)] += 1


DryRun = FileDryRun | FolderDryRun | SidecarDryRun


def dry_run_of(chosen: ExportFormat, path: Path) -> DryRun:
    """Return an output for `ExportFormat.write` that writes nothing."""
    match chosen.target:
        case Target.FILE:
            return FileDryRun(path, chosen.kind)
        case Target.FOLDER:
            return FolderDryRun(path, chosen.kind)
        case Target.SIDECARS:
            return SidecarDryRun(path, chosen.kind)


@dataclass(slots=True)
class _CountingBuild(FolderBuild):
    """Counts the pictures of each folder; no file is read or made."""

    folders: _Folders = field(default_factory=Counter[str])

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO()

    def copy(self, source: str, name: str) -> bool:
        self.folders[str(PurePosixPath(name).parent)] += 1
        return True

    link = copy
