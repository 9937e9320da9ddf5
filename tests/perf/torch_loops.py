"""One way from image files to embeddings, as a process that runs it each time it is told to.

`python tests/perf/torch_loops.py LOOP LISTING VECTORS [MODEL]`, started by test_against_torch.py.
It runs over all files once, writes the vectors, and says that it is ready; then each line on its
input is answered with a round's seconds. So ways that share no process can take turns.

The loops with PyTorch are those that people write, in inference mode with the threads that PyTorch
chooses itself. The weights are those that `models/export` draws for `open_clip:ViT-B-32
--random-weights`: the same seed, the same code.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray
from PIL import Image

OURS = "nameplate"
if sys.argv[1] != OURS:  # PyTorch belongs into its own processes alone
    import open_clip
    import torch
    from open_clip.transform import PreprocessCfg, image_transform_v2
    from torch.utils.data import DataLoader
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "models" / "export"))
    from from_open_clip import load

logging.disable(logging.ERROR)  # that the weights are random is meant

ARCH = "ViT-B-32"
BATCH = 32

Loop = Callable[[list[str]], NDArray[np.float32]]


class Pictures:
    """Files as the tensors that open_clip's transform makes."""

    def __init__(self, files: list[str], transform: Callable[[Image.Image], torch.Tensor]) -> None:
        self._files = files
        self._transform = transform

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> torch.Tensor:
        with Image.open(self._files[index]) as image:
            return self._transform(image.convert("RGB"))


def original() -> tuple[torch.nn.Module, Callable[[Image.Image], torch.Tensor]]:
    """Return the model of open_clip, and its transform."""
    torch.manual_seed(0)
    model = load(ARCH, random_weights=True).image_tower.model.eval()
    config = PreprocessCfg(**open_clip.get_model_preprocess_cfg(model))
    return model, image_transform_v2(config, is_train=False)


def data_loader() -> Loop:
    """Return open_clip behind a DataLoader: batches of 32, a worker for each core, kept alive."""
    model, transform = original()
    kept: dict[tuple[str, ...], DataLoader] = {}

    def run(files: list[str]) -> NDArray[np.float32]:
        if tuple(files) not in kept:
            kept[tuple(files)] = DataLoader(
                Pictures(files, transform),
                batch_size=BATCH,
                num_workers=os.cpu_count() or 1,
                persistent_workers=True,
            )
        return _joined(model.encode_image(batch) for batch in kept[tuple(files)])

    return run


def pipeline() -> Loop:
    """Return transformers' processor and model in batches of 32, as its pipelines do."""
    tower, _ = original()
    model, processor = vision_model(tower.visual), CLIPImageProcessor()

    def run(files: list[str]) -> NDArray[np.float32]:
        parts = (files[start : start + BATCH] for start in range(0, len(files), BATCH))
        return _joined(model(_processed(processor, part)).image_embeds for part in parts)

    return run


def _processed(processor: Any, files: list[str]) -> torch.Tensor:
    images = list[Image.Image]()
    for file in files:
        with Image.open(file) as image:
            images.append(image.convert("RGB"))
    return processor(images, return_tensors="pt")["pixel_values"]


def one_by_one() -> Loop:
    """Return open_clip as its README shows it: a picture, its vector, the next one."""
    model, transform = original()

    def run(files: list[str]) -> NDArray[np.float32]:
        pictures = Pictures(files, transform)
        singly = (pictures[i] for i in range(len(files)))
        return _joined(model.encode_image(picture[None]) for picture in singly)

    return run


def _joined(batches: Iterable[torch.Tensor]) -> NDArray[np.float32]:
    with torch.inference_mode():
        # Drawn inside: a generator runs where it is asked.
        found = [torch.nn.functional.normalize(batch, dim=-1).numpy() for batch in batches]
    return np.concatenate(found)


RENAMED = (
    ("conv1.weight", "embeddings.patch_embedding.weight"),
    ("class_embedding", "embeddings.class_embedding"),
    ("positional_embedding", "embeddings.position_embedding.weight"),
    ("ln_pre.", "pre_layrnorm."),
    ("ln_post.", "post_layernorm."),
    ("transformer.resblocks.", "encoder.layers."),
    (".ln_1.", ".layer_norm1."),
    (".ln_2.", ".layer_norm2."),
    (".attn.out_proj.", ".self_attn.out_proj."),
    (".mlp.c_fc.", ".mlp.fc1."),
    (".mlp.c_proj.", ".mlp.fc2."),
)
"""Parts of names, open_clip's and transformers'; each of the first has one of the second."""


def vision_model(tower: torch.nn.Module) -> CLIPVisionModelWithProjection:
    """Return transformers' model with the weights of `tower`, a ViT-B/32 with GELU.

    Raises:
        RuntimeError: A weight is missing or has another shape.
    """
    config = CLIPVisionConfig(
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        patch_size=32,
        projection_dim=512,
        hidden_act="gelu",
    )
    model = CLIPVisionModelWithProjection(config).eval()
    weights = dict[str, torch.Tensor]()
    for name, value in tower.state_dict().items():
        if name == "proj":
            weights["visual_projection.weight"] = value.T
        elif ".attn.in_proj_" in name:
            weights |= _split(name, value)
        else:
            weights["vision_model." + _renamed(name)] = value
    missing = model.load_state_dict(weights, strict=False)
    left = [name for name in missing.missing_keys if not name.endswith("position_ids")]
    if left or missing.unexpected_keys:
        raise RuntimeError(f"weights without a place: {left}, {missing.unexpected_keys}")
    return model


def _split(name: str, value: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the three projections that open_clip keeps in one."""
    layer, kind = _renamed(name).split(".attn.in_proj_")
    parts = zip("qkv", value.chunk(3), strict=True)
    return {f"vision_model.{layer}.self_attn.{letter}_proj.{kind}": part for letter, part in parts}


def _renamed(name: str) -> str:
    for old, new in RENAMED:
        name = name.replace(old, new)
    return name


def ours() -> Loop:
    """Return Nameplate's own way, without a cache."""
    from nameplate.domain.images import ImageTable
    from nameplate.domain.progress import CancelToken
    from nameplate.inference.model import load_model
    from nameplate.pipeline.reading.collection import embed_all

    model = load_model(Path(sys.argv[4]), device="cpu").load()

    def run(files: list[str]) -> NDArray[np.float32]:
        table = ImageTable()
        table.add([Path(file) for file in files])
        embed_all(
            table, model,
            cache=None, cancel=CancelToken(), on_progress=id, on_note=print,
        )  # fmt: skip
        return table.embeddings

    return run


LOOPS = {"data-loader": data_loader, "pipeline": pipeline, "one-by-one": one_by_one, OURS: ours}


def cpu_seconds() -> float:
    """Return the seconds of the processor that this process and its workers used."""
    own = psutil.Process()
    spent = [one.cpu_times() for one in (own, *own.children(recursive=True))]
    return sum(times.user + times.system for times in spent)


def say(what: object) -> None:
    """Print it as a line of JSON."""
    print(json.dumps(what), flush=True)  # noqa: T201


def main() -> None:
    """Run rounds until the input ends."""
    files = Path(sys.argv[2]).read_text().splitlines()
    loop = LOOPS[sys.argv[1]]()
    np.save(sys.argv[3], loop(files))  # the first run plans memory and starts what it works with
    say("ready")
    for _ in sys.stdin:
        start, cpu = time.perf_counter(), cpu_seconds()
        loop(files)
        say([time.perf_counter() - start, cpu_seconds() - cpu])


if __name__ == "__main__":
    main()
