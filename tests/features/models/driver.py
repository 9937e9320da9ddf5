"""The models panel of a window, as a person has it; a model that a catalogue could list."""

from typing import Any

from nameplate.features.models.panel import ModelsPanel
from nameplate.model_hub.catalogue import CatalogueModel
from qt_help import wait
from window_driver import WindowDriver

_JOBS = ("models/models", "models/download")


def some_model(model_id: str = "some", **more: Any) -> CatalogueModel:
    """Return a model of a catalogue, which has no files if none are given."""
    facts: dict[str, Any] = {
        "id": model_id,
        "title": f"Title of {model_id}",
        "summary": "Good for tests.",
        "repository": "someone/some",
        "revision": "main",
        "files": (),
        "licence": "MIT: any use",
        "licence_url": "https://example.org/licence",
        "needs_acceptance": False,
        "languages": "English",
        "accuracy": 60.0,
        "accuracy_source": "nobody",
        "embedding_size": 16,
    }
    return CatalogueModel(**{**facts, **more})


def panel_of(window: WindowDriver) -> ModelsPanel:
    """Return the panel of the open project, which need not be shown."""
    return window.main.workbenches["models"].part(ModelsPanel)


def wait_until_done(window: WindowDriver) -> None:
    """Wait until nothing is done with models any more."""
    jobs = window.main.jobs
    wait(lambda: not (window.is_loading or any(map(jobs.is_running, _JOBS))))


def opened_panel(window: WindowDriver) -> ModelsPanel:
    """Open the panel and return it once it lists the models."""
    window.menu("Models…")
    wait_until_done(window)
    return panel_of(window)
