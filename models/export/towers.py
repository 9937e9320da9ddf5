"""Exports a torch tower to an ONNX file with a dynamic batch size."""

import logging
import warnings
from pathlib import Path

import onnx
import torch
from lean import FusedOperators, lean
from loaded import IMAGE_FILE, TEXT_FILE, Loaded

OPSET = 20
"""Of ONNX 1.15, the first with an operator for GELU; onnxruntime 1.22 reads newer ones."""

LARGEST_FILE = 2_000_000_000
"""Bytes; protobuf stops at 2 GiB, so weights of larger towers lie in a file of their own."""


def write_towers(model: Loaded, folder: Path) -> None:
    """Write image.onnx (pixel_values to image_embeds) and text.onnx (input_ids to text_embeds)."""
    size, length = model.image.size, model.text.context_length
    pixels = torch.zeros(2, 3, size, size)
    ids = torch.from_numpy(model.tokens(["a photo of a dog", "red"]))
    if ids.shape[1] != length:
        raise ValueError(f"the tokenizer gives {ids.shape[1]} tokens instead of {length}")
    _write(model.image_tower, pixels, folder / IMAGE_FILE, ("pixel_values", "image_embeds"))
    _write(model.text_tower, ids, folder / TEXT_FILE, ("input_ids", "text_embeds"))


def _write(
    tower: torch.nn.Module, example: torch.Tensor, path: Path, names: tuple[str, str]
) -> None:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), FusedOperators():
        warnings.simplefilter("ignore")  # of what torch's own exporter uses and will lose
        program = torch.onnx.export(
            lean(tower),
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=[names[0]],
            output_names=[names[1]],
            dynamic_shapes={"x": {0: torch.export.Dim("batch")}},
            verbose=False,
        )
    for node in program.model.graph.all_nodes():
        node.metadata_props.clear()  # lines of source code, with the paths of this machine
    weights = sum(p.numel() * p.element_size() for p in tower.model.parameters())
    program.save(str(path), external_data=weights > LARGEST_FILE)
    onnx.checker.check_model(str(path))
