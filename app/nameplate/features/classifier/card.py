"""The texts of a classifier's folder for people and for other programs; all of them in English."""

import json
import math
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from nameplate import __version__
from nameplate.features.classifier.saved import GRAPH, SavedClassifier, Taught
from nameplate.inference.specs import ImageSpec
from nameplate.pipeline.reading.prefetch import DRAFT_FACTOR
from nameplate.storage.resources import resource

_MOST_MIXED_UP: Final = 10
_RESAMPLE: Final = {"bilinear": 2, "bicubic": 3}
"""Numbers of `PIL.Image.Resampling`, which other programs have for filters."""


def config_json(saved: SavedClassifier) -> str:
    """Return the config that transformers.js and Optimum expect.

    Its type says how they call a graph, pixels in and logits out, and not how it is built: of those
    that both know for the names of whole pictures, it is the plainest.
    """
    labels = [concept.name for concept in saved.names.concepts]
    is_exclusive = saved.names.is_exclusive
    return _json(
        {
            "model_type": "vit",
            "architectures": ["ViTForImageClassification"],
            "problem_type": f"{'single' if is_exclusive else 'multi'}_label_classification",
            "id2label": {str(place): name for place, name in enumerate(labels)},
            "label2id": {name: place for place, name in enumerate(labels)},
        }
    )


def preprocessor_json(image: ImageSpec) -> str:
    """Return the preprocessor config that transformers.js and Optimum expect."""
    side, is_cut = image.resized, image.resize == "shortest"
    return _json(
        {
            "image_processor_type": "CLIPImageProcessor",
            "do_convert_rgb": True,
            "do_resize": True,
            "size": {"shortest_edge": side} if is_cut else {"height": side, "width": side},
            "resample": _RESAMPLE[image.interpolation],
            "do_center_crop": image.crop,
            "crop_size": {"height": image.size, "width": image.size},
            "crop_rounding": image.crop_rounding,  # which `classify.py` alone reads, as the next
            "draft_factor": DRAFT_FACTOR,
            "do_rescale": True,
            "rescale_factor": 1 / 255,
            "do_normalize": True,
            "image_mean": list(image.mean),
            "image_std": list(image.std),
        }
    )


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def card(saved: SavedClassifier, day: str, licences: list[str]) -> str:
    """Return the README: the names, the test results and the use of the classifier.

    Args:
        saved: The classifier.
        day: When it was made.
        licences: The files beside it that are of its encoder.
    """
    names, model = saved.names, saved.model
    return (
        resource("classifier", "README.md")
        .read_text(encoding="utf-8")
        .format(
            count=len(names.concepts),
            version=__version__,
            day=day,
            among="among these" if names.is_exclusive else "by itself",
            rows="\n".join(_rows(saved)),
            title=_cell(model.title),
            source=_cell(model.source),
            size=model.embedding_size,
            how=_how(saved),
            tried=_tried(saved.taught),
            bad="\n".join(_mixed_up(saved.taught)),
            graph=GRAPH,
            side=model.image.size,
            licence=_cell(model.licence),
            files="".join(f"\n- [{name}]({quote(name)})" for name in licences),
        )
        .replace("\n\n- It knows", "\n- It knows")
    )


def _rows(saved: SavedClassifier) -> Iterator[str]:
    for concept in saved.names.concepts:
        least = saved.minimum if concept.threshold is None else concept.threshold
        label = "none of these" if concept.is_reject else _percent(least)
        others = _cell(", ".join(concept.synonyms))
        count = saved.taught.by_name.get(concept.name, 0)
        yield f"| {_cell(concept.name)} | {others} | {label} | {count:,} |"


def _how(saved: SavedClassifier) -> str:
    if saved.probe is None:
        return "The names alone tell which fits: nothing was learned from decisions."
    elsewhere = saved.taught.elsewhere
    known = f", what was taught in “{_cell(elsewhere)}”" if elsewhere else ""
    return f"The names{known} and {saved.taught.decisions:,} decisions of a person tell which fits."


def _tried(taught: Taught) -> str:
    if not taught.tested:
        return "- It was not tried. Look at its labels before you rely on them."
    return (
        f"- Of {taught.tested:,} decisions that were hidden from it while it learned, it got"
        f" {_percent(taught.right)} right. They are of the same pictures as the others."
    )


def _mixed_up(taught: Taught) -> Iterator[str]:
    for shown, taken, count in taught.mixed_up[:_MOST_MIXED_UP]:
        yield f"- It takes {_cell(shown)} for {_cell(taken)} ({count:,} of the hidden decisions)."


def _percent(share: float) -> str:
    """Return a share in percent, rounded down to a tenth."""
    return f"{math.floor(round(1000 * share, 6)) / 10:g}%"


def _cell(text: str) -> str:
    """Return a text that ends no cell and begins no markup."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|" else letter for letter in text)
