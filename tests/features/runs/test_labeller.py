import errno
import json
import os
import shutil
import stat
import tarfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bombs import make_deadly
from features.runs.run_help import COLOURS, rows
from nameplate.cli.main import run
from nameplate.domain.progress import CancelledError
from nameplate.features.runs import embedding, folder, labeller
from nameplate.features.runs import parquet as parquet_files
from nameplate.features.runs.shards import embeddings_file, read_manifest, read_shard, write_shard
from nameplate.imaging.scan import ScanBatch
from nameplate.storage.lock import locked
from nameplate.system.child import ChildError

parquet = pytest.importorskip("pyarrow.parquet")


def by_path(found):
    return {row["path"]: row for row in found}


def test_a_folder_becomes_shards_of_vectors_and_of_labels(label, coloured, out, capsys):
    assert label(coloured, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["images"], summary["shards"], summary["embedded"]) == (6, 3, 6)
    assert summary["labels"] == {"red": 2, "green": 2, "blue": 2}
    found = rows(out, "embeddings")
    assert list(found[0]) == [
        "path",
        "content_hash",
        "embedding",
        "problem",
        "size_mtime",
    ]
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
    cells = {line.split(",")[0]: line.split(",") for line in lines[1:]}
    for row in rows(out, "labels"):
        assert list(row) == [*header, "p:red", "p:green", "p:blue"]
        assert row["label"] == cells[row["path"]][1]
        assert row["probability"] == pytest.approx(float(cells[row["path"]][2]), abs=2e-3)
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
    for arguments in ((coloured,), ()):
        assert label(*arguments) == 0
    assert {file: file.stat().st_mtime_ns for file in out.rglob("*.parquet")} == before


def test_paths_of_shards_are_read_once_where_nothing_is_missing(label, coloured, monkeypatch):
    assert label(coloured) == 0
    read, files_in = [], folder.files_in

    def counting(path, number):
        read.append(number)
        return files_in(path, number)

    monkeypatch.setattr(folder, "files_in", counting)
    assert label(coloured) == 0
    assert read == [0, 1, 2]


@pytest.mark.parametrize(
    "damage", ["missing", "cut short", "of another list", "no parquet", "deadly"]
)
def test_only_a_shard_that_is_not_whole_is_embedded_again(label, coloured, out, encoded, damage):
    assert label(coloured) == 0
    whole, file = rows(out, "embeddings"), embeddings_file(out, 1)
    encoded.clear()
    match damage:
        case "missing":
            file.unlink()
        case "cut short":
            file.write_bytes(file.read_bytes()[:-20])
        case "of another list":
            shutil.copy(embeddings_file(out, 0), file)
        case "deadly":
            make_deadly(file)
        case _:
            file.write_bytes(b"PAR1 and nothing else")
    assert label(coloured) == 0
    assert sum(encoded) == 2
    assert by_path(rows(out, "embeddings")) == by_path(whole)
    assert by_path(rows(out, "labels")).keys() == by_path(whole).keys()


def test_damage_inside_a_shard_is_found_when_it_is_labelled_and_mended(
    label, coloured, out, capsys
):
    assert label(coloured) == 0
    whole, file = rows(out, "embeddings"), embeddings_file(out, 1)
    content = bytearray(file.read_bytes())
    content[content.index(np.array(whole[2]["embedding"], np.float16).tobytes())] ^= 1
    file.write_bytes(content)
    assert label(coloured, names=("--concept", "red", "--concept", "blue")) == 0
    assert "damaged" in capsys.readouterr().err
    assert by_path(rows(out, "embeddings")) == by_path(whole)
    assert by_path(rows(out, "labels")).keys() == by_path(whole).keys()


def test_a_picture_that_cannot_be_read_is_a_row_with_its_reason(label, coloured, out, capsys):
    (coloured / "red" / "text.jpg").write_text("not a picture")
    assert label(coloured) == 1
    (row,) = [row for row in rows(out, "embeddings") if row["path"] == "red/text.jpg"]
    assert np.isnan(row["embedding"]).all()
    assert "not a picture" in row["problem"]
    (labelled,) = [row for row in rows(out, "labels") if row["path"] == "red/text.jpg"]
    assert labelled["label"] is None
    assert labelled["error"] == row["problem"]
    assert "1 file: " in capsys.readouterr().err


