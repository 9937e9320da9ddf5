"""How long a project of 100,000 images takes to open, to keep a decision, and to undo in bulk."""

import time
from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.changes import SetConcepts, Settings, Title
from nameplate.domain.concepts import add_all
from nameplate.domain.images import CONTENT
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.label_changes import clear
from nameplate.project.project import Project
from perf.measuring import Report

pytestmark = pytest.mark.perf
IMAGES, CONCEPTS, KEYS, BULK = 100_000, 20, 500, 50_000
LABEL = Title("label", {"name": "x"})


def timed(work):
    """Return what `work` returns, and the milliseconds that it took."""
    start = time.perf_counter()
    result = work()
    return result, 1000 * (time.perf_counter() - start)


def labelled(project, rows, concept):
    """Return labels of a person for `rows`."""
    codes = np.full(len(rows), project.labels.sets.code_of([concept]), np.int32)
    by, state = DecidedBy.PERSON, ReviewState.ACCEPTED
    model = project.labels.model_index("starter@12345678")
    return labels_of(codes, by, state, decided_at=1_700_000_000_000, probability=0.5, model=model)


def test_a_project_of_a_hundred_thousand_images(tmp_path: Path, capsys) -> None:
    from nameplate.domain.changes import SetLabels

    report = Report(capsys, f"a project of {IMAGES:,} images and {CONCEPTS} names")
    path, project = tmp_path / "p.nameplate", Project(Settings())
    file = ProjectFile.create(path, project)
    names = [Path(f"/pictures/{i // 1000:05d}/IMG_{i:07d}.jpg") for i in range(IMAGES)]
    step = 0
    for start in range(0, IMAGES, 1000):  # as a scan finds them
        _, step = project.add_images(project.to_add(names[start : start + 1000]), step)
    project.apply(SetConcepts(add_all((), [f"name {i}" for i in range(CONCEPTS)])[0]), LABEL)
    _, adding = timed(file.flush)
    report.row("images written after they were found", f"{adding:8.1f} ms")
    rows = np.arange(IMAGES)
    project.apply(SetLabels(project.images.ids, labelled(project, rows, 3)), Title("auto-label"))
    file.flush()

    owner, stored = list[float](), list[float]()
    for row in np.random.default_rng(0).integers(0, IMAGES, KEYS):
        ids = project.images.ids[[row]]
        change = SetLabels(ids, labelled(project, ids, int(row) % CONCEPTS))
        _, of_owner = timed(lambda: project.apply(change, LABEL))  # noqa: B023
        _, of_disk = timed(file.flush)
        owner.append(of_owner)
        stored.append(of_owner + of_disk)
    report.row("a decision, on the window's thread, p99", f"{np.percentile(owner, 99):8.2f} ms")
    report.row("a decision stored, p99", f"{np.percentile(stored, 99):8.2f} ms")

    bulk = project.images.ids[:BULK]
    change = SetLabels(bulk, labelled(project, bulk, 5))
    for what, act in (
        (f"{BULK:,} labels", lambda: project.apply(change, LABEL)),
        ("their undo", project.undo),
        (f"{BULK:,} labels taken off", lambda: project.apply(clear(project, rows[:BULK]), LABEL)),
    ):
        _, of_owner = timed(act)
        _, of_disk = timed(file.flush)
        report.row(what, f"{of_owner:8.1f} ms, stored after {of_owner + of_disk:.1f}")
        assert of_owner + of_disk < 5000
    file.close()
    report.row("size of the file", f"{path.stat().st_size / 1e6:8.1f} MB")
    again, opening = timed(lambda: ProjectFile.open(path))
    report.row("opened", f"{opening:8.1f} ms")
    assert again.project.images.present == IMAGES
    again.close()


def test_two_projects_of_a_hundred_thousand_images_are_compared_and_merged(capsys) -> None:
    from nameplate.domain.changes import SetLabels
    from nameplate.features.quality.people.comparison import Rule, TwoSides, compare, merge
    from nameplate.features.quality.people.matching import match_images

    report = Report(capsys, f"two projects of {IMAGES:,} images and {CONCEPTS} names")
    projects = list[Project]()
    for seed, root in enumerate(("/home/ann/pictures", "/mnt/bob/all the pictures")):
        project = Project(Settings())
        project.apply(SetConcepts(add_all((), [f"name {i}" for i in range(CONCEPTS)])[0]), LABEL)
        paths = [Path(root, f"{i // 1000:05d}/IMG_{i:07d}.jpg") for i in range(IMAGES)]
        project.add_images(project.to_add(paths))
        contents = np.zeros(IMAGES, CONTENT)
        contents["size"] = np.arange(IMAGES) + 1
        project.record_contents(np.arange(IMAGES), contents)
        labels = labelled(project, np.arange(IMAGES), 0)
        chosen = np.random.default_rng(seed).integers(0, CONCEPTS, IMAGES).astype(np.int32)
        labels["concepts"] = project.labels.sets.codes_of(chosen)
        project.apply(SetLabels(project.images.ids, labels), LABEL)
        projects.append(project)
    mine, theirs = projects
    match, matching = timed(lambda: match_images(mine.images, theirs.images))
    report.row("images matched, off the window's thread", f"{matching:8.1f} ms")
    sides, taking = timed(lambda: TwoSides.of(mine, theirs, match))
    report.row("decisions of both taken", f"{taking:8.1f} ms")
    found, comparing = timed(lambda: compare(mine, theirs, match))
    report.row("agreement, off the window's thread", f"{comparing:8.1f} ms")
    _, merging = timed(lambda: merge(sides, Rule.THEIRS))
    report.row("all of theirs taken over", f"{merging:8.1f} ms")
    assert len(match.ids) == found.records.share.of == IMAGES
    assert taking + merging <= 500
