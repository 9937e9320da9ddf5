import json
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from nameplate.cli.main import run
from nameplate.formats.shards.manifest import read_manifest
from nameplate.formats.shards.vectors import embeddings_file, read_shard
from nameplate.inference.encoders import ImageEncoder
from nameplate.pipeline.shards import workers
from nameplate.storage.lock import locked

parquet = pytest.importorskip("pyarrow.parquet")

COLOURS = ("--concept", "red", "--concept", "green", "--concept", "blue")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def label(tiny_model, out):
    """Label into the folder `out`, two images a shard where it is new."""

    def call(*arguments, names=COLOURS):
        if not (out / "manifest.json").exists() and "--shard-size" not in arguments:
            arguments = (*arguments, "--shard-size", "2")
        model = () if "--model" in arguments else ("--model", str(tiny_model))
        return run(["label", *map(str, arguments), "--out", str(out), *model, *names])

    return call


@pytest.fixture
def encoded(monkeypatch):
    """How many images went through the image encoder, at each call."""
    counts, encode = [], ImageEncoder.encode

    def counting(self, batch, cancel=None):
        counts.append(len(batch))
        return encode(self, batch, cancel)

    monkeypatch.setattr(ImageEncoder, "encode", counting)
    return counts


def rows(out, folder):
    return [
        row
        for file in sorted((out / folder).glob("*.parquet"))
        for row in parquet.read_table(file).to_pylist()
    ]


def test_a_folder_becomes_shards_of_vectors_and_of_labels(label, coloured, out, capsys):
    assert label(coloured, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["images"], summary["shards"], summary["embedded"]) == (6, 3, 6)
    assert summary["labels"] == {"red": 2, "green": 2, "blue": 2}
    found = rows(out, "embeddings")
    assert list(found[0]) == ["path", "content_hash", "embedding", "problem"]
    labels = {row["path"]: row["label"] for row in rows(out, "labels")}
    assert labels == {row["path"]: row["path"].partition("/")[0] for row in found}


def test_vectors_and_labels_are_those_of_embed_and_of_the_csv(
    label, coloured, out, tiny_model, tmp_path
):
    csv, npz, model = tmp_path / "l.csv", tmp_path / "v.npz", ("--model", str(tiny_model))
    assert label(coloured, "--scores", "all") == 0
    assert run(["label", str(coloured), "--csv", str(csv), *model, *COLOURS]) == 0
    assert run(["embed", str(coloured), "--npz", str(npz), *model]) == 0
    with np.load(npz) as arrays:
        expected = dict(zip(arrays["path"].tolist(), arrays["embedding"], strict=True))
    for row in rows(out, "embeddings"):
        vector = np.array(row["embedding"], np.float32)
        assert vector @ expected[row["path"]] / np.linalg.norm(vector) > 0.9999
    lines = csv.read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    by_path = {line.split(",")[0]: line.split(",") for line in lines[1:]}
    for row in rows(out, "labels"):
        assert list(row) == [*header, "p:red", "p:green", "p:blue"]
        assert row["label"] == by_path[row["path"]][1]
        assert row["probability"] == pytest.approx(float(by_path[row["path"]][2]), abs=2e-3)
        assert row["p:red"] + row["p:green"] + row["p:blue"] == pytest.approx(1, abs=1e-5)


def test_other_names_read_no_picture_again(label, coloured, out, encoded):
    assert label(coloured) == 0
    shutil.rmtree(coloured)
    done = len(encoded)
    assert label(names=("--concept", "yellow", "--concept", "blue")) == 0
    assert len(encoded) == done
    assert {row["label"] for row in rows(out, "labels")} == {"yellow", "blue"}


def test_the_same_names_write_nothing_again(label, coloured, out):
    assert label(coloured) == 0
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*.parquet")}
    assert label(coloured) == 0
    assert {file: file.stat().st_mtime_ns for file in out.rglob("*.parquet")} == before


@pytest.mark.parametrize("damage", ["missing", "cut short", "of another list", "no parquet"])
def test_only_a_shard_that_is_not_whole_is_embedded_again(label, coloured, out, encoded, damage):
    assert label(coloured) == 0
    whole, file = rows(out, "embeddings"), embeddings_file(out, 1)
    encoded.clear()
    if damage == "missing":
        file.unlink()
    elif damage == "cut short":
        file.write_bytes(file.read_bytes()[:-20])
    elif damage == "of another list":
        shutil.copy(embeddings_file(out, 0), file)
    else:
        file.write_bytes(b"PAR1 and nothing else")
    assert label(coloured) == 0
    assert sum(encoded) == 2
    assert rows(out, "embeddings") == whole


def test_damage_inside_a_shard_is_found_when_it_is_labelled_and_mended(
    label, coloured, out, capsys
):
    assert label(coloured) == 0
    whole, file = rows(out, "embeddings"), embeddings_file(out, 1)
    content = bytearray(file.read_bytes())
    content[content.index(np.array(whole[2]["embedding"], np.float16).tobytes())] ^= 1
    file.write_bytes(content)
    assert label(names=("--concept", "red", "--concept", "blue")) == 0
    assert "damaged" in capsys.readouterr().err
    assert rows(out, "embeddings") == whole


