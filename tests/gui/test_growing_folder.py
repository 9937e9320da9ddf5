"""Folders that change under the window."""

import threading

from PIL import Image


def test_a_folder_that_grows_while_it_is_looked_through_ends_and_opens_anew_for_the_rest(
    qtbot, window, tmp_path
):
    folder, stop = tmp_path / "growing", threading.Event()
    (folder / "a").mkdir(parents=True)

    def grow():
        number = 0
        while not stop.is_set():
            Image.new("RGB", (8, 8), (number % 256, 0, 0)).save(folder / "a" / f"{number}.png")
            number += 1

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        qtbot.waitUntil(lambda: len(list((folder / "a").iterdir())) > 20, timeout=10_000)
        with qtbot.waitSignal(window.controller.scan_finished, timeout=10_000):
            window.open_paths([folder])
    finally:
        stop.set()
        writer.join()
    images = window.controller.project.images
    assert len(images) > 20
    with qtbot.waitSignal(window.controller.scan_finished, timeout=10_000):
        window.open_paths([folder])
    qtbot.waitUntil(lambda: not images.waiting, timeout=20_000)
    paths = images.paths
    assert len(set(paths)) == len(images) == len(list((folder / "a").iterdir()))
