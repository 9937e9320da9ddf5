"""Asks buckets of S3 for keys and their bytes, through the client of s3fs.

Only its client: fsspec takes what is in a key for syntax (`::`, `?`, `*`), and lists without end.
"""

import importlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final, cast

from nameplate.domain.errors import UsageError
from nameplate.storage.remote_limits import (
    Answer,
    Asker,
    Clock,
    Limits,
    MayFollow,
    fitting,
    only_those_asked,
)
from nameplate.system.elsewhere import Address, address_of

_CHUNK: Final = 1 << 18
A_PAGE: Final = 1000
"""Keys, as many as a server gives at most; a page counts as full, so that empty ones end too."""


def listed(url: str, address: Address, asker: Asker) -> Iterator[str | UsageError]:
    """Yield the URLs of the keys that `url` stands for, and what is left out of them."""
    start, star, _ = address.path.partition("*")
    prefix = start if star else f"{address.path.rstrip('/')}/".lstrip("/")
    top, is_wanted = replace(address, path=prefix), fitting(address.path)
    count, names, more = 0, 0, ""
    while True:
        keys, following = asker.ask(partial(page_of_keys, top, more))
        for key in keys:
            found = replace(address, path=key).url
            if key.endswith("/") or (star and not is_wanted(key)):
                continue  # what stands for a folder
            names += 1
            yield UsageError("remote-odd-name", where=found) if _is_odd(key) else found
        count += max(len(keys), A_PAGE)
        if not following or following == more:
            break
        if count >= asker.limits.names:
            yield UsageError("remote-list-too-long", where=url, most=asker.limits.names)
            break
        more = following
    if not names and not star:
        if not (address.path and asker.ask(partial(is_there, address))):
            raise UsageError("remote-not-there", where=url)
        yield url


def _is_odd(key: str) -> bool:
    """Return whether a key cannot be told from another one, or from no file at all."""
    try:
        address_of(f"s3://b/{key}")
    except UsageError:
        return True
    return not {".", ".."}.isdisjoint(key.split("/"))


@contextmanager
def opened(
    address: Address,
    start: int,
    length: int | None,
    clock: Clock,
    _may_follow: MayFollow = only_those_asked,
) -> Generator[Answer]:
    """Ask for what is under a key, or for `length` bytes of it; as for files of web servers.

    Raises:
        UsageError: s3fs is not installed.
        OSError, botocore.*: The bucket does not give it.
    """
    store, wanted = _store(clock.limits), dict[str, str]()
    if start or length is not None:
        last = "" if length is None else start + length - 1
        wanted["Range"] = f"bytes={start}-{last}"
    found = _asked(store, clock, "get_object", Bucket=address.host, Key=address.path, **wanted)
    body = found["Body"]
    try:
        is_part, length = bool(found.get("ContentRange")), found.get("ContentLength")
        chunks = _chunks(store, body, clock)
        yield Answer(address, chunks, start if is_part else 0, length, is_part)
    finally:
        store.loop.call_soon_threadsafe(body.close)


def _chunks(store: Any, body: Any, clock: Clock) -> Iterator[bytes]:
    sync = importlib.import_module("fsspec.asyn").sync
    while chunk := cast("bytes", sync(store.loop, body.read, _CHUNK, timeout=clock.wait())):
        clock.received += len(chunk)
        yield chunk


def is_there(address: Address, clock: Clock) -> bool:
    """Return whether there is something under a key."""
    try:
        _asked(_store(clock.limits), clock, "head_object", Bucket=address.host, Key=address.path)
    except FileNotFoundError:
        return False
    return True


def page_of_keys(address: Address, after: str, clock: Clock) -> tuple[list[str], str]:
    """Return the next keys that begin with the path of an address, and what to ask next with."""
    wanted = {"Bucket": address.host, "Prefix": address.path, "MaxKeys": A_PAGE}
    if after:
        wanted["ContinuationToken"] = after
    found = _asked(_store(clock.limits), clock, "list_objects_v2", **wanted)
    keys = [str(one["Key"]) for one in found.get("Contents", ())]
    more = found.get("NextContinuationToken", "") if found.get("IsTruncated") else ""
    return keys, more


def _asked(store: Any, clock: Clock, method: str, **wanted: object) -> Any:
    call = importlib.import_module("fsspec.asyn").sync
    return call(store.loop, store._call_s3, method, timeout=clock.wait(), **wanted)  # noqa: SLF001


def _store(limits: Limits) -> Any:
    try:
        fsspec, _ = map(importlib.import_module, ("fsspec", "s3fs"))
    except ImportError as error:
        raise UsageError("no-s3", where="s3", why=str(error)[:200]) from error
    times = {"connect_timeout": limits.silence, "read_timeout": limits.silence}
    return fsspec.filesystem("s3", config_kwargs=times)  # the same one each time
