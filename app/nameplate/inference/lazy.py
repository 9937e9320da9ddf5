"""A value that is made when it is first needed."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Lazy(Generic[T]):
    """Makes a value once, when it is first needed; any thread may ask for it.

    What goes wrong while it is made is raised to everyone who asks.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        """Take the function that makes the value; it is not called yet."""
        self._make: Callable[[], T] | None = make
        self._lock = threading.Lock()
        self._made = Future[T]()

    @classmethod
    def of(cls, value: T) -> Self:
        """Return one whose value is there already."""
        lazy = cls(lambda: value)
        lazy.get()
        return lazy

    @property
    def is_made(self) -> bool:
        """Whether the value is there."""
        return self._made.done() and self._made.exception() is None

    def begin(self) -> None:
        """Make the value on a thread of its own, unless that was begun already; does not wait."""
        make = self._taken()
        if make is not None:
            threading.Thread(target=self._run, args=(make,), name="load").start()

    def get(self) -> T:
        """Return the value, after making it or waiting for whoever makes it.

        Raises:
            Exception: What went wrong while it was made.
        """
        make = self._taken()
        if make is not None:
            self._run(make)
        return self._made.result()

    def _taken(self) -> Callable[[], T] | None:
        """Return the function for whoever asks first, None for all others."""
        with self._lock:
            make, self._make = self._make, None
        return make

    def _run(self, make: Callable[[], T]) -> None:
        try:
            self._made.set_result(make())
        except BaseException as error:  # noqa: BLE001 - raised where the value is needed
            self._made.set_exception(error)
