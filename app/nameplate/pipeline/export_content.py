"""The content of an export: labels, with the scores of a model where there is one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.messages import Message
from nameplate.domain.prompts import TemplateSet
from nameplate.domain.stacks import Stacks
from nameplate.formats.export_format import Column
from nameplate.formats.label_export import (
    Cells,
    Certificate,
    LabelExport,
    model_name,
    template_name,
)
from nameplate.formats.labels_csv import COLUMNS
from nameplate.inference.model import LoadedModel
from nameplate.plug_ins.failures import tell_of_plug_in
from nameplate.project.certificates import certificate_of, paragraphs_of
from nameplate.project.project import Project
from nameplate.project.random_check import RandomCheck
from nameplate.scoring.suggestions import Suggestions


def snapshot_of(  # noqa: PLR0913
    project: Project,
    suggestions: Suggestions,
    words: Callable[[Message], str],
    model: LoadedModel | None = None,
    templates: TemplateSet | None = None,
    stacks: Stacks | None = None,
    *,
    words_in_files: Callable[[Message], str] | None = None,
) -> LabelExport:
    """Return a snapshot of a project, on its thread.

    It holds the name of the model, which may be switched meanwhile, and not the model. How messages
    are put into words, `LabelExport` says.
    """
    found = certificate_of(project)
    of = project.images, project.labels, project.concepts
    return replace(
        LabelExport.of(*of, suggestions, words),
        model=model_name(model) if model else "",
        templates=template_name(templates) if model and templates else "",
        first_images=project.first_images,
        certificate=_certificate(project, found) if isinstance(found, RandomCheck) else None,
        uncertified=found if isinstance(found, Message) else None,
        columns=_columns(project),
        words_in_files=words_in_files,
        stacks=stacks,
    )


def _certificate(project: Project, check: RandomCheck) -> Certificate:
    return Certificate(check.labelled, paragraphs_of(project, check))


def _columns(project: Project) -> Mapping[str, Cells]:
    """Return the columns of features; one that fails hinders no export that is without it."""
    return {name: _cells(column, project) for name, column in COLUMNS.items()}


def _cells(column: Column, project: Project) -> Cells:
    try:
        return column.cells(project)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a feature of others does
        tell_of_plug_in(error)
        why = error

    def fail(_rows: NDArray[np.int64]) -> NoReturn:
        raise why

    return fail
