"""`nameplate write-keywords`: what it says, what it writes, and that a kill loses nothing."""

import json
import os
import random
import subprocess
import sys
import time

import pytest

from exchange_help import project_of
from features.keywords.tools import (
    jpeg,
    killed_after,
    needs_scripts,
    packet_of_others,
    stand_in,
    xmp,
)
from nameplate.cli.main import run
from nameplate.domain.images import contents_of
from nameplate.features.keywords.backup import backups_of
from nameplate.features.keywords.jpeg import jpeg_of
from nameplate.system.file_status import content_key
from project_help import kept, reopened

pytestmark = needs_scripts


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of four labelled pictures, of which one is no JPEG, and a program on the path."""
    monkeypatch.setenv("PATH", str(stand_in(tmp_path / "bin").parent), prepend=os.pathsep)
    folder = tmp_path / "pictures"
    folder.mkdir()
    contents = [jpeg(), jpeg(colour="blue"), jpeg(xmp(packet_of_others("holiday")))]
    labels = {folder / f"{number}.jpg": ["cat"] for number in range(3)}
    for path, content in zip(labels, contents, strict=True):
        path.write_bytes(content)
    other = folder / "other.png"
    other.write_bytes(b"no picture at all")
    file = tmp_path / "p.nameplate"
    _, opened = kept(file, Opened(project_of({**labels, other: ["dog"]})))
    assert opened.close()
    return file


class Opened:
    def __init__(self, project):
        self.project = project


def pictures(project):
    return sorted((project.parent / "pictures").glob("*.jpg"))


def contents(project):
    return [path.read_bytes() for path in pictures(project)]


@pytest.fixture
def command(capsys):
    def call(*arguments):
        code = run(["write-keywords", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def knows_its_files(project):
    """Whether the project knows what its pictures hold, and thinks that none was changed."""
    found = reopened(project)
    return (
        found.images.contents[:3].tolist()
        == contents_of([content_key(path) for path in pictures(project)]).tolist()
    )


def test_it_writes_says_how_to_take_it_back_and_takes_it_back(project, command):
    before = contents(project)
    code, out, err = command(project)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Keywords written into 3 pictures.",
        "1 labelled picture isn't a JPEG: export an XMP sidecar for it.",
        f"To put them back: nameplate write-keywords {project} --undo",
        f"To keep them so: nameplate write-keywords {project} --keep",
    ]
    assert all(new != old for new, old in zip(contents(project), before, strict=True))
    assert knows_its_files(project)
    assert reopened(project).history.done[-1].title.code == "write-keywords"
    assert command(project, "--undo")[:2] == (0, "3 pictures are as they were before.\n")
    assert contents(project) == before
    assert knows_its_files(project)
    assert reopened(project).history.done[-1].title.code != "write-keywords"
    code, _, err = command(project, "--undo")
    assert (code, err) == (2, "nameplate: nothing to put back or to keep\n")


def test_what_is_kept_cannot_be_put_back(project, command):
    command(project)
    written = contents(project)
    assert command(project, "--keep")[:2] == (0, "3 pictures kept as they are\n")
    assert command(project, "--undo")[0] == 2
    assert contents(project) == written


def test_a_damaged_backup_is_named_and_can_be_kept(project, command):
    before = contents(project)
    command(project)
    (backup,) = backups_of(reopened(project).identity)
    lines = backup.path.read_bytes().splitlines(keepends=True)
    backup.path.write_bytes(b"damaged\n" + b"".join(lines[1:]))
    code, out, err = command(project, "--undo")
    assert (code, out) == (1, "2 pictures are as they were before.\n")
    assert "its backup can't be read" in err
    assert contents(project)[1:] == before[1:]
    assert command(project, "--keep")[0] == 0
    assert not backups_of(reopened(project).identity)


def test_a_copy_of_the_project_with_fewer_pictures_puts_all_back(project, command):
    before, copy = contents(project), project.with_name("copy.nameplate")
    _, other = kept(copy, Opened(project_of({pictures(project)[0]: ["cat"]})))
    assert other.close()
    command(project)
    identity = f"{reopened(project).identity} "
    (backup,) = backups_of(reopened(project).identity)
    renamed = backup.path.name.replace(identity, f"{reopened(copy).identity} ")
    backup.path.rename(backup.path.with_name(renamed))
    assert command(copy, "--undo")[:2] == (0, "3 pictures are as they were before.\n")
    assert contents(project) == before


def test_a_second_time_there_is_nothing_to_write(project, command):
    command(project)
    written = contents(project)
    code, out, _ = command(project, "--json")
    assert (code, json.loads(out)["written"], json.loads(out)["as_they_were"]) == (0, 0, 3)
    assert contents(project) == written
    assert len(backups_of(reopened(project).identity)) == 1


def test_a_picture_with_a_problem_is_named_and_the_exit_code_is_1(project, command):
    pictures(project)[1].write_bytes(jpeg(colour="green"))
    code, out, err = command(project, "--json")
    assert code == 1
    found = json.loads(out)
    assert found["written"] == 2
    why = "changed by another program since you labelled it"
    assert found["problems"] == [{"path": str(pictures(project)[1]), "why": why}]
    assert err == f"nameplate: {pictures(project)[1]}: {why}\n"


def test_without_exiftool_it_says_where_to_get_it(project, command, monkeypatch):
    monkeypatch.setattr("nameplate.features.keywords.exiftool._USUAL", ())
    monkeypatch.setenv("PATH", str(project.parent))
    before = contents(project)
    code, _, err = command(project)
    assert code == 2
    assert "ExifTool, which writes keywords into pictures, isn't installed" in err
    assert contents(project) == before


def whole(project, before):
    """Return how many pictures have keywords; each is as before, or has the rest as before."""
    now = contents(project)
    assert [jpeg_of(one).rest for one in now] == [jpeg_of(one).rest for one in before]
    return sum(one != old for one, old in zip(now, before, strict=True))


def try_kill(project, command, before, steps, *arguments):
    """Kill it at a step; all that was written can be put back, and it can be done again."""
    is_killed = killed_after(project, steps, *arguments)
    count = whole(project, before)
    if backups_of(reopened(project).identity):
        assert command(project, "--undo")[0] == 0
    else:
        assert not count
    assert contents(project) == before
    assert command(project)[0] == 0
    assert whole(project, before) == 3
    assert knows_its_files(project)
    assert command(project, "--undo")[0] == 0
    assert contents(project) == before
    assert not list((project.parent / "pictures").glob(".*"))
    return is_killed


@pytest.mark.parametrize("steps", [8, 16, 22])
def test_a_kill_tears_no_picture_and_all_can_be_put_back(project, command, steps):
    assert try_kill(project, command, contents(project), steps)


@pytest.mark.hostile
def test_a_kill_at_any_step_of_writing_loses_nothing(project, command):
    before, steps = contents(project), 0
    while try_kill(project, command, before, steps):
        steps += 1
    assert steps > 15


@pytest.mark.hostile
def test_a_kill_at_any_step_of_putting_back_loses_nothing(project, command):
    before, steps, is_killed = contents(project), 0, True
    while is_killed:
        command(project)
        is_killed = try_kill(project, command, before, steps, "--undo")
        steps += 1
    assert steps > 10


@pytest.mark.hostile
def test_kills_at_random_moments_lose_nothing(project, command):
    before = contents(project)
    chance = random.Random(int(os.environ.get("NAMEPLATE_HOSTILE_SEED", "1")))
    for _ in range(20):
        process = subprocess.Popen(
            [sys.executable, "-m", "nameplate", "write-keywords", str(project)],
            stdout=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.2, 1.0))
        process.kill()
        process.wait()
        whole(project, before)
        if backups_of(reopened(project).identity):
            assert command(project, "--undo")[0] == 0
        assert contents(project) == before


def test_a_picture_that_was_written_before_a_kill_is_no_other_picture(project, command):
    before, steps = contents(project), 12
    while not whole(project, before):
        assert killed_after(project, steps)
        steps += 1
    code, out, err = command(project, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["written"] + json.loads(out)["as_they_were"] == 3
    assert knows_its_files(project)
    while backups_of(reopened(project).identity):
        command(project, "--undo")
    assert contents(project) == before
