"""What tests of models share: a hub on loopback, and a catalogue that lists its models."""

import pytest

from hub_server import HubServer, catalogue_entry
from nameplate.storage.folders import models_folder


@pytest.fixture
def hub(monkeypatch):
    """A server that stands for the hub, with nothing on it yet."""
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield server


@pytest.fixture
def offer(hub):
    """A function that puts a folder on the server and into the person's own catalogue."""
    models_folder().mkdir(parents=True, exist_ok=True)

    def call(folder, model_id="some", repository="someone/some-model", **changes):
        commit = hub.add(repository, folder)
        with (models_folder() / "catalogue.toml").open("a", encoding="utf-8") as stream:
            stream.write(catalogue_entry(hub, repository, model_id, **changes) + "\n")
        return commit

    return call
