"""What nothing but the server vouches for is remembered, and another content is refused."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub_server import catalogue_entry
from model_folders.foreign import BUILDERS
from nameplate.cli.main import run
from nameplate.domain.errors import DownloadError, ModelError, OutputError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.features.models.downloading import install
from nameplate.features.models.downloading.downloads import Patience
from nameplate.features.models.downloading.install import (
    catalogue_model,
    download_model,
    first_downloads_path,
    read_catalogues,
    read_first_downloads,
    remember,
)
from nameplate.features.models.store import installed_model, remove_model
from nameplate.model_hub.catalogue import ALL_KNOWN, CatalogueFile
from nameplate.storage.folders import models_folder
from nameplate.wording.texts import error_text, remedy_of

QUICK = Patience(silence=20, attempts=2, first_wait=0.01)
REPOSITORY = "someone/tiny"


@pytest.fixture
def source(tmp_path):
    """A model without a manifest of its own, which would know the checksums too."""
    return BUILDERS["transformers"](tmp_path / "source")


@pytest.fixture
def hub(hub, offer, source):
    offer(source, "some", REPOSITORY)
    return hub


def get(**more):
    return list(download_model("some", CancelToken(), patience=QUICK, **more))[-1]


def get_and_remove(**more):
    get(**more)
    remove_model("some")


def change(hub, source, name):
    """Put another file of the same size, as good as the first, on the server."""
    content = (source / name).read_bytes()
    if name.endswith(".json"):
        changed = content.replace(b" ", b"\t", 1)
    else:
        changed = content[:-1] + bytes([content[-1] ^ 1])
    assert changed != content
    (source / name).write_bytes(changed)
    return hub.add(REPOSITORY, source)


def test_before_the_first_download_it_is_said_that_the_server_vouches(hub, capsys):
    assert catalogue_model("some").trust == Message("trust-server", {"open": 7, "files": 7})
    assert run(["models", "list"]) == 0
    assert "MIT: any use · the server vouches for 7 of 7 files" in capsys.readouterr().out
    assert run(["models", "show", "some"]) == 0
    assert "the server vouches for 7 of 7 files" in capsys.readouterr().out
    assert run(["models", "show", "mobileclip-s0"]) == 0
    assert "all files are known by their checksums" in capsys.readouterr().out


def test_the_same_files_come_again_and_are_checked_from_then_on(hub, source):
    commit = hub.add(REPOSITORY, source)
    get_and_remove()
    model = catalogue_model("some")
    assert model.trust == Message("trust-first", {"seen": 7, "files": 7})
    assert model.is_exact
    assert model.seen_commit == commit
    before = read_first_downloads()
    get()
    assert read_first_downloads() == before
    assert len(before) == 7


@pytest.mark.parametrize("name", ["onnx/text_model.onnx", "tokenizer.json"])
def test_another_content_is_refused_until_the_person_accepts_it(hub, source, name):
    before = hub.add(REPOSITORY, source)
    get_and_remove()
    after = change(hub, source, name)
    hub.sent.clear()
    with pytest.raises(DownloadError) as caught:
        get()
    said = error_text(caught.value)
    assert f"the hub's {name} isn't the one of the first download, on 20" in said
    assert f"main moved from commit {before[:12]} to {after[:12]}" in said
    assert "nameplate models get some --accept-change" in said
    assert installed_model("some") is None
    if name.endswith(".onnx"):  # the hub's checksum gives it away
        assert hub.sent == {}


def test_a_change_that_was_accepted_is_remembered_in_its_place(hub, source):
    get_and_remove()
    change(hub, source, "tokenizer.json")
    get_and_remove(accept_change=True)
    get_and_remove()
    change(hub, source, "tokenizer.json")
    (source / "tokenizer.json").write_bytes((source / "tokenizer.json").read_bytes() + b"\n")
    hub.add(REPOSITORY, source)
    with pytest.raises(DownloadError, match="not-as-at-first"):
        get()


def test_a_branch_that_moved_without_a_change_is_said_once(hub, source):
    before = hub.add(REPOSITORY, source)
    get_and_remove()
    (source / "NEWS.md").write_text("new")
    after = hub.add(REPOSITORY, source)
    moved = Message("branch-moved", {"branch": "main", "before": before[:12], "now": after[:12]})
    assert Message("moved-but-same", {"moved": moved}) in get().manifest.notes
    remove_model("some")
    assert not any("moved" in note.code for note in get().manifest.notes)


def test_what_the_catalogue_says_counts_more_than_what_is_remembered(hub, source, tmp_path):
    get_and_remove()
    model = catalogue_model("some")
    entry = catalogue_entry(hub, REPOSITORY, "some")
    for file in model.files:
        entry = entry.replace(
            f'name = "{file.path}"', f'name = "{file.path}"\nsha256 = "{"0" * 64}"'
        )
    (models_folder() / "catalogue.toml").write_text(entry)
    assert catalogue_model("some").trust == ALL_KNOWN
    with pytest.raises(DownloadError, match="not-the-catalogues") as caught:
        get()
    assert "--accept-change" not in remedy_of(caught.value.reason)
    with pytest.raises(DownloadError, match="not-the-catalogues"):
        get(accept_change=True)


def test_a_model_that_fails_its_check_is_not_remembered(hub, source):
    name = "onnx/text_model.onnx"
    (source / name).write_bytes(bytes((source / name).stat().st_size))
    hub.add(REPOSITORY, source)
    with pytest.raises(ModelError):
        get()
    assert not first_downloads_path().exists()


@pytest.mark.parametrize("content", ["[]", "{", '{"a": 3}', '{"a": ["x", 1, "c", "d"]}'])
def test_a_damaged_memory_is_said_and_nothing_is_believed(hub, content):
    get_and_remove()
    first_downloads_path().write_text(content)
    with pytest.raises(ModelError, match="first-downloads-damaged") as caught:
        get()
    assert "Delete it" in remedy_of(caught.value.reason)
    assert any("first-downloads-damaged" in str(problem) for problem in read_catalogues().problems)
    get(accept_change=True)
    assert len(read_first_downloads()) == 7


def test_downloads_that_end_at_the_same_time_are_all_remembered(hub):
    model = catalogue_model("some")

    def note(i):
        remember(model, "c" * 40, {CatalogueFile("f", f"f{i}", 3, True, ""): f"{i:064x}"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(40)))
    assert len(json.loads(first_downloads_path().read_text())) == 40


def test_the_command_line_takes_the_change(hub, source, capsys):
    get_and_remove()
    change(hub, source, "tokenizer.json")
    assert run(["models", "get", "some"]) == 3
    assert "--accept-change" in capsys.readouterr().err
    assert run(["models", "get", "some", "--accept-change"]) == 0


_HOLD = """
import sys
from pathlib import Path
from nameplate.storage.lock import locked
with locked(Path(sys.argv[1])) as is_free:
    print(is_free, flush=True)
    sys.stdin.read()
"""


def test_a_program_that_holds_the_memory_for_long_is_an_error_and_no_endless_wait(hub, monkeypatch):
    monkeypatch.setattr(install, "_WAIT", 0.2, raising=False)
    model, path = catalogue_model("some"), first_downloads_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", _HOLD, str(path.with_suffix(".lock"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "True\n"
        with pytest.raises(OutputError, match="first-downloads-held") as caught:
            remember(model, "c" * 40, {model.files[0]: "a" * 64})
        assert caught.value.where == str(path)
        assert read_first_downloads() == {}
        other.communicate()
    remember(model, "c" * 40, {model.files[0]: "a" * 64})
    assert len(read_first_downloads()) == 1
