"""From the catalogue to an installed model, from a real server."""

import pytest

import tiny_model as tiny
from hub_server import Fault
from model_folders.foreign import BUILDERS
from nameplate.domain.errors import ModelError, UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.models.downloading.downloads import Patience
from nameplate.features.models.downloading.install import (
    Checking,
    Installed,
    download_model,
    read_catalogues,
)
from nameplate.features.models.store import (
    add_model,
    installed_model,
    remove_model,
    staged_bytes,
    staging_folder,
)
from nameplate.inference.manifest import read_manifest
from nameplate.model_hub.trial import try_out
from nameplate.storage.folders import models_folder
from nameplate.storage.resources import catalogue_file
from nameplate.wording.texts import remedy_of

QUICK = Patience(silence=20, attempts=2, first_wait=0.01)


def get(model_id="some", **more):
    return list(download_model(model_id, CancelToken(), patience=QUICK, **more))


def folders():
    return sorted(path.name for path in models_folder().iterdir() if path.is_dir())


@pytest.mark.parametrize("kind", BUILDERS)
def test_a_model_of_any_exporter_is_downloaded_and_installed(offer, tmp_path, kind):
    folder = BUILDERS[kind](tmp_path / "some-model")
    before = read_manifest(folder)
    commit = offer(folder)
    *events, checking, installed = get()
    assert isinstance(checking, Checking)
    assert isinstance(installed, Installed)
    assert events[-1].done == events[-1].total
    assert installed.folder == installed_model("some")
    assert folders() == ["some"]

    manifest = read_manifest(installed.folder)
    assert manifest == installed.manifest
    assert manifest.source == f"someone/some-model@{commit}"
    assert (manifest.title, manifest.licence) == ("Tiny colours", "MIT: any use")
    assert (manifest.image, manifest.text, manifest.head) == (
        before.image,
        before.text,
        before.head,
    )
    assert try_out(installed.folder) == ()


def test_a_model_that_is_there_is_not_downloaded_again(offer, tiny_model, hub):
    offer(tiny_model)
    get()
    hub.asked.clear()
    with pytest.raises(ModelError, match="model-is-there"):
        get()
    assert hub.asked == []


def test_an_unknown_model_is_refused(hub):
    with pytest.raises(UsageError, match="no-model-to-download"):
        get("x")
    assert hub.asked == []


def test_a_licence_that_restricts_the_use_must_be_accepted_first(offer, tiny_model, hub):
    offer(tiny_model, accept_licence="true", licence='"Research only"')
    with pytest.raises(UsageError, match="licence-to-accept") as caught:
        get()
    assert "https://example.org/licence" in remedy_of(caught.value.reason)
    assert hub.asked == []
    assert isinstance(get(accept_licence=True)[-1], Installed)


def test_a_model_that_fails_its_check_is_not_installed(offer, tmp_path):
    folder = BUILDERS["transformers"](tmp_path / "some-model")
    words = [*tiny.SPECIALS, *tiny.COLOURS, *(f"word{n}" for n in range(500))]
    (folder / "tokenizer.json").write_text(tiny._tokenizer(words), encoding="utf-8")
    offer(folder)
    with pytest.raises(ModelError):
        get()
    assert installed_model("some") is None


def test_a_model_of_another_size_than_the_catalogue_says_is_not_installed(offer, tiny_model):
    offer(tiny_model, embedding_size="512")
    with pytest.raises(ModelError, match="other-size"):
        get()
    assert installed_model("some") is None


def test_what_came_of_a_cancelled_download_is_counted_kept_and_can_be_removed(
    offer, tiny_model, hub
):
    offer(tiny_model)
    hub.faults.append(Fault("tokenizer.json", after=0, stalls=True))
    cancel = CancelToken()
    work = download_model("some", cancel, patience=QUICK)
    while next(work).done <= 1000:
        pass
    cancel.cancel()
    with pytest.raises(CancelledError):
        next(work)
    assert staged_bytes("some") > 1000
    assert installed_model("some") is None
    remove_model("some")
    assert staged_bytes("some") == 0
    assert folders() == []


def test_a_model_is_not_downloaded_twice_at_once(offer, tiny_model):
    offer(tiny_model)
    with (
        staging_folder("some", "some-model"),
        pytest.raises(ModelError, match="is-being-downloaded"),
    ):
        get()


def test_a_model_of_the_same_id_that_was_installed_meanwhile_is_left_alone(offer, tiny_model):
    offer(tiny_model)
    work = download_model("some", CancelToken(), patience=QUICK)
    next(work)
    folder, _ = add_model(tiny_model)
    folder.rename(folder.with_name("some"))
    with pytest.raises(ModelError, match="model-is-there"):
        list(work)
    assert read_manifest(models_folder() / "some").id == "tiny"


def test_an_own_catalogue_adds_to_the_programs_and_replaces_nothing(offer, tiny_model):
    shipped = read_catalogues().models
    offer(tiny_model)
    offer(tiny_model, shipped[0].id)
    found = read_catalogues()
    assert found.models[:-1] == shipped
    assert found.models[-1].id == "some"
    assert any(shipped[0].id in str(problem) for problem in found.problems)


def test_reading_the_catalogues_asks_no_server(hub):
    assert catalogue_file().is_file()
    assert read_catalogues().models
    assert hub.asked == []
