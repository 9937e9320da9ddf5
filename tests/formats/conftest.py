"""A project with names of all kinds, and the table of which program reads which format."""

import os
from collections import defaultdict

import pytest
from PIL import Image

from exchange_help import project_of

NAMES = (
    "cat",
    "=1+1",
    "a | b",
    "../x",
    "CON",
    "🐈\u200d⬛",
    "null",
    "ß",
    "x" * 200,
    '"<&>"',
    "a/b",
)


@pytest.fixture(scope="session", autouse=True)
def readers_stay_offline():
    """Let none of the readers, which the tests import, ask or tell anybody anything."""
    os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", FIFTYONE_DO_NOT_TRACK="true")


@pytest.fixture(autouse=True)
def no_thread_is_left():
    """Let other people's programs keep their threads."""


@pytest.fixture
def labels(tmp_path):
    """Label of each picture, by its path; each name has two pictures."""
    found = {}
    for place, name in enumerate((*NAMES, *NAMES)):
        file = tmp_path / "pictures" / "ab"[place % 2] / f"{place // 2}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 12), (place * 9, 255 - place * 9, 60)).save(file)
        found[file] = name
    return found


@pytest.fixture
def project(labels):
    """A project in which a person gave each picture its label."""
    return project_of({file: [name] for file, name in labels.items()})


@pytest.fixture
def by_path(labels, tmp_path):
    """Label of each picture, by its path as exports have it."""
    root = tmp_path / "pictures"
    return {file.relative_to(root).as_posix(): name for file, name in labels.items()}


@pytest.fixture
def by_colour(labels):
    """Label of each picture, by its colour."""
    return {colour_of(file): name for file, name in labels.items()}


def colour_of(file):
    with Image.open(file) as image:
        return image.convert("RGB").getpixel((5, 5))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if mark := item.get_closest_marker("formats"):
        report.user_properties.append(("reader", mark.args))
    return report


def pytest_terminal_summary(terminalreporter):
    rows = defaultdict(list)
    for kind, word in (("passed", "yes"), ("failed", "NO"), ("skipped", "not tried")):
        for report in terminalreporter.getreports(kind):
            for name, values in report.user_properties:
                if name == "reader" and (report.when == "call" or kind != "passed"):
                    why = f" ({report.longrepr[2]})" if kind == "skipped" else ""
                    rows[values].append(word + why.replace("Skipped: ", ""))
    if rows:
        terminalreporter.section("what other programs read")
        for (format_id, reader), verdicts in sorted(rows.items()):
            terminalreporter.write_line(f"{format_id:14} {reader:34} {', '.join(verdicts)}")
