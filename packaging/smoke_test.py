"""Runs the frozen program isolated from this checkout and from Python.

The bundle is copied to a temporary folder, made read-only and started with an empty environment.
Every step must end as expected, print nothing unexpected on stderr, and write nothing but its own
output and its own folders in the home.

    python packaging/smoke_test.py dist/nameplate
"""

# ruff: noqa: S603 - it starts the program under test, and tools for that, on purpose

import argparse
import contextlib
import csv
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import licences
from PIL import Image

REPOSITORY: Final = Path(__file__).resolve().parents[1]
EXE: Final = "nameplate.exe" if sys.platform == "win32" else "nameplate"
IMAGES: Final = {".jpg", ".jpeg", ".png", ".webp", ".heic"}
LEAST_SAMPLES: Final = 16
LEAST_ACCURACY: Final = 0.85
LEAST_PICTURE_BYTES: Final = 20_000
LEAST_PICTURE_COLOURS: Final = 2_000
COMMAND_LIMIT: Final = 180
WINDOW_LIMIT: Final = 60
POLL: Final = 0.02

EXPECTED_ON_STDERR: Final = (
    # Qt's offscreen platform says so for every window that has a smallest size.
    r"This plugin does not support propagateSizeHints\(\)",
)

HOME_FOLDERS: Final = (".cache/nameplate", ".config/nameplate", ".local/share/nameplate")
"""What the program may write to in a home on Linux; the first is its cache."""

SYSTEM_FOLDERS: Final = (
    ".cache/fontconfig",  # fontconfig's index, where the system's is not up to date
)


Found = TypeVar("Found")


class SmokeError(Exception):
    """The bundle does not do what it should."""


@dataclass(frozen=True)
class Bundle:
    """The copy under test.

    Attributes:
        root: Its folder.
        box: A temporary folder around all of it, for outputs.
        environment: What the program gets to see.
    """

    root: Path
    box: Path
    environment: dict[str, str] = field(repr=False)

    @property
    def samples(self) -> Path:
        """The folder of the sample images in the bundle."""
        return _one(self.root.rglob("samples/truth.csv"), "samples/truth.csv").parent

    def run(self, *arguments: str | Path) -> str:
        """Run the program, check its exit code and stderr, and return its stdout."""
        command = [str(self.root / EXE), *map(str, arguments)]
        done = subprocess.run(
            command,
            cwd=self.box,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=COMMAND_LIMIT,
            check=False,
        )
        said = f"{' '.join(map(str, arguments))}\n{done.stdout}\n{done.stderr}"
        require(done.returncode == 0, f"exit code {done.returncode}: {said}")
        require_quiet(done.stderr, " ".join(map(str, arguments)))
        return done.stdout


def main() -> None:
    """Test the bundle that the command line names, and print a table of figures."""
    parser = argparse.ArgumentParser(description="Test a frozen Nameplate.")
    parser.add_argument("bundle", type=Path, help="the folder that PyInstaller made")
    source = parser.parse_args().bundle
    try:
        require((source / EXE).is_file(), f"{source / EXE} is missing; run: make bundle")
        with unpacked(source) as bundle:
            figures = test(bundle)
    except SmokeError as error:
        sys.exit(f"FAILED  {error}")
    for name, value in figures.items():
        print(f"{name:28} {value}")
    print("the bundle works")


def test(bundle: Bundle) -> dict[str, str]:
    """Run every step and return the figures to print."""
    files = [path for path in bundle.root.rglob("*") if path.is_file() and not path.is_symlink()]
    figures = {
        "size": f"{sum(path.stat().st_size for path in files) / 1e6:.0f} MB",
        "files": str(len(files)),
    }
    before = snapshot(bundle.root)
    test_version(bundle)
    test_licences(bundle)
    test_guide(bundle)
    figures["doctor"] = seconds(test_doctor, bundle)
    figures["demo"] = seconds(test_demo, bundle)
    figures["label"] = seconds(test_label, bundle)
    test_models(bundle)
    left = list((bundle.box / "tmp").iterdir())
    require(not left, f"the commands left: {left}")
    figures |= test_window(bundle)
    require(snapshot(bundle.root) == before, "the program wrote into its own folder")
    test_home(bundle)
    return figures


