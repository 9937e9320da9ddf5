"""Runs ExifTool, a program of its own, which writes the packets into copies of pictures."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.progress import CancelToken
from nameplate.system.failures import words_of

WRITTEN: Final = "written"
"""The folder of what it wrote, in that of the copies."""

_OLDEST: Final = (12, 24)
"""Older ones run what a picture tells them to (CVE-2021-22204)."""

_USUAL: Final = ("/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin")
"""Folders that a program which was not started from a terminal does not know, on a Mac."""

_ABOUT: Final = re.compile(r"(?:Error|Warning): (.+) - (?:\./)?(\d+)\.jpg")
_SECONDS: Final = 60.0
_SECONDS_EACH: Final = 5.0
"""It takes 0.03 for a picture; a slow or a busy computer gets far more."""


def find_exiftool(cancel: CancelToken) -> str:
    """Return the path of the ExifTool of this computer.

    Raises:
        UsageError: There is none, or none that is new enough.
        CancelledError, OutputError: As `write_packets`.
    """
    places = os.pathsep.join((os.environ.get("PATH", os.defpath), *_USUAL))
    program = shutil.which("exiftool", path=places)
    if program is None or not os.path.isabs(program):  # noqa: PTH117 - Windows looks here, too
        raise UsageError("no-exiftool")
    with tempfile.TemporaryDirectory() as folder:
        said = _said(program, ("-ver",), Path(folder), cancel, _SECONDS)
    version = re.fullmatch(r"(\d+)\.(\d+)", said.strip())
    if version is None or (int(version[1]), int(version[2])) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise UsageError("old-exiftool", version=version[0] if version else "", oldest=oldest)
    return program


def write_packets(program: str, folder: Path, cancel: CancelToken) -> dict[str, str]:
    """Write each `NUMBER.xmp` of a folder into a copy of `NUMBER.jpg`, below `WRITTEN`.

    The names are ours and the folder is, so that no name of a file can be taken for an option.

    Returns:
        By number, what ExifTool said of a picture; it need not have written that one.

    Raises:
        CancelledError: It was cancelled, and is ended.
        OutputError: It could not be started, or took too long.
    """
    seconds = _SECONDS + _SECONDS_EACH * len(list(folder.glob("*.jpg")))
    options = ("-q", "-m", "-o", f"{WRITTEN}/", "-XMP<=%d%f.xmp", "-ext", "jpg", ".")
    said = _said(program, options, folder, cancel, seconds)
    return {found[2]: found[1] for found in map(_ABOUT.fullmatch, said.splitlines()) if found}


def _said(
    program: str, options: tuple[str, ...], folder: Path, cancel: CancelToken, seconds: float
) -> str:
    """Run it in a folder, without a shell and the person's own configuration of it."""
    command = [program, "-config", "", *options]  # that option has to be the first
    no_console, file = getattr(subprocess, "CREATE_NO_WINDOW", 0), folder / "said.txt"
    try:
        # Into a file: a pipe that another process holds, too, would be waited for.
        with file.open("wb") as said, subprocess.Popen(  # noqa: S603 - its own arguments
            command, cwd=folder, env=_environment(), creationflags=no_console,
            stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
        ) as process, cancel.calling(process.kill):  # fmt: skip
            try:
                process.wait(seconds)
            finally:
                process.kill()
        cancel.raise_if_cancelled()
        return file.read_text("utf-8", "replace")
    except subprocess.TimeoutExpired as error:
        raise OutputError("exiftool-too-slow", seconds=seconds) from error
    except OSError as error:
        raise OutputError("exiftool-not-started", why=words_of(error)) from error


def _environment() -> dict[str, str]:
    """Return the environment as it was before a frozen program put its own libraries into it.

    Perl says nothing there of a language of the system that is not installed: it would stand
    before the version.
    """
    found = {**os.environ, "PERL_BADLANG": "0"}
    before = found.pop("LD_LIBRARY_PATH_ORIG", None)
    if getattr(sys, "frozen", False):
        found.pop("LD_LIBRARY_PATH", None)
    return found if before is None else {**found, "LD_LIBRARY_PATH": before}
