"""Finds the image files in given files and folders, without opening them."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.images import ImageTable
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.system.failures import printable, reason_of

IMAGE_EXTENSIONS: Final[frozenset[str]] = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib",
    ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif", ".ppm", ".pgm", ".pbm", ".pnm", ".tga",
))  # fmt: skip
"""Extensions of images, lower case, with the dot."""

_SKIPPED: Final = frozenset((
    *("@eadir", "__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini"),
    *("$recycle.bin", "system volume information"),
))  # fmt: skip
"""Lower-case names of files and folders that operating systems and network drives create."""

IsWanted = Callable[[str], bool]
_Entry = os.DirEntry[str]
_Identity = tuple[int, int]
"""(st_dev, st_ino): the folder itself, whatever path leads to it."""


@dataclass(frozen=True, slots=True)
class ScanProblem:
    """A path without an image, and why."""

    path: Path
    reason: Message


@dataclass(frozen=True, slots=True)
class ScanBatch:
    """A piece of a scan, in its order."""

    images: tuple[Path, ...]
    problems: tuple[ScanProblem, ...]


@dataclass(slots=True)
class _Seen:
    """The files and folders seen so far: lists each file once and ends loops of links."""

    is_wanted: IsWanted
    folders: set[_Identity] = field(default_factory=set[_Identity])
    files: set[tuple[_Identity, str]] = field(default_factory=set[tuple[_Identity, str]])


def scan(
    paths: Sequence[Path],
    *,
    cancel: CancelToken | None = None,
    batch: int = 256,
    is_wanted: IsWanted | None = None,
) -> Iterator[ScanBatch]:
    """Yield the image files under `paths`, each once; problems are yielded, not raised.

    The order is that of `paths`; inside a folder its files by name, then its folders by name,
    each in the same way. A file that is named in `paths` is taken whatever its extension. Hidden
    files and folders are left out, links are followed, and a folder is entered once.

    Args:
        paths: Files and folders.
        cancel: Looked at between two entries and two batches; what was found is still yielded.
        batch: Images and problems in a batch, at most.
        is_wanted: Whether a file in a folder is taken, by its name; `is_image_name` by default.
    """
    images: list[Path] = []
    problems: list[ScanProblem] = []
    for found in _walk_all(paths, cancel or CancelToken(), is_wanted or is_image_name):
        if isinstance(found, ScanProblem):
            problems.append(found)
        else:
            images.append(found)
        if len(images) + len(problems) >= batch:
            yield ScanBatch(tuple(images), tuple(problems))
            images.clear()
            problems.clear()
            if cancel is not None and cancel.is_cancelled:
                return
    if images or problems:
        yield ScanBatch(tuple(images), tuple(problems))


def common_folder(folders: Iterable[str]) -> str:
    """Return the deepest folder that contains all of `folders`; empty if there is none.

    As with two drives, with absolute and relative paths mixed, or without any folder.
    """
    try:
        return os.path.commonpath(set(folders))
    except ValueError:
        return ""


def root_of(paths: Sequence[Path | str]) -> str:
    """Return the deepest folder that contains all images; empty if there is none."""
    # Text alone: a Path of each is four times as slow.
    return common_folder(os.path.dirname(os.fspath(path)) for path in paths)  # noqa: PTH120


def project_root(images: ImageTable, first_images: int) -> str:
    """Return the folder that paths are relative to; empty if there is none.

    The deepest one that holds all images that the project began with, removed ones among them, so
    that it stays when others are added or some are taken out.

    `first_images` is the highest id of those that it began with, or 0 for all.
    """
    texts = images.paths.texts
    is_first = images.ids <= first_images if first_images else np.ones(len(images), np.bool_)
    if not np.any(is_first & ~images.is_removed):
        is_first = ~images.is_removed
    return root_of([texts[row] for row in np.flatnonzero(is_first).tolist()])


def names_below(root: str, paths: Sequence[Path | str]) -> list[str]:
    """Return each path relative to `root`, with `..` if it is outside.

    `/`-separated and valid UTF-8 (see `printable`). A path is returned whole where `root` is empty,
    on another drive, or relative while the other is absolute.
    """
    start = os.path.join(root, "") if root else ""  # noqa: PTH118
    return [printable(_below(root, start, os.fspath(path)).replace(os.sep, "/")) for path in paths]


def relative_names(paths: Sequence[Path | str]) -> list[str]:
    """Return each path relative to the deepest folder that contains all; see `names_below`."""
    return names_below(root_of(paths), paths)


def _below(root: str, start: str, text: str) -> str:
    if text.startswith(start):
        return text[len(start) :]
    if os.path.isabs(root) != os.path.isabs(text):  # noqa: PTH117
        return text
    try:
        return os.path.relpath(text, root)
    except ValueError:  # another drive
        return text


def _walk_all(
    paths: Sequence[Path], cancel: CancelToken, is_wanted: IsWanted
) -> Iterator[Path | ScanProblem]:
    seen = _Seen(is_wanted)
    for given in paths:
        if cancel.is_cancelled:
            return
        try:
            path = _absolute(given)
            if path.is_dir():
                yield from _walk(path, seen, cancel)
            else:
                yield from _named_file(path, seen)
        except OSError as error:
            yield ScanProblem(given, reason_of(error))
        except ValueError:  # a NUL in the path
            yield ScanProblem(given, Message("no-path"))


def _absolute(path: Path) -> Path:
    # `..` after a link does not lead back to where the link lies, so the links must be resolved
    # first; elsewhere the path stays as the person knows it.
    return Path(os.path.realpath(path)) if ".." in path.parts else path.absolute()


def _named_file(path: Path, seen: _Seen) -> Iterator[Path | ScanProblem]:
    if not path.is_file():
        yield ScanProblem(path, _why_no_file(path))
        return
    folder = _identity(path.parent)
    listed_with_its_folder = folder in seen.folders and seen.is_wanted(path.name)
    if not listed_with_its_folder and (folder, path.name) not in seen.files:
        seen.files.add((folder, path.name))
        yield path


def _why_no_file(path: Path) -> Message:
    if path.exists():
        return Message("is-something-else", {"kind": _kind(path)})
    if path.is_symlink():
        return Message("is-broken-link")
    return Message("is-not-there")


def _walk(root: Path, seen: _Seen, cancel: CancelToken) -> Iterator[Path | ScanProblem]:
    """Walk depth first, without recursion: a tree may be deeper than Python's stack."""
    waiting = [root]
    while waiting and not cancel.is_cancelled:
        folder = waiting.pop()
        try:
            identity = _identity(folder)
            if identity in seen.folders:
                continue
            with os.scandir(folder) as listing:
                entries = sorted(_until(cancel, listing), key=lambda entry: entry.name)
        except OSError as error:
            yield ScanProblem(folder, reason_of(error))
            continue
        inner: list[Path] = []
        for entry in entries:
            if not _is_hidden(entry.name):
                yield from _sort_out(entry, identity, seen, inner)
        seen.folders.add(identity)
        waiting.extend(reversed(inner))


