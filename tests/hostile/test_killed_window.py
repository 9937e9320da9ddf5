"""A window that is killed at any moment has lost no decision that it had shown."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from hostile.labelling_driver import digest_of
from hostile.measuring import seed
from nameplate.cli.main import run
from nameplate.domain.changes import SetConcepts, Settings, Title
from nameplate.domain.concepts import add_all
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.project import Project

HERE = Path(__file__).parent
KILLS, AT_A_TIME = 50, 5
PICTURES = 60

pytestmark = [
    pytest.mark.hostile,
    pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does"),
]


@pytest.fixture
def file(tmp_path):
    """A project of small pictures and three names."""
    folder, project = tmp_path / "pictures", Project(Settings())
    folder.mkdir()
    for number in range(PICTURES):
        colour = ("red", "green", "blue")[number % 3]
        Image.new("RGB", (40 + number, 40), colour).save(folder / f"{number}.png")
    project.add_images(project.to_add(sorted(folder.iterdir())))
    names, _ = add_all((), ["red", "green", "blue"])
    project.apply(SetConcepts(names), Title("add-names", {"count": 3, "name": "blue"}))
    path = tmp_path / "p.nameplate"
    ProjectFile.create(path, project).close()
    return path


def killed(file, model, seed, seconds, where="grid"):
    """Let the window label for a while, kill it, and return the lines that it said."""
    paths = [str(HERE.parent), str(HERE.parents[1] / "app"), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [
        sys.executable,
        str(HERE / "labelling_driver.py"),
        str(file),
        str(model),
        str(seed),
        where,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        first = process.stdout.readline()
        assert first.startswith("ready"), first
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        whole = process.stdout.read().rpartition("\n")[0]  # the last line may be cut short
        return [line.split() for line in [first, *whole.splitlines()]]


def assert_nothing_shown_is_lost(found, said):
    """Assert that the file has the last step that was painted, or a later one."""
    digests = {int(line[1]): line[2] for line in said if line[0] in ("ready", "done")}
    painted = last_painted(said)
    last, at_work = max(digests), said[-1][0] != "done"
    expected = {digest for at, digest in digests.items() if at >= painted}
    if said[-1][0] == "undo":  # it leads back to what was before
        expected |= set(digests.values())
    is_of_next = at_work and found not in digests.values()  # it is written, and was not said
    assert found in expected or is_of_next, (
        f"{painted} of {last} painted, last said {said[-1]}, in the file: "
        f"{[at for at, digest in digests.items() if digest == found]}"
    )


def last_painted(said):
    return max((int(line[1]) for line in said if line[0] == "painted"), default=0)


def test_a_window_killed_while_somebody_marks_pictures_of_a_page_keeps_the_marks(tiny_model, file):
    rng = random.Random(seed())
    for _ in range(AT_A_TIME):
        moment = rng.uniform(0.5, 2)
        said = killed(file, tiny_model, rng.randrange(1 << 30), moment, "pages")
        again = ProjectFile.open(file)
        try:
            assert_nothing_shown_is_lost(digest_of(again.project), said)
            assert len(again.project.history.done) > 1 or not last_painted(said)
        finally:
            assert again.close(10)


@pytest.mark.parametrize("number", range(KILLS // AT_A_TIME))
def test_a_window_killed_while_somebody_labels_keeps_what_it_showed(
    tiny_model, file, number, record_property
):
    rng = random.Random(seed() + number)
    shown = late = 0
    for _ in range(AT_A_TIME):
        said = killed(file, tiny_model, rng.randrange(1 << 30), rng.uniform(0.02, 0.6))
        shown += sum(line[0] == "painted" for line in said)
        late += sum(line[0] == "late" for line in said)
        again = ProjectFile.open(file)
        try:
            found = digest_of(again.project)
            assert_nothing_shown_is_lost(found, said)
            before = len(again.project.history.done)
            again.project.undo()
            assert len(again.project.history.done) == before - 1
            again.project.redo()
            assert digest_of(again.project) == found
        finally:
            assert again.close(10)
        assert run(["project", "check", str(file)]) == 0
    assert shown > 3 * late
    record_property("decisions shown before a kill", shown)
