"""The subject of `nameplate evaluate`: images with their truth, names, labels to learn from."""

import argparse
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.cli.command import counted, say
from nameplate.cli.labelling import new_project, settings_of
from nameplate.cli.options import required_concepts, templates_of
from nameplate.cli.project_files import opened
from nameplate.domain.changes import RemoveImages, SetConcepts, SetFact, SetLabels, Title
from nameplate.domain.concepts import Concept, add, by_any_name
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.domain.progress import CancelToken
from nameplate.features.quality.figures.held_out import Question
from nameplate.features.quality.figures.truth import (
    DECISIONS,
    FOLDERS,
    Truth,
    concepts_of_truth,
    images_by_name,
    truth_of_csv,
    truth_of_decisions,
    truth_of_folders,
)
from nameplate.imaging.scan import relative_names
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.collection import Found, find_images
from nameplate.project.facts import SETTINGS
from nameplate.project.file.store import ENDING
from nameplate.project.project import Project

_MOST: Final = 5
_TITLE: Final = Title("label", {"name": ""})


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of an evaluation.

    Attributes:
        found: The images.
        question: The truth; without the images to learn from.
        taught: Labels by a person to learn from; empty for none.
        concepts: The names to label the images with.
        project: The project in the file that was given; None for images and folders.
    """

    found: Found
    question: Question
    taught: Truth
    concepts: tuple[Concept, ...]
    project: Project | None = None


def subject_of(
    args: argparse.Namespace, project: Project | None, cancel: CancelToken, *, find_all: bool
) -> Subject:
    """Return the subject of the options, for the result of `given_project`.

    With `find_all` images beyond the limit are found, too.

    Raises:
        UsageError: The truth cannot be used, or there are no images or names.
        ProjectError: A project cannot be used.
    """
    if project is None:
        found = find_images(args.paths, cancel=cancel, limit=args.limit, find_all=find_all)
        images = paths_by_name(found)
    else:
        images = images_by_name(project)
        found = Found(tuple(map(Path, images.values())), ())
    truth = _truth(args, project, images)
    taught = (
        _labels_in(args.learn_from, images, is_by_person=True) if args.learn_from else Truth({})
    )
    judged = {path: names for path, names in truth.names.items() if path not in taught.names}
    truth = replace(truth, names=judged)
    if args.learn_from and not truth.names:
        raise UsageError("all-is-learned-from", where=str(args.learn_from))
    folders = [path for path in args.paths if path.is_dir()]
    question = Question(args.truth, truth, folders=folders if len(folders) > 1 else ())
    return Subject(found, question, taught, _concepts(args, project, truth), project)


def paths_by_name(found: Found) -> dict[str, str]:
    """Return the paths of images, by the relative ones that people know."""
    return dict(zip(relative_names(found.images), map(str, found.images), strict=True))


def given_project(args: argparse.Namespace) -> Project | None:
    """Return the project that is evaluated; None where images and folders are.

    Raises:
        UsageError: Decisions are wanted, or labels to learn from, and the images do not go with it.
        ProjectError: It cannot be used.
    """
    is_project = [path.suffix.lower() == ENDING for path in args.paths]
    if is_project != [True]:
        if args.truth == DECISIONS or any(is_project):
            raise UsageError("decisions-need-project")
        return None
    if args.learn_from:
        raise UsageError("project-teaches-already")
    project = opened(args.paths[0])
    if args.limit:
        there = np.flatnonzero(~project.images.is_removed)
        project.apply(RemoveImages(project.images.ids[there[args.limit :]]), _TITLE)
    return project


def project_of(subject: Subject, args: argparse.Namespace, model: LoadedModel) -> Project:
    """Return a project, in memory alone, in which the images are labelled.

    It says which of the labels to learn from are none of the names.
    """
    project, settings = subject.project, settings_of(args, templates_of(args.templates, model))
    if project is None:
        project = new_project(subject.found, subject.concepts, settings)
        _teach(project, subject.taught)
        return project
    mine = project.settings
    changed = replace(
        mine,
        template_set=settings.template_set if args.templates else mine.template_set,
        minimum=mine.minimum if args.min_probability is None else args.min_probability,
        is_multi=mine.is_multi or args.multi,
    )
    if changed != mine:
        project.apply(SetFact(SETTINGS, changed), _TITLE)
    if subject.concepts == project.concepts:
        return project
    if not (args.concept or args.concepts):  # some for “none of these” more
        project.apply(SetConcepts(subject.concepts), _TITLE)
        return project
    other = new_project(subject.found, subject.concepts, changed)
    _teach(other, truth_of_decisions(project))
    return other


def _truth(args: argparse.Namespace, project: Project | None, images: Mapping[str, str]) -> Truth:
    if args.truth == DECISIONS and project is not None:
        truth = truth_of_decisions(project)
        if not truth.names:
            raise UsageError("nothing-decided", where=str(args.paths[0]))
        return truth
    return truth_at(args.truth, images)


def truth_at(given: str, images: Mapping[str, str]) -> Truth:
    """Return the truth of images by their folders or a file, as an option gives it.

    Raises:
        UsageError: No image has a label, or they cannot be read.
        ProjectError: A project cannot be used.
    """
    if given == FOLDERS:
        return truth_of_folders(images.values())
    return _labels_in(Path(given), images)


def _labels_in(file: Path, images: Mapping[str, str], *, is_by_person: bool = False) -> Truth:
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


def _concepts(
    args: argparse.Namespace, project: Project | None, truth: Truth
) -> tuple[Concept, ...]:
    if args.concept or args.concepts:
        return required_concepts(args)
    concepts = project.concepts if project else concepts_of_truth(truth)
    for name in args.reject:
        concepts = add(concepts, "!" + name)
    return concepts


def _teach(project: Project, taught: Truth) -> None:
    """Decide as a person did, and list labels that cannot be learned from."""
    several = project.settings.is_multi
    unused = len(taught.names) - give_labels(project, taught, DecidedBy.PERSON, several=several)
    if unused:
        known = by_any_name(project.concepts)
        every = dict.fromkeys(name for names in taught.names.values() for name in names)
        why = "not among the names, or several for one picture"
        say(f"{counted(unused, 'label')} can't be learned from: {why}")
        _say_items([name for name in every if name.casefold() not in known])
    if taught.unknown:
        say(f"{counted(len(taught.unknown), 'label')} to learn from match no picture:")
        _say_items(taught.unknown)


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
        _say_items(items)


def _say_items(items: Sequence[str]) -> None:
    for item in items[:_MOST]:
        say(f"  {item}")
    if len(items) > _MOST:
        say(f"  and {len(items) - _MOST:,} more")
