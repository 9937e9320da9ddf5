"""Pages with marks as the project keeps them, by ids, and back."""

from collections.abc import Iterable, Mapping

import numpy as np

from nameplate.domain.concepts import ConceptId
from nameplate.domain.images import ImageTable
from nameplate.domain.marked_pages import MarkedPage
from nameplate.project.sheets import Mark, Sheet
from nameplate.ui.sheets.page import SheetPage


def marks_of(images: ImageTable, marks: Mapping[int, Mark]) -> dict[int, Mark]:
    """Return marks by the ids of their images, in their order."""
    return {int(images.ids[row]): mark for row, mark in marks.items()}


def marks_from(images: ImageTable, marks: Mapping[int, Mark]) -> dict[int, Mark]:
    """Return marks by row; what `marks_of` returned, or what a file has."""
    return dict(zip(_rows(images, marks), marks.values(), strict=True))


def kept_marks(images: ImageTable, concept: ConceptId, marks: Mapping[int, Mark]) -> MarkedPage:
    """Return marks that wait for the next page of a concept."""
    return MarkedPage(concept, marks=marks_of(images, marks))


def kept_page(images: ImageTable, page: SheetPage, marks: Mapping[int, Mark]) -> MarkedPage:
    """Return a page of suggestions with those of its marks that are to be kept."""
    sheet, ids = page.sheet, images.ids
    behind = {int(ids[row]): _ids(images, rest) for row, rest in sheet.behind.items()}
    return MarkedPage(
        sheet.concept,
        _ids(images, sheet.rows.tolist()),
        tuple(sheet.suggested.tolist()),
        tuple(sheet.probability.tolist()),
        behind,
        marks_of(images, marks),
    )


def page_from(images: ImageTable, kept: MarkedPage) -> SheetPage:
    """Return the page that `kept_page` took."""
    rows = np.array(_rows(images, kept.images), np.int64)
    tops = _rows(images, kept.behind)
    behind = [tuple(_rows(images, rest)) for rest in kept.behind.values()]
    sheet = Sheet(
        kept.concept,
        rows,
        np.array(kept.suggested, np.int32),
        np.array(kept.probabilities, np.float32),
        dict(zip(tops, behind, strict=True)),
    )
    return SheetPage(rows, marks_from(images, kept.marks), sheet=sheet)


def _ids(images: ImageTable, rows: Iterable[int]) -> tuple[int, ...]:
    return tuple(images.ids[list(rows)].tolist())


def _rows(images: ImageTable, ids: Iterable[int]) -> list[int]:
    return images.rows_of(np.array([*ids], np.int64)).tolist()
