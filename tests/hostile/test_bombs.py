"""Files that claim or unfold to very much, files that are none, and one that grows meanwhile."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bombs import BOMBS
from hostile.folders import label_folder, put_good_pictures, read_folder
from hostile.other_bombs import FILES, OTHER_BOMBS
from hostile.picture_bombs import PICTURE_BOMBS
from hostile.samples import samples

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sparse files, pipes and links")

PARTS = 8


def writing(make: Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(make())


ALL = {
    name: make
    for group in (
        {f"a-{name}": writing(make) for name, make in BOMBS.items()},
        {f"b-{name}": writing(make) for name, make in PICTURE_BOMBS.items()},
        {f"c-{name}": writing(make) for name, make in OTHER_BOMBS.items()},
        {f"d-{name}": make for name, make in FILES.items()},
    )
    for name, make in group.items()
}


@pytest.mark.parametrize("part", range(PARTS))
def test_bombs_hold_nothing_up_and_change_no_other_picture(part, table, tmp_path, tiny_model):
    row = table("bombs")
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in sorted(ALL)[part::PARTS]:
        ALL[name](folder / name)
    read_folder(row, folder, tiny_model)
    assert row.tried == len(sorted(ALL)[part::PARTS])
    put_good_pictures(folder, tmp_path / "good", ["a-good.png", "b-good.png", "e-good.png"])
    label_folder(row, folder, tmp_path, tiny_model, most=150)


def test_a_file_that_grows_while_it_is_read_is_a_picture_or_a_reason(table, tmp_path, tiny_model):
    row = table("bombs")
    folder, is_over = tmp_path / "pictures", threading.Event()
    folder.mkdir()
    for name in ("baseline.jpg", "rgb.png", "plain.tif", "rgb.ppm"):
        (folder / name).write_bytes(samples()[name][:200])

    def grow() -> None:
        while not is_over.wait(0.001):
            for path in folder.iterdir():
                with path.open("ab") as stream:
                    stream.write(samples()[path.name][200:] * 20)

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        read_folder(row, folder, tiny_model)
    finally:
        is_over.set()
        thread.join()
    assert row.tried == 4
