"""A classifier that was taught here labels elsewhere, in Nameplate and in other programs."""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from features.classifier.taught import (
    in_plain_onnxruntime,
    probabilities_in,
    rows_of,
    taught_project,
)
from nameplate.domain.changes import Settings
from nameplate.storage.resources import resource
from tiny_model import DESCRIBED, build_tiny_model, write_manifest

AS_NEAR = 1e-4


def test_what_was_taught_labels_other_pictures_as_the_project_does(
    nameplate, project, saved, greys, tiny_model, tmp_path
):
    scored = ("--scores", "all", "--model", tiny_model)
    there, here = tmp_path / "there.csv", tmp_path / "here.csv"
    assert nameplate("export", project, "--out", there, *scored)[0] == 0
    assert (
        nameplate("label", greys, "--classifier", saved, "--csv", here, "--scores", "all")[0] == 0
    )
    assert np.abs(probabilities_in(there) - probabilities_in(here)).max() < AS_NEAR
    rows = rows_of(here)
    assert {row["decided_by"] for row in rows} == {"probe"}
    assert {row["path"]: row["label"] for row in rows} == {
        f"{name}/{name[0]}{n:02}.png": label
        for name, label, count in (("grey", "black", 60), ("red", "red", 30))
        for n in range(count)
    }


@pytest.mark.parametrize(
    ("options", "is_multi"),
    [
        ({}, True),
        ({"head": "sigmoid", "bias": -9.0}, False),
        ({"head": "sigmoid"}, False),
        ({"image_dtype": "float16"}, False),
        ({"fixed_batch": True}, False),
        ({"resize": "squash", "interpolation": "bilinear"}, False),
        ({"descriptors": DESCRIBED}, False),
        ({"descriptors": DESCRIBED, "image_dtype": "float16"}, True),
    ],
)
def test_every_kind_of_encoder_and_of_probabilities_is_saved(
    nameplate, greys, tmp_path, options, is_multi
):
    model, folder = build_tiny_model(tmp_path / "model", **options), tmp_path / "saved"
    said = {f"/g{n:02}.png": [1] for n in range(40)} | {f"/r{n:02}.png": [0] for n in range(20)}
    settings = Settings(minimum=0.5 if is_multi else 0.0, is_multi=is_multi)
    images, names = sorted(greys.rglob("*.png")), ["red", "black", "!green"]
    for number, taught in enumerate((said, {})):  # a probe, and names alone
        file, folder = tmp_path / f"{number}.nameplate", tmp_path / f"saved{number}"
        taught_project(file, images, names, taught, settings)
        arguments = ("--out", folder, "--model", model, "--json")
        code, out, _ = nameplate("export-classifier", file, *arguments)
        assert (code, json.loads(out)["is_learned"]) == (0, bool(taught))
        table = tmp_path / f"{number}.csv"
        labelled = ("--csv", table, "--scores", "all")
        assert nameplate("label", greys, "--classifier", folder, *labelled)[0] == 0
        found = in_plain_onnxruntime(folder, model, images)
        assert np.abs(found - probabilities_in(table)).max() < 5 * AS_NEAR
        by = {row["decided_by"] for row in rows_of(table)} - {""}
        assert by == {"probe" if taught else "auto"}


@pytest.mark.parametrize(
    "options",
    [
        None,  # the starter
        {"resize": "squash", "interpolation": "bilinear"},
        {"image_dtype": "float16"},
    ],
)
def test_the_script_in_the_folder_needs_no_nameplate(nameplate, tmp_path, options):
    samples = sorted(Path(resource("samples")).glob("*.jpg"))[::4]
    names = ["cat", "rocket", "coffee"] if options is None else ["red", "black", "green"]
    model = "starter" if options is None else build_tiny_model(tmp_path / "model", **options)
    file = taught_project(tmp_path / "x.nameplate", samples, names, {})
    folder, table = tmp_path / "saved", tmp_path / "labels.csv"
    assert nameplate("export-classifier", file, "--out", folder, "--model", model)[0] == 0
    labelled = ("--classifier", folder, "--csv", table, "--scores", "all")
    assert nameplate("label", *samples, *labelled)[0] == 0
    alone = [sys.executable, "-I", folder / "classify.py", *samples]
    done = subprocess.run(alone, capture_output=True, text=True, check=True, timeout=120)
    found = {tuple(line.split("\t")[:2]): line.split("\t")[2] for line in done.stdout.splitlines()}
    assert len(found) == len(names) * len(samples)
    for row in rows_of(table):
        path = next(str(one) for one in samples if one.name == row["path"])
        for name in names:
            assert abs(float(found[path, name]) - float(row[f"p:{name}"])) < 5 * AS_NEAR