def test_a_picture_that_cannot_be_read_is_a_row_with_its_reason(label, coloured, out, capsys):
    (coloured / "red" / "text.jpg").write_text("not a picture")
    assert label(coloured) == 1
    (row,) = [row for row in rows(out, "embeddings") if row["path"] == "red/text.jpg"]
    assert np.isnan(row["embedding"]).all()
    assert "not a picture" in row["problem"]
    (labelled,) = [row for row in rows(out, "labels") if row["path"] == "red/text.jpg"]
    assert labelled["label"] is None
    assert labelled["error"] == row["problem"]
    assert "1 files" in capsys.readouterr().err


def test_a_picture_that_went_away_since_is_a_row_with_its_reason(label, coloured, out):
    assert label(coloured) == 0
    embeddings_file(out, 0).unlink()
    gone = rows(out, "embeddings")
    (coloured / "blue" / "tall.jpg").unlink()
    assert label(coloured) == 1
    found = rows(out, "embeddings")
    assert len(found) == 6
    assert [row["path"] for row in found if row["problem"]] == ["blue/tall.jpg"]
    assert gone == found[2:]


def test_each_image_is_there_once_with_several_processes(label, coloured, out):
    for number in range(12):
        Image.new("RGB", (30, 30), (0, number, 255)).save(coloured / "blue" / f"{number}.png")
    assert label(coloured, "--workers", "2") == 0
    assert sorted(row["path"] for row in rows(out, "embeddings")) == sorted(
        path.relative_to(coloured).as_posix() for path in coloured.rglob("*.*")
    )
    assert sum(row["label"] == "blue" for row in rows(out, "labels")) == 14


def test_processes_that_die_are_replaced_and_their_shards_given_up_in_the_end(
    label, coloured, out, monkeypatch, capsys
):
    given = []
    give = workers._Worker.give

    def give_and_kill(worker, task):
        given.append(task.number)
        give(worker, task)
        if task.number == 1:
            worker.process.kill()

    monkeypatch.setattr(workers._Worker, "give", give_and_kill)
    assert label(coloured, "--workers", "2") == 1
    assert given.count(1) == workers.MOST_TRIES
    assert "shard 1 could not be embedded" in capsys.readouterr().err
    monkeypatch.undo()
    assert label(coloured) == 0
    assert len(rows(out, "embeddings")) == 6


def test_two_runs_at_once_on_one_folder_are_refused(label, coloured, out, capsys):
    assert label(coloured) == 0
    with locked(out / ".lock") as is_mine:
        assert is_mine
        assert label(coloured) == 2
    assert "another process works on it" in capsys.readouterr().err


def refuse_other_model(out, coloured):
    return ("--model", "starter")


def refuse_other_images(out, coloured):
    return (coloured / "red",)


def refuse_other_size(out, coloured):
    return ("--shard-size", 3)


def refuse_a_changed_list(out, coloured):
    (out / "images.parquet").write_bytes(b"PAR1")
    return ()


def refuse_a_damaged_manifest(out, coloured):
    (out / "manifest.json").write_text('{"format": "nameplate-shards", "version": 1}')
    return ()


def refuse_a_later_version(out, coloured):
    text = (out / "manifest.json").read_text().replace('"version": 1', '"version": 2')
    (out / "manifest.json").write_text(text)
    return ()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (refuse_other_model, "was made with the model"),
        (refuse_other_images, "was made of other pictures"),
        (refuse_other_size, "has shards of 2 images"),
        (refuse_a_changed_list, "is not the list that this folder was made with"),
        (refuse_a_damaged_manifest, "is damaged"),
        (refuse_a_later_version, "a later version"),
    ],
)
def test_what_does_not_fit_the_folder_is_refused(label, coloured, out, capsys, spoil, words):
    assert label(coloured) == 0
    arguments = spoil(out, coloured)
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    assert label(*arguments) == 2
    assert words in capsys.readouterr().err
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before


def test_a_folder_with_other_files_is_left_alone(label, coloured, out, capsys):
    out.mkdir()
    (out / "diary.txt").write_text("mine")
    assert label(coloured) == 2
    assert "diary.txt" in capsys.readouterr().err
    assert (out / "diary.txt").read_text() == "mine"


def test_resume_goes_on_with_a_folder_and_makes_none(label, coloured, out, capsys):
    assert label(coloured, "--resume") == 2
    assert not out.exists()
    assert label(coloured) == 0
    assert label("--resume") == 0


def test_only_the_first_images_are_listed_with_a_limit(label, coloured, out):
    assert label(coloured, "--limit", "3") == 0
    assert len(rows(out, "embeddings")) == 3


@pytest.mark.skipif(os.name != "posix", reason="names are text elsewhere")
def test_names_that_are_no_text_are_listed_and_read(label, coloured, out):
    shutil.copy(coloured / "red" / "wide.png", coloured / os.fsdecode(b"red\xff.png"))
    assert label(coloured) == 0
    assert sum(row["label"] == "red" for row in rows(out, "labels")) == 3


def test_a_shard_says_what_it_belongs_to(label, coloured, out):
    assert label(coloured) == 0
    manifest = read_manifest(out)
    shard = read_shard(out, manifest, 2)
    assert len(shard.paths) == 2
    assert shard.is_embedded.all()
    assert np.linalg.norm(shard.embeddings.astype(np.float32), axis=1) == pytest.approx(1, abs=1e-3)
