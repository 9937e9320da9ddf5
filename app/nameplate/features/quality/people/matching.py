"""Matches the images and concepts of two projects by content, path or name, never by index."""

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nameplate.domain.changes import Ids
from nameplate.domain.concepts import Concept, ConceptId, next_colour
from nameplate.domain.images import ImageTable
from nameplate.features.quality.records import Rows
from nameplate.imaging.scan import common_folder
from nameplate.project.path_matching import Matches, match_names, whole_folders


@dataclass(frozen=True, slots=True)
class ImageMatch:
    """The images that two projects share.

    Attributes:
        ids: N ids of images of the first project, ascending.
        rows: N rows of the second project: row i is the image `ids[i]`.
        by_path: The number of images matched by path, as a content was not known.
        ambiguous: Images of the first project that are one of several copies in either project,
            which nothing tells apart; they are left out.
        changed: The number of images with the same path but other content; they are left out.
        theirs_alone: Images of the second project that are not in the first, those two left out.
    """

    ids: Ids
    rows: Rows
    by_path: int = 0
    ambiguous: int = 0
    changed: int = 0
    theirs_alone: int = 0


class _Side:
    """The images of one project that are not matched yet, as indices 0 to n - 1."""

    def __init__(self, images: ImageTable) -> None:
        self.rows = np.flatnonzero(~images.is_removed)
        self.texts = images.paths.select(self.rows.tolist()).texts
        self.left = set(range(len(self.rows)))
        contents = images.contents[self.rows]
        digests, size = contents.tobytes(), contents.itemsize
        self.contents = [
            digests[size * place : size * (place + 1)] if is_known else b""
            for place, is_known in enumerate((contents["size"] >= 0).tolist())
        ]

    def by_content(self) -> dict[bytes, list[int]]:
        """Return the indices of the images with each known content."""
        found = defaultdict[bytes, list[int]](list)
        for place, content in enumerate(self.contents):
            if content:
                found[content].append(place)
        return found

    def by_path(self) -> dict[str, int]:
        """Return the remaining indices by path relative to the folder of all images."""
        root = common_folder({os.path.dirname(text) for text in self.texts})  # noqa: PTH120
        start = len(os.path.join(root, "")) if root else 0  # noqa: PTH118
        return {os.path.normcase(self.texts[place][start:]): place for place in self.left}


def match_images(mine: ImageTable, theirs: ImageTable) -> ImageMatch:
    """Match the images of two projects: first by content, then by path.

    Contents that are known decide; copies of one content are told apart by the ends of their
    paths. Where a content is not known, the path within the folder that holds all images of a
    project must be the same, or the ends of the paths of nearly all images of a folder. Two images
    whose contents are known and differ are never the same.
    """
    one, other = _Side(mine), _Side(theirs)
    found, ambiguous = _match_contents(one, other)
    by_content = len(found)
    changed = _match_paths(one, other, found)
    places = np.array(sorted(found), dtype=np.int64)
    partners = np.array([found[place] for place in places.tolist()], dtype=np.int64)
    return ImageMatch(
        mine.ids[one.rows[places]],
        other.rows[partners],
        by_path=len(found) - by_content,
        ambiguous=ambiguous,
        changed=changed,
        theirs_alone=len(other.left),
    )


def _match_contents(one: _Side, other: _Side) -> tuple[Matches, int]:
    """Match images by content; also return how many of `one` are ambiguous."""
    found, ambiguous = Matches(), 0
    there = other.by_content()
    for content, places in one.by_content().items():
        partners = there.get(content, [])
        if not partners:
            continue
        if len(places) == len(partners) == 1:
            found[places[0]] = partners[0]
            continue
        pairs = _match_copies(places, partners, one.texts, other.texts)
        found |= pairs
        unsure = set(places) - set(pairs)
        if len(partners) > len(pairs):  # one of these may be any of those that are left there
            ambiguous += len(unsure)
            other.left.difference_update(partners if unsure else ())
            one.left -= unsure
    _take(found, one, other)
    return found, ambiguous


def _match_copies(
    places: Sequence[int], partners: Sequence[int], mine: Sequence[str], theirs: Sequence[str]
) -> Matches:
    """Match copies of one content by the ends of their paths; the last pair matches anyway."""
    texts = [mine[place] for place in places], [theirs[place] for place in partners]
    with_folder, by_file = match_names(*texts)
    pairs = {places[i]: partners[j] for i, j in (with_folder | by_file).items()}
    left = [place for place in places if place not in pairs]
    free = set(partners) - set(pairs.values())
    if len(left) == len(free) == 1:
        pairs[left[0]] = free.pop()
    return pairs


def _match_paths(one: _Side, other: _Side, found: Matches) -> int:
    """Add images with the same paths to `found`; return how many have other contents."""
    there, changed, pairs = other.by_path(), set[tuple[int, int]](), Matches()
    for path, place in one.by_path().items():
        partner = there.get(path)
        if partner is None:
            continue
        if one.contents[place] and other.contents[partner]:
            changed.add((place, partner))
        else:
            pairs[place] = partner
    _take(pairs, one, other)
    found |= pairs
    _take(dict(changed), one, other)
    places, partners = sorted(one.left), sorted(other.left)
    texts = [one.texts[place] for place in places], [other.texts[place] for place in partners]
    by_ends = whole_folders(match_names(*texts)[0], *texts)
    ends = {places[i]: partners[j] for i, j in by_ends.items()}
    ends = {i: j for i, j in ends.items() if not (one.contents[i] and other.contents[j])}
    _take(ends, one, other)
    found |= ends
    return len(changed)


def _take(pairs: Matches, one: _Side, other: _Side) -> None:
    one.left.difference_update(pairs)
    other.left.difference_update(pairs.values())


def match_concepts(
    mine: Sequence[Concept], theirs: Sequence[Concept]
) -> dict[ConceptId, ConceptId]:
    """Return the concept of `mine` for each of `theirs`, without those that have none.

    The same name is the same concept, in any case. Else a synonym on either side tells, if it
    leads to one concept alone.
    """
    by_name = {concept.name.casefold(): concept.key for concept in mine}
    by_any = defaultdict[str, set[ConceptId]](set)
    for concept in mine:
        for name in concept.names:
            by_any[name.casefold()].add(concept.key)
    found = dict[ConceptId, ConceptId]()
    for concept in theirs:
        key = by_name.get(concept.name.casefold())
        keys = set[ConceptId]().union(*(by_any.get(n.casefold(), ()) for n in concept.names))
        if key is not None:
            found[concept.key] = key
        elif len(keys) == 1:
            found[concept.key] = keys.pop()
    return found


def merged_concepts(
    mine: Sequence[Concept], theirs: Sequence[Concept], next_id: ConceptId
) -> tuple[dict[ConceptId, ConceptId], tuple[Concept, ...]]:
    """Return the concept of each of `theirs` in the merged project, and those to add to `mine`.

    What is added has ids from `next_id` on.
    """
    found = match_concepts(mine, theirs)
    added, by_name = list[Concept](), dict[str, ConceptId]()
    for concept in theirs:
        if concept.key in found:
            continue
        name = concept.name.casefold()
        if name not in by_name:  # a file may name two alike
            by_name[name] = next_id + len(added)
            is_used = any(concept.colour == other.colour for other in (*mine, *added))
            is_free = concept.is_reject or not is_used
            colour = concept.colour if is_free else next_colour((*mine, *added))
            added.append(replace(concept, key=by_name[name], colour=colour))
        found[concept.key] = by_name[name]
    return found, tuple(added)
