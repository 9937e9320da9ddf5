"""A folder of shards from a stranger makes the program read nothing that was not named or shown."""

import json
import os
import shutil
from dataclasses import replace

import pytest

from features.runs.run_help import rows
from nameplate.cli.main import run
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.sampling import sampled_project
from nameplate.formats.shards.image_list import ListedImage, digest_of_list, write_list
from nameplate.formats.shards.manifest import read_manifest, write_manifest
from nameplate.pipeline import spool

pytest.importorskip("pyarrow")

NAMES = ("--concept", "red", "--concept", "blue")
URL = "https://example.org/pictures"


@pytest.fixture
def go_on(label):
    def call(*arguments, names=NAMES):
        return label(*arguments, names=names)

    return call


@pytest.fixture
def whole(coloured, go_on, out):
    """A folder of shards of six pictures."""
    assert go_on(coloured, "--shard-size", "2000") == 0
    return out


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tmp_path_factory.mktemp("made") / "run"


@pytest.fixture
def copied(request, made, out):
    """A folder of shards of six pictures, made once; the pictures are gone."""
    if made.exists():
        return shutil.copytree(made, out)
    shutil.copytree(request.getfixturevalue("whole"), made)
    return out


@pytest.fixture
def empty(whole):
    """A folder of shards of six pictures, nothing of which is embedded yet."""
    shutil.rmtree(whole / "embeddings")
    shutil.rmtree(whole / "labels")
    return whole


@pytest.fixture
def fetched(monkeypatch):
    """The URLs that are fetched."""
    urls = []

    monkeypatch.setattr(spool, "fetch", lambda url, *_: urls.append(url))
    return urls


def forge(out, files, **changes):
    """Give a folder another list, as whoever made it can."""
    images = [file if isinstance(file, ListedImage) else ListedImage(file) for file in files]
    write_list(out, images, 2000)
    manifest = replace(read_manifest(out), images=len(images), list_digest=digest_of_list(out))
    write_manifest(out, replace(manifest, **changes))


@pytest.mark.parametrize(
    "file", ["/etc/passwd", "../secret.jpg", "red/../../secret.jpg", f"{URL}/a.jpg"]
)
def test_a_list_that_leads_out_of_what_was_named_is_refused(empty, go_on, coloured, fetched, file):
    (coloured.parent / "secret.jpg").write_bytes((coloured / "red" / "tall.jpg").read_bytes())
    forge(empty, ["red/tall.jpg", file])
    assert go_on(coloured) == 2
    assert go_on() == 2
    assert not (empty / "embeddings").exists()
    assert not fetched


def test_a_root_that_leads_elsewhere_is_refused(empty, go_on, coloured, fetched, capsys):
    for root in ("/etc", str(coloured.parent), URL):
        forge(empty, ["passwd"], root=root)
        assert go_on(coloured) == 2
        assert "isn't part of what this folder was made from" in capsys.readouterr().err
    assert not fetched


def test_nothing_is_fetched_from_another_machine_that_nobody_named(empty, go_on, capsys, fetched):
    forge(empty, ["a.jpg"], root=URL, inputs=(URL,))
    assert go_on("--resume") == 2
    said = capsys.readouterr().err
    assert "not named in this run" in said
    assert URL in said
    assert not fetched
    assert go_on("--resume", "--allow-host", "example.org") == 1
    assert fetched == [f"{URL}/a.jpg"]


@pytest.mark.parametrize("place", [r"\\server\share", "//server/share", "101 inputs, sha256 0"])
def test_what_is_on_another_machine_or_no_place_is_not_read_unnamed(empty, go_on, capsys, place):
    forge(empty, [f"{place}/a.jpg"], root="", inputs=(place,))
    assert go_on("--resume") == 2
    assert "not named in this run" in capsys.readouterr().err


def test_what_was_named_in_this_run_is_fetched(empty, go_on, fetched):
    forge(empty, ["a.jpg", "b/c.jpg"], root=URL, inputs=(URL,))
    assert go_on(URL) == 1
    assert sorted(fetched) == [f"{URL}/a.jpg", f"{URL}/b/c.jpg"]


def test_other_names_need_no_url_named_again(empty, go_on, capsys, fetched):
    forge(empty, ["a.jpg"], root=URL, inputs=(URL,))
    assert go_on(URL) == 1
    fetched.clear()
    assert go_on(names=("--concept", "green", "--concept", "blue")) == 1
    assert "not asked for again" not in capsys.readouterr().err  # it could be had: it is empty
    assert not fetched


