"""The truth that an option of a command names, and its labels as labels of a project."""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.cli.command import counted, say, say_some
from nameplate.cli.project_files import opened
from nameplate.domain.changes import SetLabels, Title
from nameplate.domain.concepts import by_any_name
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.features.quality.figures.truth import (
    FOLDERS,
    Truth,
    truth_of_csv,
    truth_of_decisions,
    truth_of_folders,
)
from nameplate.imaging.scan import relative_names
from nameplate.pipeline.reading.collection import Found
from nameplate.project.file.store import ENDING
from nameplate.project.project import Project

_TITLE: Final = Title("label", {"name": ""})


def paths_by_name(found: Found) -> dict[str, str]:
    """Return the paths of images, by the relative ones that people know."""
    return dict(zip(relative_names(found.images), map(str, found.images), strict=True))


def truth_at(given: str, images: Mapping[str, str]) -> Truth:
    """Return the truth of images by their folders or a file, as an option gives it.

    Raises:
        UsageError: No image has a label, or they cannot be read.
        ProjectError: A project cannot be used.
    """
    if given == FOLDERS:
        return truth_of_folders(images.values())
    return labels_in(Path(given), images)


def labels_in(file: Path, images: Mapping[str, str], *, is_by_person: bool = False) -> Truth:
    """Return the labels of images in a CSV, or the decisions in a project."""
    if file.suffix.lower() != ENDING:
        return truth_of_csv(file, images, is_by_person=is_by_person)
    decided = truth_of_decisions(opened(file))
    own = {os.path.abspath(path): path for path in images.values()}  # noqa: PTH100
    names = {own[path]: names for path, names in decided.names.items() if path in own}
    if not names:
        raise UsageError("nothing-decided", where=str(file))
    made = {own[path]: one for path, one in decided.made.items() if path in own}
    return Truth(names, tuple(path for path in decided.names if path not in own), made=made)


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


def say_strangers(truth: Truth) -> None:
    """Say on stderr which images of a truth are not known, and which are listed twice."""
    say_list("{count:,} of the truth match no picture:", truth.unknown)
    say_list(
        "{count:,} are listed twice in the truth, and the last one counts:", truth.contradicted
    )


def say_list(what: str, items: Sequence[str]) -> None:
    """List items on stderr after a text with their number."""
    if items:
        say(what.format(count=len(items)))
        say_some((f"  {item}" for item in items), len(items))
