"""The installer for one person, with a program of two lines in place of the frozen one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
ENTRY = "applications/org.nameplate.Nameplate.desktop"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux"),
]


@pytest.fixture
def package(tmp_path):
    """What the self-extracting file unpacks."""
    folder = tmp_path / "package"
    (folder / "nameplate").mkdir(parents=True)
    program(folder, "echo nameplate 1.0")
    (folder / "share" / "applications").mkdir(parents=True)
    shutil.copy(PACKAGING / Path(ENTRY).name, folder / "share" / ENTRY)
    (folder / "share" / "mime" / "packages").mkdir(parents=True)
    mime = "org.nameplate.Nameplate.mime.xml"
    shutil.copy(PACKAGING / "linux" / mime, folder / "share" / "mime" / "packages")
    shutil.copy(PACKAGING / "linux" / "install.sh", folder)
    return folder


@pytest.fixture(params=["plain", 'Änna 🐈 "b" $c `d` 50%\\'])
def home(request, tmp_path):
    folder = tmp_path / request.param
    folder.mkdir()
    return folder


def program(folder, line):
    file = folder / "nameplate" / "nameplate"
    file.write_text(f"#!/bin/sh\n{line}\n")
    file.chmod(0o755)


def sh(script, home, *words):
    return subprocess.run(
        ["sh", script.name, *words],
        cwd=script.parent, env={"HOME": str(home), "PATH": os.environ["PATH"]},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def command_of(entry):
    """The program that a desktop starts for an entry, after both rules of quoting."""
    line = next(line for line in entry.read_text().splitlines() if line.startswith("Exec="))
    word = line.removeprefix('Exec="').removesuffix('" %F').replace("\\\\", "\\")
    for letter in '"`$\\':
        word = word.replace(f"\\{letter}", letter)
    return word.replace("%%", "%")


def test_it_installs_in_any_home_and_again_over_itself(package, home):
    for _ in range(2):
        done = sh(package / "install.sh", home)
        assert done.returncode == 0, done.stderr
        assert f"To uninstall: {home}/.local/lib/nameplate/install.sh --uninstall" in done.stdout

    command = command_of(home / ".local" / "share" / ENTRY)
    assert command == f"{home}/.local/lib/nameplate/nameplate"
    for name in (command, home / ".local" / "bin" / "nameplate"):
        assert subprocess.check_output([name], text=True) == "nameplate 1.0\n"


def test_uninstalling_leaves_what_others_and_the_person_have(package, home):
    share = home / ".local" / "share"
    (share / "applications").mkdir(parents=True)
    (share / "applications" / "other.desktop").touch()
    (share / "nameplate").mkdir()
    (share / "nameplate" / "mine.nameplate").touch()
    sh(package / "install.sh", home)
    done = sh(home / ".local" / "lib" / "nameplate" / "install.sh", home, "--uninstall")

    assert done.returncode == 0, done.stderr
    left = {str(path.relative_to(share)) for path in share.rglob("*") if path.is_file()}
    assert {"applications/other.desktop", "nameplate/mine.nameplate"} <= left
    # What the system's own databases of file types and programs write may stay.
    assert [name for name in left if "nameplate" in name] == ["nameplate/mine.nameplate"]
    assert not (home / ".local" / "lib" / "nameplate").exists()
    assert not (home / ".local" / "bin" / "nameplate").is_symlink()


def test_a_program_that_does_not_start_here_replaces_nothing(package, home):
    sh(package / "install.sh", home)
    program(package, "echo a warning; echo libexpat.so.1: not found >&2; exit 127")
    done = sh(package / "install.sh", home)

    assert done.returncode == 1
    assert "can't start here: libexpat.so.1: not found" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    installed = home / ".local" / "bin" / "nameplate"
    assert subprocess.check_output([installed], text=True) == "nameplate 1.0\n"


@pytest.mark.parametrize("word", ["--uninstall", "--nonsense"])
def test_what_it_cannot_do_it_says_in_a_line(package, home, word):
    done = sh(package / "install.sh", home, word)

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
