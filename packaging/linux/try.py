"""Installs the packages in a clean Debian, and treats them as people and bad luck do.

    sudo .venv/bin/python packaging/linux/try.py [--suite trixie] [deb run rpm]

Needs root for chroot, debootstrap, Xvfb, xdotool, rpm, appstream and desktop-file-utils. The
Debian is made once, in `build`; what is tried is in functions whose names begin with `try_`.
"""

# ruff: noqa: S108, S603, S607 - it starts the program under test in a system of its own

import argparse
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from packages import APP_ID, FILES, WORK
from smoke_test import SmokeError, find_window, require, virtual_display, xdotool

USER: Final = 1000
HOME: Final = "/home/Änna 🐈 b"
SAMPLES: Final = "_internal/nameplate/_data/resources/samples"
LIMIT: Final = 120
DESKTOP: Final = ("shared-mime-info", "desktop-file-utils", "libglib2.0-bin")
"""What every desktop has: the databases of file types and programs, and `gio`."""


@dataclass(frozen=True)
class Clean:
    """A Debian with nothing but its base, seen from a person's account.

    Attributes:
        root: Its folder.
        display: The screen.
    """

    root: Path
    display: str

    def as_root(self, *words: str) -> str:
        """Run a command there as root and return what it said."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(
            ["/usr/sbin/chroot", self.root, *words],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        require(done.returncode == 0, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        """Start a command there as a person."""
        known = {"HOME": HOME, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **env}
        return subprocess.Popen(
            ["/usr/sbin/chroot", f"--userspec={USER}:{USER}", self.root, "env", "-C", HOME, *words],
            env={name: value for name, value in known.items() if value != "unset"},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def say(self, *words: str, code: int = 0, **env: str) -> str:
        """Run a command there as a person, and return what it said on both streams."""
        process = self.start(*words, **env)
        stdout, stderr = process.communicate(timeout=LIMIT)
        said = f"{words}: {process.returncode}\n{stdout}{stderr}"
        require(process.returncode == code, said)
        return stdout + stderr

    def window(self, *words: str, title: str = "", **env: str) -> float:
        """Start a window, close it by Ctrl+Q, and return the seconds until it was there."""
        began = time.monotonic()
        process = self.start(*words, DISPLAY=self.display, **env)
        while not (window := find_window(self.display)):
            late = time.monotonic() - began > LIMIT
            if late or (process.poll() or 0) != 0:
                process.kill()
                raise SmokeError(f"no window: {words} {env}\n{process.communicate()}")
            time.sleep(0.1)
        seconds = time.monotonic() - began
        self._wait(lambda: title in xdotool(self.display, "getwindowname", window), title)
        time.sleep(1)  # for what comes late, such as a crash in the first work
        xdotool(self.display, "windowfocus", window, "key", "ctrl+q")
        self._wait(lambda: not find_window(self.display), "Ctrl+Q does not close the window")
        _, stderr = process.communicate(timeout=LIMIT)
        lines = [line for line in stderr.splitlines() if not line.startswith("Fontconfig")]
        require(not lines, f"{words} {env} said: {stderr}")
        require(process.returncode == 0, f"the window ended with {process.returncode}: {words}")
        return seconds

    def files(self) -> set[str]:
        """Return all files but those of package management, caches and people."""
        found = subprocess.run(
            ["find", ".", "-xdev", "(", "-path", "./var", "-o", "-path", "./home", "-o", "-path",
             "./proc", "-o", "-path", "./dev", "-o", "-path", "./tmp", "-o", "-path", "./root", ")",
             "-prune", "-o", "-print"],
            cwd=self.root, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return set(found.stdout.splitlines())

    def _wait(self, is_so: Callable[[], bool], otherwise: str) -> None:
        end = time.monotonic() + LIMIT
        while not is_so():
            require(time.monotonic() < end, otherwise)
            time.sleep(0.1)


def try_deb(clean: Clean, package: Path) -> None:
    """Install, start, open a project as a double click does, upgrade, purge."""
    clean.as_root("apt-get", "install", "-y", "--no-install-recommends", *DESKTOP)
    before = clean.files()
    install(clean, package)
    program = "/usr/lib/nameplate"
    try_program(clean, "nameplate", program)
    try_double_click(clean)
    try_bad_luck(clean, program)
    try_bad_files(clean, program)
    install(clean, second_version(package))
    require("9.9" in clean.as_root("dpkg", "-s", "nameplate"), "it was not upgraded")
    clean.say("nameplate", "--version")
    people = project_files(clean)
    clean.as_root("apt-get", "purge", "-y", "nameplate")
    clean.as_root("apt-get", "autoremove", "--purge", "-y")
    left = {name for name in clean.files() - before if "mime" not in name and "cache" not in name}
    require(not left, f"purging leaves {sorted(left)[:20]}")
    require(project_files(clean) == people, "purging took away what a person has")


def try_run(clean: Clean, package: Path) -> None:
    """Install for one person, beside another version, and take it away again."""
    clean.as_root("apt-get", "install", "-y", "libegl1", "libgl1", "libxcb1",
                  "libwayland-client0", "fontconfig-config")  # fmt: skip
    shutil.copy(package, clean.root / "tmp" / "nameplate.run")
    said = clean.say("/bin/sh", "/tmp/nameplate.run", "--noprogress")
    require("To uninstall: " in said, f"it does not say how to uninstall: {said}")
    program = f"{HOME}/.local/lib/nameplate"
    try_program(clean, f"{HOME}/.local/bin/nameplate", program)
    clean.say("/bin/sh", "/tmp/nameplate.run", "--noprogress")  # over itself
    entry = f"{HOME}/.local/share/applications/{APP_ID}.desktop"
    text = (clean.root / entry[1:]).read_text(encoding="utf-8")
    require(f'Exec="{program}/nameplate" %F' in text, text)
    people = project_files(clean)
    clean.say(f"{program}/install.sh", "--uninstall")
    require(project_files(clean) == people, "uninstalling took away what a person has")
    left = [
        path for path in (clean.root / HOME[1:] / ".local").rglob("*") if "ameplate" in str(path)
    ]
    left = [path for path in left if f"{HOME}/.local/share/nameplate" not in str(path)]
    require(not left, f"uninstalling leaves {left}")


def try_rpm(clean: Clean, package: Path) -> None:
    """Check its sums, what it asks for, and unpack it; no Fedora is at hand."""
    subprocess.run(["rpm", "-K", "--nosignature", package], check=True)
    asked = subprocess.check_output(["rpm", "-qp", "--requires", package], text=True)
    require("libGL.so.1()(64bit)" in asked, asked)
    with tempfile.TemporaryDirectory(dir=clean.root / "tmp") as folder:
        subprocess.run(
            ["rpm", "--root", folder, "--nodeps", "--noscripts", "-i", package], check=True
        )
        link = Path(folder, "usr/bin/nameplate")
        require(link.is_symlink() and (link.parent / link.readlink()).exists(), "no program")
        inside = str(link.parent.resolve().relative_to(clean.root))
        clean.as_root("chmod", "755", f"/{Path(folder).relative_to(clean.root)}")
        clean.say(f"/{inside}/nameplate", "--version")


def try_program(clean: Clean, command: str, program: str) -> None:
    """Use the command line and the window as on the first day."""
    print(" ", clean.say(command, "--version").strip())
    require("all is well" in clean.say(command, "doctor"), "doctor finds a problem")
    require(
        "right" in clean.say(command, "demo", "--no-window", "--out", "demo", "--overwrite"), ""
    )
    print(f"  window after {clean.window(command, f'{program}/{SAMPLES}'):.1f} s")


def try_double_click(clean: Clean) -> None:
    """Open a project, whose name is not easy, as the desktop does."""
    project = f"{HOME}/Mein Projekt ü.nameplate"
    (clean.root / project[1:]).unlink(missing_ok=True)
    clean.say("nameplate", "project", "new", project, f"/usr/lib/nameplate/{SAMPLES}")
    kind = clean.say("gio", "info", "-a", "standard::content-type", project)
    require("application/x-nameplate-project" in kind, kind)
    clean.window("gio", "open", project, title="Mein Projekt ü")


def try_bad_luck(clean: Clean, program: str) -> None:
    """What a system may lack, or have in a way of its own: it starts, or says why in a line."""
    samples = f"{program}/{SAMPLES}"
    for lang in ("xx_YY", "C", "unset"):
        clean.window("nameplate", LANG=lang)
    clean.window("nameplate", samples, HOME="unset")
    says(clean, "no screen to show the window on")
    says(clean, "no screen answers", DISPLAY=":99")
    libraries = f"/usr/lib/{os.uname().machine}-linux-gnu"
    for name in ("libGL.so.1", "libEGL.so.1", "libxcb.so.1"):
        with hidden(clean, f"{libraries}/{name}"):
            says(clean, name, code=3, DISPLAY=clean.display)
    with hidden(clean, f"{program}/_internal/libxcb-cursor.so.0"):
        says(clean, "libxcb-cursor.so.0", code=3, DISPLAY=clean.display)
    with hidden(clean, "/usr/share/fonts"), hidden(clean, "/etc/fonts"):
        require("no font found" in clean.say("nameplate", "doctor"), "doctor misses no font")
    with hidden(clean, f"{program}/_internal/pi_heif_decoder.libs"):
        require(
            "PROBLEM  HEIC" in clean.say("nameplate", "doctor", code=3), "doctor does not name HEIC"
        )
    moved = clean.root / "home" / "moved here 📦"
    shutil.copytree(clean.root / program[1:], moved, symlinks=True, dirs_exist_ok=True)
    link = clean.root / "home" / "link"
    link.unlink(missing_ok=True)
    link.symlink_to(f"/home/{moved.name}/nameplate")
    clean.window("/home/link", samples)


def try_bad_files(clean: Clean, program: str) -> None:
    """Damaged settings, homes that cannot be written to, and a project of a later version."""
    samples = f"{program}/{SAMPLES}"
    for name in ("window.ini", "settings.toml"):
        (clean.root / HOME[1:] / ".config/nameplate" / name).write_bytes(os.urandom(3000))
    require("damaged" in clean.say("nameplate", "settings"), "damaged settings are not named")
    clean.window("nameplate")
    for home in ("/root", "/nowhere"):
        words = ("label", samples, "--concept", "cat", "--csv", "/tmp/labels.csv", "--overwrite")
        said = clean.say("nameplate", *words, HOME=home)
        require("Working without the cache" in said, f"{home}: {said}")
    project = f"{HOME}/later.nameplate"
    clean.say("nameplate", "project", "new", project, samples)
    with contextlib.closing(sqlite3.connect(clean.root / project[1:])) as database:
        database.execute("PRAGMA user_version = 1000")
    said = clean.say("nameplate", "project", "info", project, code=2)
    require("made by a newer Nameplate" in said, said)


def try_descriptions() -> None:
    """What menus and stores read is valid, but for a homepage, which there is none of yet."""
    folder = Path(__file__).parents[1]
    subprocess.run(["desktop-file-validate", folder / f"{APP_ID}.desktop"], check=True)
    known = "url-homepage-missing=info"
    words = ["appstreamcli", "validate", "--no-net", "--override", known]
    subprocess.run([*words, folder / f"{APP_ID}.metainfo.xml"], check=True)


def says(clean: Clean, text: str, code: int = 2, **env: str) -> None:
    """Check that the program says one line with `text` instead of showing a window."""
    said = clean.say("nameplate", code=code, **env)
    lines = [line for line in said.splitlines() if not line.startswith("Fontconfig")]
    require(len(lines) == 1 and text in lines[0] and "dynlib" not in said, said)


def install(clean: Clean, package: Path) -> None:
    """Install a deb as people do who download one."""
    shutil.copy(package, clean.root / "tmp" / package.name)
    clean.as_root("apt-get", "install", "-y", "--no-install-recommends", f"/tmp/{package.name}")


def second_version(package: Path) -> Path:
    """Return a package like that of `package`, of a later version."""
    text = (WORK / "deb.yaml").read_text(encoding="utf-8")
    lines = ['version: "9.9"' if line.startswith("version:") else line for line in text.split("\n")]
    config, target = WORK / "later.yaml", package.with_name("later.deb")
    config.write_text("\n".join(lines).replace("zstd", "none"), encoding="utf-8")
    nfpm = Path(sys.executable).with_name("nfpm")
    words = [
        nfpm,
        "package",
        "--config",
        config,
        "--packager",
        "deb",
        "--target",
        WORK / target.name,
    ]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return WORK / target.name


def project_files(clean: Clean) -> set[str]:
    """Return the projects and settings that are in the home."""
    home = clean.root / HOME[1:]
    kept = (".config/nameplate", ".local/share/nameplate/projects")
    return {str(path) for name in kept for path in (home / name).rglob("*")}


@contextlib.contextmanager
def hidden(clean: Clean, name: str) -> Generator[None]:
    """Take a file or folder of the system away for a while."""
    path = clean.root / name[1:]
    away = path.with_name(f"{path.name}.away")
    path.rename(away)
    try:
        yield
    finally:
        away.rename(path)


@contextlib.contextmanager
def clean_debian(suite: str) -> Generator[Clean]:
    """Yield a clean Debian with a screen; it is made if it is not there."""
    root = WORK.with_name("linux-roots") / suite
    if not (root / "etc/debian_version").exists():
        subprocess.run(["debootstrap", "--variant=minbase", suite, root], check=True)
    with contextlib.ExitStack() as stack:
        for name in ("proc", "dev", "tmp/.X11-unix"):
            (root / name).mkdir(parents=True, exist_ok=True)
        display = stack.enter_context(virtual_display())
        for name in ("proc", "dev", "tmp/.X11-unix"):
            subprocess.run(["mount", "--bind", f"/{name}", root / name], check=True)
            stack.callback(subprocess.run, ["umount", root / name], check=True)
        shutil.copy("/etc/resolv.conf", root / "etc")
        clean = Clean(root, display)
        home = root / HOME[1:]
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        os.chown(home, USER, USER)
        clean.as_root("apt-get", "update")
        yield clean


def main() -> None:
    """Try the packages that the command line names, or all."""
    parser = argparse.ArgumentParser(description="Try the packages in a clean Debian.")
    parser.add_argument("kinds", nargs="*", choices=[[], *FILES.values()])
    parser.add_argument("--suite", default="trixie", help="of Debian (default: trixie)")
    args = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("This needs root, for a Debian of its own (chroot).")
    try_descriptions()
    ways = {"deb": try_deb, "run": try_run, "rpm": try_rpm}
    try:
        with clean_debian(args.suite) as clean:
            for file, kind in FILES.items():
                if not args.kinds or kind in args.kinds:
                    require(file.exists(), f"{file} is missing; run: make packages")
                    print(f"{file.name}  {file.stat().st_size / 1e6:.1f} MB", flush=True)
                    ways[kind](clean, file)
    except SmokeError as error:
        sys.exit(f"FAILED  {error}")
    print("the packages work")


if __name__ == "__main__":
    main()
