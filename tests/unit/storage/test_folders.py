import errno
import tempfile
from pathlib import Path

import numpy as np

from cache_help import lookup
from nameplate.storage import folders
from nameplate.storage.caches.embedding_cache import EmbeddingCache, default_folder
from nameplate.storage.folders import settings_path


def test_without_a_home_the_folder_is_private_and_temporary(monkeypatch, tmp_path):
    def homeless(*_, **__):
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_cache_path", homeless)
    monkeypatch.setattr("platformdirs.user_config_path", homeless)
    assert default_folder() == default_folder()
    assert Path(tempfile.gettempdir()) in default_folder().parents
    assert settings_path().name == "window.ini"
    file = tmp_path / "a.jpg"
    file.write_bytes(b"picture")
    with EmbeddingCache(default_folder(), "m") as cache:
        cache.store([(file, np.ones(8, np.float32))])
        assert sorted(lookup(cache, [file])) == [0]
        assert cache.problem is None
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: Path("~/.cache"))
    assert default_folder().is_absolute()


def test_without_a_home_and_without_a_temporary_folder_the_program_goes_on(monkeypatch):
    def refuse(*_, **__):
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    folder = folders.temporary_folder.__wrapped__()
    assert EmbeddingCache(folder, "m").problem.code == "cache-not-used"
