"""A virtual screen with one program on it, and a person before it: keys, mouse, and eyes.

The hands are xdotool's. The eyes are those of a screen reader, so that a test says
`click("Export")`, and fails where a person who needs one would be lost, too.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

import pytest

from e2e.screen_reader import Part, ScreenReader

needs_layouts = pytest.mark.skipif(not shutil.which("setxkbmap"), reason="needs setxkbmap")
needs_a_screen = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool"
)
PATIENCE = 60  # seconds, on a busy machine
_STILL = 0.15  # seconds: nobody clicks within less of what they see


@contextmanager
def virtual_screen(size: str = "1024x700") -> Iterator[str]:
    """The name of an X screen of its own."""
    read, write = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as stream:
            yield f":{stream.readline().strip()}"
    finally:
        process.terminate()
        process.wait(timeout=10)


class Desktop:
    """A person before a screen with the program on it."""

    def __init__(self, screen: str, folder: Path, *arguments: str) -> None:
        """Start the program with `arguments`; `folder` is for what only this class needs."""
        self._eyes = ScreenReader(folder)
        self._hands_env = {**os.environ, "DISPLAY": screen}
        self._program = subprocess.Popen(
            [sys.executable, "-m", "nameplate", *arguments],
            env={**self._hands_env, "QT_QPA_PLATFORM": "xcb", **self._eyes.environment},
        )
        self._eyes.connect(PATIENCE)

    def close(self) -> None:
        """End the program, however it is."""
        self._program.kill()
        self._program.wait()
        self._eyes.close()

    def wait_for_end(self) -> int:
        """Wait until the program has ended by itself; return its exit code."""
        self._eyes.close()
        return self._program.wait(timeout=PATIENCE)

    # ---- hands

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, as `ctrl+e`."""
        self._xdotool("key", "--delay", "4", *keys)

    def type(self, text: str, ms: int = 4) -> None:
        """Type a text, a letter every `ms` milliseconds."""
        self._xdotool("type", "--delay", str(ms), text)

    def use_keyboard(self, country: str) -> None:
        """Put another keyboard before the person: `fr`, `us`."""
        subprocess.run(["setxkbmap", country], env=self._hands_env, check=True)

    def write(self, text: str) -> None:
        """Type in place of all that stands in a box."""
        self.press("ctrl+a")
        self.type(text)

    def click(self, name: str, role: str = "", *, times: int = 1, button: int = 1) -> None:
        """Click on what is called so, once it can be seen and used."""
        self.point_at(name, role)
        self._xdotool("click", "--repeat", str(times), "--delay", "40", str(button))

    def point_at(self, name: str, role: str = "") -> Part:
        part = self.see(name, role, lambda part: "enabled" in part.states)
        self.move(*middle(part))
        return part

    def move(self, x: int, y: int) -> None:
        self._xdotool("mousemove", str(x), str(y))

    def click_at(self, x: int, y: int) -> None:
        self.move(x, y)
        self._xdotool("click", "1")

    def turn_wheel(self, clicks: int) -> None:
        """Turn the wheel, downwards where `clicks` is positive."""
        self._xdotool("click", "--repeat", str(abs(clicks)), "5" if clicks > 0 else "4")

    def drag(self, *points: tuple[int, int]) -> None:
        """Drag with the left button from the first point over the others."""
        self.move(*points[0])
        self._xdotool("mousedown", "1")
        for begin, end in pairwise(points):
            for step in (1, 2, 3, 4):
                self.move(*(b + (e - b) * step // 4 for b, e in zip(begin, end, strict=True)))
        self._xdotool("mouseup", "1")

    def focus_window(self, title: str) -> None:
        """Give a window the keyboard: without a window manager nobody else hands it out."""
        found = list[str]()

        def is_there() -> bool:
            found[:] = self._xdotool("search", "--onlyvisible", "--name", title).split()
            return bool(found)

        self.wait(is_there, f"no window is called {title}")
        self._xdotool("windowfocus", "--sync", found[-1])

    def _xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words],
            env=self._hands_env,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout.strip()

    # ---- eyes

    def parts(self) -> list[Part]:
        """All that can be seen."""
        return list(self._eyes.parts())

    def found(self, name: str, role: str = "") -> list[Part]:
        """What can be seen and is called so; `*` stands for anything, also nothing."""
        return [
            part
            for part in self._eyes.parts()
            if fnmatchcase(part.name, name) and role in ("", part.role)
        ]

    def see(self, name: str, role: str = "", fits: Callable[[Part], bool] = lambda _: True) -> Part:
        """Wait until it can be seen, fits and stands still; return the last one of them."""
        seen, since = list[Part](), 0.0

        def stands_still() -> bool:
            nonlocal since
            if seen and self._eyes.again(seen[-1]) == seen[-1]:
                return time.monotonic() - since > _STILL
            seen[:], since = filter(fits, self.found(name, role)), time.monotonic()
            return False

        self.wait(stands_still, f"{name} {role} is not seen")
        return seen[-1]

    def see_no_more(self, name: str, role: str = "") -> None:
        self.wait(lambda: not self.found(name, role), f"{name} is still seen")

    def see_focus_on(self, name: str, role: str = "") -> Part:
        return self.see(name, role, lambda part: "focused" in part.states)

    def wait(self, is_done: Callable[[], object], why: str = "") -> None:
        """Wait until something is so."""
        end = time.monotonic() + PATIENCE
        while not is_done():
            if time.monotonic() > end:
                names = [f"{part.role}: {part.name}" for part in self._eyes.parts() if part.name]
                raise AssertionError("\n".join([why, "What is seen:", *names]))
            self._eyes.listen(0.05)

    def picture(self, file: Path) -> None:
        """Take a picture of the screen, for people."""
        command = ["import", "-window", "root", str(file)]
        subprocess.run(command, env=self._hands_env, check=False)


def middle(part: Part) -> tuple[int, int]:
    left, top, width, height = part.place
    return left + width // 2, top + height // 2
