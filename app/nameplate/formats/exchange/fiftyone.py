"""FiftyOne's image classification dataset: `data/` with the pictures, and `labels.json`."""

import json
from pathlib import PurePosixPath
from typing import Final, cast

from nameplate.domain.messages import Message
from nameplate.formats.exchange.folders import FOLDER
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.outputs.folder_output import FolderBuild, FolderOutput
from nameplate.formats.outputs.output import Output
from nameplate.formats.outputs.picture_names import picture_names
from nameplate.formats.transfer import Transferred, refuse_unasked_move

_DATA: Final = "data"
_LABELS: Final = "labels.json"


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write a `FiftyOneImageClassificationDataset`, whole or not at all.

    FiftyOne knows a picture by its name without the ending. Where one has several labels, all have
    lists: a field of FiftyOne holds either single labels or lists.

    Raises:
        OutputError: It must not be written, or cannot.
        CancelledError: The task was cancelled; nothing is left.
    """
    target, done = cast("FolderOutput", output), list[Transferred]()
    target.refuse_loss()
    refuse_unasked_move(task, output)
    images = list(task.export.exported(decided_only=task.options.decided_only))
    names = picture_names([image.path for image in images], is_by_stem=True)
    used = {label for image in images for label in image.labels}
    ordered = [concept.name for concept in task.export.concepts if concept.name in used]
    classes = {name: place for place, name in enumerate(dict.fromkeys([*ordered, *sorted(used)]))}
    is_multi = any(len(image.labels) > 1 for image in images)

    def fill(build: FolderBuild) -> None:
        done.append(Transferred(build, task.options.transfer))
        build.make_folder(_DATA)
        labels = dict[str, list[int] | int | None]()
        for image, name in task.watched(zip(images, names, strict=True), len(images)):
            if done[0].put(image.file, f"{_DATA}/{name}"):
                places = [classes[label] for label in image.labels]
                stem = PurePosixPath(name).stem
                labels[stem] = (places or None) if is_multi else next(iter(places), None)
        values = {"classes": list(classes), "labels": labels}
        build.write_bytes(_LABELS, json.dumps(values, ensure_ascii=False).encode())

    target.write_folder(fill)
    return done[0].report(target.path)


FIFTYONE: Final = ExportFormat(
    "fiftyone",
    "FiftyOne",
    Target.FOLDER,
    "",
    FOLDER,
    frozenset(("decided_only", "transfer")),
    write,
    has_numbers=False,
    purpose=Message("for-fiftyone"),
)
