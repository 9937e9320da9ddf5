"""Assembles the two towers: the memory of the text tower, the head of the image tower."""

from __future__ import annotations

from typing import TYPE_CHECKING

import colours
import numpy as np
from image_tower import ImageHead, feature_mean
from templates import TEMPLATES
from text_tower import Memory

if TYPE_CHECKING:
    from efficientnet_lite_pytorch import EfficientNet
    from knowledge import Encode, Knowledge

DIMENSIONS = 768  # 1,000 lose nothing, 768 half a point on 233 fine names, 512 two points
FEATURE_WEIGHT = 0.3  # of the features against the posterior; 0 to 0.8 tried
COLOUR_WEIGHT = 0.3  # of the colours against the posterior; 0 to 0.4 tried
BREADTH = (
    0.05  # how much broad concepts gain on narrow ones: less honest at 0, less accurate at 0.1
)
TEMPERATURE = 0.04  # of the softmax over the memory; 0.03 to 0.07 tried
CLASS_WEIGHT = 3.0  # how much more a class counts than another concept in the projection
MAPPED_NAMES = 600  # names the mapping from prompts to bare names is fitted on
KEEP_BARE = 20  # and how often the bare names themselves are in the fit


def assemble(
    knowledge: Knowledge, encode: Encode, network: EfficientNet
) -> tuple[Memory, ImageHead]:
    """Compute everything that is not pretrained."""
    weight = network._fc.weight.detach().numpy()
    values = knowledge.values(weight, FEATURE_WEIGHT)
    basis = _projection(values, np.array([c.offset in knowledge.index for c in knowledge.concepts]))
    names = [name for concept in knowledge.concepts for name in concept.names]
    projected = (values @ basis).astype(np.float32)
    memory = Memory(
        keys=encode(names),
        priors=knowledge.priors(),
        counts=np.array([len(concept.names) for concept in knowledge.concepts]),
        values=np.concatenate([projected, COLOUR_WEIGHT * knowledge.colours()], axis=1),
        breadth=_breadth(values[:, : len(weight)] ** 2),
        mapping=fit_mapping(encode, names),
        colour_words=colours.fit_words(encode, names),
        colour_weight=COLOUR_WEIGHT,
        temperature=TEMPERATURE,
    )
    bias = network._fc.bias.detach().numpy()
    mean = feature_mean(network)
    return memory, ImageHead(weight, bias, mean, FEATURE_WEIGHT, basis, COLOUR_WEIGHT)


def _projection(values: np.ndarray, is_class: np.ndarray) -> np.ndarray:
    """The directions in which the concepts differ most; inner products barely change."""
    weighted = values * np.where(is_class, CLASS_WEIGHT, 1.0)[:, None]
    _, vectors = np.linalg.eigh((weighted.T @ weighted).astype(np.float64))
    size = DIMENSIONS - len(colours.COLOURS) - 2  # two columns make up the length
    basis = vectors[:, ::-1][:, :size]
    # The sign of an eigenvector is arbitrary; fixed here for the same bytes everywhere.
    largest = basis[np.abs(basis).argmax(0), np.arange(size)]
    return np.ascontiguousarray(basis * np.sign(largest), np.float32)


def _breadth(distributions: np.ndarray) -> np.ndarray:
    """The logarithm of each concept's length: its number of classes, to a small power."""
    classes = 1 / (distributions**2).sum(1)
    return (BREADTH * np.log(classes / classes.max())).astype(np.float32)


def fit_mapping(encode: Encode, names: list[str]) -> np.ndarray:
    """A linear map from the vector of a prompt to the vector of the bare name, least squares."""
    some = [names[i] for i in np.random.default_rng(0).permutation(len(names))[:MAPPED_NAMES]]
    bare = encode(some)
    prompts = [encode([template.format(name) for name in some]) for template in TEMPLATES]
    given = np.concatenate([*prompts, *[bare] * KEEP_BARE]).astype(np.float64)
    wanted = np.concatenate([bare] * (len(TEMPLATES) + KEEP_BARE)).astype(np.float64)
    given = np.concatenate([given, np.ones((len(given), 1))], axis=1)
    solved = np.linalg.solve(given.T @ given + np.eye(given.shape[1]), given.T @ wanted)
    return solved.astype(np.float32)
