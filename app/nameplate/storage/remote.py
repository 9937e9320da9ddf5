"""Files at a URL, through fsspec: listed and read, with retries; never written."""

import importlib
import io
import posixpath
import random
import time
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final, TypeVar, cast

from nameplate.domain.errors import ImageError, NameplateError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.system.elsewhere import is_url

MOST_TRIES: Final = 6
"""Of one request: with the pauses between them, 8 to 16 seconds."""

MOST_BYTES: Final = 512_000_000
"""Of one picture: a larger one is not fetched."""

_FIRST_PAUSE: Final = 0.25
"""Seconds before the second try; doubled for each further one, and up to half of it more by chance,
so that many processes do not try at the same moment."""

_SECONDS: Final = 30.0
"""For a server to begin an answer or to go on with it."""

_HEADER_BLOCK: Final = 1 << 16
"""Bytes read at once where only the headers of a tar file are wanted."""

_FINAL: Final = frozenset((400, 401, 403, 404, 405, 410, 411, 414, 416, 451))
"""HTTP statuses that do not change by trying again."""

T = TypeVar("T")


def list_files(url: str, cancel: CancelToken) -> Iterator[str]:
    """Yield the URLs of the files that `url` stands for: itself, all below it, or those of a glob.

    Folder by folder, each sorted.

    Raises:
        UsageError: It cannot be listed, or there is nothing; or fsspec is not installed.
        CancelledError: `cancel` was set.
    """
    system, path = _opened(url)
    try:
        if _has_magic(path):
            found = cast("list[str]", _with_retries(lambda: system.glob(path), cancel))
            yield from (_url(system, one) for one in sorted(found))
        elif _with_retries(lambda: system.isdir(path), cancel):
            yield from _walked(system, path, cancel)
        else:
            _with_retries(lambda: system.info(path), cancel)
            yield url
    except Exception as error:
        if (reason := _reason(error)) is None:
            raise
        raise UsageError(reason, where=url) from error


def _walked(system: Any, path: str, cancel: CancelToken) -> Iterator[str]:
    waiting, seen = [path], {posixpath.normpath(path)}
    while waiting:
        folder = waiting.pop()
        entries = cast(
            "list[dict[str, Any]]",
            _with_retries(lambda folder=folder: system.ls(folder, detail=True), cancel),
        )
        entries = sorted(entries, key=lambda entry: str(entry["name"]))
        # An index may have links to itself, and out of the folder that was named.
        entries = [e for e in entries if ".." not in str(e["name"]).split("/")]
        inner = list[str]()
        for name in (str(e["name"]) for e in entries if e["type"] == "directory"):
            if (plain := posixpath.normpath(name)) not in seen:
                seen.add(plain)
                inner.append(name)
        yield from (_url(system, e["name"]) for e in entries if e["type"] == "file")
        waiting.extend(reversed(inner))


def read_bytes(url: str, start: int | None, length: int | None, cancel: CancelToken) -> bytes:
    """Return the content of a file at `url`, or `length` bytes from `start` on.

    Raises:
        ImageError: It cannot be read, after some tries where these may help; or is too large.
        UsageError: fsspec is not installed.
        CancelledError: `cancel` was set.
    """
    system, path = _opened(url)

    def read() -> bytes:
        if start is not None and length is not None:
            content: bytes = system.cat_file(path, start=start, end=start + length)
            if len(content) > length:  # a server that knows no ranges sends the whole file
                content = content[start : start + length]
            if len(content) != length:
                raise _CutShortError
            return content
        size = system.size(path)
        if size is not None and size > MOST_BYTES:
            raise ImageError("remote-too-large", where=url, bytes=size, most=MOST_BYTES)
        content = system.cat_file(path)
        if size is not None and len(content) != size:
            raise _CutShortError
        return content

    try:
        return _with_retries(read, cancel)
    except Exception as error:
        if (reason := _reason(error)) is None:
            raise
        raise ImageError(reason, where=url) from error


