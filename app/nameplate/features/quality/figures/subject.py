"""The subject of `nameplate evaluate`: images with their truth, names, labels to learn from."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.cli.options import required_concepts, templates_of
from nameplate.cli.project_files import opened
from nameplate.cli.suggesting import new_project, settings_of
from nameplate.domain.changes import RemoveImages, SetConcepts, SetFact, Title
from nameplate.domain.concepts import Concept, add
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.quality.figures.held_out import Question
from nameplate.features.quality.figures.named_truth import labels_in, paths_by_name, teach, truth_at
from nameplate.features.quality.figures.truth import (
    DECISIONS,
    Truth,
    concepts_of_truth,
    images_by_name,
    truth_of_decisions,
)
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.collection import Found, find_images
from nameplate.project.facts import SETTINGS
from nameplate.project.file.store import ENDING
from nameplate.project.project import Project

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
    taught = labels_in(args.learn_from, images, is_by_person=True) if args.learn_from else Truth({})
    judged = {path: names for path, names in truth.names.items() if path not in taught.names}
    truth = replace(truth, names=judged)
    if args.learn_from and not truth.names:
        raise UsageError("all-is-learned-from", where=str(args.learn_from))
    folders = [path for path in args.paths if path.is_dir()]
    question = Question(args.truth, truth, folders=folders if len(folders) > 1 else ())
    return Subject(found, question, taught, _concepts(args, project, truth), project)


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
        teach(project, subject.taught)
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
    teach(other, truth_of_decisions(project))
    return other


def _truth(args: argparse.Namespace, project: Project | None, images: Mapping[str, str]) -> Truth:
    if args.truth == DECISIONS and project is not None:
        truth = truth_of_decisions(project)
        if not truth.names:
            raise UsageError("nothing-decided", where=str(args.paths[0]))
        return truth
    return truth_at(args.truth, images)


def _concepts(
    args: argparse.Namespace, project: Project | None, truth: Truth
) -> tuple[Concept, ...]:
    if args.concept or args.concepts:
        return required_concepts(args)
    concepts = project.concepts if project else concepts_of_truth(truth)
    for name in args.reject:
        concepts = add(concepts, "!" + name)
    return concepts
