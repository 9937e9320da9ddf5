"""The labels CSV of a report: what was judged, to compare a later run with."""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from nameplate.features.evaluation.figures.judged import Judged
from nameplate.features.evaluation.findings import Findings
from nameplate.formats.csv import write_rows
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.label_export import LabelExport
from nameplate.formats.labels_csv import label_rows


def write_labels(stream: BinaryIO, export: LabelExport, found: Findings) -> None:
    """Write the labels of all images, with the probabilities of all names.

    An image that was judged by what was learned without it has that label and its probability,
    and none of the other numbers, which would be of another classifier.

    Args:
        stream: Where to.
        export: What is labelled.
        found: What was judged.
    """
    names = [concept.name for concept in export.scored]
    model = export.facts.model, export.facts.templates
    images = export.exported(all_scores=True)
    write_rows(stream, label_rows(_as_judged(images, found), model, names))


def _as_judged(images: Iterator[ExportedImage], found: Findings) -> Iterator[ExportedImage]:
    row_of = {found.paths[row]: row for row in found.unseen.tolist()}
    for image in images:
        row = row_of.get(image.path)
        if row is None:
            yield image
            continue
        sure = found.judged.sure[row] if isinstance(found.judged, Judged) else None
        yield replace(
            image,
            labels=tuple(found.judged.names_of(row)[0]),
            paths=(),
            probability=sure,
            score=None,
            runner_up="",
            runner_up_probability=None,
            margin=None,
            all_probabilities=(),
        )
