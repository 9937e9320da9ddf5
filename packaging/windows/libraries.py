"""Looks after the libraries (DLLs) of an assembled Windows package."""

# ruff: noqa: S603, S607 - it runs objdump on purpose

import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

BINARIES: Final = {".dll", ".exe", ".pyd"}
_IMPORTED: Final = re.compile(rb"DLL Name: (\S+)")
_RUNTIME: Final = re.compile(r"(msvcp140|vcruntime140|concrt140)(_\w+?)?(-[0-9a-f]{32})?\.dll")
"""Microsoft's libraries for C and C++, which several wheels bring, some with a hash in the name."""

_OF_WINDOWS: Final = re.compile(
    r"(api-ms-win-|ext-ms-win-).*|"
    r"(advapi32|authz|bcrypt|bcryptprimitives|cabinet|cfgmgr32|combase|comctl32|comdlg32|crypt32|cryptsp"
    r"|d2d1|d3d11|d3d12|d3d9|d3dcompiler_47|dbgeng|dbghelp|dcomp|dnsapi|dwmapi|dwrite|dxgi|dxcore"
    r"|gdi32|icuuc|imagehlp|imm32|iphlpapi|kernel32|kernelbase|mpr|mswsock|msvcrt|ncrypt|netapi32|ntdll"
    r"|ole32|oleaut32|oleacc|pdh|powrprof|propsys|psapi|rpcrt4|secur32|setupapi|shcore|shell32|shlwapi"
    r"|ucrtbase|uiautomationcore|user32|userenv|usp10|uxtheme|version|wininet|winmm|winspool"
    r"|ws2_32|wtsapi32|avrt)\.(dll|drv)"
)
"""What Windows 10 and 11 bring, of all that is asked for."""


def imports_of(binary: Path) -> set[str]:
    """Return the names of the libraries, in small letters, that Windows loads with `binary`."""
    said = subprocess.run(
        ["x86_64-w64-mingw32-objdump", "-p", binary], check=True, capture_output=True
    ).stdout
    return {name.decode().lower() for name in _IMPORTED.findall(said)}


def binaries_in(folder: Path) -> Iterator[Path]:
    """Yield the programs, libraries and extension modules below `folder`."""
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in BINARIES)


def drop_unused_qt(folder: Path, modules: set[str]) -> None:
    """Delete the libraries of Qt that neither `modules` nor the plugins that are there need."""
    there = {path.name.lower(): path for path in folder.glob("*.dll")}
    waiting = [folder / f"{name}.pyd" for name in modules]
    waiting += binaries_in(folder / "plugins")
    needed = set[str]()
    while waiting:
        new = (imports_of(waiting.pop()) & there.keys()) - needed
        needed |= new
        waiting += [there[name] for name in new]
    for name in there.keys() - needed:
        there[name].unlink()


def share_runtime(root: Path) -> None:
    """Put the newest of Microsoft's C and C++ libraries beside the programs, for all that ask.

    Windows has them only where another program installed them. A process takes one of each name,
    the first that is asked for; onnxruntime crashes with the older ones that come with Qt.
    """
    newest: dict[str, tuple[tuple[int, ...], Path]] = {}
    found = [path for path in binaries_in(root) if _RUNTIME.fullmatch(path.name)]
    for path in found:
        name = re.sub(r"-[0-9a-f]{32}", "", path.name)
        newest[name] = max(newest.get(name, ((), path)), (version_of(path), path))
    contents = {name: path.read_bytes() for name, (_, path) in newest.items()}
    for path in found:
        if "-" not in path.name:  # one with a hash is asked for by that name
            path.unlink()
    for name, content in contents.items():
        (root / name).write_bytes(content)


def version_of(library: Path) -> tuple[int, ...]:
    """Return the version of a library, by Windows' table of it (VS_FIXEDFILEINFO)."""
    content = library.read_bytes()
    at = content.index(struct.pack("<II", 0xFEEF04BD, 0x00010000))
    high, low = struct.unpack_from("<II", content, at + 8)
    return high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF


def require_all(root: Path) -> None:
    """Stop unless each library that something asks for is in the package or in Windows."""
    binaries = list(binaries_in(root))
    there = {path.name.lower() for path in binaries}
    missing = {
        f"{name} (for {path.relative_to(root)})"
        for path in binaries
        for name in imports_of(path)
        if name not in there and not _OF_WINDOWS.fullmatch(name)
    }
    if missing:
        sys.exit("libraries are missing:\n" + "\n".join(sorted(missing)))
