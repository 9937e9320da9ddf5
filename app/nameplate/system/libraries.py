"""The system libraries that Qt needs on Linux: which are missing, and how to install them.

Qt's wheels bring everything but these. This file imports nothing of Nameplate, so that `make` can
run it before there is an environment:

    python3 app/nameplate/system/libraries.py install qt xcb font

"""

import ctypes
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MANAGERS: Final = ("apt-get", "dnf", "zypper", "pacman")
_INSTALL: Final = {
    "apt-get": "apt-get install",
    "dnf": "dnf install",
    "zypper": "zypper install",
    "pacman": "pacman -S --needed",
}
_APT_LIMITS: Final = (
    *("-o", "DPkg::Lock::Timeout=60"),
    *("-o", "Acquire::http::Timeout=30", "-o", "Acquire::https::Timeout=30"),
)
"""Seconds: another installation, or a silent server, is not waited for longer."""

_FAMILIES: Final = {
    "debian": "apt-get",
    "ubuntu": "apt-get",
    "fedora": "dnf",
    "rhel": "dnf",
    "suse": "zypper",
    "arch": "pacman",
}
"""A word of ID or ID_LIKE in os-release -> the package manager there."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a system should have, such as a library.

    Attributes:
        name: The library's name for the loader, a program's name, or what it is.
        use: What needs it: `qt` (loading Qt at all), `font` (letters), `xcb` and `wayland` (a
            window on such a screen, by the name of Qt's platform), `program` (only tests), `venv`.
        packages: Its package for each of `_MANAGERS`, in their order.
    """

    name: str
    use: str
    packages: tuple[str, ...]

    def is_there(self) -> bool:
        """Return whether this system has it, by looking for it or loading it."""
        if self.use == "venv":
            return _has_venv()
        if self.use == "font":
            return _has_font()
        if self.use == "program":
            return shutil.which(self.name) is not None
        return not loading_error(self.name)


# The libraries are those that PySide6's own libraries and platform plugins name as NEEDED
# (readelf -d), without the C and C++ library, zlib and zstd: the package managers need those too.
# Packages of Debian: `dpkg -S`, and tried on a system that had none of them. The others were not
# tried: openSUSE's are those of its packages' `Provides` (libglvnd provides libEGL.so.1 and
# libGL.so.1), Fedora's and Arch's those that programs' install notes name, or the usual ones.
_TABLE: Final = """
libglib-2.0.so.0        qt      libglib2.0-0        glib2               libglib-2_0-0       glib2
libgthread-2.0.so.0     qt      libglib2.0-0        glib2               libgthread-2_0-0    glib2
libEGL.so.1             qt      libegl1             libglvnd-egl        libglvnd            libglvnd
libGL.so.1              qt      libgl1              libglvnd-glx        libglvnd            libglvnd
libX11.so.6             qt      libx11-6            libX11              libX11-6            libx11
libxkbcommon.so.0       qt      libxkbcommon0       libxkbcommon        libxkbcommon0       libxkbcommon
libfontconfig.so.1      qt      libfontconfig1      fontconfig          libfontconfig1      fontconfig
libfreetype.so.6        qt      libfreetype6        freetype            libfreetype6        freetype2
libdbus-1.so.3          qt      libdbus-1-3         dbus-libs           libdbus-1-3         dbus
fonts                   font    fonts-dejavu-core   dejavu-sans-fonts   dejavu-fonts        ttf-dejavu
libxcb.so.1             xcb     libxcb1             libxcb              libxcb1             libxcb
libxcb-cursor.so.0      xcb     libxcb-cursor0      xcb-util-cursor     libxcb-cursor0      xcb-util-cursor
libxcb-icccm.so.4       xcb     libxcb-icccm4       xcb-util-wm         libxcb-icccm4       xcb-util-wm
libxcb-image.so.0       xcb     libxcb-image0       xcb-util-image      libxcb-image0       xcb-util-image
libxcb-keysyms.so.1     xcb     libxcb-keysyms1     xcb-util-keysyms    libxcb-keysyms1     xcb-util-keysyms
libxcb-randr.so.0       xcb     libxcb-randr0       libxcb              libxcb-randr0       libxcb
libxcb-render.so.0      xcb     libxcb-render0      libxcb              libxcb-render0      libxcb
libxcb-render-util.so.0 xcb     libxcb-render-util0 xcb-util-renderutil libxcb-render-util0 xcb-util-renderutil
libxcb-shape.so.0       xcb     libxcb-shape0       libxcb              libxcb-shape0       libxcb
libxcb-shm.so.0         xcb     libxcb-shm0         libxcb              libxcb-shm0         libxcb
libxcb-sync.so.1        xcb     libxcb-sync1        libxcb              libxcb-sync1        libxcb
libxcb-util.so.1        xcb     libxcb-util1        xcb-util            libxcb-util1        xcb-util
libxcb-xfixes.so.0      xcb     libxcb-xfixes0      libxcb              libxcb-xfixes0      libxcb
libxcb-xkb.so.1         xcb     libxcb-xkb1         libxcb              libxcb-xkb1         libxcb
libX11-xcb.so.1         xcb     libx11-xcb1         libX11-xcb          libX11-xcb1         libx11
libxkbcommon-x11.so.0   xcb     libxkbcommon-x11-0  libxkbcommon-x11    libxkbcommon-x11-0  libxkbcommon-x11
libwayland-client.so.0  wayland libwayland-client0  libwayland-client   libwayland-client0  wayland
libwayland-cursor.so.0  wayland libwayland-cursor0  libwayland-cursor   libwayland-cursor0  wayland
Xvfb                    program xvfb                xorg-x11-server-Xvfb xorg-x11-server-Xvfb xorg-server-xvfb
xdotool                 program xdotool             xdotool             xdotool             xdotool
python3-venv            venv    python3.{minor}-venv python3-libs       python3-base        python
"""  # noqa: E501 - a table


