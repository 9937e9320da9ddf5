"""Brings pictures of a run to this machine as they are looked at: from tar files and URLs."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import ImageError, UsageError
from nameplate.domain.images import UNKNOWN, contents_of
from nameplate.domain.messages import Message
from nameplate.domain.progress import NEVER, CancelledError, CancelToken
from nameplate.formats.shards.image_list import ListedImage
from nameplate.pipeline.spool import Spool
from nameplate.project.samples import Origin, Sample
from nameplate.storage.agreed_hosts import agreed_as_known, is_agreed
from nameplate.storage.atomic import put_in_place
from nameplate.storage.folders import fetched_folder, fetched_path, make_private_folder
from nameplate.system.elsewhere import address_of, host_of, is_url, may_contact
from nameplate.system.failures import reason_of
from nameplate.system.file_status import content_key
from nameplate.system.waiting import answer_of

MOST_KEPT: Final = 1 << 30
"""Bytes of all fetched pictures; of more the oldest are deleted, down to four fifths."""

MOST_ASKED: Final = 8
"""Hosts that a person is asked about at once: as many as can be read, since each is shown."""

_BETWEEN_TRIMS: Final = 1 << 26
_LOCKS: Final = 64


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a picture of a sample when it was looked at.

    Attributes:
        path: Where it lies, or is to lie.
        problem: Why it cannot be had, or that it is another one now; None where all is well again.
        content: The key of what it holds now, where that is not what the run read; else empty.
    """

    path: Path
    problem: Message | None
    content: str = ""


class Fetching:
    """Fetches the files of the open project that are none of their own; thread-safe.

    Nobody on another machine is contacted before a person agreed, since a project may be a
    stranger's; and a picture that is not the one that the run read is not shown as if it were.

    Attributes:
        tell: Called with each `Found`, on any thread.
    """

    def __init__(self) -> None:
        self.tell: Callable[[Found], object] = lambda _found: None
        self._origins: Mapping[str, tuple[Origin, object]] = {}
        self._unseen: dict[str, tuple[int, bytes]] = {}
        self._failed: set[str] = set()
        self._hosts: Sequence[str] = ()
        self._written = _BETWEEN_TRIMS
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    def begin(self, sample: Sample | None, paths: Sequence[Path] = ()) -> None:
        """Fetch for another project from now on: its sample, and the paths of that's images now."""
        self._origins, self._failed, self._unseen = {}, set(), {}
        if sample is not None:
            self._unseen = {
                os.fspath(path): sample.contents[place].item()
                for place, path in enumerate(paths)
                if place not in sample.origins and sample.contents[place]["size"] >= 0
            }
            self._origins = {
                os.fspath(fetched_path(sample.run, one.name)): (one, sample.contents[place].item())
                for place, one in sample.origins.items()
            }
        files = (one.file for one, _ in self._origins.values() if may_contact(one.file))
        starts = {"/".join(file.split("/", 3)[:3]) for file in files}  # far fewer
        self._hosts = sorted(set(filter(None, map(_host, starts))))

    @property
    def hosts(self) -> Sequence[str]:
        """Who has to be asked for pictures, and nobody agreed to yet; sorted."""
        agreed = agreed_as_known()
        return [host for host in self._hosts if host not in agreed]

    def bring(self, path: Path, cancel: CancelToken = NEVER) -> None:
        """Make the file of an image be at its path, and tell if it is not what the run read.

        That is looked at once, when one is seen for the first time.

        Raises:
            ImageError: It cannot be had, is another one now, or nobody may be asked for it yet.
        """
        name, unseen = os.fspath(path), self._unseen
        if (was := unseen.pop(name, None)) is not None:
            try:
                self._look_at(path, was, cancel)
            except CancelledError:
                unseen[name] = was
                raise
        found = self._origins.get(name)
        if found is None or path.exists():
            return
        try:
            self._bring(path, *found, cancel)
        except ImageError as error:
            self._failed.add(name)
            content = error.content if isinstance(error, _IsOtherError) else ""
            self.tell(Found(path, error.reason, content))
            raise
        if name in self._failed:
            self._failed.discard(name)
            self.tell(Found(path, None))

    def _look_at(self, path: Path, content: tuple[int, bytes], cancel: CancelToken) -> None:
        """Tell if a file of its own is not what the run read."""
        with suppress(OSError):  # showing it says why
            now = content_key(path, cancel)
            if contents_of([now])[0].item() != content:
                self.tell(Found(path, Message("changed-since-run"), now))

    def _bring(self, path: Path, origin: Origin, content: object, cancel: CancelToken) -> None:
        if is_url(origin.file):
            try:
                address_of(origin.file)
            except UsageError as error:
                raise ImageError(error.reason) from error
        if may_contact(origin.file) and not is_agreed(origin.file):
            raise ImageError(Message("not-fetched-yet"))
        with self._locks[hash(path) % _LOCKS]:
            if not path.exists():
                answer_of(lambda: self._fetch(path, origin, content, cancel), cancel)

    def _fetch(self, path: Path, origin: Origin, content: object, cancel: CancelToken) -> None:
        make_private_folder(fetched_folder())
        folder = Path(tempfile.mkdtemp(prefix=".new-", dir=fetched_folder()))
        try:
            listed = ListedImage(origin.file, origin.member, origin.offset, origin.size)
            spool = Spool([listed], "", folder, is_agreed)
            spool.fetch(0, cancel)
            file = folder / "0"
            if not file.exists():  # on a network share
                shutil.copyfile(spool.paths[0], file)
            now = content_key(file, cancel)
            if content != UNKNOWN.item() and contents_of([now])[0].item() != content:
                raise _IsOtherError(now)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._written += file.stat().st_size
            put_in_place(file, path)
            self._trim()
        except OSError as error:
            raise ImageError(reason_of(error)) from error
        except UsageError as error:
            raise ImageError(error.reason) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _trim(self) -> None:
        """Delete the oldest files where there are too many."""
        if self._written < _BETWEEN_TRIMS:
            return
        self._written = 0
        known = list[tuple[float, int, Path]]()
        # `rglob` would raise where another thread deletes a folder that it is about to list.
        files = (Path(at, name) for at, _, names in os.walk(fetched_folder()) for name in names)
        for path in files:
            with suppress(OSError):  # another thread may have deleted it just now
                status = path.stat()
                known.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in known)
        if total > MOST_KEPT:
            for _, size, path in sorted(known):
                with suppress(OSError):
                    path.unlink()
                total -= size
                if total <= MOST_KEPT * 4 // 5:
                    break


class _IsOtherError(ImageError):
    def __init__(self, content: str) -> None:
        super().__init__(Message("fetched-is-other"))
        self.content = content


class Brought:
    """Files that are fetched before they are read; a `Source`."""

    def __init__(self, paths: Sequence[Path], fetching: Fetching) -> None:
        self.paths = paths
        self._fetching = fetching

    def fetch(self, index: int, cancel: CancelToken) -> None:
        """As `Fetching.bring`."""
        self._fetching.bring(self.paths[index], cancel)

    def discard(self, index: int) -> None:
        """Keep it: it will be looked at again."""


def _host(file: str) -> str:
    """Return whom reading a file asks, as it is shown; empty for a URL that is refused."""
    if is_url(file):
        with suppress(UsageError):
            return address_of(file).origin
        return ""
    return host_of(file)
