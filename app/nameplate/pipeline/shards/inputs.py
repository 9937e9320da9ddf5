"""Lists the images in folders, globs, lists, tar files and at URLs; opens none of them."""

import glob
import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

import numpy as np

from nameplate.domain.progress import CancelToken
from nameplate.domain.text import lines_of
from nameplate.formats.shards.image_list import ListedImage
from nameplate.imaging.scan import ScanProblem, common_folder, is_image_name, scan
from nameplate.imaging.tar_index import TarMember, tar_members
from nameplate.storage.remote import list_files, opened_for_headers
from nameplate.storage.text_files import read_lines, read_text
from nameplate.system.elsewhere import is_url
from nameplate.system.failures import reason_of
from nameplate.system.opening import open_regular

TAR: Final = ".tar"

_LATEST: Final = 1 << 16
_FOLDERS_KNOWN: Final = 4096


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was named, made absolute; read anew each time, since a list may have millions of lines.

    Attributes:
        given: Paths and URLs.
        lists: Text files with one of these a line; empty lines are left out.
    """

    given: Sequence[str] = ()
    lists: Sequence[Path] = ()

    def __iter__(self) -> Iterator[str]:
        """Yield each as it is kept: a path made absolute, a URL as it is; globs resolved later.

        Raises:
            UsageError: A list cannot be read.
        """
        lines = (line.strip() for file in self.lists for line in read_lines(file))
        for one in chain(self.given, filter(None, lines)):
            yield one if is_url(one) else os.path.abspath(one)  # noqa: PTH100

    def __bool__(self) -> bool:
        """Return whether anything was named."""
        return any(True for _ in self)


def listed_inputs(paths: Sequence[str], lists: Sequence[Path]) -> Inputs:
    """Return paths and lists as inputs; what can be read but once is read now.

    Raises:
        UsageError: A list cannot be read.
    """
    files = [file for file in lists if file.is_file()]
    others = [read_text(file) for file in lists if not file.is_file()]  # a pipe, or not there
    lines = [line.strip() for text in others for line in lines_of(text)]
    return Inputs((*paths, *filter(None, lines)), files)


def root_of_inputs(inputs: Iterable[str]) -> str:
    """Return the folder or URL that holds all of `inputs`; empty where there is none."""
    folders = {_folder(one) for one in inputs}
    if not any(map(is_url, folders)):
        return common_folder(folders)
    if not all(map(is_url, folders)):
        return ""
    places = [urlsplit(one) for one in folders]
    if len({(place.scheme, place.netloc) for place in places}) > 1:
        return ""
    path = posixpath.commonpath([place.path or "/" for place in places])
    return f"{places[0].scheme}://{places[0].netloc}{path.rstrip('/')}"


def list_images(
    inputs: Iterable[str], root: str, cancel: CancelToken
) -> Iterator[ListedImage | ScanProblem]:
    """Yield the images of `inputs`, in their order, and what could not be listed.

    A file that is named is taken whatever its extension; of folders and globs those with the
    extension of an image, and tar files. Each file is taken once, however often and by whichever
    path it is named or found.

    Args:
        inputs: Of `listed_inputs`.
        root: Of `root_of_inputs`.
        cancel: Stops it.

    Raises:
        UsageError: A URL cannot be listed.
        CancelledError: `cancel` was set.
    """
    seen = _Seen()
    for given in inputs:
        cancel.raise_if_cancelled()
        for found in _images_of(given, seen, cancel):
            yield found if isinstance(found, ScanProblem) else _below(root, found)


class _Seen:
    """The files that were listed: 8 bytes each, a keyed hash, since there may be ten millions."""

    def __init__(self) -> None:
        self._secret = os.urandom(16)  # nobody can find two names with one hash
        self._sorted = np.empty(0, np.uint64)
        self._latest = set[int]()
        self._folder_of = lru_cache(_FOLDERS_KNOWN)(os.path.realpath)

    def add(self, file: str) -> bool:
        """Return whether a path or URL is not among them yet, and add it."""
        if not is_url(file):
            folder, name = os.path.split(file)
            file = f"{self._folder_of(folder)}{os.sep}{name}"
        data = file.encode("utf-8", "surrogatepass")
        number = int.from_bytes(blake2b(data, digest_size=8, key=self._secret).digest())
        place = int(np.searchsorted(self._sorted, np.uint64(number)))
        is_old = place < len(self._sorted) and int(self._sorted[place]) == number
        if is_old or number in self._latest:
            return False
        self._latest.add(number)
        if len(self._latest) > max(_LATEST, len(self._sorted) // 16):
            latest = np.fromiter(self._latest, np.uint64, len(self._latest))
            self._sorted = np.sort(np.concatenate([self._sorted, latest]))
            self._latest.clear()
        return True


def _images_of(given: str, seen: _Seen, cancel: CancelToken) -> Iterator[ListedImage | ScanProblem]:
    if is_url(given) and _is_file_name(given):
        yield from _remote(given, seen, is_named=True, cancel=cancel)  # not asked for twice
    elif is_url(given):
        for url in list_files(given, cancel):
            yield from _remote(url, seen, is_named=url == given, cancel=cancel)
    elif is_glob(given):
        for file in sorted(glob.iglob(given, recursive=True)):  # noqa: PTH207 - text, not a Path
            yield from _local(file, seen, cancel)
    else:
        yield from _local(given, seen, cancel)


def _is_file_name(url: str) -> bool:
    """Return whether a URL names a picture or a tar file by its extension."""
    path = url.partition("?")[0]
    name = posixpath.basename(path)
    return not glob.has_magic(path) and _is_listed(name)


def _local(path: str, seen: _Seen, cancel: CancelToken) -> Iterator[ListedImage | ScanProblem]:
    for batch in scan([Path(path)], cancel=cancel, is_wanted=_is_listed):
        yield from batch.problems
        for file in filter(seen.add, map(os.fspath, batch.images)):
            if _is_tar(file):
                yield from _in_tar(file, cancel)
            else:
                yield ListedImage(file)


def _is_tar(name: str) -> bool:
    return name.lower().endswith(TAR)


def _is_listed(name: str) -> bool:
    return is_image_name(name) or _is_tar(name)


def _remote(
    url: str, seen: _Seen, *, is_named: bool, cancel: CancelToken
) -> Iterator[ListedImage | ScanProblem]:
    is_wanted = is_named or is_image_name(posixpath.basename(url.partition("?")[0]))
    if not (_is_tar(url) or is_wanted) or not seen.add(url):
        return
    if _is_tar(url):
        yield from _in_tar(url, cancel)
    else:
        yield ListedImage(url)


def _in_tar(file: str, cancel: CancelToken) -> Iterator[ListedImage | ScanProblem]:
    try:
        with _opened(file, cancel) as stream:
            for member in tar_members(stream):
                cancel.raise_if_cancelled()
                if isinstance(member, TarMember):
                    yield ListedImage(file, member.name, member.offset, member.size)
                else:
                    yield ScanProblem(Path(file), member)
    except OSError as error:
        yield ScanProblem(Path(file), reason_of(error))


def _opened(file: str, cancel: CancelToken) -> BinaryIO:
    return opened_for_headers(file, cancel) if is_url(file) else open_regular(file)


def is_glob(given: str) -> bool:
    """Return whether an input is a pattern for names."""
    return glob.has_magic(given) and (is_url(given) or not os.path.lexists(given))


def start_of_glob(given: str) -> str:
    """Return what all that fits a pattern begins with."""
    return given[: next(i for i, letter in enumerate(given) if letter in "*?[")]


def _folder(given: str) -> str:
    """Return the folder of an input: itself, or what holds it."""
    if is_url(given):
        place = urlsplit(given)
        path = place.path.partition("*")[0]
        if path != place.path or "." in posixpath.basename(path):
            path = posixpath.dirname(path)
        return f"{place.scheme}://{place.netloc}{path.rstrip('/')}"
    if is_glob(given):
        return os.path.dirname(start_of_glob(given))  # noqa: PTH120
    return given if os.path.isdir(given) else os.path.dirname(given)  # noqa: PTH112, PTH120


def _below(root: str, image: ListedImage) -> ListedImage:
    """Return an image with its file relative to `root`."""
    start = root if root.endswith(("/", os.sep)) else f"{root}{'/' if is_url(root) else os.sep}"
    if not root or not image.file.startswith(start):
        return image
    return ListedImage(image.file[len(start) :], image.member, image.offset, image.size)


def file_below(root: str, file: str) -> str:
    """Return the path or URL of a listed file."""
    if not root or is_url(file):
        return file
    return f"{root}/{file}" if is_url(root) else os.path.join(root, file)  # noqa: PTH118
