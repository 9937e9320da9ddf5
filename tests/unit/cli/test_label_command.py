import csv
import json
import sys

import pytest
from PIL import Image

from nameplate.cli.main import run

HEADER = (
    "path,label,probability,score,runner_up,runner_up_probability,margin,"
    "decided_by,state,error,model,templates"
)


@pytest.fixture
def label(tiny_model, tmp_path):
    def call(folder, *options):
        file = tmp_path / "labels.csv"
        code = run(["label", str(folder), "--csv", str(file), "--model", str(tiny_model), *options])
        rows = []
        if file.exists():
            with file.open(encoding="utf-8", newline="") as stream:
                rows = list(csv.DictReader(stream))
        return code, rows

    return call


COLOURS = ("--concept", "red", "--concept", "green", "--concept", "blue")


def test_a_folder_and_names_give_a_csv_in_path_order(label, coloured, tmp_path):
    code, rows = label(coloured, *COLOURS)
    assert code == 0
    assert (tmp_path / "labels.csv").read_text(encoding="utf-8").splitlines()[0] == HEADER
    assert [(row["path"], row["label"]) for row in rows] == [
        ("blue/tall.jpg", "blue"),
        ("blue/wide.png", "blue"),
        ("green/tall.jpg", "green"),
        ("green/wide.png", "green"),
        ("red/tall.jpg", "red"),
        ("red/wide.png", "red"),
    ]
    first = rows[0]
    assert float(first["probability"]) > 0.9
    assert (first["decided_by"], first["state"], first["error"]) == ("auto", "suggested", "")
    assert first["model"].startswith("tiny@")
    assert first["templates"] == "none"
    margin = float(first["probability"]) - float(first["runner_up_probability"])
    assert float(first["margin"]) == pytest.approx(margin, abs=2e-6)


def test_all_scores_have_a_column_for_every_name(label, coloured):
    _, rows = label(coloured, *COLOURS, "--scores", "all")
    total = sum(float(rows[0][f"p:{name}"]) for name in ("red", "green", "blue"))
    assert total == pytest.approx(1, abs=1e-5)


def test_an_image_that_is_cut_short_is_labelled_with_a_note(label, coloured):
    picture = coloured / "red" / "cut.jpg"
    Image.effect_noise((600, 400), 80).convert("RGB").save(picture)
    picture.write_bytes(picture.read_bytes()[:9000])
    code, rows = label(coloured, *COLOURS)
    cut = next(row for row in rows if row["path"] == "red/cut.jpg")
    assert code == 0
    assert cut["label"]
    assert "incomplete" in cut["error"]


def test_a_reject_concept_takes_probability_and_gives_no_label(label, coloured):
    code, rows = label(coloured, "--concept", "red", "--reject", "blue")
    by_path = {row["path"]: row for row in rows}
    assert code == 0
    assert by_path["blue/wide.png"]["label"] == ""
    assert by_path["blue/wide.png"]["state"] == "unlabelled"
    assert by_path["red/wide.png"]["label"] == "red"


def test_a_label_needs_the_minimum_probability(label, coloured):
    _, rows = label(coloured, "--concept", "red", "--concept", "grey", "--min-probability", "0.999")
    assert {row["label"] for row in rows if row["path"].startswith("red")} == {"red"}
    assert "" in {row["label"] for row in rows}


def test_multi_gives_every_name_that_fits(label, coloured):
    _, rows = label(coloured, "--concept", "red", "--concept", "blue", "--multi")
    by_path = {row["path"]: row["label"] for row in rows}
    assert by_path["red/wide.png"].split(" | ")[0] == "red"


def test_a_limit_takes_the_first_images(label, coloured):
    _, rows = label(coloured, *COLOURS, "--limit", "2")
    assert len(rows) == 2


def test_a_concepts_file_and_own_templates(label, coloured, tmp_path):
    file = tmp_path / "names.txt"
    file.write_text("# colours\nred | scarlet\nblue\n!green\n", encoding="utf-8")
    _, rows = label(coloured, "--concepts", str(file), "--templates", "a {} picture")
    assert rows[0]["templates"] == "a {} picture"
    assert {row["label"] for row in rows} == {"red", "blue", ""}


def test_a_concepts_file_in_toml_has_sentences_and_thresholds(label, coloured, tmp_path):
    names = tmp_path / "names.toml"
    names.write_text(
        """
        [[concept]]
        name = "warm"
        prompts = ["a photo of red"]
        [[concept]]
        name = "sea"
        prompts = ["blue"]
        [[concept]]
        name = "sky"
        prompts = ["navy"]
        """,
        encoding="utf-8",
    )
    _, rows = label(coloured, "--concepts", str(names), "--min-probability", "0.9")
    assert [row["label"] for row in rows] == ["", "", "", "", "warm", "warm"]
    names.write_text(names.read_text().replace('"blue"]', '"blue"]\nthreshold = 0.1'))
    _, rows = label(coloured, "--concepts", str(names), "--min-probability", "0.9")
    assert [row["label"] for row in rows] == ["sea", "sea", "", "", "warm", "warm"]


