"""Pages with marks as values of a project's file, and back."""

from typing import Any, Final, cast

import numpy as np

from nameplate.domain.labels import NO_CONCEPT, LabelTable
from nameplate.domain.marked_pages import MarkedPage
from nameplate.project.file.values import LARGEST_CONCEPT_ID, Json
from nameplate.project.project import Project
from nameplate.project.sheets import SKIPPED, WRONG

_MOST_PAGES: Final = 10_000
"""A page a name, and the marks that wait for one."""

_MOST_SHOWN: Final = 10_000
"""Pictures of a page, all of which are painted: of a larger one the marks alone are kept."""


def pages_json(pages: tuple[MarkedPage, ...], _labels: LabelTable) -> list[Json]:
    """Return pages as what JSON can hold."""
    return [
        {
            "concept": page.concept,
            "images": page.images,
            "suggested": page.suggested,
            "probabilities": page.probabilities,
            "behind": list(page.behind.items()),
            "marks": list(page.marks.items()),
            "promise": page.promise,
            "blind": page.is_blind,
        }
        for page in pages
    ]


def pages_of(values: Any, project: Project) -> tuple[MarkedPage, ...]:
    """Return the pages of a project that is loaded; what is no page of it is left out.

    A project opens all the same without it: the marks are all that is lost.
    """
    pages = list[MarkedPage]()
    match values:
        case [_, *_] if len(values) <= _MOST_PAGES:
            items = cast("list[Json]", values)
        case _:
            return ()
    known: set[int] = set(project.images.ids.tolist())
    # An image can be on the page of each of its suggestions, one by one.
    room = 1000 + 4 * len(known)
    for item in items:
        try:
            page = _page_of(item, known, project.next_concept_id)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            continue
        room -= len(page.images) + sum(map(len, page.behind.values())) + len(page.marks)
        if room < 0:
            break
        pages.append(page)
    return tuple(pages)


def _page_of(values: Json, known: set[int], next_concept: int) -> MarkedPage:
    """Return a page.

    Raises:
        ArithmeticError, LookupError, TypeError, ValueError: It is none of images that are `known`.
    """
    behind = {_image(one, known): _images(rest, known) for one, rest in values["behind"]}
    marks = {_image(one, known): _mark(mark) for one, mark in values["marks"]}
    concept, promise = _whole(values["concept"]), _whole(values["promise"])
    if not marks or (concept != NO_CONCEPT and not 0 <= concept < next_concept):
        raise ValueError("no page")
    images = _images(values["images"], known)
    if len(images) + sum(map(len, behind.values())) > _MOST_SHOWN:
        return MarkedPage(concept, marks=marks)
    all_images = [*images, *(one for rest in behind.values() for one in rest)]
    if len(set(all_images)) < len(all_images):
        raise ValueError("an image that is there twice")
    is_blind = values["blind"] is True
    if promise > 0:
        return MarkedPage(images=images, marks=marks, promise=promise, is_blind=is_blind)
    suggested = tuple(_whole(one) for one in values["suggested"])
    found = np.array(values["probabilities"], np.float64)
    if (
        promise
        or found.shape != (len(images),)
        or len(suggested) != len(images)
        or not all(0 <= one < next_concept for one in suggested)
        or not ((found >= 0) & (found <= 1)).all()
        or not set(images).issuperset(behind)
    ):
        raise ValueError("no page")
    return MarkedPage(concept, images, suggested, tuple(found.tolist()), behind, marks)


def _images(values: list[Any], known: set[int]) -> tuple[int, ...]:
    return tuple(_image(one, known) for one in values)


def _image(value: Any, known: set[int]) -> int:
    if value not in known:
        raise ValueError("an image that is not there")
    return _whole(value)


def _mark(value: Any) -> int:
    if not min(WRONG, SKIPPED) <= _whole(value) <= LARGEST_CONCEPT_ID:
        raise ValueError("no mark")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError("no whole number")
    return value
