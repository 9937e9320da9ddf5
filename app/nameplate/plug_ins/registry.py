"""The registry of features: those in `nameplate.features`, and those of other packages."""

import logging
import pkgutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from importlib import import_module
from types import ModuleType
from typing import Any, Final, TypeVar

from nameplate.domain.filtering.findings import Finding
from nameplate.plug_ins.failures import contained, plug_ins
from nameplate.plug_ins.feature import API, DROPPED, EXTENDED, LISTS, MENUS, Command, Feature

_OURS: Final = "nameplate.features"
"""The package of our own features."""

_LOG = logging.getLogger(__name__)
_Named = TypeVar("_Named")


@cache
def features() -> tuple[Feature, ...]:
    """Return the features that are there.

    One of another package that cannot be imported, or declares what cannot be, is left out.
    """
    found = dict[str, Feature]()
    for module, load in _loaders():
        with contained(module):
            feature = load()
            check_declaration(feature, found)
            found[feature.id] = feature
    return tuple(found.values())


@cache
def findings() -> tuple[Finding, ...]:
    """Return the findings of all features."""
    return tuple(finding for feature in features() for finding in feature.findings)


def check_declaration(feature: object, found: Mapping[str, Feature]) -> None:
    """Check a declaration against those of the features that were found before it.

    Raises:
        TypeError: It is no `Feature`.
        ValueError: It is for another API, its id or a name that it declares is taken, or it names a
            menu, a command or a kind of file that there is not.
    """
    if not isinstance(feature, Feature):
        raise TypeError("FEATURE is not a Feature")
    if feature.api != API:
        raise ValueError(f"it is for version {feature.api} of the API, and this is {API}")
    owners = {name: one.id for one in found.values() for name in _names_in(one)}
    for kind, name in _names_in(feature):
        if owner := owners.get((kind, name)):
            raise ValueError(f"the {kind} {name} is taken by the feature {owner}")
        owners[kind, name] = feature.id
    for action in feature.actions:
        if unknown := {place.menu for place in action.places} - {*MENUS, *LISTS}:
            raise ValueError(f"there is no menu {unknown}")
    for extension in feature.extensions:
        if extension.command not in EXTENDED:
            raise ValueError(f"nothing can be added to {extension.command}")
    if unknown := {drop.kind for drop in feature.drops} - {*DROPPED}:
        raise ValueError(f"no file is told to be a {unknown}")


def _names_in(feature: Feature) -> list[tuple[str, str]]:
    """Return the names that a feature takes: no other may declare them."""
    return [
        ("feature", feature.id),
        *(("action", action.id) for action in feature.actions),
        *(("command", command.name) for command in feature.commands),
        *(("finding", finding.key) for finding in feature.findings),
        *(("fact", fact.name) for fact in feature.facts),
    ]


def not_taken(
    kind: str, found: Iterable[_Named], name_of: Callable[[_Named], str], taken: Collection[str]
) -> Iterator[_Named]:
    """Yield declarations whose names are not taken yet; log the others."""
    names = {*taken}
    for one in found:
        if (name := name_of(one)) in names:
            _LOG.warning("the %s %s of a feature was left out: the name is taken", kind, name)
            continue
        names.add(name)
        yield one


def resolve(feature: Feature, reference: str) -> Any:
    """Import the object that a reference such as `panel:ask` of a feature names.

    A module of Nameplate that is not the feature's is called by its whole name.
    """
    module, _, name = reference.partition(":")
    full_name = module if module.startswith("nameplate.") else f"{feature.package}.{module}"
    return getattr(import_module(full_name), name)


def commands() -> Iterator[Command]:
    """Yield the commands of all features, with the full names of their modules."""
    for feature in features():
        for command in feature.commands:
            yield replace(command, module=f"{feature.package}.{command.module}")


def named(kind: str) -> Iterator[Any]:
    """Yield the `formats`, `columns` or `classifiers` of all features; classes are instantiated.

    What another package names and cannot be imported or made is left out.
    """
    for feature in features():
        for reference in getattr(feature, kind):
            made = list[Any]()
            with contained(feature.package):
                found = resolve(feature, reference)
                made.append(found() if isinstance(found, type) else found)
            yield from made


def _loaders() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield each feature's module and the function that loads its declaration, our own first."""
    try:
        paths = import_module(_OURS).__path__
    except ModuleNotFoundError:  # all were taken away
        paths = list[str]()
    for module in sorted(module.name for module in pkgutil.iter_modules(paths)):
        name = f"{_OURS}.{module}"
        yield name, partial(_declaration, partial(import_module, name))
    for entry_point in plug_ins():
        yield entry_point.module, partial(_declaration, entry_point.load)


def _declaration(load: Callable[[], Any]) -> Any:
    """Return the `FEATURE` of a module, or the object of an entry point."""
    loaded = load()
    return loaded.FEATURE if isinstance(loaded, ModuleType) else loaded