def pictures_of_all_modes(folder):
    """Write a picture of each mode and of odd sizes, and return their paths."""
    folder.mkdir()
    ramp = np.add.outer(np.arange(37), np.arange(53)) / 88
    colours = np.stack([ramp, ramp[::-1], ramp[:, ::-1], 1 - ramp / 2], axis=2)
    rgba = Image.fromarray((255 * colours).astype(np.uint8))
    grey = rgba.convert("L")
    with_alpha = grey.convert("LA")
    with_alpha.putalpha(rgba.getchannel("A"))
    palette = rgba.convert("RGB").convert("P")
    floats = ramp.astype(np.float32) * 7 - 3
    floats[0, :3] = np.nan, np.inf, -np.inf
    wide = Image.fromarray((60_000 * ramp).astype(np.uint16))
    made = {
        "I16.png": wide,
        "12-bits.png": Image.fromarray((4_000 * ramp).astype(np.uint16)),
        "dark.tif": Image.fromarray((200 * ramp).astype(np.uint16)),
        "I16B.tif": Image.frombytes("I;16B", (53, 37), (60_000 * ramp).astype(">u2").tobytes()),
        "I.tif": Image.fromarray((3_000_000 * ramp - 1_000_000).astype(np.int32)),
        "one-value.tif": Image.fromarray(np.full((9, 9), -7, np.int32)),
        "F.tif": Image.fromarray(floats),
        "LA.png": with_alpha,
        "PA.tif": palette.convert("PA"),
        "RGBA.png": rgba,
        "P.png": palette,
        "CMYK.jpg": rgba.convert("RGB").convert("CMYK"),
        "1.png": grey.convert("1"),
        "wide.png": rgba.resize((301, 3)),
        "high.png": rgba.resize((1, 17)),
    }
    for name, picture in made.items():
        more = {"transparency": 3} if name == "P.png" else {}
        picture.save(folder / name, **more)
    exif = Image.Exif()
    exif[0x0112] = 6
    wide.save(folder / "turned.png", exif=exif)
    return sorted(folder.iterdir())


def test_the_script_reads_pictures_of_every_mode_as_nameplate_does(nameplate, tmp_path):
    pictures, names = pictures_of_all_modes(tmp_path / "modes"), ["red", "black", "green"]
    model = build_tiny_model(tmp_path / "model")
    file = taught_project(tmp_path / "x.nameplate", pictures, names, {})
    folder, table = tmp_path / "saved", tmp_path / "labels.csv"
    assert nameplate("export-classifier", file, "--out", folder, "--model", model)[0] == 0
    labelled = ("--classifier", folder, "--csv", table, "--scores", "all")
    assert nameplate("label", *pictures, *labelled)[0] == 0
    alone = [sys.executable, "-I", folder / "classify.py", *pictures]
    done = subprocess.run(alone, capture_output=True, text=True, check=True, timeout=120)
    found = {tuple(line.split("\t")[:2]): line.split("\t")[2] for line in done.stdout.splitlines()}
    rows = rows_of(table)
    assert len(rows) == len(pictures)
    differing = [
        (row["path"], name)
        for row in rows
        for name in names
        if abs(float(found[str(pictures[0].parent / row["path"]), name]) - float(row[f"p:{name}"]))
        >= 1e-3
    ]
    assert differing == []


