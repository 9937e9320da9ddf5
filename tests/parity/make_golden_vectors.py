"""Makes tests/unit/inference/golden_clip and golden_vectors.npz with transformers itself.

Run it in an environment with torch and transformers (extra `export`):

    PYTHONPATH=tests python tests/parity/make_golden_vectors.py

The model is a CLIP of two layers with the first words of CLIP's own vocabulary and random weights,
exported by `nameplate export-model`. The vectors are what transformers makes of the pictures of
`write_pictures` and of the prompts, from its own image processor and tokenizer on.
"""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
import transformers
from numpy.typing import NDArray
from open_clip.tokenizer import SimpleTokenizer
from PIL import Image
from torch.nn.functional import normalize
from transformers import (
    AutoImageProcessor,
    AutoModel,
    AutoTokenizer,
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    CLIPTokenizer,
)

from nameplate.cli.main import run
from parity.golden_prompts import PROMPTS
from parity.parity_help import write_pictures

TARGET = Path(__file__).parents[1] / "unit" / "inference"
FOLDER, VECTORS = TARGET / "golden_clip", TARGET / "golden_vectors.npz"

LABELS = tuple(f"a photo of a {word}" for word in ("dog", "cat", "car", "house", "boat", "tree"))
SIDE, CONTEXT = 32, 77
BYTES, MERGES = 512, 86
SHARPNESS = 5
"""Times the usual random weights: with those, all pictures have much the same vector, and one that
is read wrongly as well."""


def write_original(folder: Path) -> None:
    """Write a folder of transformers with weights of seed 0."""
    simple = SimpleTokenizer()
    merges = sorted(simple.bpe_ranks, key=simple.bpe_ranks.__getitem__)[:MERGES]
    start, end = BYTES + MERGES, BYTES + MERGES + 1
    words = {word: number for word, number in simple.encoder.items() if number < start}
    words |= {"<|startoftext|>": start, "<|endoftext|>": end}
    CLIPTokenizer(vocab=words, merges=merges).save_pretrained(folder)
    sides = {"height": SIDE, "width": SIDE}
    CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size=sides).save_pretrained(folder)
    small = {"hidden_size": 32, "intermediate_size": 64}
    small |= {"num_hidden_layers": 2, "num_attention_heads": 2}
    ends = {"bos_token_id": start, "eos_token_id": end, "pad_token_id": end}
    torch.manual_seed(0)
    model = CLIPModel(
        CLIPConfig(
            text_config={**small, **ends, "vocab_size": len(words)},
            vision_config={**small, "image_size": SIDE, "patch_size": 8},
            projection_dim=32,
        )
    )
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "layers" in name and weight.ndim == 2:
                weight.mul_(SHARPNESS)
    model.save_pretrained(folder)


def export(original: Path) -> None:
    """Write FOLDER, without what torch notes of each node's origin: it is as large as the rest."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    if run(["export-model", str(original), "--out", str(FOLDER)]):
        raise SystemExit("the export failed")
    manifest = FOLDER / "model.toml"
    text = manifest.read_text()
    for path in sorted(FOLDER.glob("*.onnx")):
        before = path.read_bytes()
        graph_model = onnx.load(str(path))
        graph = graph_model.graph
        for part in (graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
            del part.metadata_props[:]
        del graph.value_info[:]
        onnx.save(graph_model, str(path))
        for mark in (lambda data: f"bytes = {len(data)}", lambda d: hashlib.sha256(d).hexdigest()):
            text = text.replace(mark(before), mark(path.read_bytes()))
    manifest.write_text(text)


def references(original: Path, images: list[Image.Image]) -> dict[str, NDArray]:
    """Return what transformers makes of `images`, PROMPTS and LABELS."""
    model = AutoModel.from_pretrained(original).eval()
    processor = AutoImageProcessor.from_pretrained(original, backend="pil")
    tokenizer = AutoTokenizer.from_pretrained(original)

    def tokens(texts: tuple[str, ...]) -> torch.Tensor:
        options = {"padding": "max_length", "max_length": CONTEXT, "truncation": True}
        return tokenizer(list(texts), return_tensors="pt", **options)["input_ids"]

    def texts_of(ids: torch.Tensor) -> NDArray[np.float32]:
        return normalize(model.get_text_features(ids).pooler_output, dim=-1).numpy()

    pixels = torch.cat([processor(image, return_tensors="pt")["pixel_values"] for image in images])
    with torch.inference_mode():
        return {
            "images": normalize(model.get_image_features(pixels).pooler_output, dim=-1).numpy(),
            "ids": tokens(PROMPTS).numpy().astype(np.int16),
            "prompts": texts_of(tokens(PROMPTS)),
            "labels": texts_of(tokens(LABELS)),
        }


def main() -> None:
    """Write the folder and the vectors, with the mean colours of the pictures they are of."""
    with tempfile.TemporaryDirectory() as temporary:
        original = Path(temporary) / "golden-clip"
        write_original(original)
        export(original)
        images = [expected for _, expected in write_pictures(Path(temporary) / "pictures")]
        arrays = references(original, images)
    arrays["colours"] = np.array([np.asarray(image).mean(axis=(0, 1)) for image in images])
    about = {"transformers": transformers.__version__, "torch": torch.__version__}
    arrays["about"] = np.array(json.dumps(about | {"labels": LABELS, "prompts": PROMPTS}))
    np.savez_compressed(VECTORS, **arrays)


if __name__ == "__main__":
    main()
