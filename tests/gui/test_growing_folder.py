"""Folders that change under the window."""

import threading

from PIL import Image

from qt_help import heard, wait


def test_a_folder_that_grows_while_it_is_looked_through_ends_and_opens_anew_for_the_rest(
    window, tmp_path
):
    folder, stop = tmp_path / "growing", threading.Event()
    (folder / "a").mkdir(parents=True)

    def grow():
        number = 0
        while not stop.is_set():
            Image.new("RGB", (8, 8), (number % 256, 0, 0)).save(folder / "a" / f"{number}.png")
            number += 1
            stop.wait(0.005)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        wait(lambda: len(list((folder / "a").iterdir())) > 20)
        with heard(window.main.reading.scan_ended):
            window.open(folder)
    finally:
        stop.set()
        writer.join()
    assert len(window.pictures()) > 20
    with heard(window.main.reading.scan_ended):
        window.open(folder)
    window.wait_until_nothing_waits()
    shown = window.pictures()
    assert len(set(shown)) == len(shown) == len(list((folder / "a").iterdir()))
