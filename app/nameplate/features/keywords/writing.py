"""Writes keywords into pictures, some at a time."""

import hashlib
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.changes import Ids
from nameplate.domain.errors import ImageError, NameplateError, OutputError
from nameplate.domain.images import Contents, contents_of
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.features.exchange.formats.xmp_packet import (
    EMPTY,
    PacketError,
    read_keywords,
    with_labels,
)
from nameplate.features.keywords.backup import Backup, Replaced, alone, made_folder, same_pictures
from nameplate.features.keywords.exiftool import WRITTEN, ExifTool
from nameplate.features.keywords.files import Original
from nameplate.features.keywords.jpeg import MOST_PACKET, Jpeg, jpeg_of
from nameplate.formats.exported_image import ExportedImage, Which
from nameplate.formats.label_export import LabelExport
from nameplate.imaging.pictures import picture
from nameplate.storage.atomic import output_error
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
_COPIES: Final = "copies-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that keywords are to be written into.

    Attributes:
        image: Its id in the project.
        content: The `content_key` of its file as it was labelled; empty where not known.
        shown: Its file and labels.
    """

    image: int
    content: str
    shown: ExportedImage


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written.

    Attributes:
        wanted: The pictures, by path.
        others: How many labelled pictures are no JPEG, or no file of the person's.
    """

    wanted: Sequence[Wanted]
    others: int

    @classmethod
    def of(cls, export: LabelExport, which: Which) -> "Plan":
        """Return what is to be written of a project: `DECIDED`, or also what nobody checked."""
        images = export.images
        ids = dict(zip(images.paths.texts, images.ids.tolist(), strict=True))
        wanted, others = list[Wanted](), 0
        for one in export.exported(which=which, absolute_paths=True):
            image = ids.get(one.file, 0)
            if image in export.facts.addresses or not one.file.lower().endswith(ENDINGS):
                others += bool(one.labels)
            elif image:
                content = f"{one.digest}-{one.size}" if one.digest else ""
                wanted.append(Wanted(image, content, one))
        return cls(wanted, others)

    @property
    def labelled(self) -> int:
        """How many pictures are to have keywords; the others have none any more."""
        return sum(bool(one.shown.labels) for one in self.wanted)


