"""Lists the images in folders, globs, lists, tar files and at URLs; opens none of them."""

import glob
import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import lines_of
from nameplate.formats.shards.image_list import ListedImage
from nameplate.formats.shards.manifest import Unlisted
from nameplate.imaging.scan import common_folder, is_image_name, scan
from nameplate.imaging.tar_index import TarMember, tar_members
from nameplate.storage.remote import list_files, opened_for_headers
from nameplate.storage.text_files import read_lines, read_text
from nameplate.system.elsewhere import Address, address_of, is_url, without_password
from nameplate.system.failures import printable, reason_of
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

        A password in a URL is left out, since what was named is kept; such a URL is refused.
        """
        lines = (line.strip() for file in self.lists for line in read_lines(file))
        for one in chain(self.given, filter(None, lines)):
            yield without_password(one) if is_url(one) else os.path.abspath(one)  # noqa: PTH100

    def __bool__(self) -> bool:
        """Return whether anything was named."""
        return any(True for _ in self)


def listed_inputs(paths: Sequence[str], lists: Sequence[Path]) -> Inputs:
    """Return paths and lists as inputs; what can be read but once is read now.

    Raises:
        UsageError: A list cannot be read, or a URL among the paths is refused.
    """
    for one in filter(is_url, paths):
        address_of(one)
    files = [file for file in lists if file.is_file()]
    others = [read_text(file) for file in lists if not file.is_file()]  # a pipe, or not there
    lines = [line.strip() for text in others for line in lines_of(text)]
    return Inputs((*paths, *filter(None, lines)), files)


def root_of_inputs(inputs: Iterable[str]) -> str:
    """Return the folder or URL that holds all of `inputs`; empty where there is none."""
    folders = {folder for one in inputs if (folder := _folder(one))}
    if not any(map(is_url, folders)):
        return common_folder(folders)
    if not all(map(is_url, folders)):
        return ""
    places = [address_of(one) for one in folders]
    if len({place.origin for place in places}) > 1:
        return ""
    path = posixpath.commonpath([f"/{place.path.lstrip('/')}" for place in places])
    return f"{places[0].origin}{path.rstrip('/')}"


def list_images(
    inputs: Iterable[str], root: str, cancel: CancelToken
) -> Iterator[ListedImage | Unlisted]:
    """Yield the images of `inputs`, in their order, and what could not be listed.

    A file that is named is taken whatever its extension; of folders and globs those with the
    extension of an image, and tar files. Each file is taken once, however often and by whichever
    path it is named or found.

    Raises:
        UsageError: A URL cannot be listed.
    """
    seen = _Seen()
    for given in inputs:
        cancel.raise_if_cancelled()
        for found in _images_of(given, seen, cancel):
            yield found if isinstance(found, Unlisted) else _below(root, found)


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


def _images_of(given: str, seen: _Seen, cancel: CancelToken) -> Iterator[ListedImage | Unlisted]:
    if is_url(given):
        yield from _at_url(given, seen, cancel)
    elif is_glob(given):
        for file in sorted(glob.iglob(given, recursive=True)):  # noqa: PTH207 - text, not a Path
            yield from _local(file, seen, cancel)
    else:
        yield from _local(given, seen, cancel)


def _at_url(given: str, seen: _Seen, cancel: CancelToken) -> Iterator[ListedImage | Unlisted]:
    try:
        address = address_of(given)
    except UsageError as error:
        yield Unlisted(printable(given), error.reason)
        return
    if _is_listed(posixpath.basename(address.path)) and not is_glob(given):
        yield from _remote(given, seen, is_named=True, cancel=cancel)  # not asked for twice
        return
    for found in list_files(given, cancel):
        if isinstance(found, str):
            yield from _remote(found, seen, is_named=found == given, cancel=cancel)
        else:
            yield Unlisted(printable(str(found.where)), found.reason)


def _local(path: str, seen: _Seen, cancel: CancelToken) -> Iterator[ListedImage | Unlisted]:
    for batch in scan([Path(path)], cancel=cancel, is_wanted=_is_listed):
        for problem in batch.problems:
            yield Unlisted(printable(str(problem.path)), problem.reason)
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
) -> Iterator[ListedImage | Unlisted]:
    name = posixpath.basename(address_of(url).path)
    if not (is_named or _is_listed(name)) or not seen.add(url):
        return
    if _is_tar(name):
        yield from _in_tar(url, cancel)
    else:
        yield ListedImage(url)


def _in_tar(file: str, cancel: CancelToken) -> Iterator[ListedImage | Unlisted]:
    try:
        with _opened(file, cancel) as stream:
            for member in tar_members(stream):
                cancel.raise_if_cancelled()
                if isinstance(member, TarMember):
                    yield ListedImage(file, member.name, member.offset, member.size)
                else:
                    yield Unlisted(printable(file), member)
    except OSError as error:
        yield Unlisted(printable(file), reason_of(error))


def _opened(file: str, cancel: CancelToken) -> BinaryIO:
    return opened_for_headers(file, cancel) if is_url(file) else open_regular(file)


def is_glob(given: str) -> bool:
    """Return whether an input is a pattern for names; in a URL `*` alone makes it one."""
    if (address := _address(given)) is not None:
        return "*" in address.path
    return not is_url(given) and glob.has_magic(given) and not os.path.lexists(given)


def start_of_glob(given: str) -> str:
    """Return what all that fits a pattern begins with."""
    magic = "*" if is_url(given) else "*?["
    return given[: next(i for i, letter in enumerate(given) if letter in magic)]


def _address(given: str) -> Address | None:
    """Return what a URL names; None for one that is refused, and for a path."""
    if is_url(given):
        with suppress(UsageError):
            return address_of(given)
    return None


def _folder(given: str) -> str:
    """Return the folder of an input: itself, or what holds it; empty for a URL that is refused."""
    if is_url(given):
        if (address := _address(given)) is None:
            return ""
        path = address.path.partition("*")[0]
        if path != address.path or "." in posixpath.basename(path):
            path = posixpath.dirname(path)
        return replace(address, path=path, query="").url.rstrip("/")
    if is_glob(given):
        return os.path.dirname(start_of_glob(given))  # noqa: PTH120
    return given if os.path.isdir(given) else os.path.dirname(given)  # noqa: PTH112, PTH120


def _below(root: str, image: ListedImage) -> ListedImage:
    """Return an image with its file relative to `root`, unless that would be a URL of its own."""
    start = root if root.endswith(("/", os.sep)) else f"{root}{'/' if is_url(root) else os.sep}"
    if not root or not image.file.startswith(start) or is_url(image.file[len(start) :]):
        return image
    return ListedImage(image.file[len(start) :], image.member, image.offset, image.size)
