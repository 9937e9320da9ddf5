"""Hugging Face imagefolder: pictures with a metadata file that has a `label` column.

Everything lies flat in `train/`, since `datasets` takes folders and files that are called like
parts of a set (`test`, `val`) for these. Where there is a metadata file, folder names say nothing.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, Read, ReadAs, RecordProblem
from nameplate.features.exchange.further_formats import json_lines
from nameplate.features.exchange.further_formats.exported_pictures import (
    Transferred,
    picture_names,
    write_pictures,
)
from nameplate.formats import any_csv
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.formats.outputs.output import Kind, Output
from nameplate.system.failures import printable

_METADATA: Final = ("metadata.jsonl", "metadata.csv")
_PART: Final = "train"
_MOST_PARTS: Final = 100


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write the folder, whole or not at all."""
    images = list(task.exported())
    names = picture_names([image.path for image in images])

    def fill(pictures: Transferred) -> None:
        with pictures.build.open(f"{_PART}/{_METADATA[0]}") as stream:
            for image, name in task.watched(zip(images, names, strict=True), len(images)):
                if pictures.put(image.file, f"{_PART}/{name}"):
                    stream.write(json_lines.line_of(_metadata(image, name, task)))

    return write_pictures(task, output, fill)


def fits(path: Path) -> bool:
    """Return whether a folder, or one in it, has a metadata file."""
    return path.is_dir() and any(True for _ in _metadata_files(path))


def read(path: Path, options: ImportOptions) -> Iterator[Read | ReadAs]:
    """Yield a record for each row of each metadata file.

    Raises:
        UsageError: It is no folder, or a metadata file cannot be read.
    """
    if not path.is_dir():
        raise UsageError("no-folder-to-read", where=printable(str(path)))
    for file in _metadata_files(path):
        if file.suffix != ".csv":
            yield from _objects(file, options)
            continue
        chosen = replace(
            options,
            path_column=options.path_column or "file_name",
            encoding=options.encoding or "utf-8-sig",  # as `datasets` reads it
        )
        for item in any_csv.read(file, chosen):
            yield _placed(item, file, item.path) if isinstance(item, LabelRecord) else item


def _metadata(image: ExportedImage, name: str, task: ExportTask) -> dict[str, Any]:
    values = json_lines.image_json(image)
    kept = ("path", "labels", "decided_by", "state", "decided_at", "probability", "size", "digest")
    label = image.labels[0] if image.labels else None
    found = {"file_name": name, "label": label} | {key: values[key] for key in kept}
    return found | {"model": task.export.model}


def _objects(file: Path, options: ImportOptions) -> Iterator[Read]:
    """Yield the records of a metadata file."""
    for number, values in json_lines.objects_of(file, options):
        if isinstance(values, Message):
            yield RecordProblem(number, values)
        elif not (name := json_lines.text_in(values, "file_name")):
            yield RecordProblem(number, Message("no-json-object"))
        else:
            record = json_lines.record_of(number, values)
            if isinstance(record, LabelRecord):
                record = _placed(record, file, name, is_path_own="path" in values)
            yield record


def _placed(record: LabelRecord, metadata: Path, name: str, *, is_path_own: bool = False) -> Read:
    """Return a record with the path of its picture, which is relative to the metadata.

    With `is_path_own` the record says where the picture was before.
    """
    folder = metadata.parent.absolute()
    picture = os.path.normpath(os.path.join(folder, name))  # noqa: PTH118
    if not Path(picture).is_relative_to(folder):
        return RecordProblem(record.row, Message("leads-out-of-folder"), name)
    return record._replace(path=record.path if is_path_own else picture, file=picture)


def _metadata_files(path: Path) -> Iterator[Path]:
    """Yield the metadata files in a folder and in the folders in it, one a folder."""
    parts = sorted(one for one in path.iterdir() if one.is_dir())[:_MOST_PARTS]
    for folder in chain([path], parts):
        found = (folder / name for name in _METADATA)
        file = next((one for one in found if one.is_file()), None)
        if file is not None:
            yield file


READ_IMAGEFOLDER: Final = ImportFormat("imagefolder", "Hugging Face imagefolder", fits, read)
IMAGEFOLDER: Final = ExportFormat(
    "imagefolder",
    "Hugging Face imagefolder",
    Target.FOLDER,
    "",
    Kind(Message("imagefolder"), lambda _: False),
    frozenset(("which", "transfer")),
    write,
    purpose=Message("for-imagefolder"),
)