def test_version(bundle: Bundle) -> None:
    """`--version` names the version of the checkout."""
    text = (REPOSITORY / "app" / "nameplate" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'__version__\b.*= "(.+)"', text)
    require(version is not None, "the checkout has no version")
    said = bundle.run("--version").strip()
    require(version is not None and said == f"nameplate {version[1]}", f"--version says: {said}")


def test_licences(bundle: Bundle) -> None:
    """No library under the GPL, or that nobody reviewed, has come along; all texts have."""
    names = {path.name for path in bundle.root.rglob("*")}
    wrong = licences.bundle_offences(names, licences.reviewed())
    require(not wrong, "; ".join(wrong))
    text = _one(bundle.root.rglob(licences.FILE_NAME), licences.FILE_NAME).read_text("utf-8")
    for part in ("GNU LESSER GENERAL PUBLIC LICENSE", "pillow ", "onnxruntime ", "python "):
        require(part in text, f"{licences.FILE_NAME} lacks {part}")


def test_guide(bundle: Bundle) -> None:
    """All pages and pictures of the guide have come along, and the translations."""
    there = {path.name for path in (bundle.samples.parent / "guide").glob("*")}
    wanted = {path.name for path in (REPOSITORY / "resources" / "guide").iterdir()}
    require(there == wanted, f"of the guide there is: {sorted(there)}")
    there = {path.name for path in (bundle.samples.parent / "translations").glob("*")}
    sources = (REPOSITORY / "packaging" / "translations").iterdir()
    require(there == {f"{path.stem}.mo" for path in sources}, f"translations: {sorted(there)}")


def test_doctor(bundle: Bundle) -> None:
    """`doctor` finds no problem, all versions, and everything inside the bundle."""
    report = json.loads(bundle.run("doctor", "--json"))
    require(not report["problems"], f"doctor: {report['problems']}")
    require("bundled" in report["python"], f"doctor does not run frozen: {report['python']}")
    for package in ("onnxruntime", "PySide6_Essentials", "pillow", "pi-heif-decoder", "tokenizers"):
        require(package in report, f"doctor does not know the version of {package}")
    for name in ("resources", "model folder"):
        require(Path(report[name]).is_relative_to(bundle.root), f"{name}: {report[name]}")
    require(report["providers running"] == "CPUExecutionProvider", "the model is not on the CPU")
    require(float(report["speed"].split()[0]) > 0, f"doctor measured: {report['speed']}")


def test_demo(bundle: Bundle) -> None:
    """`demo` labels the samples, mostly right, and draws the window."""
    out = bundle.box / "demo"
    bundle.run("demo", "--out", out)
    truth = {row["path"]: row["label"] for row in read_csv(bundle.samples / "truth.csv")}
    labels = {row["path"]: row["label"] for row in read_csv(out / "labels.csv")}
    images = {path.name for path in bundle.samples.iterdir() if path.suffix in IMAGES}
    require(len(images) >= LEAST_SAMPLES, f"only {len(images)} sample images")
    require(labels.keys() == images == truth.keys(), "labels.csv names other images than there are")
    right = sum(labels[path] == truth[path] for path in truth)
    require(right / len(truth) >= LEAST_ACCURACY, f"only {right} of {len(truth)} samples right")
    test_picture(out / "window.png")


def test_picture(file: Path) -> None:
    """The picture of the window is one: large, and with the colours of photographs."""
    require(file.stat().st_size > LEAST_PICTURE_BYTES, f"{file.name} is too small a file")
    with Image.open(file) as image:
        colours = image.convert("RGB").getcolors(maxcolors=image.width * image.height)
        size = image.size
    require(size[0] >= 1000 and size[1] >= 600, f"{file.name} is {size[0]} x {size[1]}")
    require(len(colours or ()) > LEAST_PICTURE_COLOURS, f"{file.name} shows no photographs")


def test_label(bundle: Bundle) -> None:
    """`label` copes with spaces and letters beyond ASCII in every path."""
    folder = bundle.box / "Bilder für später 写真"
    folder.mkdir()
    names = {"cat-portrait.jpg": "Kätzchen 1.jpg", "coffee.jpg": "café ☕.jpg"}
    for source, target in names.items():
        shutil.copy(bundle.samples / source, folder / target)
    out = bundle.box / "Ergebnis ü.csv"
    bundle.run("label", folder, "--concept", "cat", "--concept", "cup of coffee", "--csv", out)
    labels = {row["path"]: row["label"] for row in read_csv(out)}
    expected = {"Kätzchen 1.jpg": "cat", "café ☕.jpg": "cup of coffee"}
    require(labels == expected, f"label wrote: {labels}")


