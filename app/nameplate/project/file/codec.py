"""Changes as bytes, for the history in a project's file.

A change of the history is about images that the project has: their paths are not repeated. The
codes of labels are those of one session, so the sets of concepts and the models that they stand for
are written beside them.
"""

import json
import os
import struct
import zlib
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from nameplate.domain.arrays import runs_of
from nameplate.domain.changes import (
    AddImages,
    Change,
    GrowFact,
    Ids,
    Relink,
    RemoveImages,
    SetConcepts,
    SetFact,
    SetFactOfImages,
    SetLabels,
    Several,
)
from nameplate.domain.facts import Fact
from nameplate.domain.labels import LABEL, LATEST, DecidedBy, Labels, LabelTable, ReviewState
from nameplate.domain.paths import PathList
from nameplate.project.facts import fact_called, from_json, to_json
from nameplate.project.file.values import (
    Json,
    checked_id,
    concept_json,
    concepts_of,
    path_bytes,
    path_text,
)
from nameplate.project.project import Project

_HEAD: Final = struct.Struct("<I")
_LARGEST: Final = 1 << 24
_LARGEST_OF_IMAGE: Final = 128
"""Bytes of a change once unpacked, and more for each image: a label and its id take 28."""

_NO_CHANGE: Final = (
    *(zlib.error, struct.error, LookupError, TypeError, AttributeError),
    *(RecursionError, MemoryError),
)


def encode(change: Change, labels: LabelTable) -> bytes:
    """Return a change as bytes."""
    blobs = list[bytes]()
    head = json.dumps(_described(change, labels, blobs)).encode()
    return zlib.compress(b"".join([_HEAD.pack(len(head)), head, *blobs]), level=1)


def unpacked(content: bytes, images: int, room: int) -> bytes:
    """Return the decompressed bytes of `encode`.

    Args:
        content: What `encode` returned, or what somebody else put there.
        images: How many its project has, which bounds the size of a change.
        room: The most bytes that may be returned.

    Raises:
        ValueError: They are damaged, or too many.
    """
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(content, min(room, _LARGEST + _LARGEST_OF_IMAGE * images))
    except (zlib.error, TypeError) as error:
        raise ValueError(f"no change: {error}") from error
    if unpacker.unconsumed_tail:
        raise ValueError("too large")
    return plain


def decode(plain: bytes, project: Project) -> Change:
    """Return the change from decompressed bytes of `encode`.

    Args:
        plain: What `unpacked` returned.
        project: Sets and models that it does not have yet are added to its labels.

    Raises:
        ValueError: It is no change, or not one of this project.
    """
    try:
        (size,) = _HEAD.unpack_from(plain)
        start = _HEAD.size + size
        head = json.loads(plain[_HEAD.size : start])
        return _Reader(plain, start, project).change(head)
    except _NO_CHANGE as error:
        raise ValueError(f"no change of this project: {error}") from error


def check_labels(labels: Labels) -> None:
    """Refuse labels with values that no label can have.

    Raises:
        ValueError: There are such values.
    """
    if labels["decided_by"].max(initial=0) > max(DecidedBy):
        raise ValueError("a label that nobody can have decided")
    if labels["state"].max(initial=0) > max(ReviewState):
        raise ValueError("a label in no state")
    at = labels["decided_at"]
    if at.min(initial=0) < 0 or at.max(initial=0) > LATEST:
        raise ValueError("a label of a time that no calendar has")


def _described(  # noqa: PLR0911 - a case each
    change: Change, labels: LabelTable, blobs: list[bytes]
) -> Json:
    """Return a change as JSON values, and append its arrays to `blobs`."""
    match change:
        case AddImages() | RemoveImages():
            kind = "add" if isinstance(change, AddImages) else "remove"
            # Short: a folder's images arrive in batches, and their step is rewritten with each.
            return {"kind": kind, "runs": runs_of(change.ids)}
        case Relink():
            return {"kind": "relink", "runs": runs_of(change.ids), **_packed(change.paths, blobs)}
        case SetLabels():
            blobs += [change.ids.astype("<i8").tobytes(), change.labels.astype(LABEL).tobytes()]
            codes = np.unique(change.labels["concepts"]).tolist()
            models = np.unique(change.labels["model"]).tolist()
            return {
                "kind": "labels",
                "count": len(change.ids),
                "sets": [[code, *labels.sets.members(code)] for code in codes],
                "models": [[model, labels.models[model]] for model in models],
            }
        case SetConcepts():
            return {"kind": "concepts", "concepts": list(map(concept_json, change.concepts))}
        case SetFact(fact, value) | GrowFact(fact, value):
            kind = "fact" if isinstance(change, SetFact) else "grown fact"
            return {"kind": kind, "name": fact.name, "value": to_json(fact, labels)(value)}
        case SetFactOfImages(fact, values):
            write = to_json(fact, labels)
            plain = {str(i): None if one is None else write(one) for i, one in values.items()}
            return {"kind": "images", "name": fact.name, "values": plain}
        case Several():
            inner = [_described(one, labels, blobs) for one in change.changes]
            return {"kind": "several", "changes": inner}


