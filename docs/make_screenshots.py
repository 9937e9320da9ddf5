"""Makes the pictures of the README from the real window: `python docs/make_screenshots.py`."""

import io
from pathlib import Path

from PIL import Image

from nameplate.storage.resources import starter_model
from nameplate.ui.app import picture_of_window

FOLDER = Path(__file__).parent / "screenshots"


def main() -> None:
    """Save the window with the samples labelled, in 256 colours to keep the repository small."""
    FOLDER.mkdir(exist_ok=True)
    png = picture_of_window(starter_model(), "cpu")
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(
        FOLDER / "window.png", optimize=True
    )


if __name__ == "__main__":
    main()
