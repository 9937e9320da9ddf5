"""Writes results, and refuses to overwrite anything that must not be lost.

Every command that writes a file, and the window's export, write through an `Output`
(docs/adr/0013-outputs.md).
"""

import errno
import os
import stat
import sys
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.formats.csv import is_automatic_labels_csv, is_labels_csv
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.imaging.sniff import DATABASE, HEAD_BYTES, other_kind, picture_kind
from nameplate.storage.atomic import check_writable, write_atomically
from nameplate.storage.folders import MANIFEST, models_folder
from nameplate.storage.resources import InstallationError, starter_model
from nameplate.system.failures import printable, reason_of, words_of
from nameplate.system.opening import open_regular

STDOUT: Final = Path("-")
"""As the path of an output: standard output."""

CERTIFICATE_ENDING: Final = ".certificate.txt"
"""Added to the name of labels, or of a folder of them: the certificate of exactly these."""

CERTIFICATE_HEAD: Final = b"Nameplate certificate"
"""What each certificate begins with, whatever its language."""

# WORKAROUND for https://github.com/python/cpython/issues/79935: no BrokenPipeError on Windows.
_READER_GONE: Final = (errno.EPIPE, errno.EINVAL) if sys.platform == "win32" else (errno.EPIPE,)
"""What writing to a closed pipe fails with."""

PNG_MARK: Final = ("Software", "Nameplate")
"""Keyword and text of the tEXt chunk in the pictures that Nameplate writes (PNG, 11.3.3)."""

_PNG_MARK_BYTES: Final = b"\0\0\0\x12tEXt" + "\0".join(PNG_MARK).encode()
_PNG_HEAD: Final = 4096
"""Bytes; the chunks before the pixels take less."""

_MODEL_NAMES: Final = ("tokenizer.json", MANIFEST)
_MODEL_ENDINGS: Final = (".onnx", ".onnx_data", ".onnx.data")
_PROJECT_ENDING: Final = ".nameplate"
_MOST_MODEL_FILES: Final = 10_000
"""Entries of one folder; no model has as many."""


def _is_vectors(path: Path) -> bool:
    with suppress(zipfile.BadZipFile, ValueError, NotImplementedError):
        with open_regular(path) as stream, zipfile.ZipFile(stream) as archive:
            names = sorted(archive.namelist())
        return names in (["embedding.npy", "path.npy"], ["embedding.npy", "text.npy"])
    return False


def _is_certificate(path: Path) -> bool:
    with open_regular(path, follow_links=False) as stream:
        return stream.read(len(CERTIFICATE_HEAD)) == CERTIFICATE_HEAD


