"""Colours: the part of both towers that tells a red rose from a sunflower.

The image network was trained to name things, so what it keeps of colour is hard to reach by
name. A soft histogram over the eleven basic colour terms of English (Berlin and Kay, 1969),
heavier in the middle of the picture, stands beside it; the text side gives its counterpart for
names with usual colours and for prompts with a colour word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graph import Graph

# Typical sRGB values, chosen by eye, and the mean histogram of 774 photos (see evaluate.py).
COLOURS = {
    "black": (20, 20, 20), "white": (245, 245, 245), "grey": (130, 130, 130),
    "red": (200, 30, 40), "orange": (240, 140, 30), "yellow": (245, 215, 50),
    "green": (70, 130, 50), "blue": (60, 110, 200), "purple": (130, 60, 160),
    "pink": (240, 130, 175), "brown": (120, 75, 45),
}  # fmt: skip
MEAN = (0.174, 0.075, 0.271, 0.036, 0.028, 0.019, 0.081, 0.019, 0.013, 0.099, 0.185)
SOFTNESS = 0.02  # of the histogram: squared distance in RGB from 0 to 1
MIDDLE = 0.5  # deviation of the weight over the picture, half a side being 1; 0.3 and 5 are worse
CELL = 8  # pixels are averaged in squares of this side first
CELLS = 32
NOUNS = 300  # names that the reading of colour words is fitted on
RIDGE = 3.0
THRESHOLD = 0.35  # below this a prompt has no colour


def target(shares: dict[str, float]) -> np.ndarray:
    """The unit vector of a thing with these shares of colours, less what any picture has."""
    total = sum(shares.values())
    histogram = np.array([shares.get(colour, 0.0) / total for colour in COLOURS])
    difference = np.sqrt(histogram) - np.sqrt(np.array(MEAN))
    return difference / np.linalg.norm(difference)


def fit_words(encode: Callable[[Sequence[str]], np.ndarray], names: list[str]) -> np.ndarray:
    """A ridge regression that reads colour words: (width + 1) x colours, 1 for the one named."""
    some = [names[i] for i in np.random.default_rng(1).permutation(len(names))[:NOUNS]]
    prompts = [encode([f"a photo of a {name}." for name in some]), encode(some)]
    wanted = [np.zeros((2 * len(some), len(COLOURS)))]
    for index, colour in enumerate(COLOURS):
        for form in ("{} {}", "a photo of a {} {}."):
            prompts.append(encode([form.format(colour, name) for name in some]))
            wanted.append(np.eye(len(COLOURS))[np.full(len(some), index)])
    given = np.concatenate(prompts).astype(np.float64)
    given = np.concatenate([given, np.ones((len(given), 1))], axis=1)
    matrix = given.T @ given + RIDGE * np.eye(given.shape[1])
    return np.linalg.solve(matrix, given.T @ np.concatenate(wanted)).astype(np.float32)


def read_words(words: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """The colour part of a prompt's vector, from its colour words; zeros without one."""
    found = vectors @ words[:-1] + words[-1]
    strength = np.clip((found - THRESHOLD) / (1 - THRESHOLD), 0.0, 1.0)
    return (strength @ pure()).astype(np.float32)


def pure() -> np.ndarray:
    """The targets of things of a single colour, colours x colours."""
    return np.stack([target({colour: 1.0}) for colour in COLOURS])


def of_pixels(pixels: np.ndarray, mean: Sequence[float], deviation: Sequence[float]) -> np.ndarray:
    """The float32 reference of the image part: unit vectors of normalised pixels."""
    kernel, bias, weight = _constants(mean, deviation)
    edge = (pixels.shape[2] - CELL * CELLS) // 2
    inner = pixels[:, :, edge : edge + CELL * CELLS, edge : edge + CELL * CELLS]
    small = inner.reshape(len(pixels), 3, CELLS, CELL, CELLS, CELL).mean((3, 5))
    scores = np.einsum("kc,bchw->bkhw", kernel, small) + bias[None, :, None, None]
    powers = np.exp(scores - scores.max(1, keepdims=True))
    histogram = (powers / powers.sum(1, keepdims=True) * weight).sum((2, 3))
    difference = np.sqrt(histogram) - np.sqrt(np.array(MEAN, np.float32))
    return difference / np.linalg.norm(difference, axis=1, keepdims=True)


def write(graph: Graph, size: int, mean: Sequence[float], deviation: Sequence[float]) -> str:
    """The image part: averaged cells, nearest colours, weighted mean, less the usual picture."""
    kernel, bias, weight = _constants(mean, deviation)
    edge = (size - CELL * CELLS) // 2
    ends = edge + CELL * CELLS
    inner = graph.op(
        "Slice", "pixel_values", graph.ints(edge, edge), graph.ints(ends, ends), graph.ints(2, 3)
    )
    small = graph.op("AveragePool", inner, kernel_shape=[CELL, CELL], strides=[CELL, CELL])
    weights = graph.constant(kernel[:, :, None, None])
    scores = graph.op("Conv", small, weights, graph.constant(bias), kernel_shape=[1, 1])
    shares = graph.op("Mul", graph.op("Softmax", scores, axis=1), graph.constant(weight))
    histogram = graph.op("ReduceSum", shares, graph.ints(2, 3), keepdims=0)
    usual = graph.constant(np.sqrt(np.array(MEAN, np.float32)))
    return graph.unit(graph.op("Sub", graph.op("Sqrt", histogram), usual))


def _constants(
    mean: Sequence[float], deviation: Sequence[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nearest colour as a linear score of normalised pixels, and the weight of every cell.

    -|x - c|^2 and 2 x.c - |c|^2 differ by the same amount for all colours.
    """
    palette = np.array(list(COLOURS.values()), np.float64) / 255.0
    kernel = 2 * palette * np.array(deviation) / SOFTNESS
    bias = (2 * palette @ np.array(mean) - (palette**2).sum(1)) / SOFTNESS
    place = np.linspace(-1, 1, CELLS)
    weight = np.exp(-(place[:, None] ** 2 + place[None] ** 2) / (2 * MIDDLE**2))
    weight /= weight.sum()
    return kernel.astype(np.float32), bias.astype(np.float32), weight.astype(np.float32)
