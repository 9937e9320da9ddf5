"""The report about given labels: the same web page as that of an evaluation."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from nameplate.domain.messages import Message
from nameplate.features.audit.rules import Audit, counts_by_name, doubtful_rows, worst_names
from nameplate.features.evaluation.report.document import (
    BY_NAME,
    REPORTED_WORST,
    Picture,
    Pictures,
    Section,
    Table,
    made_now,
)
from nameplate.features.evaluation.report.page import Report
from nameplate.imaging.scan import relative_names
from nameplate.project.labelling import Rows
from nameplate.project.project import Project

_LOOKS_LIKE: Final = Message("audit-looks-like")


def report_of(
    project: Project, found: Audit, model: str, certificate: Sequence[Message] = ()
) -> Report:
    """Return what is known of the given labels of a project: doubts, corrections, certificate."""
    facts = Message("audit-report-facts", {"model": model or "–", "made": made_now()})
    files = project.images.paths.texts
    sections = tuple(_sections(project, found, certificate))
    return Report(Message("audit-report"), facts, sections, relative_names(files), files)


def _sections(project: Project, found: Audit, certificate: Sequence[Message]) -> Iterator[Section]:
    doubtful = doubtful_rows(project, found)
    counts = counts_by_name(project, doubtful)
    given, _, checked, corrected = counts.sum(axis=0).tolist()
    said = [
        Message("audit-came", {"count": given}),
        Message("audit-may-be-wrong", {"count": len(doubtful)}),
        Message("audit-checked", {"checked": checked, "corrected": corrected}),
    ]
    if found.wrong is not None:
        wrong, low, high = map(round, found.wrong)
        said.append(Message("audit-about-wrong", {"wrong": wrong, "low": low, "high": high}))
    yield Section(said)
    if certificate:
        yield Section(certificate, Message("audit-certificate"))
    names = [concept.name for concept in project.concepts]
    heads = ("images", "doubtful", "checked", "corrected")
    columns = dict(zip(heads, counts.T.tolist(), strict=True))
    yield Section([], BY_NAME, Table({"name": names, **columns}, worst_names(counts)))
    if len(doubtful):
        pictures = Pictures(tuple(_pictures(found, doubtful[:REPORTED_WORST])), _LOOKS_LIKE)
        yield Section([], Message("audit-most-doubtful"), pictures)


def _pictures(found: Audit, rows: Rows) -> Iterator[Picture]:
    material, names = found.material, [concept.name for concept in found.material.concepts]
    for place in np.searchsorted(material.rows, rows).tolist():
        suggested, given = int(found.suggested[place]), int(material.given[place])
        yield Picture(int(material.rows[place]), [names[suggested]], [names[given]])
