"""Makes the project file of the corpus; run once for each version of the file, and kept.

Usage, with tests/ on the path: make_projects.py FOLDER, which has pictures in FOLDER/pictures.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from features.quality import steps
from nameplate.domain.changes import SetFact, Settings
from nameplate.domain.filtering.views import Place, Sort, View
from nameplate.domain.images import contents_of
from nameplate.features.quality.doubtful.audit import call_right
from nameplate.features.quality.facts import MARKS
from nameplate.pipeline.pages.rules import WRONG
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.system.file_status import content_key
from project_help import PLAIN, Opened

STEPS = (
    ("name", "cat"),
    ("name", "dog"),
    ("name", "duck"),
    ("auto", list(range(12))),
    ("label", [0, 1, 2], 0),
    ("label", [3], 1),
    ("skip", [4]),
    ("details", 0, 0.9),
    ("reject", 2),
    ("order", 1, 0),
    ("save view", 'my "best"', Sort.NAME),
    ("reject on a page", 5, 1),
    ("call right", [1, 3]),
    ("begin checks",),
    ("check", True),
    ("clear", [11]),
    ("remove", [10]),
    ("rename", 1),
    ("merge", 0, 1, True),
    ("undo", []),
)


def every_fact(folder: Path) -> None:
    """Write a project with each kind of step, one of them undone, and each fact."""
    pictures = sorted((folder / "pictures").glob("*.jpg"))[:12]
    opened = Opened(Project(Settings(PLAIN)), Suggestions(), axes=(0, 1, 2, 2))
    project = opened.project
    file = ProjectFile.create(folder / "every-fact.nameplate", project)
    project.images.forget_embeddings(3)
    opened.add_images(*map(str, pictures[:10]))
    opened.add_images(*map(str, pictures[10:]))
    for step in STEPS[:3]:
        take(opened, step)
    for row in range(len(pictures)):
        opened.embed(row, row % 3)
    opened.score()
    keys = list(map(content_key, pictures))
    project.record_contents(np.arange(len(keys)), contents_of(keys))
    for step in STEPS[3:]:
        take(opened, step)
    opened.do(SetFact(MARKS, {6: WRONG}))
    project.move_to(Place(3, View()))
    assert file.close()


def take(opened: Opened, step: tuple[Any, ...]) -> None:
    """Take a step, if it can be taken."""
    if step[0] == "call right":
        opened.do(call_right(opened.project, np.array(step[1])))
    else:
        steps.take(opened, step)


if __name__ == "__main__":
    every_fact(Path(sys.argv[1]))
