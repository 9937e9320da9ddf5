"""`nameplate settings`, and how other commands heed the settings."""

import json
import sys
import tomllib

import pytest

from nameplate.cli.main import run
from nameplate.storage.preferences import PREFERENCES, keep_preference, preferences_path
from nameplate.system import processors
from nameplate.system.processors import available_cpus


@pytest.fixture(autouse=True)
def no_limit_is_left(monkeypatch):
    monkeypatch.setattr(processors, "_most", None)


def test_all_settings_are_listed_as_the_file_could_have_them(capsys):
    assert run(["settings", "theme", "dark"]) == 0
    assert run(["settings"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.removeprefix("# ").split(" = ")[0] for line in lines] == list(PREFERENCES)
    assert 'theme = "dark"' in lines
    assert '# device = "auto"' in lines
    assert tomllib.loads("\n".join(line.removeprefix("# ") for line in lines))["advance"] is True


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("theme", "contrast", "contrast"),
        ("advance", "FALSE", False),
        ("processors", "2", 2),
        ("thumbnails_mb", "900", 900),
        ("language", "en", "en"),
    ],
)
def test_a_setting_is_changed_shown_and_reset(capsys, name, typed, value):
    assert run(["settings", name]) == 0
    usual = capsys.readouterr().out.strip()
    assert run(["settings", name, typed]) == 0
    assert tomllib.loads(preferences_path().read_text()) == {name: value}
    assert run(["settings", name]) == 0
    assert capsys.readouterr().out.strip() == typed.lower()
    assert run(["settings", name, usual]) == 0
    assert not tomllib.loads(preferences_path().read_text())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["colour"], "isn't a setting. Choose language"),
        (["theme", "blue"], "Possible: system, light, dark, contrast."),
        (["advance", "maybe"], "Possible: true, false."),
        (["processors", "-3"], "Possible: 0, 1–1024."),
        (["processors", "9" * 5000], "isn't possible"),
        (["vectors_mb", "1"], "Possible: 100–1000000."),
        (["language", "tlh"], "Possible: en"),
        (["device", "abacus"], "Possible: auto, cpu"),
        (["keys", "x"], "isn't a setting"),
    ],
)
def test_what_is_no_setting_or_not_possible_ends_with_2_and_changes_nothing(capsys, words, said):
    words = ["settings", *(["--"] if words[-1][0] == "-" else []), *words]
    assert run(words) == 2
    assert said in capsys.readouterr().err
    assert not preferences_path().exists()


def test_a_damaged_file_is_said_by_the_next_command_and_no_other(capsys):
    preferences_path().parent.mkdir(parents=True)
    preferences_path().write_text("[[")
    assert run(["settings", "theme"]) == 0
    first = capsys.readouterr()
    assert (first.out, "damaged" in first.err) == ("system\n", True)
    assert run(["settings", "theme"]) == 0
    assert not capsys.readouterr().err


def test_where_settings_cannot_be_kept_the_command_says_so(capsys, tmp_path, monkeypatch):
    (tmp_path / "config").write_text("a file")
    for name in ("XDG_CONFIG_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "config"))
    assert run(["settings", "theme", "dark"]) == 2
    assert "settings.toml" in capsys.readouterr().err


def test_a_command_runs_on_the_device_and_the_processors_of_the_settings_unless_told(
    tiny_model, coloured, tmp_path, capsys
):
    keep_preference("device", "cpu")
    keep_preference("processors", 1)
    label = ["label", str(coloured), "--concept", "red", "--model", str(tiny_model), "--json"]
    assert run([*label, "--csv", str(tmp_path / "a.csv")]) == 0
    assert json.loads(capsys.readouterr().out)["device"] == "cpu"
    assert available_cpus() == 1
    keep_preference("device", "cuda")  # which is not here
    assert run([*label, "--csv", str(tmp_path / "b.csv"), "--no-cache"]) == 3
    assert "cuda" in capsys.readouterr().err
    assert run([*label, "--csv", str(tmp_path / "b.csv"), "--no-cache", "--device", "cpu"]) == 0


def test_a_device_of_another_system_in_the_settings_is_no_obstacle(
    tiny_model, coloured, tmp_path, monkeypatch
):
    keep_preference("device", "directml" if sys.platform == "darwin" else "coreml")
    csv = str(tmp_path / "a.csv")
    assert (
        run(["label", str(coloured), "--concept", "red", "--model", str(tiny_model), "--csv", csv])
        == 0
    )
