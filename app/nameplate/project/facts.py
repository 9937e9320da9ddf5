"""The facts that projects keep: the engine's own, and those that features declare."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from nameplate.domain.changes import Settings
from nameplate.domain.concepts import ConceptId
from nameplate.domain.facts import Fact
from nameplate.domain.filtering.views import Place, SavedView
from nameplate.domain.labels import LabelTable
from nameplate.plug_ins.failures import contained, is_ours
from nameplate.plug_ins.feature import Feature
from nameplate.plug_ins.registry import features, resolve
from nameplate.project.imported_classifier import ImportedClassifier
from nameplate.project.random_check import RandomCheck

SETTINGS: Final = Fact("settings", Settings(), "values:settings_json", "values:settings_of")
VIEWS: Final = Fact[tuple[SavedView, ...]]("views", (), "values:views_json", "values:views_of")
"""The saved views, in the person's order."""

REJECTED: Final = Fact[frozenset[ConceptId]](
    "rejected", frozenset(), "values:ids_json", "values:some_concept_ids", by_image=True
)
"""The concepts that a person said an image is not."""

NEXT_CONCEPT: Final = Fact(
    "next concept",
    0,
    from_json="values:next_concept_of",
    with_project=True,
    is_stepped=False,
    join="values:higher",
)
NEXT_STEP: Final = Fact("next step", 1, from_json="values:checked_id", is_stepped=False)
FIRST_IMAGES: Final = Fact("first images", 0, from_json="values:checked_id", is_stepped=False)
IDENTITY: Final = Fact("identity", "", from_json="values:identity_of", is_stepped=False)
PLACE: Final = Fact("place", Place(), "values:place_json", "values:place_of", is_stepped=False)
IMPORTED_CLASSIFIER: Final = Fact[ImportedClassifier | None](
    "taught elsewhere",
    None,
    "nameplate.project.imported_classifier:to_json",
    "nameplate.project.imported_classifier:from_json",
)
"""The classifier of another project or folder that suggestions start from."""
RANDOM_CHECK: Final = Fact[RandomCheck | None](
    "random check",
    None,
    "random_checks:check_json",
    "random_checks:check_of",
    with_project=True,
)
"""The random checks of the labels: exports carry their certificate."""

ENGINE: Final = Feature(
    "nameplate.project.file",
    facts=(
        *(SETTINGS, VIEWS, REJECTED, NEXT_CONCEPT, NEXT_STEP, FIRST_IMAGES, IDENTITY, PLACE),
        *(IMPORTED_CLASSIFIER, RANDOM_CHECK),
    ),
)
NEEDED: Final = (SETTINGS, NEXT_CONCEPT, NEXT_STEP)
"""Without these a file is damaged."""


@cache
def declared() -> Mapping[str, tuple[Fact[Any], Feature]]:
    """Return all facts by name, each with its owner; the engine's cannot be replaced."""
    own = {fact.name: (fact, ENGINE) for fact in ENGINE.facts}
    others = {fact.name: (fact, one) for one in features() for fact in one.facts}
    return {**own, **others, **own}


@cache
def said_on_pages() -> frozenset[str]:
    """Return the names of the facts that pages record."""
    return frozenset(name for name, (fact, _) in declared().items() if fact.is_on_pages)


def fact_called(name: str, *, by_image: bool = False) -> Fact[Any]:
    """Return the fact of a name; an undeclared one keeps its values as JSON."""
    fact = declared()[name][0] if name in declared() else None
    if fact is not None and fact.by_image == by_image:
        return fact
    return Fact(name, None, by_image=by_image)


def to_json(fact: Fact[Any], labels: LabelTable) -> Callable[[Any], Any]:
    """Return the function that serialises values of a fact to JSON types."""
    function = _function(fact, fact.to_json, labels)
    owner = _owner_of(fact).package
    if is_ours(owner):
        return function

    def call(value: Any) -> Any:
        with contained(owner):
            return json.loads(json.dumps(function(value)))
        return None  # nothing else can be saved of it, and all else of the project has to be

    return call


def from_json(fact: Fact[Any], project: object) -> Callable[[Any], Any]:
    """Return the function that takes a value from JSON; see `Fact.from_json`."""
    return _function(fact, fact.from_json, project)


def joined(fact: Fact[Any], before: Any, more: Any) -> Any:
    """Return two values of a fact that only grows as one, all as JSON holds them."""
    return _function(fact, fact.join)(before, more)


def _function(fact: Fact[Any], reference: str, more: object = None) -> Callable[..., Any]:
    if not reference:
        return _itself
    owner = _owner_of(fact)
    find = resolve if is_ours(owner.package) else _of_plug_in
    function = find(owner, reference)
    if more is None or not fact.with_project:
        return function

    def call(value: Any) -> Any:
        return function(value, more)

    return call


def _owner_of(fact: Fact[Any]) -> Feature:
    return declared()[fact.name][1] if fact.name in declared() else ENGINE


def _of_plug_in(owner: Feature, reference: str) -> Callable[..., Any]:
    """Return a function of a plug-in that returns the value itself where it fails."""

    def call(value: Any, *more: Any) -> Any:
        with contained(owner.package):
            return resolve(owner, reference)(value, *more)
        return value

    return call


def _itself(value: Any) -> Any:
    return value
