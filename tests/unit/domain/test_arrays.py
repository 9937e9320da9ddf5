import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.arrays import places_among

INT32 = st.integers(-(2**31), 2**31 - 1)
IDS = st.one_of(st.integers(-3, 40), st.integers(65_530, 65_540), INT32)


@given(st.lists(IDS), st.lists(IDS, unique=True))
def test_each_number_is_found_at_its_place_however_large_the_numbers_are(values, few):
    found = places_among(np.array(values, np.int32), np.array(few, np.int32))
    assert found.tolist() == [few.index(value) if value in few else -1 for value in values]
