"""The truth that an option of a command names, and the parts of it that fit no image."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from nameplate.cli.command import say, say_some
from nameplate.cli.project_files import opened
from nameplate.domain.errors import UsageError
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
