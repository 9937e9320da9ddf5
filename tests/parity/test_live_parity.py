"""Nameplate's decoder, pixels, tokens and encoders against open_clip and transformers themselves.

The weights are random, from the seed that the exporter uses; the reference is built here with the
libraries' own functions, and shares nothing with the exporter. Needs the extra `export`:
`make test-parity`.
"""

import importlib.util
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

from nameplate.domain.embeddings import Head
from nameplate.imaging.decode import decode
from nameplate.inference.model import load_model
from nameplate.inference.preprocess import pixels
from parity.parity_help import (
    build_hf_clip,
    build_hf_siglip,
    build_open_clip,
    build_open_clip_siglip,
    operators,
    write_pictures,
)

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs PyTorch"),
]

MOBILE = {"image_mean": (0, 0, 0), "image_std": (1, 1, 1), "image_interpolation": "bilinear"}
CASES = {
    "open_clip:MobileCLIP-S1/datacompdr": MOBILE,
    "open_clip:ViT-B-16-SigLIP": {},
    "open_clip:small, words of T5's kind": {},
    "transformers:clip": {},
    "transformers:siglip": {},
}
"""Sources, with the preprocessing that open_clip knows for a tag but not for random weights."""

FOLDERS = {
    "ViT-B-16-SigLIP": build_open_clip_siglip,
    "small, words of T5's kind": partial(build_open_clip, own_words=True),
    "clip": build_hf_clip,
    "siglip": build_hf_siglip,
}
"""Sources that are folders, since their words would come from a model hub."""

SMALL = {"open_clip:small, words of T5's kind", "transformers:clip", "transformers:siglip"}
"""Sources of two layers a tower."""

SLOW = {"Erf", "Softmax", "Split", "Squeeze", "Slice", "Conv"}
"""Parts of GELU and attention as torch writes them, and what cannot be quantised."""

LABELS = [f"a photo of a {word}" for word in ("dog", "cat", "car", "house", "boat", "tree")]
TIE = 1e-5


class Original(NamedTuple):
    """What a library has itself: from pictures and texts to unit vectors, and the head."""

    transform: Callable
    tokens: Callable
    encode_image: Callable
    encode_text: Callable
    head: Head


def head_of(model):
    bias = getattr(model, "logit_bias", None)
    scale = float(model.logit_scale.detach().exp())
    if bias is None:
        return Head("softmax", scale)
    return Head("sigmoid", scale, float(bias.detach()))


def open_clip_reference(arch, preprocess):
    import open_clip
    import torch

    tokenizer = open_clip.get_tokenizer(arch)
    torch.manual_seed(0)
    model, _, transform = open_clip.create_model_and_transforms(
        arch, load_weights=False, pretrained_text=False, **preprocess
    )
    model.eval()
    return Original(
        lambda image: transform(image).numpy(),
        lambda texts: tokenizer(texts).numpy(),
        lambda batch: model.encode_image(torch.from_numpy(batch), normalize=True),
        lambda ids: model.encode_text(torch.from_numpy(ids), normalize=True),
        head_of(model),
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

    return Original(
        lambda image: np.asarray(processor(image)["pixel_values"][0]),
        tokens,
        lambda x: normalize(model.get_image_features(torch.from_numpy(x)).pooler_output, dim=-1),
        lambda x: normalize(model.get_text_features(torch.from_numpy(x)).pooler_output, dim=-1),
        head_of(model),
    )


@pytest.fixture(params=CASES)
def exported(request, export, tmp_path):
    """The name of the source, its export as loaded from `tmp_path / "model"`, and the Original."""
    source = request.param
    kind, _, name = source.partition(":")
    if name in FOLDERS:
        folder = FOLDERS[name](tmp_path / name)
        source, arch = f"{kind}:{folder}", f"local-dir:{folder}"
    else:
        arch = name.partition("/")[0]
    out = tmp_path / "model"
    assert export(source, out, "--random-weights") == 0
    model = load_model(out, device="cpu")
    if kind == "transformers":
        return request.param, model, transformers_reference(folder)
    return request.param, model, open_clip_reference(arch, CASES[request.param])


def test_an_export_gives_the_numbers_of_the_original_by_one_operator_for_attention(
    exported, tmp_path, figures
):
    import torch
    from examples import TEXTS

    texts = list(TEXTS)
    name, model, (transform, tokens, encode_image, encode_text, head) = exported
    files = write_pictures(tmp_path / "pictures")
    spec = model.manifest.image
    mine = np.stack([pixels(decode(path).image, spec) for path, _ in files])
    its = np.stack([transform(expected) for _, expected in files])
    with torch.inference_mode():
        image_vectors = encode_image(its).numpy()
        text_vectors = encode_text(tokens(texts)).numpy()
        label_vectors = encode_text(tokens(LABELS)).numpy()
    own_images, own_texts = model.image.encode(mine), model.text.encode(texts)
    own_scores = own_images @ model.text.encode(LABELS).T
    scores = image_vectors @ label_vectors.T
    off = float((np.abs(mine - its) * np.array(spec.std, np.float32)[:, None, None]).max())
    image = float((own_images * image_vectors).sum(axis=1).min())
    text = float((own_texts * text_vectors).sum(axis=1).min())
    is_same = (model.text.tokenizer.tokens(texts).ids == tokens(texts)).all(axis=1)
    chosen = scores[np.arange(len(scores)), own_scores.argmax(axis=1)]
    top = int((chosen >= scores.max(axis=1) - TIE).sum())
    figures(
        f"{name:36} tokens {is_same.sum()}/{len(is_same)}  pixels {off * 255:.3f}/255  "
        f"images {image:.7f}  texts {text:.7f}  best label {top}/{len(scores)}"
    )
    assert is_same.all(), [t for t, same in zip(texts, is_same, strict=True) if not same]
    assert off <= 1.001 / 255
    assert min(image, text) >= 0.9999
    assert top == len(scores)
    assert model.manifest.head == head
    if name in SMALL:
        assert_attention_is_one_operator(tmp_path / "model", has_pooling=name.endswith("siglip"))


def assert_attention_is_one_operator(folder, *, has_pooling):
    """Assert that it moves no numbers about, either."""
    image, text = operators(folder / "image.onnx"), operators(folder / "text.onnx")
    assert (image["MultiHeadAttention"], text["MultiHeadAttention"]) == (2 + has_pooling, 2)
    assert image["Transpose"] <= 3, "patches are cut, and turned twice, whatever the layers"
    assert text["Transpose"] == 0
    # transformers slices its mask and its tokens.
    assert not SLOW - {"Slice", "Squeeze"} & set(image | text)
