"""Tells paths of this machine from those that would contact another one."""

import re
from typing import Final

_SEPARATORS: Final = ("/", "\\")
_END_OF_HOST: Final = re.compile(r"[/\\?#]")


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
    systems, since a project may go from one to another. Ask the person before
    the first look at such a path.
    """
    starts_with_two = path[:1] in _SEPARATORS and path[1:2] in _SEPARATORS
    is_of_objects = path[:1] in _SEPARATORS and path[1:4] in {"??\\", "??/"}
    return is_url(path) or starts_with_two or is_of_objects


def host_of(path: str) -> str:
    r"""Return the machine that looking at `path` could contact, as a person knows it.

    `https://host`, or `\\host`; of a device, which may lead anywhere, the whole path.

    Args:
        path: One that is elsewhere.
    """
    if is_url(path):
        scheme, _, rest = path.partition("://")
        return f"{scheme}://{_END_OF_HOST.split(rest)[0]}"
    parts = path.replace("/", "\\").lstrip("\\").split("\\")
    if parts[0] in {"?", ".", "??"}:
        if len(parts) < 3 or parts[1].upper() != "UNC":
            return path
        parts = parts[2:]
    return f"\\\\{parts[0].lower()}"
