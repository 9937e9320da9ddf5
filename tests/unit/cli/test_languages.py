"""The command line speaks the person's language; what programs read is the same in each."""

import csv

import pytest

from nameplate.cli.main import COMMANDS, run
from nameplate.domain.messages import Message
from nameplate.wording.texts import what_of
from nameplate.wording.translation import NAMES

COLOURS = ("--concept", "red", "--concept", "green", "--concept", "blue")


@pytest.mark.parametrize("language", NAMES)
def test_each_command_has_its_help_in_each_language(language, spoken, capsys):
    spoken(language)
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            run([command, "--help"])
        assert ended.value.code == 0
        has_english = "show this help message and exit" in capsys.readouterr().out
        assert has_english == (language == "en")


def test_what_is_wrong_with_an_option_is_said_in_the_language(spoken, capsys):
    spoken("de")
    for options in (["--min-probability", "7"], ["--scores", "7"], ["--never-heard-of"], []):
        with pytest.raises(SystemExit) as ended:
            run(["label", "x", *options])
        assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "„7“ ist keine Zahl zwischen 0 und 1" in said
    assert "ungültig" in said.casefold()


def test_files_for_programs_are_the_same_in_each_language(
    spoken, coloured, tiny_model, tmp_path, capsys
):
    (coloured / "red" / "empty.jpg").touch()
    outputs = []
    for language in ("en", "de"):
        spoken(language)
        file = tmp_path / "labels.csv"
        model = ["--model", str(tiny_model), "--overwrite", "--no-cache"]
        run(["label", str(coloured), "--csv", str(file), "--json", *COLOURS, *model])
        outputs.append((file.read_text(encoding="utf-8"), capsys.readouterr().out))
    english, other = outputs
    assert english == other
    rows = csv.DictReader(english[0].splitlines())
    assert "empty file" in [row["error"] for row in rows]


def test_what_a_feature_declares_is_translated_in_a_message(spoken):
    found = Message("filter-found", {"text": "Label may be wrong"})
    assert what_of(found) == "Label may be wrong"
    spoken("de")
    assert what_of(found) == "Label könnte falsch sein"
