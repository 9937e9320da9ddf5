"""The values that a project has one of, and how its file keeps each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nameplate.project.file import promises, samples
from nameplate.project.file.values import (
    LARGEST_CONCEPT_ID,
    checked_id,
    named_images_json,
    named_images_of,
    place_json,
    place_of,
    settings_json,
    settings_of,
    views_json,
    views_of,
)
from nameplate.project.project import Project


@dataclass(frozen=True, slots=True)
class Fact:
    """A single value of a project, and how the file keeps it.

    Attributes:
        of: Returns it as what JSON can hold.
        put: Gives it to a project that is loaded; raises a ValueError where it is invalid.
        is_needed: Whether a file without it is damaged.
    """

    of: Callable[[Project], object]
    put: Callable[[Project, Any], None]
    is_needed: bool = True


def _put_settings(project: Project, value: Any) -> None:
    project.settings = settings_of(value)


def _put_place(project: Project, value: Any) -> None:
    project.place = place_of(value)


def _put_views(project: Project, value: Any) -> None:
    project.views = views_of(value)


def _put_called_right(project: Project, value: Any) -> None:
    project.called_right = named_images_of(value)


def _put_next_concept(project: Project, value: Any) -> None:
    if not 0 <= int(value) <= LARGEST_CONCEPT_ID:
        raise ValueError("an id out of range")
    project.next_concept_id = max(project.next_concept_id, int(value))


def _put_first_images(project: Project, value: Any) -> None:
    project.first_images = checked_id(int(value))


def _put_next_step(project: Project, value: Any) -> None:
    project.history.next_number = checked_id(int(value))


FACTS: Final[Mapping[str, Fact]] = {
    "settings": Fact(lambda project: settings_json(project.settings), _put_settings),
    "place": Fact(lambda project: place_json(project.place), _put_place, is_needed=False),
    "views": Fact(lambda project: views_json(project.views), _put_views, is_needed=False),
    "called right": Fact(
        lambda p: named_images_json(p.called_right), _put_called_right, is_needed=False
    ),
    "first images": Fact(lambda p: p.first_images, _put_first_images, is_needed=False),
    "next concept": Fact(lambda project: project.next_concept_id, _put_next_concept),
    "next step": Fact(lambda project: project.history.next_number, _put_next_step),
    "sample": Fact(lambda p: samples.sample_json(p.sample), samples.put_sample, is_needed=False),
    "promise": Fact(
        lambda p: promises.promise_json(p.promise, p.labels), promises.put_promise, is_needed=False
    ),
    "checks": Fact(
        lambda p: promises.checks_json(p.promise.checks if p.promise else ()),
        promises.put_checks,
        is_needed=False,
    ),
    "tries": Fact(lambda p: promises.tries_json(p.tries), promises.put_tries, is_needed=False),
    "identity": Fact(lambda p: p.identity, promises.put_identity, is_needed=False),
    "marks": Fact(lambda p: promises.marks_json(p.marks), promises.put_marks, is_needed=False),
}
"""All values that a project has one of, by name: what is not here is lost when it is reopened."""
