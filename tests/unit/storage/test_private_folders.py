"""What Nameplate keeps of pictures is for the eyes of the person whose pictures they are."""

import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.model_hub.installed import facts_path, remember
from nameplate.storage.atomic import write_atomically
from nameplate.storage.caches.embedding_cache import EmbeddingCache, default_folder
from nameplate.storage.folders import made_settings_file, settings_path
from nameplate.storage.speeds import record_speed, speeds_path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


@pytest.fixture(autouse=True)
def _open_to_all():
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def write_everything(picture):
    """Make each kind of file that Nameplate keeps."""
    with EmbeddingCache(default_folder(), "m") as cache:
        cache.store([(picture, np.ones(8, np.float32))])
    with ThumbnailCache(default_folder()) as thumbnails:
        thumbnails.thumbnail(picture, 128)
        assert thumbnails.problem is cache.problem is None
    remember(picture.parent, "mark", "text")
    record_speed("some", "cpu", images=400, seconds=10)
    made_settings_file()


@pytest.fixture
def picture(tmp_path):
    file = tmp_path / "pictures" / "a.png"
    file.parent.mkdir()
    Image.new("RGB", (400, 300), "red").save(file)
    os.utime(file, (1e9, 1e9))
    return file


def own_folders():
    return {default_folder(), settings_path().parent, speeds_path().parent}


def own_files():
    found = [p for f in own_folders() for p in f.iterdir() if p.is_file()]
    assert {facts_path(), settings_path(), speeds_path()} < set(found)
    assert len(found) >= 5
    return found


def test_nobody_else_can_open_the_folders_and_files(picture):
    write_everything(picture)
    assert {mode(folder) for folder in own_folders()} == {0o700}
    assert {mode(file) for file in own_files()} == {0o600}


def test_what_an_earlier_version_left_open_is_closed(picture):
    write_everything(picture)
    for path in (*own_folders(), *own_files()):
        path.chmod(0o777 if path.is_dir() else 0o666)
    write_everything(picture)
    assert {mode(folder) for folder in own_folders()} == {0o700}
    assert {mode(file) for file in own_files()} == {0o600}


def test_folders_and_results_of_the_person_are_left_as_they_are(picture, tmp_path):
    write_everything(picture)
    result = tmp_path / "labels.csv"
    write_atomically(result, lambda stream: stream.write(b"path"))
    assert mode(result) == 0o666
    assert (mode(picture), mode(picture.parent)) == (0o666, 0o777)
    assert mode(default_folder().parent) == 0o777


def test_a_folder_that_the_person_put_elsewhere_is_theirs(picture, tmp_path):
    elsewhere = tmp_path / "large disk"
    elsewhere.mkdir(mode=0o755)
    default_folder().parent.mkdir()
    default_folder().symlink_to(elsewhere)
    write_everything(picture)
    assert mode(elsewhere) == 0o755
    assert {mode(file) for file in elsewhere.iterdir()} == {0o600}


_JOURNAL = """
import os, sys
from pathlib import Path
from nameplate.storage.caches.cache_file import open_file, transaction
from nameplate.storage.caches.cache_tables import LAYOUT
os.umask(0)
folder = Path(sys.argv[1])
with transaction(open_file(folder / "cache.sqlite", LAYOUT)) as db:
    db.execute("INSERT INTO models (name) VALUES ('m')")
    print(*(f"{p.name} {p.stat().st_mode & 0o777:o}" for p in sorted(folder.iterdir())))
"""


def test_the_journal_of_a_write_is_as_private_as_the_file(tmp_path):
    command = [sys.executable, "-c", _JOURNAL, str(tmp_path / "own")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["cache.sqlite", "600", "cache.sqlite-journal", "600"]


@pytest.mark.needs_qt
def test_the_settings_stay_private_when_the_window_writes_them(qapp):
    from PySide6.QtCore import QSettings

    settings = QSettings(str(made_settings_file()), QSettings.Format.IniFormat)
    settings.setValue("last", "starter")
    settings.sync()
    assert "starter" in settings_path().read_text()
    assert mode(settings_path()) == 0o600
