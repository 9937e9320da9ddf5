"""Asks web servers for files and pages: nobody but those who were named, and within limits.

httpcore2 comes with `huggingface_hub`. It is used itself, since each byte that comes has to be
counted before anything is made of it: no redirect is followed, and nothing is unpacked, by it.
"""

import html
import posixpath
import re
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final
from urllib.parse import quote, unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2

from nameplate import __version__
from nameplate.domain.errors import ImageError, UsageError
from nameplate.storage.remote_limits import (
    Answer,
    Asker,
    Clock,
    CutShortError,
    MayFollow,
    StatusError,
    fitting,
    only_those_asked,
)
from nameplate.system.elsewhere import Address, address_of

MOST_REDIRECTS: Final = 5

_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_HEADERS: Final = 1 << 20
"""Bytes beside the content that are taken of one answer."""

_LINK: Final = re.compile(
    r"""\bhref\s{0,9}=\s{0,9}(?:"([^"<>]{1,4096})"|'([^'<>]{1,4096})'|([^"'\s<>]{1,4096}))""",
    re.IGNORECASE,
)
_SAFE: Final = "/%:@!$&'()*+,;=~-._[]"


class _Current(threading.local):
    clock: Clock | None = None


_CURRENT: Final = _Current()
"""Of the request on this thread: a connection serves many, one after the other."""


@contextmanager
def _counted(clock: Clock) -> Generator[None]:
    _CURRENT.clock = clock
    try:
        yield
    finally:
        _CURRENT.clock = None


@contextmanager
def opened(
    address: Address,
    start: int,
    length: int | None,
    clock: Clock,
    may_follow: MayFollow = only_those_asked,
) -> Generator[Answer]:
    """Ask for a file, or for `length` bytes of it.

    Yields:
        The answer, whose `chunks` have to be read on the same thread.

    Raises:
        ImageError: It is too slow, packed, or leads to a server that nobody named.
        StatusError: The server answers with an error.
        CutShortError: Other bytes are sent than were asked for.
        httpcore2.*: The connection fails.
    """
    headers = {"User-Agent": f"nameplate/{__version__}", "Accept-Encoding": "identity"}
    if start or length is not None:
        last = "" if length is None else start + length - 1
        headers["Range"] = f"bytes={start}-{last}"
    for _ in range(MOST_REDIRECTS + 1):
        with _asked(address, headers, clock) as (response, fields):
            if response.status not in _REDIRECTS:
                yield _answer(address, start, response, fields, clock)
                return
            address = _led_to(address, fields.get("location", ""), may_follow)
    raise ImageError("remote-too-many-redirects", most=MOST_REDIRECTS)


@contextmanager
def _asked(
    address: Address, headers: Mapping[str, str], clock: Clock
) -> Generator[tuple[Any, dict[str, str]]]:
    seconds = clock.wait()
    times = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
    target = quote(address.path.encode("utf-8", "surrogateescape"), _SAFE)
    target += quote(address.query.encode("utf-8", "surrogateescape"), _SAFE + "?")
    url = httpcore2.URL(
        scheme=address.scheme,
        host=address.host.strip("[]"),
        port=address.port,
        target=target,
    )
    pool = _pool(_proxy_for(address))
    with ExitStack() as stack:
        with _counted(clock):
            asked = pool.stream("GET", url, headers=headers, extensions={"timeout": times})
            response = stack.enter_context(asked)
        pairs = [(name.decode("latin-1").lower(), value) for name, value in response.headers]
        yield response, {name: value.decode("latin-1") for name, value in pairs}


def _answer(
    address: Address, start: int, response: Any, fields: Mapping[str, str], clock: Clock
) -> Answer:
    if response.status not in (200, 206):
        raise StatusError(response.status)
    packing = fields.get("content-encoding", "identity").strip().lower()
    if packing not in ("", "identity"):
        raise ImageError("remote-packed", packing=packing[:40])
    begins, is_part = 0, response.status == 206
    if is_part:
        found = re.match(r"bytes (\d{1,19})-", fields.get("content-range", ""))
        if found is None or int(found[1]) != start:
            raise CutShortError
        begins = start
    said = fields.get("content-length", "")
    length = int(said) if re.fullmatch(r"\d{1,19}", said) else None
    kind = fields.get("content-type", "")
    return Answer(address, _chunks(response, clock), begins, length, is_part, kind)


def _chunks(response: Any, clock: Clock) -> Iterator[bytes]:
    chunks = response.iter_stream()
    while True:
        clock.wait()
        with _counted(clock):
            chunk = next(chunks, b"")
        if not chunk:
            return
        yield chunk


def _led_to(before: Address, location: str, may_follow: MayFollow) -> Address:
    """Return where a server leads to.

    Raises:
        ImageError: Nobody named the server there, or it is none.
    """
    try:
        after = address_of(urljoin(before.url, location))
    except (UsageError, ValueError) as error:
        raise ImageError("remote-leads-elsewhere", to=location[:200]) from error
    is_same = after.origin == before.origin
    is_safer = after.origin == before.origin.replace("http://", "https://", 1)
    if after.scheme == "s3" or not (is_same or is_safer or may_follow(after.url)):
        raise ImageError("remote-leads-elsewhere", to=after.origin)
    return after


def _proxy_for(address: Address) -> str:
    found = getproxies()
    proxy = found.get(address.scheme) or found.get("all") or ""
    return "" if not proxy or proxy_bypass(address.host.strip("[]")) else proxy


