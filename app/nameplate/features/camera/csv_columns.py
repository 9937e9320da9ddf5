"""The columns date taken and camera of the labels CSV, read from the files during the export."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.paths import PathList
from nameplate.features.camera.words import iso_time
from nameplate.formats.export_format import Column
from nameplate.formats.label_export import Cells
from nameplate.project.project import Project
from nameplate.system.file_status import Status, absolute_bytes, status_of

if TYPE_CHECKING:  # all commands load this module; few read a picture's header
    from nameplate.imaging.exif import Exif


@lru_cache(256)  # the columns of a block of images are computed one after the other
def _read(path: Path, _status: Status | None) -> "Exif":
    from nameplate.imaging.exif import read_exif  # noqa: PLC0415 - few need it

    return read_exif(path)


def _cells_of(text_of: "Callable[[Exif], str]") -> Callable[[Project], Cells]:
    """Return the cells of a column, which shows a text of each picture's Exif data."""

    def cells(project: Project) -> Cells:
        paths = PathList.of_texts(project.images.paths.texts)

        def of_rows(rows: NDArray[np.int64]) -> list[str]:
            some = paths.select(rows.tolist())
            return [text_of(_read(path, status_of(absolute_bytes(path)))) for path in some]

        return of_rows

    return cells


TAKEN: Final = Column(
    "taken",
    "when each picture was taken, by the camera's clock",
    "Date taken",
    _cells_of(lambda exif: iso_time(exif.taken)),
    "As the camera's clock had it",
)
CAMERA: Final = Column(
    "camera", "the camera of each picture", "Camera", _cells_of(lambda exif: exif.camera)
)
