import json
import shutil
from dataclasses import replace

import numpy as np
import onnx
import pytest
from PIL import Image

from model_folders import foreign as foreign_models
from model_folders.foreign import BUILDERS, processor, towers, write_json
from model_folders.graphs import save
from nameplate.domain.embeddings import Head
from nameplate.domain.errors import ModelError
from nameplate.inference.manifest import manifest_text, read_manifest
from nameplate.inference.model import load_model
from nameplate.inference.preprocess import pixels
from nameplate.inference.self_check import self_check
from scoring_help import scored
from tiny_model import COLOURS, MEAN, STD, TinyOptions


@pytest.fixture(params=BUILDERS)
def folder(request, tmp_path):
    return BUILDERS[request.param](tmp_path / request.param)


def test_a_folder_of_another_exporter_labels_plain_pictures_rightly(folder):
    model = load_model(folder)
    pictures = [Image.new("RGB", (50, 41), colour) for colour in COLOURS.values()]
    batch = np.stack([pixels(picture, model.manifest.image) for picture in pictures])

    vectors = model.text.encode([f"a photo of a {name}." for name in COLOURS])
    found = scored(model.image.encode(batch), vectors, model.head)

    assert found.scores.argmax(axis=1).tolist() == list(range(len(COLOURS)))
    assert np.diag(found.scores).min() > 0.75
    assert self_check(model) == ()


def test_reading_a_folder_changes_nothing_in_it(folder):
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    read_manifest(folder)
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize(
    ("layout", "head"),
    [
        ("combined", Head("softmax", 42.0)),
        ("siglip", Head("sigmoid", 60.0, -30.0)),
        ("siglip-combined", Head("sigmoid", 60.0, -30.0)),
        ("chinese-clip-combined", Head("softmax", 37.0)),
        ("transformers", Head("softmax", 100.0)),
    ],
)
def test_scale_and_bias_come_from_the_graph_and_never_from_the_start_of_training(
    tmp_path, layout, head
):
    found = read_manifest(BUILDERS[layout](tmp_path / layout))
    assert found.head.kind == head.kind
    assert found.head.scale == pytest.approx(head.scale, rel=1e-3)
    assert found.head.bias == (None if head.bias is None else pytest.approx(head.bias, rel=1e-3))
    assert any("scale" in note.code for note in found.notes) == (layout == "transformers")
    assert found.licence == "mit"


def test_a_known_name_brings_its_scale(tmp_path):
    folder = BUILDERS["immich"](tmp_path / "EVA01-g-14__laion400m_s11b_b41k")
    found = read_manifest(folder)
    assert found.head == Head("softmax", 56.99)
    assert not any("scale" in note.code for note in found.notes)
    assert found.id == folder.name


def test_siglip_reads_64_tokens_and_cleans_its_prompts(tmp_path):
    text = read_manifest(BUILDERS["siglip"](tmp_path / "siglip")).text
    assert (text.context_length, text.padding, text.cleaning) == (64, "max_length", "siglip")


def test_siglip_2_only_lowers_its_prompts(tmp_path):
    folder = BUILDERS["siglip"](tmp_path / "siglip2")
    write_json(folder / "config.json", {"model_type": "siglip2"})
    assert read_manifest(folder).text.cleaning == "lower"


@pytest.mark.parametrize("layout", ["open-clip", "immich"])
def test_words_that_are_not_clips_are_repaired_as_open_clip_does(layout, tmp_path):
    folder = BUILDERS[layout](tmp_path / "xlm-roberta")
    assert read_manifest(folder).text.cleaning == "repair"


def test_mobileclip_is_padded_with_zeros_to_the_whole_length(tmp_path):
    text = read_manifest(BUILDERS["transformers"](tmp_path / "mobileclip_s0")).text
    assert (text.padding, text.pad_id) == ("max_length", 0)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"size": 40}, {"resize": "shortest", "resize_to": 40}),
        ({"size": {"shortest_edge": 36}}, {"resize": "shortest", "resize_to": 36}),
        ({"size": {"height": 32, "width": 32}}, {"resize": "squash", "crop": True}),
        ({"do_center_crop": False}, {"resize": "squash", "crop": False}),
        ({"resample": 2}, {"interpolation": "bilinear"}),
        ({"crop_size": 32}, {"size": 32}),
        ({"do_normalize": False}, {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}),
        ({"image_mean": [0.5] * 3, "image_std": [0.25] * 3}, {"mean": (0.5,) * 3}),
        ({}, {"mean": MEAN, "std": STD, "interpolation": "bicubic", "resize_to": None}),
    ],
)
def test_pictures_are_made_as_the_preprocessor_config_says(tmp_path, changes, expected):
    folder = BUILDERS["transformers"](tmp_path / "hf")
    write_json(folder / "preprocessor_config.json", processor(**changes))
    image = read_manifest(folder).image
    assert {key: getattr(image, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"resample": 0}, "resample"),
        ({"rescale_factor": 1.0}, "rescale_factor"),
        ({"do_resize": False}, "do_resize"),
        ({"size": {"height": 32, "width": 64}}, "square"),
        ({"image_mean": [0.5]}, "must-be-three-numbers"),
        ({"image_mean": "x"}, "must-be-numbers"),
        ({"crop_size": 10**9}, "image.size"),
    ],
)
def test_what_cannot_be_done_exactly_is_refused(tmp_path, changes, reason):
    folder = BUILDERS["transformers"](tmp_path / "hf")
    write_json(folder / "preprocessor_config.json", processor(**changes))
    with pytest.raises(ModelError, match=reason):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("mode", "interpolation"), [("squash", "bilinear"), ("shortest", "bicubic")]
)
def test_pictures_are_made_as_open_clips_config_says(tmp_path, mode, interpolation):
    folder = BUILDERS["immich"](tmp_path / "immich")
    cfg = {"size": 32, "resize_mode": mode, "interpolation": interpolation, "std": [0.25] * 3}
    write_json(folder / "visual/preprocess_cfg.json", cfg)
    image = read_manifest(folder).image
    assert (image.resize, image.interpolation) == (mode, interpolation)
    assert image.crop == (mode == "shortest")
    assert (image.mean, image.std) == (MEAN, (0.25,) * 3)


