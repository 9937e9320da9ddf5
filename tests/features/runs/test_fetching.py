"""Pictures of a run that lie on a web server are fetched in the window as they are looked at."""

import csv
import json
import threading
from collections.abc import Iterator

import pytest
from PIL import Image
from PySide6.QtWidgets import QToolButton

from nameplate.domain.errors import ImageError
from qt_help import answer_message, heard, wait
from tiny_model import build_tiny_model

pytest.importorskip("pyarrow")


class Server:
    """The pictures in a folder, as if they were elsewhere."""

    def __init__(self, folder) -> None:
        self.address, self.folder = "https://example.org", folder
        self.asked = list[str]()
        self.refuses = False
        self.held = threading.Event()
        self.held.set()

    def fetch(self, url, part, target, cancel, may_follow) -> None:
        self.asked.append(url)
        self.held.wait(10)
        if self.refuses:
            raise ImageError("remote-forbidden")
        target.write((self.folder / url.removeprefix(f"{self.address}/")).read_bytes())


@pytest.fixture
def served(coloured, monkeypatch) -> Iterator[Server]:
    server = Server(coloured)
    monkeypatch.setattr("nameplate.pipeline.spool.fetch", server.fetch)
    yield server
    server.held.set()


@pytest.fixture
def sample(window, served, coloured, tmp_path, label, out):
    """The window with six pictures of a run, of which none was asked for."""
    listed = tmp_path / "list.txt"
    files = sorted(path.relative_to(coloured).as_posix() for path in coloured.rglob("*.*"))
    listed.write_text("\n".join(f"{served.address}/{file}" for file in files))
    assert label("--list", listed) == 0
    served.asked.clear()
    with heard(window.main.files.opened):
        window.drop(out)
    window.wait_for_pictures(6)
    wait(lambda: len(failed(window)) == 6)
    assert not served.asked
    return window


def paths_of(window):
    return list(window.main.owner.project.images.paths)


def failed(window):
    return [path for path in paths_of(window) if window.main.thumbnails.has_failed(path)]


def fetch(window):
    answer_message(window.main.standing, "Fetch as needed")


def test_nobody_is_asked_before_a_person_agrees_then_all_pictures_are_fetched_once(sample, served):
    assert "at https://example.org, and not fetched yet" in sample.standing_message
    fetch(sample)
    wait(lambda: len(served.asked) == 6)
    wait(lambda: sample.main.thumbnails.is_idle and not failed(sample))
    assert len(set(served.asked)) == 6
    assert sample.standing_message == "All 6 pictures in run, in a random order."


@pytest.mark.parametrize("chosen", ["CSV", "JSON Lines"])
def test_labels_of_fetched_pictures_are_delivered_with_their_addresses_and_come_back(
    sample, tmp_path, coloured, chosen
):
    assert sample.title == "run - Nameplate"
    sample.menu("Auto-label all")
    wait(lambda: all(sample.chips()))
    sample.open_export(chosen)
    place = sample.main.exporting.panel.place.shown_path
    assert (place.parent, place.stem) == (tmp_path, "run-labels")
    out = tmp_path / f"out{place.suffix}"
    sample.export(out, chosen)
    text = out.read_text()
    is_csv = chosen == "CSV"
    rows = csv.DictReader(text.splitlines()) if is_csv else map(json.loads, text.splitlines())
    files = sorted(path.relative_to(coloured).as_posix() for path in coloured.rglob("*.*"))
    assert [row["path"] for row in rows] == [f"https://example.org/{file}" for file in files]
    from features.exchange.driver import Imports

    assert Imports(sample).open(out)[0] == "6 of 6 rows match your pictures."


def test_the_question_comes_back_and_nobody_is_said_to_have_failed(sample, served):
    sample.main.standing.findChild(QToolButton).click()
    assert sample.main.standing.isHidden()
    sample.menu("Go to the pictures")
    sample.press("Home")
    wait(lambda: "Not fetched yet" in sample.picture.message)
    sample.menu("Find missing files")
    fetch(sample)
    wait(lambda: len(set(served.asked)) == 6)


def test_inspector_and_large_view_try_again_by_themselves(sample, served):
    sample.menu("Go to the pictures")
    sample.press("Space")
    sample.wait_until_decoded()
    assert sample.large.picture_size() is None
    fetch(sample)
    wait(lambda: sample.large.picture_size() is not None)
    sample.press("Escape")
    wait(lambda: sample.main.inspector.is_settled)
    assert sample.picture.picture_size() is not None


def test_what_could_not_be_fetched_is_said_and_tried_again(sample, served):
    served.refuses = True
    fetch(sample)
    wait(lambda: "6 pictures could not be fetched" in sample.standing_message)
    assert "the server denied access" in sample.standing_message
    tips = [sample.main.arrangement.model.tile(row).note for row in range(6)]
    assert all("denied access" in tip for tip in tips)
    served.refuses = False
    answer_message(sample.main.standing, "Try again")
    wait(lambda: sample.main.thumbnails.is_idle and not failed(sample))
    wait(lambda: sample.standing_message == "All 6 pictures in run, in a random order.")
    wait(lambda: not any(sample.main.arrangement.model.tile(row).note for row in range(6)))


def test_pictures_that_another_model_could_not_read_yet_are_read_once_a_person_agrees(
    sample, served, tmp_path
):
    other = build_tiny_model(tmp_path / "other", seed=7)
    with heard(sample.main.model_in_use.loaded):
        sample.begin_to_use(other)
    images = sample.main.owner.project.images
    wait(lambda: not images.waiting)
    assert len(images.reasons) == 6
    fetch(sample)
    wait(lambda: not images.waiting and not images.reasons)
    assert len(set(served.asked)) == 6


def test_a_file_that_was_changed_since_the_run_is_said_to_be(window, coloured, label, out):
    assert label(coloured) == 0
    changed = coloured / "red" / "wide.png"
    Image.new("RGB", (90, 60), "blue").save(changed)
    with heard(window.main.files.opened):
        window.drop(out)
    window.wait_for_pictures(6)
    row = paths_of(window).index(changed)
    images, model = window.main.owner.project.images, window.main.arrangement.model
    wait(lambda: "changed since the run" in model.tile(model.index_of(row).row()).note)
    assert list(images.notes) == [row]
    sample = window.main.owner.project.sample
    assert (images.contents != sample.contents).tolist() == [n == row for n in range(6)]
