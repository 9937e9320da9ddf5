"""Columns of the labels CSV: when, by which camera, and where pictures were taken.

They are read from the files while these are exported; where, if that column is asked for alone:
tables of labels are handed to others.
"""

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
from nameplate.system.file_status import Status, name_of, status_of

if TYPE_CHECKING:  # all commands load this module; few read a picture's header
    from nameplate.imaging.exif import Exif


@lru_cache(256)  # the columns of a block of images are asked for one after the other
def _read(path: Path, _status: Status | None, with_place: bool) -> "Exif":
    from nameplate.imaging.exif import read_exif  # noqa: PLC0415 - few need it

    return read_exif(path, with_place=with_place)


def _cells(
    cell: "Callable[[Exif], str | tuple[str, ...]]", *, with_place: bool = False
) -> Callable[[Project], Cells]:
    def cells(project: Project) -> Cells:
        paths = PathList.of_texts(project.images.paths.texts)

        def of_rows(rows: NDArray[np.int64]) -> list[str | tuple[str, ...]]:
            some = paths.select(rows.tolist())
            return [cell(_read(path, status_of(name_of(path)), with_place)) for path in some]

        return of_rows

    return cells


def _degrees(exif: "Exif") -> tuple[str, ...]:
    return tuple(f"{degrees:.6f}" for degrees in exif.place) if exif.place else ("", "")


TAKEN: Final = Column(
    "taken",
    "when each picture was taken, by the camera's clock",
    "Date taken",
    _cells(lambda exif: iso_time(exif.taken)),
    "As the camera's clock had it",
)
CAMERA: Final = Column(
    "camera", "the camera of each picture", "Camera", _cells(lambda exif: exif.camera)
)
PLACE: Final = Column(
    "place",
    "where each picture was taken, as latitude and longitude: whoever gets the file sees it",
    "Place (whoever gets the file sees it)",
    _cells(_degrees, with_place=True),
    "Where each picture was taken: the columns latitude and longitude",
    headers=("latitude", "longitude"),
)
