"""The licences of what ships with Nameplate: the distributions it needs, and the texts in them."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

SHIPPED: Final = ("cpu", "cuda")
"""The extras with what the program runs on; the rest is for other jobs and for development."""

WHOLE_TEXTS: Final = {"LGPL-3.0": ("LGPL-3.0", "GPL-3.0")}
"""Licences whose text is passed on even if a wheel lacks it: the LGPL adds to the GPL's text."""

_REQUIREMENT: Final = re.compile(r"\s*([\w.-]+)\s*(?:\[([^]]*)\])?[^;]*;?(.*)")
_EXTRA: Final = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")
_FILE: Final = re.compile(r"licen[cs]e|copying|notice|third.?part", re.IGNORECASE)
_NO_TEXT: Final = (".py", ".pyc", ".pyi", ".so", ".dll", ".dylib", ".pyd")


@dataclass(frozen=True)
class Package:
    """A distribution that is installed.

    Attributes:
        name: Its normalised name.
        version: Its version.
        texts: The contents of its licence files by their names.
    """

    name: str
    version: str
    texts: Mapping[str, str]


def normalised(name: str) -> str:
    """Return the name of a distribution as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions(
    root: str = "nameplate", extras: Collection[str] = SHIPPED
) -> dict[str, Distribution]:
    """Return what is installed of all that `root` needs, itself not, sorted by normalised name."""
    found: dict[str, Distribution] = {}
    asked: set[tuple[str, frozenset[str]]] = set()
    left = [(normalised(root), frozenset(extras))]
    while left:
        name, wanted = left.pop()
        if (name, wanted) in asked:
            continue
        asked.add((name, wanted))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # for another system, or of an extra that is not there
            continue
        left += [need for line in found[name].requires or () for need in _needs(line, wanted)]
    found.pop(normalised(root), None)
    return dict(sorted(found.items()))


def _needs(requirement: str, wanted: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the name and the extras of a requirement, unless it is of an extra not `wanted`."""
    parts = _REQUIREMENT.fullmatch(requirement)
    if parts is None:
        return
    of_extras = set(_EXTRA.findall(parts[3]))
    if not of_extras or of_extras & wanted:
        extras = (normalised(one.strip()) for one in (parts[2] or "").split(","))
        yield normalised(parts[1]), frozenset(filter(None, extras))


def package(name: str, found: Distribution) -> Package:
    """Read the licence files of a distribution."""
    texts: dict[str, str] = {}
    for file in found.files or ():
        path = Path(str(file.locate()))
        if _FILE.search(str(file)) and file.suffix not in _NO_TEXT and path.is_file():
            texts[str(file)] = path.read_text("utf-8", "replace")
    return Package(name, found.version, texts)


def document(
    packages: Collection[Package], reviewed: Mapping[str, str], folder: Path, more: str = ""
) -> str:
    """Return all licences as one text: a list, then each text once, with those it is of.

    Args:
        packages: What ships.
        reviewed: Their licences by name, as SPDX expressions.
        folder: The licences that several share, for those that bring no text.
        more: What to put between the list and the texts.
    """
    lines = [f"{one.name} {one.version}: {reviewed.get(one.name, '?')}" for one in packages]
    owners, contents = defaultdict[str, list[str]](list), dict[str, str]()
    for one in packages:
        for text in (*one.texts.values(), *_whole_texts(one, reviewed.get(one.name, ""), folder)):
            key = " ".join(text.split())
            contents.setdefault(key, text.strip())
            if one.name not in owners[key]:
                owners[key].append(one.name)
    parts = [f"{'=' * 80}\n{', '.join(owners[key])}\n\n{contents[key]}" for key in contents]
    head = "Nameplate comes with these libraries, each under its own licence.\n"
    return "\n\n".join(filter(None, (head + "\n" + "\n".join(lines), more, *parts))) + "\n"


def _whole_texts(one: Package, licence: str, folder: Path) -> Iterator[str]:
    """Yield the texts that a wheel should bring and does not."""
    names = [name for short, all_of in WHOLE_TEXTS.items() if short in licence for name in all_of]
    if not one.texts and not names:
        names = [file.stem for file in sorted(folder.glob("*.txt")) if file.stem == licence]
    for name in names:
        yield (folder / f"{name}.txt").read_text("utf-8")
