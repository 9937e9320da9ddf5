"""Exports of what lies on a person's own disk: checkpoints, folders, smaller variants, refusals."""

import importlib
import importlib.util
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from nameplate.cli.main import run
from nameplate.inference.model import load_model
from nameplate.inference.preprocess import pixels
from parity.parity_help import (
    build_hf_clip,
    build_hf_siglip,
    build_open_clip,
    save_hf_weights,
    write_pictures,
)

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs PyTorch"),
]


@pytest.fixture
def from_open_clip():
    return importlib.import_module("from_open_clip")


LABELS = ["a photo of a dog", "a red house", "two boats", ""]


def by_command(source, out):
    """Export as a person does, in a process of its own."""
    return run(["export-model", str(source), "--out", str(out)])


def cosines(model, folder, encode_images, encode_texts):
    """Return the least cosine of the embeddings of pictures and of prompts."""
    import torch

    pictures = [expected for _, expected in write_pictures(folder)]
    batch = np.stack([pixels(picture, model.manifest.image) for picture in pictures])
    ids = model.text.tokenizer.tokens(LABELS).ids
    with torch.inference_mode():
        its_images = encode_images(torch.from_numpy(batch)).numpy()
        its_texts = encode_texts(torch.from_numpy(ids)).numpy()
    images = (model.image.encode(batch) * its_images).sum(axis=1).min()
    return float(images), float((model.text.encode(LABELS) * its_texts).sum(axis=1).min())


def test_a_checkpoint_file_of_open_clip_is_exported_with_its_configuration(tmp_path, figures):
    import open_clip

    folder = build_open_clip(tmp_path / "trained")
    assert by_command(folder / "trained.pt", tmp_path / "out") == 0

    model = load_model(tmp_path / "out", device="cpu")
    original = open_clip.create_model(f"local-dir:{folder}", load_weights=False).eval()
    open_clip.load_checkpoint(original, str(folder / "trained.pt"))
    found = cosines(
        model,
        tmp_path / "pictures",
        lambda x: original.encode_image(x, normalize=True),
        lambda x: original.encode_text(x, normalize=True),
    )
    figures(f"{'a checkpoint of open_clip':36} images {found[0]:.7f}  texts {found[1]:.7f}")
    assert min(found) >= 0.9999
    assert model.manifest.image.mean == (0.4, 0.5, 0.6)
    assert model.manifest.id == "trained"
    for written in (tmp_path / "out").iterdir():
        for path in (tmp_path, Path(__file__).parents[2], Path(open_clip.__file__).parent):
            assert str(path).encode() not in written.read_bytes(), written.name


def test_a_folder_of_transformers_is_exported_at_half_the_size(export, tmp_path, figures):
    import torch
    from torch.nn.functional import normalize
    from transformers import AutoModel

    folder = build_hf_clip(tmp_path / "hf")
    save_hf_weights(folder)
    assert export(f"transformers:{folder}", tmp_path / "half", "--fp16") == 0

    model = load_model(tmp_path / "half", device="cpu")
    original = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    found = cosines(
        model,
        tmp_path / "pictures",
        lambda x: normalize(original.get_image_features(x).pooler_output, dim=-1),
        lambda x: normalize(original.get_text_features(x).pooler_output, dim=-1),
    )
    figures(f"{'a folder of transformers, fp16':36} images {found[0]:.7f}  texts {found[1]:.7f}")
    assert min(found) >= 0.9999
    weights = (folder / "model.safetensors").stat().st_size
    graphs = sum(path.stat().st_size for path in (tmp_path / "half").glob("*.onnx"))
    assert graphs < 0.6 * weights
    assert str(tmp_path) not in (tmp_path / "half/model.toml").read_text()


def test_an_int8_model_whose_neighbours_change_is_refused_with_the_figure(export, tmp_path, capfd):
    folder = build_hf_clip(tmp_path / "hf")
    save_hf_weights(folder, outliers=True)

    assert export(f"transformers:{folder}", tmp_path / "small", "--int8") == 3

    said = capfd.readouterr()
    assert "int8: neighbour agreement of" in said.out
    assert "int8 changes what is alike: the neighbour agreement is" in said.err
    assert not (tmp_path / "small").exists()
    assert list(tmp_path.iterdir()) == [folder]


class Payload:
    """Unpickled, it writes a file: what a hostile checkpoint would do."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return Path.write_text, (self.target, "run")


def test_a_checkpoint_that_would_run_code_is_refused_and_runs_none(export, tmp_path, capfd):
    folder = build_open_clip(tmp_path / "trained")
    target = tmp_path / "was-run"
    (folder / "bad.pt").write_bytes(pickle.dumps({"state_dict": Payload(target)}))

    assert export(f"open_clip:{folder / 'bad.pt'}", tmp_path / "out") == 3

    assert "does not hold the weights" in capfd.readouterr().err
    assert not target.exists()
    assert not (tmp_path / "out").exists()


def test_weights_of_another_architecture_are_refused(export, tmp_path, capfd):
    folder = build_open_clip(tmp_path / "trained")
    source = f"open_clip:ViT-S-32@{folder / 'trained.pt'}"
    assert export(source, tmp_path / "out") == 3
    assert "trained.pt does not hold the weights of ViT-S-32" in capfd.readouterr().err


def test_without_a_network_the_exporter_says_what_to_do(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "empty"))
    assert by_command("open_clip:ViT-B-32/laion2b_s34b_b79k", tmp_path / "out") == 3
    said = capfd.readouterr().err
    assert "connect to the network" in said
    assert "HF_ENDPOINT" in said
    assert by_command("transformers:openai/clip-vit-base-patch32", tmp_path / "out") == 3
    assert "name a local folder" in capfd.readouterr().err


def test_a_checkpoint_of_an_architecture_gets_the_pixels_that_all_its_tags_have(
    from_open_clip, tmp_path, monkeypatch, capsys
):
    (tmp_path / "mine.pt").write_bytes(b"")
    monkeypatch.setattr(from_open_clip, "_load_weights", lambda *_: None)
    loaded = from_open_clip.load(f"MobileCLIP-S1@{tmp_path / 'mine.pt'}", random_weights=False)
    assert loaded.image.mean == (0.0, 0.0, 0.0)
    assert loaded.image.interpolation == "bilinear"
    assert "as with every tag of MobileCLIP-S1" in capsys.readouterr().err
    siglip = from_open_clip.usual_preprocessing("ViT-B-16-SigLIP")
    assert (siglip["mean"], siglip["resize_mode"]) == ((0.5, 0.5, 0.5), "squash")
    assert from_open_clip.usual_preprocessing("coca_base") == {}


def test_a_folder_of_open_clip_may_be_named_from_where_one_is(
    from_open_clip, tmp_path, monkeypatch
):
    build_open_clip(tmp_path / "trained")
    monkeypatch.chdir(tmp_path)
    for name in ("trained", "./trained", "trained/trained.pt"):
        assert from_open_clip.load(name, random_weights=False).id == "trained"


def test_a_tokenizer_of_sentencepiece_is_refused_with_where_the_weights_are_too(
    export, tmp_path, capfd
):
    folder = build_hf_siglip(tmp_path / "siglip")
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config["tokenizer_class"] = "SiglipTokenizer"
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    assert export(f"transformers:{folder}", tmp_path / "out", "--random-weights") == 3
    said = capfd.readouterr().err
    assert "its tokenizer has no tokenizer.json that transformers uses" in said
    assert "open_clip:ViT-B-16-SigLIP/webli" in said
    assert "network" not in said
