"""Tells paths of this machine from those that would contact another one, and whom a URL names."""

import ipaddress
import os
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import Final

from nameplate.domain.errors import UsageError

_SEPARATORS: Final = ("/", "\\")
_END_OF_HOST: Final = re.compile(r"[/\\?#]")

_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 8192
_PARTS: Final = re.compile(r"([a-z][a-z0-9+.:-]*)://([^/?#\\]*)(.*)", re.IGNORECASE | re.DOTALL)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_SERVER: Final = re.compile(
    r"(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)\.?(?::(\d{1,5}))?",
    re.ASCII | re.IGNORECASE,
)
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII | re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_OCTAL: Final = re.compile(r"\\(\d{3})")
_MOUNTS: Final = Path("/proc/self/mountinfo")
_CHAIN: Final = re.compile(r"::[a-z0-9+.-]+://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL names, its parts spelt in one way.

    Attributes:
        scheme: `http`, `https` or `s3`.
        host: Of the server, in lower case; an IPv6 address in brackets. Or the bucket.
        port: Of the server; 0 for a bucket.
        path: On the server, from its `/` on; or the key, in which nothing has a meaning of its own.
        query: Of the server's file, from its `?` on; or empty.
    """

    scheme: str
    host: str
    port: int = 0
    path: str = ""
    query: str = ""

    @property
    def origin(self) -> str:
        """Who is asked: scheme, host, and the port where it is not the usual one."""
        port = "" if self.port == _PORTS.get(self.scheme, 0) else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    @property
    def url(self) -> str:
        """The whole."""
        slash = "/" if self.scheme == "s3" and self.path else ""
        return f"{self.origin}{slash}{self.path}{self.query}"


def address_of(url: str) -> Address:
    """Return what a URL names. Every URL, whoever it comes from, is judged here.

    Web servers and buckets of S3 alone are read, without a name or a password in the URL. Whatever
    else libraries might make of a URL (files, other services, chains of URLs) is refused, and so is
    what they might read in two ways.

    Raises:
        UsageError: It is refused.
    """
    where = without_password(url)[:200]
    found = _PARTS.match(url)
    if not found or _CONTROL.search(url) or len(url) > _LONGEST:
        raise UsageError("url-not-understood", where=where)
    scheme, server, rest = found[1].lower(), found[2], found[3]
    if scheme not in ("http", "https", "s3", "s3a"):
        raise UsageError("url-scheme-refused", where=where, scheme=scheme)
    if scheme in ("s3", "s3a"):
        if not _BUCKET.fullmatch(server) or rest[:1] not in ("", "/"):
            raise UsageError("url-not-understood", where=where)
        return Address("s3", server, path=rest[1:])
    if "@" in server:
        raise UsageError("url-with-password", where=where)
    parts = _SERVER.fullmatch(server)
    host = _host(parts[1].lower()) if parts else ""
    port = int(parts[2]) if parts and parts[2] else _PORTS[scheme]
    if not host or not 0 < port < 1 << 16 or rest[:1] == "\\":
        raise UsageError("url-not-understood", where=where)
    if _CHAIN.search(rest):
        raise UsageError("url-scheme-refused", where=where, scheme=_CHAIN.findall(rest)[0][2:-3])
    path, mark, query = rest.partition("#")[0].partition("?")
    return Address(scheme, host, port, path or "/", mark + query)


def _host(name: str) -> str:
    """Return a host as all ways to write it are spelt; empty for what is none."""
    try:
        if name.startswith("["):
            return f"[{ipaddress.IPv6Address(name[1:-1]).compressed}]"
        if _NUMBER.fullmatch(name.rpartition(".")[2]):  # 2130706433 and 0x7f.1 are 127.0.0.1
            return socket.inet_ntoa(socket.inet_aton(name))
    except (ValueError, OSError):
        return ""
    return name


def without_password(url: str) -> str:
    """Return a URL without what may be a name and a password in it, to be shown or kept."""
    start, mark, rest = url.partition("://")
    server = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    return f"{start}{mark}…{rest[server.rindex('@') :]}" if "@" in server else url


def is_url(text: str) -> bool:
    """Return whether `text` names something by a URL, such as `s3://bucket/folder`.

    So does a chain of them that begins with a name alone (`simplecache::s3://bucket`).
    """
    before, mark, _ = text.partition("://")
    scheme = before.rpartition("::")[2]
    return bool(mark) and len(scheme) > 1 and scheme.replace("+", "").isalnum()


def is_elsewhere(path: str) -> bool:
    r"""Return whether looking at `path` could contact another machine, or open a device.

    A URL, or a path that Windows takes for one of a share or of its devices: `\\host\share`,
    `//host/share`, `/\host`, `\\?\...`, `\\.\pipe\...`, `\??\UNC\...`. The same on all
    systems, since a project may go from one to another. On Linux also what an automounter would
    mount, such as `/net/host/folder`, unless it is mounted already. Ask the person before the first
    look at such a path.
    """
    starts_with_two = path[:1] in _SEPARATORS and path[1:2] in _SEPARATORS
    is_of_objects = path[:1] in _SEPARATORS and path[1:4] in {"??\\", "??/"}
    return is_url(path) or starts_with_two or is_of_objects or bool(_to_be_mounted(path))


def may_contact(given: str) -> bool:
    """Return whether reading an input may contact another machine, or it is no place at all."""
    return is_elsewhere(given) or not os.path.isabs(given)  # noqa: PTH117


def _to_be_mounted(path: str) -> str:
    """Return what looking at `path` lets an automounter mount, such as `/net/host`; or nothing."""
    path = os.path.normpath(path) if _automounts() else ""
    for folder in filter(path.startswith, _automounts()):
        name = path[: f"{path}/".index("/", len(folder))]
        return "" if name in _mounted(int(monotonic())) else name
    return ""


@cache
def _automounts() -> tuple[str, ...]:
    """Return the folders in which a path names what is mounted; others mount one thing alone."""
    autofs = ((place, set(re.split("[ ,]", kind))) for place, kind in _mounts())
    return tuple(f"{place}/" for place, kind in autofs if {"autofs", "indirect"} <= kind)


@lru_cache(maxsize=1)
def _mounted(_second: int) -> frozenset[str]:
    """Return where something is mounted, and all folders above; read once a second at most.

    A project asks about each of its pictures.
    """
    places = [PurePosixPath(place) for place, _ in _mounts()]
    return frozenset(str(folder) for place in places for folder in (place, *place.parents))


def _mounts() -> Iterator[tuple[str, str]]:
    """Yield where something is mounted, and of which kind it is, as Linux has it."""
    with suppress(OSError):
        for line in _MOUNTS.read_text(errors="surrogateescape").splitlines():
            fields, _, kind = line.partition(" - ")
            yield _OCTAL.sub(lambda found: chr(int(found[1], 8)), fields.split()[4]), kind


def host_of(path: str) -> str:
    r"""Return the machine that looking at `path` could contact, as a person knows it.

    `https://host`, without a name and a password, or `\\host`, or `/net/host`; of a device, which
    may lead anywhere, the whole path.

    Args:
        path: One that is elsewhere.
    """
    if is_url(path):
        with suppress(UsageError):
            return address_of(path).origin
        scheme, _, rest = without_password(path).partition("://")
        return f"{scheme}://{_END_OF_HOST.split(rest)[0]}"
    if mounted := _to_be_mounted(path):
        return mounted
    parts = path.replace("/", "\\").lstrip("\\").split("\\")
    if parts[0] in {"?", ".", "??"}:
        if len(parts) < 3 or parts[1].upper() != "UNC":
            return path
        parts = parts[2:]
    return f"\\\\{parts[0].lower()}"
