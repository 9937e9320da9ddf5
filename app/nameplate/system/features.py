"""Finds the features: those in `nameplate.features`, and those of other packages."""

import logging
import pkgutil
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Final

from nameplate.domain.feature import Feature

GROUP: Final = "nameplate.features"
"""The entry points that other packages declare theirs in."""

_LOG = logging.getLogger(__name__)


@cache
def features() -> tuple[Feature, ...]:
    """Return the features that are there, without those that need one that is not.

    One that cannot be imported is left out and named in the log.
    """
    found = dict[str, Feature]()
    for module in _modules():
        try:
            feature = import_module(module).FEATURE
        except Exception:  # noqa: BLE001 - whatever a package of others does
            _LOG.exception("the feature %s was left out", module)
            continue
        found[feature.id] = feature
    while lacking := [f.id for f in found.values() if not found.keys() >= set(f.needs)]:
        for feature_id in lacking:
            del found[feature_id]
    return tuple(found.values())


def resolve(feature: Feature, reference: str) -> Any:
    """Return what a reference such as `panel:ask` of a feature names."""
    module, _, name = reference.partition(":")
    return getattr(import_module(f"{feature.package}.{module}"), name)


def _modules() -> list[str]:
    try:
        paths = import_module(GROUP).__path__
    except ModuleNotFoundError:  # all were taken away
        paths = list[str]()
    own = sorted(f"{GROUP}.{module.name}" for module in pkgutil.iter_modules(paths))
    return own + [entry_point.value for entry_point in entry_points(group=GROUP)]
