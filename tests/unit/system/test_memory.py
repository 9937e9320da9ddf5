import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from nameplate.domain.errors import ImageError
from nameplate.system import memory
from nameplate.wording.texts import remedy_of


def test_the_fixed_limit_holds_whatever_is_free():
    memory.refuse_too_large((20_000, 20_000))
    with pytest.raises(ImageError, match="width=20001, height=20000, most=400000000") as caught:
        memory.refuse_too_large((20_001, 20_000))
    assert remedy_of(caught.value.reason) == "Make a smaller copy."


def test_small_pictures_need_no_look_at_the_memory(monkeypatch):
    monkeypatch.setattr(memory, "_free", lambda: pytest.fail("looked"))
    with memory.room_for((1000, 1000), 12_000_000):
        pass


def test_a_picture_that_fits_alone_is_not_refused_for_the_number_of_threads(monkeypatch):
    monkeypatch.setattr(memory, "_free", lambda: 1e9)
    with memory.room_for((8000, 8000), 900_000_000):
        pass
    with (
        pytest.raises(ImageError, match=r"too-little-memory .*need=1100000000, free=1000000000\.0"),
        memory.room_for((9000, 10_000), 1_100_000_000),
    ):
        pass


@pytest.mark.parametrize(("need", "expected"), [(900_000_000, 1), (400_000_000, 2)])
def test_large_pictures_go_together_only_where_there_is_room_for_all(monkeypatch, need, expected):
    monkeypatch.setattr(memory, "_free", lambda: 1e9)
    inside, most = 0, 0
    counting = threading.Lock()

    def work(_):
        nonlocal inside, most
        with memory.room_for((8000, 8000), need):
            with counting:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.02)
            with counting:
                inside -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert most == expected


def test_the_room_is_given_back_after_a_failure(monkeypatch):
    monkeypatch.setattr(memory, "_free", lambda: 1e9)
    for _ in range(2):
        with pytest.raises(OSError, match="x"), memory.room_for((8000, 8000), 900_000_000):
            raise OSError("x")


@pytest.fixture
def cgroup(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    monkeypatch.setattr(memory, "_available", lambda: 8e9)
    return tmp_path


@pytest.mark.parametrize(
    ("limit", "used", "stat", "free"),
    [
        ("2000000000\n", "500000000\n", "", 1.5e9),
        # Files that the system keeps in memory give way to a program.
        ("2000000000", "1900000000", "anon 1\ninactive_file 1000000000\nactive_file 5\n", 1.1e9),
        ("1000", "2000", "", 0),
        ("max\n", "500000000\n", "", 8e9),
        ("90000000000", "500", "", 8e9),
        ("", "500", "", 8e9),
        ("many", "500", "", 8e9),
        ("2000000000", None, "", 8e9),
        (None, None, None, 8e9),
    ],
)
def test_the_limit_of_a_container_counts(cgroup, limit, used, stat, free):
    facts = {"memory.max": limit, "memory.current": used, "memory.stat": stat}
    for name, text in facts.items():
        if text is not None:
            (cgroup / name).write_text(text)
    assert memory.free_bytes() == pytest.approx(free, abs=10)
