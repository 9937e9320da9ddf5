"""`nameplate doctor`: what is installed and what really runs."""

import json

from nameplate.cli.main import run
from nameplate.inference.model import load_model
from nameplate.pipeline.caches import cache_size
from nameplate.pipeline.reading.embedding import open_embedding_cache
from nameplate.storage.agreed_hosts import agree, agreed
from nameplate.storage.caches.embedding_cache import default_folder


def test_doctor_says_what_really_runs(tiny_model, capsys):
    assert run(["doctor", "--model", str(tiny_model), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["providers running"] == "CPUExecutionProvider"
    assert report["problems"] == []


def test_doctor_clears_what_was_remembered_when_asked_to(tiny_model, coloured, tmp_path):
    model = ["--model", str(tiny_model)]
    assert run(["embed", str(coloured), "--npz", str(tmp_path / "o.npz"), *model]) == 0
    before = cache_size()
    assert run(["doctor", *model]) == 0
    assert cache_size() >= before > 0
    with open_embedding_cache(load_model(tiny_model, device="cpu")) as cache:
        paths = sorted(coloured.rglob("*.png"))
        assert len(cache.find(paths).indices) == len(paths)
        assert run(["doctor", "--clear-cache", *model]) == 0
        assert len(cache.find(paths).indices) == 0


def test_doctor_says_why_a_cache_cannot_be_cleared(tiny_model, capsys):
    default_folder().parent.mkdir(parents=True, exist_ok=True)
    default_folder().write_bytes(b"")
    assert run(["doctor", "--clear-cache", "--model", str(tiny_model)]) == 2
    assert "is not used: a file stands where its folder should be" in capsys.readouterr().err


def test_doctor_ends_with_3_where_the_model_is_damaged(tmp_path, capsys):
    assert run(["doctor", "--model", str(tmp_path)]) == 3
    assert "PROBLEM" in capsys.readouterr().out


def test_what_was_agreed_to_is_named_and_taken_back(capsys):
    agree(["\\\\evil\\share"])
    run(["doctor", "--model", "none", "--json"])
    assert json.loads(capsys.readouterr().out)["agreed hosts"] == "\\\\evil"
    run(["doctor", "--model", "none", "--json", "--forget-hosts"])
    assert "agreed hosts" not in json.loads(capsys.readouterr().out)
    assert not agreed()
