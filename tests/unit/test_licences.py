"""What ships with Nameplate may be passed on under Apache-2.0: nothing of it is under the GPL."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackagePath, distribution
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement

PROJECT: Final = Path(__file__).parents[2] / "pyproject.toml"

GPL: Final = re.compile(
    r"(?<![A-Za-z])A?GPL|(?<!Lesser )(?<!Library )(?<!GNU L)General Public Licen[cs]e|Affero",
    re.IGNORECASE,
)
"""Names of the GPL and the AGPL, in text with single spaces; not of the LGPL."""

LICENCE_FILE: Final = re.compile(r"licen[cs]e|copying|notice|third.?part", re.IGNORECASE)
NO_TEXT: Final = (".py", ".pyc", ".pyi", ".so", ".dll", ".dylib", ".pyd")

GPL_LIBRARY: Final = re.compile(
    r"(lib)?(x264|x265|xvidcore|postproc|fftw3|gsl|readline|gdbm|gmp)(?![a-z])", re.IGNORECASE
)
"""Libraries under the GPL that turn up in wheels, by the names of their files."""

ALLOWED: Final = {
    ("numpy", "LICENSE.txt"): "libgfortran and libquadmath: the GCC Runtime Library Exception "
    "lets a program of any licence be linked to them",
    ("onnxruntime", "ThirdPartyNotices.txt"): "Mbed TLS is used under Apache-2.0, its other "
    "choice; the MPL only names the GPL as a secondary licence; ggml's are MIT",
    ("pillow", "LICENSE"): "FreeType is used under the FTL, its other choice; the autoconf files "
    "and raqm's notes only mention the GPL",
    ("pyside6-essentials", "METADATA"): "used under the LGPL-3.0, the first of its choices",
    ("shiboken6", "METADATA"): "used under the LGPL-3.0, the first of its choices",
    ("typing-extensions", "LICENSE"): "Python's licence says that it is compatible with the GPL",
}
"""Files that name the GPL without putting anything under it; why."""


def shipped() -> dict[str, Distribution]:
    """Return what a bundle or `pip install nameplate[cpu]` brings, by normalised name."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    left = [*project["dependencies"], *project["optional-dependencies"]["cpu"]]
    found: dict[str, Distribution] = {}
    while left:
        wanted = Requirement(left.pop())
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name in found or not (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            continue
        found[name] = distribution(name)
        left += found[name].requires or ()
    return found


def licence_texts(package: Distribution, files: list[PackagePath]) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of its licence files, and the licence fields of its metadata."""
    meta = package.metadata
    fields = [meta.get("License-Expression"), meta.get("License"), *meta.get_all("Classifier", [])]
    yield "METADATA", "\n".join(filter(None, fields))
    for file in files:
        if LICENCE_FILE.search(str(file)) and file.suffix not in NO_TEXT:
            text = Path(str(file.locate())).read_text("utf-8", "replace")
            yield file.name, re.sub(r"\s+", " ", text)


def offences(name: str, package: Distribution) -> set[tuple[str, str]]:
    """Return the files of a distribution that are, or that speak of, the GPL."""
    files = package.files or []  # parsed anew at each use
    texts = {(name, file) for file, text in licence_texts(package, files) if GPL.search(text)}
    binaries = (file.name for file in files if file.suffix not in (".py", ".pyi"))
    return texts | {(name, file) for file in binaries if GPL_LIBRARY.match(file)}


def test_nothing_that_ships_is_under_the_gpl() -> None:
    packages = shipped()
    found = set[tuple[str, str]]().union(*(offences(*item) for item in packages.items()))
    assert found - ALLOWED.keys() == set()
    assert ALLOWED.keys() - found == set(), "no longer needed"
    assert {"pillow", "numpy", "huggingface-hub", "httpx2", "anyio"} <= packages.keys()


@pytest.mark.parametrize(
    ("text", "is_gpl"),
    [
        ("License: GPLv2, due to base library licenses", True),
        ("GPL-3.0-or-later", True),
        ("under the terms of the GNU General Public License", True),
        ("GNU AFFERO GENERAL PUBLIC LICENSE", True),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("LGPL-3.0-only", False),
        ("MIT", False),
    ],
)
def test_the_gpl_is_told_from_the_lgpl(text: str, is_gpl: bool) -> None:
    assert bool(GPL.search(text)) is is_gpl


@pytest.mark.parametrize("name", ["libx265-4883ecb5.so.217", "x264.dll", "libreadline.so.8"])
def test_a_library_under_the_gpl_is_known_by_its_name(name: str) -> None:
    assert GPL_LIBRARY.match(name)
