"""What promised labels come from, as digests that are compared later."""

import hashlib
from typing import Final

import numpy as np

from nameplate.domain.changes import Ids
from nameplate.domain.promises import PromisedLabels
from nameplate.project.project import Project

_DIGEST_BYTES: Final = 8
_SEEDS: Final = 2**53


def names_digest(project: Project) -> str:
    """Return a digest of the names: another one means that other labels may be right."""
    of_each = [(c.key, c.name, c.is_reject, c.parent) for c in project.concepts]
    return digest(repr(sorted(of_each)))


def sentences_digest(project: Project) -> str:
    """Return a digest of what the names are put into before the model reads them."""
    of_each = sorted((c.key, c.synonyms, c.prompts) for c in project.concepts)
    settings = project.settings
    return digest(repr((of_each, settings.template_set, settings.is_multi)))


def rules_digest(project: Project) -> str:
    """Return a digest of all that labels follow from beside the model."""
    thresholds = sorted((c.key, c.threshold) for c in project.concepts)
    texts = (names_digest(project), sentences_digest(project))
    return digest(repr((texts, thresholds, project.settings.minimum)))


def pictures_digest(project: Project, ids: Ids) -> str:
    """Return a digest of what the files of images hold; empty where it is not known of all."""
    contents = project.images.contents[project.images.rows_of(ids)]
    if (contents["size"] < 0).any():
        return ""
    hashed = hashlib.blake2b(np.ascontiguousarray(ids).astype("<i8").tobytes(), digest_size=16)
    hashed.update(np.ascontiguousarray(contents).tobytes())
    return hashed.hexdigest()


def seed_of(project: Project, labels: PromisedLabels, target: float, confidence: float) -> int:
    """Return the seed of a promise about some labels, in [1, 2**53).

    The same promise has the same one whenever it is begun, in a copy of the project, too; for any
    other it is another, as good as drawn: it follows from the identity of the project, a random
    number, and so nobody can have chosen the labels for it.
    """
    codes, places = np.unique(labels.concepts, return_inverse=True)
    members = [repr(sorted(project.labels.sets.members(code))) for code in codes.tolist()]
    order = np.argsort(members)  # the codes are those of one session
    ranks = np.empty(len(order), "<i4")
    ranks[order] = np.arange(len(order))
    text = repr((project.identity, target, confidence, sorted(members)))
    hashed = hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES)
    hashed.update(labels.ids.astype("<i8").tobytes())
    hashed.update(ranks[places].tobytes())
    return int.from_bytes(hashed.digest()) % (_SEEDS - 1) + 1


def digest(text: str) -> str:
    """Return 16 hexadecimal digits that are others for nearly every other text."""
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()
