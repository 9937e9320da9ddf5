import pytest

from project_help import kept


@pytest.fixture
def path(tmp_path):
    """The file of a small project, closed."""
    path = tmp_path / "p.nameplate"
    assert kept(path)[1].close()
    return path