def test_each_image_is_there_once_with_several_processes(label, coloured, out):
    for number in range(12):
        Image.new("RGB", (30, 30), (0, number, 255)).save(coloured / "blue" / f"{number}.png")
    assert label(coloured, "--workers", "2") == 0
    assert sorted(row["path"] for row in rows(out, "embeddings")) == sorted(
        path.relative_to(coloured).as_posix() for path in coloured.rglob("*.*")
    )
    assert sum(row["label"] == "blue" for row in rows(out, "labels")) == 14


def test_a_process_that_dies_is_replaced_and_its_shard_named_and_made_by_the_next_run(
    label, coloured, out, monkeypatch, capsys
):
    given = []
    give = embedding.Worker.give

    def give_and_kill(worker, task):
        given.append(task[0])
        if task[0] == 1:
            worker.process.kill()
            worker.process.join()
        give(worker, task)

    monkeypatch.setattr(embedding.Worker, "give", give_and_kill)
    assert label(coloured, "--workers", "2") == 1
    assert given == [0, 1, 2]
    assert "shard 1 is missing, since its process died" in capsys.readouterr().err
    assert len(rows(out, "labels")) == 4
    monkeypatch.undo()
    assert label(coloured) == 0
    assert len(labels_in(out)) == 6


def test_processes_that_end_as_they_write_leave_no_file(label, coloured, out, monkeypatch):
    assert label(coloured) == 0
    for number in (1, 2):
        (out / "embeddings" / f"0000{number}.parquet").unlink()
    give = embedding.Worker.give

    def give_and_kill(worker, task):
        worker.process.kill()
        worker.process.join()
        (out / "embeddings" / f".nameplate-{task[0]:012x}.tmp").write_bytes(b"half a shard")
        give(worker, task)

    monkeypatch.setattr(embedding.Worker, "give", give_and_kill)
    assert label(coloured, "--workers", "2", "--shard-size", "2") == 1
    assert [path.name for path in (out / "embeddings").iterdir()] == ["00000.parquet"]


def test_two_runs_at_once_on_one_folder_are_refused(label, coloured, out, capsys):
    assert label(coloured) == 0
    with locked(out / ".lock") as is_mine:
        assert is_mine
        assert label(coloured) == 2
    assert "another process is using it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--model", "starter"), "made with the model"),
        ({"manifest.json": '{"format": "nameplate-shards", "version": 1}'}, "damaged"),
        ({"manifest.json": '{"format": "nameplate-shards", "version": 2}'}, "a later version"),
    ],
)
def test_what_does_not_fit_the_folder_is_refused(label, coloured, out, capsys, given, words):
    """Options that do not fit it, or files of it that were changed."""
    assert label(coloured) == 0
    if isinstance(given, dict):
        for name, text in given.items():
            (out / name).write_text(text)
        given = ()
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    assert label(*given) == 2
    assert words in capsys.readouterr().err
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before


def test_a_folder_with_other_files_is_left_alone(label, coloured, out, capsys):
    out.mkdir()
    (out / "diary.txt").write_text("mine")
    assert label(coloured) == 2
    assert "diary.txt" in capsys.readouterr().err
    assert (out / "diary.txt").read_text() == "mine"


@pytest.mark.skipif(os.name != "posix", reason="names are text elsewhere")
def test_names_that_are_no_text_are_listed_and_read(label, coloured, out):
    shutil.copy(coloured / "red" / "wide.png", coloured / os.fsdecode(b"red\xff.png"))
    assert label(coloured) == 0
    assert sum(row["label"] == "red" for row in rows(out, "labels")) == 3


@pytest.mark.parametrize(
    "option",
    [
        ("--list", "l.txt"),
        ("--workers", "1"),
        ("--engine", "daft"),
        ("--address", "auto"),
        ("--gpus", "0"),
        ("--shard-size", "2"),
    ],
)
def test_what_belongs_to_a_folder_of_shards_is_refused_without_one(
    coloured, tmp_path, tiny_model, capsys, option
):
    csv = tmp_path / "l.csv"
    command = ["label", str(coloured), "--csv", str(csv), "--model", str(tiny_model), *COLOURS]
    assert run([*command, *option]) == 2
    assert option[0] in capsys.readouterr().err
    assert not csv.exists()


@pytest.mark.parametrize("option", [("--overwrite",), ("--address", "auto"), ("--gpus", "1")])
def test_what_a_folder_of_shards_cannot_heed_is_refused(label, coloured, out, option):
    assert label(coloured, *option) == 2
    assert not out.exists()


def test_only_the_first_images_are_listed_with_a_limit(label, coloured, out):
    for limit, count in (("4", 4), ("4", 4), ("3", 4), ("6", 6)):
        assert label(coloured, "--limit", limit) == 0
        assert len(by_path(rows(out, "embeddings"))) == len(rows(out, "labels")) == count


