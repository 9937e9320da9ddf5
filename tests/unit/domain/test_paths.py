import gc
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.paths import PathList

NAMES = st.lists(st.text("ab/. \u00e9", min_size=1), max_size=8)


@given(NAMES, NAMES)
def test_it_gives_back_the_paths_that_were_put_in(names, more):
    paths, others = [Path(name) for name in names], [Path(name) for name in more]
    kept = PathList(paths)
    kept.extend(PathList(others))
    assert list(kept) == paths + others
    assert len(kept) == len(names) + len(more)
    assert list(kept[1:]) == (paths + others)[1:]
    assert list(kept.select(range(len(kept))[::-1])) == (paths + others)[::-1]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have only Unicode names")
def test_a_name_that_is_not_utf_8_stays_what_it_is():
    odd = Path(os.fsdecode(b"/caf\xe9/\xff.png"))
    assert PathList([odd])[0] == odd
    assert os.fsencode(PathList([odd])[0]) == b"/caf\xe9/\xff.png"


def test_a_row_that_is_not_there_is_an_error_and_the_last_one_can_be_asked_for():
    kept = PathList([Path("a"), Path("b")])
    assert kept[-1] == Path("b")
    with pytest.raises(IndexError):
        kept[2]


def test_pythons_collector_has_nothing_to_look_through():
    kept = PathList(Path(f"/pictures/{number}.jpg") for number in range(1000))
    gc.collect()
    (texts,) = (found for found in gc.get_referents(kept) if isinstance(found, list))
    assert len(texts) == 1000
    assert not any(map(gc.is_tracked, texts))
