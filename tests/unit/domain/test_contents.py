"""Equal digest and size are the same content; one that is not known is the same as nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.images import CONTENT, same_contents
from nameplate.domain.stacks import StackKind, joined

content = st.sampled_from([(-1, b"a" * 16), (5, b"a" * 16), (5, b"b" * 16), (0, b"c" * 16)])


@given(st.lists(content, max_size=12))
def test_pairs_join_all_files_of_the_same_content_and_no_others(files):
    contents = np.array(files, CONTENT)
    numbers = joined({StackKind.SAME_FILE: same_contents(contents)}, len(files)).numbers
    for one, mine in enumerate(files):
        same = [place for place, other in enumerate(files) if other == mine and mine[0] >= 0]
        found = np.flatnonzero(numbers == numbers[one]).tolist() if numbers[one] >= 0 else []
        assert found == (same if len(same) > 1 else [])