def _needs() -> tuple[Need, ...]:
    text = _TABLE.replace("{minor}", str(sys.version_info.minor))
    rows = [line.split() for line in text.strip().splitlines()]
    return tuple(Need(name, use, tuple(of)) for name, use, *of in rows)


NEEDS: Final = _needs()


def missing(*uses: str) -> tuple[Need, ...]:
    """Return the missing libraries of this system for `uses`; none outside Linux."""
    if sys.platform != "linux":
        return ()
    return tuple(need for need in NEEDS if need.use in uses and not need.is_there())


def loading_error(file: str) -> str:
    """Return the loader's error for a library; empty if it can be loaded."""
    try:
        ctypes.CDLL(file)
    except OSError as error:
        said = str(error.__cause__ or error)  # in a bundle the loader's error is the cause
        # ctypes asks for all functions at once; Qt loads its plugins without that.
        return "" if "undefined symbol" in said else said
    return ""


def library_named(error: str) -> str:
    """Return the name of the missing library from the loader's error."""
    found = re.match(r"(?:\S*/)?([^/:\s]+\.so[.\d]*): ", error)
    return found[1] if found else error


def package_manager() -> str:
    """Return which of `_MANAGERS` this system uses; empty if unknown."""
    try:
        known = platform.freedesktop_os_release()
    except OSError:
        known = {}
    words = f"{known.get('ID', '')} {known.get('ID_LIKE', '')}".split()
    by_name = [_FAMILIES[word] for word in words if word in _FAMILIES]
    return next(iter([*by_name, *filter(shutil.which, _MANAGERS)]), "")


def packages(needs: Iterable[Need], manager: str) -> list[str]:
    """Return the packages of `needs`, each once."""
    column = _MANAGERS.index(manager)
    return list(dict.fromkeys(need.packages[column] for need in needs))


def advice(needs: Sequence[Need]) -> str:
    """Return a sentence with the one command that installs `needs` on this system."""
    if not needs:
        return ""
    manager = package_manager()
    if not manager:
        return "Install the packages of this system that have them."
    command = f"{_INSTALL[manager]} {' '.join(packages(needs, manager))}"
    is_root = os.geteuid() == 0
    sudo = "" if is_root or shutil.which("sudo") is None else "sudo "
    update = ""
    if manager == "apt-get" and not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        update = f"{sudo}apt-get update && "  # as in a fresh container: it knows no package yet
    as_root = "" if is_root or sudo else " (as root)"
    return f"Install what is missing{as_root}: {update}{sudo}{command}"


def install(needs: Sequence[Need]) -> None:
    """Install `needs` without asking: as root, with apt-get.

    Prints a line before, and another if it fails.
    """
    if not needs or os.geteuid() != 0 or package_manager() != "apt-get":
        return
    names = packages(needs, "apt-get")
    print(f"installing what this system lacks: {' '.join(names)}", flush=True)  # noqa: T201
    _apt_get("update")
    done = _apt_get("install", "-y", "--no-install-recommends", *names)
    if done.returncode:
        reasons = [line for line in done.stdout.splitlines() if line.startswith("E:")]
        print(f"apt-get could not ({' '.join(reasons[:1])}); going on without")  # noqa: T201


def _apt_get(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - fixed words and the packages of the list
        ["apt-get", "-qq", *_APT_LIMITS, *words],  # noqa: S607
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def _has_font() -> bool:
    """Return whether fontconfig, which Qt uses, is installed and finds a font."""
    try:
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return False
    # FcFontSet begins with the number of its fonts, an int; 0 stands for the system's fonts.
    fontconfig.FcConfigGetFonts.restype = ctypes.POINTER(ctypes.c_int)
    fontconfig.FcInit()
    fonts = fontconfig.FcConfigGetFonts(None, 0)
    return bool(fonts) and fonts[0] > 0


def _has_venv() -> bool:
    return all(map(importlib.util.find_spec, ("venv", "ensurepip")))  # Debian parts the latter off


def main(arguments: Sequence[str]) -> None:
    """Run `install USE ...`, or print advice on missing libraries with `advise USE ...`.

    `require USE ...` prints it too, and ends with exit code 1.
    """
    verb, *uses = arguments
    needs = missing(*uses)
    if verb == "install":
        install(needs)
    elif needs:
        print(advice(needs))  # noqa: T201
        sys.exit(verb == "require")


if __name__ == "__main__":
    main(sys.argv[1:])
