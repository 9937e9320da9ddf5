import pytest

from nameplate.domain.progress import Progress
from nameplate.wording.numbers import counted, time_left


@pytest.mark.parametrize(
    ("seconds", "message"),
    [(None, ""), (12.4, "12 s left"), (600, "10 min left"), (7200, "2.0 h left")],
)
def test_time_left_is_said_in_words(seconds, message):
    assert time_left(seconds) == message


def test_counts_have_a_plural_and_thousands():
    assert (counted(1, "picture"), counted(1200, "picture")) == ("1 picture", "1,200 pictures")


def test_progress_knows_its_rate_and_what_is_left():
    progress = Progress(done=30, total=90, seconds=10)
    assert (progress.rate, progress.seconds_left) == (3, 20)
    assert Progress(0, 90, 0).seconds_left is None
