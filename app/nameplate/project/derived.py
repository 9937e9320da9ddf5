"""Values that are computed from a project, held beside it while it is open."""

from collections.abc import Callable
from typing import Any, TypeVar

from nameplate.domain.facts import Derived

Value = TypeVar("Value")


class DerivedValues:
    """The derived values of a project by their keys, and the functions that compute them."""

    def __init__(self, on_published: Callable[[Derived[Any]], object]) -> None:
        """Call `on_published` with the key of each value that is published."""
        self._on_published = on_published
        self._values = dict[Derived[Any], Any]()
        self._finders = dict[Derived[Any], Callable[[], object]]()
        self._requested_once = set[Derived[Any]]()

    def __getitem__(self, key: Derived[Value]) -> Value:
        return self._values.get(key, key.empty)

    def __setitem__(self, key: Derived[Value], value: Value) -> None:
        self._values[key] = value

    def publish(self, key: Derived[Value], value: Value) -> None:
        """Set a value and notify of it."""
        self[key] = value
        self._on_published(key)

    def find_by(self, key: Derived[Any], finder: Callable[[], object]) -> None:
        """Have a requested value computed by `finder`, which publishes it, perhaps later."""
        self._finders[key] = finder

    def request(self, key: Derived[Value]) -> Value:
        """Return a value; where none was published, have it computed if anything can."""
        if key not in self._values and key in self._finders:
            self._finders[key]()
        return self[key]

    def request_once(self, key: Derived[Any]) -> None:
        """Request a value that no person asked for: once, since one may cancel the work."""
        if key not in self._requested_once:
            self._requested_once.add(key)
            self.request(key)

    def of(self, kind: type[Value]) -> dict[str, Value]:
        """Return the values of a kind by the names of their keys."""
        found = self._values.items()
        return {key.name: value for key, value in found if isinstance(value, kind)}
