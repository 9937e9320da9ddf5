"""A model folder that nobody tried is added only if it does what it should, and whole."""

import pytest

from model_folders.hostile import HOSTILE, endless_loop
from nameplate.cli.main import run
from nameplate.domain.errors import ModelError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.models.store import add_model
from nameplate.model_hub.installed import installed_models
from tiny_model import build_tiny_model


@pytest.fixture(autouse=True)
def models_share_a_child():
    """None do here: each has its own, as in the program."""


def test_an_endless_model_is_not_added(tmp_path, impatient):
    with pytest.raises(ModelError, match="model-without-end"):
        add_model(endless_loop(tmp_path / "model"))
    assert installed_models() == {}


def test_the_exit_code_of_a_hostile_model_is_that_of_models(tmp_path, impatient, capsys):
    folder = HOSTILE["expand"](tmp_path / "model")
    assert run(["models", "check", str(folder)]) == 3
    assert "Traceback" not in capsys.readouterr().err


def test_adding_can_be_cancelled_while_the_model_is_copied(tmp_path, monkeypatch):
    source, cancel = build_tiny_model(tmp_path / "model"), CancelToken()
    monkeypatch.setattr("nameplate.features.models.store.try_out", lambda *_: cancel.cancel() or ())
    with pytest.raises(CancelledError):
        add_model(source, cancel)
    assert installed_models() == {}
