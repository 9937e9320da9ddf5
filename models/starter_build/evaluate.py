"""Measures a model folder through its files, as the program does: Pillow, tokenizers, onnxruntime.

The evaluation sets are folders of folders of photos, not part of the repository.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import image_tower
import names_tower
import numpy as np
import onnxruntime
import text_tower
from PIL import Image
from tokenizers import Tokenizer

from nameplate.inference.glossary import Glossary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Encode = Callable[[Sequence[str]], np.ndarray]
    EncodeImages = Callable[[np.ndarray], np.ndarray]

# Names that a person would type for folder names that are not words. All others as they are.
NAMED = {"longsleeve": "long-sleeved shirt", "outwear": "jacket"}
TEMPLATE_SETS = {"none": ["{}"], "simple": ["a photo of a {}."]}
BATCH = 8
TRANSLATED = Path(__file__).parent / "translated.txt"


@dataclass(frozen=True)
class EvaluationSet:
    """Photos as pixels, with the number of the folder each came from."""

    name: str
    folders: list[str]
    pixels: np.ndarray
    truth: np.ndarray

    @property
    def concepts(self) -> list[str]:
        """What is typed for the folders."""
        return [NAMED.get(folder, folder) for folder in self.folders]


def read_set(folder: Path) -> EvaluationSet:
    """Read and prepare all photos of a set."""
    folders = sorted(path.name for path in folder.iterdir() if path.is_dir())
    files = [
        (path, i) for i, name in enumerate(folders) for path in sorted((folder / name).iterdir())
    ]
    pixels = np.stack([prepare(path) for path, _ in files])
    return EvaluationSet(folder.name, folders, pixels, np.array([i for _, i in files]))


def prepare(path: Path) -> np.ndarray:
    """Shortest side to the network's size (bicubic), centre crop, normalised, channels first."""
    size = image_tower.SIZE
    image = Image.open(path).convert("RGB")
    scale = size / min(image.size)
    wide, high = (max(size, round(side * scale)) for side in image.size)
    image = image.resize((wide, high), Image.Resampling.BICUBIC)
    left, top = (wide - size) // 2, (high - size) // 2
    array = np.asarray(image.crop((left, top, left + size, top + size)), np.float32) / 255.0
    normal = (array - np.array(image_tower.MEAN)) / np.array(image_tower.STD)
    return normal.transpose(2, 0, 1).astype(np.float32)


class ModelFolder:
    """The two encoders of a folder in onnxruntime."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        """Load both sessions and the tokenizer."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        load = onnxruntime.InferenceSession
        self.image = load(folder / "image.onnx", options, providers=["CPUExecutionProvider"])
        self.text = load(folder / "text.onnx", options, providers=["CPUExecutionProvider"])
        self.names = load(folder / "names.onnx", options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.names_tokenizer = Tokenizer.from_file(str(folder / "names.json"))
        self.english = Glossary(folder / "english.txt", folder / "glossary.txt")

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of prompts."""
        ids = text_tower.tokenise(self.tokenizer, texts)
        return self.text.run(None, {"input_ids": ids})[0]

    def encode_names(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of prompts by the second text tower."""
        self.names_tokenizer.enable_padding(pad_id=names_tower.PAD)
        encoded = self.names_tokenizer.encode_batch(list(texts))
        ids = np.array([encoding.ids for encoding in encoded], np.int64)
        return self.names.run(None, {"input_ids": ids})[0]

    def encode_as_the_program(self, texts: Sequence[str], language: str = "en") -> np.ndarray:
        """Unit vectors of names by the tower that the program takes, in a window of `language`."""
        rows = []
        for text in texts:
            name = self.english.in_english(self.english.said_in(language, text))
            rows.append(self.encode_names([text]) if name is None else self.encode_text([name]))
        return np.concatenate(rows)

    def encode_images(self, pixels: np.ndarray) -> np.ndarray:
        """Unit vectors of prepared images."""
        parts = [pixels[i : i + BATCH] for i in range(0, len(pixels), BATCH)]
        return np.concatenate([self.image.run(None, {"pixel_values": part})[0] for part in parts])


def in_language(encode: Encode, images: np.ndarray, one: EvaluationSet, language: str) -> float:
    """The share of right labels with the names of the set in another language, in per cent."""
    lines = [line.split(";") for line in TRANSLATED.read_text(encoding="utf-8").splitlines()]
    names = {folder: dict(zip(names_tower.LANGUAGES, rest, strict=True)) for folder, *rest in lines}
    scores = images @ encode([names[folder][language] for folder in one.folders]).T
    return 100 * float((scores.argmax(1) == one.truth).mean())


def concept_vectors(encode: Encode, names: Sequence[str], templates: Sequence[str]) -> np.ndarray:
    """The ensemble: every prompt's unit vector, their mean, length 1."""
    vectors = encode([template.format(name) for name in names for template in templates])
    mean = vectors.reshape(len(names), len(templates), -1).mean(1)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def accuracies(
    encode: Encode,
    images: dict[str, np.ndarray],
    sets: Sequence[EvaluationSet],
    templates: list[str],
) -> dict[str, float]:
    """The share of right labels per set, in per cent."""
    result = {}
    for one in sets:
        scores = images[one.name] @ concept_vectors(encode, one.concepts, templates).T
        result[one.name] = 100 * float((scores.argmax(1) == one.truth).mean())
    return result
