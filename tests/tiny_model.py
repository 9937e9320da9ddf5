"""A real model folder of a few kilobytes, whose zero-shot labels are right for plain colours.

    from tiny_model import build_tiny_model
    model = load_model(build_tiny_model(tmp_path / "tiny"))

Its image encoder compares the mean colour of a picture with six named ones; its text encoder sends
the names of those colours to the same directions. So a red picture is labelled `red`, and every
path from file to CSV can be tested with real sessions and without a download.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from nameplate.inference.model import LoadedModel

COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
}
"""Every name that the model knows, with the colour it means."""

SYNONYMS = {"crimson": "red", "lime": "green", "navy": "blue", "gray": "grey"}
FILLERS = ("a", "an", "the", "of", "photo", "picture", "dog", "cat", "diagram", "two", "and", "at")
SPECIALS = ("[PAD]", "[UNK]", "[START]", "[END]")

# OpenAI's, so that a test that leaves the normalisation out sees other colours.
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)

OPSET, IR_VERSION = 17, 8  # old enough for every onnxruntime that Nameplate runs on
SHARPNESS = 8.0  # of the choice among the six colours
TEXTURE = 0.04  # how much of an embedding comes from the layout of the picture
FILLER = 0.2  # length of the vector of a word that is no colour


DESCRIBED = (("colour", 3), ("quarters", 3))
"""The mean colour (a vector) and the colours of the quarters (maps)."""


@dataclass(frozen=True)
class TinyOptions:
    """What `build_tiny_model` takes; the defaults are a plain CLIP-like model."""

    seed: int = 0
    size: int = 32
    dim: int = 16
    fixed_batch: bool = False
    """Both graphs take one row at a time, as immich's exports do."""
    ids_dtype: str = "int64"
    image_dtype: str = "float32"
    attention_mask: bool = False
    """The text graph masks by an input of its own and not by the padding id."""
    fixed_length: bool = False
    """The text graph takes exactly `context_length` tokens."""
    context_length: int = 16
    padding: str = "longest"
    cleaning: str = "whitespace"
    resize: str = "shortest"
    interpolation: str = "bicubic"
    head: str = "softmax"
    scale: float = 20.0
    bias: float | None = None
    model_id: str = "tiny"
    words: Sequence[str] = ()
    """More words that the tokenizer knows, each with a direction of its own."""
    descriptors: Sequence[tuple[str, int]] = ()
    """Inner tensors of the image graph with their channels, such as those of `DESCRIBED`."""


def build_tiny_model(folder: Path, **options: object) -> Path:
    """Write the model into `folder`, which is made, and return `folder`.

    Args:
        folder: Where to.
        options: Those of TinyOptions.
    """
    chosen = TinyOptions(**options)
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(chosen.seed)
    basis = np.linalg.qr(rng.standard_normal((chosen.dim, chosen.dim)))[0].astype(np.float32)
    directions = basis[: len(COLOURS)]
    words = [*SPECIALS, *COLOURS, *SYNONYMS, *FILLERS, *chosen.words]
    onnx.save(_image_graph(chosen, directions, rng), folder / "image.onnx")
    onnx.save(_text_graph(chosen, _table(words, directions, rng)), folder / "text.onnx")
    (folder / "tokenizer.json").write_text(_tokenizer(words), encoding="utf-8")
    write_manifest(folder, chosen)
    return folder


def on_session(model: "LoadedModel", session: object) -> "LoadedModel":
    """Return a model whose image encoder runs on another session."""
    from nameplate.inference.encoders import ImageEncoder
    from nameplate.inference.lazy import Lazy

    manifest = model.manifest
    image = Lazy(lambda: ImageEncoder(session, manifest.image, manifest.embedding_size))
    image.get()
    return replace(model, image_part=image)


