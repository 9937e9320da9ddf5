import doctest

from nameplate.domain.progress import Progress
from nameplate.wording import numbers


def test_numbers_and_times_are_said_as_their_examples_show():
    assert doctest.testmod(numbers).failed == 0


def test_progress_knows_its_rate_and_what_is_left():
    progress = Progress(done=30, total=90, seconds=10)
    assert (progress.rate, progress.seconds_left) == (3, 20)
    assert Progress(0, 90, 0).seconds_left is None
