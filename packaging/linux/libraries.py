"""What the frozen program needs of a system, as its files themselves say."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.system.libraries import NEEDS

OF_GLIBC: Final = re.compile(r"lib(c|m|dl|rt|pthread|util|resolv)\.so|ld-linux")

_DEB_OF_OTHERS: Final = {
    "libexpat.so.1": "libexpat1",
    "libgcc_s.so.1": "libgcc-s1",
    "libstdc++.so.6": "libstdc++6",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libz.so.1": "zlib1g",
}
"""Packages of Debian of what `NEEDS` leaves out: no window needs it, or every system has it."""

# Not libraries but what those in the bundle read: fontconfig's configuration, and keyboards.
_DEB_DATA: Final = ("fontconfig-config", "xkb-data")
_RPM_DATA: Final = ("fontconfig", "xkeyboard-config")


@dataclass(frozen=True)
class Needed:
    """What a system must have.

    Attributes:
        libraries: Names for the loader, without those of glibc.
        glibc: The oldest version that will do, such as `2.36`.
    """

    libraries: tuple[str, ...]
    glibc: str

    def deb(self) -> list[str]:
        """Return what a deb depends on."""
        known = {need.name: need.packages[0] for need in NEEDS} | _DEB_OF_OTHERS
        packages = dict.fromkeys(known[name] for name in self.libraries)
        return [f"libc6 (>= {self.glibc})", *packages, *_DEB_DATA]

    def rpm(self) -> list[str]:
        """Return what an rpm depends on: libraries, by which all such systems name packages."""
        names = [f"libc.so.6(GLIBC_{self.glibc})(64bit)"]
        return [*names, *(f"{name}()(64bit)" for name in self.libraries), *_RPM_DATA]


def needed_by(bundle: Path) -> Needed:
    """Return what the programs and libraries of a bundle need that it does not bring itself."""
    files = [path for path in bundle.rglob("*") if path.is_file() and _is_elf(path)]
    brought = {path.name for path in bundle.rglob("*.so*")}
    said = subprocess.run(  # noqa: S603 - the files of our own bundle
        ["objdump", "-p", *files],  # noqa: S607
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    libraries = set(re.findall(r"^  NEEDED +(\S+)", said, re.MULTILINE)) - brought
    return Needed(
        tuple(sorted(name for name in libraries if not OF_GLIBC.match(name))),
        _newest(re.findall(r" GLIBC_(2(?:\.\d+)+)$", said, re.MULTILINE)),
    )


def _is_elf(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def _newest(versions: Iterable[str]) -> str:
    return max(versions, key=lambda version: tuple(map(int, version.split("."))))
