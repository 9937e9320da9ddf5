"""The columns of a collection that filters and orders read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.facts import Derived
from nameplate.domain.filtering.path_index import PathIndex
from nameplate.domain.images import ImageTable
from nameplate.domain.labels import NO_CONCEPT, NO_LABEL, DecidedBy, LabelSets, LabelTable

Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FoundImages:
    """The findings of a feature, in arrays that never change.

    What it does not name is not so, also an image that came since: whoever finds something looks
    again when images were added.

    Attributes:
        rows: By the word of a condition.
        why_none: Why there may be none for a word, as a sentence.
        numbers: int64 of the first images, -1 for unknown: of `days` milliseconds since the year 1
            by the clock of the place, of `texts` their places in these.
        texts: Each once, in the order in which pictures are sorted by them. Of `days` the months
            that there are, as `2024-06`, in the order in which they are offered.
    """

    rows: Mapping[str, Rows]
    why_none: Mapping[str, str] = field(default_factory=dict[str, str])
    numbers: Rows = field(default_factory=lambda: _NO_ROWS)
    texts: tuple[str, ...] = ()


def found_images(key: str) -> Derived[FoundImages | None]:
    """Return the key of the images found for the `Finding` with this key."""
    return Derived(key, None)


_NOTHING_LIKE: Final = np.empty(0, np.float32)
_NO_ROWS: Final = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Columns:
    """The data of N images that filters read: arrays with one row per image.

    Attributes:
        ids: int64.
        is_removed: bool.
        image_states: uint8 values of `ImageState`.
        codes: int32 codes of `sets`: their labels.
        decided_by: uint8 values of `DecidedBy`.
        review_states: uint8 values of `ReviewState`.
        suggested: int32 ids of concepts, NO_CONCEPT for none.
        probability: float32 of the suggestion, NaN for none.
        margin: float32, by how much it is more probable than the next, NaN for none.
        file_sizes: int64 bytes as reading saw them, -1 where they are not known.
        changed_at: int64 milliseconds since 1970 when the file was changed, -1 likewise.
        content_sizes: int64 bytes as the contents have them, -1 likewise.
        contents: CONTENT records.
        noted: int64 rows of files with something odd about them.
        changed: int64 rows of files that are others than a person decided about.
        found: What features found of images, by key, as far as is known.
        similarity: float32 cosines of the first images with what the filter asks for, NaN where one
            is not known.
        stacks: int64 numbers of the stacks of the first images, -1 for none, as far as is known.
        opened: int64 rows of images whose stacks are shown one by one.
        sets: What the codes stand for.
        paths: Of the first images at least.
    """

    ids: NDArray[np.int64]
    is_removed: Flags
    image_states: NDArray[np.uint8]
    codes: NDArray[np.int32]
    decided_by: NDArray[np.uint8]
    review_states: NDArray[np.uint8]
    suggested: NDArray[np.int32]
    probability: NDArray[np.float32]
    margin: NDArray[np.float32]
    file_sizes: NDArray[np.int64]
    changed_at: NDArray[np.int64]
    content_sizes: NDArray[np.int64]
    contents: NDArray[Any]
    noted: NDArray[np.int64]
    changed: NDArray[np.int64]
    found: Mapping[str, FoundImages]
    similarity: NDArray[np.float32]
    stacks: NDArray[np.int64]
    opened: NDArray[np.int64]
    sets: LabelSets
    paths: PathIndex

    @classmethod
    def of(
        cls,
        images: ImageTable,
        labels: LabelTable,
        suggested: NDArray[np.int32],
        probability: NDArray[np.float32],
        margin: NDArray[np.float32],
    ) -> "Columns":
        """Return views of the tables' columns; nothing that a job finds, and no paths."""
        return cls(
            images.ids,
            images.is_removed,
            images.states,
            labels.concepts,
            labels.decided_by,
            labels.states,
            suggested,
            probability,
            margin,
            images.files["size"],
            images.files["changed_at"],
            images.contents["size"],
            images.contents,
            np.fromiter(images.notes, np.int64, len(images.notes)),
            np.fromiter(images.changed, np.int64, len(images.changed)),
            {},
            _NOTHING_LIKE,
            _NO_ROWS,
            _NO_ROWS,
            labels.sets,
            PathIndex.of(()),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def copied(self, names: frozenset[str]) -> "Columns":
        """Return a copy of the columns of these names, for another thread; the others are empty."""
        arrays: dict[str, Any] = {}
        for column in fields(self):
            values = getattr(self, column.name)
            if isinstance(values, np.ndarray):
                is_needed = column.name in names
                arrays[column.name] = values.copy() if is_needed else values[:0]
        return replace(self, **arrays)


def suggested_as(columns: Columns) -> NDArray[np.int32]:
    """Return the suggestions of images that nothing is decided about."""
    is_open = (columns.codes == NO_LABEL) & (columns.decided_by != DecidedBy.PERSON)
    return np.where(is_open, columns.suggested, np.int32(NO_CONCEPT))


def flags_at(rows: Rows, count: int) -> Flags:
    """Return N flags that are set at `rows`, of which some may be beyond them."""
    flags = np.zeros(count, dtype=np.bool_)
    flags[rows[rows < count]] = True
    return flags


def sizes_of(columns: Columns) -> NDArray[np.int64]:
    """Return the sizes of the files in bytes, -1 where one is not known."""
    return np.where(columns.file_sizes >= 0, columns.file_sizes, columns.content_sizes)


def numbers_found(columns: Columns, key: str) -> NDArray[np.int64]:
    """Return the numbers that a feature found of N images, -1 where one is not known."""
    numbers = np.full(len(columns), -1, np.int64)
    if (found := columns.found.get(key)) is not None:
        known = found.numbers[: len(numbers)]
        numbers[: len(known)] = known
    return numbers


class _Noting:
    """The columns of no images; notes which of them are read."""

    def __init__(self) -> None:
        self.names = set[str]()

    def __getattr__(self, name: str) -> Any:
        self.names.add(name)
        return getattr(_NO_IMAGES, name)

    def __len__(self) -> int:
        return 0


def columns_read(read: Callable[[Columns], object]) -> frozenset[str]:
    """Return the names of the columns that a function reads, which is called with no images."""
    noting = _Noting()
    read(cast("Columns", noting))
    return frozenset(noting.names)


_NO_NUMBERS: Final = np.empty(0, np.float32)
_NO_IMAGES: Final = Columns.of(
    ImageTable(), LabelTable(0), np.empty(0, np.int32), _NO_NUMBERS, _NO_NUMBERS
)
