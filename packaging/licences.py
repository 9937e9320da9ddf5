"""The licence gate: what ships may be passed on under Apache-2.0, and a person reviewed all of it.

    python packaging/licences.py                        # what is installed
    python packaging/licences.py --bundle dist/nameplate
    python packaging/licences.py --write THIRD-PARTY-LICENCES.txt

It reads the licence files inside the wheels, since metadata are wrong at times, and the names of
native libraries. `resources/licences/reviewed.toml` is what was found by reading.
"""

# ruff: noqa: S603 - it asks the package manager of the building system

import argparse
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
TEXTS: Final = ROOT / "resources" / "licences"
FILE_NAME: Final = "THIRD-PARTY-LICENCES.txt"
EXTRAS: Final = ("cpu",)
"""What packages are made with."""

GPL: Final = re.compile(
    r"(?<![A-Za-z])A?GPL|(?<!Lesser )(?<!Library )(?<!GNU L)General Public Licen[cs]e|Affero",
    re.IGNORECASE,
)
"""Names of the GPL and the AGPL, in text with single spaces; not of the LGPL."""

GPL_LIBRARY: Final = re.compile(
    r"(lib)?(x264|x265|xvidcore|postproc|fftw3|gsl|readline|gdbm|gmp)(?![a-z])", re.IGNORECASE
)
"""Libraries under the GPL that turn up in wheels, by the names of their files."""

NATIVE: Final = re.compile(r"\.(so(\.[\d.]+)?|dll|dylib)$", re.IGNORECASE)
OF_PYTHON: Final = re.compile(r"\.(cpython-\d+\S*|abi3)\.so$|\.pyd$")

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
    root: str = "nameplate", extras: Collection[str] = EXTRAS
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


def reviewed() -> dict[str, Any]:
    """Return the table of what was reviewed."""
    return tomllib.loads((TEXTS / "reviewed.toml").read_text("utf-8"))


def offences(name: str, found: Distribution, table: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a distribution, as sentences; none if it may ship."""
    wrong: list[str] = []
    if name not in table["packages"]:
        wrong.append(f"{name}: not reviewed; read its licence files, add it to reviewed.toml")
    explained = table["mentions"].get(name, {})
    texts = _texts(package(name, found), found)
    has_lgpl = any(re.match(r"\s*GNU LESSER GENERAL", text) for text in texts.values())
    for file, text in texts.items():
        goes_with_lgpl = has_lgpl and re.match(r"\s*GNU GENERAL PUBLIC LICENSE Version 3", text)
        if GPL.search(text) and Path(file).name not in explained and not goes_with_lgpl:
            wrong.append(f"{name}: {file} names the GPL, and reviewed.toml does not say why")
    wrong += [
        f"{name}: {file} is a library under the GPL"
        for file in found.files or ()
        if file.suffix not in (".py", ".pyi") and GPL_LIBRARY.match(file.name)
    ]
    return wrong


def _texts(one: Package, found: Distribution) -> dict[str, str]:
    """Return its licence files and the licence fields of its metadata, in single spaces."""
    meta = found.metadata
    fields = [meta.get("License-Expression"), meta.get("License"), *meta.get_all("Classifier", [])]
    texts = {**one.texts, "METADATA": "\n".join(filter(None, fields))}
    return {file: re.sub(r"\s+", " ", text) for file, text in texts.items()}


def unneeded(packages: Mapping[str, Distribution], table: Mapping[str, Any]) -> list[str]:
    """Return the explanations that explain nothing any more."""
    wrong: list[str] = []
    for name, files in table["mentions"].items():
        texts = _texts(package(name, packages[name]), packages[name]) if name in packages else {}
        named = {Path(file).name for file, text in texts.items() if GPL.search(text)}
        unused = files.keys() - named - {"METADATA"}  # which another version words otherwise
        wrong += [f"{name}: {file} needs no explanation" for file in unused]
    return wrong


def from_system(names: Iterable[str], packages: Mapping[str, Distribution]) -> list[str]:
    """Return those native libraries among file names that no wheel brings."""
    of_wheels = {file.name for one in packages.values() for file in one.files or ()}
    return sorted(
        name
        for name in set(names) - of_wheels
        if NATIVE.search(name) and not OF_PYTHON.search(name)
    )


def licence_of_library(name: str, table: Mapping[str, Any]) -> str | None:
    """Return the licence of a native library by the name of its file; None: nobody reviewed it."""
    for licence, patterns in table["libraries"].items():
        if any(fnmatch(name.lower(), pattern) for pattern in patterns):
            return licence
    return None


def bundle_offences(names: Iterable[str], table: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the native libraries of a frozen program."""
    names = list(names)
    wrong = [f"{name} is a library under the GPL" for name in names if GPL_LIBRARY.match(name)]
    return wrong + [
        f"{name} comes from the building system and is not reviewed"
        for name in from_system(names, distributions())
        if licence_of_library(name, table) is None
    ]


def text(libraries: Iterable[str] = ()) -> str:
    """Return the licences of what ships, with those of a bundle's native `libraries`."""
    table, found = reviewed(), distributions()
    packages = [package(*one) for one in found.items()]
    names = from_system(libraries, found)
    if names:
        packages.append(_python())
    more = "\n".join(f"{name}: {licence_of_library(name, table)}" for name in names)
    more += "".join(f"\n\n{'=' * 80}\n{part}" for part in _copyrights(names))
    if "LGPL-2.1" in more:
        more += f"\n\n{'=' * 80}\n{(TEXTS / 'LGPL-2.1.txt').read_text('utf-8')}"
    return document(packages, {**table["packages"], "python": "PSF-2.0"}, TEXTS, more)


def _python() -> Package:
    places = (Path(sys.base_prefix), Path(sys.base_prefix, "lib", f"python3.{sys.version_info[1]}"))
    files = [place / "LICENSE.txt" for place in places if (place / "LICENSE.txt").is_file()]
    texts = {file.name: file.read_text("utf-8") for file in files[:1]}
    return Package("python", ".".join(map(str, sys.version_info[:3])), texts)


def _copyrights(names: Iterable[str]) -> Iterator[str]:
    """Yield what Debian's packages say of libraries, where they come from there."""
    seen = set[str]()
    for name in names if sys.platform == "linux" else ():
        try:
            command = ["dpkg-query", "-S", f"*/{name}"]
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        except FileNotFoundError:
            return
        owner = said.partition(":")[0]
        file = Path("/usr/share/doc", owner, "copyright")
        if owner and owner not in seen and file.is_file():
            seen.add(owner)
            yield f"{owner}\n\n{file.read_text('utf-8', 'replace').strip()}"


def main() -> None:
    """Judge what is installed, or a bundle as well; say what is wrong, or write the texts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bundle", type=Path, metavar="FOLDER", help="judge its libraries, too")
    parser.add_argument("--write", type=Path, metavar="FILE", help=f"the texts: {FILE_NAME}")
    options = parser.parse_args()
    table, found = reviewed(), distributions()
    wrong = [line for one in found.items() for line in offences(*one, table)]
    wrong += unneeded(found, table)
    if options.bundle:
        wrong += bundle_offences({file.name for file in options.bundle.rglob("*")}, table)
    if wrong:
        sys.exit("\n".join(wrong))
    if options.write:
        options.write.write_text(text(), encoding="utf-8")
    print(f"{len(found)} distributions may ship with Nameplate")


if __name__ == "__main__":
    main()
