"""Changes to the concepts of a project, as pure functions: parents, order, merging, joining."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, Literal, NamedTuple

from nameplate.domain.concepts import Concept, ConceptAdder, ConceptId, in_checked_order, parents_of

Way = Literal["up", "down", "in", "out"]
"""Past the sibling above or below, below the sibling above, or right after the parent."""

WAYS: Final[tuple[Way, ...]] = ("up", "down", "in", "out")


def with_parent(
    concepts: Sequence[Concept], keys: Iterable[ConceptId], parent: ConceptId | None
) -> tuple[Concept, ...]:
    """Return `concepts` with another parent for those with `keys`; the order stays.

    Raises:
        UsageError: As `check_parents` does.
    """
    moving = topmost(concepts, keys)
    after = [replace(c, parent=parent) if c.key in moving else c for c in concepts]
    return in_checked_order(after)


def merged(
    concepts: Sequence[Concept], kept: ConceptId, others: Iterable[ConceptId], *, as_synonyms: bool
) -> tuple[Concept, ...]:
    """Return `concepts` with `others` merged into `kept`, which gets their children.

    Args:
        concepts: All of them.
        kept: Keeps its name, sentences and threshold.
        others: Those that go.
        as_synonyms: Whether their names become synonyms of `kept`.

    Raises:
        KeyError: `kept` is not there.
        UsageError: Parents would lie too deep.
    """
    by_key, gone = {c.key: c for c in concepts}, set(others) - {kept}
    above = parents_of(concepts)[kept]
    topmost = max((place for place, key in enumerate(above) if key in gone), default=-1)
    # Above all that goes, or what lies between would be above itself.
    parent = by_key[kept].parent if topmost < 0 else by_key[above[topmost]].parent
    names = dict.fromkeys(by_key[kept].synonyms)
    for concept in concepts if as_synonyms else ():
        if concept.key in gone:
            names.update(dict.fromkeys(concept.names))
    names.pop(by_key[kept].name, None)
    one = replace(by_key[kept], parent=parent, synonyms=tuple(names))
    after = [
        one if c.key == kept else replace(c, parent=kept) if c.parent in gone else c
        for c in concepts
        if c.key not in gone
    ]
    return in_checked_order(after)


class TreePlace(NamedTuple):
    """A place in the tree of concepts.

    Attributes:
        parent: The concept that it is below; None for none.
        before: The child of `parent` that it is before; None for the last place.
    """

    parent: ConceptId | None
    before: ConceptId | None


def placed(
    concepts: Sequence[Concept], keys: Iterable[ConceptId], place: TreePlace
) -> tuple[Concept, ...]:
    """Return `concepts` with those of `keys` moved to `place`; raises as `with_parent`."""
    moving = topmost(concepts, keys)
    after = [c for c in concepts if c.key not in moving]
    at = next((n for n, c in enumerate(after) if c.key == place.before), len(after))
    after[at:at] = [replace(c, parent=place.parent) for c in concepts if c.key in moving]
    return in_checked_order(after)


def place_beside(
    concepts: Sequence[Concept], key: ConceptId, way: Way, along: Iterable[ConceptId] = ()
) -> TreePlace | None:
    """Return the place that a concept moves to; None for none.

    Those that move `along` become no parents.
    """
    parent = _parent(concepts, key)
    if way == "out":
        return None if parent is None else place_after(concepts, parent)
    beside = _sibling(concepts, key, 1 if way == "down" else -1)
    while way == "in" and beside is not None and beside.key in along:
        beside = _sibling(concepts, beside.key, -1)
    if beside is None:
        return None
    places = {"up": TreePlace(parent, beside.key), "in": TreePlace(beside.key, None)}
    return places.get(way) or place_after(concepts, beside.key)


def place_after(concepts: Sequence[Concept], key: ConceptId) -> TreePlace:
    """Return the place right after a concept and its descendants."""
    following = _sibling(concepts, key, 1)
    return TreePlace(_parent(concepts, key), following.key if following else None)


def _sibling(concepts: Sequence[Concept], key: ConceptId, step: int) -> Concept | None:
    """Return the concept `step` places after that of `key` among those of its parent, or None."""
    siblings = [c for c in concepts if c.parent == _parent(concepts, key)]
    at = [c.key for c in siblings].index(key) + step
    return siblings[at] if 0 <= at < len(siblings) else None


def _parent(concepts: Sequence[Concept], key: ConceptId) -> ConceptId | None:
    return next(c.parent for c in concepts if c.key == key)


def topmost(concepts: Iterable[Concept], keys: Iterable[ConceptId]) -> set[ConceptId]:
    """Return those of `keys` that are not descendants of others."""
    above, chosen = parents_of(concepts), set(keys)
    return {key for key in chosen if chosen.isdisjoint(above[key])}


def joined(
    concepts: Sequence[Concept], found: Sequence[Concept], *, least_key: int
) -> tuple[Concept, ...]:
    """Return `concepts` with those of `found` added whose names are new.

    Args:
        concepts: Stay as they are.
        found: From elsewhere, with keys of their own. The parent of one is the concept of that name
            where there is one; otherwise it has none.
        least_key: Above every key that was ever used.

    Raises:
        UsageError: As `check_parents` does.
    """
    adder, now = ConceptAdder(concepts, least_key), dict[int, int]()
    for concept in found:
        known = adder.key_of(concept.name)
        now[concept.key] = adder.add(concept) if known is None else known
    new = adder.concepts[len(concepts) :]
    parents = (None if c.parent is None else now.get(c.parent) for c in new)
    after = (*concepts, *(replace(c, parent=p) for c, p in zip(new, parents, strict=True)))
    return in_checked_order(after)
