"""The images that the benchmark measures with: made from the samples, the same ones each time."""

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pillow_heif
from PIL import Image, ImageChops

from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.storage.resources import resource

VERSION: Final = 1
"""Raised when the same number gives another collection, so that no kept one is taken for it."""

LISTING: Final = "collection.json"
"""Written last: a folder that has it is whole."""

MANY: Final = "many"
"""Folder of small distinct files, for what a file costs whose pixels nobody looks at."""

MANY_FOR_EACH: Final = 50
_IN_A_FOLDER: Final = 1000
_SMALL_SIDE: Final = 48
_SMALL_BYTES: Final = 4096
"""That a small file takes on a disk."""

_QUALITY: Final = 90
_GRAIN: Final = 7.0
"""Standard deviation of the grain, of 255. Enlarged photos without any would be far smaller files
than a camera's, and quicker to decode."""

_GRAIN_SIDE: Final = 1024
_MARGIN: Final = 1.3


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of file.

    Attributes:
        folder: Its name in the collection.
        title: What the table calls it.
        megapixels: Of each image.
        suffix: Of each file, which also says the format.
        share: Images for each image that is asked for.
        bytes_per_pixel: About what a file takes, for the question whether the disk has room.
    """

    folder: str
    title: str
    megapixels: float
    suffix: str
    share: float
    bytes_per_pixel: float = 0.6

    def count(self, images: int) -> int:
        """Return how many of this kind a collection for `images` has."""
        return max(1, round(self.share * images))


MAIN: Final = Kind("jpeg-0.5", "0.5 MP JPEG", 0.5, ".jpg", 1.0)
"""The kind that end-to-end speed is measured with."""

TWELVE: Final = Kind("jpeg-12", "12 MP JPEG", 12, ".jpg", 0.04)

KINDS: Final = (
    Kind("jpeg-0.2", "0.2 MP JPEG", 0.2, ".jpg", 0.25),
    MAIN,
    Kind("jpeg-2", "2 MP JPEG", 2, ".jpg", 0.125),
    TWELVE,
    Kind("jpeg-24", "24 MP JPEG", 24, ".jpg", 0.02),
    Kind("png-2", "2 MP PNG", 2, ".png", 0.04, 3.0),
    Kind("webp-2", "2 MP WebP", 2, ".webp", 0.04),
    Kind("heic-2", "2 MP HEIC", 2, ".heic", 0.04),
)

MIXED: Final = (
    "jpeg-0.2", "jpeg-0.5", "jpeg-2", "jpeg-12", "jpeg-12", "jpeg-12", "png-2", "heic-2", "jpeg-24"
)  # fmt: skip
"""Folders that a mixed collection takes a file from in turn: mostly a phone's pictures."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection that lies on the disk.

    Attributes:
        folder: Where.
        images: The number that it was made for.
    """

    folder: Path
    images: int

    def files(self, kind: Kind) -> list[Path]:
        """Return the files of a kind, in order; none where it could not be made here."""
        return sorted((self.folder / kind.folder).glob(f"*{kind.suffix}"))

    @property
    def many(self) -> Path:
        """The folder of small distinct files."""
        return self.folder / MANY

    @property
    def many_count(self) -> int:
        """How many small files there are."""
        return self.images * MANY_FOR_EACH

    def mixed(self, count: int) -> list[Path]:
        """Return `count` paths of large and small files; the same file comes again and again."""
        folders = {kind.folder: files for kind in KINDS if (files := self.files(kind))}
        order = [folders[name] for name in MIXED if name in folders]
        rounds = ((files[n % len(files)] for files in order) for n in range(count))
        return [path for one in rounds for path in one][:count]


def bytes_needed(images: int) -> int:
    """Return about what a collection for `images` takes on a disk."""
    pixels = sum(k.count(images) * k.megapixels * 1e6 * k.bytes_per_pixel for k in KINDS)
    return int(_MARGIN * (pixels + images * MANY_FOR_EACH * _SMALL_BYTES))


def make_collection(folder: Path, images: int, cancel: CancelToken) -> Collection:
    """Make a collection in `folder`, or take the one that was made there for as many images.

    Raises:
        UsageError: The folder holds something else.
        OutputError: The disk has too little room, or cannot be written.
        CancelledError: `cancel` was set before it was whole.
    """
    if _is_whole(folder, images):
        return Collection(folder, images)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            what = "holds something else than a collection for as many images"
            raise UsageError(what, where=str(folder), remedy="Name a new folder with --keep.")
        _check_room(folder, images)
        _fill_or_empty(folder, images, cancel)
    except OSError as error:
        what = f"the benchmark's images cannot be written ({error.strerror or error})"
        remedy = "Name a folder on another disk with --keep."
        raise OutputError(what, where=str(folder), remedy=remedy) from error
    return Collection(folder, images)


def make_image(kind: Kind, number: int) -> Image.Image:
    """Return image `number` of a kind: a sample, cropped, turned, enlarged, with a camera's grain.

    It depends on nothing but its arguments.
    """
    chance = random.Random(f"{kind.folder} {number}")  # noqa: S311 - no secret
    samples = sorted(resource("samples").glob("*.jpg"))
    with Image.open(samples[number % len(samples)]) as sample:
        whole = sample.convert("RGB")
    turned = whole.rotate(chance.uniform(-6, 6), Image.Resampling.BICUBIC)
    if chance.random() < 0.5:
        turned = turned.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    width, height = sides(kind)
    if chance.random() < 0.3:
        width, height = height, width
    scale = chance.uniform(0.7, 0.9) * min(turned.width / width, turned.height / height)
    left = chance.uniform(0, turned.width - scale * width)
    top = chance.uniform(0, turned.height - scale * height)
    box = (left, top, left + scale * width, top + scale * height)
    plain = turned.resize((width, height), Image.Resampling.BICUBIC, box=box)
    return ImageChops.add(plain, _grain(width, height, chance), scale=1, offset=-128)


def sides(kind: Kind) -> tuple[int, int]:
    """Return width and height of a kind: 3 to 2, even numbers."""
    height = 2 * round((kind.megapixels * 1e6 / 1.5) ** 0.5 / 2)
    return 2 * round(kind.megapixels * 1e6 / height / 2), height


def _grain(width: int, height: int, chance: random.Random) -> Image.Image:
    """Return noise around 128, RGB: one tile of it, repeated from another place each time."""
    rng = np.random.default_rng(chance.getrandbits(32))
    side = min(_GRAIN_SIDE, max(width, height))
    noise = rng.normal(128, _GRAIN, (side, side, 3)).round().astype(np.uint8)
    tile, canvas = Image.fromarray(noise), Image.new("RGB", (width, height))
    for left in range(0, width, side):
        for top in range(0, height, side):
            canvas.paste(tile, (left, top))
    return canvas


def _fill_or_empty(folder: Path, images: int, cancel: CancelToken) -> None:
    try:
        _fill(folder, images, cancel)
    except BaseException:  # also on Ctrl-C: half a collection is of no use
        for name in (MANY, *(kind.folder for kind in KINDS)):
            shutil.rmtree(folder / name, ignore_errors=True)
        raise


def _fill(folder: Path, images: int, cancel: CancelToken) -> None:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [(kind, number) for kind in KINDS for number in range(kind.count(images))]
        futures = [pool.submit(_write, folder, *job, cancel) for job in jobs]
        for future in futures:
            future.result()
    for _ in _write_many(folder / MANY, images * MANY_FOR_EACH):
        if cancel.is_cancelled:
            break
    if cancel.is_cancelled:
        raise CancelledError
    listing = json.dumps({"version": VERSION, "images": images})
    (folder / LISTING).write_text(listing, encoding="utf-8")


def _write(folder: Path, kind: Kind, number: int, cancel: CancelToken) -> None:
    if cancel.is_cancelled:
        return
    target = folder / kind.folder / f"{number:05}{kind.suffix}"
    target.parent.mkdir(exist_ok=True)
    image = make_image(kind, number)
    if kind.suffix != ".heic":
        # WebP's default effort would take a minute; what it costs to read stays the same.
        options: dict[str, Any] = {"method": 1} if kind.suffix == ".webp" else {}
        image.save(target, quality=_QUALITY, compress_level=1, **options)
    elif can_write_heic():
        pillow_heif.from_pillow(image).save(target, quality=_QUALITY)  # pyright: ignore[reportUnknownMemberType]


def can_write_heic() -> bool:
    """Whether the libheif of this installation has an encoder; reading needs none."""
    # Of types that its own stubs leave out.
    info = cast("Callable[[], dict[str, Any]]", getattr(pillow_heif, "libheif_info"))  # noqa: B009
    return bool(info().get("HEIF"))


def _write_many(folder: Path, count: int) -> Iterator[None]:
    """Write small JPEGs that differ in their last bytes, which no decoder reads."""
    image = make_image(KINDS[0], 0).resize((_SMALL_SIDE, _SMALL_SIDE))
    folder.mkdir()
    common = folder / "image.jpg"
    image.save(common, quality=_QUALITY)
    content = common.read_bytes()
    common.unlink()
    for number in range(count):
        inner = folder / f"{number // _IN_A_FOLDER:04}"
        if number % _IN_A_FOLDER == 0:
            inner.mkdir()
        (inner / f"{number:07}.jpg").write_bytes(content + number.to_bytes(8, "little"))
        yield


def _is_whole(folder: Path, images: int) -> bool:
    try:
        found = json.loads((folder / LISTING).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return found == {"version": VERSION, "images": images}


def _check_room(folder: Path, images: int) -> None:
    free, needed = shutil.disk_usage(folder).free, bytes_needed(images)
    if free < needed:
        sizes = f"{needed / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free"
        raise OutputError(
            f"the benchmark's images need {sizes}",
            where=str(folder),
            remedy="Ask for fewer with --images, or name a folder on another disk with --keep.",
        )
