"""`nameplate export-model`: messages when it cannot export, and how it runs an exporter."""

import importlib.util
import sys

import pytest

from nameplate.cli.main import run
from nameplate.domain.progress import CancelToken
from nameplate.features.models import export_model


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout whose exporter the test can write; all libraries appear installed."""
    folder = tmp_path / "checkout" / "models" / "export"
    folder.mkdir(parents=True)
    monkeypatch.setattr(export_model, "data_root", lambda: tmp_path / "checkout")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    return folder


def test_a_missing_library_is_named_with_the_command_that_installs_it(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else name)
    code = run(["export-model", "open_clip:ViT-B-32/openai", "--out", str(tmp_path / "new")])
    message = capsys.readouterr().err
    assert code == 3
    assert "torch, which is not installed" in message
    assert 'pip install -e ".[cpu,export]"' in message
    assert not (tmp_path / "new").exists()


def test_an_installed_program_says_that_a_checkout_is_needed(checkout, tmp_path, capsys):
    code = run(["export-model", "transformers:some/name", "--out", str(tmp_path / "new")])
    assert code == 3
    assert "needs a checkout" in capsys.readouterr().err


@pytest.mark.parametrize("source", ["ViT-B-32", "open_clip:", "timm:resnet50", ""])
def test_what_is_no_source_is_wrong_usage(source, tmp_path, capsys):
    assert run(["export-model", source, "--out", str(tmp_path / "new")]) == 2
    assert "isn't a source" in capsys.readouterr().err


def test_a_checkpoint_is_read_by_the_library_whose_configuration_lies_with_it(
    checkout, tmp_path, capfd
):
    (checkout / "run.py").write_text("import sys; print(sys.argv[1])")
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
    (tmp_path / "mine/open_clip_config.json").write_text("{}")
    (tmp_path / "mine/weights.pt").write_bytes(b"")
    (tmp_path / "theirs/config.json").write_text("{}")
    read_by = {"mine/weights.pt": "open_clip", "mine": "open_clip", "theirs": "transformers"}
    for name, library in read_by.items():
        assert run(["export-model", str(tmp_path / name), "--out", str(tmp_path / "new")]) == 0
        assert capfd.readouterr().out.strip() == f"{library}:{tmp_path / name}"


def test_a_checkpoint_without_a_configuration_asks_for_its_architecture(tmp_path, capsys):
    (tmp_path / "weights.pt").write_bytes(b"")
    code = run(["export-model", str(tmp_path / "weights.pt"), "--out", str(tmp_path / "new")])
    assert code == 2
    assert "open_clip:ARCH@FILE" in capsys.readouterr().err


def test_a_folder_that_is_there_is_left_alone(tmp_path, capsys):
    (tmp_path / "kept").write_text("mine")
    assert run(["export-model", "open_clip:x/y", "--out", str(tmp_path)]) == 2
    assert "already exists" in capsys.readouterr().err
    assert (tmp_path / "kept").read_text() == "mine"


def test_the_exporter_gets_the_options_the_package_and_what_lies_beside_it(
    checkout, tmp_path, capfd, monkeypatch
):
    monkeypatch.setenv("PYTHONSAFEPATH", "1")  # as the program sets it
    (checkout / "beside.py").write_text("")
    (checkout / "run.py").write_text("import beside, nameplate, sys; print(sys.argv[1:])")
    out = tmp_path / "new"
    code = run(["export-model", "open_clip:x/y", "--out", str(out), "--int8", "--random-weights"])
    assert code == 0
    expected = ["open_clip:x/y", "--out", str(out), "--int8", "--random-weights"]
    assert capfd.readouterr().out.strip() == str(expected)


@pytest.mark.parametrize(("code", "expected"), [(3, 3), (1, 3), (130, 130)])
def test_the_exit_code_tells_a_refusal_from_an_interruption(checkout, tmp_path, code, expected):
    (checkout / "run.py").write_text(f"raise SystemExit({code})")
    assert run(["export-model", "open_clip:x/y", "--out", str(tmp_path / "new")]) == expected


def test_a_cancel_ends_the_exporter(checkout, tmp_path):
    cancel = CancelToken()
    cancel.cancel()
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    assert export_model._wait(command, cancel) == 130
