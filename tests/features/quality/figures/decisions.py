"""Projects with decisions, for tests of evaluation."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from nameplate.domain.changes import SetConcepts, SetLabels, Settings, Title
from nameplate.domain.concepts import add_all
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.project.file import store
from nameplate.project.project import Project

TEST = Title("label", {"name": "test"})


def decided(
    file: Path,
    images: Iterable[Path],
    names: Sequence[str],
    decisions: Mapping[str, Sequence[str] | None],
    settings: Settings | None = None,
    pages: Mapping[str, int] | None = None,
) -> Path:
    """Write a project with decisions by the ends of paths: names, or None for skipped.

    Those of one number in `pages` were made on a page; by default each was made alone.
    """
    project = Project(settings or Settings())
    project.apply(SetConcepts(add_all((), names)[0]), TEST)
    project.add_images(project.to_add(sorted(images)))
    for end, given in decisions.items():
        row = next(
            r for r, path in enumerate(project.images.paths) if path.as_posix().endswith(end)
        )
        code = project.labels.sets.code_of([names.index(name) for name in given or ()])
        state = ReviewState.SKIPPED if given is None else ReviewState.CORRECTED
        label = labels_of(
            np.array([code], np.int32),
            DecidedBy.PERSON,
            state,
            decided_at=pages[end] if pages else 1,
            probability=0.5 if pages else np.nan,
        )
        project.apply(SetLabels(project.images.ids[[row]], label), TEST)
    store.close(store.create(file, project))
    return file
