"""The labels of a truth as labels of a project."""

import math
from typing import Final

import numpy as np

from nameplate.cli.command import counted, say
from nameplate.domain.changes import SetLabels, Title
from nameplate.domain.concepts import by_any_name
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.features.quality.figures.named_truth import say_list
from nameplate.features.quality.figures.truth import Truth
from nameplate.project.project import Project

_TITLE: Final = Title("label", {"name": ""})


def give_labels(project: Project, truth: Truth, by: DecidedBy, *, several: bool) -> int:
    """Give images the labels of a truth, and return to how many.

    Labels that are none of the names are left out, and several for one image unless `several`. The
    time of a decision is kept, since pictures of one page are no evidence for one another.
    """
    known, sets = by_any_name(project.concepts), project.labels.sets
    rows, codes, made = list[int](), list[int](), list[tuple[int, float]]()
    for path, names in truth.names.items():
        row, concepts = project.row_of(path), [known.get(name.casefold()) for name in names]
        keys = [concept.key for concept in concepts if concept]
        if row is not None and len(keys) == len(names) and (several or len(keys) < 2):
            rows.append(row)
            codes.append(sets.code_of(keys))
            made.append(truth.made.get(path, (1, math.nan)))
    if rows:
        moments, probability = map(np.array, zip(*made, strict=True))
        label = labels_of(
            np.array(codes, np.int32),
            by,
            ReviewState.CORRECTED if by is DecidedBy.PERSON else ReviewState.SUGGESTED,
            decided_at=moments,
            probability=probability,
        )
        order = np.argsort(rows, kind="stable")
        project.apply(SetLabels(project.images.ids[np.array(rows)[order]], label[order]), _TITLE)
    return len(rows)


def teach(project: Project, taught: Truth) -> None:
    """Decide as a person did, and list labels that cannot be learned from."""
    several = project.settings.is_multi
    unused = len(taught.names) - give_labels(project, taught, DecidedBy.PERSON, several=several)
    if unused:
        known = by_any_name(project.concepts)
        every = dict.fromkeys(name for names in taught.names.values() for name in names)
        why = "not among the names, or several for one picture"
        say(f"{counted(unused, 'label')} can't be learned from: {why}")
        strange = [name for name in every if name.casefold() not in known]
        say_list("{count:,} of what they say aren't among the names:", strange)
    say_list("{count:,} of the labels to learn from match no picture:", taught.unknown)