def _packed(paths: PathList, blobs: list[bytes]) -> Json:
    """Return sizes for `_Reader.paths`; folders are stored once, NULs separate the paths."""
    splits: list[tuple[str, str]] = [os.path.split(text) for text in paths.texts]
    unique = dict.fromkeys(folder for folder, _ in splits)
    folders = {folder: number for number, folder in enumerate(unique)}
    parts: tuple[list[str], list[str]] = list(folders), [name for _, name in splits]
    texts = [b"\0".join(map(path_bytes, part)) for part in parts]
    numbers = np.array([folders[folder] for folder, _ in splits], "<i4").tobytes()
    blobs += [*texts, numbers]
    return {"folders": len(texts[0]), "names": len(texts[1])}


class _Reader:
    """Reads a change, taking its arrays one after the other."""

    def __init__(self, plain: bytes, start: int, project: Project) -> None:
        self._plain = plain
        self._place = start
        self._project = project
        self._images = project.images
        self._labels = project.labels
        self._concepts = range(project.next_concept_id)

    def change(self, head: Json) -> Change:  # noqa: PLR0911 - a case each
        match head["kind"]:
            case "add":
                ids = self._ids_of(head["runs"])
                rows = self._images.rows_of(ids).tolist()
                return AddImages(ids, self._images.paths.select(rows))
            case "remove":
                return RemoveImages(self._ids_of(head["runs"]))
            case "relink":
                ids = self._ids_of(head["runs"])
                return Relink(ids, self._paths(head, len(ids)))
            case "labels":
                ids = np.frombuffer(self._take(8 * int(head["count"])), "<i8")
                return SetLabels(self._checked(ids.astype(np.int64)), self._labels_of(head))
            case "concepts":
                return SetConcepts(concepts_of(head["concepts"]))
            case "several":
                return Several(tuple(map(self.change, head["changes"])))
            case "fact":
                return self._fact(head["name"], head["value"])
            case "grown fact":
                return self._fact(head["name"], head["value"], GrowFact)
            case "images":
                return self._of_images(head["name"], head["values"])
            case kind:
                raise ValueError(f"a change of the kind {kind!r}")

    def _fact(
        self, name: str, value: object, made: Callable[[Fact[Any], Any], Change] = SetFact
    ) -> Change:
        fact = self._stepped(name)
        return made(fact, from_json(fact, self._project)(value))

    def _of_images(self, name: str, values: Json) -> SetFactOfImages[Any]:
        fact = self._stepped(name, by_image=True)
        read = from_json(fact, self._project)
        found = {
            checked_id(int(image)): None if one is None else read(one)
            for image, one in values.items()
        }
        return SetFactOfImages(fact, found)

    def _stepped(self, name: str, *, by_image: bool = False) -> Fact[Any]:
        """Return the fact of a name that a step may change."""
        fact = fact_called(str(name), by_image=by_image)
        if not fact.is_stepped:
            raise ValueError("a value that no step changes")
        return fact

    def _ids_of(self, runs: list[list[int]]) -> Ids:
        lengths = [int(length) for _, length in runs]
        if min(lengths, default=1) < 1 or sum(lengths) > len(self._images):
            raise ValueError("more images than there are")
        parts = [np.arange(int(first), int(first) + int(length)) for first, length in runs]
        return self._checked(np.concatenate([np.empty(0, dtype=np.int64), *parts]))

    def _checked(self, ids: Ids) -> Ids:
        self._images.rows_of(ids)
        if np.any(np.diff(ids) <= 0):
            raise ValueError("ids that do not rise")
        return ids

    def _paths(self, head: Json, count: int) -> PathList:
        folders, names = (
            [path_text(part) for part in self._take(int(head[field])).split(b"\0")]
            for field in ("folders", "names")
        )
        numbers: list[int] = np.frombuffer(self._take(4 * count), "<i4").tolist()
        pairs = zip(numbers, names, strict=True)
        return PathList.of_texts(os.path.join(folders[n], name) for n, name in pairs)  # noqa: PTH118

    def _labels_of(self, head: Json) -> Labels:
        found = np.frombuffer(self._take(LABEL.itemsize * int(head["count"])), LABEL).copy()
        sets = {
            int(code): self._labels.sets.code_of(self._known(members))
            for code, *members in head["sets"]
        }
        models = {int(old): self._labels.model_index(str(name)) for old, name in head["models"]}
        for field, new in (("concepts", sets), ("model", models)):
            old, places = np.unique(found[field], return_inverse=True)
            found[field] = np.array([new[code] for code in old.tolist()])[places]
        check_labels(found)
        return found

    def _known(self, members: list[int]) -> list[int]:
        if any(member not in self._concepts for member in members):
            raise ValueError("a label of a concept that never was")
        return members

    def _take(self, size: int) -> bytes:
        blob = self._plain[self._place : self._place + size]
        if len(blob) != size:
            raise ValueError("cut short")
        self._place += size
        return blob
