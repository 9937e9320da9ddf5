"""Computes where names dragged in the list would be dropped: on a name or between two."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from nameplate.domain.concepts import Concept, ConceptId, parents_of
from nameplate.domain.errors import UsageError
from nameplate.domain.naming.edits import TreePlace, placed

_EDGE: Final = 0.25
"""The part of a row, above and below, that stands for the gap beside it."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The effect of a drop.

    Attributes:
        keys: The concepts that are dragged.
        place: Where they are moved to.
        row: The row they are dropped onto, or the row below the gap.
        is_gap: Whether they are dropped between two.
        level: The number of parents in the gap.
    """

    keys: tuple[ConceptId, ...]
    place: TreePlace
    row: int
    is_gap: bool = False
    level: int = 0


def drop_onto(concepts: Sequence[Concept], keys: Iterable[ConceptId], row: int) -> Drop | None:
    """Return the drop onto a row; None if that is dragged itself, or the parent already."""
    keys, target, above = tuple(keys), concepts[row].key, parents_of(concepts)
    is_dragged = not {target, *above[target]}.isdisjoint(keys)
    if is_dragged or all(above[key][:1] == (target,) for key in keys):
        return None
    return Drop(keys, TreePlace(target, None), row)


def drop_at(
    concepts: Sequence[Concept], keys: Iterable[ConceptId], at: float, level: int
) -> Drop | None:
    """Return the drop at a height in the list; None if nothing would change.

    Args:
        concepts: In the order of the rows.
        keys: Those that are dragged.
        at: In rows from the top: 1.5 is the middle of the second one.
        level: How many parents they shall have in a gap that leaves a choice: below the last child
            of a concept they can be its sibling or one of its parent.
    """
    keys, above = tuple(keys), parents_of(concepts)
    stays = [{c.key, *above[c.key]}.isdisjoint(keys) for c in concepts]
    row, gap = int(at), max(0, min(len(concepts), round(at)))
    if 0 <= at < len(concepts) and stays[row] and _EDGE <= at - row <= 1 - _EDGE:
        return drop_onto(concepts, keys, row)
    over = next((concepts[n] for n in reversed(range(gap)) if stays[n]), None)
    under = next((concepts[n] for n in range(gap, len(concepts)) if stays[n]), None)
    path = (*reversed(above[over.key]), over.key) if over else ()
    least = len(above[under.key]) if under else 0
    level = max(least, min(level, len(path) - 1))
    before = under.key if under and level == least else None
    place = TreePlace(path[level - 1] if level else None, before)
    return None if _is_there(concepts, keys, place) else Drop(keys, place, gap, True, level)


def _is_there(concepts: Sequence[Concept], keys: Iterable[ConceptId], place: TreePlace) -> bool:
    """Return whether concepts are at a place already."""
    try:
        return placed(concepts, keys, place) == tuple(concepts)
    except UsageError:  # too deep: said when they are let go
        return False