@cache
def _pool(proxy: str) -> Any:
    given = None
    if proxy:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        given = httpcore2.Proxy(place, auth=auth)
    return httpcore2.ConnectionPool(
        proxy=given, max_connections=64, keepalive_expiry=20.0, network_backend=_Network()
    )


class _Network(httpcore2.NetworkBackend):
    """Connects as usual; what comes is counted, and never waited for beyond the time left.

    A server that sends the head of its answer a letter at a time would keep a client forever that
    only limits the time between two of them.
    """

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        backend = httpcore2.SyncBackend()
        return _Counted(
            backend.connect_tcp(host, port, _left(timeout), local_address, socket_options)
        )


class _Counted(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        content = self._stream.read(max_bytes, _left(timeout))
        if (clock := _CURRENT.clock) is not None:
            clock.received += len(content)
            if clock.received > clock.limits.bytes + _HEADERS:
                raise ImageError("remote-too-large", most=clock.limits.bytes)
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Counted(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None) -> float | None:
    return timeout if _CURRENT.clock is None else _CURRENT.clock.wait()


def page_at(address: Address, clock: Clock) -> tuple[str, Address] | None:
    """Return a page with links and where it is, after redirects; None for what is a file.

    Raises:
        ImageError: It is too long or too slow; else as `opened`.
    """
    content = bytearray()
    with opened(address, 0, None, clock) as answer:
        is_page = "html" in answer.kind.lower()
        for chunk in answer.chunks:
            content += chunk
            is_page = is_page or content.lstrip().startswith(b"<")
            if not is_page:
                break
            if len(content) > clock.limits.page:
                raise ImageError("remote-page-too-long", most=clock.limits.page)
        return (content.decode("utf-8", "replace"), answer.address) if is_page else None


def links_of(page: str, here: Address) -> tuple[list[str], list[str]]:
    """Return the folders and the files that a page links to, below itself, each once and sorted.

    An index may have links to itself, to itself in another order, and out of the folder.
    """
    folder, inside = here.path[: here.path.rindex("/") + 1], set[str]()
    for found in _LINK.finditer(page):
        link = html.unescape(next(filter(None, found.groups())))
        try:
            one = address_of(urljoin(here.url, link))
        except (UsageError, ValueError):
            continue
        rest = one.path.removeprefix(folder)
        is_below = one.origin == here.origin and rest not in (one.path, "") and not one.query
        parts = unquote(rest).replace("\\", "/").rstrip("/").split("/")
        if is_below and not {"", ".", ".."} & {*parts}:
            inside.add(one.url)
    names = sorted(inside)
    return [one for one in names if one.endswith("/")], [one for one in names if one[-1] != "/"]


def listed(url: str, address: Address, asker: Asker) -> Iterator[str | UsageError]:
    """Yield the URLs of the files that `url` stands for, folder by folder; then what is left out.

    Raises:
        ImageError: A page cannot be had.
    """
    start, star, rest = address.path.partition("*")
    top = replace(address, path=start[: start.rindex("/") + 1], query="") if star else address
    deepest = rest.count("/") if star and "**" not in address.path else asker.limits.depth + 1
    is_wanted = fitting(unquote(address.path) if star else "**")
    for found in _below(top, deepest, asker):
        if found is None:  # no index, but a file
            yield from () if star else (url,)
        elif not isinstance(found, str) or is_wanted(unquote(address_of(found).path)):
            yield found


def _below(address: Address, deepest: int, asker: Asker) -> Iterator[str | UsageError | None]:
    """Yield the files below a folder, which is looked into so deep; None if it has no index."""
    limits = asker.limits
    waiting, seen, count, is_too_deep = [(address.url, 0)], {address.url}, 0, False
    while waiting:
        url, depth = waiting.pop()
        if (links := _links_at(address_of(url), asker, is_top=not depth)) is None:
            if not depth:
                yield None
            continue
        folders, files = links
        inner = sorted({*folders} - seen)
        if depth < min(deepest, limits.depth):
            seen.update(inner)
            waiting += [(one, depth + 1) for one in reversed(inner)]
        is_too_deep |= bool(inner) and limits.depth <= depth < deepest
        for file in files:
            count += 1
            if count > limits.names:
                yield UsageError("remote-list-too-long", where=address.url, most=limits.names)
                return
            yield file
        if len(seen) > limits.folders:
            yield UsageError("remote-too-many-folders", where=address.url, most=limits.folders)
            return
    if is_too_deep:
        yield UsageError("remote-too-deep", where=address.url, most=limits.depth)


def _links_at(asked: Address, asker: Asker, *, is_top: bool) -> tuple[list[str], list[str]] | None:
    """Return the folders and the files that an index links to; None for what is none."""
    if (page := asker.ask(partial(page_at, asked))) is None:
        return None
    text, base = page
    if base.path != asked.path and not base.path.startswith(f"{asked.path.rstrip('/')}/"):
        raise ImageError("remote-leads-elsewhere", to=base.url[:200])
    if is_top and "." not in posixpath.basename(base.path) and base.path[-1] != "/":
        base = replace(base, path=f"{base.path}/")  # what is below it, and not beside it
    # By the name that was given, also where the server led to a safer one.
    return links_of(text, replace(asked, path=base.path, query=""))