@dataclass(slots=True)
class Done:
    """Event: what became of some pictures.

    Attributes:
        changed: By id of the image, the `content_key` of what was just written.
        known: Likewise, what was there already.
        others: How many files were changed that are none of the project.
        problems: Files that are as they were, and why.
        progress: Of all.
    """

    changed: dict[int, str] = field(default_factory=dict[int, str])
    known: dict[int, str] = field(default_factory=dict[int, str])
    others: int = 0
    problems: list[tuple[str, Message]] = field(default_factory=list[tuple[str, Message]])
    progress: Progress = Progress(0, 0, 0.0)  # noqa: RUF009 - it is frozen

    @property
    def count(self) -> int:
        """How many files were changed."""
        return len(self.changed) + self.others

    @property
    def contents(self) -> tuple[Ids, Contents]:
        """The ids of images whose files are known now, ascending, and what these hold."""
        found = {**self.known, **self.changed}
        ids = sorted(found)
        return np.array(ids, np.int64), contents_of([found[image] for image in ids])

    def add(self, other: "Done") -> None:
        """Add what became of others."""
        self.changed |= other.changed
        self.known |= other.known
        self.others += other.others
        self.problems += other.problems

    @contextmanager
    def noting(self, path: str) -> Generator[None]:
        """Note what is raised about one picture, and go on."""
        try:
            yield
        except PacketError as error:
            self.problems.append((path, Message("no-xmp", {"why": error.why})))
        except NameplateError as error:
            self.problems.append((path, error.reason))
        except OSError as error:
            self.problems.append((path, reason_of(error)))
        except ValueError:  # a NUL in the path
            self.problems.append((path, Message("no-path")))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A picture that was read, and the packet that is to stand in it."""

    wanted: Wanted
    original: Original
    parts: Jpeg
    packet: bytes

    @property
    def path(self) -> str:
        return printable(self.wanted.shown.file)


class Writer:
    """Writes keywords into the pictures of a project.

    Attributes:
        backup: Has what is replaced before it is replaced; once `write` has begun.
    """

    backup: Backup

    def __init__(self, tool: ExifTool, identity: str, cancel: CancelToken) -> None:
        """Write for the project with an identity.

        Args:
            tool: Writes into copies, which are compared with the pictures.
            identity: Of the project.
            cancel: Looked at between two pictures; those that are done stay.
        """
        self._tool, self._identity, self._cancel = tool, identity, cancel
        self._same = frozenset[tuple[str, str]]()

    def write(self, wanted: Sequence[Wanted]) -> Iterator[Done]:
        """Write into all; a picture with a problem is left as it is, and the others are done.

        Where the backup cannot be written, or ExifTool not be run, the rest is left.

        Raises:
            OutputError: Somebody else writes; nothing was done.
        """
        started, count, left = time.monotonic(), 0, iter(wanted)
        with alone(), EmbeddingCache(default_folder(), "") as cache:
            self.backup, self._same = Backup.new(self._identity), same_pictures(self._identity)
            while count < len(wanted) and not self._cancel.is_cancelled:
                done, taken, is_last = Done(), 0, True
                try:
                    with working_folder(made_folder(), _COPIES) as folder:
                        (folder / WRITTEN).mkdir(parents=True)
                        drafts, taken = self._drafts(left, folder, done)
                        self._write(drafts, folder, cache, done)
                    is_last = False
                except CancelledError:
                    pass
                except OutputError as error:
                    done.problems.append((str(error.where), error.reason))
                except OSError as error:  # the copies have no room
                    folder = made_folder()
                    done.problems.append((str(folder), output_error(folder, error).reason))
                count += taken
                done.progress = Progress(count, len(wanted), time.monotonic() - started)
                yield done
                if is_last:
                    return

    def _drafts(
        self, left: Iterator[Wanted], folder: Path, done: Done
    ) -> tuple[dict[int, _Draft], int]:
        """Put copies of the next pictures into a folder; return them, and how many were taken."""
        drafts, taken, size = dict[int, _Draft](), 0, 0
        for number, one in enumerate(islice(left, _BATCH)):
            taken, draft = taken + 1, None
            with done.noting(printable(one.shown.file)):
                draft = self._draft(one, done)
            if draft is not None:
                size += len(draft.original.content)
                (folder / f"{number}.jpg").write_bytes(draft.original.content)
                (folder / f"{number}.xmp").write_bytes(draft.packet)
                drafts[number] = draft
            if size > _BATCH_BYTES or self._cancel.is_cancelled:
                break
        return drafts, taken

    def _draft(self, one: Wanted, done: Done) -> _Draft | None:
        """Read a picture; None where it has these keywords already.

        Raises:
            ImageError: It must not be written.
            PacketError: Its XMP cannot be added to.
        """
        original = Original.read(Path(one.shown.file))
        now = key_of(original.content)
        if one.content and one.content != now and (one.content, now) not in self._same:
            raise ImageError("changed-since-labelled")
        parts = jpeg_of(original.content)
        packet = parts.packet if parts.packet is not None else EMPTY
        before, shown = read_keywords(packet), one.shown
        new = with_labels(packet, shown.labels, shown.state, shown.paths)
        if read_keywords(new) == before or not (shown.labels or before.labels):
            done.known[one.image] = now
            return None
        if len(new) > MOST_PACKET:
            raise ImageError("packet-too-large")
        return _Draft(one, original, parts, new)

    def _write(
        self, drafts: Mapping[int, _Draft], folder: Path, cache: EmbeddingCache, done: Done
    ) -> None:
        """Have the copies written, compare them with the pictures, and put them in their places."""
        if not drafts or self._cancel.is_cancelled:
            return
        said = self._tool.write_packets(folder, self._cancel)
        ready = list[tuple[_Draft, bytes, Replaced]]()
        for number, draft in drafts.items():
            with done.noting(draft.path):
                content = _compared(draft, folder, number, said.get(str(number), ""))
                made, file = draft.original, draft.wanted.shown.file
                of = (draft.wanted.image, file, made.modified, made.content, content)
                ready.append((draft, content, Replaced.of(*of)))
        self.backup.add(replaced for _, _, replaced in ready)
        cache.carry_over((replaced.before, replaced.after) for _, _, replaced in ready)
        for draft, content, replaced in ready:
            if self._cancel.is_cancelled:
                return
            with done.noting(draft.path):
                draft.original.replace(content, draft.original.modified)
                done.changed[replaced.image] = replaced.after


def _compared(draft: _Draft, folder: Path, number: int, said: str) -> bytes:
    """Return what ExifTool made of a picture, if that differs from it in nothing but keywords.

    Raises:
        ImageError: It differs in more, or there is nothing.
        PacketError: The packet cannot be read.
    """
    copy, made = folder / f"{number}.jpg", folder / WRITTEN / f"{number}.jpg"
    if not made.is_file():
        raise ImageError("exiftool-refused", why=said or Message("exiftool-silent"))
    content = made.read_bytes()
    parts = jpeg_of(content)
    if parts.rest != draft.parts.rest or parts.packet != draft.packet:  # which was read back
        raise ImageError("exiftool-changed-more")
    if parts.is_behind_table and len(content) != len(draft.original.content):
        raise ImageError("pictures-behind-packet")
    if _pixels(copy) != _pixels(made):
        raise ImageError("exiftool-changed-pixels")
    return content


def _pixels(path: Path) -> tuple[bytes, int, int]:
    """Return a digest of the pixels of a picture made smaller, and their size."""
    decoded = picture(path, _SIDE)
    digest = hashlib.blake2b(decoded.image.tobytes(), digest_size=16).digest()
    return digest, *decoded.image.size


def key_in(content: Contents) -> str:
    """Return the `content_key` of a content, a CONTENT record."""
    return f"{content['digest'].tobytes().hex()}-{content['size']}"
