"""Makes the installer of an assembled Windows package, with NSIS (Debian: nsis).

    python packaging/windows/make_installer.py dist/windows/nameplate

It stands beside the package then, and takes minutes to pack.
"""

# ruff: noqa: S603, S607 - it runs makensis on purpose

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]


def main() -> None:
    """Make `nameplate-VERSION-setup.exe` beside the package, and say how large it is."""
    parser = argparse.ArgumentParser(description="Make the installer for Windows.")
    parser.add_argument("package", type=Path, help="the folder that assemble.py made")
    parser.add_argument("--quick", action="store_true", help="for tests: packed in seconds, larger")
    args = parser.parse_args()
    package = args.package.resolve()
    text = (ROOT / "app" / "nameplate" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'__version__\b.*= "([0-9.]+)', text)
    if found is None:
        sys.exit("the checkout has no version")
    listing = ROOT / "build" / "windows" / "files.nsh"
    listing.parent.mkdir(parents=True, exist_ok=True)
    listing.write_text("\n".join(removal(package)), encoding="utf-8-sig")
    setup = package.parent / f"nameplate-{found[1]}-setup.exe"
    size = sum(path.stat().st_size for path in package.rglob("*") if path.is_file())
    values = {
        "VERSION": found[1],
        "SOURCE": package,
        "FILES": listing,
        "OUT": setup,
        "ICON": ROOT / "resources" / "icons" / "nameplate.ico",
        "KILOBYTES": size // 1024,
    }
    defined = [f"-D{name}={value}" for name, value in values.items()]
    if args.quick:
        defined.append("-DQUICK")
    subprocess.run(["makensis", "-V2", "-WX", *defined, HERE / "installer.nsi"], check=True)
    print(f"{setup}: {setup.stat().st_size / 1e6:.0f} MB")


def removal(package: Path) -> Iterator[str]:
    """Yield a macro for NSIS that deletes what is in `package`, and nothing else in its folder."""
    yield "!macro RemoveFiles"
    inside = sorted(package.rglob("*"), reverse=True)  # what is in a folder before the folder
    for path in inside:
        name = PureWindowsPath(path.relative_to(package))
        yield f'  {"RMDir" if path.is_dir() else "Delete"} "$INSTDIR\\{name}"'
    yield "!macroend\n"


if __name__ == "__main__":
    main()
