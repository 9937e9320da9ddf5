"""A CSV of keywords for ExifTool, and the command that writes them into the pictures.

ExifTool's `-csv+=FILE` adds the keywords of a row to those of its file (ExifTool, option `-csv`).
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from nameplate.domain.messages import Message
from nameplate.formats.csv import write_rows
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.outputs.output import Kind, Output
from nameplate.system.failures import as_word, printable

HEADER: Final = ["SourceFile", "XMP-dc:Subject"]

_SEPARATOR: Final = "; "
"""Between the keywords in a cell; ExifTool splits at each semicolon, with spaces or without."""


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write the CSV, whole or not at all; report the command that applies it.

    Cells are for ExifTool, and so not made harmless for spreadsheets. A semicolon in a name, where
    ExifTool would make two keywords of it, becomes a comma.
    """
    files, changed = set[str](), set[str]()

    def rows() -> Iterator[list[str]]:
        yield HEADER
        for image in task.images():
            files.add(image.file)
            changed.update(label for label in image.labels if ";" in label)
            labels = _SEPARATOR.join(label.replace(";", ",") for label in image.labels)
            yield [_source(image.file), labels]

    def fill(stream: BinaryIO) -> None:
        write_rows(stream, rows(), is_raw=True)

    output.write(fill)
    notes = [Message("semicolons-in-names", {"count": len(changed)})] if changed else []
    command = "" if output.is_stdout or not files else _command(output.path, files)
    return ExportReport(task.export.count(task.options.which), notes=notes, command=command)


def _source(file: str) -> str:
    """Return the path of a file as ExifTool has it, byte for byte."""
    try:
        os.fsencode(file)
    except UnicodeEncodeError:  # no file of this system is called so
        file = printable(file)
    return Path(file).as_posix()


def _command(table: Path, files: Iterable[str]) -> str:
    """Return the command that applies a CSV to the folders of its files."""
    option = as_word(f"-csv+={table.absolute().as_posix()}")
    folders = " ".join(as_word(Path(folder).as_posix()) for folder in _folders(files))
    return printable(f'exiftool {option} -sep "{_SEPARATOR}" -r {folders}')


def _folders(files: Iterable[str]) -> list[str]:
    """Return the folder that holds all files, or several where that would be the whole disk."""
    groups = defaultdict[tuple[str, ...], set[str]](set)
    for folder in set(map(os.path.dirname, files)):
        groups[Path(os.path.normcase(folder)).parts[:2]].add(folder)
    common = sorted(map(os.path.commonpath, groups.values()))
    paths = list(map(Path, common))
    # A folder inside another would be gone through twice, and its keywords added twice.
    return [one for one in common if not set(paths) & set(Path(one).parents)]


EXIFTOOL: Final = ExportFormat(
    "exiftool",
    "ExifTool CSV",
    Target.FILE,
    ".csv",
    Kind(Message("exiftool-csv"), lambda _: False),
    frozenset(("which",)),
    write,
    has_numbers=False,
    purpose=Message("for-exiftool"),
)