def test_a_name_below_another_is_refused(label, coloured, capsys):
    code, _ = label(coloured, "--concept", "colour > red", "--concept", "blue")
    assert code == 2
    assert "names stand alone" in capsys.readouterr().err


def test_the_summary_can_be_json(label, coloured, capsys):
    label(coloured, *COLOURS, "--json")
    summary = json.loads(capsys.readouterr().out)
    assert summary["labels"] == {"red": 2, "green": 2, "blue": 2}
    assert (summary["images"], summary["unreadable"], summary["device"]) == (6, 0, "cpu")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "no names to label with"),
        (("--reject", "red"), "no names to label with"),
        (("--concept", "red", "--templates", "nosuch"), "isn't a template set"),
        (("--concepts", "/no/such/file.txt"), "file.txt"),
    ],
)
def test_wrong_usage_is_said_and_nothing_is_written(label, coloured, capsys, options, message):
    code, rows = label(coloured, *options)
    assert (code, rows) == (2, [])
    assert message in capsys.readouterr().err


def test_a_folder_without_images_and_one_that_is_not_there_leave_the_old_csv_whole(
    label, tmp_path, capsys
):
    (tmp_path / "labels.csv").write_text(HEADER + "\nold")
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "missing"):
        assert label(tmp_path / folder, *COLOURS)[0] == 2
        assert folder in capsys.readouterr().err
    assert (tmp_path / "labels.csv").read_text() == HEADER + "\nold"


def test_a_second_run_takes_everything_from_the_cache_and_gives_the_same_csv(
    label, coloured, tmp_path, monkeypatch
):
    label(coloured, *COLOURS)
    first = (tmp_path / "labels.csv").read_bytes()

    def fail(*_args, **_kwargs):
        raise AssertionError("decoded again")

    monkeypatch.setattr("nameplate.pipeline.reading.prefetch.decode", fail)
    label(coloured, *COLOURS)
    assert (tmp_path / "labels.csv").read_bytes() == first
    with pytest.raises(AssertionError):
        label(coloured, *COLOURS, "--no-cache")


@pytest.mark.skipif(sys.platform == "win32", reason="which takes no control characters in names")
def test_a_file_name_cannot_forge_a_line_on_the_terminal(label, coloured, capsys):
    (coloured / "x\nnameplate: all is well\x1b[2J.png").touch()
    label(coloured, *COLOURS)
    error = capsys.readouterr().err
    assert "\x1b" not in error
    assert "\nnameplate: all is well" not in error


def test_an_interrupted_run_keeps_an_earlier_result(tiny_model, coloured, tmp_path, capsys):
    from nameplate.cli.commands import label as command
    from nameplate.cli.main import parser_of
    from nameplate.domain.progress import CancelToken

    file = tmp_path / "labels.csv"
    words = ["label", str(coloured), *COLOURS, "--csv", str(file), "--model", str(tiny_model)]
    assert run(words) == 0
    before = file.read_bytes()
    (coloured / "more").mkdir()
    for number in range(40):
        Image.new("RGB", (9 + number, 9), "red").save(coloured / "more" / f"{number}.png")
    cancel = CancelToken()
    interrupting = patch_progress(cancel)
    with interrupting:
        assert command.run(parser_of("label").parse_args(words), cancel) == 130
    assert file.read_bytes() == before
    assert "is unchanged" in capsys.readouterr().err


def patch_progress(cancel):
    from unittest.mock import patch

    from nameplate.cli.progress import ProgressBar

    class Interrupting(ProgressBar):
        def __call__(self, progress):
            if progress.done >= 8:
                cancel.cancel()

    return patch("nameplate.cli.suggesting.ProgressBar", Interrupting)


def test_a_csv_with_decisions_of_a_person_is_replaced_only_when_that_is_said(
    tiny_model, coloured, tmp_path, capsys
):
    file = tmp_path / "labels.csv"
    words = ["label", str(coloured), *COLOURS, "--csv", str(file), "--model", str(tiny_model)]
    assert run(words) == 0
    decided = file.read_bytes().replace(b"auto,suggested", b"person,accepted", 1)
    file.write_bytes(decided)
    assert run(words) == 2
    assert "labels made by hand" in capsys.readouterr().err
    assert file.read_bytes() == decided
    assert run([*words, "--overwrite"]) == 0