@pytest.mark.skipif(os.name != "posix", reason="there are no pipes with names elsewhere")
def test_a_pipe_is_not_waited_for(empty, go_on, coloured):
    os.mkfifo(coloured / "pipe.tar")
    os.mkfifo(coloured / "pipe.jpg")
    forge(empty, [ListedImage("pipe.tar", "a.jpg", 0, 10), "pipe.jpg", "red/tall.jpg"])
    assert go_on(coloured) == 1
    assert [bool(row["error"]) for row in rows(empty, "labels")] == [True, True, False]


@pytest.mark.parametrize(
    "image",
    [
        ListedImage("red/tall.jpg", "a.jpg", 2**63 - 1, 10),
        ListedImage("red/tall.jpg", "a.jpg", 0, 2**62),
        ListedImage("red/tall.jpg", "a.jpg", 0, 0),
        ListedImage("red/no\0thing.tar", "a.jpg", 0, 10),
        ListedImage("red/no\0thing.jpg"),
    ],
)
def test_impossible_places_are_rows_with_their_reason(empty, go_on, coloured, image):
    forge(empty, ["red/tall.jpg", image])
    assert go_on(coloured) == 1
    good, bad = rows(empty, "labels")
    assert (good["label"], bad["label"], bool(bad["error"])) == ("red", None, True)


@pytest.mark.parametrize(("offset", "size"), [(-1, 10), (0, -10)])
def test_numbers_below_zero_are_damage(empty, go_on, coloured, capsys, offset, size):
    forge(empty, [ListedImage("red/tall.jpg", "a.jpg", offset, size)])
    assert go_on(coloured) == 2
    assert "damaged" in capsys.readouterr().err


def test_a_manifest_of_more_images_than_are_listed_is_refused_at_once(
    empty, go_on, coloured, capsys
):
    write_manifest(empty, replace(read_manifest(empty), images=10**10, shard_size=1))
    assert go_on(coloured) == 2
    assert "damaged" in capsys.readouterr().err


LINKS = (
    "manifest.json", "images.parquet", "rules.json", ".lock", "embeddings", "labels", "notes",
    "embeddings/00000.parquet", "labels/00000.parquet", "labels/00001.parquet",
)  # fmt: skip


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_in_a_folder_is_refused_and_nothing_is_written_through_it(
    copied, go_on, tmp_path, capsys, name, is_there
):
    file, canary = copied / name, tmp_path / "canary"
    if is_there and file.is_dir():
        file.rename(canary)
    elif is_there:
        canary.write_bytes(file.read_bytes() if file.exists() else b"mine")
        file.unlink(missing_ok=True)
    else:
        shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)
    file.symlink_to(canary)
    before = contents_of(tmp_path)
    assert go_on(names=("--concept", "green", "--concept", "blue")) == 2
    assert "a link, which" in capsys.readouterr().err
    assert contents_of(tmp_path) == before
    assert not canary.exists() or is_there
    with pytest.raises(UsageError):  # nor does the window, or a search, look through it
        list(sampled_project(copied, CancelToken(), 5))


def contents_of(folder):
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and path.name != ".lock"
    }


def test_the_folder_itself_may_be_a_link(whole, tmp_path, tiny_model):
    (tmp_path / "link").symlink_to(whole)
    names = ("--concept", "green", "--concept", "blue", "--model", str(tiny_model))
    assert run(["label", "--out", str(tmp_path / "link"), *names]) == 0
    assert b"green" in (whole / "rules.json").read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="there are no pipes with names elsewhere")
@pytest.mark.parametrize("name", ["rules.json", "embeddings/00000.parquet", "labels/00000.parquet"])
def test_a_pipe_in_the_place_of_a_file_is_replaced(whole, go_on, name):
    (whole / name).unlink()
    os.mkfifo(whole / name)
    assert go_on() == 0
    assert (whole / name).is_file()


def test_what_it_says_controls_no_terminal(empty, go_on, coloured, capsys):
    forge(empty, ["red/tall.jpg"], inputs=("/a\x1b[2J",))  # a glob, too: of /a, and not of /
    assert go_on() == 2
    values = json.loads((empty / "manifest.json").read_text())
    (empty / "manifest.json").write_text(json.dumps(values | {"made_at": "\x1b[2J\x1b[H"}))
    assert go_on() == 2
    assert "\x1b" not in capsys.readouterr().err
