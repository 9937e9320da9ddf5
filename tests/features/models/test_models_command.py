import csv
import errno
import os
import shutil

import pytest

from model_folders.foreign import BUILDERS
from nameplate.cli.main import run
from nameplate.features.models import store
from nameplate.inference.manifest import read_manifest
from nameplate.storage.folders import models_folder
from nameplate.wording.texts import what_of
from tiny_model import build_tiny_model


def labels(pictures, model, tmp_path):
    """Label `pictures` by colour and return the label of each."""
    names = [word for name in ("red", "green", "blue") for word in ("--concept", name)]
    file = tmp_path / "labels.csv"
    code = run(["label", str(pictures), *names, "--csv", str(file), "--model", str(model)])
    assert code == 0
    with file.open(newline="", encoding="utf-8") as stream:
        return {row["path"]: row["label"] for row in csv.DictReader(stream)}


@pytest.mark.parametrize("kind", ["transformers", "siglip-combined", "external"])
def test_a_folder_that_was_added_stands_alone_and_labels_as_it_did(
    kind, coloured, tmp_path, capsys
):
    folder = BUILDERS[kind](tmp_path / kind)
    as_it_is, before = labels(coloured, folder, tmp_path), read_manifest(folder)

    assert run(["models", "add", str(folder)]) == 0
    shutil.rmtree(folder)
    out, err = capsys.readouterr()
    assert f"--model {before.id}" in err
    assert all(what_of(note) in out for note in before.notes)

    assert read_manifest(models_folder() / before.id) == before
    assert labels(coloured, before.id, tmp_path) == as_it_is
    assert run(["models", "check", before.id]) == 0
    assert "all is well" in capsys.readouterr().out
    assert run(["doctor", "--model", before.id]) == 0


def test_added_models_are_listed_shown_and_removed(tmp_path, capsys):
    run(["models", "add", str(BUILDERS["transformers"](tmp_path / "my model"))])
    capsys.readouterr()
    assert run(["models", "list"]) == 0
    listed = capsys.readouterr().out
    assert listed.splitlines()[0].startswith("starter")
    assert ["my-model", "my", "model"] in [line.split() for line in listed.splitlines()]

    assert run(["models", "show", "my-model"]) == 0
    shown = capsys.readouterr().out
    assert "scale 100" in shown
    assert "is assumed" in shown
    assert str(models_folder() / "my-model") in shown

    assert run(["models", "remove", "my-model"]) == 0
    assert list(models_folder().iterdir()) == []
    assert run(["models", "remove", "my-model"]) == 3
    assert run(["models", "remove", "starter"]) == 3
    assert "comes with Nameplate" in capsys.readouterr().err
    assert run(["models", "show", "my-model"]) == 3
    assert "isn't a model or a folder" in capsys.readouterr().err


def test_a_folder_can_be_shown_before_it_is_added(tmp_path, capsys):
    assert run(["models", "show", str(BUILDERS["siglip"](tmp_path / "siglip"))]) == 0
    assert "sigmoid, scale 60, bias -30" in capsys.readouterr().out
    assert not models_folder().exists()


def test_an_id_that_is_taken_is_not_replaced(tiny_model, tmp_path, capsys):
    assert run(["models", "add", str(tiny_model)]) == 0
    mark = (models_folder() / "tiny/image.onnx").stat().st_mtime_ns
    other = build_tiny_model(tmp_path / "other", seed=5)
    assert run(["models", "add", str(other)]) == 3
    assert "already exists" in capsys.readouterr().err
    assert (models_folder() / "tiny/image.onnx").stat().st_mtime_ns == mark


def test_the_model_that_comes_along_is_not_added_again(tmp_path, tiny_model, capsys):
    other = shutil.copytree(tiny_model, tmp_path / "starter")
    manifest = other / "model.toml"
    manifest.write_text(manifest.read_text().replace('id = "tiny"', 'id = "starter"'))
    assert run(["models", "add", str(other)]) == 3
    assert "“starter” comes with Nameplate" in capsys.readouterr().err


@pytest.mark.parametrize("change", ["foreign words", "too many words"])
def test_a_tokenizer_of_another_model_is_not_added(tmp_path, capsys, change):
    import tiny_model as tiny

    folder = BUILDERS["transformers"](tmp_path / "hf")
    words = ["[PAD]", "[UNK]", "[START]", "[END]", "rouge", "vert", "bleu"]
    if change == "too many words":
        words = [*tiny.SPECIALS, *tiny.COLOURS, *tiny.FILLERS, *(f"word{n}" for n in range(500))]
    (folder / "tokenizer.json").write_text(tiny._tokenizer(words), encoding="utf-8")
    assert run(["models", "add", str(folder)]) == 3
    assert "another model" in capsys.readouterr().err
    assert not models_folder().exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_nothing_half_copied_is_left_when_the_disk_refuses(tiny_model, monkeypatch, capsys, number):
    copies = []

    def copy(source, target, cancel):
        if copies:
            raise OSError(number, os.strerror(number))
        copies.append(target)
        target.write_bytes(source.read_bytes())

    monkeypatch.setattr(store, "_copy", copy)
    assert run(["models", "add", str(tiny_model)]) == 2
    assert copies
    assert ("disk full" if number == errno.ENOSPC else "no permission") in capsys.readouterr().err
    assert list(models_folder().iterdir()) == []


def test_an_added_model_that_was_damaged_afterwards_is_listed_with_its_problem(tiny_model, capsys):
    run(["models", "add", str(tiny_model)])
    (models_folder() / "tiny/model.toml").write_text("id = 3", encoding="utf-8")
    assert run(["models", "list"]) == 3
    assert "PROBLEM" in capsys.readouterr().out
    assert run(["models", "remove", "tiny"]) == 0


def test_models_needs_an_action(capsys):
    with pytest.raises(SystemExit) as caught:
        run(["models"])
    assert caught.value.code == 2
    assert "ACTION" in capsys.readouterr().err


def test_a_model_that_is_not_here_yet_is_told_how_to_get(capsys):
    assert run(["models", "check", "clip-b32"]) == 3
    assert "nameplate models get clip-b32" in capsys.readouterr().err
