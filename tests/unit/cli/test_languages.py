"""The command line is in English, whatever the language of the system and of the window."""

import pytest

from nameplate.cli.main import COMMANDS, run
from nameplate.storage.preferences import keep_preference


@pytest.fixture
def _german(monkeypatch):
    for name in ("LC_ALL", "LANG", "LANGUAGE"):
        monkeypatch.setenv(name, "de_DE.UTF-8")
    monkeypatch.setenv("NAMEPLATE_LANGUAGE", "de")
    keep_preference("language", "de")


@pytest.mark.usefixtures("_german")
@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_is_english(command, capsys):
    with pytest.raises(SystemExit) as ended:
        run([command, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "show this help message and exit" in said
    assert COMMANDS[command].help in said.replace("\n", " ")


@pytest.mark.usefixtures("_german")
def test_errors_are_english(capsys):
    for options in (["--min-probability", "7"], ["--scores", "7"], ["--never-heard-of"], []):
        with pytest.raises(SystemExit) as ended:
            run(["label", "x", *options])
        assert ended.value.code == 2
    assert run(["label", "x", "--csv", "x.csv"]) == 2
    said = capsys.readouterr().err
    assert "“7” isn't a number between 0 and 1" in said
    assert "invalid choice" in said
    assert "no names to label with" in said
