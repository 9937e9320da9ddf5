"""A Linux that lacks some of Qt's libraries, or some of what `make` needs."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from e2e.bare_help import python_without
from nameplate.storage.folders import projects_folder
from nameplate.system.libraries import NEEDS, missing, package_manager

REPOSITORY = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt brings all it needs"),
    pytest.mark.skipif(bool(missing("qt")), reason="Qt's libraries are not on this system"),
]

NAMEPLATE = ("-m", "nameplate")

# Looking for PySide6 tells whether the labels were there by then; importing it is another thing.
TELLING = """
import os, sys
class Telling:
    def find_spec(self, name, path=None, target=None):
        if name == "PySide6":
            print("labels first:", os.path.exists(sys.argv[3]), file=sys.stderr)
sys.meta_path.insert(0, Telling())
from nameplate.cli.main import run
code = run(sys.argv[1:3] + ["--out", os.path.dirname(sys.argv[3])] + sys.argv[4:])
print("Qt was imported:", "PySide6" in sys.modules, file=sys.stderr)
sys.exit(code)
"""


def listed(*uses):
    return [need for need in NEEDS if need.use in uses]


def says_package(text, need):
    """Whether `text` has the command with the package of `need`, where this system has one."""
    return (
        not package_manager()
        or need.packages[["apt-get", "dnf", "zypper", "pacman"].index(package_manager())]
        in text.split("Install what is missing")[-1].split()
    )


def test_demo_labels_before_it_looks_for_qt_and_leaves_the_picture_out(tiny_model, tmp_path):
    table = tmp_path / "out" / "labels.csv"
    said = python_without(
        ["libEGL.so.1"], tmp_path / "hidden",
        "-c", TELLING, "demo", "--no-window", str(table), "--model", str(tiny_model),
    )  # fmt: skip

    assert said.returncode == 0, said.stderr
    assert "of 21 right" in said.stdout
    assert "labels first: True" in said.stderr
    assert "Qt was imported: False" in said.stderr
    assert "window.png is left out: Qt can't start without libEGL.so.1" in said.stderr
    assert says_package(said.stderr, next(need for need in NEEDS if need.name == "libEGL.so.1"))
    assert len(table.read_text().splitlines()) == 22
    assert not (tmp_path / "out" / "window.png").exists()


def test_doctor_tells_everything_else_and_what_is_missing(tiny_model, tmp_path):
    words = [*NAMEPLATE, "doctor", "--model", str(tiny_model)]
    said = python_without(["libdbus-1.so.3"], tmp_path / "hidden", *words)

    assert said.returncode == 3, said.stderr
    assert "providers running" in said.stdout
    assert "PROBLEM  Qt can't start without libdbus-1.so.3" in said.stdout
    assert said.stderr == ""


def test_the_window_says_in_one_line_what_is_missing(tmp_path):
    said = python_without(["libGL.so.1"], tmp_path / "hidden", *NAMEPLATE, DISPLAY=":0")

    assert said.returncode == 3
    assert said.stderr.startswith("nameplate: Qt can't start without libGL.so.1. Install")
    assert len(said.stderr.splitlines()) == 1


@pytest.mark.hostile
@pytest.mark.parametrize("need", listed("qt"), ids=lambda need: need.name)
def test_each_library_of_qt_that_is_missing_is_named(need, tiny_model, tmp_path):
    model = ["--model", str(tiny_model)]
    words = [*NAMEPLATE, "demo", "--out", str(tmp_path / "out"), *model]
    demo = python_without([need.name], tmp_path / "hidden", *words)
    doctor = python_without([need.name], tmp_path / "hidden", *NAMEPLATE, "doctor", *model)

    assert (demo.returncode, doctor.returncode) == (0, 3)
    for text in (demo.stderr, doctor.stdout):
        names = text.partition("Qt can't start without ")[2].partition(". ")[0]
        assert need.name in names.split(", ")  # with those that load it in their turn
        assert says_package(text, need)


@pytest.mark.hostile
@pytest.mark.parametrize("need", listed("xcb"), ids=lambda need: need.name)
def test_each_library_of_x11_that_is_missing_is_named(need, tmp_path):
    said = python_without([need.name], tmp_path / "hidden", *NAMEPLATE, DISPLAY=":0")

    assert said.returncode == 3
    assert need.name in said.stderr
    assert says_package(said.stderr, need)
    assert len(said.stderr.splitlines()) == 1


@pytest.mark.hostile
def test_demo_draws_the_picture_where_only_the_window_cannot_be_shown(tiny_model, tmp_path):
    words = [*NAMEPLATE, "demo", "--out", str(tmp_path), "--model", str(tiny_model)]
    said = python_without(["libxcb-cursor.so.0"], tmp_path / "hidden", *words, DISPLAY=":0")

    assert said.returncode == 0, said.stderr
    assert "can't open the window: the window can't open without" in said.stderr
    assert (tmp_path / "window.png").stat().st_size > 20_000
    assert not projects_folder().exists()  # what is done for a picture is nobody's work


@pytest.fixture
def checkout(tmp_path):
    """A folder with as much of the checkout as `make .venv/.run-ready` needs."""
    folder = tmp_path / "checkout"
    part = folder / "app" / "nameplate" / "system"
    part.mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, folder)
    shutil.copy(REPOSITORY / "app/nameplate/system/libraries.py", part)
    return folder


def make(folder, *words, **environment):
    """Run make where no package can be downloaded."""
    return subprocess.run(
        ["make", "-s", *words],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0",
             "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "0", **environment},
    )  # fmt: skip


needs_make = pytest.mark.skipif(not shutil.which("make"), reason="needs make")


@needs_make
@pytest.mark.parametrize(
    ("script", "said"),
    [
        (None, "and no-such-python is not there."),
        ("#!/bin/sh\n[ $1 = -V ] && exec echo Python 3.9.2\nexit 1\n", "is Python 3.9.2."),
    ],
)
def test_make_says_in_a_sentence_which_python_it_needs(script, said, checkout, tmp_path):
    python = "no-such-python"
    if script:
        file = tmp_path / "old-python"
        file.write_text(script)
        file.chmod(0o755)
        python = str(file)
    done = make(checkout, ".venv/.run-ready", f"PYTHON={python}")

    assert done.returncode == 2
    assert done.stdout.startswith("Nameplate needs Python 3.11 or newer, and ")
    assert said in done.stdout
    assert len(done.stdout.splitlines()) == 1


@needs_make
def test_make_leaves_no_half_environment_where_there_is_no_venv(checkout, tmp_path):
    # As Debian's python3 without python3-venv: it begins, and then finds that it cannot.
    python = tmp_path / "python3"
    python.write_text(
        '#!/bin/sh\n[ "$2" = venv ] || exec ' + sys.executable + ' "$@"\n'
        'mkdir -p .venv/bin; ln -s $0 .venv/bin/python; echo "ensurepip is not available"; exit 1\n'
    )
    python.chmod(0o755)
    done = make(checkout, ".venv/.run-ready", f"PYTHON={python}")

    assert done.returncode == 2
    assert f"{python} cannot make .venv. ensurepip is not available" in done.stdout
    assert not (checkout / ".venv").exists()


@needs_make
@pytest.mark.hostile
def test_make_goes_on_after_it_was_killed_and_says_in_a_sentence_that_nothing_can_be_downloaded(
    checkout,
):
    first = subprocess.Popen(
        ["make", "-s", ".venv/.run-ready", f"PYTHON={sys.executable}"],
        cwd=checkout, start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + 60
    while not (checkout / ".venv/bin/python").exists() and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not (checkout / ".venv/bin/activate").exists()

    done = make(checkout, ".venv/.run-ready", f"PYTHON={sys.executable}")

    assert done.returncode == 2
    said = done.stdout.splitlines()
    assert said[0].startswith("installing Nameplate's Python packages (cpu)")
    assert said[1].startswith("The Python packages could not be downloaded: check the network")
    assert said[2] == "All that pip said: .venv/pip.log"
    assert len(said) == 3
    assert (checkout / ".venv/bin/pip").exists()
