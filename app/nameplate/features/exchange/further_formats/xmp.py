"""XMP sidecars: a person's decisions as keywords that photo programs read.

A sidecar that is there is added to and never replaced; one that cannot be parsed is left.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError
from nameplate.domain.records import LabelRecord, Read, RecordProblem
from nameplate.features.exchange.further_formats.xmp_packet import (
    EMPTY,
    MOST_BYTES,
    PacketError,
    read_keywords,
    with_labels,
)
from nameplate.formats.export_format import (
    ExportFormat,
    ExportReport,
    ExportTask,
    SidecarName,
    Target,
)
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.formats.outputs.output import Kind, Output
from nameplate.formats.outputs.safe_names import safe_name
from nameplate.formats.outputs.sidecar_output import SIDECAR_ENDING, SidecarOutput
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.imaging.sniff import is_picture_file
from nameplate.system.failures import printable, reason_of
from nameplate.system.opening import open_regular


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write or add to the sidecar of each image that a person decided.

    Each sidecar is written whole or not at all; one that cannot be written is a problem. After a
    cancel the report says what is there.

    Raises:
        OutputError: The folder is a file.
        CancelledError: The task was cancelled before anything was written.
    """
    if not isinstance(output, SidecarOutput):
        raise TypeError("sidecars are written to a SidecarOutput")
    output.check()
    written, problems, is_cancelled = 0, list[tuple[str, Message]](), False
    try:
        for place, why in _written(task, output):
            written += why is None
            problems += [] if why is None else [(printable(str(place)), why)]
    except CancelledError:
        if not written:
            raise
        is_cancelled = True
    log = output.log if output.log and output.log.stat().st_size else None
    return ExportReport(written, problems, undo=log, is_cancelled=is_cancelled)


def _written(task: ExportTask, output: SidecarOutput) -> Iterator[tuple[Path, Message | None]]:
    """Write the sidecars; yield each with its problem, if any."""
    taken = set[str]()
    for image in task.images():
        if not image.is_decided:
            continue
        place = _place(image, output, task.options.sidecar_name)
        key = os.path.normcase(place)
        why = Message("sidecar-of-two") if key in taken else _put(image, place, output)
        taken.add(key)
        yield place, why


def fits(path: Path) -> bool:
    """Return whether this is a sidecar, or a folder that has one somewhere in it."""
    if path.is_file():
        return path.suffix.lower() == SIDECAR_ENDING
    return path.is_dir() and any(True for _ in _sidecars(path))


def read(path: Path, options: ImportOptions) -> Iterator[Read]:
    """Yield a record for each sidecar.

    Raises:
        UsageError: There is no such file or folder.
    """
    if not path.exists():
        raise UsageError("file-not-there", where=printable(str(path)))
    root = path.parent if path.is_file() else path
    for number, (file, is_beside) in enumerate(options.until_cancel(_sidecars(path)), 1):
        name = printable(file.relative_to(root).as_posix())
        try:
            keywords = read_keywords(_content(file))
        except OSError as error:
            yield RecordProblem(number, reason_of(error), name)
            continue
        except PacketError as error:
            yield RecordProblem(number, error.reason, name)
            continue
        picture = name[: -len(SIDECAR_ENDING)]
        has_ending = PurePosixPath(picture).suffix.lower() in IMAGE_EXTENSIONS
        is_own = keywords.labels is not None or keywords.state
        labels = (keywords.labels or ()) if is_own else keywords.subjects
        yield LabelRecord(
            number,
            # A relative path could also be one in the project's folder.
            printable(file.absolute().as_posix())[: -len(SIDECAR_ENDING)] if is_beside else picture,
            labels,
            "person" if labels or keywords.state else "",
            keywords.state,
            any_ending=not has_ending,
        )


def _place(image: ExportedImage, output: SidecarOutput, called: SidecarName) -> Path:
    """Return the path of an image's sidecar."""
    if output.is_beside:
        picture = Path(image.file)
    else:
        parts = [part for part in PurePosixPath(image.path).parts if part not in ("/", "..")]
        picture = output.path.joinpath(*map(_safe, parts))
    if called == SidecarName.WITHOUT_ENDING:
        return picture.with_name(f"{picture.stem}{SIDECAR_ENDING}")
    return picture.with_name(f"{picture.name}{SIDECAR_ENDING}")


def _safe(part: str) -> str:
    # A name that this system has anyway stays: the sidecar is found by it.
    return part if not set(part) & set('\\:*?"<>|\0') and part.strip(".") else safe_name(part)


def _put(image: ExportedImage, place: Path, output: SidecarOutput) -> Message | None:
    """Write one sidecar; return the problem, if any."""
    try:
        is_unfit = output.is_beside and not is_picture_file(image.file)  # a project may name any
        why = Message("only-pictures-are-taken") if is_unfit else None
        is_there = os.path.lexists(place)
        if is_there and (place.is_symlink() or not place.is_file()):
            why = why or Message("sidecar-is-no-file")
        if why is None:
            before = _content(place) if is_there else None
            new = with_labels(before or EMPTY, image.labels, image.state)
            output.write_one(place, new, before, picture=image.file)
    except (PacketError, OutputError) as error:
        why = error.reason
    except OSError as error:
        why = reason_of(error)
    except ValueError:  # a NUL in the path
        why = Message("no-path")
    return why


def _content(file: Path) -> bytes:
    if not file.is_file():  # of a pipe nothing may ever come
        raise PacketError(Message("xmp-no-file"))
    with open_regular(file) as stream:
        return stream.read(MOST_BYTES + 1)


def _sidecars(path: Path) -> Iterator[tuple[Path, bool]]:
    """Yield a sidecar, or those in a folder tree, and whether pictures are beside them.

    By path; hidden folders are left out.
    """
    if path.is_file():
        yield path, _is_beside(path.name, _picture_names(os.listdir(path.parent)))  # noqa: PTH208
        return
    for place, folders, files in os.walk(path):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        pictures = _picture_names(files)
        for name in sorted(files):
            if name.lower().endswith(SIDECAR_ENDING) and not name.startswith("."):
                yield Path(place, name), _is_beside(name, pictures)


def _picture_names(files: Iterable[str]) -> set[str]:
    """Return the names of the pictures among files, with their endings and without."""
    parts = (os.path.splitext(name) for name in files)  # noqa: PTH122 - many thousands
    found = [(stem, ending) for stem, ending in parts if ending.lower() in IMAGE_EXTENSIONS]
    return {stem for stem, _ in found} | {stem + ending for stem, ending in found}


def _is_beside(sidecar: str, pictures: set[str]) -> bool:
    return sidecar[: -len(SIDECAR_ENDING)] in pictures


READ_XMP: Final = ImportFormat("xmp", "XMP sidecars", fits, read)
XMP: Final = ExportFormat(
    "xmp",
    "XMP sidecars",
    Target.SIDECARS,
    SIDECAR_ENDING,
    Kind(Message("sidecars"), lambda _: False),
    frozenset(("sidecar_name",)),
    write,
    has_numbers=False,
    purpose=Message("for-xmp"),
)
