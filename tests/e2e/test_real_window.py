"""A real window on a virtual screen, driven by keys alone."""

import csv
import os
import shutil
import subprocess
import sys
import time

import pytest

from nameplate.cli.main import run

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool"
    ),
]


@pytest.fixture
def screen():
    """The name of a virtual X screen of its own."""
    read, write = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as stream:
        number = stream.readline().strip()
    yield f":{number}"
    process.terminate()
    process.wait(timeout=10)


class Hands:
    """Presses keys on a screen."""

    def __init__(self, screen: str) -> None:
        self._env = {**os.environ, "DISPLAY": screen}

    def do(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words],
            env=self._env,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout.strip()

    def window(self, name: str) -> str:
        """Wait for a window whose title has `name` and give it the keyboard."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if found := self.do("search", "--onlyvisible", "--name", name).split():
                # Without a window manager nobody else hands out the keyboard.
                self.do("windowfocus", found[-1])
                return found[-1]
            time.sleep(0.1)
        raise AssertionError(f"no window named {name}")


def wait_for(is_done, seconds=30):
    end = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_from_an_empty_start_to_two_exports_by_keys_alone_as_the_command_line_does_it(
    screen, tiny_model, coloured, tmp_path
):
    hands = Hands(screen)
    program = subprocess.Popen(
        [sys.executable, "-m", "nameplate", "--model", str(tiny_model)],
        env={**os.environ, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"},
    )
    try:
        hands.window("Nameplate")
        time.sleep(1)  # until it takes keys
        hands.do("key", "ctrl+shift+o")
        hands.window("Add a folder")
        hands.do("key", "ctrl+a")
        hands.do("type", "--delay", "10", str(coloured))
        hands.do("key", "Return")
        hands.window("Nameplate")
        time.sleep(1)  # the name box gets the focus once the pictures are there
        for name in ("red", "green", "blue"):
            hands.do("type", "--delay", "20", name)
            hands.do("key", "Return")
        hands.do("key", "ctrl+l")
        out, folders = tmp_path / "by-hand.csv", tmp_path / "by-hand"
        for place, downs in ((out, 0), (folders, 4)):  # CSV, and class folders below it
            hands.do("key", "ctrl+e")
            hands.do("key", "Home", *["Down"] * downs)
            hands.do("key", "alt+w", "ctrl+a")
            hands.do("type", "--delay", "10", str(place))
            hands.do("key", "Return")
            wait_for(place.exists)
        wait_for((folders / "nameplate-pictures.jsonl").exists)
        hands.do("key", "ctrl+q")
        assert program.wait(timeout=20) == 0
    finally:
        program.kill()
        program.wait()
    names = [part for name in ("red", "green", "blue") for part in ("--concept", name)]
    command = ["label", str(coloured), "--csv", str(tmp_path / "cli.csv"), *names]
    assert run([*command, "--model", str(tiny_model)]) == 0
    assert out.read_bytes() == (tmp_path / "cli.csv").read_bytes()
    with out.open(newline="") as stream:
        assert all(row["path"].split("/")[0] == row["label"] for row in csv.DictReader(stream))
    assert {path.parent.name for path in folders.rglob("*.png")} <= {"red", "green", "blue"}
    assert len([path for path in folders.glob("*/*") if path.is_file()]) == 6
