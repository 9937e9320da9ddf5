"""Makes the pictures of the README from the real window: `python docs/make_screenshots.py`."""

import tempfile
from pathlib import Path

from PIL import Image

from nameplate.storage.resources import starter_model
from nameplate.ui.app import save_picture

FOLDER = Path(__file__).parent / "screenshots"


def main() -> None:
    """Save the window with the samples labelled, in 256 colours to keep the repository small."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        raw = Path(scratch) / "window.png"
        save_picture(raw, starter_model(), "cpu")
        picture = Image.open(raw).convert("RGB")
        picture.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(
            FOLDER / "window.png", optimize=True
        )


if __name__ == "__main__":
    main()
