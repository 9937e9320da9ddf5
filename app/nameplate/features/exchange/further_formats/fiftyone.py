"""FiftyOne's image classification dataset: `data/` with the pictures, and `labels.json`."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final, cast

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, Read, RecordProblem
from nameplate.features.exchange.further_formats.class_folders import FOLDER
from nameplate.features.exchange.further_formats.exported_pictures import (
    Transferred,
    picture_names,
    write_pictures,
)
from nameplate.features.exchange.further_formats.json_lines import (
    json_bytes,
    list_in,
    object_in,
    whole_object,
)
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.formats.outputs.output import Output
from nameplate.system.failures import printable

_DATA: Final = "data"
_LABELS: Final = "labels.json"
_OWN: Final = "nameplate"
"""An entry that FiftyOne passes over."""


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write a `FiftyOneImageClassificationDataset`, whole or not at all.

    FiftyOne knows a picture by its name without the ending. Where one has several labels, all have
    lists: a field of FiftyOne holds either single labels or lists.
    """
    images = list(task.exported())
    names = picture_names([image.path for image in images], is_by_stem=True)
    used = {label for image in images for label in image.labels}
    ordered = [concept.name for concept in task.export.concepts if concept.name in used]
    classes = {name: place for place, name in enumerate(dict.fromkeys([*ordered, *sorted(used)]))}
    suggestions = {
        PurePosixPath(name).stem
        for image, name in zip(images, names, strict=True)
        if image.suggested_by and image.labels
    }
    is_multi = any(len(image.labels) > 1 for image in images)

    def fill(pictures: Transferred) -> None:
        pictures.build.make_folder(_DATA)
        labels = dict[str, list[int] | int | None]()
        for image, name in task.watched(zip(images, names, strict=True), len(images)):
            if pictures.put(image.file, f"{_DATA}/{name}"):
                places = [classes[label] for label in image.labels]
                stem = PurePosixPath(name).stem
                labels[stem] = (places or None) if is_multi else next(iter(places), None)
        values: dict[str, object] = {"classes": list(classes), "labels": labels}
        if suggested := [stem for stem in labels if stem in suggestions]:
            values[_OWN] = {"suggested": suggested}
        pictures.build.write_bytes(_LABELS, json_bytes(values))

    return write_pictures(task, output, fill)


def fits(path: Path) -> bool:
    """Return whether this is a folder with `data` and `labels.json`."""
    return (path / _DATA).is_dir() and (path / _LABELS).is_file()


def read(path: Path, options: ImportOptions) -> Iterator[Read]:
    """Yield a record for each picture in `data`, which is known by its content.

    Raises:
        UsageError: There is no such folder, or `labels.json` says something else.
    """
    values = whole_object(path / _LABELS)
    match values:
        case {"classes": list(), "labels": dict()}:
            classes = cast("list[object]", values["classes"])
            labels = cast("dict[str, object]", values["labels"])
        case _:
            raise UsageError("no-fiftyone", where=printable(str(path / _LABELS)))
    listed = list_in(object_in(values, _OWN), "suggested")
    suggested = {one for one in listed if isinstance(one, str)}
    files = sorted(one for one in (path / _DATA).rglob("*") if one.is_file())
    for number, file in enumerate(options.until_cancel(files), 1):
        name, found = printable(str(file.absolute())), labels.get(file.stem)
        places = cast("list[object]", found if isinstance(found, list) else [found])
        names = [_name(place, classes) for place in places if place is not None]
        if all(isinstance(one, str) for one in names):
            by, state = ("auto", "suggested") if file.stem in suggested else ("", "")
            found_names = tuple(cast("list[str]", names))
            yield LabelRecord(number, name, found_names, by, state, file=str(file))
        else:
            yield RecordProblem(number, Message("json-without-path-or-label"), name)


def _name(place: object, classes: list[object]) -> object:
    """Return the class at a place; None where there is none."""
    if not isinstance(place, int) or isinstance(place, bool):
        return None
    return classes[place] if 0 <= place < len(classes) else None


READ_FIFTYONE: Final = ImportFormat("fiftyone", "FiftyOne", fits, read)
FIFTYONE: Final = ExportFormat(
    "fiftyone",
    "FiftyOne",
    Target.FOLDER,
    "",
    FOLDER,
    frozenset(("which", "transfer")),
    write,
    has_numbers=False,
    purpose=Message("for-fiftyone"),
)
