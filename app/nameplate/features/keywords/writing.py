"""Writes keywords into pictures, some at a time."""

import hashlib
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import ImageError, NameplateError, OutputError
from nameplate.domain.images import Contents, ImageTable, contents_of
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.features.exchange.formats.xmp_packet import EMPTY, read_keywords, with_labels
from nameplate.features.keywords.backup import Backup, Replaced, alone, failing_at, same_pictures
from nameplate.features.keywords.exiftool import WRITTEN, write_packets
from nameplate.features.keywords.files import Original
from nameplate.features.keywords.jpeg import MOST_PACKET, Jpeg, jpeg_of
from nameplate.formats.exported_image import ExportedImage, Which
from nameplate.formats.label_export import LabelExport
from nameplate.imaging.pictures import picture
from nameplate.storage.caches.cache_file import FILE_NAME
from nameplate.storage.caches.embedding_cache import EmbeddingCache, default_folder
from nameplate.storage.whole_folder import working_folder
from nameplate.system.failures import printable, reason_of
from nameplate.system.file_status import key_of

ENDINGS: Final = (".jpg", ".jpeg", ".jpe", ".jfif")

_BATCH: Final = 32
_BATCH_BYTES: Final = 64_000_000
"""ExifTool is started once for so many pictures, which takes 0.15 seconds."""

_SIDE: Final = 512
"""Pixels at which pictures are compared: a large JPEG is decoded at an eighth, four times as fast.
That all other bytes are the same is known by then."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written.

    Attributes:
        wanted: By id, the pictures and their labels.
        others: How many labelled pictures are no JPEG, or no file of the person's.
    """

    wanted: Mapping[int, ExportedImage]
    others: int

    @classmethod
    def of(cls, export: LabelExport, which: Which) -> "Plan":
        """Return what is to be written of a project: `DECIDED`, or also what nobody checked."""
        images = export.images
        ids = dict(zip(images.paths.texts, images.ids.tolist(), strict=True))
        wanted, others = dict[int, ExportedImage](), 0
        for one in export.exported(which=which, absolute_paths=True):
            image = ids.get(one.file, 0)
            if not one.file.lower().endswith(ENDINGS):
                others += bool(one.labels)
            elif image:
                wanted[image] = one
        return cls(wanted, others)

    @property
    def labelled(self) -> int:
        """How many pictures are to have keywords; the others have none any more."""
        return sum(bool(one.labels) for one in self.wanted.values())


