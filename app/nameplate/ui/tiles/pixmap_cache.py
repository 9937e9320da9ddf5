"""An LRU cache bounded by memory, such as for pixmaps on the screen."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from typing import Generic, TypeVar

from PySide6.QtGui import QPixmap

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


def bytes_of(pixmap: QPixmap) -> int:
    """Return the bytes of memory that `pixmap` takes."""
    return pixmap.width() * pixmap.height() * 4


class LruCache(Generic[_K, _V]):
    """An LRU cache bounded by a number of bytes. One thread only."""

    def __init__(self, max_bytes: int, bytes_of_value: Callable[[_V], int]) -> None:
        self._max_bytes = max_bytes
        self._bytes_of = bytes_of_value
        self._bytes = 0
        self._values: OrderedDict[_K, _V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: _K) -> _V | None:
        """Return the value of `key` and mark it as used last."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def get_or_make(self, key: _K, make: Callable[[], _V]) -> _V:
        """Return the value of `key`; made and stored where there is none."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found

    def put(self, key: _K, value: _V) -> None:
        """Store `value`; the least recently used ones are evicted."""
        old = self._values.pop(key, None)
        self._bytes += self._bytes_of(value) - (self._bytes_of(old) if old is not None else 0)
        self._values[key] = value
        while self._bytes > self._max_bytes and len(self._values) > 1:
            self._bytes -= self._bytes_of(self._values.popitem(last=False)[1])

    def keep_only(self, keys: Collection[_K]) -> None:
        """Remove all values but those of `keys`."""
        for key in [key for key in self._values if key not in keys]:
            self._bytes -= self._bytes_of(self._values.pop(key))

    def drop(self, is_unwanted: Callable[[_V], bool]) -> None:
        """Remove the values that are unwanted."""
        self.keep_only([key for key, value in self._values.items() if not is_unwanted(value)])

    def clear(self) -> None:
        """Remove all values."""
        self._values.clear()
        self._bytes = 0
