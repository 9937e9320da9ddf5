"""Converts paths, settings, concepts and places to values of a file, and back."""

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Final

from nameplate.domain.changes import Settings
from nameplate.domain.concepts import (
    LONGEST_PROMPT,
    MOST_PROMPTS,
    Concept,
    ConceptId,
)
from nameplate.domain.filtering.typed import line_of, parse
from nameplate.domain.filtering.views import (
    LONGEST_VIEW_NAME,
    MOST_VIEWS,
    Place,
    SavedView,
    Sort,
    View,
)
from nameplate.domain.messages import value_of
from nameplate.plug_ins.registry import findings
from nameplate.project.project import Project

_IDENTITY: Final = re.compile(r"[0-9a-f]{32}")
_FINDING: Final = re.compile(r"[a-z]{1,40}")

Json = dict[str, Any]

_LARGEST_ID: Final = 2**53
"""Of images and steps; leaves room for many more in 64 bits."""

LARGEST_CONCEPT_ID: Final = 2**30
"""Likewise in the 32 bits of a concept's id."""

_LONGEST_FILTER: Final = 1 << 23
"""Characters of a filter: enough for every other one of a million images."""

_MOST_TERMS: Final = 200
"""Conditions of the view that a project opens with, before anybody asked for it."""

_OTHER_BYTES: Final = "surrogatepass" if os.name == "nt" else "surrogateescape"
"""What Python makes of the parts of a path that are no text."""


def path_bytes(path: str) -> bytes:
    """Return a path as bytes, `/`-separated; bytes that are not UTF-8 are kept."""
    return path.replace(os.sep, "/").encode("utf-8", _OTHER_BYTES)


def checked_id(number: int) -> int:
    """Return an id or a step number after checking its range.

    Raises:
        ValueError: It is below 0, or so large that there is no room above it.
    """
    if not 0 <= number < _LARGEST_ID:
        raise ValueError("an id out of range")
    return number


def path_text(path: bytes) -> str:
    """Return the path from bytes of `path_bytes`.

    Raises:
        ValueError: There is a NUL in it.
    """
    if b"\0" in path:
        raise ValueError("no path")
    return path.decode("utf-8", _OTHER_BYTES).replace("/", os.sep)


def settings_json(settings: Settings) -> Json:
    """Return settings as JSON values."""
    return asdict(settings)


def settings_of(values: Json) -> Settings:
    """Return the settings that `settings_json` described.

    Raises:
        ValueError, LookupError, TypeError: The values are of another form.
    """
    settings: Settings = value_of(Settings, values)
    has_templates = settings.template_set is None or settings.template_set.templates
    if not has_templates or not 0 <= settings.minimum <= 1:
        raise ValueError("no settings")
    return settings


def view_json(view: View) -> Json:
    """Return a view as JSON values; names of concepts may change, so their ids are kept."""
    name = view.sort if isinstance(view.sort, str) else view.sort.name
    sort = {"sort": name, "falling": view.is_falling}
    stacked = {"stacked": True} if view.is_stacked else {}
    return {**sort, "filter": line_of(view.filter), **stacked}


def view_of(values: Any, *, keeps_unknown: bool = True) -> View:
    """Return the view that `view_json` described.

    Args:
        values: The JSON values.
        keeps_unknown: Whether conditions of features that are not there are kept.

    Raises:
        ValueError: The values are of another form.
    """
    match values:
        case {"sort": str(sort), "falling": bool(falling), "filter": str(line)} if (
            sort in Sort.__members__ or _FINDING.fullmatch(sort)
        ) and len(line) <= _LONGEST_FILTER:
            parsed = parse(line, (), findings(), keeps_unknown=keeps_unknown)
            is_stacked = values.get("stacked", False)
            if not parsed.wrong and isinstance(is_stacked, bool):
                order = Sort.__members__.get(sort, sort)
                return View(order, falling, parsed.filter, is_stacked)
        case _:
            pass
    raise ValueError("no view")


