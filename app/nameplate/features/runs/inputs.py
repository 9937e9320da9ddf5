"""List the images of folders, globs, lists and tar files."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import lines_of
from nameplate.imaging.scan import ScanProblem, common_folder, is_image_name, scan
from nameplate.imaging.tar_index import TarMember, tar_members
from nameplate.pipeline.spool import ListedImage, stamp_of
from nameplate.storage.text_files import read_lines, read_text
from nameplate.system.elsewhere import host_of, is_url
from nameplate.system.failures import reason_of
from nameplate.system.opening import open_regular

TAR: Final = ".tar"

_LATEST: Final = 1 << 16
_FOLDERS_KNOWN: Final = 4096


@dataclass(frozen=True, slots=True)
class Inputs:
    """Inputs as absolute paths; read each time, since a list may have millions of lines.

    Attributes:
        given: Paths and globs.
        lists: Text files with one of these a line; empty lines are left out.
    """

    given: Sequence[str] = ()
    lists: Sequence[Path] = ()

    @classmethod
    def of(cls, paths: Sequence[str], lists: Sequence[Path]) -> "Inputs":
        """Return paths and lists as inputs; a pipe, which can be read but once, is read now.

        Raises:
            UsageError: A list cannot be read.
        """
        files = [file for file in lists if file.is_file()]
        others = [read_text(file) for file in lists if not file.is_file()]  # a pipe, or not there
        lines = (line.strip() for text in others for line in lines_of(text))
        return cls([*paths, *filter(None, lines)], files)

    def __iter__(self) -> Iterator[str]:
        """Yield each as an absolute path; globs are resolved later.

        Raises:
            UsageError: One is a URL, or a list cannot be read.
        """
        lines = (line.strip() for file in self.lists for line in read_lines(file))
        for one in chain(self.given, filter(None, lines)):
            if is_url(one):
                raise UsageError("url-given", where=host_of(one))
            yield os.path.abspath(one)  # noqa: PTH100 - text, not a Path

    def __bool__(self) -> bool:
        """Return whether anything was named."""
        return bool(self.given or self.lists)

    def root(self) -> str:
        """Return the folder that holds all of them; empty where there is none."""
        return common_folder({folder for one in self if (folder := _folder(one))})


def list_images(inputs: Inputs, cancel: CancelToken) -> Iterator[ListedImage | ScanProblem]:
    """Yield the images of `inputs`, in their order, and problems of listing.

    A file that is named is taken whatever its extension; of folders and globs those with the
    extension of an image, and tar files. Each file is taken once, however often and by whichever
    path it is named or found.

    Raises:
        UsageError: One is a URL, or a list cannot be read.
        CancelledError: `cancel` was used before all were listed.
    """
    seen, real_folder = HashSet(), lru_cache(_FOLDERS_KNOWN)(os.path.realpath)

    def is_new(file: str) -> bool:
        folder, name = os.path.split(file)
        return seen.add(f"{real_folder(folder)}{os.sep}{name}")

    def is_listed(name: str) -> bool:
        return is_image_name(name) or name.lower().endswith(TAR)

    for given in inputs:
        cancel.raise_if_cancelled()
        found = [given]
        if is_glob(given):
            found = sorted(glob.iglob(given, recursive=True))  # noqa: PTH207 - text, not a Path
        batches = (scan([Path(one)], cancel=cancel, is_wanted=is_listed) for one in found)
        for batch in chain.from_iterable(batches):
            yield from batch.problems
            for file in filter(is_new, map(os.fspath, batch.images)):
                yield from images_in(file, cancel)
    cancel.raise_if_cancelled()  # `scan` ends early without saying so


class HashSet:
    """A set of texts that keeps a hash of each, 8 bytes, with the secret of this process."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._sorted = np.fromiter(map(hash, texts), np.int64)
        self._sorted.sort()  # in its place
        self._latest = set[int]()

    def __contains__(self, text: str) -> bool:
        number = hash(text)
        place = int(np.searchsorted(self._sorted, np.int64(number)))
        is_old = place < len(self._sorted) and int(self._sorted[place]) == number
        return is_old or number in self._latest

    def add(self, text: str) -> bool:
        """Return whether a text is not in it yet, and add it."""
        if text in self:
            return False
        self._latest.add(hash(text))
        if len(self._latest) > max(_LATEST, len(self._sorted) // 16):
            latest = np.fromiter(self._latest, np.int64, len(self._latest))
            self._latest.clear()
            self._sorted = np.concatenate([self._sorted, latest])
            self._sorted.sort()
        return True


def images_in(file: str, cancel: CancelToken) -> Iterator[ListedImage | ScanProblem]:
    """Yield an image file, or the images in a tar file; and why the rest cannot be listed."""
    try:
        if not file.lower().endswith(TAR):
            yield ListedImage(file, stamp=stamp_of(os.stat(file)))  # noqa: PTH116 - text, not a Path
            return
        with open_regular(file) as stream:
            stamp = stamp_of(os.fstat(stream.fileno()))
            for member in tar_members(stream):
                cancel.raise_if_cancelled()
                if isinstance(member, TarMember):
                    yield ListedImage(file, member.name, member.offset, member.size, stamp)
                else:
                    yield ScanProblem(Path(file), member)
    except OSError as error:
        yield ScanProblem(Path(file), reason_of(error))


def is_glob(given: str) -> bool:
    """Return whether an input is a pattern for names."""
    return glob.has_magic(given) and not os.path.lexists(given)


def _folder(given: str) -> str:
    """Return the folder of an input: itself, or its parent."""
    if is_glob(given):
        start = next(place for place, letter in enumerate(given) if letter in "*?[")
        return os.path.dirname(given[:start])  # noqa: PTH120
    return given if os.path.isdir(given) else os.path.dirname(given)  # noqa: PTH112, PTH120
