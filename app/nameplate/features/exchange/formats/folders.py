"""Exports class folders: each picture in the folder of its label, optionally split.

Beside them lie two files of ours: which label each folder stands for, and which picture of the
project each file is. Other programs pass over both; `class_folders` reads them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.features.exchange.formats.json_lines import line_of
from nameplate.features.exchange.formats.split import PARTS, refuse_unfit_shares, split
from nameplate.features.exchange.formats.transfer import Transferred, picture_names, write_pictures
from nameplate.formats.export_format import (
    ExportFormat,
    ExportReport,
    ExportTask,
    Target,
    TransferMode,
)
from nameplate.formats.exported_image import ExportedImage, Which
from nameplate.formats.outputs.output import Kind, Output
from nameplate.formats.outputs.safe_names import (
    NAMES_FILE,
    PICTURES_FILE,
    folder_names,
    names_content,
)
from nameplate.system.failures import printable
from nameplate.system.file_status import content_key

UNLABELLED: Final = "_unlabelled"
"""The folder of images without a label."""

FOLDER: Final = Kind(Message("export-folder"), lambda _: False)

_KEPT: Final = ("size", "digest", "decided_by", "state")
"""What our own file says of each picture, beside its path and files."""

_USUAL_SHARES: Final = (0.8, 0.2)
"""Of Ultralytics, which trains on nothing that has no validation."""


def write_ultralytics(task: ExportTask, output: Output) -> ExportReport:
    """Write `train`, `val` and maybe `test`, each with all class folders; otherwise as `write`.

    Ultralytics counts the folders of each part, so that one without pictures must be there too, and
    it complains of those. Its programs rewrite JPEG files that end early: pictures are copied,
    never linked.
    """
    shares = task.options.split or _USUAL_SHARES
    options = replace(task.options, split=shares, transfer=TransferMode.COPY, unlabelled=False)
    return write(replace(task, options=options), output, is_each_in_all=True)


def write(task: ExportTask, output: Output, *, is_each_in_all: bool = False) -> ExportReport:
    """Write class folders, all or nothing; split if the options have shares.

    With `is_each_in_all` each folder is in each part.

    Raises:
        OutputError: It must not be written, or cannot; an image has several labels, and these are
            refused.
        UsageError: The shares are unfit.
    """
    shares = task.options.split
    if shares:
        refuse_unfit_shares(shares)
    images = _chosen(task, output)
    folders = folder_names({label for one in images for label in one.labels}, [UNLABELLED, *PARTS])
    names = _names(images, _parts(task, images, is_each_in_all=is_each_in_all), folders)

    def fill(pictures: Transferred) -> None:
        build = pictures.build
        build.write_bytes(NAMES_FILE, names_content(folders))
        for part in PARTS[: len(shares)] if is_each_in_all else ():
            for folder in folders.values():
                build.make_folder(f"{part}/{folder}")
        with build.open(PICTURES_FILE) as stream:
            for image, files in task.watched(zip(images, names, strict=True), len(images)):
                if pictures.put(image.file, *files):
                    kept = {key: getattr(image, key) for key in _KEPT}
                    stream.write(line_of({"path": image.path, "files": files, **kept}))

    return write_pictures(task, output, fill)


def _chosen(task: ExportTask, output: Output) -> list[ExportedImage]:
    """Return the images to write, in the order of their paths; the others without labels."""
    options, found = task.options, list[ExportedImage]()
    for image in task.export.exported():
        task.cancel.raise_if_cancelled()
        chosen = image.labelled_best() if task.has_best else image
        if options.which is Which.DECIDED and not image.is_decided:
            chosen = replace(image, labels=(), decided_by="", state="")
        if chosen.labels or options.unlabelled:
            found.append(chosen)
    several = [image for image in found if len(image.labels) > 1]
    if several and options.refuse_several:
        raise OutputError(
            "several-labels-refused",
            where=printable(str(output.path)),
            path=several[0].path,
            count=len(several),
        )
    return found


def _parts(task: ExportTask, images: Sequence[ExportedImage], *, is_each_in_all: bool) -> list[str]:
    """Return the prefix of each image's folder: its part and a slash, or nothing."""
    options = task.options
    if not options.split:
        return [""] * len(images)
    contents = [_content(image, task) for image in images]
    strata = [min(image.labels, default="") for image in images]
    places = split(contents, strata, options.split, options.seed, is_each_in_all=is_each_in_all)
    return [f"{PARTS[place]}/" for place in places]


def _content(image: ExportedImage, task: ExportTask) -> str:
    """Return the key of an image's content; the file is read if it is not known."""
    if image.digest:
        return f"{image.digest}-{image.size}"
    try:
        return content_key(Path(image.file), task.cancel)
    except (OSError, ValueError):
        return image.path


def _names(
    images: Sequence[ExportedImage], parts: Sequence[str], folders: dict[str, str]
) -> list[list[str]]:
    """Return for each image its files in the folder, one for each label."""
    inside, chosen = defaultdict[str, list[int]](list), list[list[str]]()
    for place, (image, part) in enumerate(zip(images, parts, strict=True)):
        chosen.append([part + folders[label] for label in image.labels] or [part + UNLABELLED])
        for folder in chosen[-1]:
            inside[folder].append(place)
    names = list[dict[str, str]]({} for _ in images)
    for folder, places in inside.items():
        files = picture_names([images[place].path for place in places])
        for place, file in zip(places, files, strict=True):
            names[place][folder] = f"{folder}/{file}"
    return [[of[folder] for folder in order] for of, order in zip(names, chosen, strict=True)]


FOLDERS: Final = ExportFormat(
    "folders",
    "Class folders",
    Target.FOLDER,
    "",
    FOLDER,
    frozenset(("which", "split", "seed", "transfer", "unlabelled", "refuse_several")),
    write,
    has_numbers=False,
    purpose=Message("for-folders"),
)

ULTRALYTICS: Final = ExportFormat(
    "ultralytics",
    "Ultralytics classification",
    Target.FOLDER,
    "",
    FOLDER,
    frozenset(("which", "split", "seed", "refuse_several")),
    write_ultralytics,
    has_numbers=False,
    purpose=Message("for-ultralytics"),
    usual_split=_USUAL_SHARES,
)