@pytest.mark.parametrize(
    ("layout", "rounding"),
    [
        ("transformers", "down"),
        ("immich", "down"),
        ("open-clip", "round"),
        ("rclip", "round"),
    ],
)
def test_a_crop_is_rounded_as_the_programs_of_the_layout_round_it(tmp_path, layout, rounding):
    assert read_manifest(BUILDERS[layout](tmp_path / layout)).image.crop_rounding == rounding


PAIRS = {
    "transformers": ("onnx/vision_model.onnx", "onnx/text_model.onnx", "tokenizer.json"),
    "siglip": ("onnx/vision_model.onnx", "onnx/text_model.onnx", "tokenizer.json"),
    "immich": ("visual/model.onnx", "textual/model.onnx", "textual/tokenizer.json"),
    "open-clip": ("b.onnx", "a.onnx", "tokenizer.json"),
    "rclip": ("visual.onnx", "textual.onnx", "tokenizer/bpe_simple_vocab_16e6.txt.gz"),
    "chinese-clip": ("vit-b-16.img.fp32.onnx", "vit-b-16.txt.fp32.onnx", "vocab.txt"),
}


@pytest.fixture(params=PAIRS)
def parts(request, tmp_path):
    folder = BUILDERS[request.param](tmp_path / request.param)
    (folder / "onnx/model.onnx").unlink(missing_ok=True)
    return folder, *(folder / name for name in PAIRS[request.param])


def test_one_tower_alone_is_refused(parts):
    folder, image, text, _ = parts
    kept = text.read_bytes()
    text.unlink()
    with pytest.raises(ModelError, match=r"no-text-encoder|not-two-graphs"):
        read_manifest(folder)
    text.write_bytes(kept)
    image.unlink()
    with pytest.raises(ModelError, match=r"no-image-encoder|not-two-graphs"):
        read_manifest(folder)


def test_two_image_towers_are_refused(parts):
    folder, image, text, _ = parts
    shutil.copy(image, text)
    with pytest.raises(ModelError, match="other-encoder"):
        read_manifest(folder)


def test_swapped_towers_are_refused_where_the_names_say_which_is_which(parts):
    folder, image, text, _ = parts
    content = image.read_bytes()
    shutil.copy(text, image)
    text.write_bytes(content)
    if folder.name == "open-clip":  # no name says it
        assert read_manifest(folder).image.file == "a.onnx"
        return
    with pytest.raises(ModelError, match="other-encoder"):
        read_manifest(folder)


def test_a_missing_or_broken_tokenizer_is_refused(parts):
    folder, _, _, tokenizer = parts
    tokenizer.write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match=r"model-file-unreadable|no-tokenizer"):
        read_manifest(folder)
    tokenizer.unlink()
    with pytest.raises(ModelError, match="no-vocabulary"):
        read_manifest(folder)


@pytest.mark.parametrize("part", [1, 2])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_an_empty_or_cut_graph_is_refused_by_name(parts, part, share):
    folder, path = parts[0], parts[part]
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelError, match="no-onnx") as caught:
        read_manifest(folder)
    assert path.name in str(caught.value)


def test_towers_of_different_sizes_are_refused(parts):
    folder, image, _, _ = parts
    other = towers(TinyOptions(dim=24), foreign_models.all_words())[0]
    save(other, image)
    with pytest.raises(ModelError, match="encoders-of-two-models"):
        read_manifest(folder)


def test_vectors_that_are_not_finite_are_refused(parts):
    folder, image, _, _ = parts
    model = onnx.load(image)
    directions = next(w for w in model.graph.initializer if w.name == "directions")
    values = np.full_like(onnx.numpy_helper.to_array(directions), np.nan)
    directions.CopyFrom(onnx.numpy_helper.from_array(values, "directions"))
    save(model, image)
    with pytest.raises(ModelError, match="no-finite-vectors"):
        read_manifest(folder)


