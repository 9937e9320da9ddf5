"""Folders of edited photos and of bursts, made from a folder with a folder of photos a name."""

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageEnhance

_EXIF: Final = 0x8769
_TAKEN: Final = 0x9003
_FRACTION: Final = 0x9291
_BEGIN: Final = dt.datetime(2024, 5, 1, 10)

Edit = Callable[[Image.Image], Image.Image]


def _resized(by: float) -> Edit:
    return lambda of: of.resize((max(1, round(of.width * by)), max(1, round(of.height * by))))


def _cropped(of: Image.Image) -> Image.Image:
    """Leave out a twentieth of the width and of the height, two thirds of it left and above."""
    across, down = of.width / 20, of.height / 20
    return of.crop(
        (
            round(across * 2 / 3),
            round(down * 2 / 3),
            round(of.width - across / 3),
            round(of.height - down / 3),
        )
    )


EDITS: Final[Mapping[str, tuple[Edit, int]]] = {
    "quality 40": (lambda of: of, 40),
    "half the size": (_resized(0.5), 90),
    "a quarter of the size": (_resized(0.25), 90),
    "cropped by 5%": (_cropped, 90),
    "1.2 times as bright": (lambda of: ImageEnhance.Brightness(of).enhance(1.2), 90),
    "0.8 times as bright": (lambda of: ImageEnhance.Brightness(of).enhance(0.8), 90),
}
"""What each edit does, and the quality of the JPEG that is written."""


def photos(folder: Path) -> list[Path]:
    """Return the photos of all names, by path."""
    return sorted(path for path in folder.glob("*/*") if path.is_file())


def write_edits(source: Path, target: Path, edit: str) -> None:
    """Write an edit of each photo of `source` to a folder of the same names in `target`."""
    make, quality = EDITS[edit]
    for path in photos(source):
        (target / path.parent.name).mkdir(parents=True, exist_ok=True)
        made = make(Image.open(path).convert("RGB"))
        made.save(target / path.parent.name / f"{path.stem}.jpg", quality=quality)


def write_bursts(source: Path, target: Path, seed: int = 0, share: float = 1 / 3) -> None:
    """Write each photo once, or, for `share` of them, as 3 to 6 frames of a burst: STEM~FRAME.jpg.

    Frames are taken 0.2 to 1 s apart, with a hand that moves: each is shifted by up to 3% of the
    side from the one before, turned by up to 1.5 degrees, up to 3% larger or smaller, up to 10%
    brighter or darker. Photos come name by name in a random order; half follow the one before in
    0.2 to 1.5 s, as a burst's next frame would, others after a while; a fifth of the single photos
    are taken by a second camera while a burst goes on.
    """
    rng = np.random.default_rng(seed)
    now, spans = 0.0, list[tuple[float, float]]()
    names = sorted({path.parent.name for path in photos(source)})
    for name in rng.permutation(names).tolist():
        files = photos(source)
        for path in rng.permutation([str(p) for p in files if p.parent.name == name]).tolist():
            picture, stem = Image.open(path).convert("RGB"), Path(path).stem
            folder = target / name
            folder.mkdir(parents=True, exist_ok=True)
            now += rng.uniform(0.2, 1.5) if rng.random() < 0.5 else rng.exponential(60) + 2
            if rng.random() >= share:
                is_beside = bool(spans) and rng.random() < 0.2
                at = rng.uniform(*spans[int(rng.integers(len(spans)))]) if is_beside else now
                _save(_frame(picture, np.zeros(5)), folder / f"{stem}.jpg", at)
                continue
            start, hand = now, np.zeros(5)
            for number in range(int(rng.integers(3, 7))):
                if number:
                    now += rng.uniform(0.2, 1.0)
                    hand = _moved(hand, rng)
                _save(_frame(picture, hand), folder / f"{stem}~{number}.jpg", now)
            spans.append((start, now))


_MOST: Final = np.array([0.06, 0.06, 3.0, 0.06, 0.1])
"""How far a hand gets: across and down in sides, degrees, size, light."""


def _moved(hand: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.clip(hand + rng.uniform(-1, 1, 5) * (0.03, 0.03, 1.5, 0.03, 0.1), -_MOST, _MOST)


def _frame(picture: Image.Image, hand: np.ndarray) -> Image.Image:
    """Return what a camera sees: the middle 80% of the picture, as the hand holds it."""
    across, down, turned, larger, light = hand.tolist()
    width, height = picture.size
    part = 0.8 * (1 + larger)
    middle = ((0.5 + across) * width, (0.5 + down) * height)
    box = [
        middle[0] - part / 2 * width,
        middle[1] - part / 2 * height,
        middle[0] + part / 2 * width,
        middle[1] + part / 2 * height,
    ]
    whole = picture.rotate(turned, Image.Resampling.BICUBIC, center=middle)
    size = (round(0.8 * width), round(0.8 * height))
    seen = whole.transform(size, Image.Transform.EXTENT, box, Image.Resampling.BICUBIC)
    return ImageEnhance.Brightness(seen).enhance(1 + light)


def _save(picture: Image.Image, path: Path, at: float) -> None:
    taken, exif = _BEGIN + dt.timedelta(seconds=at), Image.Exif()
    part = exif.get_ifd(_EXIF)
    part[_TAKEN] = f"{taken:%Y:%m:%d %H:%M:%S}"
    part[_FRACTION] = f"{taken:%f}"[:2]
    picture.save(path, quality=90, exif=exif)
