"""What `nameplate evaluate` is about: images with their truth, and the names to label them with."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.cli.options import required_concepts
from nameplate.cli.project_files import opened
from nameplate.domain.changes import Settings
from nameplate.domain.concepts import Concept, add
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.formats.truth import Truth, concepts_of_truth, truth_of_csv, truth_of_folders
from nameplate.pipeline.evaluating import truth_of_decisions
from nameplate.pipeline.reading.collection import Found, find_images

FOLDERS: Final = "folders"
DECISIONS: Final = "decisions"
PROJECT_ENDING: Final = ".nameplate"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is evaluated.

    Attributes:
        found: The images.
        truth: What they show.
        concepts: The names to label them with.
        settings: Those of a project; None for those of the options.
    """

    found: Found
    truth: Truth
    concepts: tuple[Concept, ...]
    settings: Settings | None = None


def subject_of(args: argparse.Namespace, cancel: CancelToken, *, find_all: bool) -> Subject:
    """Return what the options ask to evaluate.

    Args:
        args: The options.
        cancel: Stops the search for images.
        find_all: Whether to find images beyond the limit too.

    Raises:
        UsageError: The truth cannot be used, or there are no images or names.
        ProjectError: The project cannot be used.
        CancelledError: `cancel` was set.
    """
    if args.truth == DECISIONS:
        return _of_project(args)
    found = find_images(args.paths, cancel=cancel, limit=args.limit, find_all=find_all)
    truth = (
        Truth(truth_of_folders(found.images))
        if args.truth == FOLDERS
        else truth_of_csv(Path(args.truth), found.images)
    )
    return Subject(found, truth, _concepts(args, truth))


def _of_project(args: argparse.Namespace) -> Subject:
    if len(args.paths) != 1 or args.paths[0].suffix.lower() != PROJECT_ENDING:
        raise UsageError("decisions-need-project")
    project = opened(args.paths[0])
    if project.settings.is_multi:
        raise UsageError("evaluate-with-multi")
    truth = truth_of_decisions(project)
    if not truth.names:
        raise UsageError("nothing-decided", where=str(args.paths[0]))
    is_asked = bool(args.concept or args.concepts)
    concepts = required_concepts(args) if is_asked else project.concepts
    images = tuple(truth.names)[: args.limit]
    return Subject(Found(images, ()), truth, concepts, project.settings)


def _concepts(args: argparse.Namespace, truth: Truth) -> tuple[Concept, ...]:
    if args.concept or args.concepts:
        return required_concepts(args)
    concepts = concepts_of_truth(truth.names.values())
    for name in args.reject:
        concepts = add(concepts, "!" + name)
    return concepts