def opened_for_headers(url: str, cancel: CancelToken) -> BinaryIO:
    """Open a file at `url` to read some bytes here and there, each read with retries.

    Raises:
        UsageError: It cannot be opened or, later, read; or fsspec is not installed.
        CancelledError: `cancel` was set.
    """
    system, path = _opened(url)

    def opened() -> BinaryIO:
        return system.open(path, "rb", block_size=_HEADER_BLOCK, cache_type="readahead")

    try:
        stream = _with_retries(opened, cancel)
    except Exception as error:
        if (reason := _reason(error)) is None:
            raise
        raise UsageError(reason, where=url) from error
    return io.BufferedReader(_Retried(stream, url, cancel), _HEADER_BLOCK // 16)


class _Retried(io.RawIOBase):
    """A stream whose reads are tried again; what fails for good is no end of the file."""

    def __init__(self, stream: BinaryIO, url: str, cancel: CancelToken) -> None:
        super().__init__()
        self._stream, self._url, self._cancel = stream, url, cancel

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True  # those that cannot say so when they are asked to

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def readinto(self, buffer: Any, /) -> int:
        place = self._stream.tell()

        def read() -> bytes:
            self._stream.seek(place)
            return self._stream.read(len(buffer))

        try:
            content = _with_retries(read, self._cancel)
        except Exception as error:
            if (reason := _reason(error)) is None:
                raise
            raise UsageError(reason, where=self._url) from error
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _CutShortError(Exception):
    """A server sent less than it said."""


def _opened(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it.

    Raises:
        UsageError: fsspec, or what it needs for this kind of URL, is not installed.
    """
    try:
        core = importlib.import_module("fsspec.core")
        return core.url_to_fs(url, **_options(url.partition("://")[0]))
    except (ImportError, ValueError) as error:
        raise UsageError("no-fsspec", where=url, why=str(error)[:200]) from error


def _options(scheme: str) -> dict[str, Any]:
    """Return what makes the client of a scheme give up on a server that does not answer."""
    if scheme in {"http", "https"}:
        aiohttp = importlib.import_module("aiohttp")
        times = aiohttp.ClientTimeout(total=None, sock_connect=_SECONDS, sock_read=_SECONDS)
        return {"client_kwargs": {"timeout": times}}
    if scheme in {"s3", "s3a"}:
        return {"config_kwargs": {"connect_timeout": _SECONDS, "read_timeout": _SECONDS}}
    return {}


def _with_retries(call: Callable[[], T], cancel: CancelToken) -> T:
    """Return what `call` does; after an error that may pass, try again."""
    for attempt in range(1, MOST_TRIES + 1):
        cancel.raise_if_cancelled()
        try:
            return call()
        except Exception as error:
            if attempt == MOST_TRIES or not _may_pass(error):
                raise
        pause = _FIRST_PAUSE * 2 ** (attempt - 1)
        until = time.monotonic() + pause * (1 + random.random() / 2)  # noqa: S311 - no secret
        while time.monotonic() < until and not cancel.is_cancelled:
            time.sleep(0.05)
    raise AssertionError


def _may_pass(error: Exception) -> bool:
    """Return whether trying again may help: not with what is missing or forbidden."""
    error = _meant(error)
    if isinstance(
        error,
        NameplateError | CancelledError | FileNotFoundError | PermissionError | IsADirectoryError,
    ):
        return False
    if isinstance(error, NotImplementedError | TypeError | AttributeError):
        return False
    return _status(error) not in _FINAL


def _meant(error: Exception) -> Exception:
    """Return what happened where fsspec says that a file is not there whatever happened.

    It does so where it asks a web server for a size.
    """
    cause = error.__cause__
    if not isinstance(error, FileNotFoundError) or not isinstance(cause, Exception):
        return error
    is_of_connection = type(cause).__module__.startswith("aiohttp") or isinstance(cause, OSError)
    return cause if is_of_connection else error


def _status(error: Exception) -> int | None:
    """Return the HTTP status that an error comes from; None where there is none."""
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return status
    match getattr(error, "response", None):  # of botocore
        case {"ResponseMetadata": {"HTTPStatusCode": int(status)}}:
            return status
        case _:
            return None


def _reason(error: Exception) -> Message | None:
    """Return why a request failed; None for an error that is not of the other side."""
    own = (
        NameplateError,
        CancelledError,
        NotImplementedError,
        TypeError,
        AttributeError,
        AssertionError,
    )
    error = _meant(error)
    if isinstance(error, own):
        return None
    if isinstance(error, FileNotFoundError) or _status(error) in {404, 410}:
        return Message("remote-not-there")
    if isinstance(error, PermissionError) or _status(error) in {401, 403}:
        return Message("remote-forbidden")
    if isinstance(error, _CutShortError):
        return Message("remote-cut-short")
    why = str(error).strip() or type(error).__name__
    return Message("remote-failed", {"why": why[:200], "tries": MOST_TRIES})


def _has_magic(path: str) -> bool:
    return any(one in path for one in "*?[")


def _url(system: Any, path: str) -> str:
    return path if is_url(path) else str(system.unstrip_protocol(path))
