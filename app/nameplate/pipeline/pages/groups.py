"""Groups undecided images that look alike, so that a person can begin without names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nameplate.domain.changes import Change, SetConcepts, Several, Title
from nameplate.domain.concepts import add, by_any_name
from nameplate.domain.embeddings import ImageVectors
from nameplate.domain.images import ImageState, vectors_in
from nameplate.domain.labels import LASTING, NO_LABEL, ReviewState
from nameplate.domain.naming.lists import names_in_line
from nameplate.domain.progress import NEVER, CancelToken
from nameplate.project.label_changes import NO_ROWS, DecisionContext, Rows, decided, rejects
from nameplate.project.project import Project
from nameplate.scoring.clusters import clusters, cosines_to_others, usual_cosine
from nameplate.scoring.whitening import WhitenedSpace

FEWEST: Final = 4
"""Images of which groups are made, and in a group."""
_FOR_A_GROUP: Final = 10
"""Images for each centre that groups form around."""
_MOST_GROUPS: Final = 100
_CLOSER: Final = 2.5
"""Least ratio of the cosine of an image to the others of its group and the usual one of a pair."""
_CLOSE: Final = 0.5
"""A cosine that is enough in any folder, also where half of all pairs are alike."""


@dataclass(frozen=True, slots=True)
class AlikeGroups:
    """Groups of similar images, and the images that fit none.

    Attributes:
        groups: The closest group first; in each, the most typical image first.
        others: Images that have little in common.
    """

    groups: tuple[Rows, ...]
    others: Rows


def open_rows(project: Project) -> Rows:
    """Return the rows of undecided images with embeddings that came without a label."""
    images, is_labelled = project.images, np.isin(project.labels.decided_by, LASTING)
    is_ready = (images.states == ImageState.READY) & ~images.is_removed
    return np.flatnonzero(is_ready & ~is_labelled)


def alike_groups(
    blocks: Sequence[ImageVectors], rows: Rows, cancel: CancelToken = NEVER
) -> AlikeGroups:
    """Return groups of similar images; the same for the same images.

    A tenth as many clusters as images, 100 at most, are cut to the images that are close to the
    rest of their cluster. How close that is depends on the folder: 2.5 times the root mean square
    of the cosines of its pairs, 0.5 at most.

    Args:
        blocks: Vectors of all images, as `ImageTable.vectors` gives them.
        rows: Of the images that are grouped; below four there are no groups.
        cancel: Checked between blocks.

    Raises:
        CancelledError: `cancel` was set.
    """
    if len(rows) < FEWEST:
        return AlikeGroups((), rows)
    count = int(np.clip(len(rows) // _FOR_A_GROUP, 2, _MOST_GROUPS))
    spread = WhitenedSpace.for_similarity(blocks)
    parts = np.array_split(rows, -(-len(rows) // 4096))
    vectors = np.concatenate(
        [spread.place([vectors_in(blocks, part).learnable], cancel) for part in parts]
    )
    clustered = clusters(vectors, count, cancel=cancel)
    if (clustered < 0).all():  # all the same to the model
        return AlikeGroups((rows,), NO_ROWS)
    least = min(_CLOSER * usual_cosine(vectors), _CLOSE)
    found, others = list[tuple[float, Rows]](), [rows[clustered < 0]]
    for cluster in range(count):
        cancel.raise_if_cancelled()
        places = np.flatnonzero(clustered == cluster)
        cosines = cosines_to_others(vectors[places])
        order = np.argsort(-cosines, kind="stable")
        core, rest = np.split(order, [np.count_nonzero(cosines >= least)])
        if len(core) < FEWEST:
            others.append(rows[places[order]])
            continue
        found.append((float(cosines[core].mean()), rows[places[core]]))
        others.append(rows[places[rest]])
    found.sort(key=lambda one: -one[0])
    return AlikeGroups(tuple(group for _, group in found), np.concatenate(others))


def name_group(
    project: Project, rows: Rows, line: str, now: DecisionContext
) -> tuple[Change, Title]:
    """Return the step by which a person gives a group of images a name, which may be new.

    Images that were decided in the meantime are left as they are. `line` is a name as it is typed:
    a new one, or one that is there, by name or synonym.

    Raises:
        UsageError: As `concepts.add` does.
    """
    names = names_in_line(line)
    there = by_any_name(project.concepts).get(names[0].casefold()) if len(names) == 1 else None
    after = project.concepts
    if there is None:
        after = add(after, line, least_key=project.next_concept_id)
        known = {concept.key for concept in project.concepts}
        (*_, there) = (concept for concept in after if concept.key not in known)
    rows = np.sort(rows[~np.isin(project.labels.decided_by[rows], LASTING)])
    is_reject = there.key in rejects(after)
    code = NO_LABEL if is_reject else project.labels.sets.code_of([there.key])
    codes = np.full(len(rows), code, np.int32)
    changes: list[Change] = [SetConcepts(after)] if after != project.concepts else []
    if len(rows):
        changes.append(decided(project, rows, codes, ReviewState.CORRECTED, now))
    title = Title("name-group", {"count": len(rows), "name": there.name})
    return Several(tuple(changes)), title
