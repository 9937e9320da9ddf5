"""What every test can use: an isolated home, a tiny real model, coloured pictures, leak checks."""

import gc
import importlib.util
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings
from PIL import Image

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if sys.platform == "win32":  # where that platform of Qt has no typeface
    fonts = Path(__file__).parents[1] / "resources" / "fonts"
    os.environ.setdefault("QT_QPA_FONTDIR", str(fonts))
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # some tests load onnxruntime themselves
os.environ.setdefault("NAMEPLATE_DEBUG", "1")  # a mistake of ours shows its traceback
os.environ["LC_ALL"] = "C.UTF-8"  # the texts that tests compare are English
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the program, before numpy is loaded
# The programs that tests start, some hundreds, would compile all their modules each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

from nameplate.model_hub import trial  # noqa: E402 - after what it is loaded with
from nameplate.project.file import autosave  # noqa: E402
from nameplate.system.garbage import collect_due  # noqa: E402
from nameplate.wording import translation  # noqa: E402
from tiny_model import build_tiny_model  # noqa: E402

# On a busy machine a single example may take any time.
settings.register_profile("default run", deadline=None, max_examples=25)
settings.register_profile("hostile run", deadline=None, max_examples=100)
settings.load_profile("default run")

MEMORY = Path("/dev/shm")
LEAST_ROOM = 3_000_000_000


HAS_QT = importlib.util.find_spec("PySide6") is not None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the settings of pytest-qt stand where neither it nor Qt is installed."""
    if not HAS_QT:
        for name in ("qt_api", "qt_log_level_fail", "qt_log_ignore"):
            parser.addini(name, "of pytest-qt, which is not there", default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Try more examples of each property where there is time; collect garbage between tests alone.

    On a thread of the window a collected widget could stop all of it; see `collect_garbage_here`.
    """
    gc.disable()
    if config.option.markexpr == "hostile":
        settings.load_profile("hostile run")


OTHER_RUNS = [
    Path(__file__).parent / name for name in ("formats", "hostile", "parity", "perf", "scale")
]
"""Folders of which the default run takes nothing: each of its processes would import them."""


def is_default(config: pytest.Config) -> bool:
    """Return whether the tests are those of the default run."""
    return "not perf" in config.option.markexpr


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out folders whose tests would all be deselected."""
    return True if is_default(config) and collection_path in OTHER_RUNS else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let properties be among what the hostile run tries; skip what needs Qt without it."""
    for item in () if HAS_QT else items:
        if item.get_closest_marker("needs_qt"):
            item.add_marker(pytest.mark.skip(reason="Qt is not installed"))
    for item in items if config.option.markexpr == "hostile" else ():
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("hostile")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Put the files of the default run into memory, where there is room: no wait for a disk.

    Hundreds of projects and caches would wait, 0.1 s a window; a program that is killed loses as
    little of a file here as there. Figures, of speed and of hostile input, are of disks.
    """
    if (
        is_default(session.config)
        and MEMORY.is_dir()
        and shutil.disk_usage(MEMORY).free > LEAST_ROOM
    ):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_finish() -> None:
    """Look no more for garbage among all that stays until the end: 5% of the time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Collect the garbage of a test on the thread of the window."""
    collect_due()


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give folders for homes, without pytest's look through all earlier ones for each."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def isolated_home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep caches and settings of the tests away from the person who runs them."""
    home = next(homes)
    home.mkdir()
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(home))
    for name in ("LOCAL_APPDATA", "APPDATA"):  # Windows heeds no variable; platformdirs does
        monkeypatch.setenv(f"WIN_PD_OVERRIDE_{name}", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    return home


@pytest.fixture(autouse=True)
def saving_is_tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait the two seconds that a person would."""
    monkeypatch.setattr(autosave, "RETRY_S", 0.2)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Fail a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and t.is_alive()]
    for thread in left:
        thread.join(timeout=5)
    assert not [t.name for t in left if t.is_alive()]


@pytest.fixture
def one_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one child process try out all models, as one decodes all pictures.

    In the program each has its own, as `tests/unit/model_hub/test_trial.py` tries.
    """
    limits_of = trial.limits_of

    def shared(folder: Path) -> trial.Limits:
        return replace(limits_of(folder), bytes=3_000_000_000, keep=True)

    monkeypatch.setattr(trial, "limits_of", shared)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a trial less time and memory, so that the tests are quick."""
    monkeypatch.setattr(trial, "SECONDS", 2.0)
    monkeypatch.setattr(trial, "BYTES", 500_000_000)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder of a few kB that really knows six colours."""
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    """A folder of six plain pictures in three folders named after their colour."""
    root = tmp_path / "pictures"
    for name in ("red", "green", "blue"):
        (root / name).mkdir(parents=True)
        Image.new("RGB", (90, 60), name).save(root / name / "wide.png")
        Image.new("RGB", (50, 80), name).save(root / name / "tall.jpg")
    return root


@pytest.fixture
def spoken(monkeypatch):
    """Speak a language; English again after the test."""

    def speak(language):
        monkeypatch.setenv("NAMEPLATE_LANGUAGE", language)
        translation.use(language)

    yield speak
    translation.use("en")
