import threading

import pytest

from nameplate.domain.errors import ImageError
from nameplate.storage import memory


def test_the_fixed_limit_holds_whatever_is_free() -> None:
    memory.refuse_too_large((20_000, 20_000))
    with pytest.raises(ImageError, match="20,001 x 20,000 pixels") as caught:
        memory.refuse_too_large((20_001, 20_000))
    assert caught.value.remedy == "Make a smaller copy of it."


def test_small_pictures_need_no_look_at_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_free", lambda: pytest.fail("looked"))
    with memory.room_for((1000, 1000), 12_000_000):
        pass


def test_a_picture_that_fits_alone_is_not_refused_for_the_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "_free", lambda: 1e9)
    with memory.room_for((8000, 8000), 900_000_000):
        pass
    with (
        pytest.raises(ImageError, match=r"need 1\.1 GB of memory, and 1\.0 GB can be had"),
        memory.room_for((9000, 10_000), 1_100_000_000),
    ):
        pass


def test_large_pictures_go_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_free", lambda: 1e9)
    inside, most = 0, 0
    counting = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        with memory.room_for((8000, 8000), 900_000_000):
            with counting:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.01)
            with counting:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_the_room_is_given_back_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_free", lambda: 1e9)
    for _ in range(2):
        with pytest.raises(OSError, match="x"), memory.room_for((8000, 8000), 900_000_000):
            raise OSError("x")