def test_pictures_that_came_later_are_read_by_the_next_run(label, coloured, out, encoded):
    assert label(coloured / "red", coloured / "blue") == 0
    encoded.clear()
    Image.new("RGB", (30, 30), "green").save(coloured / "red" / "new.png")
    assert label(coloured) == 0
    assert sum(encoded) == 3
    found = {row["path"]: row["label"] for row in rows(out, "labels")}
    assert len(found) == len(rows(out, "labels")) == 7
    assert found["red/new.png"] == "green"


def test_a_picture_that_could_not_be_had_is_tried_again(label, coloured, out, monkeypatch):
    gone = coloured / "red" / "tall.jpg"
    content = gone.read_bytes()
    names = coloured.parent / "names.txt"
    names.write_text("\n".join(map(str, sorted(coloured.rglob("*.*")))))
    gone.unlink()
    gone.mkdir()
    monkeypatch.setattr("nameplate.features.runs.inputs.scan", lambda paths, **_: [found(paths)])
    assert label("--list", names) == 1
    gone.rmdir()
    gone.write_bytes(content)
    assert label("--list", names) == 0
    assert len(by_path(rows(out, "labels"))) == len(rows(out, "embeddings")) == 6


def test_rows_of_pictures_that_could_not_be_had_are_deleted_though_nothing_is_missing(
    label, coloured, out, monkeypatch
):
    gone = coloured / "red" / "tall.jpg"
    gone.unlink()
    gone.mkdir()
    with monkeypatch.context() as context:
        context.setattr("nameplate.features.runs.inputs.scan", lambda paths, **_: [found(paths)])
        assert label(gone, coloured / "blue" / "tall.jpg") == 1
    assert len(rows(out, "labels")) == 2
    assert label(coloured / "blue" / "tall.jpg") == 0
    assert list(labels_in(out)) == ["blue/tall.jpg"]


def test_damaged_shards_are_deleted_though_nothing_is_missing(label, coloured, out, capsys):
    assert label(coloured) == 0
    whole = labels_in(out)
    gone = [row["path"] for row in parquet.read_table(embeddings_file(out, 1)).to_pylist()]
    embeddings_file(out, 1).write_bytes(b"no parquet")
    for name in gone:
        (coloured / name).unlink()
    assert label(coloured) == 0
    assert "embedding them again" not in capsys.readouterr().err
    assert labels_in(out) == {path: one for path, one in whole.items() if path not in gone}


def labels_in(out):
    """Return the labels by path, each of which is there once."""
    found = rows(out, "labels")
    assert [row["path"] for row in found] == [row["path"] for row in rows(out, "embeddings")]
    by_name = {row["path"]: row["label"] for row in found}
    assert len(by_name) == len(found)
    return by_name


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_picture_that_changed_under_its_path_is_read_again(
    label, coloured, out, encoded, workers
):
    assert label(coloured) == 0
    before = labels_in(out)
    encoded.clear()
    for width, name in ((31, "red/wide.png"), (32, "blue/wide.png")):
        Image.new("RGB", (width, 30), "green").save(coloured / name)
    (coloured / "green" / "tall.jpg").write_text("a picture no more")
    assert label(coloured, "--workers", workers, "--shard-size", "1") == 1
    changed = {"red/wide.png": "green", "blue/wide.png": "green", "green/tall.jpg": None}
    assert labels_in(out) == before | changed
    assert sum(encoded) == (2 if workers == "1" else 0)
    encoded.clear()
    assert label(coloured) == 1
    assert not encoded


def test_a_changed_picture_is_there_once_wherever_a_run_ends(
    label, coloured, out, encoded, monkeypatch
):
    assert label(coloured) == 0
    Image.new("RGB", (31, 30), "green").save(coloured / "red" / "wide.png")
    for name in (
        "nameplate.features.runs.embedding.write_shard",
        "nameplate.features.runs.label_shards",
    ):
        with monkeypatch.context() as context:
            context.setattr(name if name.endswith("shard") else f"{name}.write_labels", cancelled)
            assert label(coloured) == 130
        assert len(by_path(rows(out, "embeddings"))) == len(rows(out, "embeddings"))
    assert label(coloured) == 0
    assert labels_in(out)["red/wide.png"] == "green"
    assert len(labels_in(out)) == 6


def cancelled(*_, **__):
    raise CancelledError


