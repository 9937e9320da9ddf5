"""Makes float16 and int8 variants of an exported folder, and checks their accuracy."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from examples import TEXTS, pictures
from folder import write_manifest
from loaded import IMAGE_FILE, TEXT_FILE, ExportError, Loaded
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from PIL import Image

from nameplate.inference.model import LoadedModel, load_model
from nameplate.inference.preprocess import pixels
from nameplate.storage.resources import resource

LEAST_COSINES = {"fp16": 0.9999, "int8": 0.9}
LEAST_AGREEMENT = 0.95
"""Share of the neighbours of a picture that must stay; below it, sorting by likeness and labels
visibly change."""

NEIGHBOURS = 5
TILES = 6
"""Parts that each sample photo is cut into, so that there are enough pictures to be neighbours."""

BATCH = 16

PRODUCTS = ("MatMul", "Gemm")


def make_smaller(model: Loaded, folder: Path, variant: str) -> None:
    """Replace the fp32 towers in `folder` by `fp16` or `int8` ones.

    Raises:
        ExportError: int8 changes the neighbours of too many pictures.
    """
    before = load_model(folder, device="cpu").load()
    for name in (IMAGE_FILE, TEXT_FILE):
        path = folder / name
        smaller = path.with_suffix(".smaller")
        if variant == "fp16":
            _to_fp16(path, smaller)
        else:
            _to_int8(path, smaller)
        smaller.replace(path)
        path.with_suffix(".onnx.data").unlink(missing_ok=True)
    write_manifest(model, folder, variant)
    if variant == "int8":
        _gate(before, load_model(folder, device="cpu"))


def _to_fp16(path: Path, target: Path) -> None:
    """Store the weights as float16; what is computed stays float32.

    onnxruntime casts constant weights once, when it loads the graph. So the file is half as large,
    no operation can overflow, and a CPU, which has no float16 products, is as fast as before.
    """
    graph_model = onnx.load(str(path))
    graph = graph_model.graph
    casts = list[onnx.NodeProto]()
    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT or np.prod(weight.dims) < 2:
            continue
        values = numpy_helper.to_array(weight)
        if np.abs(values).max() > np.finfo(np.float16).max:
            continue
        name = weight.name
        half = numpy_helper.from_array(values.astype(np.float16), f"{name}_float16")
        weight.CopyFrom(half)
        casts.append(helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(graph_model, str(target))


def _to_int8(path: Path, target: Path) -> None:
    """Quantise the matrix products: weights to 8 bits a column, activations while it runs.

    Convolutions stay float32: onnxruntime has no fast integer ones for a CPU. Pixels, which
    the first product takes, times weights of 8 bits would exceed the 16 bits in which processors
    without VNNI add two of them, so those weights get 7.
    """
    nodes = onnx.load(str(path), load_external_data=False).graph.node
    first = [node for node in nodes if node.op_type in PRODUCTS][:1]
    of_pixels = [node.name for node in first if node.op_type == "MatMul"]
    _quantise(path, target, nodes_to_exclude=of_pixels)
    if of_pixels:
        _quantise(target, target, nodes_to_quantize=of_pixels, reduce_range=True)


def _quantise(path: Path, target: Path, **options: Any) -> None:
    quantize_dynamic(
        path,
        target,
        op_types_to_quantize=list(PRODUCTS),
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT},
        **options,
    )


def _gate(before: LoadedModel, after: LoadedModel) -> None:
    batch = np.stack([pixels(image, before.manifest.image) for image in _gate_pictures()])
    was, seconds_before = _timed(before, batch)
    now, seconds_after = _timed(after, batch)
    images = agreement(was, now)
    texts = agreement(before.text.encode(TEXTS), after.text.encode(TEXTS))
    print(
        f"int8: neighbour agreement of {len(batch)} images {images:.3f}, of texts {texts:.3f}; "
        f"least cosine of an image {(was * now).sum(axis=1).min():.4f}; "
        f"{seconds_before / seconds_after:.2f} x the images/s of fp32"
    )
    if images < LEAST_AGREEMENT:
        raise ExportError(
            f"int8 changes what is alike: the neighbour agreement is {images:.3f}, and "
            f"{LEAST_AGREEMENT} is the least. Export it with --fp16, or as it is."
        )


def agreement(was: NDArray[np.float32], now: NDArray[np.float32]) -> float:
    """Return which share of the nearest neighbours of each row stays among its nearest ones."""
    mine, its = _neighbours(was), _neighbours(now)
    same = [len(set(a) & set(b)) / NEIGHBOURS for a, b in zip(mine, its, strict=True)]
    return float(np.mean(same))


def _neighbours(vectors: NDArray[np.float32]) -> list[list[int]]:
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -2.0)
    return np.argsort(-scores, axis=1, kind="stable")[:, :NEIGHBOURS].tolist()


def _gate_pictures() -> list[Image.Image]:
    """Return parts of the sample photos, and the generated pictures."""
    found = list[Image.Image]()
    for path in sorted(resource("samples").glob("*.jpg")):
        with Image.open(path) as photo:
            image = photo.convert("RGB")
        width, height = image.width // 3, image.height // 2
        found.append(image)
        for number in range(TILES):
            left, top = number % 3 * width, number // 3 * height
            found.append(image.crop((left, top, left + width, top + height)))
    return [*found, *pictures()]


def _timed(model: LoadedModel, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    model.image.encode(batch[:BATCH])  # the first run plans its memory
    start = time.perf_counter()
    parts = [model.image.encode(batch[i : i + BATCH]) for i in range(0, len(batch), BATCH)]
    return np.concatenate(parts), time.perf_counter() - start
