"""Downloads the files of a model: resumes partial files, and verifies them."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from nameplate.domain.errors import DownloadError, OutputError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken, Progress, Waiting
from nameplate.features.models.downloading.hub import HubFile, Stream, look_up, open_stream
from nameplate.features.models.store import CHECK_STORE
from nameplate.model_hub.catalogue import CatalogueFile, CatalogueModel
from nameplate.storage.atomic import output_error, write_bytes
from nameplate.storage.kept_json import read_kept
from nameplate.system.waiting import answer_of, pause

RECORD: Final = "arriving.json"
"""File beside the folder: the version of each file that its bytes belong to."""

_GIT, _SHA256 = 40, 64
"""Hexadecimal digits of the hub's checksums: git's of small files, SHA-256 of large ones."""

_BLOCK: Final = 1 << 20
_LARGEST_RECORD: Final = 1_000_000
"""Bytes; a file of a model takes 100."""
_SPARE: Final = 16 << 20
"""Bytes of the disk that stay free, so that the program itself can go on writing."""

Event = Progress | Waiting

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Arrived:
    """The files that came, and their commit: the catalogue's revision where a mirror names none."""

    commit: str
    sha256: dict[CatalogueFile, str]
    bytes: dict[CatalogueFile, int]


@dataclass(frozen=True, slots=True)
class Patience:
    """Timeouts and retries of a download.

    Attributes:
        silence: Seconds after which a server that sends nothing is given up.
        attempts: How often in a row without `least` new bytes.
        least: Bytes that make it worth going on, so that a server that sends one and hangs up
            keeps nobody.
        rate: Bytes a second that have to come in each `window` of seconds.
        window: Seconds; also the longest for one answer to begin.
        first_wait: Seconds before the second try; twice as many before each further one.
        longest_wait: Seconds beyond which a pause that a server asks for is left to the person.
    """

    silence: float = 10.0
    attempts: int = 5
    least: int = 1 << 18
    rate: float = 1000.0
    window: float = 60.0
    first_wait: float = 1.0
    longest_wait: float = 60.0


def download(
    model: CatalogueModel, folder: Path, cancel: CancelToken, patience: Patience | None = None
) -> Generator[Event, None, Arrived]:
    """Download the files of `model` into `folder`, resuming partial files.

    The folder is made where it is not there, with RECORD beside it; nobody else may write there.

    Yields:
        Progress in bytes, those that were there as `before`; Waiting before each new try.

    Raises:
        DownloadError: The server does not give them, or gives other ones than the catalogue's or
            those of the first download.
        OutputError: There is no space or no permission.
        CancelledError: The token was set. What has come stays for the next time.
    """
    return (yield from _Download(model, folder, cancel, patience or Patience()).run())