def test_pictures_in_a_tar_file_that_changed_are_read_again(label, coloured, out, encoded):
    tar = coloured / "all.tar"
    with tarfile.open(tar, "w") as archive:
        archive.add(coloured / "red" / "tall.jpg", "a.jpg")
        archive.add(coloured / "red" / "wide.png", "b.png")
    assert label(coloured) == 0
    encoded.clear()
    with tarfile.open(tar, "w") as archive:
        archive.add(coloured / "blue" / "tall.jpg", "a.jpg")
    assert label(coloured) == 0
    assert sum(encoded) == 1
    assert labels_in(out)["all.tar/a.jpg"] == "blue"


def found(paths):
    return ScanBatch(tuple(paths), ())


def test_other_names_are_swapped_in_whole(label, coloured, out, monkeypatch, capsys):
    assert label(coloured) == 0
    before = rows(out, "labels")

    def stop(*_, **__):
        raise CancelledError

    monkeypatch.setattr(labeller.Labeller, "label", stop)
    other = ("--concept", "yellow", "--concept", "blue")
    assert label(names=other) == 130
    assert "labels of other names are as they were" in capsys.readouterr().err
    assert rows(out, "labels") == before
    monkeypatch.undo()
    assert label(names=other) == 0
    assert {row["label"] for row in rows(out, "labels")} == {"yellow", "blue"}
    assert not list(out.glob(".nameplate-*"))


def test_a_url_is_refused_with_the_other_way(label, out, capsys):
    assert label("https://me:secret@example.org/a.jpg") == 2
    said = capsys.readouterr().err
    assert "https://example.org: URLs aren't read" in said
    assert "img2dataset" in said
    assert "secret" not in said
    assert not (out / "labels").exists()


def test_labels_that_are_damaged_inside_are_made_anew_by_the_next_run(label, coloured, out, capsys):
    assert label(coloured) == 0
    whole, file = rows(out, "labels"), out / "labels" / "00001.parquet"
    content = bytearray(file.read_bytes())
    content[4:40] = bytes(36)
    file.write_bytes(content)
    assert label(coloured) == 2
    assert "rebuild" in capsys.readouterr().err
    assert label(coloured) == 0
    assert rows(out, "labels") == whole


@pytest.mark.parametrize("damage", ["inside", "cut short", "deadly"])
def test_a_damaged_shard_stays_and_is_named_where_no_pictures_are(
    label, coloured, out, capsys, damage
):
    assert label(coloured) == 0
    file = out / "embeddings" / "00001.parquet"
    content = file.read_bytes()
    match damage:
        case "inside":
            file.write_bytes(content[:9] + b"\0\1" + content[11:])
        case "cut short":
            file.write_bytes(content[:-40])
        case _:
            make_deadly(file)
    damaged = file.read_bytes()
    assert label(names=("--concept", "cat", "--concept", "dog")) == 1
    assert "shard 1 is damaged: name the pictures" in capsys.readouterr().err
    assert file.read_bytes() == damaged
    assert label(coloured) == 0
    assert len(rows(out, "labels")) == len(rows(out, "embeddings")) == 6


def test_labels_at_which_pyarrow_ends_its_process_are_made_anew(label, coloured, out):
    assert label(coloured) == 0
    whole = rows(out, "labels")
    make_deadly(out / "labels" / "00001.parquet")
    assert label() == 0
    assert rows(out, "labels") == whole


def test_where_no_process_can_be_started_no_shard_is_taken_for_damaged(
    label, coloured, out, capsys, monkeypatch
):
    assert label(coloured) == 0
    before = {file: file.read_bytes() for file in out.rglob("*.parquet")}
    for file in before:
        os.utime(file, ns=(1, 1))  # else it is known

    def fail(*_, **__):
        raise ChildError("start")

    monkeypatch.setattr(parquet_files, "call_in_child", fail)
    assert label(coloured) == 2
    assert "no process could be started" in capsys.readouterr().err
    assert {file: file.read_bytes() for file in out.rglob("*.parquet")} == before


def test_pictures_of_a_shard_that_is_damaged_as_soon_as_it_is_written_are_not_asked_for(
    label, coloured, out, capsys, monkeypatch
):
    write = embedding.write_shard

    def write_badly(folder, manifest, number, shard):
        write(folder, manifest, number, shard)
        file = embeddings_file(folder, number)
        content = file.read_bytes()
        file.write_bytes(content[:9] + b"\0\1" + content[11:])

    monkeypatch.setattr(embedding, "write_shard", write_badly)
    assert label(coloured) == 1
    said = capsys.readouterr().err
    assert "shard 0 is damaged: check the drive" in said
    assert "name the pictures" not in said


