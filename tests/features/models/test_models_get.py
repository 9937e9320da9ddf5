"""`nameplate models get`, `list` and `show`: what can be downloaded."""

import pytest

from hub_server import Fault
from nameplate.cli.main import run


@pytest.fixture
def hub(hub, offer, tiny_model):
    for model_id, changes in {
        "free": {},
        "bound": {"accept_licence": "true", "licence": '"Research only"'},
        "odd": {"licence": None},
    }.items():
        offer(tiny_model, model_id, "someone/tiny", **changes)
    return hub


def test_a_model_is_downloaded_and_then_labels(hub, coloured, tmp_path, capsys):
    assert run(["models", "get", "free"]) == 0
    out, err = capsys.readouterr()
    assert "someone/tiny@" in out
    assert "--model free" in err
    file = tmp_path / "labels.csv"
    names = ["--concept", "red", "--concept", "blue"]
    assert run(["label", str(coloured / "red"), *names, "--csv", str(file), "--model", "free"]) == 0
    assert "red" in file.read_text(encoding="utf-8")


def test_what_can_be_had_is_listed_after_what_is_there(hub, capsys):
    assert run(["models", "list"]) == 0
    out, err = capsys.readouterr()
    there, _, more = out.partition("can be had with")
    assert "starter" in there
    assert "clip-b32 " in more
    assert "63.3%" in more
    assert "MIT: any use" in more
    assert "odd" in err
    assert "licence" in err
    run(["models", "get", "free"])
    capsys.readouterr()
    run(["models", "list"])
    there, _, more = capsys.readouterr().out.partition("can be had with")
    assert "free" in there
    assert "free  " not in more


def test_a_model_that_can_be_had_is_shown(hub, capsys):
    assert run(["models", "show", "mobileclip-s0"]) == 0
    out = capsys.readouterr().out
    assert "research only" in out
    assert "nameplate models get mobileclip-s0 --accept-licence" in out
    assert "67.8% of ImageNet right" in out
    assert hub.asked == []


def test_a_licence_is_accepted_with_an_option(hub, capsys):
    assert run(["models", "get", "bound"]) == 2
    assert "--accept-licence" in capsys.readouterr().err
    assert run(["models", "get", "bound", "--accept-licence"]) == 0


def test_a_download_that_fails_says_why_and_what_to_do(hub, capsys):
    hub.faults.append(Fault("image.onnx", status=404, method="HEAD"))
    assert run(["models", "get", "free"]) == 3
    err = capsys.readouterr().err
    assert "has no image.onnx (404)" in err
    assert "Traceback" not in err


def test_a_pause_is_told_once(hub, capsys):
    hub.faults.append(Fault("image.onnx", status=429, headers={"Retry-After": "1"}))
    assert run(["models", "get", "free"]) == 0
    assert capsys.readouterr().err.count("(429); waiting 1 s") == 1
