"""Decodes image files to RGB pixels, for the viewer and for the encoder alike.

What a person sees and what the model sees must be the same picture, so both come through here:
upright, on white, RGB, first frame. Safe for several threads at once: none of
Pillow's global settings is changed while it runs.
"""

import contextlib
import io
import struct
import threading
import warnings
import zlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO, Final

from PIL import Image, ImageFile

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.imaging.cost import JpegHeader, jpeg_header, refuse_endless
from nameplate.imaging.pixels import decodes_again, swaps_sides, to_rgb, upright
from nameplate.imaging.sniff import (
    HEAD_BYTES,
    claimed_size,
    other_kind,
    picture_kind,
    shows_through,
)
from nameplate.system.child_frames import Room
from nameplate.system.failures import printable, reason_of
from nameplate.system.memory import (
    MOST_PIXELS,
    bytes_needed,
    refuse_too_large,
    refuse_too_needy,
    room_for,
)
from nameplate.system.opening import open_regular

CUT_SHORT: Final = Message("is-cut-short")
DAMAGED: Final = Message("is-damaged")

_FORMATS_BY_NAME: Final = {".tga": ("TGA",)}
"""Formats without a signature, tried only for files with their extension."""

BROKEN: Final = (
    OSError,  # "image file is truncated", "broken data stream"; UnidentifiedImageError is one
    SyntaxError,  # "broken PNG file", and what plugins raise for a header they do not like
    EOFError,
    ValueError,  # impossible sizes and offsets, a decompressed chunk over Pillow's limit
    struct.error,
    zlib.error,
    LookupError,  # IndexError, KeyError: unknown modes and tags
    TypeError,  # ord() of nothing at the end of the data, tags of an unexpected type
    AttributeError,  # plugins that use what an earlier, missing part should have set
    AssertionError,  # Pillow asserts what a damaged file may break
    ArithmeticError,  # resolutions 1/0
    RuntimeError,  # libheif and libavif
)
"""What Pillow and its plugins raise for damaged files (found in their code, and by mutation)."""

_HEIF_THREADS: Final = 4
"""For the tiles of one picture. More cost no processor time, but memory for their stacks."""

_EXIF_ORIENTATION: Final = 0x0112
_END_OF_JPEG: Final = b"\xff\xd9"
_ARITHMETIC: Final = (b"\xff\xc9", b"\xff\xca")
"""Markers of JPEGs with arithmetic coding, in which a code may take less than a bit."""

_one_at_a_time = threading.Lock()
"""`warnings.catch_warnings` changes global state."""


def _register_heif() -> str:
    """Let Pillow read HEIC, and return why it can't; empty if it can.

    The decoder is a library of its own. Where it is broken, only HEIC can't be read.
    """
    try:
        from pi_heif.as_plugin import (  # noqa: PLC0415 - where its failure is caught
            register_heif_opener,  # pyright: ignore[reportUnknownVariableType]
        )

        # No `thumbnails`: Pillow's own `thumbnail` would take the one in a file for the picture.
        register_heif_opener(
            decode_threads=_HEIF_THREADS, thumbnails=False, depth_images=False, aux_images=False
        )
    except Exception as error:  # noqa: BLE001 - of the loader, or of another version of it
        return f"{type(error).__name__}: {error}"
    return ""


HEIF_PROBLEM: Final = _register_heif()
"""Why HEIC can't be read on this system; empty where it can."""

_HEIF: Final = () if HEIF_PROBLEM else ("HEIF",)
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", *_HEIF, "AVIF", "BMP", "DIB", "PPM")
"""Formats tried on every file. Not all of Pillow's: some start other programs (EPS)."""

