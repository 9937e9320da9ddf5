"""Installs Nameplate for Windows under wine, uses it as a person would, and uninstalls it.

    python packaging/windows/try_under_wine.py SETUP.exe [--pictures FOLDER]

The package must be one of `assemble.py --for-wine`. What `nameplate` beside this Python computes on
Linux is what wine must compute. Needs, of Debian, wine64, xvfb, xdotool and imagemagick.
"""

# ruff: noqa: S603, S607 - it starts the program under test, and tools for that, on purpose

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
from smoke_test import (  # noqa: E402
    Found,
    SmokeError,
    read_csv,
    require,
    virtual_display,
    xdotool,
)

SAMPLES: Final = ROOT / "resources" / "samples"
NAMES: Final = ("cat", "dog", "cup of coffee", "fish", "flower")
LIMIT: Final = 300.0
PAUSE: Final = 2.5
"""Seconds that the program has to follow a key, also on a busy machine."""
CLOSE_ENOUGH: Final = 1e-3
RUNNING: Final = 4
"""The exit code of an installer that was told to replace a program that runs."""


@dataclass(frozen=True)
class Machine:
    """A Windows of its own.

    Attributes:
        box: A temporary folder around all of it; its name is not easy.
        display: The name of its X screen.
        pictures: Where pictures of the screen go.
    """

    box: Path
    display: str
    pictures: Path

    @property
    def environment(self) -> dict[str, str]:
        """What wine gets to see."""
        own = {
            "DISPLAY": self.display,
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "winemenubuilder.exe=d",  # no entries in Linux' own menus
            "WINEPREFIX": str(self.box / "wine"),
        }
        return {**os.environ, **own}

    @property
    def home(self) -> Path:
        """The folder of the person's programs and data (LOCALAPPDATA)."""
        user = os.environ.get("USER") or "root"
        return self.box / "wine" / "drive_c" / "users" / user / "AppData" / "Local"

    @property
    def program(self) -> Path:
        """The folder that Nameplate is installed to."""
        return self.home / "Programs" / "Nameplate"

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command of Windows to its end."""
        return subprocess.run(
            ["wine", *map(str, command)], cwd=self.box, env=self.environment, check=False,
            capture_output=True, encoding="utf-8", timeout=LIMIT,
        )  # fmt: skip

    def nameplate(self, *arguments: str | Path) -> str:
        """Run the command `nameplate`, which must succeed, and return what it prints."""
        done = self.run(self.program / "nameplate.exe", *arguments)
        require(done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stderr}")
        return done.stdout

    def start(self, *command: str | Path) -> subprocess.Popen[bytes]:
        """Start a command of Windows."""
        return subprocess.Popen(
            ["wine", *map(str, command)], cwd=self.box, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def window(self, title: str) -> str:
        """Return the id of the window with this title, once it is there."""
        words = ("search", "--onlyvisible", "--name", title)
        return wait(lambda: xdotool(self.display, *words).split("\n")[0], f"no window {title}")

    def press(self, *words: str) -> None:
        """Do what xdotool is told, and give the program time to follow."""
        xdotool(self.display, *words)
        time.sleep(PAUSE)

    def picture(self, name: str) -> None:
        """Take a picture of the screen."""
        command = ["import", "-window", "root", str(self.pictures / f"{name}.png")]
        subprocess.run(command, env=self.environment, check=True)


def main() -> None:
    """Try the installer that the command line names, and print a table of figures."""
    parser = argparse.ArgumentParser(description="Try the installer for Windows under wine.")
    parser.add_argument("setup", type=Path, help="the installer that make_installer.py made")
    parser.add_argument("--pictures", type=Path, default=Path("build/windows/pictures"))
    args = parser.parse_args()
    args.pictures.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        box = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="Näme plate 猫 ")))
        display = stack.enter_context(virtual_display())
        machine = Machine(box, display, args.pictures.resolve())
        try:
            for step in (install, doctor, label, window, projects, upgrade, uninstall):
                started = time.perf_counter()
                said = step(machine, args.setup.resolve())
                print(
                    f"{step.__name__:12} {time.perf_counter() - started:6.1f} s  {said}", flush=True
                )
        except (SmokeError, subprocess.TimeoutExpired) as error:
            machine.picture("failed")
            sys.exit(f"FAILED  {error}")
        finally:
            subprocess.run(["wineserver", "-k"], env=machine.environment, check=False)
            subprocess.run(["wineserver", "-w"], env=machine.environment, check=False)
    print("the Windows package works")


def install(machine: Machine, setup: Path) -> str:
    """It installs without a question and without an administrator."""
    machine.run("wineboot", "-i")
    started = time.perf_counter()
    done = machine.run(setup, "/S", "/PATH")
    require(done.returncode == 0, f"the installer ended with {done.returncode}")
    require(_is_in_path(machine), "PATH has no entry")
    return f"{time.perf_counter() - started:.1f} s for the installer itself"


def doctor(machine: Machine, _setup: Path) -> str:
    """`doctor` finds no problem."""
    report = json.loads(machine.nameplate("doctor", "--json"))
    require(not report["problems"], f"doctor: {report['problems']}")
    require("bundled" in report["python"], f"another Python runs: {report['python']}")
    return str(report["python"])


def label(machine: Machine, _setup: Path) -> str:
    """The command line gives each sample the label and the probability that it has on Linux."""
    folder = machine.box / "Bilder ü 写真"
    shutil.copytree(SAMPLES, folder)
    names = [word for name in NAMES for word in ("--concept", name)]
    there, here = machine.box / "windows.csv", machine.box / "linux.csv"
    machine.nameplate("label", folder, *names, "--csv", there)
    program = Path(sys.executable).with_name("nameplate")
    subprocess.run([program, "label", folder, *names, "--csv", here, "--no-cache"], check=True)
    ours, theirs = read_csv(here), read_csv(there)
    require(len(ours) > 15 and len(ours) == len(theirs), f"{len(theirs)} rows, not {len(ours)}")
    for one, other in zip(ours, theirs, strict=True):
        same = all(one[key] == other[key] for key in ("path", "label", "error"))
        require(same, f"Linux: {one}\nWindows: {other}")
    most = max(
        abs(float(one["probability"]) - float(other["probability"]))
        for one, other in zip(ours, theirs, strict=True)
    )
    require(most <= CLOSE_ENOUGH, f"probabilities differ by up to {most}")
    # Decoded in a child process, for whose start a busy machine may need more than is allowed.
    heic = machine.box / "a.heic"
    shutil.copy(ROOT / "tests" / "heif" / "own-640x480.heic", heic)
    command = (machine.program / "nameplate.exe", "label", heic, *names, "--csv", there)
    wait(lambda: machine.run(*command).returncode == 0, "HEIC cannot be read")
    return f"{len(ours)} labels as on Linux, probabilities to {most:.1e}; HEIC is read"


def window(machine: Machine, _setup: Path) -> str:
    """The window opens a folder, takes names, exports, and closes; nothing goes wrong."""
    started = time.perf_counter()
    process = machine.start(machine.program / "nameplate-window.exe", machine.box / "Bilder ü 写真")
    shown = machine.window("Nameplate$")
    seconds = time.perf_counter() - started
    time.sleep(8)  # until the model is there and pictures are
    machine.press("windowfocus", shown)
    for name in NAMES:
        machine.press("type", "--delay", "30", name)
        machine.press("key", "Return")
    time.sleep(3)
    machine.picture("names")
    machine.press("key", "ctrl+e")
    machine.picture("export")
    table = machine.box / "Bilder ü 写真-labels.csv"  # the place that is proposed
    machine.press("key", "alt+w")
    machine.press("key", "Return")
    wait(table.is_file, "nothing was exported")
    require({row["best"] for row in read_csv(table)} == set(NAMES), "other names were exported")
    machine.press("key", "ctrl+q")
    require(process.wait(60) == 0, f"the window ended with {process.returncode}")
    require_no_failure(machine)
    return f"window after {seconds:.1f} s"


def projects(machine: Machine, setup: Path) -> str:
    """A project is opened by its file; while it is, the program is not replaced."""
    file = machine.box / "Mein Projekt.nameplate"
    machine.nameplate("project", "new", file, machine.box / "Bilder ü 写真", "--concept", "cat")
    for name in (".nameplate", "Nameplate.Project"):  # wine sees the machine's file types alone
        machine.run("reg", "copy", rf"HKCU\Software\Classes\{name}", rf"HKCR\{name}", "/s", "/f")
    machine.start("start", "/unix", file)  # as a double click does
    shown = machine.window("Mein Projekt")
    time.sleep(6)
    machine.picture("project")
    code = machine.run(setup, "/S").returncode
    require(code == RUNNING, f"the installer ended with {code} while the program runs")
    machine.press("windowfocus", shown)
    machine.press("key", "ctrl+q")
    words = ("search", "--onlyvisible", "--name", "Mein Projekt")
    wait(lambda: not xdotool(machine.display, *words), "Ctrl+Q does not end it")
    require_no_failure(machine)
    return "opened by its file type; not replaced meanwhile"


def upgrade(machine: Machine, setup: Path) -> str:
    """An older version's files go, those of the person stay."""
    old = machine.program / "Lib" / "site-packages" / "nameplate" / "__init__.pyc"
    require(old.is_file(), f"{old} is not there")
    foreign = machine.program / "of the person.txt"
    foreign.write_text("kept", encoding="utf-8")
    time.sleep(2)
    done = machine.run(setup, "/S")
    require(done.returncode == 0, f"the installer ended with {done.returncode}")
    require(foreign.is_file() and old.is_file(), "files are missing after the upgrade")
    require(_is_in_path(machine), "the upgrade took the entry in PATH")
    foreign.unlink()
    return machine.nameplate("--version").strip()


