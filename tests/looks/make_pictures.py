"""Makes a picture of each state, look and size: `python tests/looks/make_pictures.py DIR`.

With QT_SCALE_FACTOR=2 at twice the pixels.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtCore import QSize

from looks.states import LOOKS, samples_with_a_broken_one, taken, walk
from nameplate.storage.resources import starter_model
from nameplate.ui.app import application
from window_driver import WindowDriver

SIZES = (QSize(1440, 900), QSize(1024, 700))


def main(folder: Path) -> None:
    """Write the pictures into `folder`."""
    application()
    scale = os.environ.get("QT_SCALE_FACTOR", "1")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for kind in ("DATA", "CACHE", "CONFIG"):
            os.environ[f"XDG_{kind}_HOME"] = place
        window = WindowDriver.on(starter_model(), Path(place) / "window.ini")
        window.show(SIZES[0].width(), SIZES[0].height())
        window.main.activateWindow()
        window.wait_until_loaded()
        for state in walk(window, samples_with_a_broken_one(Path(place))):
            for look in [look for look in LOOKS if f"look_{look}" in window.main.actions_by_id]:
                for size in SIZES:
                    name = f"{state}-{look}-{size.width()}x{size.height()}@{scale}.png"
                    taken(window, look, size).save(str(folder / name))
        window.main.actions_by_id.trigger("look_system")()
        window.discard()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
