"""Tries count for all copies of a project on a computer, and for all samples of a run."""

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace

import numpy as np
import pytest

from features.promise.promise_help import Folder, decide_some, sampled
from nameplate.features.promise import counting
from nameplate.features.promise.counting import TRIES_NAME, begin_counted, counted_tries
from nameplate.features.promise.rules import beginning
from nameplate.features.promise.rules.checking import next_page
from nameplate.features.promise.rules.promises import tries_in
from nameplate.formats.shards.manifest import Manifest, write_manifest
from nameplate.project.file import store
from nameplate.storage.folders import tries_folder


def begin(folder, target=0.98):
    """Begin as the window does; return which try it is, and what is said of counting it."""
    step, why = begin_counted(folder.project, folder.now, target)
    folder.take(step)
    return folder.promise.tries, why


def test_a_copy_from_before_a_promise_has_its_tries_on_the_same_computer(tmp_path):
    folder, path = Folder(300, wrong=range(0, 300, 30)), tmp_path / "a.nameplate"
    store.close(store.create(path, folder.project))
    shutil.copyfile(path, tmp_path / "copy.nameplate")
    assert begin(folder) == (1, None)
    folder.check(next_page(folder.project))
    folder.go_on_with(tmp_path / "copy.nameplate")
    assert not tries_in(folder.project)
    decide_some(folder)
    assert begin(folder) == (2, None)
    folder.go_on_with(path)
    decide_some(folder, 2)
    assert begin(folder) == (3, None)
    assert begin(Folder(300, seed=8)) == (1, None)  # another project


def test_the_try_is_counted_before_anything_of_it_is_seen(tmp_path):
    folder = Folder(300)
    step, _ = begin_counted(folder.project, folder.now, 0.98)
    assert counted_tries(folder.project) == {step.promise.seed: 1}
    (path,) = tries_folder().glob("*.json")
    assert json.loads(path.read_bytes()) == [[step.promise.seed, 1]]


def test_windows_that_begin_at_once_on_two_copies_get_tries_of_their_own(monkeypatch):
    windows = [Folder(300) for _ in range(2)]
    decide_some(windows[1])
    meeting = threading.Barrier(2)

    def begin_slowly(*args, **options):
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.3)  # both have read by now, unless one waits for the other
        return beginning.begin(*args, **options)

    monkeypatch.setattr(counting, "begin", begin_slowly)
    with ThreadPoolExecutor() as pool:
        assert sorted(number for number, _ in pool.map(begin, windows)) == [1, 2]


def sample_of(run, seed):
    """Return a fresh sample of the run in a folder."""
    folder = sampled(2000, seed=seed)
    sample = folder.project.sample
    folder.project.sample = replace(sample, folder=str(run), seed=seed)
    return folder


@pytest.fixture
def run(tmp_path):
    """The folder of a run."""
    folder = tmp_path / "run"
    folder.mkdir()
    write_manifest(
        folder, Manifest(("/a",), "/a", 10**7, 2000, "0" * 64, "model", "1", 3, "2", "2026-11-26")
    )
    return folder


def elsewhere(monkeypatch, tmp_path, name):
    """Work on another computer, as another person: with another data folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / name))


def test_fresh_samples_of_a_run_are_tries_of_one_life_wherever_they_are_drawn(
    run, tmp_path, monkeypatch
):
    for number in range(1, 6):
        elsewhere(monkeypatch, tmp_path, f"person {number}")
        folder = sample_of(run, number)
        assert begin(folder) == (number, None)
        assert folder.promise.run_least is not None
    assert len(json.loads((run / TRIES_NAME).read_bytes())) == 5
    first, fifth = (sample_of(run, n) for n in (1, 5))
    assert begin(first)[0] == 1  # the same sample again, with the same checks
    assert begin(fifth)[0] == 5


def missing(run):
    shutil.rmtree(run)


def of_another_run(run):
    text = (run / "manifest.json").read_text().replace("0" * 64, "1" * 64)
    (run / "manifest.json").write_text(text)


def with_a_link(run):
    (run.parent / "precious").write_text("mine")
    (run / TRIES_NAME).symlink_to(run.parent / "precious")


def damaged(run):
    (run / TRIES_NAME).write_text("[[")


def not_writable(run):
    (run / TRIES_NAME).mkdir()


def contents(folder):
    """Return what the files in a folder hold, but for locks."""
    files = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")
    return {path: path.read_bytes() for path in files}


@pytest.mark.parametrize("change", [missing, of_another_run, with_a_link, damaged, not_writable])
def test_where_the_folder_of_the_run_cannot_count_this_computer_does_and_that_is_said(
    change, run, tmp_path
):
    change(run)
    before = contents(tmp_path)
    for number in (1, 2):
        tries, why = begin(sample_of(run, number))
        assert tries == number
        assert why.code == "tries-not-counted"
    assert contents(tmp_path) == before


def test_a_run_on_another_computer_is_not_asked(run):
    folder = sample_of("//host/share/run", 1)
    assert begin(folder)[1].parameters["why"].code == "run-is-elsewhere"


def test_after_a_promise_about_a_sample_was_begun_another_one_says_nothing_of_the_run(run):
    folder = sample_of(run, 1)
    begin(folder)
    folder.project.undo()
    begin(folder)
    assert folder.promise.run_least is not None
    begin(folder, 0.95)
    assert folder.promise.run_least is None


def test_numbers_of_a_file_that_counts_are_believed_only_as_numbers(tmp_path):
    folder = Folder(300)
    begin(folder)
    (path,) = tries_folder().glob("*.json")
    for text in ("{}", "[[1]]", "[[1, -1]]", "[[1, 1e9]]", "[" * 100_000, "7", "null"):
        path.write_text(text)
        assert not counted_tries(folder.project) or text == "{}"
    decide_some(folder)
    assert begin(folder)[0] == 2
    assert np.all(np.array(list(tries_in(folder.project).values())) > 0)
    with closing(store.create(tmp_path / "a.nameplate", folder.project)):
        pass