def views_json(views: Sequence[SavedView]) -> list[Json]:
    """Return saved views as JSON values."""
    return [{"name": saved.name, **view_json(saved.view)} for saved in views]


def views_of(values: Any) -> tuple[SavedView, ...]:
    """Return the saved views that `views_json` described.

    Raises:
        ValueError: The values are of another form.
    """
    match values:
        case [*items] if len(items) <= MOST_VIEWS:
            return tuple(map(_saved_view, items))
        case _:
            raise ValueError("no views")


def _saved_view(values: Any) -> SavedView:
    match values:
        case {"name": str(name)} if 0 < len(name) <= LONGEST_VIEW_NAME:
            return SavedView(name, view_of(values))
        case _:
            raise ValueError("a view without a name")


def next_concept_of(value: Any, project: Project) -> ConceptId:
    """Return the id of the next concept, above those of all that a project has.

    Raises:
        ValueError: It is out of range.
    """
    (wanted,) = concept_ids([int(value)])
    return max(project.next_concept_id, wanted)


def higher(one: int, other: int) -> int:
    """Return the higher of two numbers."""
    return max(one, other)


def identity_of(value: Any) -> str:
    """Return the identity that a project was made with.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(value, str) or not _IDENTITY.fullmatch(value):
        raise ValueError("no identity")
    return value


def ids_json(concepts: frozenset[ConceptId]) -> list[ConceptId]:
    """Serialise concept ids to a JSON list."""
    return sorted(concepts)


def some_concept_ids(values: Any) -> frozenset[ConceptId] | None:
    """Return ids of concepts as `concept_ids` does; None where there is none."""
    return concept_ids(values) or None


def concept_ids(values: Any) -> frozenset[ConceptId]:
    """Return ids of concepts from a list of them.

    Raises:
        ValueError: It is no such list, or one is out of range.
    """
    match values:
        case [*keys] if all(isinstance(k, int) and 0 <= k <= LARGEST_CONCEPT_ID for k in keys):
            return frozenset(keys)
        case _:
            raise ValueError("an id out of range")


def place_json(place: Place) -> Json:
    """Return a place as JSON values."""
    return {"image": place.image, **view_json(place.view)}


def place_of(values: Any) -> Place:
    """Return the place that `place_json` described; the beginning for values of another form."""
    match values:
        case {"image": int(image)} if 0 <= image < _LARGEST_ID:
            with suppress(ValueError):
                view = view_of(values, keeps_unknown=False)
                if len(view.filter.terms) <= _MOST_TERMS:
                    return Place(image, view)
            return Place(image)
        case _:
            return Place()


def concept_json(concept: Concept) -> Json:
    """Return a concept as JSON values."""
    return asdict(concept) | {"parent": None}  # version 1.0 had parents, and opens the file too


def concept_of(values: Json) -> Concept:
    """Return the concept that `concept_json` described.

    Raises:
        ValueError, LookupError, TypeError: The values are of another form.
    """
    concept: Concept = value_of(Concept, values)
    prompts, threshold = concept.prompts, concept.threshold
    is_possible = (
        0 <= concept.key < LARGEST_CONCEPT_ID
        and len(prompts) <= MOST_PROMPTS
        and all(len(one) <= LONGEST_PROMPT for one in prompts)
        and (threshold is None or 0 <= threshold <= 1)
    )
    if not is_possible:
        raise ValueError("no concept")
    return concept


def concepts_of(values: Iterable[Json]) -> tuple[Concept, ...]:
    """Return the concepts that `concept_json` described.

    Raises:
        ValueError, LookupError, TypeError: The values are of another form.
    """
    return tuple(map(concept_of, values))


def whole_number(value: Any, most: int) -> int:
    """Return a whole number from 0 to `most`; a ValueError for anything else."""
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError("a number out of range")
    return value
