"""Makes packages for Linux of the frozen program.

    python packaging/linux/packages.py deb rpm run

They come into `dist`, beside `dist/nameplate`, which `make bundle` has made.
"""

import argparse
import gzip
import os
import platform
import re
import shutil
import string
import subprocess
import sys
from pathlib import Path
from typing import Final

import documents
from libraries import Needed, needed_by

from nameplate import __version__
from nameplate.system.libraries import NEEDS

HERE: Final = Path(__file__).parent
REPOSITORY: Final = HERE.parents[1]
DIST: Final = REPOSITORY / "dist"
BUNDLE: Final = DIST / "nameplate"
WORK: Final = REPOSITORY / "build" / "linux"
APP_ID: Final = "org.nameplate.Nameplate"
MACHINE: Final = platform.machine()
DEB_MACHINE: Final = {"x86_64": "amd64", "aarch64": "arm64"}.get(MACHINE, MACHINE)

FILES: Final = {
    DIST / f"nameplate_{__version__}_{DEB_MACHINE}.deb": "deb",
    DIST / f"nameplate-{__version__}-1.{MACHINE}.rpm": "rpm",
    DIST / f"nameplate-{__version__}-{MACHINE}.run": "run",
}


def main() -> None:
    """Make the packages that the command line names."""
    parser = argparse.ArgumentParser(description="Make packages of the frozen program.")
    parser.add_argument("kinds", nargs="+", choices=FILES.values())
    kinds = parser.parse_args().kinds
    if not (BUNDLE / "nameplate").is_file():
        sys.exit(f"{BUNDLE} is missing; run: make bundle")
    needed = needed_by(BUNDLE)
    print(f"needs glibc {needed.glibc} and {', '.join(needed.libraries)}")
    for file, kind in FILES.items():
        if kind in kinds:
            file.unlink(missing_ok=True)
            make = make_run if kind == "run" else make_package
            make(file, kind, needed)
            print(f"{file.relative_to(REPOSITORY)}  {file.stat().st_size / 1e6:.1f} MB")


def make_package(file: Path, kind: str, needed: Needed) -> None:
    """Make a deb or an rpm by nfpm."""
    share = filled_share(kind)
    compress(share / "man" / "man1" / "nameplate.1")
    column = 0 if kind == "deb" else 1
    fonts = {need.packages[column] for need in NEEDS if need.use == "font"}
    values = {
        "arch": DEB_MACHINE,
        "version": re.sub(r"\.?(a|b|rc|dev)", r"~\1", __version__),  # ~ sorts before the release
        "bundle": str(BUNDLE),
        "share": str(share),
        "depends": quoted(needed.deb() if kind == "deb" else needed.rpm()),
        "recommends": quoted(fonts),
    }
    config = WORK / f"{kind}.yaml"
    template = string.Template((HERE / "nfpm.yaml").read_text(encoding="utf-8"))
    config.write_text(template.substitute(values), encoding="utf-8")
    nfpm = Path(sys.executable).with_name("nfpm")
    run(nfpm, "package", "--config", config, "--packager", kind, "--target", file)


def make_run(file: Path, kind: str, needed: Needed) -> None:
    """Make a file that unpacks itself and installs the program for one person, by makeself."""
    if not shutil.which("makeself"):
        sys.exit("makeself is missing; Debian: apt install makeself")
    filled_share(kind)
    content = WORK / kind
    shutil.copytree(BUNDLE, content / "nameplate", symlinks=True)
    script = (HERE / "install.sh").read_text(encoding="utf-8")
    script = script.replace("@GLIBC@", needed.glibc).replace("@VERSION@", __version__)
    (content / "install.sh").write_text(script, encoding="utf-8")
    (content / "install.sh").chmod(0o755)
    # gzip, which every system has; xz would save a sixth, and is missing where nobody can add it.
    options = ["--nox11", "--sha256", "--gzip", "--complevel", "9", "--tar-quietly"]
    run("makeself", "--quiet", *options, content, file, f"Nameplate {__version__}", "./install.sh")


def filled_share(kind: str) -> Path:
    """Return a new folder with all that lies in /usr/share or ~/.local/share."""
    shutil.rmtree(WORK / kind, ignore_errors=True)
    share = WORK / kind / "share"
    icons, packaging = REPOSITORY / "resources" / "icons", REPOSITORY / "packaging"
    for source, target in (
        (packaging / f"{APP_ID}.desktop", f"applications/{APP_ID}.desktop"),
        (packaging / f"{APP_ID}.metainfo.xml", f"metainfo/{APP_ID}.metainfo.xml"),
        (HERE / f"{APP_ID}.mime.xml", f"mime/packages/{APP_ID}.xml"),
        (icons / "nameplate.png", f"icons/hicolor/256x256/apps/{APP_ID}.png"),
        (icons / "nameplate.svg", f"icons/hicolor/scalable/apps/{APP_ID}.svg"),
        (HERE / "copyright", "doc/nameplate/copyright"),
    ):
        (share / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, share / target)
    documents.write(share, "vendor-completions" if kind == "deb" else "site-functions")
    for path in (BUNDLE, *BUNDLE.rglob("*"), share, *share.rglob("*")):
        if not path.is_symlink():  # whatever the umask was
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    return share


def compress(page: Path) -> None:
    """Compress a man page in place, the same each time."""
    page.with_suffix(".1.gz").write_bytes(gzip.compress(page.read_bytes(), mtime=0))
    page.unlink()


def quoted(names: list[str] | set[str]) -> str:
    """Return the names as the items of a YAML list."""
    return ", ".join(f'"{name}"' for name in names)


def run(*words: str | Path) -> None:
    """Run a tool; what it says is seen, and its failure ends this."""
    subprocess.run([str(word) for word in words], check=True)  # noqa: S603 - our own tools


if __name__ == "__main__":
    main()
