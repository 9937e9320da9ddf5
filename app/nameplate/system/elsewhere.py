"""Tell paths of this machine from those that would contact another one."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import Final

_SEPARATORS: Final = ("/", "\\")
_END_OF_HOST: Final = re.compile(r"[/\\?#]")

_OCTAL: Final = re.compile(r"\\(\d{3})")
_MOUNTS: Final = Path("/proc/self/mountinfo")


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
    mount, such as `/net/host/folder`, unless it is mounted already.
    """
    starts_with_two = path[:1] in _SEPARATORS and path[1:2] in _SEPARATORS
    is_of_objects = path[:1] in _SEPARATORS and path[1:4] in {"??\\", "??/"}
    return is_url(path) or starts_with_two or is_of_objects or bool(_to_be_mounted(path))


def _to_be_mounted(path: str) -> str:
    """Return the folder that a look at `path` would mount, such as `/net/host`; or nothing."""
    path = os.path.normpath(path) if _automounts() else ""
    for folder in filter(path.startswith, _automounts()):
        name = path[: f"{path}/".index("/", len(folder))]
        return "" if name in _mounted(int(monotonic())) else name
    return ""


@cache
def _automounts() -> tuple[str, ...]:
    """Return the automount folders below which each name mounts a drive of its own."""
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
    """
    if is_url(path):
        scheme, _, rest = path.partition("://")
        server = _END_OF_HOST.split(rest)[0].rpartition("@")[2]
        return f"{scheme}://{server}".lower()
    if mounted := _to_be_mounted(path):
        return mounted
    parts = path.replace("/", "\\").lstrip("\\").split("\\")
    if parts[0] in {"?", ".", "??"}:
        if len(parts) < 3 or parts[1].upper() != "UNC":
            return path
        parts = parts[2:]
    return f"\\\\{parts[0].lower()}"
