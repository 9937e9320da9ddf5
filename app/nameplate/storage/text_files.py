"""Reads text files of users (concepts, prompts) and of the program (template sets)."""

from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.prompts import TemplateSet, parse_template_set
from nameplate.storage.resources import resource
from nameplate.system.failures import printable, reason_of
from nameplate.system.opening import open_regular

TEXT_LIMIT: Final = 1_000_000
"""Bytes; no list of names is as long, but a picture given by mistake is."""

LINE_LIMIT: Final = 100_000
"""Characters; no path or URL is as long."""


def read_text(path: Path, *, limit: int = TEXT_LIMIT) -> str:
    """Return the text of a UTF-8 file, without a byte order mark.

    Args:
        path: The file; or a pipe or a device (`<(command)` and `/dev/stdin` in a shell), which is
            read to its end.
        limit: The most bytes it may have.

    Raises:
        UsageError: The file is missing, cannot be read, is larger than `limit`, or is not UTF-8.
    """
    where = printable(str(path))
    try:
        if path.is_dir() or not path.exists():
            is_folder = path.is_dir()
            raise UsageError("folder-not-file" if is_folder else "file-not-there", where=where)
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise UsageError("unreadable-text", where=where, reason=reason_of(error)) from error
    except ValueError as error:  # a NUL in the path
        raise UsageError("given-no-path", where=where) from error
    if len(data) > limit:
        raise UsageError("text-too-large", where=where, most=limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError("not-utf8", where=where, line=line) from error


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file, which may be of any size; else as `read_text`.

    Raises:
        UsageError: The file is missing, cannot be read, has a line that is longer than
            `LINE_LIMIT`, or is not UTF-8; also after some lines.
    """
    where, number = printable(str(path)), 0
    try:
        with TextIOWrapper(open_regular(path), "utf-8-sig") as stream:
            while line := stream.readline(LINE_LIMIT + 1):
                if len(line) > LINE_LIMIT:
                    raise UsageError("line-too-long", where=where, line=number + 1)
                yield line.rstrip("\n")
                number += 1
    except OSError as error:
        raise UsageError("unreadable-text", where=where, reason=reason_of(error)) from error
    except UnicodeDecodeError as error:
        line = number + error.object.count(b"\n", 0, error.start) + 1
        raise UsageError("not-utf8", where=where, line=line) from error


def load_template_sets() -> dict[str, TemplateSet]:
    """Return the template sets that come with the program by id, sorted.

    Raises:
        InstallationError: The folder is missing.
        UsageError: A file in it is not a template set.
    """
    files = sorted(resource("templates").glob("*.txt"), key=lambda path: path.stem)
    return {f.stem: parse_template_set(f.stem, read_text(f), str(f)) for f in files}