class _Download:
    def __init__(
        self, model: CatalogueModel, folder: Path, cancel: CancelToken, patience: Patience
    ) -> None:
        self._model, self._folder = model, folder
        self._cancel, self._patience = cancel, patience
        self._revision = model.revision
        self._attempts = self._counted = 0
        self._start = time.monotonic()
        self._done = self._before = self._total = 0
        self._sha256: dict[CatalogueFile, str] = {}

    def run(self) -> Generator[Event, None, Arrived]:
        facts: dict[CatalogueFile, HubFile] = {}
        for file in self._model.files:
            facts[file] = yield from self._facts(file)
        try:
            self._keep_only(facts)
            self._total = sum(fact.bytes for fact in facts.values())
            self._done = self._before = sum(self._size(file) for file in facts)
            self._check_space()
            yield self._progress()
            for file, fact in facts.items():
                yield from self._whole(file, fact)
        except OSError as error:
            full = Message("free-space-and-go-on")
            raise output_error(self._folder, error, full=full, other=CHECK_STORE) from error
        sizes = {file: fact.bytes for file, fact in facts.items()}
        return Arrived(self._revision, self._sha256, sizes)

    def _facts(self, file: CatalogueFile) -> Generator[Event, None, HubFile]:
        """Look one file up, at the commit of the first answer."""
        where, silence = (self._model.repository, file.path, self._revision), self._patience.silence
        while True:
            try:
                fact = self._asked(lambda: look_up(*where, silence=silence))
            except DownloadError as error:
                yield from self._wait_after(error)
                continue
            self._attempts = 0
            self._check_fact(file, fact)
            self._revision = fact.commit or self._revision
            return fact

    def _keep_only(self, facts: dict[CatalogueFile, HubFile]) -> None:
        """Delete files of another version from the folder, and record the new version."""
        record_file = self._folder.with_name(RECORD)
        record = read_kept(record_file, _LARGEST_RECORD, dict[str, object]())
        sizes = {file.name: fact.bytes for file, fact in facts.items()}
        wanted = {file.name: [fact.etag, fact.bytes] for file, fact in facts.items()}
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self._folder.rglob("*"), reverse=True):
            name = path.relative_to(self._folder).as_posix()
            if path.is_dir() and not path.is_symlink():
                continue
            is_same = name in wanted and record.get(name) == wanted[name]
            if not (is_same and path.stat().st_size <= sizes[name]):
                path.unlink()
        write_bytes(record_file, json.dumps(wanted).encode())

    def _check_space(self) -> None:
        need, free = self._total - self._done, shutil.disk_usage(self._folder).free
        if need + _SPARE > free:
            lack = need + _SPARE - free
            raise OutputError(
                "too-little-space", where=str(self._folder), title=self._model.title,
                need=need, free=free, lack=lack,
            )  # fmt: skip

    def _whole(self, file: CatalogueFile, fact: HubFile) -> Generator[Event, None, None]:
        """Fetch the missing part of one file and check the file.

        A file that was there in part is fetched once more from the start where it proves wrong: the
        bytes of a crash need not be those that were written.
        """
        old = self._size(file)
        yield from self._fetch(file, fact)
        problem = self._problem(file, fact)
        if problem and old:
            self._discard(file)
            yield from self._fetch(file, fact)
            problem = self._problem(file, fact)
        if problem:
            self._discard(file)
            raise problem

    def _fetch(self, file: CatalogueFile, fact: HubFile) -> Generator[Event, None, None]:
        path = self._folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._attempts = 0
        with path.open("ab") as target:
            self._counted = target.tell()
            while (start := target.tell()) < fact.bytes:
                try:
                    stream = self._opened(file, start)
                    try:
                        if not stream.is_rest:  # the server sends all of it whatever was asked
                            self._done -= start
                            _empty(target)
                        yield from self._receive(stream, target, file, fact.bytes)
                    finally:
                        stream.close()
                except DownloadError as error:
                    yield from self._wait_after(error)
            target.flush()
            os.fsync(target.fileno())

    def _opened(self, file: CatalogueFile, start: int) -> Stream:
        where, silence = (self._model.repository, file.path, self._revision), self._patience.silence
        opening = partial(open_stream, *where, start=start, silence=silence)
        return self._asked(opening, Stream.close)

    def _asked(self, work: Callable[[], T], drop: Callable[[T], object] = lambda _late: None) -> T:
        try:
            return answer_of(work, self._cancel, drop, self._patience.window)
        except TimeoutError as error:
            raise self._too_slow() from error

    def _too_slow(self) -> DownloadError:
        return DownloadError("hub-too-slow", where=self._model.repository, retry_after=0)

    def _receive(
        self, stream: Stream, target: BinaryIO, file: CatalogueFile, size: int
    ) -> Generator[Event, None, None]:
        """Write received bytes until the file has `size` bytes."""
        patience, begun, received = self._patience, time.monotonic(), 0
        while block := self._asked(stream.read):
            if target.tell() + len(block) > size:
                _empty(target)
                raise self._damaged(file)
            target.write(block)
            target.flush()
            # Beyond all that came before: a server may send the beginning again and again.
            if target.tell() >= self._counted + patience.least:
                self._attempts, self._counted = 0, target.tell()
            self._done += len(block)
            received += len(block)
            if (seconds := time.monotonic() - begun) > patience.window:
                if received < patience.rate * seconds:
                    raise self._too_slow()
                begun, received = time.monotonic(), 0
            yield self._progress()
        if target.tell() < size:
            raise self._too_slow()

    def _wait_after(self, error: DownloadError) -> Generator[Event, None, None]:
        """Wait before the next try; raise `error` if waiting is useless or takes too long."""
        self._attempts += 1
        asked = error.retry_after
        is_last = self._attempts >= self._patience.attempts
        if is_last or asked is None or asked > self._patience.longest_wait:
            raise error
        seconds = max(asked, self._patience.first_wait * 2 ** (self._attempts - 1))
        why = Message("server-trouble", {"server": error.where, "reason": error.reason})
        yield from pause(seconds, why, self._cancel)

    def _problem(self, file: CatalogueFile, fact: HubFile) -> DownloadError | None:
        """Return an error if the file's checksums differ from the hub's or the catalogue's.

        Stores its SHA-256.
        """
        sha256, git = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
        git.update(b"blob %d\0" % fact.bytes)
        with (self._folder / file.name).open("rb") as stream:
            while block := stream.read(_BLOCK):
                self._cancel.raise_if_cancelled()
                sha256.update(block)
                if len(fact.etag) == _GIT:
                    git.update(block)
        known = {_GIT: git, _SHA256: sha256}.get(len(fact.etag))
        self._sha256[file] = sha256.hexdigest()
        if known is not None and known.hexdigest() != fact.etag:
            return self._damaged(file)
        if file.sha256 not in ("", self._sha256[file]):
            return self._another(file, fact)
        return None

    def _damaged(self, file: CatalogueFile) -> DownloadError:
        return DownloadError("wrong-checksum", where=self._model.repository, file=file.path)

    def _check_fact(self, file: CatalogueFile, fact: HubFile) -> None:
        """Refuse a file that differs from the catalogue before any of it is fetched."""
        if not file.sha256 and len(fact.etag) not in (_GIT, _SHA256):
            raise DownloadError("no-checksum", file=file.path)
        is_other = file.sha256 and len(fact.etag) == _SHA256 and fact.etag != file.sha256
        if is_other or not _fits(file, fact):
            raise self._another(file, fact)

    def _another(self, file: CatalogueFile, fact: HubFile) -> DownloadError:
        """Return the error for a file whose content on the server is not the expected one."""
        model = self._model
        if not file.first_seen:
            return DownloadError("not-the-catalogues", file=file.path)
        moved = describe_move(model, fact.commit)
        return DownloadError(
            "not-as-at-first", file=file.path, day=file.first_seen,
            moved=Message("and-moved", {"moved": moved}) if moved else "",
            repository=model.repository, model=model.id,
        )  # fmt: skip

    def _discard(self, file: CatalogueFile) -> None:
        self._done -= self._size(file)
        (self._folder / file.name).unlink()

    def _size(self, file: CatalogueFile) -> int:
        try:
            return (self._folder / file.name).stat().st_size
        except FileNotFoundError:
            return 0

    def _progress(self) -> Progress:
        seconds = time.monotonic() - self._start
        return Progress(self._done, self._total, seconds, min(self._before, self._done))


def describe_move(model: CatalogueModel, commit: str) -> Message | None:
    """Return a message if the branch moved since the first download; else None."""
    before = model.seen_commit
    if not commit or before in ("", commit) or model.revision in (before, commit):
        return None
    return Message(
        "branch-moved", {"branch": model.revision, "before": before[:12], "now": commit[:12]}
    )


def _fits(file: CatalogueFile, fact: HubFile) -> bool:
    """Return whether a file has the size in the catalogue."""
    most = file.bytes if file.is_exact else 2 * file.bytes + 10 * _BLOCK
    return (file.bytes if file.is_exact else 0) <= fact.bytes <= most


def _empty(target: BinaryIO) -> None:
    target.truncate(0)
    target.seek(0)  # where `tell` counts from, although what is written is appended
