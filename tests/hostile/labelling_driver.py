"""A window in which somebody labels, fast, until it is killed; see `test_killed_window`.

Prints `undo NUMBER` before an undo, `done NUMBER DIGEST` after each step, and `painted NUMBER` when
the window shows it, or `late NUMBER` where it is not in the file by then.
"""

import hashlib
import random
import sys
from pathlib import Path

from nameplate.ui.app import application, make_window
from qt_help import wait
from window_driver import WindowDriver


def digest_of(project):
    """Return what stands for all labels and marks of a project."""
    labels = project.labels
    said = [(labels.members(row), int(labels.states[row])) for row in range(len(labels))]
    wrong = sorted((image, sorted(names)) for image, names in project.rejected.items() if names)
    return hashlib.blake2b(repr((said, wrong)).encode(), digest_size=12).hexdigest()


def main(file: Path, model: Path, seed: int, *, on_pages: bool) -> None:
    rng, app = random.Random(seed), application()
    window = WindowDriver(make_window(model, "cpu"))
    window.show(1000, 700)
    window.wait_until_loaded()
    window.open_project(file)
    wait(lambda: window.is_settled and not window.project.images.waiting)
    before = len(window.project.history.done)
    say("ready", 0, digest_of(window.project))
    if on_pages:
        window.begin_pages()
    else:
        window.menu("Go to the pictures")
    for number in range(1, 1_000_000):
        kind = rng.random()
        if on_pages and (kind < 0.8 or is_all_undone(window)):
            window.point_at(rng.randrange(len(window.page)))
            window.press(rng.choice(["X", "Del", "1", "2", "3"]))
        elif kind < 0.8:
            window.select(rng.randrange(len(window.pictures())))
            window.press(str(1 + rng.randrange(3)))
        elif kind < 0.9:
            choose(window, "Auto-label all")
            wait_until_current(window)
        elif len(window.project.history.done) > before:  # the names stay
            say("undo", number, "-")
            choose(window, "Undo")
        say("done", number, digest_of(window.project))
        window.main.repaint()
        app.processEvents()
        wait(lambda: not window.main.painting.is_held)
        # A disk that takes longer than the window waits for it: the step is shown all the same.
        say("late" if window.main.files.unwritten else "painted", number, "-")


def is_all_undone(window: WindowDriver) -> bool:
    """Return whether the next to be undone are the names, which stay."""
    return len(window.project.history.done) < 2


def choose(window: WindowDriver, entry: str) -> None:
    """Choose a menu entry, if it can be chosen: everything may have been undone."""
    if window.offers(entry):
        window.menu(entry)


def wait_until_current(window: WindowDriver) -> None:
    """Wait until what waited for current suggestions, as auto-labelling does, was done."""
    reached = []
    window.main.scoring.when_current(lambda: reached.append(True))
    wait(lambda: bool(reached))


def say(what: str, number: int, digest: str) -> None:
    """Tell the test."""
    print(what, number, digest, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), on_pages=sys.argv[4] == "pages")