def test_minimums_synonyms_and_names_for_none_of_these_come_along(
    nameplate, coloured, tiny_model, tmp_path
):
    names = tmp_path / "names.toml"
    names.write_text(
        '[[concept]]\nname = "colour"\n[[concept]]\nname = "red"\nsynonyms = ["crimson"]\n'
        'threshold = 1.0\n[[concept]]\nname = "green"\n'
        '[[concept]]\nname = "blue"\nnone_of_these = true\n'
    )
    file, folder, table = tmp_path / "x.nameplate", tmp_path / "saved", tmp_path / "l.csv"
    of_tiny = ("--model", tiny_model)
    assert nameplate("project", "new", file, coloured, "--concepts", names, *of_tiny)[0] == 0
    assert nameplate("export-classifier", file, "--out", folder, *of_tiny)[0] == 0
    assert nameplate("label", coloured, "--classifier", folder, "--csv", table)[0] == 0
    by_project = tmp_path / "by-project.csv"
    arguments = ("--project", file, "--csv", by_project)
    assert nameplate("label", coloured, *arguments, *of_tiny)[0] == 0
    labels = {row["path"]: row["label"] for row in rows_of(table)}
    assert labels == {row["path"]: row["label"] for row in rows_of(by_project)}
    assert set(labels.values()) == {"green", ""}
    manifest = tomllib.loads((folder / "classifier.toml").read_text())
    assert [one["name"] for one in manifest["concept"]] == ["colour", "red", "green", "blue"]
    assert manifest["concept"][1]["synonyms"] == ["crimson"]
    assert (folder / "labels.txt").read_text().split() == ["colour", "red", "green", "blue"]


def test_with_the_encoder_at_hand_its_vectors_come_from_the_cache(
    nameplate, export, greys, tiny_model, tmp_path
):
    saved, table = tmp_path / "exported", tmp_path / "here.csv"
    export(saved)
    arguments = ("label", greys, "--classifier", saved, "--csv", table, "--model", tiny_model)
    code, out, _ = nameplate(*arguments)
    assert code == 0
    assert "no picture had to be encoded" in out
    (saved / "onnx" / "model.onnx").unlink()
    assert nameplate(*arguments)[0] == 0
    code, _, err = nameplate(*arguments[:-1], build_tiny_model(tmp_path / "other", seed=1))
    assert code == 3
    assert "it was taught with another model (tiny)" in err


def test_a_project_teaches_as_its_folder_does(
    nameplate, project, saved, greys, tiny_model, tmp_path
):
    by_folder, by_project = tmp_path / "folder.csv", tmp_path / "project.csv"
    more = ("--scores", "all", "--model", tiny_model)
    assert nameplate("label", greys, "--classifier", saved, "--csv", by_folder, *more)[0] == 0
    code, _, err = nameplate("label", greys, "--classifier", project, "--csv", by_project, *more)
    assert code == 0
    assert "names + your 60 decisions" in err
    assert by_folder.read_bytes() == by_project.read_bytes()


def test_the_card_says_what_it_was_taught_with_and_where_it_was_tried(saved):
    card = (saved / "README.md").read_text()
    assert "| black |  | 0% | 40 |" in card
    assert "The names and 60 decisions of a person tell which fits." in card
    assert "decisions that were hidden from it while it learned, it got 100% right" in card
    config = json.loads((saved / "config.json").read_text())
    assert config["id2label"] == {"0": "red", "1": "black", "2": "green"}
    processor = json.loads((saved / "preprocessor_config.json").read_text())
    assert processor["size"] == {"shortest_edge": 32}


def test_the_licence_of_the_encoder_goes_along(nameplate, project, tmp_path):
    model = build_tiny_model(tmp_path / "model")
    (model / "LICENSE.txt").write_text("as you like")
    folder = tmp_path / "saved"
    assert nameplate("export-classifier", project, "--out", folder, "--model", model)[0] == 0
    assert (folder / "LICENSE.txt").read_text() == "as you like"
    assert "- [LICENSE.txt](LICENSE.txt)" in (folder / "README.md").read_text()