def test_pictures_in_a_tar_file_are_labelled_as_files_are(label, coloured, out, tmp_path):
    with tarfile.open(tmp_path / "all.tar", "w") as archive:
        archive.add(coloured, ".")
    assert label(coloured, tmp_path / "all.tar") == 0
    labels = {row["path"]: row["label"] for row in rows(out, "labels")}
    vectors = {row["path"]: row["embedding"] for row in rows(out, "embeddings")}
    assert len(labels) == 12
    for name in ("red/wide.png", "blue/tall.jpg"):
        assert labels[f"all.tar/./{name}"] == labels[f"pictures/{name}"] == name.partition("/")[0]
        assert vectors[f"all.tar/./{name}"] == vectors[f"pictures/{name}"]


def test_a_tar_file_that_is_damaged_is_said_each_time_and_the_rest_labelled(
    label, coloured, out, tmp_path, capsys
):
    (coloured / "bad.tar").write_bytes(b"no tar" * 200)
    for _ in range(2):
        assert label(coloured) == 1
        assert "bad.tar" in capsys.readouterr().err
    assert len(rows(out, "labels")) == 6


def test_of_very_much_that_cannot_be_listed_the_first_is_said(label, coloured, capsys):
    for number in range(25):
        (coloured / f"{number:02}.jpg").symlink_to("nowhere")
    for _ in range(2):
        assert label(coloured) == 1
        said = capsys.readouterr().err
        assert said.count("link") == 20
        assert "and 5 more" in said


def test_a_folder_of_version_1_0_is_gone_on_with_and_its_pictures_count_as_unchanged(
    label, coloured, out, encoded
):
    assert label(coloured) == 0
    manifest = read_manifest(out)
    for number in range(3):  # without stamps
        shard, file = read_shard(out, manifest, number), embeddings_file(out, number)
        write_shard(out, manifest, number, replace(shard, stamps=[""] * 2))
        table = parquet.read_table(file).drop_columns(["size_mtime"])
        parquet.write_table(table, file, compression="NONE", use_dictionary=False)
    values = json.loads((out / "manifest.json").read_bytes())
    more = {"inputs": [str(coloured)], "images": 6, "made_at": "2026-11-26T00:00:00+00:00"}
    (out / "manifest.json").write_text(json.dumps(values | more))
    (out / "images.parquet").write_bytes(b"PAR1")
    embeddings_file(out, 1).unlink()
    Image.new("RGB", (31, 30), "blue").save(coloured / "red" / "wide.png")
    encoded.clear()
    assert label(coloured) == 0
    assert sum(encoded) == 2
    assert len(labels_in(out)) == 6
    assert labels_in(out)["red/wide.png"] == "red"


def test_globs_and_lists_are_labelled(label, coloured, out, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text(f"{coloured / 'blue'}\n\n  {coloured / 'red' / 'tall.jpg'}\n", "utf-8")
    assert label(coloured / "**" / "wide.*", "--list", names) == 0
    assert sorted(row["path"] for row in rows(out, "labels")) == [
        "blue/tall.jpg",
        "blue/wide.png",
        "green/wide.png",
        "red/tall.jpg",
        "red/wide.png",
    ]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_shard_that_cannot_be_written_ends_it_and_says_so(label, coloured, out, capsys, workers):
    assert label(coloured) == 0
    shutil.rmtree(out / "embeddings")
    (out / "embeddings").write_text("where a folder should be")
    assert label(coloured, "--workers", workers) == 2
    said = capsys.readouterr().err
    assert "embeddings" in said
    assert "died" not in said


def test_a_full_disk_keeps_what_was_done_and_the_next_run_goes_on(
    label, coloured, out, capsys, monkeypatch
):
    sync, calls = os.fsync, []

    def fill(handle):
        if stat.S_ISREG(os.fstat(handle).st_mode):  # folders are synchronised, too
            calls.append(handle)
            if len(calls) > 2:  # manifest and a shard
                raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    monkeypatch.setattr(os, "fsync", fill)
    assert label(coloured) == 2
    said = capsys.readouterr().err
    assert "00001.parquet: can't write: disk full. Free some space." in said
    assert "the shards that were done are kept" in said
    assert len(rows(out, "embeddings")) == 2
    monkeypatch.undo()
    assert label(coloured) == 0
    assert len(rows(out, "labels")) == 6
    assert not list(out.rglob(".nameplate-*"))