def _until(cancel: CancelToken, listing: Iterable[_Entry]) -> Iterator[_Entry]:
    """Yield the items of `listing`, which may take minutes on a slow drive, until cancelled."""
    for entry in listing:
        if cancel.is_cancelled:
            return
        yield entry


def _sort_out(
    entry: os.DirEntry[str], folder: _Identity, seen: _Seen, inner: list[Path]
) -> Iterator[Path | ScanProblem]:
    """Yield the entry if it is an image, or its problem; add folders to `inner`."""
    try:
        if entry.is_dir():
            inner.append(Path(entry.path))
        elif entry.is_file():
            if seen.is_wanted(entry.name) and (folder, entry.name) not in seen.files:
                yield Path(entry.path)
        elif (path := Path(entry.path)).exists():
            if seen.is_wanted(entry.name):
                yield ScanProblem(path, Message("is-no-picture", {"kind": _kind(path)}))
        elif entry.is_symlink():
            yield ScanProblem(path, Message("is-broken-link"))
    except OSError as error:
        yield ScanProblem(Path(entry.path), reason_of(error))


def _kind(path: Path) -> Message:
    """Return the kind of an entry that is neither a file nor a folder, with links resolved."""
    mode = path.stat().st_mode
    if stat.S_ISFIFO(mode):
        return Message("pipe")
    return Message("socket") if stat.S_ISSOCK(mode) else Message("device")


def _identity(folder: Path) -> _Identity:
    # Not DirEntry.stat(): on Windows it leaves st_dev and st_ino at 0.
    status = folder.stat()
    return status.st_dev, status.st_ino


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in _SKIPPED


def is_image_name(name: str) -> bool:
    """Return whether a file of this name, without its folder, is listed as an image."""
    stem, dot, extension = name.rpartition(".")
    return bool(stem) and f"{dot}{extension}".lower() in IMAGE_EXTENSIONS and not _is_hidden(name)