@pytest.mark.parametrize("name", ["image_embeds", "vector"])
def test_an_embedding_of_16_bits_or_another_name_is_taken_as_it_is(
    nameplate, project, greys, tmp_path, name
):
    model, folder, table = build_tiny_model(tmp_path / "model"), tmp_path / "saved", tmp_path / "l"
    graph = onnx.load(model / "image.onnx")
    graph.graph.node[-1].output[:] = ["whole"]
    half = onnx.helper.make_node("Cast", ["whole"], [name], to=onnx.TensorProto.FLOAT16)
    graph.graph.node.append(half)
    graph.graph.output[0].name = name
    graph.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    onnx.save(graph, model / "image.onnx")
    write_manifest(model)
    assert nameplate("export-classifier", project, "--out", folder, "--model", model)[0] == 0
    labelled = ("--classifier", folder, "--csv", table, "--scores", "all")
    assert nameplate("label", greys, *labelled)[0] == 0
    images = [greys / row["path"] for row in rows_of(table)]
    found = in_plain_onnxruntime(folder, model, images)
    assert np.abs(found - probabilities_in(table)).max() < AS_NEAR
    onnx.checker.check_model(onnx.load(folder / "onnx" / "model.onnx"), full_check=True)


def test_weights_beside_the_graph_come_along(nameplate, project, greys, tmp_path):
    model, folder = build_tiny_model(tmp_path / "model"), tmp_path / "saved"
    graph = onnx.load(model / "image.onnx")
    onnx.save(
        graph,
        model / "image.onnx",
        save_as_external_data=True,
        location="image.onnx.data",
        size_threshold=0,
    )
    write_manifest(model)
    text, digest = (model / "model.toml").read_text(), (model / "image.onnx.data").read_bytes()
    listed = hashlib.sha256(digest).hexdigest()
    (model / "model.toml").write_text(
        f'{text}\n[[files]]\nname = "image.onnx.data"\nbytes = {len(digest)}\nsha256 = "{listed}"\n'
    )
    assert nameplate("export-classifier", project, "--out", folder, "--model", model)[0] == 0
    assert (folder / "onnx" / "image.onnx.data").is_file()
    table = tmp_path / "l.csv"
    assert nameplate("label", greys, "--classifier", folder, "--csv", table)[0] == 0


@pytest.mark.parametrize(
    "option",
    [
        ("--concept", "x"),
        ("--concepts", "names.txt"),
        ("--reject", "x"),
        ("--multi",),
        ("--templates", "none"),
        ("--min-probability", "0.5"),
    ],
)
def test_what_a_classifier_says_itself_cannot_be_said_beside_it(
    nameplate, saved, greys, tmp_path, option
):
    arguments = ("--classifier", saved, "--csv", tmp_path / "l.csv")
    code, _, err = nameplate("label", greys, *arguments, *option)
    assert code == 2
    assert f"{option[0]}: can't be used with --classifier" in err


def test_a_run_of_shards_takes_names_alone_and_says_so(nameplate, saved, greys, tmp_path):
    code, _, err = nameplate("label", greys, "--classifier", saved, "--out", tmp_path / "run")
    assert code == 2
    assert "--out: can't be used with --classifier" in err
    assert not (tmp_path / "run").exists()


def test_a_folder_with_something_in_it_is_never_replaced(
    nameplate, project, tiny_model, saved, tmp_path
):
    again = ("export-classifier", project, "--model", tiny_model, "--out")
    before = {path: path.stat().st_mtime_ns for path in saved.rglob("*")}
    code, _, err = nameplate(*again, saved)
    assert code == 2
    assert "saved" in err
    assert {path: path.stat().st_mtime_ns for path in saved.rglob("*")} == before


def test_nothing_is_left_where_it_could_not_be_saved(nameplate, project, greys, tmp_path):
    model, folder = build_tiny_model(tmp_path / "model"), tmp_path / "saved"
    graph = onnx.load(model / "image.onnx")
    graph.graph.node[-1].name = "nameplate/1"
    for node in graph.graph.node:  # a value of its own that is called as ours is
        node.input[:] = ["probabilities" if name == "raw" else name for name in node.input]
        node.output[:] = ["probabilities" if name == "raw" else name for name in node.output]
    onnx.save(graph, model / "image.onnx")
    write_manifest(model)
    before = sorted(tmp_path.iterdir())
    code, _, err = nameplate("export-classifier", project, "--out", folder, "--model", model)
    assert code == 3, err
    assert sorted(tmp_path.iterdir()) == before
    empty = taught_project(tmp_path / "empty.nameplate", greys.rglob("*.png"), [], {})
    code, _, err = nameplate("export-classifier", empty, "--out", folder)
    assert code == 2
    assert "there is no name that gives a label" in err