def test_a_link_out_of_the_folder_is_refused(parts, tmp_path):
    folder, _, text, _ = parts
    elsewhere = tmp_path / "elsewhere.onnx"
    text.rename(elsewhere)
    text.symlink_to(elsewhere)
    with pytest.raises(ModelError, match="leads-out-of-model"):
        read_manifest(folder)


@pytest.mark.parametrize("content", ["[1]", "{", '{"text_config": 3, "model_type": 4}', "\x00"])
def test_a_damaged_configuration_is_named(tmp_path, content):
    folder = BUILDERS["transformers"](tmp_path / "hf")
    (folder / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"config\.json"):
        read_manifest(folder)


def test_four_bit_variants_alone_are_refused(tmp_path):
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx/vision_model_q4.onnx").write_bytes(b"")
    with pytest.raises(ModelError, match="only-4-bit"):
        read_manifest(tmp_path)


def test_weights_in_a_file_of_their_own_are_listed_and_must_stay_inside(tmp_path):
    folder = BUILDERS["transformers"](tmp_path / "hf")
    graph = folder / "onnx/vision_model.onnx"
    onnx.save(
        onnx.load(graph),
        graph,
        save_as_external_data=True,
        location="vision_model.onnx_data",
        size_threshold=0,
    )
    listed = {file.name for file in read_manifest(folder).files}
    assert "onnx/vision_model.onnx_data" in listed
    (folder / "onnx/vision_model.onnx_data").unlink()
    with pytest.raises(ModelError, match="weights-elsewhere"):
        read_manifest(folder)


def test_a_data_file_with_a_name_of_128_bytes_and_more_is_listed_and_must_stay_inside(tmp_path):
    folder = BUILDERS["external"](tmp_path / "hf")
    data = max((folder / "onnx").iterdir(), key=lambda path: len(path.name))
    assert len(data.name) > 200
    assert f"onnx/{data.name}" in {file.name for file in read_manifest(folder).files}

    elsewhere = tmp_path / "elsewhere"
    data.rename(elsewhere)
    data.symlink_to(elsewhere)
    with pytest.raises(ModelError, match="leads-out-of-model"):
        read_manifest(folder)


@pytest.mark.parametrize("name", ["x" * 3000, "../" * 60 + "etc/passwd", "a" * 20000])
def test_a_graph_that_names_a_file_that_cannot_be_there_is_refused(tmp_path, name):
    folder = BUILDERS["transformers"](tmp_path / "hf")
    path = folder / "onnx/vision_model.onnx"
    model = onnx.load(path)
    weight = model.graph.initializer[0]
    weight.external_data.add(key="location", value=name)
    weight.data_location = onnx.TensorProto.EXTERNAL
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="weights-elsewhere"):
        read_manifest(folder)


def test_words_without_their_merges_are_refused(tmp_path):
    folder = BUILDERS["vocab-and-merges"](tmp_path / "hf")
    assert {"vocab.json", "merges.txt"} < {file.name for file in read_manifest(folder).files}
    (folder / "merges.txt").unlink()
    with pytest.raises(ModelError, match="half-a-tokenizer"):
        read_manifest(folder)


def test_words_of_another_kind_of_byte_pairs_are_refused(tmp_path):
    folder = BUILDERS["vocab-and-merges"](tmp_path / "hf")
    write_json(folder / "vocab.json", {"<s>": 0, "</s>": 1, "a": 2})
    with pytest.raises(ModelError, match="not-of-clip"):
        read_manifest(folder)


def test_a_tower_that_normalises_gets_the_levels_of_the_picture(tmp_path):
    plain = load_model(BUILDERS["immich"](tmp_path / "plain"))
    other = load_model(BUILDERS["immich-levels"](tmp_path / "levels"))
    noise = np.random.default_rng(1).integers(0, 256, (40, 57, 3), dtype=np.uint8)
    one, two = (
        model.image.encode(pixels(Image.fromarray(noise), model.manifest.image)[None])
        for model in (plain, other)
    )
    np.testing.assert_allclose(one, two, atol=1e-5)


def test_a_manifest_that_normalises_what_the_tower_does_itself_is_refused(tmp_path):
    folder = BUILDERS["immich-levels"](tmp_path / "levels")
    found = read_manifest(folder)
    wrong = replace(found, image=replace(found.image, mean=MEAN))
    (folder / "model.toml").write_text(manifest_text(wrong), encoding="utf-8")
    with pytest.raises(ModelError, match="makes-its-pixels"):
        load_model(folder).load()


def test_the_configs_are_json_that_a_person_may_have_edited(tmp_path):
    folder = BUILDERS["open-clip"](tmp_path / "oc")
    config = json.loads((folder / "open_clip_config.json").read_text())
    config["preprocess_cfg"]["resize_mode"] = "longest"
    write_json(folder / "open_clip_config.json", config)
    with pytest.raises(ModelError, match="must-be-one-of"):
        read_manifest(folder)
