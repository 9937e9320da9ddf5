"""A folder of shards from a stranger makes the program read nothing that was not named or shown."""

import json
import os
import shutil
import tarfile
from dataclasses import replace

import pytest

from nameplate.cli.main import run
from nameplate.cli.progress import result_of
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.sampling import sampled_project
from nameplate.features.runs.shards import read_manifest, read_shard, write_manifest, write_shard

pytest.importorskip("pyarrow")

NAMES = ("--concept", "red", "--concept", "blue")


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


LINKS = (
    "manifest.json", "rules.json", ".lock", "embeddings", "labels", "notes",
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
def test_a_pipe_in_the_place_of_a_file_is_replaced(whole, go_on, coloured, name):
    (whole / name).unlink()
    os.mkfifo(whole / name)
    assert go_on(coloured) == 0
    assert (whole / name).is_file()


def test_what_it_says_controls_no_terminal(whole, go_on, capsys):
    values = json.loads((whole / "manifest.json").read_text())
    (whole / "manifest.json").write_text(json.dumps(values | {"model": "\x1b[2J", "reading": "0"}))
    assert go_on() == 2
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("https://example.org/a.jpg", "url-given"),
        ("s3://bucket/a.jpg", "url-given"),
        ("//server/share/a.jpg", "image-leads-elsewhere"),
        ("\\\\server\\share\\a.jpg", "image-leads-elsewhere"),
        ("a\0.jpg", "image-leads-elsewhere"),
    ],
)
def test_a_sample_with_pictures_on_another_machine_is_refused(whole, name, code):
    rewritten(whole, 0, [name])
    with pytest.raises(UsageError, match=code):
        list(sampled_project(whole, CancelToken()))


def test_a_root_on_another_machine_is_refused(whole):
    manifest = read_manifest(whole)
    for root, code in (
        ("https://example.org", "url-given"),
        ("//server/share", "image-leads-elsewhere"),
    ):
        write_manifest(whole, replace(manifest, root=root))
        with pytest.raises(UsageError, match=code):
            list(sampled_project(whole, CancelToken()))


@pytest.mark.parametrize("member", ["../../evil.jpg", "/evil.jpg", "a/../../evil.jpg", "CON.jpg"])
def test_a_copy_of_a_tar_file_lies_in_its_folder(go_on, coloured, out, tmp_path, member):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(coloured / "red" / "tall.jpg", "x.jpg")
        info = archive.gettarinfo(coloured / "red" / "wide.png")
        info.name = member
        with (coloured / "red" / "wide.png").open("rb") as stream:
            archive.addfile(info, stream)
    assert go_on(tmp_path / "a.tar") == 0
    before = contents_of(tmp_path)
    project = result_of(sampled_project(out, CancelToken()), lambda _: None)
    copies = tmp_path / "run-pictures"
    assert len(project.images) == 2
    assert all(path.is_file() and path.is_relative_to(copies) for path in project.images.paths)
    assert len([path for path in copies.rglob("*") if path.is_file()]) == 2
    assert {path: content for path, content in contents_of(tmp_path).items() if path in before} == (
        before
    )


def rewritten(out, number, names):
    """Give a shard other paths, as whoever made it can."""
    manifest = read_manifest(out)
    shard = read_shard(out, manifest, number)
    paths = [*names, *shard.paths[len(names) :]]
    write_shard(out, manifest, number, replace(shard, paths=paths))
