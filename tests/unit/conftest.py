from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def models_share_a_child(one_child: None) -> None:
    """A child process for each model that is tried out would take half a second of each."""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "images"
    folder.mkdir()
    made = [folder / f"{i}.jpg" for i in range(5)]
    for i, file in enumerate(made):
        file.write_bytes(b"picture %d" % i)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "nameplate"
