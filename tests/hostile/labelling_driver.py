"""A window in which somebody labels, fast, until it is killed; see `test_killed_window`.

Prints `undo NUMBER` before an undo, `done NUMBER DIGEST` after each step, and `painted NUMBER` when
the window shows it, or `late NUMBER` where it is not in the file by then.
"""

import hashlib
import random
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nameplate.ui.app import application, make_window


def digest_of(project):
    """Return what stands for all labels of a project."""
    labels = project.labels
    said = [(labels.members(row), int(labels.states[row])) for row in range(len(labels))]
    return hashlib.blake2b(repr(said).encode(), digest_size=12).hexdigest()


def main(file: Path, model: Path, seed: int) -> None:
    rng, app = random.Random(seed), application()
    window = make_window(model, "cpu")
    window.resize(1000, 700)
    window.show()
    window.files.open(file)
    controller = window.controller
    while not (controller.project.images.present and controller.is_current):
        QTest.qWait(5)
    while controller.project.images.waiting:
        QTest.qWait(5)
    print("ready", 0, digest_of(controller.project), flush=True)  # noqa: T201 - what the test reads
    for number in range(1, 1_000_000):
        kind = rng.random()
        if kind < 0.8:
            window.grid.set_current_image(rng.randrange(controller.project.images.present))
            QTest.keyClick(window.grid, Qt.Key(Qt.Key.Key_1 + rng.randrange(3)))
        elif kind < 0.9:
            window.labelling.auto_label()
        else:
            print("undo", number, "-", flush=True)  # noqa: T201 - what the test reads
            controller.undo()
        print("done", number, digest_of(controller.project), flush=True)  # noqa: T201 - what the test reads
        window.grid.viewport().repaint()
        app.processEvents()
        # A disk that takes longer than the window waits for it: the step is shown all the same.
        shown = "late" if window.files.unwritten else "painted"
        print(shown, number, "-", flush=True)  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