def uninstall(machine: Machine, _setup: Path) -> str:
    """All that was installed goes; pictures, projects, settings stay."""
    before = {p for p in (machine.home / "nameplate").rglob("*") if p.is_file()}
    machine.run(machine.program / "uninstall.exe", "/S")
    wait(lambda: not machine.program.exists(), "the program is still there")
    keys = (
        r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Nameplate",
        r"HKCU\Software\Classes\Nameplate.Project",
        r"HKCU\Software\Classes\.nameplate",
    )
    left = [key for key in keys if machine.run("reg", "query", key).returncode == 0]
    require(not left, f"left in the registry: {left}")
    require(not _is_in_path(machine), "the entry in PATH is left")
    gone = [path for path in before if not path.exists()]
    require(bool(before) and not gone, f"deleted: {gone}")
    require((machine.box / "Mein Projekt.nameplate").is_file(), "the project is gone")
    return f"{len(before)} files of the person are still there"


def require_no_failure(machine: Machine) -> None:
    """Make sure that the program's log tells of nothing that failed."""
    log = machine.home / "nameplate" / "log" / "nameplate.log"
    text = log.read_text(encoding="utf-8") if log.is_file() else ""
    require("Traceback" not in text, text)


def wait(look: Callable[[], Found], what: str) -> Found:
    """Return the first true result of `look`."""
    until = time.monotonic() + LIMIT
    while not (found := look()):
        require(time.monotonic() < until, what)
        time.sleep(0.1)
    return found


def _is_in_path(machine: Machine) -> bool:
    said = machine.run("reg", "query", r"HKCU\Environment", "/v", "Path")
    return "Programs\\Nameplate" in said.stdout


if __name__ == "__main__":
    main()
