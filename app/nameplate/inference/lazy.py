"""A value that is computed when it is first needed."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Lazy(Generic[T]):
    """Computes a value once, when it is first needed; thread-safe.

    An exception of the computation is raised to every caller of `get`.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        """Store the function that computes the value; it is not called yet."""
        self._make: Callable[[], T] | None = make
        self._lock = threading.Lock()
        self._future = Future[T]()

    @property
    def is_ready(self) -> bool:
        """Whether the value is computed."""
        return self._future.done() and self._future.exception() is None

    def start(self) -> None:
        """Start to compute the value on a new thread, unless already started; does not wait."""
        make = self._claim()
        if make is not None:
            threading.Thread(target=self._run, args=(make,), name="load").start()

    def get(self) -> T:
        """Return the value; computes it, or waits for the thread that does."""
        make = self._claim()
        if make is not None:
            self._run(make)
        return self._future.result()

    def _claim(self) -> Callable[[], T] | None:
        """Return the function to the first caller, and None to all others."""
        with self._lock:
            make, self._make = self._make, None
        return make

    def _run(self, make: Callable[[], T]) -> None:
        try:
            self._future.set_result(make())
        except BaseException as error:  # noqa: BLE001 - raised where the value is needed
            self._future.set_exception(error)
