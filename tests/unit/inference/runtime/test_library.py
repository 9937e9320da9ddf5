"""The command that installs a runtime is one for the way in which Nameplate was installed."""

import sys

import pytest

from nameplate.inference.runtime.library import install_command, replacing


@pytest.mark.parametrize(
    ("receipt", "command"),
    [
        ("uv-receipt.toml", 'uv tool install --force "nameplate[cpu]"'),
        ("pipx_metadata.json", 'pipx install --force "nameplate[cpu]"'),
        ("pyvenv.cfg", 'pip install "nameplate[cpu]"'),
    ],
)
def test_each_way_has_its_own(receipt, command, tmp_path, monkeypatch):
    (tmp_path / receipt).touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    assert install_command("cpu") == command


def test_only_pip_has_to_be_told_what_to_remove_first(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert replacing(install_command("cuda")).code == "one-then-other"

    (tmp_path / "uv-receipt.toml").touch()
    assert replacing(install_command("cuda")) == 'uv tool install --force "nameplate[cuda]"'


def test_a_package_is_left_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "frozen", True, raising=False)

    assert replacing(install_command("cuda")) == 'pip install "nameplate[cuda]"'
