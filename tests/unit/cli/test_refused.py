import re
from pathlib import Path

import pytest

from nameplate.cli.main import run
from nameplate.cli.refused import REFUSED

NOT_PLANNED = Path(__file__).parents[3] / "docs" / "not-planned.md"


@pytest.mark.parametrize("asked", REFUSED)
def test_what_was_refused_is_answered_with_the_other_way(asked, capsys):
    words = asked.replace("*", "label").split()
    assert run([*words, "folder"]) == 2
    assert REFUSED[asked] in capsys.readouterr().err


@pytest.mark.parametrize("joined", ["export --format=html", "label --allow-host=example.org a"])
def test_a_value_may_be_joined_to_its_option(joined, capsys):
    assert run(joined.split()) == 2
    assert capsys.readouterr().err.startswith("nameplate: ")


def test_each_refusal_stands_in_the_list_of_what_is_not_planned():
    lines = re.sub(r"\n(?!- )", " ", NOT_PLANNED.read_text(encoding="utf-8")).replace("`", "")
    assert [instead for instead in REFUSED.values() if f"- {instead}" not in lines] == []


def test_a_folder_that_is_called_like_a_refused_command_is_opened(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "benchmark").mkdir()
    with pytest.raises(SystemExit):  # of the window's options
        run(["benchmark", "--model"])
    assert REFUSED["benchmark"] not in capsys.readouterr().err