def test_models(bundle: Bundle) -> None:
    """The catalogue is there, and so is what downloads; no network is used."""
    require("siglip2-b16" in bundle.run("models", "list"), "models list has no catalogue")
    done = subprocess.run(
        [str(bundle.root / EXE), "models", "get", "siglip2-b16"],
        cwd=bundle.box,
        env={**bundle.environment, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=COMMAND_LIMIT,
        check=False,
    )
    is_refused = done.returncode == 3 and "HF_HUB_OFFLINE is set" in done.stderr
    require(is_refused, f"models get does not stay offline: {done.stderr}")


def test_window(bundle: Bundle) -> dict[str, str]:
    """The window appears, encodes an image, loads nothing from elsewhere, and closes."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        return {"window": "not tested: needs Xvfb and xdotool"}
    folder = bundle.box / "one image"
    folder.mkdir()
    shutil.copy(bundle.samples / "kitten.jpg", folder)
    for name in HOME_FOLDERS:  # as on the first start
        shutil.rmtree(Path(bundle.environment["HOME"]) / name, ignore_errors=True)
    log = bundle.box / "window.log"
    with virtual_display() as display, log.open("w", encoding="utf-8") as stderr:
        environment = {**bundle.environment, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        started = time.perf_counter()
        process = subprocess.Popen(
            [bundle.root / EXE, folder], cwd=bundle.box, env=environment, stderr=stderr
        )
        try:
            window = wait_for(lambda: find_window(display), process, log, "no window appeared")
            shown = time.perf_counter() - started
            wait_for(lambda: count_embeddings(bundle), process, log, "no image was encoded")
            usable = time.perf_counter() - started
            require_own_libraries(process.pid, bundle.root)
            xdotool(display, "windowfocus", "--sync", window, "key", "ctrl+q")
            wait_for(lambda: process.poll() is not None, None, log, "Ctrl+Q does not end it")
        finally:
            process.kill()
    require(process.returncode == 0, f"the window ended with exit code {process.returncode}")
    require_quiet(log.read_text(encoding="utf-8"), "window")
    return {"window shown": f"{shown:.2f} s", "first image encoded": f"{usable:.2f} s"}


def test_home(bundle: Bundle) -> None:
    """Nothing was left in the home but in the program's own folders."""
    home = Path(bundle.environment["HOME"])
    if sys.platform != "linux":
        return
    for path in home.rglob("*"):
        name = path.relative_to(home).as_posix()
        require(is_expected_in_home(name), f"the program wrote ~/{name}")


def is_expected_in_home(name: str) -> bool:
    """Whether `name` is one of the folders that may be written to, in one, or around one."""
    return any(
        f"{own}/".startswith(f"{name}/") or f"{name}/".startswith(f"{own}/")
        for own in HOME_FOLDERS + SYSTEM_FOLDERS
    )


@contextlib.contextmanager
def unpacked(source: Path) -> Generator[Bundle]:
    """Yield a read-only copy of the bundle `source` in a folder whose name is not easy."""
    box = Path(tempfile.mkdtemp(prefix="Näme plate ")).resolve()
    try:
        root = box / "program files" / "nameplate"
        shutil.copytree(source, root, symlinks=True)
        set_writable(root, writable=False)
        yield Bundle(root, box, bare_environment(box))
    finally:
        set_writable(box, writable=True)
        shutil.rmtree(box)


def bare_environment(box: Path) -> dict[str, str]:
    """Return an environment with a new home and a PATH to an empty folder."""
    folders = {name: box / name for name in ("home", "empty", "runtime", "tmp")}
    for folder in folders.values():
        folder.mkdir(mode=0o700)
    home = str(folders["home"])
    environment = {
        "PATH": str(folders["empty"]),
        "HOME": home,
        "LANG": "C.UTF-8",
        "QT_QPA_PLATFORM": "offscreen",
        "TMPDIR": str(folders["tmp"]),
        "XDG_RUNTIME_DIR": str(folders["runtime"]),
    }
    if sys.platform == "win32":
        own = dict.fromkeys(("USERPROFILE", "APPDATA", "LOCALAPPDATA"), home)
        environment |= {**own, "SYSTEMROOT": os.environ["SYSTEMROOT"], "TEMP": str(folders["tmp"])}
    return environment


def set_writable(root: Path, *, writable: bool) -> None:
    """Give or take the right to write to `root` and all that is in it."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IWUSR if writable else mode & ~0o222)


def snapshot(root: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of all below `root`: permissions do not hold root back."""
    status = {path: path.lstat() for path in root.rglob("*")}
    return {str(path): (s.st_size, s.st_mtime_ns) for path, s in status.items()}


@contextlib.contextmanager
def virtual_display() -> Generator[str]:
    """Yield the name of an X display that no one sees."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-noreset", "-displayfd", str(writer), "-screen", "0", "1600x1000x24"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with open(reader, encoding="ascii") as stream:  # noqa: PTH123 - a descriptor, no path
            yield f":{stream.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def find_window(display: str) -> str:
    """Return the id of Nameplate's visible window; empty while there is none."""
    found = xdotool(display, "search", "--onlyvisible", "--name", "Nameplate$")
    return found.split("\n")[0]


def xdotool(display: str, *arguments: str) -> str:
    """Return what xdotool prints; it fails when it finds nothing."""
    command = ["xdotool", *arguments]
    environment = {**os.environ, "DISPLAY": display}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def count_embeddings(bundle: Bundle) -> int:
    """Return how many images the running program has encoded and remembered."""
    file = Path(bundle.environment["HOME"]) / HOME_FOLDERS[0] / "embeddings-3.sqlite"
    try:
        with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            return int(database.execute("SELECT count(*) FROM embeddings").fetchone()[0])
    except sqlite3.Error:
        return 0  # not there yet


def wait_for(
    look: Callable[[], Found], process: subprocess.Popen[bytes] | None, log: Path, what: str
) -> Found:
    """Return the first true result of `look`.

    Raises:
        SmokeError: It took too long, or `process` ended before.
    """
    until = time.monotonic() + WINDOW_LIMIT
    while not (found := look()):
        is_alive = process is None or process.poll() is None
        is_late = time.monotonic() > until
        require(is_alive and not is_late, f"{what}: {log.read_text(encoding='utf-8')}")
        time.sleep(POLL)
    return found


def require_own_libraries(pid: int, root: Path) -> None:
    """Make sure that the running program has loaded nothing of a checkout or of a Python."""
    for path in mapped_files(pid):
        is_foreign = path.is_relative_to(REPOSITORY) or "site-packages" in path.parts
        is_foreign |= path.name.startswith(("libpython", "libQt6", "libonnxruntime"))
        require(path.is_relative_to(root) or not is_foreign, f"{path} was loaded")


def mapped_files(pid: int) -> Iterator[Path]:
    """Yield the files that the process has mapped into memory."""
    for line in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines():
        columns = line.split(maxsplit=5)
        if len(columns) == 6 and columns[5].startswith("/"):
            yield Path(columns[5])


def read_csv(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def require(is_so: bool, otherwise: str) -> None:
    """Raise SmokeError with the text `otherwise` unless `is_so`."""
    if not is_so:
        raise SmokeError(otherwise)


def require_quiet(stderr: str, what: str) -> None:
    """Make sure that stderr holds nothing but what is expected."""
    allowed = re.compile("|".join(EXPECTED_ON_STDERR))
    lines = [line for line in stderr.splitlines() if line.strip() and not allowed.fullmatch(line)]
    require(not lines, f"{what} said on stderr:\n" + "\n".join(lines))


def seconds(step: Callable[[Bundle], None], bundle: Bundle) -> str:
    """Run `step` and return how long it took."""
    started = time.perf_counter()
    step(bundle)
    return f"{time.perf_counter() - started:.2f} s"


def _one(paths: Iterator[Path], what: str) -> Path:
    found = list(paths)
    require(len(found) == 1, f"{len(found)} times {what} in the bundle, not once")
    return found[0]


if __name__ == "__main__":
    main()