def write_manifest(folder: Path, options: TinyOptions | None = None) -> None:
    """Write `model.toml` with the sizes and hashes of the files as they are now in `folder`."""
    o = options or TinyOptions()
    lines = [
        f'id = "{o.model_id}"\ntitle = "Tiny colours"\nsource = "tests/tiny_model.py"',
        f'licence = "Apache-2.0"\nfamily = "tiny"\nembedding_size = {o.dim}\ntemplates = "none"\n',
        f'[image]\nfile = "image.onnx"\nsize = {o.size}\nresize = "{o.resize}"',
        f'crop = {str(o.resize == "shortest").lower()}\ninterpolation = "{o.interpolation}"',
        f"mean = {list(MEAN)}\nstd = {list(STD)}\n",
        '[text]\nfile = "text.onnx"\ntokenizer = "tokenizer.json"',
        f'context_length = {o.context_length}\npadding = "{o.padding}"\npad_id = 0',
        f'cleaning = "{o.cleaning}"\n',
        f'[head]\nkind = "{o.head}"\nscale = {o.scale}',
        "" if o.bias is None else f"bias = {o.bias}",
    ]
    for tensor, size in o.descriptors:
        lines.append(f'\n[[descriptors]]\ntensor = "{tensor}"\nsize = {size}')
    for name in ("image.onnx", "text.onnx", "tokenizer.json"):
        content = (folder / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f'\n[[files]]\nname = "{name}"\nbytes = {len(content)}\nsha256 = "{digest}"')
    (folder / "model.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _image_graph(
    o: TinyOptions, directions: NDArray[np.float32], rng: np.random.Generator
) -> onnx.ModelProto:
    """Mean colour -> softmax over the nearness to each named colour -> direction; unit length."""
    anchors = np.array(list(COLOURS.values()), dtype=np.float32) / 255
    mean, std = np.array(MEAN, dtype=np.float32), np.array(STD, dtype=np.float32)
    half = o.size // 2
    constants = {
        "std": std[None],
        "mean": mean[None],
        # -|m - a|^2 without |m|^2, which a softmax does not see
        "anchors": SHARPNESS * 2 * anchors.T,
        "offsets": -SHARPNESS * np.square(anchors).sum(axis=1)[None],
        "directions": directions,
        "texture": TEXTURE * _random_rows(12, o.dim, rng),
    }
    nodes = [
        helper.make_node("Cast", ["pixel_values"], ["x"], to=TensorProto.FLOAT),
        helper.make_node("GlobalAveragePool", ["x"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["normalised"]),
        helper.make_node("Mul", ["normalised", "std"], ["scaled"]),
        helper.make_node("Add", ["scaled", "mean"], ["colour"]),
        helper.make_node("MatMul", ["colour", "anchors"], ["dots"]),
        helper.make_node("Add", ["dots", "offsets"], ["nearness"]),
        helper.make_node("Softmax", ["nearness"], ["weights"], axis=1),
        helper.make_node("MatMul", ["weights", "directions"], ["meaning"]),
        helper.make_node(
            "AveragePool", ["x"], ["quarters"], kernel_shape=[half, half], strides=[half, half]
        ),
        helper.make_node("Flatten", ["quarters"], ["layout"]),
        helper.make_node("MatMul", ["layout", "texture"], ["detail"]),
        helper.make_node("Add", ["meaning", "detail"], ["raw"]),
        helper.make_node("LpNormalization", ["raw"], ["image_embeds"], axis=1, p=2),
    ]
    batch = 1 if o.fixed_batch else "batch"
    kind = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16}[o.image_dtype]
    pixel_values = helper.make_tensor_value_info("pixel_values", kind, [batch, 3, o.size, o.size])
    return _model("image", nodes, constants, [pixel_values], ("image_embeds", batch, o.dim))


def _table(
    words: Sequence[str], directions: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the vector of every word: a direction for a colour, something small for the rest."""
    table = FILLER * _random_rows(len(words), directions.shape[1], rng)
    table[0] = 0.0  # the padding
    names = list(COLOURS)
    for number, word in enumerate(words):
        name = SYNONYMS.get(word, word)
        if name in names:
            table[number] = directions[names.index(name)]
    table[words.index("[START]")] *= 0.1
    table[words.index("[END]")] *= 0.1
    table[len(SPECIALS) + len(COLOURS) + len(SYNONYMS) + len(FILLERS) :] /= FILLER  # `words`
    return table


def _random_rows(count: int, size: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return rows of about unit length, whatever their size."""
    return (rng.standard_normal((count, size)) / np.sqrt(size)).astype(np.float32)


def _text_graph(o: TinyOptions, table: NDArray[np.float32]) -> onnx.ModelProto:
    """Sum of the vectors of the words that are no padding; unit length."""
    length = o.context_length if o.fixed_length else "length"
    batch = 1 if o.fixed_batch else "batch"
    kind = {"int64": TensorProto.INT64, "int32": TensorProto.INT32}[o.ids_dtype]
    inputs = [helper.make_tensor_value_info("input_ids", kind, [batch, length])]
    constants = {"table": table, "last": np.array([2], np.int64), "words": np.array([1], np.int64)}
    if o.attention_mask:
        inputs.append(helper.make_tensor_value_info("attention_mask", kind, [batch, length]))
        mask = [helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT)]
    else:
        constants["pad"] = np.array(0, dtype=o.ids_dtype)
        mask = [
            helper.make_node("Equal", ["input_ids", "pad"], ["is_pad"]),
            helper.make_node("Not", ["is_pad"], ["is_word"]),
            helper.make_node("Cast", ["is_word"], ["mask"], to=TensorProto.FLOAT),
        ]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["vectors"]),
        *mask,
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["vectors", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "words"], ["raw"], keepdims=0),
        helper.make_node("LpNormalization", ["raw"], ["text_embeds"], axis=1, p=2),
    ]
    return _model("text", nodes, constants, inputs, ("text_embeds", batch, o.dim))


def _model(
    name: str,
    nodes: list[onnx.NodeProto],
    constants: dict[str, NDArray],
    inputs: list[onnx.ValueInfoProto],
    output: tuple[str, int | str, int],
) -> onnx.ModelProto:
    weights = [numpy_helper.from_array(value, key) for key, value in constants.items()]
    result = helper.make_tensor_value_info(output[0], TensorProto.FLOAT, list(output[1:]))
    graph = helper.make_graph(nodes, name, inputs, [result], weights)
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return model


def _tokenizer(words: Sequence[str]) -> str:
    """Return a tokenizer.json: words in lower case, a start and an end token as CLIP's has."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[START] $A [END]",
        special_tokens=[(name, vocabulary[name]) for name in ("[START]", "[END]")],
    )
    return json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False)