def _is_own_picture(path: Path) -> bool:
    with open_regular(path) as stream:
        head = stream.read(_PNG_HEAD)
    return picture_kind(head) == "PNG" and _PNG_MARK_BYTES in head


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that Nameplate writes.

    Attributes:
        is_own: Whether an existing file is one of these that Nameplate wrote; may raise an OSError.
        is_picture: Whether it is a picture, which no other output may be named like.
        has_decisions: Whether an existing file is one that Nameplate wrote with decisions of a
            person, and so only replaced if the person agrees; may raise an OSError.
    """

    title: Message
    is_own: Callable[[Path], bool]
    is_picture: bool = False
    has_decisions: Callable[[Path], bool] = lambda _path: False


LABELS: Final = Kind(Message("labels-csv"), is_automatic_labels_csv, has_decisions=is_labels_csv)
"""A labels CSV without decisions of a person, which may be in no other file."""

CERTIFICATE: Final = Kind(Message("certificate"), _is_certificate)
VECTORS: Final = Kind(Message("npz-of-vectors"), _is_vectors)
WINDOW_PICTURE: Final = Kind(Message("window-picture"), _is_own_picture, is_picture=True)


@dataclass(frozen=True, slots=True)
class Output:
    """A file to write, and the files that must not be overwritten.

    Attributes:
        path: The file; STDOUT for standard output.
        overwrite: Whether the person said that an existing file may be replaced.
        images: The pictures that are read; never replaced.
        inputs: Other files that are read, by what they are.
        elsewhere: How a person chooses another place.
        consent: What a person can do to have an existing file replaced.
    """

    path: Path
    kind: Kind
    overwrite: bool = False
    images: Sequence[Path | str] = ()
    inputs: Mapping[Message, Path] = field(default_factory=dict[Message, Path])
    model: Path | None = None
    elsewhere: Message = Message("choose-another-name")
    consent: Message = Message("give-overwrite")

    @property
    def is_stdout(self) -> bool:
        """Whether it goes to standard output."""
        return self.path == STDOUT

    @property
    def exists(self) -> bool:
        """Whether there is a file under its name, which would be replaced."""
        return not self.is_stdout and os.path.isfile(self.path)  # noqa: PTH113 - never raises

    def check(self) -> None:
        """Check, before long work, that `write` would not be refused or fail.

        Raises:
            OutputError: It would.
        """
        if not self.is_stdout:
            self.refuse_loss()
            check_writable(self.path)

    def apart_from(self, images: Sequence[Path | str]) -> "Output":
        """Return this output with the pictures that are read, which it must not replace.

        Raises:
            OutputError: It is one of them.
        """
        output = replace(self, images=images)
        output.refuse_loss()
        return output

    def write(self, write: Callable[[BinaryIO], None]) -> None:
        """Write it, all or nothing, unless that would destroy something.

        Args:
            write: Called once with a stream.

        Raises:
            OutputError: It must not be written, or cannot; what was there before is whole.
        """
        if not self.is_stdout:
            write_atomically(self.path, write, check=self.refuse_loss)
            self.drop_certificate()
            return
        with standard_output() as stdout:
            if stdout is None:
                raise OutputError("no-standard-output", elsewhere=self.elsewhere)
            stdout.flush()
            write(stdout.buffer)
            stdout.buffer.flush()

    def drop_certificate(self) -> None:
        """Delete the certificate of the replaced file: it is not one of the new file."""
        path = self.path.with_name(f"{self.path.name}{CERTIFICATE_ENDING}")
        with suppress(OSError):  # there is none, or it cannot be deleted: it names another digest
            if _is_certificate(path):
                path.unlink()

    def write_bytes(self, content: bytes) -> None:
        """Write `content`, as `write` does."""

        def write(stream: BinaryIO) -> None:
            stream.write(content)

        self.write(write)

    def refuse_loss(self) -> None:
        """Refuse to write where that would destroy something.

        An existing file is replaced if Nameplate wrote it and it is of the same kind, if it is
        empty, or if the person said so. What is read, pictures, models, projects and databases
        never are, under whatever name a link gives them.

        Raises:
            OutputError: It would.
        """
        if self.is_stdout or "\0" in str(self.path):  # which is no path, as the write will say
            return
        target = Path(os.path.realpath(self.path))
        there = _status(target)
        if there is not None and not stat.S_ISREG(there.st_mode):
            return  # of a folder, a device or a pipe nothing is replaced
        if reason := self._why_never(target, there):
            reason = self._of_link(target, reason)
            raise OutputError(
                "must-not-write", where=self.path, reason=reason, elsewhere=self.elsewhere
            )
        is_lost = there is not None and there.st_size > 0 and not self._is_own(target)
        if is_lost and not self.overwrite:
            reason = self._of_link(target, self._what_would_be_lost(target))
            raise OutputError(
                "must-not-replace", where=self.path, reason=reason,
                elsewhere=self.elsewhere, consent=self.consent,
            )  # fmt: skip

    def _what_would_be_lost(self, target: Path) -> Message:
        with suppress(OSError):
            if self.kind.has_decisions(target):
                return Message("decisions-would-be-lost")
        return Message("would-be-lost", {"kind": self.kind.title})

    def _why_never(self, target: Path, there: os.stat_result | None) -> Message | None:
        """Return why `target` must never be written, even with consent; None if it may."""
        new = (
            _why_in_a_model(target, self._model_folders())
            or self._why_not_named(self.path.name)
            or self._why_not_named(target.name)
        )
        if there is None:
            return new
        for what, path in self.inputs.items():
            if _is_any(there, [path]):
                return Message("is-read", {"file": what})
        return (
            self._why_of_content(target)
            or new
            or (Message("is-read-picture") if _is_any(there, self.images) else None)
            or (Message("is-model-file") if _is_any(there, self._model_files()) else None)
        )

    def why_unfit_folder(self, target: Path) -> Message | None:
        """Return why `target` cannot be a folder of results; None if it can."""
        return _why_in_a_model(target, self._model_folders()) or self._why_not_named(target.name)

    def _why_not_named(self, name: str) -> Message | None:
        """Return why no new file may be called `name`; None if one may."""
        lower = name.lower()
        if Path(lower).suffix in IMAGE_EXTENSIONS and not self.kind.is_picture:
            return Message("named-like-picture")
        if lower in _MODEL_NAMES or lower.endswith(_MODEL_ENDINGS):
            return Message("named-like-model-file")
        return Message("named-like-project") if lower.endswith(_PROJECT_ENDING) else None

    def _why_of_content(self, target: Path) -> Message | None:
        try:
            with open_regular(target) as stream:
                head = stream.read(HEAD_BYTES)
            if self.kind.is_picture:
                is_own = self.kind.is_own(target)
                return None if is_own else Message("is-not-ours", {"kind": self.kind.title})
        except OSError as error:
            return Message("cannot-tell-loss", {"reason": reason_of(error)})
        if picture := picture_kind(head):
            return Message("is-picture", {"kind": picture})
        return Message("is-database") if other_kind(head) == DATABASE else None

    def _is_own(self, target: Path) -> bool:
        try:
            return self.kind.is_own(target)
        except OSError:
            return False

    def _model_folders(self) -> Iterator[Path]:
        if self.model is not None:
            yield self.model
        with suppress(InstallationError):
            yield starter_model()
        yield models_folder()

    def _model_files(self) -> Iterator[Path]:
        """Yield the files of the models, to which links may lead."""
        for folder in self._model_folders():
            paths = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
            yield from islice(paths, _MOST_MODEL_FILES)

    def _of_link(self, target: Path, reason: Message) -> Message:
        if not os.path.islink(self.path):  # noqa: PTH114 - never raises
            return reason
        return Message("leads-to", {"target": printable(str(target)), "reason": reason})


@contextmanager
def standard_output() -> Generator[TextIO | None]:
    """Yield standard output, None where there is none, and flush it.

    A closed pipe (`| head`) is no error: its reader had enough.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        yield sys.stdout
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        if error.errno in _READER_GONE:
            # Python would try again at exit, and complain.
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
            return
        sys.stdout = None
        raise OutputError("stdout-fails", where="stdout", why=words_of(error)) from error


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _is_any(there: os.stat_result, paths: Iterable[Path | str]) -> bool:
    """Return whether one of `paths` is the file `there`, with links resolved."""
    for path in paths:
        try:
            if os.path.samestat(there, os.stat(path)):  # noqa: PTH116 - half the time of Path.stat
                return True
        except OSError:
            continue
    return False


def _why_in_a_model(target: Path, folders: Iterable[Path]) -> Message | None:
    """Return why nothing may be written beside a model's files; None if there are none."""
    for folder in folders:
        there = _status(folder)
        if there is not None and _is_any(there, target.parents):
            return Message("lies-in-model", {"folder": printable(str(folder))})
    for folder in (target.parent, target.parent.parent):  # some models have folders inside
        if os.path.isfile(folder / MANIFEST):  # noqa: PTH113 - never raises
            return Message("lies-in-model", {"folder": printable(str(folder))})
    return None
