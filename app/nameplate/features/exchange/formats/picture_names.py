"""Gives pictures from many folders unique names in one folder."""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import count
from pathlib import PurePosixPath
from typing import Final

from nameplate.formats.outputs.safe_names import safe_name
from nameplate.imaging.scan import IMAGE_EXTENSIONS

_MARK_BYTES: Final = 4


def picture_names(paths: Sequence[str], *, is_by_stem: bool = False) -> list[str]:
    """Return a name for each picture, no two the same on any system.

    Those that would have the same name all get a mark made of their path, so that each keeps its
    name when others come or go.

    Args:
        paths: `/`-separated, all different.
        is_by_stem: Whether names that differ in their ending alone are the same.
    """
    names = [_short(PurePosixPath(path).name) for path in paths]
    keys = [_key(name, is_by_stem=is_by_stem) for name in names]
    counts, taken = Counter(keys), set[str]()
    for place, (path, key) in enumerate(zip(paths, keys, strict=True)):
        if counts[key] == 1 and key not in taken:
            taken.add(key)
            continue
        for name in _marked(names[place], path):
            found = _key(name, is_by_stem=is_by_stem)
            if found not in taken and found not in counts:
                taken.add(found)
                names[place] = name
                break
    return names


def _marked(name: str, path: str) -> Iterator[str]:
    """Yield names with a mark derived from the path, then also with numbers."""
    mark = blake2b(path.encode("utf-8", "surrogatepass"), digest_size=_MARK_BYTES).hexdigest()
    stem, ending = _divided(name)
    yield f"{stem}-{mark}{ending}"
    for number in count(2):
        yield f"{stem}-{mark}-{number}{ending}"


def _short(name: str) -> str:
    """Return a safe name that keeps the ending of a picture."""
    stem, ending = _divided(name)
    return safe_name(stem) + ending if ending else safe_name(name)


def _divided(name: str) -> tuple[str, str]:
    ending = PurePosixPath(name).suffix
    if ending.lower() not in IMAGE_EXTENSIONS:
        return name, ""
    return name.removesuffix(ending), ending


def _key(name: str, *, is_by_stem: bool) -> str:
    return (_divided(name)[0] if is_by_stem else name).casefold()
