"""A thousand damaged files of every format, between good pictures."""

import random

import pytest

from hostile.folders import label_folder, put_good_pictures, read_folder
from hostile.measuring import seed
from hostile.mutation import mutated
from hostile.samples import samples

COUNT, PARTS = 1000, 8


@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_pictures_hold_nothing_up_and_change_no_other(part, table, tmp_path, tiny_model):
    row = table("mutated images")
    folder = tmp_path / "pictures"
    folder.mkdir()
    kinds = sorted(samples().items())
    for number in range(part, COUNT, PARTS):
        chance = random.Random(f"{seed()} {number}")
        name, data = kinds[number // PARTS % len(kinds)]
        (folder / f"{number:04}-{name}").write_bytes(mutated(chance, data))
    read_folder(row, folder, tiny_model)
    assert row.tried == COUNT // PARTS
    good = [f"{number:04}-good.png" for number in range(0, COUNT, COUNT // 8)]
    put_good_pictures(folder, tmp_path / "good", good)
    label_folder(row, folder, tmp_path, tiny_model, most=100)
