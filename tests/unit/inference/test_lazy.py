import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from nameplate.inference.lazy import Lazy


def test_a_value_is_computed_once_however_many_threads_ask_for_it():
    made, together = [], threading.Barrier(8, timeout=10)

    def make():
        made.append(object())
        return made[0]

    lazy = Lazy(make)

    def ask(_):
        together.wait()
        return lazy.get()

    assert not made
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(ask, range(8)))
    assert len(made) == 1
    assert got == made * 8


def test_a_started_value_is_computed_while_the_caller_goes_on():
    goes_on = threading.Event()
    lazy = Lazy(lambda: goes_on.wait(10))
    lazy.start()
    lazy.start()
    assert not lazy.is_ready
    goes_on.set()
    assert lazy.get() is True
    assert lazy.is_ready


def test_what_goes_wrong_is_raised_to_everyone_who_asks_and_not_tried_again():
    tries = []

    def fail():
        tries.append(1)
        raise ValueError("no")

    lazy = Lazy(fail)
    lazy.start()
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            lazy.get()
    assert not lazy.is_ready
    assert len(tries) == 1
