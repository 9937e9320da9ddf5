"""Nameplate's decoder, pixels, tokens and encoders against open_clip and transformers themselves.

The weights are random, from the seed that the exporter uses; the reference is built here with the
libraries' own functions, and shares nothing with the exporter. Needs the extra `export`:
`make test-parity`.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from nameplate.cli.main import run
from nameplate.inference.model import load_model
from nameplate.inference.preprocess import pixels
from nameplate.storage.decode import decode
from parity_help import build_hf_clip, build_hf_siglip, write_pictures

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs PyTorch"),
]

EXPORTER = Path(__file__).parents[2] / "models" / "export"
OPENAI = {}
MOBILE = {"mean": (0, 0, 0), "std": (1, 1, 1), "interpolation": "bilinear"}
SIGLIP = {"mean": (0.5,) * 3, "std": (0.5,) * 3, "resize_mode": "squash"}
CASES = {
    "open_clip:ViT-B-32-quickgelu": OPENAI,
    "open_clip:MobileCLIP-S1/datacompdr": MOBILE,
    "open_clip:ViT-B-16-SigLIP/webli": SIGLIP,
    "transformers:clip": None,
    "transformers:siglip": None,
}
LABELS = [f"a photo of a {word}" for word in ("dog", "cat", "car", "house", "boat", "tree")]
TIE = 1e-5


def open_clip_reference(arch, preprocess):
    import open_clip
    import torch
    from open_clip.transform import PreprocessCfg, image_transform_v2

    tokenizer = open_clip.get_tokenizer(arch)
    torch.manual_seed(0)
    model = open_clip.create_model(arch, pretrained_text=False).eval()
    size = model.visual.image_size
    transform = image_transform_v2(PreprocessCfg(size=size, **preprocess), is_train=False)
    return (
        lambda image: transform(image).numpy(),
        lambda texts: tokenizer(texts).numpy(),
        lambda batch: model.encode_image(torch.from_numpy(batch), normalize=True),
        lambda ids: model.encode_text(torch.from_numpy(ids), normalize=True),
    )


def transformers_reference(folder):
    import torch
    from torch.nn.functional import normalize
    from transformers import AutoConfig, AutoImageProcessor, AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    torch.manual_seed(0)
    config = AutoConfig.from_pretrained(folder)
    model = AutoModel.from_config(config, attn_implementation="eager").eval()
    context = config.text_config.max_position_embeddings

    def tokens(texts):
        options = {"padding": "max_length", "max_length": context, "truncation": True}
        return tokenizer(texts, return_tensors="np", **options)["input_ids"]

    return (
        lambda image: np.asarray(processor(image)["pixel_values"][0]),
        tokens,
        lambda x: normalize(model.get_image_features(torch.from_numpy(x)).pooler_output, dim=-1),
        lambda x: normalize(model.get_text_features(torch.from_numpy(x)).pooler_output, dim=-1),
    )


@pytest.fixture(params=CASES)
def exported(request, tmp_path):
    """The exported model, and the library's own transform, tokenizer and encoders."""
    source = request.param
    kind, _, name = source.partition(":")
    if kind == "transformers":
        build = {"clip": build_hf_clip, "siglip": build_hf_siglip}[name]
        source = f"transformers:{build(tmp_path / name)}"
    elif "SigLIP" in name:
        try:
            import open_clip

            open_clip.get_tokenizer(name.partition("/")[0])
        except Exception as error:  # noqa: BLE001 - the hub's client raises anything
            pytest.skip(f"its tokenizer is not within reach: {type(error).__name__}")
    out = tmp_path / "model"
    assert run(["export-model", source, "--out", str(out), "--random-weights"]) == 0
    model = load_model(out, device="cpu")
    if kind == "transformers":
        return request.param, model, transformers_reference(tmp_path / name)
    return request.param, model, open_clip_reference(name.partition("/")[0], CASES[request.param])


def texts():
    sys.path.insert(0, str(EXPORTER))
    try:
        import examples
    finally:
        sys.path.remove(str(EXPORTER))
    return list(examples.TEXTS)


def test_an_export_gives_the_numbers_of_the_original(exported, tmp_path, figures):
    import torch

    name, model, (transform, tokens, encode_image, encode_text) = exported
    files = write_pictures(tmp_path / "pictures")
    spec = model.manifest.image
    mine = np.stack([pixels(decode(path).image, spec) for path, _ in files])
    its = np.stack([transform(expected) for _, expected in files])
    with torch.inference_mode():
        image_vectors = encode_image(its).numpy()
        text_vectors = encode_text(tokens(texts())).numpy()
        label_vectors = encode_text(tokens(LABELS)).numpy()
    own_images, own_texts = model.image.encode(mine), model.text.encode(texts())
    own_scores = own_images @ model.text.encode(LABELS).T
    scores = image_vectors @ label_vectors.T
    off = float((np.abs(mine - its) * np.array(spec.std, np.float32)[:, None, None]).max())
    image = float((own_images * image_vectors).sum(axis=1).min())
    text = float((own_texts * text_vectors).sum(axis=1).min())
    is_same = (model.text.tokenizer.encode(texts()) == tokens(texts())).all(axis=1)
    chosen = scores[np.arange(len(scores)), own_scores.argmax(axis=1)]
    top = int((chosen >= scores.max(axis=1) - TIE).sum())
    figures(
        f"{name:36} tokens {is_same.sum()}/{len(is_same)}  pixels {off * 255:.3f}/255  "
        f"images {image:.7f}  texts {text:.7f}  best label {top}/{len(scores)}"
    )
    assert is_same.all(), [t for t, same in zip(texts(), is_same, strict=True) if not same]
    assert off <= 1.001 / 255
    assert min(image, text) >= 0.9999
    assert top == len(scores)
