"""How pictures are embedded with PyTorch: the loops that people write, on the exported weights.

All of them run in inference mode with the threads that PyTorch chooses itself. The weights are
those that `models/export` draws for `open_clip:ViT-B-32 --random-weights`: the same seed, the same
code.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from hugging_face import vision_model
from numpy.typing import NDArray
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from transformers import CLIPImageProcessor

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "export"))
from from_open_clip import load

logging.disable(logging.ERROR)  # that the weights are random is meant

ARCH = "ViT-B-32"
BATCH = 32

Loop = Callable[[list[str]], NDArray[np.float32]]


class Pictures(Dataset):
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


LOOPS: dict[str, Callable[[], Loop]] = {
    "data-loader": data_loader,
    "pipeline": pipeline,
    "one-by-one": one_by_one,
}