# Pillow's own limit: an error above twice this number, and a warning above it. It catches
# sizes that `refuse_too_large` cannot see, since they appear only while a file is being read.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
# "Corrupt EXIF data" and the like; what matters is in the note or in the error.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.|pi_heif")


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A picture ready to be shown or encoded.

    Attributes:
        image: Mode RGB, upright; may be smaller than the file's (see `decode`).
        width: Pixels of the whole picture in the file, after it was turned upright.
        height: Likewise.
        note: What is wrong with the file although it could be read.
    """

    image: Image.Image
    width: int
    height: int
    note: Message | None = None


def decode(
    path: Path, *, draft_side: int | None = None, fit_side: int | None = None, room: Room = room_for
) -> DecodedImage:
    """Read an image file, in this process; it is never changed.

    What comes from a person is read by `imaging.pictures`, which does in another process what may
    take long.

    Args:
        path: The file.
        draft_side: The side of the picture that is wanted in the end. A JPEG may then be decoded at
            a half, a quarter or an eighth of its size, while both sides stay >= 2 x `draft_side`.
        fit_side: Or the longest side that is wanted in the end: a JPEG's stays >= `fit_side`.
        room: Reserves the memory that decoding takes.

    Raises:
        ImageError: It cannot be read.
    """
    try:
        try:
            return _decode(path, draft_side, fit_side, room)
        except Warning:
            # Only where the caller makes warnings errors, as tests do: Pillow warns of things that
            # it then copes with. The filters above are in force everywhere else.
            with _one_at_a_time, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return _decode(path, draft_side, fit_side, room)
    except ImageError as error:
        raise ImageError(error.reason, where=printable(str(path))) from error.__cause__


def _check_file(path: Path) -> None:
    try:
        status = path.stat()
    except ValueError as error:  # a NUL in the path
        raise ImageError("no-path") from error
    if S_ISDIR(status.st_mode):
        raise ImageError("is-folder")
    if not S_ISREG(status.st_mode):  # opening a pipe would wait for ever
        raise ImageError("no-regular-file")
    if status.st_size == 0:
        raise ImageError("is-empty")


def _decode(path: Path, draft_side: int | None, fit_side: int | None, room: Room) -> DecodedImage:
    """Decode with every failure as an ImageError without `where`."""
    head = b""
    named = _FORMATS_BY_NAME.get(path.suffix.lower(), ())
    try:
        _check_file(path)
        with open_regular(path) as stream:
            head = stream.read(HEAD_BYTES)
            return _Reader((*_FORMATS, *named), draft_side, fit_side, room).read(stream, head)
    except MemoryError as error:
        raise ImageError("picture-needs-memory") from error
    except Image.DecompressionBombError as error:
        raise ImageError("more-pixels-than-most", most=MOST_PIXELS) from error
    except BROKEN as error:
        if isinstance(error, OSError) and error.errno:  # the system's word, not Pillow's
            raise ImageError("unreadable-picture", reason=reason_of(error)) from error
        raise _unreadable(head) from error


def _unreadable(head: bytes) -> ImageError:
    if (name := picture_kind(head)) == "AVIF":
        return ImageError("damaged-avif")
    if name == "HEIC" and HEIF_PROBLEM:
        return ImageError("no-heif-decoder")
    if name:
        return ImageError("damaged-picture", kind=name)
    if kind := other_kind(head):
        return ImageError("no-picture", kind=kind)
    return ImageError("no-picture-of-ours")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one stream, within the limits of memory; see `decode`."""

    formats: tuple[str, ...]
    draft_side: int | None
    fit_side: int | None
    room: Room

    def read(self, stream: BinaryIO, head: bytes) -> DecodedImage:
        """Return the picture; raises whatever Pillow raises, and ImageError without `where`."""
        if claimed := claimed_size(head):
            refuse_too_large(claimed)
            if not head.startswith(b"\x89PNG"):  # Pillow makes room for GIF and WebP on opening
                kind, mode = ("GIF", "P") if head.startswith(b"GIF") else ("WEBP", "RGB")
                need = bytes_needed(claimed, mode, kind, is_transparent=shows_through(head))
                with self._held(claimed, need):
                    return self._decoded(stream, *self._opened(stream))
        header = jpeg_header(stream) if head.startswith(b"\xff\xd8") else None
        if header is not None:
            refuse_endless(stream, header)
        stream.seek(0)
        image, size = self._opened(stream)
        with self._held(size, _bytes_needed(image, header)):
            return self._decoded(stream, image, size)

    def _held(self, size: tuple[int, int], need: int) -> AbstractContextManager[None]:
        refuse_too_needy(size, need)
        return self.room(size, need)

    def _opened(self, stream: BinaryIO) -> tuple[ImageFile.ImageFile, tuple[int, int]]:
        """Return the image, its pixels not yet decoded, and its full size."""
        image = Image.open(stream, formats=self.formats)
        size = image.size
        refuse_too_large(size)
        if _is_jpeg(image):
            if self.draft_side is not None:
                least = max(1, 2 * self.draft_side)
                image.draft(None, (least, least))
            elif self.fit_side is not None:
                longest, side = max(size), max(1, self.fit_side)
                # Rounded up: not a pixel less than is wanted.
                image.draft(None, (-(-size[0] * side // longest), -(-size[1] * side // longest)))
        return image, size

    def _decoded(
        self, stream: BinaryIO, image: ImageFile.ImageFile, size: tuple[int, int]
    ) -> DecodedImage:
        is_draft = image.size != size
        image, note = self._loaded(stream, image)
        if not note and _is_jpeg(image) and _is_far_too_short(stream, image, size):
            note = CUT_SHORT
        orientation = _orientation(image)
        rgb = upright(to_rgb(image), orientation)
        if note and all(low == high for low, high in _extrema(rgb)):
            raise OSError("nothing of the picture could be decoded")
        width, height = size if is_draft else rgb.size
        if is_draft and swaps_sides(orientation):
            width, height = height, width
        return DecodedImage(rgb, width, height, note)

    def _loaded(
        self, stream: BinaryIO, image: ImageFile.ImageFile
    ) -> tuple[ImageFile.ImageFile, Message | None]:
        """Decode strictly, so that nothing passes unnoticed, and keep what there is on failure.

        Pillow's LOAD_TRUNCATED_IMAGES would hide missing data, and is one setting for all threads.
        """
        try:
            image.load()
        except BROKEN as error:
            if isinstance(error, OSError) and error.errno:
                raise
            return self._salvaged(stream, image), _note(error)
        return image, None

    def _salvaged(self, stream: BinaryIO, image: ImageFile.ImageFile) -> ImageFile.ImageFile:
        """Return the part of the image that could be decoded; raises one of `BROKEN` if none."""
        if _is_jpeg(image):
            # With an end marker libjpeg gives out the rows and the passes that it held back.
            stream.seek(0)
            image, _ = self._opened(io.BytesIO(stream.read() + _END_OF_JPEG))
            with contextlib.suppress(*BROKEN):
                image.load()
        image.tile = []  # nothing more to decode: `load` now gives what is there
        image.load()
        return image


def _is_jpeg(image: ImageFile.ImageFile) -> bool:
    return image.format in ("JPEG", "MPO")


def _is_far_too_short(stream: BinaryIO, image: ImageFile.ImageFile, size: tuple[int, int]) -> bool:
    """Return whether a JPEG is too short for its picture although it has an end marker.

    libjpeg only warns of that, and Pillow keeps the warning to itself. Every 8 x 8 pixels of at
    least one component take a Huffman code for the mean, and another one unless the file is
    progressive, of one bit at least (ITU T.81, F.1.2 and G.1.2). So a smaller file lacks something;
    that a larger one is whole does not follow.
    """
    bits = 1 if image.info.get("progressive") else 2
    least = bits * (size[0] // 8) * (size[1] // 8) // 8
    if stream.seek(0, io.SEEK_END) >= least:
        return False
    stream.seek(0)
    data = stream.read()
    return not any(marker in data for marker in _ARITHMETIC)


def _bytes_needed(image: ImageFile.ImageFile, header: JpegHeader | None) -> int:
    need = bytes_needed(
        image.size,
        image.mode,
        image.format or "",
        is_transparent=image.has_transparency_data,
        is_copied="exif" in image.info or decodes_again(image),
    )
    if header is not None and header.has_scans:
        # libjpeg keeps all numbers of such a file, two bytes each, whatever it is decoded to.
        need += round(2 * header.samples * header.size[0] * header.size[1])
    return need


def _orientation(image: Image.Image) -> object:
    # After `load`: Pillow turns a TIFF itself then, and takes the tag away.
    try:
        return image.getexif().get(_EXIF_ORIENTATION, 1)
    except BROKEN:  # broken EXIF: the picture as it lies in the file
        return 1


def _extrema(rgb: Image.Image) -> tuple[tuple[int, int], ...]:
    return tuple(band.getextrema() for band in rgb.split())  # pyright: ignore[reportReturnType]


def _note(error: BaseException) -> Message:
    is_cut = isinstance(error, EOFError | LookupError | struct.error) or "truncated" in str(error)
    return CUT_SHORT if is_cut else DAMAGED
