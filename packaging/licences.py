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
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
if "nameplate" not in sys.modules:
    sys.path.insert(0, str(ROOT / "app"))

from nameplate.system.licences import Package, distributions, document, package  # noqa: E402

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
        for name in from_system(names, distributions(extras=EXTRAS))
        if licence_of_library(name, table) is None
    ]


def text(libraries: Iterable[str] = ()) -> str:
    """Return the licences of what ships, with those of a bundle's native `libraries`."""
    table, found = reviewed(), distributions(extras=EXTRAS)
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
    table, found = reviewed(), distributions(extras=EXTRAS)
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
