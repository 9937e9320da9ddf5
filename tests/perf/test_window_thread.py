"""What the window's thread does itself for the jobs beside it, with very many pictures.

Processor time of single steps, without a window: each is done between two frames, so that it
should take a few milliseconds of the 16.
"""

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.changes import SetConcepts, Settings, Title
from nameplate.domain.concepts import add_all
from nameplate.domain.embeddings import Head, unit
from nameplate.domain.labels import DecidedBy
from nameplate.domain.prompts import TemplateSet
from nameplate.features.quality.checks.checking import begin, next_page, record_page
from nameplate.pipeline.fitting import choose, fitters
from nameplate.pipeline.pages.deciding import decide_page, mark_images
from nameplate.pipeline.pages.groups import open_rows
from nameplate.pipeline.pages.rules import WRONG, Candidates
from nameplate.project.certificates import why_ended
from nameplate.project.facts import RANDOM_CHECK
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.label_changes import DecisionContext, auto_label, label, outcome_of
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot
from perf.measuring import Report

pytestmark = pytest.mark.perf

SIZE, CONCEPTS, DECISIONS = 16, 20, 2000
TEST = Title("label", {"name": "test"})


class Many:
    """A project of many images that are scored, 2,000 of them decided, the rest auto-labelled."""

    def __init__(self, count: int) -> None:
        rng = np.random.default_rng(0)
        self.project = project = Project(Settings())
        concepts, _ = add_all((), [f"name {number}" for number in range(CONCEPTS)])
        project.apply(SetConcepts(concepts), TEST)
        paths = [Path(f"/all/{number // 1000}/{number}.jpg") for number in range(count)]
        project.add_images(project.to_add(paths))
        project.images.forget_embeddings(SIZE)
        vectors = unit(rng.standard_normal((CONCEPTS, SIZE))).astype(np.float32)
        truth = rng.integers(0, CONCEPTS, count)
        noise = 0.1 * rng.standard_normal((count, SIZE)).astype(np.float32)
        project.images.set_embeddings(np.arange(count), unit(vectors[truth] + noise))
        head = Head("softmax", 20.0, None)
        self.names = ZeroShot(concepts, vectors, TemplateSet("t", "T", ("{}",)), head)
        self.scored = score_images(self.names, project.images.vectors())
        self.suggestions = Suggestions()
        self.suggestions.replace(self.scored, project.images)
        self.now = DecisionContext(1, "model", self.suggestions)
        chosen = np.linspace(0, count - 1, DECISIONS).astype(np.int64)
        for place, concept in enumerate(concepts):
            rows = chosen[truth[chosen] == place]
            project.apply(label(project, rows, concept.key, self.now), TEST)
        self.everything = np.arange(count)


def least(act: Callable[[], object], rounds: int = 7) -> float:
    """Return the least processor time of some rounds, in ms."""
    times = list[float]()
    for _ in range(rounds):
        start = time.thread_time()
        act()
        times.append((time.thread_time() - start) * 1e3)
    return min(times)


@pytest.mark.parametrize("count", [100_000, 300_000])
def test_steps_of_the_windows_thread(count, capsys):
    from nameplate.features.quality.snapshot import Snapshot

    report = Report(capsys, f"{count:,} images, 20 names: ms of the window's thread")
    many = Many(count)
    project, suggestions, now = many.project, many.suggestions, many.now
    candidates = Candidates.of(project, suggestions, many.everything)
    page = candidates.next_page(56)
    projections = np.random.default_rng(1).standard_normal((count, 128), dtype=np.float32)
    one, among = np.array([5]), fitters()
    key = project.concepts[3].key
    steps: dict[str, Callable[[], object]] = {
        "a label for one": lambda: project.apply(label(project, one, key, now), TEST),
        "  labels counted": project.counts.by_concept,
        "  how far it is": lambda: project.counts.tally,
        "what there is to learn from": lambda: choose(among, project, many.names, lambda: None),
        "scores taken over": lambda: suggestions.replace(many.scored, project.images),
        "which pictures pages are of": lambda: Candidates.of(project, suggestions, many.everything),
        "  the next page": lambda: candidates.next_page(56, None, projections),
        "  pages and names counted": lambda: (candidates.pages(56), candidates.counts()),
        "  without the page shown": lambda: candidates.without(page.rows),
        "  a page decided, and taken back": lambda: (
            project.apply(decide_page(project, page, now).change, TEST),
            project.undo(),
        ),
        "a copy for figures and doubtful labels": lambda: Snapshot.of(project, suggestions),
        "what is not decided, for groups": lambda: open_rows(project),
    }
    for what, act in steps.items():
        report.row(what, f"{least(act):8.2f}")
    bulk = auto_label(project, many.everything, now)
    report.row("auto-labelled", f"{least(lambda: auto_label(project, many.everything, now)):8.2f}")
    report.row(
        "  done and undone", f"{least(lambda: (project.apply(bulk, TEST), project.undo())):8.2f}"
    )
    project.apply(bulk, TEST)
    again = least(lambda: outcome_of(project, auto_label(project, many.everything, now)))
    report.row("what would be labelled otherwise", f"{again:8.2f}")
    step = begin(project, 1)
    report.row("random checks begun", f"{least(lambda: begin(project, 1)):8.2f}")
    project.apply(step.change, step.title)
    page, check = next_page(project), project.fact(RANDOM_CHECK)
    report.row("  a page of them", f"{least(lambda: next_page(project)):8.2f}")
    report.row("  checked", f"{least(lambda: record_page(project, page, {}, now)):8.2f}")
    report.row("  whether they hold", f"{least(lambda: why_ended(project, check)):8.2f}")


def test_setting_aside_costs_the_same_after_a_thousand_pages(capsys, tmp_path):
    """Turn pages on which every picture is said to be wrong; a page is one step."""
    report = Report(capsys, "100,000 images, pages of 42 set aside: ms of the window's thread")
    many, pages, size = Many(100_000), 1000, 42
    project, now = many.project, many.now
    file = ProjectFile.create(tmp_path / "p.nameplate", project)
    undecided = np.flatnonzero(project.labels.decided_by == DecidedBy.NOBODY)[: pages * size]
    first = dict[str, float]()
    for page in range(pages):
        rows = undecided[page * size : (page + 1) * size]
        keys = many.suggestions.suggested[rows]
        if page not in (0, pages - 1):
            project.apply(mark_images(project, rows, keys, WRONG, now).change, TEST)
            continue
        file.flush()
        tracemalloc.start()
        before, start = tracemalloc.get_traced_memory()[0], time.perf_counter()
        project.apply(mark_images(project, rows, keys, WRONG, now).change, TEST)
        done = time.perf_counter()
        kept = (tracemalloc.get_traced_memory()[0] - before) / 1e3
        tracemalloc.stop()
        file.flush()
        written = time.perf_counter()
        candidates = least(lambda: Candidates.of(project, many.suggestions, many.everything))
        figures = {
            "decided": (done - start) * 1e3,
            "and stored": (written - start) * 1e3,
            "KB of memory": kept,
            "which pictures pages are of": candidates,
        }
        for what, figure in figures.items():
            report.row(f"page {page + 1:,}: {what}", f"{figure:8.2f}")
        first = first or figures
    file.close()
    report.row("file", f"{(tmp_path / 'p.nameplate').stat().st_size / 1e6:8.1f} MB")