@dataclass(slots=True)
class Done:
    """Event: what became of some pictures.

    Attributes:
        count: How many files were changed.
        contents: By id, the `content_key` of what the files of images hold, changed or not.
        problems: Files that are as they were, and why.
        progress: Of all.
    """

    count: int = 0
    contents: dict[int, str] = field(default_factory=dict[int, str])
    problems: list[tuple[str, Message]] = field(default_factory=list[tuple[str, Message]])
    progress: Progress = Progress(0, 0, 0.0)  # noqa: RUF009 - it is frozen

    def rows_in(self, images: ImageTable) -> tuple[NDArray[np.int64], Contents]:
        """Return the rows of images whose files are known now, and what these hold."""
        ids = sorted(self.contents)
        known = contents_of([self.contents[image] for image in ids])
        return images.rows_of(np.array(ids, np.int64)), known

    def add(self, other: "Done") -> None:
        """Add what became of others."""
        self.count += other.count
        self.contents |= other.contents
        self.problems += other.problems

    @contextmanager
    def noting(self, path: str) -> Generator[None]:
        """Note what is raised about one picture, and go on."""
        try:
            yield
        except NameplateError as error:
            why = error.reason
        except OSError as error:
            why = reason_of(error)
        except ValueError:  # a NUL in the path
            why = Message("no-path")
        else:
            return
        self.problems.append((printable(path), why))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A picture that was read, and the packet that is to stand in it."""

    image: int
    original: Original
    parts: Jpeg
    packet: bytes

    def made(self, copy: Path, said: str) -> bytes:
        """Return what ExifTool made of a copy, if that differs in nothing but keywords.

        Raises:
            ImageError: It differs in more, or there is nothing but what it `said`.
        """
        made = copy.parent / WRITTEN / copy.name
        if not made.is_file():
            raise ImageError("exiftool-refused", why=said or Message("exiftool-silent"))
        content = made.read_bytes()
        parts = jpeg_of(content)
        if parts.rest != self.parts.rest or parts.packet != self.packet:  # which was read back
            raise ImageError("exiftool-changed-more")
        if parts.is_behind_table and len(content) != len(self.original.content):
            raise ImageError("pictures-behind-packet")
        if _pixels(copy) != _pixels(made):
            raise ImageError("exiftool-changed-pixels")
        return content


class Writer:
    """Writes keywords into the pictures of a project."""

    def __init__(
        self, program: str, backup: Backup, cancel: CancelToken, *, uses_cache: bool = True
    ) -> None:
        """Write into pictures.

        Args:
            program: ExifTool, which writes into copies that are compared with the pictures.
            backup: A new one, which has what is replaced before it is replaced.
            cancel: Looked at between two pictures; those that are done stay.
            uses_cache: Whether embeddings that are cached go with the pictures.
        """
        self._program, self._backup, self._cancel = program, backup, cancel
        self._uses_cache = uses_cache
        self._same = frozenset[tuple[str, str]]()

    def write(self, wanted: Mapping[int, ExportedImage]) -> Iterator[Done]:
        """Write into all; a picture with a problem is left as it is, and the others are done.

        Where the backup cannot be written, or ExifTool not be run, the rest is left.

        Raises:
            OutputError: Somebody else writes; nothing was done.
        """
        started, left = time.monotonic(), deque(wanted.items())
        with alone() as parent:
            self._same = same_pictures(self._backup.identity)
            while left and not self._cancel.is_cancelled:
                done = Done()
                try:
                    with failing_at(parent), working_folder(parent, "copies-") as folder:
                        (folder / WRITTEN).mkdir(parents=True)
                        self._write_some(left, folder, done)
                except CancelledError:
                    pass
                except OutputError as error:
                    done.problems.append((str(error.where), error.reason))
                    left.clear()
                seconds = time.monotonic() - started
                done.progress = Progress(len(wanted) - len(left), len(wanted), seconds)
                yield done
            self._backup.note_told()

    def _write_some(self, left: deque[tuple[int, ExportedImage]], folder: Path, done: Done) -> None:
        """Have copies of the next pictures written, compare them, and put them in their places."""
        drafts = self._drafts(left, folder, done)
        if not drafts or self._cancel.is_cancelled:
            return
        said = write_packets(self._program, folder, self._cancel)
        ready = list[tuple[_Draft, bytes, Replaced]]()
        for copy, draft in drafts.items():
            with done.noting(str(draft.original.path)):
                content = draft.made(copy, said.get(copy.stem, ""))
                replaced = Replaced.of(draft.image, draft.original, content)
                ready.append((draft, content, replaced))
        self._backup.add(replaced for _, _, replaced in ready)
        cache_folder = default_folder()
        if self._uses_cache and (cache_folder / FILE_NAME).exists():
            with EmbeddingCache(cache_folder, "") as cache:  # or a model would read them again
                cache.carry_over((replaced.before, replaced.after) for _, _, replaced in ready)
        for draft, content, replaced in ready:
            if self._cancel.is_cancelled:
                return
            with done.noting(str(draft.original.path)):
                draft.original.replace(content, replaced.modified)
                done.contents[draft.image] = replaced.after
                done.count += 1

    def _drafts(
        self, left: deque[tuple[int, ExportedImage]], folder: Path, done: Done
    ) -> dict[Path, _Draft]:
        """Put copies of the next pictures into a folder, and return what is to stand in each."""
        drafts, size = dict[Path, _Draft](), 0
        for number in range(min(_BATCH, len(left))):
            (image, one), draft = left.popleft(), None
            with done.noting(one.file):
                draft = self._draft(image, one, done)
            if draft is not None:
                size += len(draft.original.content)
                copy = folder / f"{number}.jpg"
                copy.write_bytes(draft.original.content)
                copy.with_suffix(".xmp").write_bytes(draft.packet)
                drafts[copy] = draft
            if size > _BATCH_BYTES or self._cancel.is_cancelled:
                break
        return drafts

    def _draft(self, image: int, one: ExportedImage, done: Done) -> _Draft | None:
        """Read a picture; None where it has these keywords already.

        Raises:
            ImageError: It must not be written.
            PacketError: Its XMP cannot be added to.
        """
        original = Original.read(Path(one.file))
        now, labelled = key_of(original.content), f"{one.digest}-{one.size}"
        if one.digest and labelled != now and (labelled, now) not in self._same:
            raise ImageError("changed-since-labelled")
        parts = jpeg_of(original.content)
        packet = EMPTY if parts.packet is None else parts.packet
        before, new = read_keywords(packet), with_labels(packet, one.labels, one.state, one.paths)
        if read_keywords(new) == before or not (one.labels or before.labels):
            done.contents[image] = now
            return None
        if len(new) > MOST_PACKET:
            raise ImageError("packet-too-large")
        return _Draft(image, original, parts, new)


def _pixels(path: Path) -> tuple[bytes, int, int]:
    """Return a digest of the pixels of a picture made smaller, and their size."""
    image = picture(path, _SIDE).image
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest(), *image.size
